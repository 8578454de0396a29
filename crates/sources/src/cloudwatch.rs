//! Amazon CloudWatch: the AWS/EFS metrics of one file system.
//!
//! What is asked is a table in [`efs`]; how it is split into calls is in `plan`. Timestamps are
//! the starts of periods, CloudWatch's convention. Samples appear minutes late: the newest ones
//! are marked in the gaps of the batch's provenance.

pub mod efs;

mod client;
mod discover;
mod failure;
mod fetch;
mod plan;
mod series;
mod wait;

use crate::source::{Progress, Source, SourceError};
use async_trait::async_trait;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use discover::Listed;
use failure::Context;
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::{Batch, Gap, Provenance, Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Name of the source.
pub const NAME: &str = "cloudwatch";

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

/// Where the metrics are, and whose. Holds no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudWatchConfig {
    /// Region, e.g. `eu-central-1`; empty: the environment's or the profile's.
    #[serde(default)]
    pub region: String,
    /// Profile of the AWS configuration files; `None`: the SDK's default chain.
    #[serde(default)]
    pub profile: Option<String>,
    /// Address of the CloudWatch API instead of AWS's own, `http://` or `https://`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// EFS file system: `fs-0123456789abcdef0`, or its ARN.
    pub file_system_id: String,
}

/// A connection to CloudWatch for one file system.
pub struct CloudWatch {
    config: CloudWatchConfig,
    region: Option<String>,
    endpoint: String,
    client: Client,
}

impl CloudWatch {
    /// Prepares the connection. Asks nobody and cannot fail: what is wrong with the configuration
    /// shows in [`Source::check`] and [`Source::pull`].
    pub async fn connect(config: CloudWatchConfig) -> Self {
        let (client, region) = Box::pin(client::connect(&config, None)).await;
        Self::assemble(config, region, client)
    }

    /// As [`CloudWatch::connect`], with profiles from this AWS configuration file instead of the
    /// user's own.
    pub async fn connect_with_file(config: CloudWatchConfig, file: &Path) -> Self {
        let files = client::profile_file(file);
        let (client, region) = Box::pin(client::connect(&config, Some(files))).await;
        Self::assemble(config, region, client)
    }

    /// With a client of the caller's own, e.g. one with recorded answers.
    pub fn with_client(config: CloudWatchConfig, client: Client) -> Self {
        let region = Some(config.region.clone()).filter(|r| !r.is_empty());
        Self::assemble(config, region, client)
    }

    fn assemble(config: CloudWatchConfig, region: Option<String>, client: Client) -> Self {
        let endpoint = match &config.endpoint {
            Some(endpoint) => without_user(endpoint),
            None => format!(
                "https://monitoring.{}.amazonaws.com",
                region.as_deref().unwrap_or("?")
            ),
        };
        Self {
            config,
            region,
            endpoint,
            client,
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            endpoint: &self.endpoint,
            profile: self.config.profile.as_deref(),
            attempts: self
                .client
                .config()
                .retry_config()
                .map_or(1, RetryConfig::max_attempts),
        }
    }

    /// The region and the file system's id, where the configuration makes sense.
    fn validate(&self) -> Result<(&str, &str), SourceError> {
        let region = self
            .region
            .as_deref()
            .ok_or(SourceError::RegionMissing { name: NAME })?;
        let invalid = |field, value: &str, expected| SourceError::Invalid {
            name: NAME,
            field,
            value: value.chars().take(100).collect(),
            expected,
        };
        let word = |text: &str, max: usize| {
            (1..=max).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        if !word(region, 40) {
            return Err(invalid("region", region, "a region such as eu-central-1"));
        }
        if let Some(endpoint) = &self.config.endpoint
            && !endpoint.starts_with("http://")
            && !endpoint.starts_with("https://")
        {
            let shown = without_user(endpoint);
            return Err(invalid("endpoint", &shown, "http://… or https://…"));
        }
        let id = &self.config.file_system_id;
        let short = id.rsplit('/').next().unwrap_or_default();
        if !short.starts_with("fs-") || !word(short, 48) {
            return Err(invalid(
                "file_system_id",
                id,
                "the id of an EFS file system such as fs-0123456789abcdef0, or its ARN",
            ));
        }
        Ok((region, short))
    }

    /// What `ListMetrics` shows. Whoever may not list may still ask for metrics by name.
    async fn listed(
        &self,
        file_system: &str,
        progress: &dyn Progress,
    ) -> Result<(Listed, Option<Gap>), SourceError> {
        match discover::list(&self.client, file_system, &self.context(), progress).await {
            Ok(listed) => {
                let gap = (!listed.unknown.is_empty()).then(|| Gap {
                    what: listed.unknown.join(", "),
                    window: None,
                    reason: "listed by CloudWatch, but unknown to this version: not asked".into(),
                });
                Ok((listed, gap))
            }
            Err(
                error @ (SourceError::AccessDenied { .. }
                | SourceError::Throttled { .. }
                | SourceError::Failed { .. }),
            ) => Ok((
                Listed::default(),
                Some(Gap {
                    what: String::new(),
                    window: None,
                    reason: format!("{error}; the metrics were asked by their known names instead"),
                }),
            )),
            Err(error) => Err(error),
        }
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
        let (region, id) = self.validate()?;
        let nobody = crate::source::Unattended;
        let listed = discover::list(&self.client, id, &self.context(), &nobody).await?;
        if listed.len() == 0 {
            return Err(SourceError::NotFound {
                name: NAME,
                what: format!("any metric of {id} in {region}"),
                hint: "check id, region and account; ListMetrics forgets what got no data for \
                       two weeks"
                    .into(),
            });
        }
        Ok(format!("{} metrics of {id} in {region}", listed.len()))
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let (region, id) = self.validate()?;
        let span =
            plan::span(window, now).map_err(|nothing| nothing_to_ask(nothing, window, now))?;
        progress.step(0, 0, &format!("listing the metrics of {id}"));
        let (listed, note) = self.listed(id, progress).await?;
        let queries = plan::queries(id, &listed, &span, now);
        let calls = plan::calls(&queries, &span);
        let fetched = fetch::all(
            &self.client,
            id,
            &queries,
            &calls,
            &self.context(),
            progress,
        )
        .await?;
        let (series, missing) = series::assemble(id, &queries, &fetched, &span);
        if series.is_empty() {
            return Err(fetched.failure.unwrap_or_else(|| SourceError::NotFound {
                name: NAME,
                what: format!(
                    "any sample of {id} in {region} from {} to {}",
                    window.start, window.end
                ),
                hint: "check id, region, account and window".into(),
            }));
        }
        let mut gaps = span.gaps.clone();
        gaps.extend(note);
        gaps.extend(fetched.gaps);
        gaps.extend(missing);
        let total = u32::try_from(calls.len() + 1).unwrap_or(u32::MAX);
        progress.step(total, total, &format!("{} series came", series.len()));
        Ok(Batch {
            provenance: Provenance {
                source: NAME.into(),
                query: plan::command(region, &queries, id, &span),
                asked_at: Some(now),
                window: Some(window),
                resolution_s: Some(span.period_s),
                gaps,
                series: series.iter().map(|s| s.meta.id.clone()).collect(),
                events: 0,
                questions: Vec::new(),
            },
            series,
            ..Batch::default()
        })
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

/// An address without `user:password@`.
fn without_user(endpoint: &str) -> String {
    match endpoint.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or_default();
            let slash = if path.is_empty() { "" } else { "/" };
            format!("{scheme}://{host}{slash}{path}")
        }
        None => endpoint.rsplit('@').next().unwrap_or_default().to_owned(),
    }
}
