//! The driver without credits: an earlier change that hangs together with the symptom, or the symptom
//! itself.

use super::{Found, ended};
use crate::{
    case::{Case, Signal},
    credits,
    topology::Topology,
};
use model::{
    Timestamp,
    analysis::{ChangeKind, Driver, MeasuredImpact},
    time::{DAY, HOUR, MINUTE},
};

/// Without credits: the earliest change that holds until the symptom begins and hangs together
/// with it.
pub(super) fn upstream(
    case: &Case<'_>,
    impact: &MeasuredImpact,
    topology: &Topology,
) -> Option<Found> {
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
pub(super) fn own(symptom: &Signal, impact: &MeasuredImpact) -> Found {
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
pub(super) const LOOK_BACK: i64 = 3 * DAY;

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
