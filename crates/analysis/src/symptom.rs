//! What people felt, measured: the symptom series, when it left normal and when it came back.

use crate::{
    case::{Case, Signal},
    series::robust,
};
use model::{
    Timestamp,
    analysis::{ChangeKind, ChangePoint, Direction, MeasuredImpact},
    time::HOUR,
};

/// Words in the name of a series that people feel, where nobody named the symptom.
const FELT: [&str; 8] = [
    "latency",
    "responsetime",
    "response_time",
    "duration",
    "availability",
    "errorrate",
    "error_rate",
    "5xx",
];
/// Words that mark a series as somebody else's latency.
const NOT_FELT: [&str; 7] = ["database", "rds", "sql", "dns", "volume", "disk", "lambda"];
/// Least confidence of a change of the symptom.
const SURE: f64 = 0.75;
/// Least size of a symptom, as a share of the normal level: people do not feel a tenth.
const LEAST: f64 = 0.15;

/// Which way is bad.
pub(crate) fn bad_direction(signal: &Signal) -> Direction {
    let name = lower(signal);
    let down = ["availability", "success", "healthy", "apdex", "uptime"];
    if down.iter().any(|w| name.contains(w)) && !name.contains("unhealthy") {
        Direction::Down
    } else {
        Direction::Up
    }
}

/// Name and id in lower case.
pub(crate) fn lower(signal: &Signal) -> String {
    format!("{} {}", signal.meta.name, signal.meta.id).to_ascii_lowercase()
}

/// The series that show what people felt: those that were named, else those whose name says so.
pub(crate) fn signals<'c>(case: &'c Case<'_>) -> Vec<&'c Signal> {
    let named: Vec<&Signal> = case
        .evidence
        .symptom
        .iter()
        .filter_map(|id| case.signal(id))
        .collect();
    if !named.is_empty() {
        return named;
    }
    let felt = |s: &&Signal| {
        let name = lower(s);
        FELT.iter().any(|w| name.contains(w))
            && !NOT_FELT.iter().any(|w| name.contains(w))
            && !s.meta.stat.eq_ignore_ascii_case("samplecount")
    };
    case.signals.iter().filter(felt).collect()
}

/// The impact on the symptom series that shows it best.
pub(crate) fn impact(case: &Case<'_>) -> Option<MeasuredImpact> {
    let mut best: Option<(f64, MeasuredImpact)> = None;
    for signal in signals(case) {
        if let Some((weight, impact)) = impact_on(case, signal)
            && best.as_ref().is_none_or(|(w, _)| weight > *w)
        {
            best = Some((weight, impact));
        }
    }
    best.map(|(_, impact)| impact).or_else(|| just_begun(case))
}

/// Robust standard deviations from which on a single sample is out of the ordinary.
const ODD: f64 = 4.0;

/// An impact that somebody stated and that is too young for a change point: the first of the odd
/// samples that lead up to it.
fn just_begun(case: &Case<'_>) -> Option<MeasuredImpact> {
    let stated = case.evidence.impact?.start;
    for signal in signals(case) {
        let data = &signal.data;
        let from = data.index(stated.plus(-HOUR));
        let before = data.calm.get(..from).unwrap_or(&[]);
        let Some((centre, spread)) = robust::centre_and_spread(before) else {
            continue;
        };
        let unit = spread.max(0.002 * centre.abs());
        let bad = bad_direction(signal);
        let odd = |v: &f64| match bad {
            Direction::Up => (v - centre) / unit >= ODD,
            Direction::Down => (centre - v) / unit >= ODD,
        };
        let near = data.calm.get(from..).unwrap_or(&[]);
        if unit > 0.0
            && before.len() >= 12
            && let Some(k) = near.iter().position(odd)
            && data.at(from + k) <= stated.plus(HOUR)
        {
            let start = data.at(from + k);
            let young = ChangePoint {
                series: String::new(),
                at: start,
                direction: bad,
                before: centre,
                after: data.median_between(start, start.plus(HOUR))?,
                confidence: SURE,
                kind: ChangeKind::Level,
                uncertainty_s: data.step_ms / 1000,
            };
            let end = end_of(signal, start, &young, bad);
            return measured(case, signal, start, end, bad);
        }
    }
    None
}

fn impact_on(case: &Case<'_>, signal: &Signal) -> Option<(f64, MeasuredImpact)> {
    let bad = bad_direction(signal);
    let stated = case.evidence.impact.map(|i| i.start);
    let weight = |c: &ChangePoint| {
        let size = (c.after - c.before).abs() / c.before.abs().max(1e-9);
        let near = stated.map_or(1.0, |s| {
            1.0 / (1.0 + c.at.since(s).saturating_abs() as f64 / HOUR as f64)
        });
        c.confidence * size.min(100.0).sqrt() * near
    };
    let change = signal
        .sure(SURE)
        .filter(|c| c.direction == bad && c.kind != ChangeKind::Variance)
        .filter(|c| c.at >= case.window.start && c.at < case.window.end)
        .filter(|c| (c.after - c.before).abs() >= LEAST * c.before.abs().min(c.after.abs()))
        .max_by(|a, b| weight(a).total_cmp(&weight(b)).then(b.at.cmp(&a.at)))?;
    let start = onset_of_run(signal, change, bad);
    let end = end_of(signal, start, change, bad);
    Some((weight(change), measured(case, signal, start, end, bad)?))
}

/// The first change of a run in the bad direction that ends in this one without coming back.
fn onset_of_run(signal: &Signal, change: &ChangePoint, bad: Direction) -> Timestamp {
    let mut start = change.at;
    for c in signal.sure(SURE).rev().filter(|c| c.at < change.at) {
        if c.direction != bad || change.at.since(c.at) > 6 * HOUR {
            break;
        }
        start = c.at;
    }
    start
}

/// When it came back: the first change the good way after which less than a third of the excess is
/// left.
fn end_of(
    signal: &Signal,
    start: Timestamp,
    change: &ChangePoint,
    bad: Direction,
) -> Option<Timestamp> {
    let normal = signal
        .sure(0.0)
        .find(|c| c.at == start)
        .map_or(change.before, |c| c.before);
    let excess = (change.after - normal).abs();
    signal
        .sure(0.5)
        .find(|c| {
            let left = match bad {
                Direction::Up => c.after - normal,
                Direction::Down => normal - c.after,
            };
            c.at > change.at && c.direction != bad && left < excess / 3.0
        })
        .map(|c| c.at)
}

fn measured(
    case: &Case<'_>,
    signal: &Signal,
    start: Timestamp,
    end: Option<Timestamp>,
    bad: Direction,
) -> Option<MeasuredImpact> {
    let until = end.unwrap_or(case.window.end);
    let inside = signal.data.between(start, until);
    let worst = match bad {
        Direction::Up => inside.iter().copied().fold(f64::MIN, f64::max),
        Direction::Down => inside.iter().copied().fold(f64::MAX, f64::min),
    };
    Some(MeasuredImpact {
        series: signal.meta.id.clone(),
        start,
        end,
        normal: signal
            .data
            .median_between(Timestamp::from_millis(0), start)?,
        during: signal.data.median_between(start, until)?,
        worst,
    })
}
