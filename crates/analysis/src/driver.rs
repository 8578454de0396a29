//! The driver: the series whose onset the suspects are measured against.
//!
//! Followed backwards from the symptom. Where a burst balance ran out at the symptom's onset, or is
//! draining, the driver is what spends the credits, and its onset may lie days before the symptom.
//! Otherwise it is the earliest well-confirmed change that is still there when the symptom begins
//! and hangs together with it (topology, or both end together); else the symptom itself.

mod alternatives;
mod growth;
mod onset;

pub(crate) use alternatives::{alternatives, later};

use crate::{
    case::{Case, Signal},
    credits,
    topology::Topology,
};
use model::{
    Timestamp, Window,
    analysis::{ChangeKind, Credit, CreditState, Driver, Explained, MeasuredImpact},
    time::{DAY, HOUR, MINUTE, span_text},
};

/// The driver with what the suspects need to know about it.
pub(crate) struct Found {
    /// As it is shown.
    pub driver: Driver,
    /// When it came back to normal.
    pub ended: Option<Timestamp>,
    /// Whether physics connects it with the symptom (burst credits).
    pub physical: bool,
    /// Share of the I/O that the driver is of all that changed (1 when alone).
    pub share: f64,
    /// Later onsets that follow from it: the balance, the symptom.
    pub follows: Vec<(String, Timestamp)>,
}

impl Found {
    /// What a suspect that began at `start` explains.
    pub(crate) fn explained(&self, start: Timestamp) -> Vec<Explained> {
        std::iter::once((&self.driver.series, self.driver.onset))
            .chain(self.follows.iter().map(|(s, t)| (s, *t)))
            .map(|(series, at)| Explained {
                series: series.clone(),
                at,
                lag_s: at.since(start) / 1000,
            })
            .collect()
    }
}

/// Longest time from an empty balance to what people feel: throttling works at once, caches hide
/// it for a while.
const FELT_AFTER: i64 = 3 * HOUR;

/// The driver, where there is one.
pub(crate) fn driver(
    case: &Case<'_>,
    all: &[Credit],
    impact: Option<&MeasuredImpact>,
    topology: &Topology,
) -> Option<Found> {
    let felt = impact
        .map(|i| i.start)
        .or(case.evidence.impact.map(|i| i.start));
    // What was stated may fit where the measured start does not: a rise long before the trouble.
    let stated_at = case.evidence.impact.map(|i| i.start);
    credit_behind(case, all, felt)
        .or_else(|| credit_behind(case, all, stated_at))
        .and_then(|credit| spender(case, credit, impact, felt))
        .or_else(|| impact.and_then(|impact| upstream(case, impact, topology)))
        .or_else(|| stated(case))
}

/// Latest that a stated impact is stated: three periods of five minutes.
const STATED_LATE: i64 = 15 * MINUTE;

/// Where somebody states an impact that the series named for it does not show: that series, from
/// the time that was stated on. An alarm may come three periods of five minutes after its cause, and
/// nobody feels it before: the onset lies in the quarter of an hour before.
fn stated(case: &Case<'_>) -> Option<Found> {
    let at = case.evidence.impact?.start;
    let mut named = case.evidence.symptom.iter();
    let signal = named.find_map(|id| case.signal(id))?;
    Some(Found {
        driver: Driver {
            series: signal.meta.id.clone(),
            onset: at.plus(-STATED_LATE / 2),
            uncertainty_s: STATED_LATE / 2 / 1000,
            before: signal.data.median_between(case.window.start, at)?,
            after: signal.data.median_between(at, case.window.end)?,
            mechanism: "the symptom as it was stated: the series shows no change of its own".into(),
        },
        ended: case.evidence.impact.and_then(|i| i.end),
        physical: false,
        share: 1.0,
        follows: Vec::new(),
    })
}

