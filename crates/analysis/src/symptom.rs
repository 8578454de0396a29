//! What people felt, measured: the symptom series, when it left normal and when it came back.

mod span;

use crate::{
    case::{Case, Signal},
    credits,
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
/// Least rise of the share that fails, as a share of all: one request in two hundred.
const LEAST_FAILING: f64 = 0.005;

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

/// What the size of a change between two levels is measured by: the smaller of them. Of a share that
/// should be all (availability, success) it is what is missing of it: 97 instead of 99.9 % is no fall
/// by three hundredths but a failure thirty times as frequent.
fn yardstick(signal: &Signal, bad: Direction, a: f64, b: f64) -> f64 {
    match all_of(signal).filter(|_| bad == Direction::Down) {
        Some(all) => {
            let missing = (all - a).min(all - b).max(0.0);
            missing.max(all * LEAST_FAILING / LEAST)
        }
        None => a.abs().min(b.abs()),
    }
}

/// What a series of a share is where all is well: 1 or 100. `None` for what is no share.
fn all_of(signal: &Signal) -> Option<f64> {
    let shares = bad_direction(signal) == Direction::Down;
    let most = signal.data.values.iter().copied().reduce(f64::max)?;
    let least = signal.data.values.iter().copied().reduce(f64::min)?;
    // A count of healthy hosts is neither near 1 nor near 100.
    [1.0, 100.0]
        .into_iter()
        .find(|all| shares && least >= 0.0 && (0.9 * all..=1.001 * all).contains(&most))
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
    felt_by_name(case)
}

fn felt_by_name<'c>(case: &'c Case<'_>) -> Vec<&'c Signal> {
    let felt = |s: &&Signal| {
        let name = lower(s);
        FELT.iter().any(|w| name.contains(w))
            && !NOT_FELT.iter().any(|w| name.contains(w))
            && !s.meta.stat.eq_ignore_ascii_case("samplecount")
    };
    case.signals.iter().filter(felt).collect()
}

/// Symptoms whose weights differ by less than this factor show it equally well.
const ALIKE: f64 = 2.0;

/// The impact: on the symptom series that shows it best, and of those that show it about as well,
/// on the one that was hit first.
///
/// Usually latencies and errors rise and availability falls. Where somebody named the symptom and
/// nothing went that way, its going the other way is what they mean: requests that stay away, a
/// throughput that was cut.
pub(crate) fn impact(case: &Case<'_>) -> Option<MeasuredImpact> {
    let named = !case.evidence.symptom.is_empty();
    best(case, bad_direction)
        .or_else(|| just_begun(case))
        .or_else(|| best(case, |s| other(bad_direction(s))).filter(|_| named))
        .or_else(|| behind(case).filter(|_| named))
}

/// Least size of a change behind a symptom that does not show it, as a share of the normal level.
const BEHIND: f64 = 0.35;

/// Where the series that somebody named shows nothing, it may drown in its noise what a service
/// behind it shows clearly: of the series that people feel by their names the clearest.
fn behind(case: &Case<'_>) -> Option<MeasuredImpact> {
    let stated = case.evidence.impact.map(|i| i.start);
    felt_by_name(case)
        .into_iter()
        .filter(|s| !case.evidence.symptom.contains(&s.meta.id))
        .filter_map(|s| impact_on(case, s, bad_direction(s)))
        .filter(|(_, i)| (i.during - i.normal).abs() >= BEHIND * i.normal.abs())
        .filter(|(_, i)| stated.is_none_or(|s| i.start.since(s).saturating_abs() <= HOUR))
        .max_by(|a, b| {
            a.0.total_cmp(&b.0)
                .then_with(|| b.1.series.cmp(&a.1.series))
        })
        .map(|(_, impact)| impact)
}

fn best(case: &Case<'_>, bad: impl Fn(&Signal) -> Direction) -> Option<MeasuredImpact> {
    let all: Vec<(f64, MeasuredImpact)> = signals(case)
        .into_iter()
        // A balance that falls is on its way to hurt somebody: that is the driver's business.
        .filter(|signal| !credits::is_balance(signal))
        .filter_map(|signal| impact_on(case, signal, bad(signal)))
        .collect();
    let most = all.iter().map(|(w, _)| *w).fold(0.0, f64::max);
    // Series that nobody named are a guess: of those the clearest counts.
    let alike = if case.evidence.symptom.is_empty() {
        1.0
    } else {
        ALIKE
    };
    all.into_iter()
        .filter(|(w, _)| *w * alike >= most)
        .min_by(|(v, a), (w, b)| a.start.cmp(&b.start).then(w.total_cmp(v)))
        .map(|(_, impact)| impact)
}

/// The series that shows what was felt: the measured one, else the first that somebody named.
pub(crate) fn shown_by<'c>(
    case: &'c Case<'_>,
    impact: Option<&MeasuredImpact>,
) -> Option<&'c Signal> {
    let named = || case.evidence.symptom.iter().find_map(|id| case.signal(id));
    impact.and_then(|i| case.signal(&i.series)).or_else(named)
}

