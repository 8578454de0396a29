//! What to ask for a window: which period still exists, which queries, and in how many calls.
//! Pure: `now` is an argument, nothing is asked.

use super::discover::Listed;
use super::efs::{self, METRICS, Metric, STORAGE_CLASSES};
use model::time::{DAY, HOUR, MINUTE, SECOND};
use model::{Gap, Timestamp, Window};

/// Greatest age at which samples of a period still exist, and that period in seconds; finest
/// first. From "Metrics retention" in the CloudWatch User Guide (periods under 60 s, kept for
/// three hours, are not published by EFS).
const RETENTION: [(i64, u32); 3] = [(15 * DAY, 60), (63 * DAY, 300), (455 * DAY, 3600)];
/// A pull takes a while: what expires within it counts as gone.
const EXPIRY_MARGIN: i64 = 10 * MINUTE;
/// `ListMetrics` forgets what got no data for two weeks.
const LISTED_FOR: i64 = 14 * DAY;
/// Data arrive late. How late is not documented; after ten minutes minute data of AWS services
/// hardly ever change.
const SETTLED_AFTER: i64 = 10 * MINUTE;
/// Queries that one `GetMetricData` call takes.
pub(super) const MAX_QUERIES: usize = 500;
/// Samples that one `GetMetricData` call gives before it pages.
pub(super) const MAX_DATAPOINTS: i64 = 100_800;

/// The span that can be asked, and what of the window cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The window that was wanted.
    pub(super) window: Window,
    /// First instant asked, a multiple of every period.
    pub(super) start: Timestamp,
    /// First instant after, a multiple of 60 s, never after `over`.
    pub(super) end: Timestamp,
    /// Periods that end after this minute were not over when asked.
    pub(super) over: Timestamp,
    /// The finest period that the whole window still has, seconds.
    pub(super) period_s: u32,
    /// What of the window cannot be had, or may still change.
    pub(super) gaps: Vec<Gap>,
}

/// Why nothing can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// All of the window is older than CloudWatch remembers.
    TooOld,
    /// Not one period of the window is over yet.
    TooNew,
}

/// The finest period that still exists at this age, seconds; `None`: nothing does.
fn period_at(age_ms: i64) -> Option<u32> {
    let kept = |(limit, _): &&(i64, u32)| age_ms + EXPIRY_MARGIN <= *limit;
    RETENTION.iter().find(kept).map(|(_, period)| *period)
}

/// The period of a metric where `period_s` is the finest that exists.
pub(super) fn period_of(metric: &Metric, period_s: u32) -> u32 {
    metric.every_s.max(period_s)
}

/// What of the window can be asked, as of `now`.
///
/// One period for the whole window, the finest that its beginning still has: sums over different
/// periods in one series would read as a change.
pub(super) fn span(window: Window, now: Timestamp) -> Result<Span, Nothing> {
    let oldest = RETENTION.last().map_or(0, |(limit, _)| *limit) - EXPIRY_MARGIN;
    let mut gaps = Vec::new();
    let mut start = window.start;
    if now.since(start) > oldest {
        // Up to the full hour: periods are that long at this age.
        start = now.plus(HOUR - oldest).floor_to(HOUR);
        if window.end <= start {
            return Err(Nothing::TooOld);
        }
        gaps.push(gap(
            window.start,
            start,
            "older than 455 days: CloudWatch keeps nothing that long".into(),
        ));
    }
    let period_s = period_at(now.since(start)).unwrap_or(3600);
    let over = now.floor_to(MINUTE);
    let period = i64::from(period_s) * SECOND;
    if over < start.floor_to(period).plus(period) {
        return Err(Nothing::TooNew);
    }
    let coarsest = METRICS.iter().map(|m| period_of(m, period_s)).max();
    let coarsest = i64::from(coarsest.unwrap_or(period_s)) * SECOND;
    gaps.extend(coarse(window, start, now, period_s));
    gaps.extend(late(window, now));
    Ok(Span {
        window,
        start: start.floor_to(coarsest),
        end: window.end.plus(coarsest - 1).floor_to(coarsest).min(over),
        over,
        period_s,
        gaps,
    })
}

fn gap(start: Timestamp, end: Timestamp, reason: String) -> Gap {
    Gap {
        what: String::new(),
        window: Window::new(start, end),
        reason,
    }
}

/// Says why the resolution is no finer, and from when on it could be.
fn coarse(window: Window, start: Timestamp, now: Timestamp, period_s: u32) -> Option<Gap> {
    let days = now.since(start) / DAY;
    if period_s == 60 {
        return None;
    }
    // The finest period of which some part of the window still has samples.
    let finer = RETENTION
        .iter()
        .find(|(limit, period)| *period < period_s && now.plus(EXPIRY_MARGIN - limit) < window.end);
    Some(match finer {
        Some((limit, period)) => gap(
            now.plus(EXPIRY_MARGIN - limit),
            window.end,
            format!(
                "asked at {period_s} s throughout, since the window begins {days} days ago; \
                 samples of {period} s exist for this part: pull a window of its own to get them"
            ),
        ),
        None => gap(
            window.start,
            window.end,
            format!(
                "{days} days old: samples of {period_s} s are the finest that CloudWatch still \
                 keeps; what is shorter cannot be seen"
            ),
        ),
    })
}

