//! One file a page.

#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod explore;
mod incident;
#[cfg(feature = "ssr")]
mod incidents;
#[cfg(feature = "ssr")]
mod invitation;
#[cfg(feature = "ssr")]
mod metrics;
#[cfg(feature = "ssr")]
mod new_incident;
mod not_found;
#[cfg(feature = "ssr")]
mod overview;
#[cfg(feature = "ssr")]
mod people;
#[cfg(feature = "ssr")]
mod report;
#[cfg(feature = "ssr")]
pub(crate) mod review;
#[cfg(feature = "ssr")]
mod share;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod sources;
#[cfg(feature = "ssr")]
mod study;

#[cfg(feature = "ssr")]
pub(crate) use account::account;
#[cfg(feature = "ssr")]
pub(crate) use explore::explore;
pub(crate) use incident::incident;
#[cfg(feature = "ssr")]
pub(crate) use incidents::incidents;
#[cfg(feature = "ssr")]
pub(crate) use invitation::invitation;
#[cfg(feature = "ssr")]
pub(crate) use metrics::metrics;
#[cfg(feature = "ssr")]
pub(crate) use new_incident::new_incident;
pub(crate) use not_found::not_found;
#[cfg(feature = "ssr")]
pub(crate) use overview::overview;
#[cfg(feature = "ssr")]
pub(crate) use people::people;
#[cfg(feature = "ssr")]
pub(crate) use report::{history, report};
#[cfg(feature = "ssr")]
pub(crate) use share::share;
#[cfg(feature = "ssr")]
pub(crate) use sign_in::sign_in;
#[cfg(feature = "ssr")]
pub(crate) use sources::sources;
#[cfg(feature = "ssr")]
pub(crate) use study::study;
