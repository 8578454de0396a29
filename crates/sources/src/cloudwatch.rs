//! Amazon CloudWatch: metrics of any namespace, with presets for the usual resources.
//!
//! What is asked for EFS is a table in [`efs`], for other resources in [`presets`]; how it is split
//! into calls is in `plan`. Timestamps are the starts of periods, CloudWatch's convention. Samples
//! appear minutes late: the newest ones are marked in the gaps of the batch's provenance. Metric
//! math is not asked for: Lineup computes from samples that anybody can ask for again.

pub mod alarms;
pub mod cost;
pub mod efs;
pub mod presets;

mod config;
mod discover;
mod fetch;
mod ids;
mod plan;
mod queries;
mod search;
mod series;
mod statistic;

pub use config::{CloudWatchConfig, MAX_CHOICES, MetricChoice, PERIODS, PresetChoice};
pub use search::{Found, FoundMetric, MAX_FOUND, Search};

use crate::aws::{Connected, Service, asks};
use crate::source::{Progress, Source, SourceError, Unattended};
use async_trait::async_trait;
use config::Asked;
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::words::count;
use model::{Batch, Gap, Provenance, Timestamp, Window};
use queries::Listings;

/// Name of the source.
pub const NAME: &str = "cloudwatch";

const SERVICE: Service = Service {
    source: NAME,
    prefix: "cloudwatch",
    host: "monitoring",
};
/// Nodes or pods of which one metric of a preset is asked.
const MAX_MEMBERS: usize = 200;

/// What the source states of itself. Retention and delay as the CloudWatch user guide says them.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "Amazon CloudWatch",
    needs: &[
        Need {
            permission: "cloudwatch:GetMetricData",
            purpose: "samples",
            optional: false,
        },
        Need {
            permission: "cloudwatch:ListMetrics",
            purpose: "which metrics there are; without it they are asked by their known names",
            optional: true,
        },
    ],
    clock: SourceClock {
        stamp: Stamp::PeriodStart,
        delay_s: 180,
        skew_s: 0,
        kept: &[
            (3 * 3_600, 1),
            (15 * 86_400, 60),
            (63 * 86_400, 300),
            (455 * 86_400, 3_600),
        ],
    },
    follow: Follow::Poll {
        every_s: 60,
        again_s: 15 * 60,
    },
};

/// A connection to CloudWatch.
pub type CloudWatch = Connected<CloudWatchConfig>;

asks!(CloudWatchConfig, aws_sdk_cloudwatch, SERVICE);

impl CloudWatch {
    /// Looks for metrics by words, for people who choose. Needs no file system in the
    /// configuration. [`SourceError::Cancelled`] soon after `progress` cancels.
    pub async fn search(
        &self,
        wanted: &Search,
        progress: &dyn Progress,
    ) -> Result<Found, SourceError> {
        self.link.region()?;
        search::search(&self.client, wanted, &self.link.context(), progress).await
    }

    /// What `ListMetrics` shows of what is asked. Whoever may not list may still ask for metrics by
    /// name.
    async fn listed(
        &self,
        asked: &Asked<'_>,
        progress: &dyn Progress,
    ) -> Result<(Listings, Vec<Gap>), SourceError> {
        let mut listings = Listings::default();
        let mut gaps = Vec::new();
        let context = self.link.context();
        for id in &asked.file_systems {
            progress.step(0, 0, &format!("listing the metrics of {id}"));
            match discover::file_system(&self.client, id, &context, progress).await {
                Ok(listed) => {
                    if !listed.unknown.is_empty() {
                        gaps.push(note(
                            listed.unknown.join(", "),
                            "listed by CloudWatch, but unknown to this version: not asked".into(),
                        ));
                    }
                    listings.file_systems.insert(id.clone(), listed);
                }
                Err(error) => {
                    let said = passable(error)?;
                    let reason =
                        format!("{said}; the metrics were asked by their known names instead");
                    let gap = note(String::new(), reason);
                    if !gaps.contains(&gap) {
                        gaps.push(gap);
                    }
                }
            }
        }
        for (preset, resource) in &asked.presets {
            for metric in preset.metrics.iter().filter(|m| !m.with.is_empty()) {
                let message = format!("listing {} of {resource}", metric.name);
                progress.step(0, 0, &message);
                let of = (*preset, resource.as_str());
                let found =
                    discover::members(&self.client, of, metric, MAX_MEMBERS, &context, progress);
                let what = format!("{}.{resource}.{}", preset.id, metric.name);
                match found.await {
                    Ok((found, all)) => {
                        if found.is_empty() {
                            let reason = "CloudWatch lists none of it for the last two weeks";
                            gaps.push(note(what, reason.into()));
                        } else if !all {
                            let reason = format!(
                                "only {MAX_MEMBERS} of it are asked: name the others under metrics"
                            );
                            gaps.push(note(what, reason));
                        }
                        let key = (
                            preset.id.to_owned(),
                            resource.clone(),
                            metric.name.to_owned(),
                        );
                        listings.members.insert(key, found);
                    }
                    Err(error) => gaps.push(note(what, passable(error)?.to_string())),
                }
            }
        }
        Ok((listings, gaps))
    }
}

fn note(what: String, reason: String) -> Gap {
    Gap {
        what,
        window: None,
        reason,
    }
}

