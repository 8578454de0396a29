//! Metrics of a configured source: found by text, priced, pulled into a new incident.

use super::ServerBackend;
use crate::{
    jobs::{self, ChosenSpec},
    registry::Configured,
};
use app::{
    ApiError, FieldError,
    backend::{MetricAsk, MetricPrice, MetricRow, MetricsFound, PullMetrics},
    input::LONGEST_PULL_DAYS,
};
use model::{Incident, IncidentId, Timestamp, Window, time::DAY};

/// Metrics on one page.
const SHOWN: usize = 200;
/// A pull that costs more than this (US dollars) is agreed to before it is made: a few cents.
pub(super) const NOTABLE_USD: f64 = 0.05;

impl ServerBackend {
    pub(super) async fn metrics_found(&self, ask: MetricAsk) -> Result<MetricsFound, ApiError> {
        let source = self.registry.get(&ask.source).ok_or(ApiError::NotFound)?;
        let Some(answer) = source.search(&ask.text, SHOWN + 1).await else {
            return Err(ApiError::Invalid(format!(
                "{} has no list of metrics to search",
                source.facts.title
            )));
        };
        let found = answer.map_err(|e| ApiError::Unavailable(e.to_string()))?;
        Ok(MetricsFound {
            search_usd: source.search_usd(),
            price: found
                .first()
                .and_then(|first| price_of(source, &first.choice, self.clock.now())),
            more: found.len() > SHOWN,
            rows: found
                .into_iter()
                .take(SHOWN)
                .map(|m| MetricRow {
                    choice: m.choice,
                    name: m.name,
                    about: m.about,
                })
                .collect(),
            source: ask.source,
            text: ask.text,
        })
    }

    pub(super) async fn metrics_pulled(
        &self,
        request: PullMetrics,
    ) -> Result<IncidentId, ApiError> {
        let now = self.clock.now();
        let source = self
            .registry
            .get(&request.source)
            .ok_or(ApiError::NotFound)?;
        let mut wrong = Vec::new();
        if let Err(message) = app::input::title(&request.title) {
            wrong.push(FieldError::new("title", message));
        }
        if request.window.millis() <= 0 || request.window.millis() > LONGEST_PULL_DAYS * DAY {
            let message = format!("expected a window of at most {LONGEST_PULL_DAYS} days");
            wrong.push(FieldError::new("end", message));
        }
        match source.choose(&request.choices, &request.statistics) {
            Err(message) => wrong.push(FieldError::new("choices", message)),
            Ok(chosen) => {
                let usd = chosen.estimate(request.window, now).unwrap_or(0.0);
                if usd > NOTABLE_USD && !request.agreed {
                    let message = format!(
                        "this pull asks for about {usd:.2} US dollars' worth of metrics: choose fewer \
                         or a shorter window, or agree to the cost"
                    );
                    wrong.push(FieldError::new("agreed", message));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(ApiError::Fields(wrong));
        }
        let spec = ChosenSpec {
            source: request.source,
            choices: request.choices,
            statistics: request.statistics,
            window: request.window,
        };
        let incident = Incident {
            title: request.title,
            window: spec.window,
            ..Incident::default()
        };
        self.collect_anew(incident, |id, incident| {
            jobs::chosen_job(id, incident, &spec, now)
        })
        .await
    }
}

/// What one metric costs with the usual statistics; `None`: nothing is charged for it.
fn price_of(source: &Configured, choice: &str, now: Timestamp) -> Option<MetricPrice> {
    let chosen = source.choose(&[choice.to_owned()], &[]).ok()?;
    let day = Window {
        start: now.plus(-DAY),
        end: now,
    };
    Some(MetricPrice {
        usd: chosen.estimate(day, now)?,
        usd_per_month: chosen.per_month(now)?,
    })
}