/// The balance that explains the symptom: empty when it began, else draining.
fn credit_behind<'a>(
    case: &Case<'_>,
    all: &'a [Credit],
    felt: Option<Timestamp>,
) -> Option<&'a Credit> {
    let drained = all.iter().filter(|c| c.drain_start.is_some());
    let empty = drained.clone().filter(|c| {
        let Some(at) = c.exhausted_at else {
            return false;
        };
        felt.is_none_or(|felt| {
            let back = c.recovery_start.unwrap_or(Timestamp::MAX);
            at.since(felt) <= 20 * MINUTE && (felt.since(at) <= FELT_AFTER || felt < back)
        })
    });
    let falling = drained.filter(|c| {
        let running = c.state == CreditState::Draining
            || (c.exhausted_at.is_none() && (c.state == CreditState::Recovering || deep(case, c)));
        let before = felt
            .zip(c.drain_start)
            .is_none_or(|(felt, from)| from <= felt.plus(HOUR));
        running && before
    });
    empty
        .min_by_key(|c| (c.exhausted_at, &c.series))
        .or(falling.min_by_key(|c| (c.drain_start, &c.series)))
}

/// Share of the largest balance that a drain takes before it matters though nobody felt it and it is
/// over: no ordinary day does that.
const DEEP: f64 = 0.25;

/// Whether a drain took much of the balance.
fn deep(case: &Case<'_>, credit: &Credit) -> bool {
    let Some((signal, from)) = case.signal(&credit.series).zip(credit.drain_start) else {
        return false;
    };
    let most = signal.data.values.iter().copied().fold(0.0, f64::max);
    let after = signal.data.between(from, case.window.end);
    let least = after.iter().copied().fold(f64::MAX, f64::min);
    credit
        .balance_before
        .is_some_and(|b| b - least >= DEEP * most)
}

/// What spends the credits: the part of the I/O whose excess over its level before is largest.
fn spender(
    case: &Case<'_>,
    credit: &Credit,
    impact: Option<&MeasuredImpact>,
    felt: Option<Timestamp>,
) -> Option<Found> {
    let balance = case.signal(&credit.series)?;
    let from = credit.drain_start?;
    let until = credit
        .exhausted_at
        .or(credit.recovery_start)
        .unwrap_or(case.window.end)
        .max(from.plus(balance.data.step_ms * 4));
    let from = last_at_top(balance, from, until);
    let parts: Vec<(&Signal, Excess)> = case
        .beside(&balance.meta, spenders_of(balance))
        .into_iter()
        .filter(|s| !s.meta.stat.eq_ignore_ascii_case("samplecount"))
        .filter_map(|s| Some((s, excess(s, from, until)?)))
        .collect();
    let total: f64 = parts.iter().map(|(_, e)| e.rate.max(0.0)).sum();
    let most = parts
        .into_iter()
        .filter(|(_, e)| e.rate > 0.0)
        .max_by(|a, b| a.1.rate.total_cmp(&b.1.rate).then(b.0.id().cmp(a.0.id())));
    let metered = || {
        let signal = case
            .beside(&balance.meta, &credits::METERED)
            .into_iter()
            .next()?;
        Some((
            signal,
            excess(signal, from, until).filter(|e| e.rate > 0.0)?,
        ))
    };
    let mut follows = vec![(credit.series.clone(), from)];
    follows.extend(impact.map(|i| (i.series.clone(), i.start)));
    let Some((signal, size)) = most.or_else(metered) else {
        return Some(balance_itself(balance, credit, follows));
    };
    let onset = onset::onset(signal, from, until, &size);
    Some(Found {
        driver: Driver {
            series: signal.meta.id.clone(),
            onset: onset.at,
            uncertainty_s: onset.uncertainty_s,
            before: size.before,
            after: size.after,
            mechanism: mechanism(signal, &size, credit, felt),
        },
        ended: if credit.exhausted_at.is_some() {
            // Throttling cuts the I/O as soon as the credits are gone: that is not its end.
            credit.recovery_start
        } else {
            ended(signal, onset.at, size.before, size.after)
        },
        physical: true,
        share: if total > 0.0 { size.rate / total } else { 1.0 },
        follows,
    })
}

