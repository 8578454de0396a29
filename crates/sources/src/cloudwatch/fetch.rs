//! Asking: every call, every page, and again where an answer is incomplete. What came is kept.

use super::NAME;
use super::plan::Call;
use super::queries::Query;
use crate::aws::{Context, Pages, cancellable, explain, pause};
use crate::source::{Progress, SourceError};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricStat, ScanBy, StatusCode,
};
use model::{Gap, Timestamp, Window};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a series with an incomplete answer is asked again.
const ASK_AGAIN: u32 = 2;
/// Wait before asking again, times the number of times asked.
const PAUSE: Duration = Duration::from_millis(500);
/// Failed calls in a row after which the rest is not asked any more.
const MAX_FAILED_CALLS: u32 = 2;

/// What came of all calls.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// Samples of each query, in the order of the queries, unordered.
    pub(super) points: Vec<Vec<(Timestamp, f64)>>,
    /// What did not come.
    pub(super) gaps: Vec<Gap>,
    /// The first failure, for when nothing came at all.
    pub(super) failure: Option<SourceError>,
}

/// Makes all calls. An error only where the caller cancels.
pub(super) async fn all(
    client: &Client,
    queries: &[Query],
    calls: &[Call],
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<Fetched, SourceError> {
    let mut fetched = Fetched {
        points: vec![Vec::new(); queries.len()],
        ..Fetched::default()
    };
    let total = u32::try_from(calls.len() + 1).unwrap_or(u32::MAX);
    let mut failed_in_a_row = 0;
    for (index, call) in calls.iter().enumerate() {
        let done = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let message = format!("{} to {}", call.start.minute(), call.end.minute());
        progress.step(done, total, &message);
        let mut asker = Asker {
            client,
            queries,
            call,
            context,
            progress,
            fetched: &mut fetched,
        };
        match asker.ask().await {
            Ok(()) => failed_in_a_row = 0,
            Err(error @ SourceError::Cancelled { .. }) => return Err(error),
            Err(error) => {
                failed_in_a_row += 1;
                // Without credentials, permission or connection the next call fails as well.
                let over = failed_in_a_row >= MAX_FAILED_CALLS || !may_pass(&error);
                let rest = calls.get(index..).unwrap_or_default();
                let lost = if over {
                    rest
                } else {
                    std::slice::from_ref(call)
                };
                fetched.gaps.extend(not_asked(lost, queries, &error));
                fetched.failure.get_or_insert(error);
                if over {
                    break;
                }
            }
        }
    }
    Ok(fetched)
}

/// Gaps for calls that failed or were not made: one for each group of queries, since another group
/// may have come.
fn not_asked(calls: &[Call], queries: &[Query], error: &SourceError) -> Vec<Gap> {
    let mut groups: BTreeMap<(usize, usize), (Timestamp, Timestamp)> = BTreeMap::new();
    for call in calls {
        let key = (call.queries.start, call.queries.end);
        let span = groups.entry(key).or_insert((call.start, call.end));
        *span = (span.0.min(call.start), span.1.max(call.end));
    }
    groups
        .into_iter()
        .map(|((first, end), (start, until))| {
            let mine = queries.get(first..end).unwrap_or_default();
            let what = match (mine.first(), mine.last()) {
                (Some(a), Some(z)) if mine.len() < queries.len() => {
                    format!("{} to {} ({} queries)", a.series, z.series, mine.len())
                }
                _ => String::new(),
            };
            Gap {
                what,
                window: Window::new(start, until),
                reason: error.to_string(),
            }
        })
        .collect()
}

/// Whether another call may fare better.
fn may_pass(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::Throttled { .. } | SourceError::TimedOut { .. } | SourceError::Failed { .. }
    )
}

/// How the answer to one query ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    Complete,
    /// `PartialData` or `InternalError` with no page left: may be better when asked again.
    Incomplete(String),
    Forbidden,
    /// No page spoke of it.
    Silent,
}

struct Asker<'a> {
    client: &'a Client,
    queries: &'a [Query],
    call: &'a Call,
    context: &'a Context<'a>,
    progress: &'a dyn Progress,
    fetched: &'a mut Fetched,
}

