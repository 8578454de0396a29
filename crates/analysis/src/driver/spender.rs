//! What spends the credits of a balance that explains the symptom.

use super::{Found, ended, onset};
use crate::{
    case::{Case, Signal},
    credits,
};
use model::{
    Timestamp,
    analysis::{Credit, CreditState, Driver, MeasuredImpact},
    time::{DAY, HOUR, MINUTE, span_text},
};

/// Longest time from an empty balance to what people feel: throttling works at once, caches hide
/// it for a while.
const FELT_AFTER: i64 = 3 * HOUR;

/// The balance that explains the symptom: empty when it began, else draining.
pub(super) fn credit_behind<'a>(
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
pub(super) fn spender(
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
pub(super) struct Excess {
    pub(super) before: f64,
    pub(super) after: f64,
    /// After less before, per second.
    pub(super) rate: f64,
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

pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
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
