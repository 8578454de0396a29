//! Logs of the kubelet, the journal, syslog or a container: recurring messages as templates, each
//! with its count per minute.
//!
//! The log is read line by line, once, in memory that does not grow with it: the number of
//! templates, the cells of their curves, and what is looked at of a line are bounded, and whatever
//! exceeds a bound is counted and named in the gaps. Bytes that are no text are shown as `�`.
//!
//! klog and syslog write no year and no zone: see [`super::clock`]. A log whose newest line would
//! be half a year older than its observation contradicts it, and is asked about.

mod line;
mod symptoms;
mod tally;
mod template;

use super::{
    clock::{Clock, Scale, Written},
    reading::{Reading, series_id},
};
use crate::BundleError;
use line::Severity;
use model::{
    Batch, Event, EventKind, ObjectRef, Samples, SeriesMeta, Timestamp, Window,
    bundle::{QuestionField, RawFile, sha256_hex},
    time::{DAY, HOUR, MINUTE},
    topology::k8s_id,
    words::be,
};
use std::collections::BTreeMap;
use tally::{Pattern, Tally};

/// The `source` of events, series and provenance that come from logs.
pub(crate) const SOURCE: &str = "kubelet-log";

/// Patterns that become an event and a series; the rest is counted in a gap. More lanes than this
/// nobody reads.
const MAX_NOTABLE: usize = 30;
/// A plain message is notable where it comes this often, as floods do…
const FLOOD: u64 = 1_000;
/// …or is this share of all lines.
const FLOOD_SHARE: f64 = 0.05;
/// Longest span that is counted by the minute; a longer one is counted by the hour.
const BY_MINUTE: i64 = 31 * DAY;
/// Longest span whose empty periods are written as zeros.
const FILLED: i64 = 3_660 * DAY;
/// A newest line that much older than the observation contradicts it.
const TOO_OLD: i64 = 180 * DAY;

/// Whether a line is one of a log.
pub(crate) fn is_log(line: &[u8]) -> bool {
    line::is_log(line)
}

/// Whether a line begins with klog's head.
pub(crate) fn is_klog(line: &[u8]) -> bool {
    line::is_klog(line)
}

/// Reads a log. Never fails: what cannot be read is counted.
#[expect(clippy::unnecessary_wraps, reason = "the form of every reader")]
pub(crate) fn read(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    let clock = Clock::of(file);
    let mut tally = Tally::default();
    tally.take(&file.content, &clock);
    let mut reading = Reading::new(file, SOURCE);
    let clock = settled(clock, &tally, window, &mut reading);
    let mut chosen: Vec<(usize, &Pattern)> = notable(&tally);
    let rest = tally.patterns.len() - chosen.len().min(MAX_NOTABLE);
    chosen.truncate(MAX_NOTABLE);
    let span = tally.span(&clock);
    for (id, pattern) in &chosen {
        add(&mut reading, &tally, *id, pattern, &clock, span);
    }
    say_rest(&mut reading, &tally, &chosen, rest);
    tally.passes.tell(&mut reading, &clock);
    Ok(reading.finish())
}

/// Known symptoms first, then the worst, then the most frequent; plain messages only where they
/// are a flood.
fn notable(tally: &Tally) -> Vec<(usize, &Pattern)> {
    let flood = (tally.lines as f64 * FLOOD_SHARE).max(FLOOD as f64);
    let mut all: Vec<(bool, usize, &Pattern)> = tally
        .patterns
        .iter()
        .enumerate()
        .map(|(id, pattern)| (symptom(tally, id, pattern).is_some(), id, pattern))
        .filter(|(known, _, p)| *known || p.severity > Severity::Info || p.count as f64 >= flood)
        .collect();
    all.sort_by_key(|(known, id, p)| {
        let bad = p.severity.max(Severity::Warning);
        (!known, std::cmp::Reverse((bad, p.count)), *id)
    });
    all.into_iter().map(|(_, id, p)| (id, p)).collect()
}

fn symptom(tally: &Tally, id: usize, pattern: &Pattern) -> Option<&'static str> {
    symptoms::of(&tally.templates.text(id)).or_else(|| symptoms::of(&pattern.example))
}

/// Asks for what is missing, and takes away a clock that the log contradicts.
fn settled(mut clock: Clock, tally: &Tally, window: Window, reading: &mut Reading<'_>) -> Clock {
    if tally.last_of(Scale::Yearless).is_some() || tally.last_of(Scale::Local).is_some() {
        reading.ask_zone(&clock);
    }
    let Some(last) = tally.last_of(Scale::Yearless) else {
        return clock;
    };
    let proposal = || proposed(last, window);
    match clock.observed_at {
        None => reading.ask(
            QuestionField::ObservedAt,
            "the times of this log have no year: when does it end?",
            proposal(),
        ),
        Some(observed) => {
            let newest = tally.newest(&clock, Scale::Yearless);
            if let Some(newest) = newest.filter(|at| observed.since(*at) > TOO_OLD) {
                let age = observed.since(newest) / DAY;
                reading.ask(
                    QuestionField::ObservedAt,
                    &format!(
                        "taken at {}, its newest line would be {age} days old ({}): when does \
                         the log end?",
                        observed.minute(),
                        newest.minute()
                    ),
                    proposal(),
                );
                clock.observed_at = None;
            }
        }
    }
    if !clock.knows(Scale::Yearless) {
        let unknown = match (clock.observed_at, clock.zone.is_some()) {
            (None, true) => "the year is not known",
            (Some(_), false) => "the time zone is not known",
            _ => "year and time zone are not known",
        };
        reading.gap(&format!("the times of its lines are unknown: {unknown}"));
    }
    clock
}