/// A stated start may be this much late and still be right about the samples around it.
const LATE: i64 = HOUR / 4;

/// From when on resources are compared with themselves: the stated start, because a measured one
/// may be another change of the same series; where that came up to an hour before on a series that
/// somebody named, and was still going on, the measured one.
pub(crate) fn felt_from(case: &Case<'_>, impact: Option<&MeasuredImpact>) -> Option<Timestamp> {
    let Some(stated) = case.evidence.impact.map(|i| i.start) else {
        return impact.map(|i| i.start);
    };
    let earlier = impact.filter(|i| {
        (LATE..=HOUR).contains(&stated.since(i.start))
            && i.end.is_none_or(|end| end > stated)
            && case.evidence.symptom.contains(&i.series)
    });
    Some(earlier.map_or(stated, |i| i.start))
}

fn other(way: Direction) -> Direction {
    match way {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
    }
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
            let end = span::end(signal, start, &young, bad);
            return measured(case, signal, start, end, bad)
                .filter(|i| worse_by(signal, i, bad) > 0.0);
        }
    }
    None
}

fn impact_on(case: &Case<'_>, signal: &Signal, bad: Direction) -> Option<(f64, MeasuredImpact)> {
    let stated = case.evidence.impact.map(|i| i.start);
    let weight = |c: &ChangePoint| {
        let unit = match all_of(signal).filter(|_| bad == Direction::Down) {
            Some(_) => yardstick(signal, bad, c.before, c.before),
            None => c.before.abs(),
        };
        let size = (c.after - c.before).abs() / unit.max(1e-9);
        let near = stated.map_or(1.0, |s| {
            1.0 / (1.0 + c.at.since(s).saturating_abs() as f64 / HOUR as f64)
        });
        c.confidence * size.min(100.0).sqrt() * near
    };
    let mut changes: Vec<&ChangePoint> = signal
        .sure(SURE)
        .filter(|c| c.direction == bad && c.kind != ChangeKind::Variance)
        .filter(|c| c.at >= case.window.start && c.at < case.window.end)
        .filter(|c| (c.after - c.before).abs() >= LEAST * yardstick(signal, bad, c.before, c.after))
        .collect();
    changes.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.at.cmp(&b.at)));
    changes.into_iter().find_map(|change| {
        let start = span::onset(signal, change, bad, stated);
        let end = span::end(signal, start, change, bad);
        let impact = measured(case, signal, start, end, bad)?;
        // What only came back from better than usual hurts nobody, nor does every day's morning.
        let hurts =
            worse_by(signal, &impact, bad) >= LEAST && !span::is_daily(&signal.data, &impact, bad);
        hurts.then(|| (weight(change), impact))
    })
}

/// By how much of its [`yardstick`] the level during the impact is worse than normal; negative where
/// it is better.
fn worse_by(signal: &Signal, impact: &MeasuredImpact, bad: Direction) -> f64 {
    let gain = match bad {
        Direction::Up => impact.during - impact.normal,
        Direction::Down => impact.normal - impact.during,
    };
    let least = yardstick(signal, bad, impact.during, impact.normal);
    if gain > 0.0 && least <= 0.0 {
        f64::INFINITY
    } else {
        gain / least.max(f64::MIN_POSITIVE)
    }
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
        normal: span::normal(&signal.data, start, until)?,
        during: signal.data.median_between(start, until)?,
        worst,
    })
}
