//! One file a page.

mod incident;
mod incidents;
mod new_incident;
mod not_found;
mod overview;
mod report;
mod shared;

pub(crate) use incident::Incident;
pub(crate) use incidents::Incidents;
pub(crate) use new_incident::NewIncident;
pub(crate) use not_found::NotFound;
pub(crate) use overview::Overview;
pub(crate) use report::Report;
pub(crate) use shared::Shared;
