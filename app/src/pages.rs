//! One file a page.

mod explore;
mod incident;
mod incidents;
mod metrics;
mod new_incident;
mod not_found;
mod overview;
mod report;
mod shared;
mod sources;
mod study;

pub(crate) use explore::explore;
pub(crate) use incident::incident;
pub(crate) use incidents::incidents;
pub(crate) use metrics::metrics;
pub(crate) use new_incident::new_incident;
pub(crate) use not_found::not_found;
pub(crate) use overview::overview;
pub(crate) use report::report;
pub(crate) use shared::shared;
pub(crate) use sources::sources;
pub(crate) use study::study;