/// What is not there yet, and what may still change.
fn late(window: Window, now: Timestamp) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let newest = now.floor_to(MINUTE);
    let unsettled = now.plus(-SETTLED_AFTER).floor_to(MINUTE).max(window.start);
    if unsettled < window.end.min(newest) {
        gaps.push(gap(
            unsettled,
            window.end.min(newest),
            "less than ten minutes old when asked: these samples may still change or be \
             missing; pull again later"
                .into(),
        ));
    }
    if newest < window.end {
        gaps.push(gap(
            newest.max(window.start),
            window.end,
            "not over yet when asked: pull again later".into(),
        ));
    }
    gaps
}

/// One query of a `GetMetricData` call: what becomes one series, or part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// Id inside the call: `q0`.
    pub(super) id: String,
    /// Id of the series that it becomes; two spellings of one metric share it.
    pub(super) series: String,
    /// The metric in the table.
    pub(super) metric: &'static Metric,
    /// Its spelling in CloudWatch.
    pub(super) name: String,
    /// Statistic.
    pub(super) stat: &'static str,
    /// Storage class, where the metric has that dimension.
    pub(super) class: Option<String>,
    /// Period, seconds.
    pub(super) period_s: u32,
}

/// The queries for a file system: the spellings that CloudWatch lists, and all known ones where
/// it lists none, or where the window began before it forgot.
pub(super) fn queries(
    file_system: &str,
    listed: &Listed,
    span: &Span,
    now: Timestamp,
) -> Vec<Query> {
    let forgotten = now.since(span.window.start) >= LISTED_FOR;
    let mut out: Vec<Query> = Vec::new();
    for metric in METRICS {
        let mut names: Vec<String> = listed.names_of(metric);
        if names.is_empty() || forgotten {
            let known = metric.spellings.iter().map(|s| (*s).to_owned());
            names.extend(known);
        }
        let mut classes: Vec<Option<String>> = vec![None];
        if metric.by_storage_class {
            classes = listed.classes_of(metric).into_iter().map(Some).collect();
            if classes.is_empty() || forgotten {
                classes.extend(STORAGE_CLASSES.iter().map(|c| Some((*c).to_owned())));
            }
        }
        for (class, stat, name) in combinations(&classes, metric.stats, &names) {
            if out
                .iter()
                .any(|q| q.name == name && q.stat == stat && q.class == class)
            {
                continue;
            }
            out.push(Query {
                id: format!("q{}", out.len()),
                series: series_id(file_system, metric, class.as_deref(), stat),
                metric,
                name,
                stat,
                class,
                period_s: period_of(metric, span.period_s),
            });
        }
    }
    out
}

fn combinations(
    classes: &[Option<String>],
    stats: &'static [&'static str],
    names: &[String],
) -> Vec<(Option<String>, &'static str, String)> {
    let mut out = Vec::new();
    for class in classes {
        for stat in stats {
            for name in names {
                out.push((class.clone(), *stat, name.clone()));
            }
        }
    }
    out
}

/// `efs.fs-12345.MetadataIOBytes.Sum`, with the storage class before the statistic.
fn series_id(file_system: &str, metric: &Metric, class: Option<&str>, stat: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect()
    };
    let class = class.map(|c| format!(".{}", clean(c))).unwrap_or_default();
    format!("efs.{file_system}.{}{class}.{stat}", metric.id_name())
}

/// One `GetMetricData` call, before paging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Indices of its queries.
    pub(super) queries: std::ops::Range<usize>,
    /// First instant asked.
    pub(super) start: Timestamp,
    /// First instant after.
    pub(super) end: Timestamp,
}

/// The calls that get all of it within the limits of one call each, oldest first.
pub(super) fn calls(queries: &[Query], span: &Span) -> Vec<Call> {
    let mut out = Vec::new();
    for (i, group) in queries.chunks(MAX_QUERIES).enumerate() {
        let coarsest = i64::from(group.iter().map(|q| q.period_s).max().unwrap_or(60));
        // Samples of the group in one coarsest period, which every shorter one divides.
        let per_round: i64 = group
            .iter()
            .map(|q| coarsest / i64::from(q.period_s).max(1))
            .sum();
        let step = (MAX_DATAPOINTS / per_round.max(1)).max(1) * coarsest * SECOND;
        let first = i * MAX_QUERIES;
        let mut start = span.start;
        while start < span.end {
            let end = start.plus(step).min(span.end);
            out.push(Call {
                queries: first..first + group.len(),
                start,
                end,
            });
            start = end;
        }
    }
    out.sort_by_key(|call| call.start);
    out
}

/// Whether a sample of this period belongs to the answer: it touches the window and is over.
pub(super) fn belongs(at: Timestamp, period_s: u32, span: &Span) -> bool {
    let period = i64::from(period_s) * SECOND;
    span.window.start.floor_to(period) <= at && at < span.window.end && at.plus(period) <= span.over
}

/// Command that asks the same again, for the AWS command line.
pub(super) fn command(region: &str, queries: &[Query], file_system: &str, span: &Span) -> String {
    let list: Vec<serde_json::Value> = queries
        .iter()
        .map(|q| {
            let mut dimensions =
                vec![serde_json::json!({"Name": efs::FILE_SYSTEM, "Value": file_system})];
            if let Some(class) = &q.class {
                dimensions.push(serde_json::json!({"Name": efs::STORAGE_CLASS, "Value": class}));
            }
            serde_json::json!({"Id": q.id, "MetricStat": {
                "Metric": {"Namespace": efs::NAMESPACE, "MetricName": q.name, "Dimensions": dimensions},
                "Period": q.period_s, "Stat": q.stat}})
        })
        .collect();
    format!(
        "aws cloudwatch get-metric-data --region {region} --start-time {} --end-time {} \
         --scan-by TimestampAscending --metric-data-queries '{}'",
        span.start,
        span.end,
        serde_json::Value::from(list)
    )
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
