//! Prometheus, and whatever speaks its query API: VictoriaMetrics, Thanos, Mimir.
//!
//! Instants are those at which the server was looked at: a range query gives, for each step, the last
//! sample that was scraped before. Steps are multiples of their length, so that a window asked again
//! gives the same instants. A sample appears one scrape later at most. How long samples are kept and
//! whether they are thinned is the server's own setting.
//!
//! Counters are taken as they were counted (`stat` is `Counter`): the analysis makes rates of them,
//! resets included. `PromQL`'s `rate()` may be asked as well.

mod answer;
mod asked;
mod attempt;
mod call;
mod config;
mod discover;
mod fetch;
mod labels;
mod plan;
pub mod presets;
mod series;
mod terminating;

pub use answer::MetricInfo;
pub use call::Patience;
pub use config::{BasicAuth, MAX_QUERIES, PrometheusConfig, QueryChoice};
pub use discover::Found;

use crate::skew::{Skew, Ticking};
use crate::source::{Progress, Source, SourceError};
use async_trait::async_trait;
use call::Api;
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::time::SECOND;
use model::{Batch, Edge, Event, Gap, Provenance, Samples, Series, Timestamp, Window};
use plan::Grid;
use presets::Role;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

/// Name of the source.
pub const NAME: &str = "prometheus";

/// What the source states of itself where the server scrapes every minute, as is the default.
pub const FACTS: SourceFacts = facts(60);

/// The same for another scrape interval, seconds.
const fn facts(scrape: u32) -> SourceFacts {
    // An end is seen one step after the last sample; a few scrapes may have failed.
    let again_s = scrape.saturating_mul(5);
    SourceFacts {
        kind: NAME,
        title: "Prometheus",
        needs: &NEEDS,
        clock: SourceClock {
            stamp: Stamp::Instant,
            delay_s: scrape,
            skew_s: 0,
            kept: &[],
        },
        follow: Follow::Poll {
            every_s: scrape,
            again_s: if again_s < 300 { 300 } else { again_s },
        },
    }
}

/// Paths of the API that are asked, and no others.
const NEEDS: [Need; 3] = [
    Need {
        permission: "POST /api/v1/query_range",
        purpose: "samples",
        optional: false,
    },
    Need {
        permission: "POST /api/v1/query, GET /api/v1/status/buildinfo",
        purpose: "the test of the source",
        optional: true,
    },
    Need {
        permission: "GET /api/v1/metadata, /api/v1/label/*/values; POST /api/v1/labels, /api/v1/series",
        purpose: "types and units of metrics, and the search for them",
        optional: true,
    },
];

/// What it may mean that a query selects no series.
const ABSENT: &str = "(no such series: there is no such object, or it is not scraped; see the server's \
                      page of targets)";

/// What did not come.
#[derive(Default)]
struct Missing {
    gaps: Vec<Gap>,
    absent: Vec<String>,
}

/// How far the server's clock may be off before it is worth a word.
const SKEW_NOTICED: i64 = 30 * SECOND;
/// What is said of it is no finer than this: HTTP says whole seconds, and the answer takes a while.
const SKEW_TOLD: i64 = 10 * SECOND;
/// How often a cancellation is looked for. A person notices nothing below about 0.3 s.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A server that speaks Prometheus' query API.
#[derive(Debug)]
pub struct Prometheus {
    config: PrometheusConfig,
    patience: Patience,
}

impl Prometheus {
    /// Prepares the source. Asks nobody.
    pub fn new(config: PrometheusConfig) -> Result<Self, SourceError> {
        Self::with_patience(config, Patience::default())
    }

    /// As [`Prometheus::new`], with attempts, waits and limits of the caller's own.
    pub fn with_patience(
        config: PrometheusConfig,
        patience: Patience,
    ) -> Result<Self, SourceError> {
        config.validate()?;
        Ok(Self { config, patience })
    }

    /// What it was made of.
    pub fn config(&self) -> &PrometheusConfig {
        &self.config
    }

    async fn open(&self) -> Result<Api, SourceError> {
        Api::open(&self.config, self.patience).await
    }

    async fn gather(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let clock = Ticking::from(now);
        let Some(grid) = plan::grid(window, now, self.config.scrape_interval_s) else {
            return Err(SourceError::Invalid {
                name: NAME,
                field: "window",
                value: format!("{} to {} (asked at {now})", window.start, window.end),
                expected: "a window that has begun and holds a multiple of the scrape interval",
            });
        };
        let api = self.open().await?.with_clock(clock);
        let asked = asked::all(&self.config);
        progress.step(0, 0, "asking which metrics are counters");
        let (infos, note) = discover::infos(&api, &asked).await;
        let answers = fetch::all(&api, &self.config, &asked, grid, progress).await?;
        let mut gaps = late(window, now, self.config.scrape_interval_s);
        gaps.extend(note);
        gaps.extend(skew(api.skew()));
        let (series, events, topology, mut missing) = self.assemble(&asked, answers, &infos, grid);
        gaps.append(&mut missing.gaps);
        progress.step(1, 1, &format!("{} series came", series.len()));
        Ok(Batch {
            provenance: Provenance {
                source: NAME.into(),
                query: self.question(&asked, grid),
                asked_at: Some(now),
                window: Some(window),
                resolution_s: u32::try_from(grid.step_s).ok(),
                gaps,
                absent: missing.absent,
                series: series.iter().map(|s| s.meta.id.clone()).collect(),
                events: events.len(),
                ..Provenance::default()
            },
            series,
            events,
            topology,
            ..Batch::default()
        })
    }

