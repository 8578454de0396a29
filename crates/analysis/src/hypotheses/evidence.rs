//! What the tests share: whether a series stayed as it was when the incident began.

use super::{Reason, View};
use crate::{case::Signal, driver, series::robust, symptom};
use model::{
    Event, Timestamp,
    analysis::Verdict,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// How a series behaved when the incident began.
pub(super) enum Behaviour {
    /// It rose by at least [`ROSE`]: when, and by which factor.
    Rose(Timestamp, f64),
    /// It stayed within [`FLAT`] of itself: the factor.
    Flat(f64),
    /// Between the two.
    Unclear,
    /// No samples on one of the sides.
    NoData,
}

/// A rise of half explains a slowdown; a rise below a quarter does not.
const ROSE: f64 = 1.5;
const FLAT: f64 = 1.25;
/// Least confidence of a rise.
const SURE: f64 = 0.8;

/// Behaviour of a series from an hour before the incident to its end (a day at most).
pub(super) fn behaviour(view: &View<'_>, signal: &Signal) -> Behaviour {
    let data = &signal.data;
    let until = view.during.end.min(view.onset.plus(DAY));
    let before = data.calm_between(view.onset.plus(-DAY), view.onset.plus(-HOUR / 2));
    let after = data.calm_between(view.onset, until);
    let needed = (15 * MINUTE / data.step_ms).clamp(1, 10) as usize;
    let (Some((level, spread)), Some(now)) =
        (robust::centre_and_spread(before), robust::median(after))
    else {
        return Behaviour::NoData;
    };
    if before.len() < needed || after.len() < needed.min(3) {
        return Behaviour::NoData;
    }
    let factor = if level.abs() > 0.0 {
        now / level
    } else {
        f64::INFINITY
    };
    let rise = signal.sure(SURE).find(|c| {
        c.at >= view.onset.plus(-HOUR)
            && c.at <= view.onset.plus(HOUR / 2)
            && c.after >= ROSE * c.before
            && c.after > c.before
    });
    if let Some(c) = rise.filter(|_| factor >= ROSE) {
        return Behaviour::Rose(c.at, factor);
    }
    let within = (now - level).abs() <= 2.0 * spread;
    if within || (factor <= FLAT && level > 0.0) || (now - level).abs() < 1e-12 {
        Behaviour::Flat(if factor.is_finite() { factor } else { 1.0 })
    } else {
        Behaviour::Unclear
    }
}

/// Series whose name, id, namespace or resource contains one of the words.
pub(super) fn named<'v>(view: &'v View<'_>, words: &[&str], not: &[&str]) -> Vec<&'v Signal> {
    let text = |s: &Signal| {
        format!(
            "{} {} {}",
            symptom::lower(s),
            s.meta.namespace,
            s.meta.resource.as_deref().unwrap_or("")
        )
        .to_ascii_lowercase()
    };
    view.case
        .signals
        .iter()
        .filter(|s| {
            let text = text(s);
            words.iter().any(|w| text.contains(w)) && !not.iter().any(|w| text.contains(w))
        })
        .collect()
}

/// The verdict of "one of these series rose and that explains it".
pub(super) fn by_series(
    view: &View<'_>,
    signals: &[&Signal],
    what: &str,
    missing: &str,
) -> Verdict<Reason> {
    let mut flat: Vec<(String, f64)> = Vec::new();
    let mut unclear = Vec::new();
    for signal in signals {
        match behaviour(view, signal) {
            Behaviour::Rose(at, factor) => {
                return Verdict::Found(Reason {
                    text: format!(
                        "{} rose to {factor:.1} times its level at {}",
                        view.case.evidence.label(&signal.meta),
                        at.minute()
                    ),
                    series: vec![signal.meta.id.clone()],
                    events: vec![],
                });
            }
            Behaviour::Flat(factor) => flat.push((signal.meta.id.clone(), factor)),
            Behaviour::Unclear => unclear.push(signal.meta.label()),
            Behaviour::NoData => {}
        }
    }
    if flat.is_empty() {
        return Verdict::Unknown {
            missing: if unclear.is_empty() {
                missing.to_owned()
            } else {
                format!(
                    "{} moved, but not enough to tell; {missing}",
                    unclear.join(", ")
                )
            },
        };
    }
    if !unclear.is_empty() && unclear.len() >= flat.len() {
        return Verdict::Unknown {
            missing: format!("{} moved, but not enough to tell", unclear.join(", ")),
        };
    }
    let most = flat.iter().map(|f| f.1).fold(0.0, f64::max);
    Verdict::Clear {
        reason: format!(
            "{what}: no rise when it began ({}), at most {most:.2} times the day before",
            view.onset.minute()
        ),
        series: flat.into_iter().map(|f| f.0).collect(),
        events: vec![],
    }
}

/// Ids of events.
pub(super) fn ids<'e>(events: impl IntoIterator<Item = &'e &'e Event>) -> Vec<String> {
    // A page of ids helps nobody; the count is in the text.
    events.into_iter().take(20).map(|e| e.id.clone()).collect()
}

/// Events of the evidence that pass, in its order.
pub(super) fn events<'v>(view: &'v View<'_>, keep: impl Fn(&Event) -> bool) -> Vec<&'v Event> {
    view.case
        .evidence
        .events
        .iter()
        .filter(|e| keep(e))
        .collect()
}

/// Whether the first suspect is one of these events, and more likely than not.
pub(super) fn accused(view: &View<'_>, events: &[&Event]) -> Option<String> {
    let first = view.suspects.first().filter(|s| s.score >= 0.5)?;
    events
        .iter()
        .find(|e| first.events.first() == Some(&e.id))
        .map(|e| e.id.clone())
}

/// The driver, where it had left its level clearly before the first of these events.
pub(super) fn driver_before<'v>(view: &View<'v>, events: &[&Event]) -> Option<&'v driver::Found> {
    view.driver.filter(|d| {
        let blur = d
            .driver
            .uncertainty_s
            .saturating_mul(SECOND)
            .max(5 * MINUTE);
        events
            .iter()
            .all(|e| e.at().is_some_and(|at| at.since(d.driver.onset) > blur))
    })
}

/// Series that people feel and that went the bad way within half an hour of the onset.
pub(super) fn felt<'v>(view: &'v View<'_>) -> Vec<&'v Signal> {
    let words = [
        "latency",
        "response",
        "duration",
        "error",
        "5xx",
        "availability",
        "probe",
        "touch",
    ];
    let mut all = named(view, &words, &[]);
    all.retain(|s| {
        let bad = symptom::bad_direction(s);
        s.sure(SURE)
            .any(|c| c.direction == bad && c.at.since(view.onset).saturating_abs() <= HOUR / 2)
    });
    all
}

/// The Kubernetes namespace of what a series measures, else the series' own namespace.
pub(super) fn namespace(signal: &Signal) -> &str {
    signal
        .meta
        .resource
        .as_deref()
        .and_then(|r| r.strip_prefix("k8s:")?.split('/').nth(1))
        .unwrap_or(&signal.meta.namespace)
}
