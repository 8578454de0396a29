//! Plain data shared by every crate: what came in (series, events, provenance), what was made of
//! it (analysis, report) and what people added (incidents, annotations).
//!
//! Nothing here does I/O, reads the clock or judges; everything compiles to WebAssembly.

pub mod action;
pub mod analysis;
pub mod bundle;
pub mod document;
pub mod event;
pub mod evidence;
pub mod incident;
pub mod judgement;
pub mod notice;
pub mod person;
pub mod report;
pub mod review;
pub mod series;
pub mod share;
pub mod source;
pub mod time;
pub mod topology;
pub mod words;

pub use action::ActionItem;
pub use analysis::Analysis;
pub use bundle::Bundle;
pub use document::Document;
pub use event::{Event, EventKind, LISTINGS, ObjectRef};
pub use evidence::{Batch, Evidence, Gap, Provenance};
pub use incident::{Annotation, Impact, Incident, IncidentId};
pub use judgement::Judgement;
pub use report::Report;
pub use series::{Samples, Series, SeriesMeta};
pub use time::{Timestamp, Window};
pub use topology::{Edge, EdgeKind};

/// Version of the analysis and of the figures it makes, written into exports.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// Fields that this version does not know: kept and written back, never an error.
pub type Extra = serde_json::Map<String, serde_json::Value>;