/// What spends the credits of a balance: a volume's are operations, an instance's are CPU time.
fn spenders_of(balance: &Signal) -> &'static [&'static str] {
    let name = balance.meta.label().to_ascii_lowercase();
    if name.contains("cpu") {
        &["CPUUtilization", "CPUCreditUsage"]
    } else if balance.meta.namespace == "AWS/EBS" || name.starts_with("burstbalance") {
        &["VolumeReadOps", "VolumeWriteOps"]
    } else {
        &credits::COMPONENTS
    }
}

/// A drain cannot have begun while the balance still stood where it was fullest: the last sample
/// within a hundredth of the fall from there.
fn last_at_top(balance: &Signal, from: Timestamp, until: Timestamp) -> Timestamp {
    let data = &balance.data;
    let (first, last) = (data.index(from), data.index(until));
    let Some(values) = data.values.get(first..last.max(first)) else {
        return from;
    };
    let top = values.iter().copied().fold(f64::MIN, f64::max);
    let low = values.last().copied().unwrap_or(top);
    let near = top - 0.01 * (top - low).max(0.0);
    let at = values.iter().rposition(|v| *v >= near);
    at.map_or(from, |i| data.at(first + i))
}

/// Without I/O series the balance's own fall has to do.
fn balance_itself(balance: &Signal, credit: &Credit, follows: Vec<(String, Timestamp)>) -> Found {
    let onset = credit.drain_start.unwrap_or_default();
    Found {
        driver: Driver {
            series: credit.series.clone(),
            onset,
            uncertainty_s: (4 * balance.data.step_ms / 1000).max(60),
            before: credit.balance_before.unwrap_or(0.0),
            after: credit.balance.unwrap_or(0.0),
            mechanism: "the balance itself: no series says what spent the credits".into(),
        },
        ended: credit.recovery_start,
        physical: true,
        share: 1.0,
        follows: follows.into_iter().skip(1).collect(),
    }
}

/// Levels of a series before and during a drain.
struct Excess {
    before: f64,
    after: f64,
    /// After less before, per second.
    rate: f64,
}

