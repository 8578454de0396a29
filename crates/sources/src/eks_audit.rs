//! The audit log of an EKS cluster in CloudWatch Logs: who created, patched and deleted which
//! workload, pod or node.
//!
//! Read by `FilterLogEvents` from the log group `/aws/eks/CLUSTER/cluster`, where the cluster's
//! control-plane logging has `audit` switched on. Audit logs are huge (hundreds of MB an hour): the
//! service filters before it sends, what it sends is checked again here, and pages and events are
//! bounded. An instant is when the API server received the request.

use crate::aws::{
    Askable, Asks as _, Connected, Pages, Service, askable, asks, batch, cancellable, code_of,
    explain, invalid,
};
use crate::records::audit as record;
use crate::source::{Progress, Source, SourceError, Unattended};
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use model::source::{Follow, Need, SourceClock, SourceFacts, Stamp};
use model::time::{DAY, MINUTE};
use model::words::count;
use model::{Batch, Event, Gap, Timestamp, Window};
use serde::{Deserialize, Serialize};

pub use record::NAME;

/// What the source states of itself.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "Amazon EKS audit log",
    needs: &[Need {
        permission: "logs:FilterLogEvents",
        purpose: "who changed which workload; on /aws/eks/CLUSTER/cluster alone",
        optional: false,
    }],
    clock: SourceClock {
        stamp: Stamp::Instant,
        delay_s: 120,
        skew_s: 0,
        // As long as the log group's own setting says.
        kept: &[],
    },
    follow: Follow::Poll {
        every_s: 60,
        again_s: 10 * 60,
    },
};

const SERVICE: Service = Service {
    source: NAME,
    prefix: "logs",
    host: "logs",
};
const DELAY: i64 = 2 * MINUTE;
/// Log groups keep ten years at most, or for ever.
const KEPT: i64 = 3_653 * DAY;
const STREAMS: &str = "kube-apiserver-audit";
/// Lines in one page; a page also ends at 1 MB.
const PAGE: i32 = 10_000;
/// Pages of one pull. Many are empty: each stands for a part of the log that was searched.
const MAX_PAGES: usize = 1_000;
/// Events of one pull.
const MAX_EVENTS: usize = 20_000;

/// Which cluster, and where. Holds no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EksAuditConfig {
    /// Region, e.g. `eu-central-1`; empty: the environment's or the profile's.
    #[serde(default)]
    pub region: String,
    /// Profile of the AWS configuration files; `None`: the SDK's default chain.
    #[serde(default)]
    pub profile: Option<String>,
    /// Address of the CloudWatch Logs API instead of AWS's own, `http://` or `https://`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// HTTP proxy that all calls go through, `http://HOST:PORT`; `None`: none, whatever the environment
    /// says.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Name of the EKS cluster.
    pub cluster: String,
    /// What the cluster is called elsewhere in Lineup (a kubeconfig context); `None`: as in EKS.
    #[serde(default)]
    pub called: Option<String>,
    /// Namespaces that count; empty: all. Nodes count always.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Whether what Kubernetes' own controllers do counts as well: many times as much, and it
    /// follows from what people and deployers do.
    #[serde(default)]
    pub controllers: bool,
}

impl EksAuditConfig {
    /// Which records count.
    fn scope(&self) -> record::Scope<'_> {
        record::Scope {
            cluster: self.called.as_ref().unwrap_or(&self.cluster),
            namespaces: &self.namespaces,
            controllers: self.controllers,
        }
    }

    /// Whether it makes sense, before anybody is asked; the region may come from the environment.
    pub fn validate(&self) -> Result<(), SourceError> {
        self.account().validate(NAME)?;
        let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let word = |text: &str, max| (1..=max).contains(&text.len()) && text.chars().all(good);
        if !word(&self.cluster, 100) {
            let expected = "the name of an EKS cluster";
            return Err(invalid(NAME, "cluster", &self.cluster, expected));
        }
        match self.namespaces.iter().find(|n| !word(n, 63)) {
            None => Ok(()),
            Some(bad) => Err(invalid(NAME, "namespaces", bad, "the name of a namespace")),
        }
    }

    fn group(&self) -> String {
        format!("/aws/eks/{}/cluster", self.cluster)
    }
}

/// A connection to CloudWatch Logs for one cluster's audit log.
pub type EksAudit = Connected<EksAuditConfig>;

asks!(EksAuditConfig, aws_sdk_cloudwatchlogs, SERVICE);

/// What was read, and how far.
#[derive(Default)]
struct Read {
    events: Vec<Event>,
    /// Lines that are no audit record.
    unreadable: usize,
    /// From when on the rest was not read, and why.
    stopped: Option<(Option<Timestamp>, String)>,
}

