//! Kubernetes: a live cluster, and what `kubectl` printed (JSON lists of objects, plain tables).
//!
//! The conversions are pure functions from typed objects to events and edges, one file a kind of
//! object, so that anything else that holds such objects can share them. What an object does not
//! say stays unknown: a start without a time has `start_earliest` and `start_latest` where those
//! follow from the listing.

pub mod cluster;
mod damaged;
mod document;
pub mod events;
pub mod history;
pub mod jobs;
mod list;
mod meta;
pub mod nodes;
pub mod object;
pub mod part;
pub mod pods;
pub mod rollouts;
pub mod table;
pub mod volumes;

pub(crate) use document::{Lines, looks_like_json};
pub use list::from_json;
pub(crate) use meta::short;
pub use table::from_table;

use model::Timestamp;

/// The `source` of events and provenance of a live cluster.
pub(crate) const SOURCE_LIVE: &str = "kubernetes";

/// What is known about a saved listing besides its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Path of the file: event ids are `<path>#<line>`, messages name it.
    pub path: String,
    /// When it was taken; ages count back from here.
    pub observed_at: Option<Timestamp>,
    /// Name of the cluster, empty where nobody said.
    pub cluster: String,
}