    /// The same for every window of one step, so that the provenance of polls joins.
    fn question(&self, asked: &[asked::Asked], grid: Grid) -> String {
        let queries: Vec<String> = asked
            .iter()
            .map(|a| format!("{} = {}", a.id, fetch::query(a, grid, &self.config)))
            .collect();
        format!(
            "POST {}/api/v1/query_range, step {} s: {}",
            self.config.shown_url(),
            grid.step_s,
            queries.join("; ")
        )
    }

    fn assemble(
        &self,
        asked: &[asked::Asked],
        answers: Vec<series::Collected>,
        infos: &BTreeMap<String, MetricInfo>,
        grid: Grid,
    ) -> (Vec<Series>, Vec<Event>, Vec<Edge>, Missing) {
        let mut missing = Missing::default();
        let mut all = Vec::new();
        let mut alive = BTreeSet::new();
        let (mut terminating, mut seen, mut placement) = (None, None, None);
        for (asked, mut collected) in asked.iter().zip(answers) {
            if collected.close(asked) {
                missing.absent.push(format!("{} {ABSENT}", asked.id));
            }
            missing.gaps.append(&mut collected.gaps);
            match asked.role {
                Role::Terminating => terminating = Some(collected),
                Role::Seen => seen = Some(collected),
                Role::Placement => placement = Some(collected),
                Role::Alive | Role::Series => {
                    if asked.role == Role::Alive {
                        let instants = collected.rows.values().flatten().map(|(at, _)| *at);
                        alive.extend(instants);
                    }
                    all.extend(series::of(
                        asked,
                        collected,
                        infos,
                        &self.config,
                        grid.step_s,
                    ));
                }
            }
        }
        let edges = placement
            .as_ref()
            .map(|placement| terminating::edges(placement, &self.config));
        let events = terminating.map(|pods| {
            let looked = terminating::Looked {
                alive: &alive,
                answered: &pods.answered,
                seen: seen.as_ref(),
            };
            terminating::events(&pods, placement.as_ref(), &looked, &self.config)
        });
        (
            all,
            events.unwrap_or_default(),
            edges.unwrap_or_default(),
            missing,
        )
    }
}

#[async_trait]
impl Source for Prometheus {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        facts(self.config.scrape_interval_s)
    }

    async fn check(&self) -> Result<String, SourceError> {
        let api = self.open().await?;
        let who = discover::who(&api).await?;
        let queries = asked::all(&self.config).len();
        let url = self.config.shown_url();
        Ok(format!("{who} at {url}; {queries} queries configured"))
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        cancellable(progress, Box::pin(self.gather(window, now, progress))).await?
    }
}

/// The output of a pull, or [`SourceError::Cancelled`] soon after the caller cancels.
async fn cancellable<F: Future>(
    progress: &dyn Progress,
    pull: F,
) -> Result<F::Output, SourceError> {
    let cancelled = async {
        while !progress.cancelled() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        biased;
        () = cancelled => Err(SourceError::Cancelled { name: NAME }),
        output = pull => Ok(output),
    }
}

/// What was not there yet, and what may still come.
fn late(window: Window, now: Timestamp, scrape_s: u32) -> Vec<Gap> {
    let unsettled = now.plus(-i64::from(scrape_s) * SECOND).max(window.start);
    let gap = |start, end, reason: String| {
        Some(Gap {
            what: String::new(),
            window: Some(Window::new(start, end)?),
            reason,
        })
    };
    let young = gap(
        unsettled,
        window.end.min(now),
        format!(
            "less than one scrape ({scrape_s} s) old when asked: the newest sample may still come"
        ),
    );
    let future = gap(
        now.max(window.start),
        window.end,
        "not over yet when asked: pull again later".into(),
    );
    young.into_iter().chain(future).collect()
}

/// The server stamps samples by its own clock.
fn skew(known: &Skew) -> Option<Gap> {
    let off = known.beyond(SKEW_NOTICED)?;
    let told = (off.abs() + SKEW_TOLD / 2) / SKEW_TOLD * SKEW_TOLD;
    Some(Gap {
        what: String::new(),
        window: None,
        reason: format!(
            "the server's clock is about {} {} this machine's: instants of its samples are off by as \
             much; set both clocks by NTP",
            model::time::span_text(told),
            if off > 0 { "ahead of" } else { "behind" }
        ),
    })
}

/// The samples in the body of an answer to a range query, by the labels of their series, read as a pull
/// reads it: the way in for fuzzing. `None` where it is no good answer.
pub fn read_range(body: &[u8]) -> Option<BTreeMap<BTreeMap<String, String>, Samples>> {
    let answer = answered(body);
    let reply: attempt::Reply<answer::Matrix> = attempt::read(&answer).ok()?;
    let mut collected = series::Collected::default();
    let mut room = series::Room::default();
    collected.add("", Window::default(), reply.data, &mut room);
    let rows = collected.rows.into_iter();
    Some(
        rows.map(|(labels, points)| (labels, Samples::from_unordered(points)))
            .collect(),
    )
}

/// Reads a body as each of the other answers that are asked for: lists of labels and values, series,
/// types of metrics, an instant query, who it is; and as a refusal. The way in for fuzzing. How many of
/// them it is.
pub fn read_others(body: &[u8]) -> usize {
    let answer = answered(body);
    let _ = attempt::refusal(&answer);
    let all = [
        attempt::read::<Vec<String>>(&answer).is_ok(),
        attempt::read::<Vec<labels::Labels>>(&answer).is_ok(),
        attempt::read::<answer::Metadata>(&answer).is_ok(),
        attempt::read::<answer::BuildInfo>(&answer).is_ok(),
        discover::is_vector(&answer),
    ];
    all.into_iter().filter(|read| *read).count()
}

fn answered(body: &[u8]) -> crate::http::Answer {
    crate::http::Answer {
        status: http::StatusCode::OK,
        headers: http::HeaderMap::new(),
        body: body.to_vec(),
    }
}