fn excess(signal: &Signal, from: Timestamp, until: Timestamp) -> Option<Excess> {
    let data = &signal.data;
    // The day before, so that the time of day weighs alike on both sides; what there is, else.
    let before = mean(data.between(from.plus(-DAY), from.plus(-5 * MINUTE)))
        .or_else(|| mean(data.between(Timestamp::MIN, from)))?;
    let after = mean(data.between(from, until))?;
    let seconds = if signal.meta.stat.eq_ignore_ascii_case("sum") {
        data.step_ms as f64 / 1000.0
    } else {
        1.0
    };
    Some(Excess {
        before,
        after,
        rate: (after - before) / seconds,
    })
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// When a series came back: its first change downwards after which less than a third of the excess
/// is left.
fn ended(signal: &Signal, onset: Timestamp, before: f64, after: f64) -> Option<Timestamp> {
    let way = (after - before).signum();
    signal
        .sure(0.5)
        .filter(|c| c.kind != ChangeKind::Variance && c.at > onset)
        .find(|c| (c.after - before) * way < (after - before).abs() / 3.0)
        .map(|c| c.at)
}

fn mechanism(signal: &Signal, size: &Excess, credit: &Credit, felt: Option<Timestamp>) -> String {
    let name = signal.meta.label();
    let times = if size.before > 0.0 {
        format!("{:.0} times its level", size.after / size.before)
    } else {
        "up from nothing".to_owned()
    };
    let spent = format!("{name} rose to {times} and spends the burst credits");
    match (credit.exhausted_at, felt) {
        (Some(empty), Some(felt)) => format!(
            "{spent}; the balance reached zero at {}, {} {} the symptom",
            empty.minute(),
            span_text(felt.since(empty).saturating_abs()),
            if felt >= empty { "before" } else { "after" },
        ),
        (Some(empty), None) => format!("{spent}; the balance reached zero at {}", empty.minute()),
        (None, _) => format!("{spent}; the balance falls but has not reached zero"),
    }
}

/// Without credits: the earliest change that holds until the symptom begins and hangs together
/// with it.
fn upstream(case: &Case<'_>, impact: &MeasuredImpact, topology: &Topology) -> Option<Found> {
    let symptom = case.signal(&impact.series)?;
    let own = own(symptom, impact);
    let mut best: Option<Found> = None;
    for signal in &case.signals {
        if signal.id() == symptom.id() || credits::is_balance(signal) {
            continue;
        }
        let Some(found) = candidate(case.window.start, signal, symptom, impact, topology) else {
            continue;
        };
        let earlier = best.as_ref().is_none_or(|b| {
            (found.driver.onset, &found.driver.series) < (b.driver.onset, &b.driver.series)
        });
        if earlier {
            best = Some(found);
        }
    }
    let tolerance = (own.driver.uncertainty_s * 1000).max(5 * MINUTE);
    match best {
        Some(found) if own.driver.onset.since(found.driver.onset) > tolerance => Some(found),
        _ => Some(own),
    }
}

/// The symptom as its own driver.
fn own(symptom: &Signal, impact: &MeasuredImpact) -> Found {
    let change = symptom.sure(0.0).find(|c| c.at == impact.start);
    Found {
        driver: Driver {
            series: impact.series.clone(),
            onset: impact.start,
            uncertainty_s: change.map_or(symptom.data.step_ms / 1000, |c| c.uncertainty_s),
            before: impact.normal,
            after: impact.during,
            mechanism: "the symptom itself: no earlier change that hangs together with it".into(),
        },
        ended: impact.end,
        physical: false,
        share: 1.0,
        follows: Vec::new(),
    }
}

/// Farthest back that a change without physics behind it is followed.
const LOOK_BACK: i64 = 3 * DAY;

fn candidate(
    case_start: Timestamp,
    signal: &Signal,
    symptom: &Signal,
    impact: &MeasuredImpact,
    topology: &Topology,
) -> Option<Found> {
    let change = signal.sure(0.9).find(|c| {
        let lead = impact.start.since(c.at);
        c.kind != ChangeKind::Variance
            && (0..=LOOK_BACK).contains(&lead)
            && ended(signal, c.at, c.before, c.after).is_none_or(|end| end > impact.start)
    })?;
    let end = ended(signal, change.at, change.before, change.after);
    let related = topology.related(&symptom.meta, &signal.meta);
    let length = impact.end.map_or(HOUR, |end| end.since(impact.start));
    let together = match (end, impact.end) {
        (Some(a), Some(b)) => a.since(b).saturating_abs() <= (length / 10).max(10 * MINUTE),
        _ => false,
    };
    // Much changes somewhere in two days on what a service depends on. Without a common end only a
    // slow change or a large one just before counts.
    let lead = impact.start.since(change.at);
    let large = (change.after - change.before).abs() >= 0.25 * change.before.abs();
    let linked =
        related == Some(true) && large && (change.kind == ChangeKind::Slope || lead <= HOUR / 2);
    if !(together || linked) || related == Some(false) || change.at < case_start {
        return None;
    }
    let why = if together {
        format!(
            "{} changed at {} and came back when the symptom ended",
            signal.meta.label(),
            change.at.minute()
        )
    } else {
        format!(
            "{} changed at {} on what the symptom depends on",
            signal.meta.label(),
            change.at.minute()
        )
    };
    Some(Found {
        driver: Driver {
            series: signal.meta.id.clone(),
            onset: change.at,
            uncertainty_s: change.uncertainty_s,
            before: change.before,
            after: change.after,
            mechanism: why,
        },
        ended: end,
        physical: false,
        share: 1.0,
        follows: vec![(impact.series.clone(), impact.start)],
    })
}

/// The span in which the driver was away from normal.
pub(crate) fn span(found: &Found, window: Window) -> Window {
    Window {
        start: found.driver.onset,
        end: found.ended.unwrap_or(window.end).max(found.driver.onset),
    }
}
