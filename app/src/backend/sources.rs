//! What the pages show of sources, a file a page: how each is doing, what is stored of it, what an
//! incident has of it and what is about to be lost.

mod card;
mod coverage;
mod explore;
mod metrics;

pub use card::{EXAMPLE, Lag, SourceCard, SourcesView, stamp_word};
pub use coverage::{Coverage, coverage};
pub use explore::{ExploreAsk, Explored, NotShown, OpenIncident, Opened, WhyNotShown};
pub use metrics::{MetricAsk, MetricPrice, MetricRow, MetricsFound, PullMetrics};

use super::{Caller, NewIncident, PullKind, PullPrice};
use crate::ApiError;
use async_trait::async_trait;
use model::IncidentId;

/// What the sources have, and incidents made of it. Like [`super::Backend`], every call says who is asking.
#[async_trait]
pub trait Sourcing {
    /// The kinds of resources that [`Sourcing::start_pull`] takes, in the order of the page.
    fn pull_kinds(&self) -> Vec<PullKind>;

    /// What that pull would cost. Asks nobody outside.
    async fn price_pull(&self, who: &Caller, request: &NewIncident) -> Result<PullPrice, ApiError>;

    /// Makes an incident and queues the pull that fills it. A pull that costs more than the usual is
    /// refused until it is agreed to.
    async fn start_pull(&self, who: &Caller, request: NewIncident) -> Result<IncidentId, ApiError>;

    /// Every configured source as it stands.
    async fn sources(&self, who: &Caller) -> Result<SourcesView, ApiError>;

    /// Tries a configured source now; what it says, in one line. A source that fails is no error of
    /// the call: the line says what is wrong and what to do.
    async fn test_source(&self, who: &Caller, name: &str) -> Result<String, ApiError>;

    /// A window on what the live sources have given so far.
    async fn explore(&self, who: &Caller, ask: ExploreAsk) -> Result<Explored, ApiError>;

    /// Makes an incident and queues the freeze that fills it from all configured sources.
    async fn open_incident(
        &self,
        who: &Caller,
        request: OpenIncident,
    ) -> Result<IncidentId, ApiError>;

    /// Metrics of a configured source by text.
    async fn find_metrics(&self, who: &Caller, ask: MetricAsk) -> Result<MetricsFound, ApiError>;

    /// Makes an incident and queues the pull of chosen metrics. A pull that costs more than the usual
    /// is refused until it is agreed to; the error of the field `agreed` says what it costs.
    async fn pull_metrics(
        &self,
        who: &Caller,
        request: PullMetrics,
    ) -> Result<IncidentId, ApiError>;
}
