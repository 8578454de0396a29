//! What to ask for a window: which period still exists, which queries, and in how many calls.
//! Pure: `now` is an argument, nothing is asked.

use super::queries::Query;
use model::time::{DAY, HOUR, MINUTE, SECOND};
use model::{Gap, Timestamp, Window};

/// Greatest age at which samples of a period still exist, and that period in seconds; finest
/// first. From "Metrics retention" in the CloudWatch User Guide; see [`SUB_MINUTE`] for the rest.
const RETENTION: [(i64, u32); 3] = [(15 * DAY, 60), (63 * DAY, 300), (455 * DAY, 3600)];
/// A pull takes a while: what expires within it counts as gone.
const EXPIRY_MARGIN: i64 = 10 * MINUTE;
/// Greatest age at which samples of less than a minute exist.
const SUB_MINUTE: i64 = 3 * HOUR;
/// Data arrive late. How late is not documented; after ten minutes minute data of AWS services
/// hardly ever change.
const SETTLED_AFTER: i64 = 10 * MINUTE;
/// Queries that one `GetMetricData` call takes.
pub(super) const MAX_QUERIES: usize = 500;
/// Queries that a command shows.
const MAX_SHOWN: usize = 100;
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
    /// The finest period that the whole window still has, seconds; at least a minute.
    pub(super) period_s: u32,
    /// Whether the whole window is so new that periods under a minute are still there.
    pub(super) sub_minute: bool,
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

/// The period in which a metric with a sample every `every_s` seconds is asked in this span.
pub(super) fn period_of(every_s: u32, span: &Span) -> u32 {
    period_in(every_s, span.period_s, span.sub_minute)
}

fn period_in(every_s: u32, finest_s: u32, sub_minute: bool) -> u32 {
    if every_s < 60 && sub_minute && finest_s == 60 {
        return every_s.max(1);
    }
    // A multiple of the finest, as CloudWatch wants it.
    every_s.max(finest_s).div_ceil(finest_s) * finest_s
}

/// The least span that holds a whole number of each of these periods, seconds.
fn round_s(periods: impl Iterator<Item = u32>) -> i64 {
    fn common(a: i64, b: i64) -> i64 {
        if b == 0 { a } else { common(b, a % b) }
    }
    periods
        .map(|p| i64::from(p.max(1)))
        .fold(1, |round, p| round / common(round, p) * p)
}

/// What of the window can be asked, as of `now`.
///
/// One period for the whole window, the finest that its beginning still has: sums over different
/// periods in one series would read as a change.
/// `every_s`: seconds between two samples of each metric that is wanted.
pub(super) fn span(window: Window, now: Timestamp, every_s: &[u32]) -> Result<Span, Nothing> {
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
    let sub_minute = now.since(start) + EXPIRY_MARGIN <= SUB_MINUTE;
    let periods = every_s.iter().map(|e| period_in(*e, period_s, sub_minute));
    let coarsest = round_s(periods.chain([period_s])) * SECOND;
    gaps.extend(coarse(window, start, now, period_s));
    gaps.extend(late(window, now));
    Ok(Span {
        window,
        start: start.floor_to(coarsest),
        end: window.end.plus(coarsest - 1).floor_to(coarsest).min(over),
        over,
        period_s,
        sub_minute,
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
        let coarsest = round_s(group.iter().map(|q| q.period_s));
        // Samples of the group in the least span that every period divides.
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

/// Command that asks the same again, for the AWS command line: with the first queries, and the
/// number of those that are left out.
pub(super) fn command(region: &str, queries: &[Query], span: &Span) -> String {
    let list: Vec<serde_json::Value> = queries
        .iter()
        .take(MAX_SHOWN)
        .map(|q| {
            let dimensions: Vec<serde_json::Value> = q
                .dimensions
                .iter()
                .map(|(name, value)| serde_json::json!({"Name": name, "Value": value}))
                .collect();
            serde_json::json!({"Id": q.id, "MetricStat": {
                "Metric": {"Namespace": q.namespace, "MetricName": q.name, "Dimensions": dimensions},
                "Period": q.period_s, "Stat": q.stat}})
        })
        .collect();
    // A single quote inside a quoted argument of a shell.
    let list = serde_json::Value::from(list)
        .to_string()
        .replace('\'', r"'\''");
    let rest = match queries.len().saturating_sub(MAX_SHOWN) {
        0 => String::new(),
        n => format!(" # and {n} more"),
    };
    format!(
        "aws cloudwatch get-metric-data --region {region} --start-time {} --end-time {} \
         --scan-by TimestampAscending --metric-data-queries '{list}'{rest}",
        span.start, span.end,
    )
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
