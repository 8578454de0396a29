//! Who may ask the sources; each incident that is made of them is in the log.

use super::{ServerBackend, pulls};
use app::{
    ApiError,
    backend::{
        Caller, ExploreAsk, Explored, MetricAsk, MetricsFound, NewIncident, OpenIncident, PullKind,
        PullMetrics, PullPrice, SourcesView, Sourcing,
    },
};
use async_trait::async_trait;
use model::{IncidentId, review::activity::Deed};

#[async_trait]
impl Sourcing for ServerBackend {
    fn pull_kinds(&self) -> Vec<PullKind> {
        pulls::kinds()
    }

    async fn price_pull(&self, who: &Caller, request: &NewIncident) -> Result<PullPrice, ApiError> {
        self.may_make(who)?;
        self.pull_price(request)
    }

    async fn start_pull(&self, who: &Caller, request: NewIncident) -> Result<IncidentId, ApiError> {
        self.may_make(who)?;
        let title = request.title.clone();
        let id = self.pull_started(request).await?;
        self.did(who, &id, Deed::Opened, &title).await;
        Ok(id)
    }

    async fn sources(&self, who: &Caller) -> Result<SourcesView, ApiError> {
        self.may_read(who)?;
        self.source_cards().await
    }

    async fn test_source(&self, who: &Caller, name: &str) -> Result<String, ApiError> {
        self.may_administer(who)?;
        self.try_source(name).await
    }

    async fn explore(&self, who: &Caller, ask: ExploreAsk) -> Result<Explored, ApiError> {
        self.may_read(who)?;
        self.explored(ask).await
    }

    async fn open_incident(
        &self,
        who: &Caller,
        request: OpenIncident,
    ) -> Result<IncidentId, ApiError> {
        self.may_make(who)?;
        let title = request.title.clone();
        let id = self.opened(request).await?;
        self.did(who, &id, Deed::Opened, &title).await;
        Ok(id)
    }

    async fn find_metrics(&self, who: &Caller, ask: MetricAsk) -> Result<MetricsFound, ApiError> {
        self.may_make(who)?;
        self.metrics_found(ask).await
    }

    async fn pull_metrics(
        &self,
        who: &Caller,
        request: PullMetrics,
    ) -> Result<IncidentId, ApiError> {
        self.may_make(who)?;
        let title = request.title.clone();
        let id = self.metrics_pulled(request).await?;
        self.did(who, &id, Deed::Opened, &title).await;
        Ok(id)
    }
}
