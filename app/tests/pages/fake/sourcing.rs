//! What it answers about sources.

use super::{FACTS, Fake, HOSTILE, ID, now, source_card};
use app::{
    ApiError,
    backend::{
        Caller, ExploreAsk, Explored, MetricAsk, MetricPrice, MetricRow, MetricsFound, NewIncident,
        NotShown, OpenIncident, PullKind, PullMetrics, PullPrice, SourcesView, Sourcing,
        WhyNotShown,
    },
};
use async_trait::async_trait;
use model::IncidentId;

#[async_trait]
impl Sourcing for Fake {
    fn pull_kinds(&self) -> Vec<PullKind> {
        let kind = |id, title, example| PullKind {
            id,
            title,
            expected: "an id",
            example,
        };
        vec![
            kind("efs", "Amazon EFS file system", "fs-0123456789abcdef0"),
            kind("rds", "Amazon RDS instance", "orders"),
        ]
    }

    async fn price_pull(&self, who: &Caller, request: &NewIncident) -> Result<PullPrice, ApiError> {
        self.asks(who, &format!("price {:?}", request.resources));
        Ok(PullPrice {
            metrics: 31,
            calls: 1,
            usd: 0.31,
            usd_per_month: 13.58,
            every_s: 60,
            open: true,
            configuration: format!("# {HOSTILE}"),
        })
    }

    async fn start_pull(&self, who: &Caller, request: NewIncident) -> Result<IncidentId, ApiError> {
        self.asks(who, &format!("pull {:?}", request.resources));
        Ok(IncidentId(ID.into()))
    }

    async fn sources(&self, who: &Caller) -> Result<SourcesView, ApiError> {
        self.asks(who, "sources");
        Ok(SourcesView {
            configured: if self.cases.is_empty() {
                Vec::new()
            } else {
                vec![source_card()]
            },
            kinds: vec![FACTS],
            now: now(),
        })
    }

    async fn test_source(&self, who: &Caller, name: &str) -> Result<String, ApiError> {
        self.asks(who, &format!("test {name}"));
        Ok("12 metrics".into())
    }

    async fn explore(&self, who: &Caller, ask: ExploreAsk) -> Result<Explored, ApiError> {
        self.asks(who, &format!("explore {}", ask.words));
        let Some(case) = self.cases.first() else {
            return Ok(Explored::default());
        };
        let mut case = case.clone();
        case.incident.id = IncidentId::default();
        Ok(Explored {
            series: case.evidence.series.len(),
            events: case.evidence.events.len(),
            case,
            sources: vec!["prod".into()],
            not_shown: vec![NotShown {
                source: HOSTILE.into(),
                why: WhyNotShown::NotFollowed,
            }],
            now: now(),
        })
    }

    async fn open_incident(
        &self,
        who: &Caller,
        request: OpenIncident,
    ) -> Result<IncidentId, ApiError> {
        self.asks(who, &format!("open {} {:?}", request.title, request.end));
        Ok(IncidentId(ID.into()))
    }

    async fn find_metrics(&self, who: &Caller, ask: MetricAsk) -> Result<MetricsFound, ApiError> {
        self.asks(who, &format!("metrics {}", ask.text));
        Ok(MetricsFound {
            price: Some(MetricPrice {
                usd: 0.000_03,
                usd_per_month: 1.31,
            }),
            rows: vec![MetricRow {
                choice: "{\"name\":\"BurstCreditBalance\"}".into(),
                name: HOSTILE.into(),
                about: "AWS/EFS FileSystemId=fs-1".into(),
            }],
            more: true,
            search_usd: None,
            source: ask.source,
            text: ask.text,
        })
    }

    async fn pull_metrics(
        &self,
        who: &Caller,
        request: PullMetrics,
    ) -> Result<IncidentId, ApiError> {
        self.asks(who, &format!("pull metrics {:?}", request.choices));
        Ok(IncidentId(ID.into()))
    }
}