impl EksAudit {
    /// One page: its lines and the token of the next.
    async fn page(
        &self,
        window: Option<Window>,
        pattern: Option<&str>,
        limit: i32,
        token: Option<String>,
        progress: &dyn Progress,
    ) -> Result<(Vec<FilteredLogEvent>, Option<String>), SourceError> {
        let context = self.link.context();
        let request = self
            .client
            .filter_log_events()
            .log_group_name(self.config.group())
            .log_stream_name_prefix(STREAMS)
            .set_start_time(window.map(|w| w.start.millis()))
            // The end is part of what is asked here.
            .set_end_time(window.map(|w| w.end.millis() - 1))
            .set_filter_pattern(pattern.map(str::to_owned))
            .limit(limit)
            .set_next_token(token);
        let answer = match cancellable(NAME, progress, request.send()).await? {
            Err(error) if code_of(&error).starts_with("ResourceNotFound") => {
                return Err(SourceError::NotFound {
                    name: NAME,
                    what: format!("log group {}", self.config.group()),
                    hint: "switch on 'audit' in the cluster's control plane logging; check \
                           cluster, region and account"
                        .into(),
                });
            }
            other => other.map_err(|e| explain(e, "FilterLogEvents", &context))?,
        };
        let token = answer.next_token().map(str::to_owned);
        Ok((answer.events.unwrap_or_default(), token))
    }

    /// Reads until the end, a limit or a failure: what came before a failure is kept.
    async fn read(&self, window: Window, progress: &dyn Progress) -> Result<Read, SourceError> {
        let pattern = record::pattern(self.config.controllers);
        let mut read = Read::default();
        let mut pages = Pages::default();
        let mut token = None;
        let mut newest: Option<Timestamp> = None;
        for number in 0..MAX_PAGES {
            let message = format!("{} changes came", read.events.len());
            progress.step(number as u32, 0, &message);
            let page = self
                .page(Some(window), Some(&pattern), PAGE, token.take(), progress)
                .await;
            let answer = page.and_then(|(lines, next)| {
                let next = pages.next(next.as_deref(), "FilterLogEvents", &self.link.context());
                next.map(|next| (lines, next))
            });
            let (lines, next) = match answer {
                Ok(answer) => answer,
                Err(error @ SourceError::Cancelled { .. }) => return Err(error),
                Err(error) if number == 0 => return Err(error),
                Err(error) => {
                    read.stopped = Some((newest, error.to_string()));
                    return Ok(read);
                }
            };
            for line in &lines {
                newest = newest.max(line.timestamp().map(Timestamp::from_millis));
                match record::event(of_log(line), self.config.scope()) {
                    Ok(Some(event)) => read.events.push(event),
                    Ok(None) => {}
                    Err(record::NoRecord) => read.unreadable += 1,
                }
            }
            token = next;
            if token.is_none() {
                return Ok(read);
            }
            if read.events.len() >= MAX_EVENTS {
                let reason = format!(
                    "more than {MAX_EVENTS} changes: pull a shorter window, or name namespaces"
                );
                read.stopped = Some((newest, reason));
                return Ok(read);
            }
        }
        let reason = format!("more than {MAX_PAGES} pages of the log: pull a shorter window");
        read.stopped = Some((newest, reason));
        Ok(read)
    }
}

fn of_log(line: &FilteredLogEvent) -> record::Line<'_> {
    record::Line {
        message: line.message().unwrap_or_default(),
        at: line.timestamp().map(Timestamp::from_millis),
        id: line.event_id().unwrap_or_default(),
    }
}

#[async_trait]
impl Source for EksAudit {
    fn name(&self) -> &'static str {
        NAME
    }

    fn facts(&self) -> SourceFacts {
        FACTS
    }

    async fn check(&self) -> Result<String, SourceError> {
        let region = self.link.region()?;
        self.config.validate()?;
        self.page(None, None, 1, None, &Unattended).await?;
        let cluster = &self.config.cluster;
        Ok(format!(
            "the audit log of {cluster} in {region} can be read"
        ))
    }

    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError> {
        let region = self.link.region()?;
        self.config.validate()?;
        let Askable {
            window: asked,
            mut gaps,
        } = askable(NAME, window, now, KEPT, DELAY)?;
        let read = self.read(asked, progress).await?;
        if let Some((from, reason)) = read.stopped {
            gaps.push(Gap {
                what: String::new(),
                window: Window::new(from.unwrap_or(asked.start), asked.end),
                reason,
            });
        }
        if read.unreadable > 0 {
            gaps.push(Gap {
                what: String::new(),
                window: None,
                reason: format!(
                    "{} without an audit record: left out",
                    count(read.unreadable, "line")
                ),
            });
        }
        let query = format!(
            "aws logs filter-log-events --region {region} --log-group-name {} \
             --log-stream-name-prefix {STREAMS} --start-time {} --end-time {} --filter-pattern '{}'",
            self.config.group(),
            asked.start.millis(),
            asked.end.millis() - 1,
            record::pattern(self.config.controllers)
        );
        Ok(batch(NAME, query, (window, now), gaps, read.events))
    }
}