/// The end of the log in the year that puts it nearest to the window; in UTC, as most nodes are.
fn proposed(last: Written, window: Window) -> String {
    let end = window.end;
    let utc = Clock {
        observed_at: Some(end.plus(TOO_OLD)),
        zone: super::clock::zone("UTC"),
        bad_zone: None,
    };
    // Up to the next whole minute: the observation lies after the last line.
    utc.instant(last)
        .map(|at| at.floor_to(MINUTE).plus(MINUTE).to_string())
        .unwrap_or_default()
}

fn add(
    reading: &mut Reading<'_>,
    tally: &Tally,
    id: usize,
    pattern: &Pattern,
    clock: &Clock,
    span: Option<(Timestamp, Timestamp)>,
) {
    let template = tally.templates.text(id);
    let short = crate::kubernetes::short(&template, 120);
    let host = pattern.host().unwrap_or_default();
    let times = |at: Option<Written>| at.and_then(|at| clock.instant(at));
    let (first, last) = (times(pattern.first), times(pattern.last));
    let (start, end) = match (first, last) {
        (Some(a), Some(b)) => (Some(a.min(b)), Some(a.max(b))),
        (a, b) => (a.or(b), None),
    };
    let count = grouped(pattern.count);
    let mut event = Event {
        kind: EventKind::LogPattern,
        start,
        end,
        title: if pattern.count == 1 {
            format!("Log: {short}")
        } else {
            format!("Log, {count} times: {short}")
        },
        node: host.clone(),
        source: SOURCE.into(),
        ..Event::default()
    };
    if !host.is_empty() {
        event.object = ObjectRef {
            kind: "Node".into(),
            name: host.clone(),
        };
    }
    let mut set = |name: &str, value: serde_json::Value| {
        event.attributes.insert(name.into(), value);
    };
    set("count", pattern.count.into());
    set("severity", pattern.severity.as_str().into());
    set("template", template.clone().into());
    set("example", pattern.example.clone().into());
    if !pattern.site.is_empty() {
        set("site", pattern.site.clone().into());
    }
    if let Some(sign) = symptom(tally, id, pattern) {
        set("symptom", sign.into());
    }
    reading.event(pattern.line, event);
    let samples = curve(pattern, clock, span);
    if samples.0.is_empty() {
        return;
    }
    let digest = sha256_hex(format!("{}\n{template}", pattern.site).as_bytes());
    let digest: String = digest.chars().take(10).collect();
    let base = series_id(&reading.file.path);
    let base = base.get(base.len().saturating_sub(110)..).unwrap_or(&base);
    let mut dimensions = BTreeMap::from([
        ("file".to_owned(), reading.file.path.clone()),
        ("template".to_owned(), template),
    ]);
    if !pattern.program.is_empty() {
        dimensions.insert("program".into(), pattern.program.clone());
    }
    let meta = SeriesMeta {
        id: format!("{base}.{digest}"),
        name: short,
        source: SOURCE.into(),
        dimensions,
        stat: "Sum".into(),
        unit: "Count".into(),
        period_s: u32::try_from(samples.1 / 1_000).ok(),
        resource: (!host.is_empty()).then(|| k8s_id("", "", "Node", &host)),
        ..SeriesMeta::default()
    };
    reading.series(meta, samples.0);
}

/// Counts per period; where the log says nothing of the message while it goes on, zero.
fn curve(pattern: &Pattern, clock: &Clock, span: Option<(Timestamp, Timestamp)>) -> (Samples, i64) {
    let Some((first, last)) = span else {
        return (Samples::default(), MINUTE);
    };
    let length = last.since(first);
    let period = if length <= BY_MINUTE { MINUTE } else { HOUR };
    let mut counts: BTreeMap<Timestamp, f64> = BTreeMap::new();
    for (key, n) in &pattern.cells {
        if let Some(at) = clock.instant(Written::of_minute_key(*key)) {
            *counts.entry(at.floor_to(period)).or_default() += f64::from(*n);
        }
    }
    if counts.is_empty() {
        return (Samples::default(), period);
    }
    if length <= FILLED {
        let mut at = first.floor_to(period);
        while at <= last {
            counts.entry(at).or_default();
            at = at.plus(period);
        }
    }
    (
        Samples::from_unordered(counts.into_iter().collect()),
        period,
    )
}

fn say_rest(reading: &mut Reading<'_>, tally: &Tally, chosen: &[(usize, &Pattern)], rest: usize) {
    let shown: u64 = chosen.iter().map(|(_, p)| p.count).sum();
    let others = tally.lines.saturating_sub(shown);
    if others > 0 {
        reading.gap(&format!(
            "{}, {} of them in {} further {}, {} counted and not shown; the file has them",
            lines(others),
            grouped(others.saturating_sub(tally.untold)),
            grouped(rest as u64),
            if rest == 1 { "pattern" } else { "patterns" },
            be(usize::try_from(others).unwrap_or(usize::MAX)),
        ));
    }
    let mut say = |n: u64, what: &str| {
        if n > 0 {
            reading.gap(&format!("{} {what}", lines(n)));
        }
    };
    say(tally.without_time, "without a time, in no curve");
    say(tally.long, "longer than 64 KiB, cut there");
    say(tally.untold, "of more patterns than are told apart");
    say(tally.uncounted, "in no curve: too many different minutes");
}

fn lines(n: u64) -> String {
    let noun = if n == 1 { "line" } else { "lines" };
    format!("{} {noun}", grouped(n))
}

/// `41,210`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