/// A failed listing that a pull outlives: hands the error back where it must end the pull.
fn passable(error: SourceError) -> Result<SourceError, SourceError> {
    match error {
        SourceError::AccessDenied { .. }
        | SourceError::Throttled { .. }
        | SourceError::Failed { .. } => Ok(error),
        _ => Err(error),
    }
}

#[async_trait]
impl Source for CloudWatch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        let region = self.link.region()?;
        let asked = self.config.asked()?;
        let context = self.link.context();
        let mut said = Vec::new();
        for id in &asked.file_systems {
            let listed = discover::file_system(&self.client, id, &context, &Unattended).await?;
            if listed.len() == 0 {
                return Err(not_listed(id, region));
            }
            said.push(format!("{} of {id}", count(listed.len(), "metric")));
        }
        for (preset, resource) in &asked.presets {
            let filter = discover::Filter {
                namespace: Some(preset.namespace),
                dimension: Some((preset.dimension, resource)),
                ..discover::Filter::default()
            };
            let found = self.count(filter).await?;
            if found == 0 {
                return Err(not_listed(&format!("{} {resource}", preset.title), region));
            }
            said.push(format!("{} of {resource}", count(found, "metric")));
        }
        if let Some(first) = asked.metrics.first().filter(|_| said.is_empty()) {
            let filter = discover::Filter {
                namespace: Some(&first.namespace),
                name: Some(&first.name),
                ..discover::Filter::default()
            };
            if self.count(filter).await? == 0 {
                return Err(not_listed(
                    &format!("{} {}", first.namespace, first.name),
                    region,
                ));
            }
        }
        if !asked.metrics.is_empty() {
            said.push(format!("{} chosen metrics", asked.metrics.len()));
        }
        Ok(format!("{} in {region}", said.join(", ")))
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let region = self.link.region()?;
        let asked = self.config.asked()?;
        let span = plan::span(window, now, &queries::periods(&asked))
            .map_err(|nothing| nothing_to_ask(nothing, window, now))?;
        progress.step(0, 0, "listing metrics");
        let (listings, notes) = self.listed(&asked, progress).await?;
        let queries = queries::queries(&asked, &listings, &span, now);
        let calls = plan::calls(&queries, &span);
        let context = self.link.context();
        let fetched = fetch::all(&self.client, &queries, &calls, &context, progress).await?;
        let (series, missing) = series::assemble(&queries, &fetched, &span);
        if series.is_empty() {
            return Err(fetched.failure.unwrap_or_else(|| SourceError::NotFound {
                name: NAME,
                what: format!(
                    "any sample of {} in {region} from {} to {}",
                    title(&asked),
                    window.start,
                    window.end
                ),
                hint: "check id, region, account and window".into(),
            }));
        }
        let mut gaps = span.gaps.clone();
        gaps.extend(notes);
        gaps.extend(fetched.gaps);
        gaps.extend(missing.gaps);
        let total = u32::try_from(calls.len() + 1).unwrap_or(u32::MAX);
        progress.step(total, total, &format!("{} series came", series.len()));
        Ok(Batch {
            provenance: Provenance {
                source: NAME.into(),
                query: plan::command(region, &queries, &span),
                asked_at: Some(now),
                window: Some(window),
                resolution_s: Some(span.period_s),
                gaps,
                absent: missing.absent,
                series: series.iter().map(|s| s.meta.id.clone()).collect(),
                ..Provenance::default()
            },
            series,
            ..Batch::default()
        })
    }
}

impl CloudWatch {
    /// Number of metrics on the first page of a listing.
    async fn count(&self, filter: discover::Filter<'_>) -> Result<usize, SourceError> {
        let mut count = 0;
        discover::list(
            &self.client,
            filter,
            1,
            &self.link.context(),
            &Unattended,
            |_| {
                count += 1;
                true
            },
        )
        .await?;
        Ok(count)
    }
}

fn not_listed(what: &str, region: &str) -> SourceError {
    SourceError::NotFound {
        name: NAME,
        what: format!("any metric of {what} in {region}"),
        hint: "check id, region and account; ListMetrics forgets what got no data for two weeks"
            .into(),
    }
}

/// What is asked, in a few words.
fn title(asked: &Asked<'_>) -> String {
    let file_systems = asked.file_systems.iter().map(String::as_str);
    let presets = asked.presets.iter().map(|(_, resource)| resource.as_str());
    let metrics = asked.metrics.iter().map(|m| m.name.as_str());
    let all: Vec<&str> = file_systems.chain(presets).chain(metrics).collect();
    match all.as_slice() {
        [a, b, c, _, ..] => format!("{a}, {b}, {c} and {} more", all.len() - 3),
        few => few.join(", "),
    }
}

fn nothing_to_ask(nothing: plan::Nothing, window: Window, now: Timestamp) -> SourceError {
    let value = format!("{} to {}", window.start, window.end);
    match nothing {
        plan::Nothing::TooOld => SourceError::NotFound {
            name: NAME,
            what: format!("any sample from {value}"),
            hint: "CloudWatch keeps metrics for 455 days: import what was saved then".into(),
        },
        plan::Nothing::TooNew => SourceError::Invalid {
            name: NAME,
            field: "window",
            value: format!("{value} (asked at {now})"),
            expected: "a window of which at least one period is over",
        },
    }
}
