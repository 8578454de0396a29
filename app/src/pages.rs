//! One file a page.

mod incident;
mod incidents;
mod new_incident;
mod not_found;
mod overview;
mod report;
mod shared;

pub(crate) use incident::incident;
pub(crate) use incidents::incidents;
pub(crate) use new_incident::new_incident;
pub(crate) use not_found::not_found;
pub(crate) use overview::overview;
pub(crate) use report::report;
pub(crate) use shared::shared;