impl Asker<'_> {
    /// One call: all its pages; the series with an incomplete answer again.
    async fn ask(&mut self) -> Result<(), SourceError> {
        let mut open: Vec<usize> = self.call.queries.clone().collect();
        for again in 0..=ASK_AGAIN {
            if again > 0 {
                pause(NAME, self.progress, PAUSE * again).await?;
            }
            let endings = self.pages(&open).await?;
            let last = again == ASK_AGAIN;
            let mut incomplete = Vec::new();
            for (index, ending) in open.into_iter().zip(endings) {
                match ending {
                    Ending::Complete => {}
                    Ending::Incomplete(_) | Ending::Silent if !last => incomplete.push(index),
                    ending => self.note(index, &ending),
                }
            }
            open = incomplete;
            if open.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// All pages of one request, and how the answer to each query ended.
    async fn pages(&mut self, open: &[usize]) -> Result<Vec<Ending>, SourceError> {
        let mut endings = vec![Ending::Silent; open.len()];
        let mut tokens = Pages::default();
        let mut token: Option<String> = None;
        loop {
            let request = self
                .client
                .get_metric_data()
                .set_metric_data_queries(Some(open.iter().filter_map(|i| self.query(*i)).collect()))
                .start_time(DateTime::from_millis(self.call.start.millis()))
                .end_time(DateTime::from_millis(self.call.end.millis()))
                .scan_by(ScanBy::TimestampAscending)
                .set_next_token(token.take());
            let page = cancellable(NAME, self.progress, request.send())
                .await?
                .map_err(|e| explain(e, "GetMetricData", self.context))?;
            self.take(&page, open, &mut endings);
            token = tokens.next(page.next_token(), "GetMetricData", self.context)?;
            if token.is_none() {
                return Ok(endings);
            }
        }
    }

    fn query(&self, index: usize) -> Option<MetricDataQuery> {
        let query = self.queries.get(index)?;
        let dimensions = query
            .dimensions
            .iter()
            .map(|(name, value)| Dimension::builder().name(name).value(value).build());
        let metric = Metric::builder()
            .namespace(&query.namespace)
            .metric_name(&query.name)
            .set_dimensions(Some(dimensions.collect()));
        let stat = MetricStat::builder()
            .metric(metric.build())
            .period(i32::try_from(query.period_s).ok()?)
            .stat(&query.stat)
            .build();
        Some(
            MetricDataQuery::builder()
                .id(&query.id)
                .metric_stat(stat)
                .build(),
        )
    }

    /// Keeps what a page holds.
    fn take(&mut self, page: &GetMetricDataOutput, open: &[usize], endings: &mut [Ending]) {
        for message in page.messages() {
            self.say(String::new(), message.code(), message.value());
        }
        for result in page.metric_data_results() {
            let of_query = |i: &usize| self.queries.get(*i).map(|q| q.id.as_str()) == result.id();
            let Some(slot) = open.iter().position(of_query) else {
                continue;
            };
            let Some(index) = open.get(slot).copied() else {
                continue;
            };
            let series = self.queries.get(index).map(|q| q.series.clone());
            for message in result.messages() {
                self.say(
                    series.clone().unwrap_or_default(),
                    message.code(),
                    message.value(),
                );
            }
            if let Some(points) = self.fetched.points.get_mut(index) {
                let times = result.timestamps().iter();
                points.extend(
                    times.zip(result.values()).filter_map(|(t, v)| {
                        Some((Timestamp::from_millis(t.to_millis().ok()?), *v))
                    }),
                );
            }
            if let Some(ending) = endings.get_mut(slot) {
                *ending = ending_of(result.status_code());
            }
        }
    }

    fn say(&mut self, what: String, code: Option<&str>, value: Option<&str>) {
        let gap = Gap {
            what,
            window: Window::new(self.call.start, self.call.end),
            reason: format!(
                "CloudWatch says: {} {}",
                code.unwrap_or_default(),
                value.unwrap_or_default()
            ),
        };
        if !self.fetched.gaps.contains(&gap) {
            self.fetched.gaps.push(gap);
        }
    }

    /// Names a query whose answer stayed incomplete.
    fn note(&mut self, index: usize, ending: &Ending) {
        let times = ASK_AGAIN + 1;
        let reason = match ending {
            Ending::Complete => return,
            Ending::Incomplete(status) => format!(
                "CloudWatch answered {status} {times} times: samples may be missing; pull again later"
            ),
            Ending::Forbidden => {
                "CloudWatch answered Forbidden: allow cloudwatch:GetMetricData for this metric"
                    .into()
            }
            Ending::Silent => {
                format!("CloudWatch left it out of {times} answers; pull again later")
            }
        };
        self.fetched.gaps.push(Gap {
            what: self
                .queries
                .get(index)
                .map(|q| q.series.clone())
                .unwrap_or_default(),
            window: Window::new(self.call.start, self.call.end),
            reason,
        });
    }
}

fn ending_of(status: Option<&StatusCode>) -> Ending {
    match status {
        // Older endpoints leave the status out of complete answers.
        None | Some(StatusCode::Complete) => Ending::Complete,
        Some(StatusCode::Forbidden) => Ending::Forbidden,
        Some(other) => Ending::Incomplete(other.as_str().to_owned()),
    }
}
