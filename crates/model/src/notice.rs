//! What is told to people outside of Lineup: that a report is published, that something was given to them to do.

use crate::{IncidentId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A version of a report was published.
    Published,
    /// An action item was given to somebody.
    Assigned,
}

impl NoticeKind {
    /// The kind as it is written: `published`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Assigned => "assigned",
        }
    }
}

/// Something to tell one receiver, once. It holds what is sent and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Id: the same for the same thing told to the same receiver, so that it is told once.
    pub id: String,
    /// Name of the receiver in the configuration.
    pub receiver: String,
    /// What it is about.
    pub kind: NoticeKind,
    /// The incident.
    pub incident: IncidentId,
    /// Title of the incident or of the action item.
    pub title: String,
    /// Path of the page, beginning with `/`.
    pub path: String,
    /// Who has to do it; empty where nobody has to do anything.
    #[serde(default)]
    pub owner: String,
    /// Until when.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// Number of the version that was published.
    #[serde(default)]
    pub version: Option<u32>,
    /// When it happened.
    pub at: Timestamp,
}

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// What is told.
    pub notice: Notice,
    /// Times that it was tried.
    pub attempts: u32,
    /// When it is tried next; `None`: not any more.
    pub next_at: Option<Timestamp>,
    /// When it was delivered; `None`: it was not.
    pub sent_at: Option<Timestamp>,
    /// Why the last attempt failed, or why it was given up; empty: nothing failed.
    pub error: String,
}
