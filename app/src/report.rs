//! The report page's data.

use crate::backend::ShareRow;
use model::{IncidentId, Window};
use serde::{Deserialize, Serialize};

/// A report with what its page needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportView {
    /// The incident.
    pub id: IncidentId,
    /// Its title.
    pub title: String,
    /// Its window.
    pub window: Window,
    /// What must be said about its evidence.
    pub notice: Option<String>,
    /// Trusted HTML of our own report crate.
    pub html: String,
    /// Its share links, the newest first.
    pub shares: Vec<ShareRow>,
}

#[cfg(feature = "ssr")]
impl ReportView {
    /// Out of the case, the report and the links.
    pub fn of(case: &crate::backend::Case, html: String, shares: Vec<ShareRow>) -> Self {
        Self {
            id: case.incident.id.clone(),
            title: case.incident.title.clone(),
            window: case.incident.window,
            notice: case.incident.notice.clone(),
            html,
            shares,
        }
    }
}
