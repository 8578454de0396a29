//! What the pages show of sources, a file a page: how each is doing, what is stored of it, what an
//! incident has of it and what is about to be lost.

mod card;
mod coverage;
mod explore;
mod metrics;

pub use card::{EXAMPLE, Lag, SourceCard, SourcesView, stamp_word};
pub use coverage::{Coverage, coverage};
pub use explore::{ExploreAsk, Explored, OpenIncident, Opened};
pub use metrics::{MetricAsk, MetricPrice, MetricRow, MetricsFound, PullMetrics};
