//! `precedes`: did it begin before the driver's onset, by a plausible lag?

use super::{Rates, item};
use crate::suspects::{View, candidates, candidates::Candidate};
use model::{
    Event, EventKind, Window,
    analysis::EvidenceItem,
    time::{HOUR, MINUTE, span_text},
};
use std::fmt::Write;

/// Parts of the density of lags from cause to onset: share and mean in minutes. Most causes act at
/// once (a bad version, a switched flag), some after caches and queues have filled, a few after
/// hours. Weights are a judgement, not a fit; they only need the right order of magnitude.
const LAGS: [(f64, f64); 3] = [(0.65, 4.0), (0.2, 30.0), (0.15, 360.0)];
/// Share of causes that the clocks put after their effect.
const AFTER: f64 = 1e-4;

/// Minutes beyond the uncertainty within which a clock that is wrong still explains it.
const CLOCKS: f64 = 0.5;

/// Density of the lag (minutes), per minute.
pub(crate) fn density(lag: f64, blur: f64) -> f64 {
    let after = -lag - blur;
    // Within the uncertainty of the onset nobody knows which came first.
    let lag = if after > 0.0 {
        0.0
    } else {
        (lag.abs() - blur).max(0.0)
    };
    let before: f64 = LAGS
        .iter()
        .map(|(share, mean)| share / (mean + blur) * (-lag / (mean + blur)).exp())
        .sum();
    if after > 0.0 {
        let rest = AFTER / (1.0 + after / 60.0) / 60.0;
        return before * (-after / CLOCKS).exp() + rest;
    }
    before
}

/// A lag in words: how long before or after.
fn apart(lag: i64, blur: f64) -> String {
    let order = if (lag as f64) < -blur * MINUTE as f64 {
        "after"
    } else {
        "before"
    };
    format!("{} {order}", span_text(lag.saturating_abs()))
}

/// Minutes by which the clocks of two sources may differ: seldom more than a minute or two.
const SKEW: f64 = 1.5;
/// An incident of the provider is posted after its effect began: mean delay in minutes, and the most.
const POSTED: (f64, f64) = (30.0, 150.0);
/// Share of the provider's incidents that are posted after their effect began.
const LATE: f64 = 0.85;

/// Density of the lag of a provider's incident: most of it lies after the effect.
fn posted(lag: f64, blur: f64) -> f64 {
    if lag > blur {
        return (1.0 - LATE) * density(lag, blur);
    }
    let delay = (-lag).max(0.0);
    if delay > POSTED.1 {
        return AFTER / 60.0;
    }
    LATE / POSTED.0 * (-delay / POSTED.0).exp()
}

/// Length of "the hours before".
const BEFORE: i64 = 3 * HOUR;
/// Events that every stretch is taken to have held besides those that are recorded.
const USUAL: f64 = 1.0;

/// How much more happened in the hours before the onset than chance would have it, 1 or more. Work is
/// done in working hours, and so are most of the things that have nothing to do with an incident.
pub(crate) fn crowd(view: &View<'_>) -> f64 {
    let onset = view.driver.driver.onset;
    let window = view.case.window.millis().max(BEFORE) as f64;
    let at = |e: &&Event| candidates::can_cause(&e.kind) && e.start.is_some();
    let events = &view.case.evidence.events;
    let all = events.iter().filter(at).count() as f64;
    let near = events
        .iter()
        .filter(at)
        .filter_map(|e| e.start)
        .filter(|t| (0..=BEFORE).contains(&onset.since(*t)))
        .count() as f64;
    let expected = all * BEFORE as f64 / window;
    // The cause itself is one of them.
    (((near - 1.0).max(0.0) + USUAL) / (expected + USUAL)).max(1.0)
}

/// Log of the density over what chance would give: one event anywhere in the window.
#[allow(clippy::unnecessary_wraps, reason = "every factor has this shape")]
pub(super) fn weigh(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
) -> Option<EvidenceItem> {
    let driver = &view.driver.driver;
    let window = view.case.window.millis().max(MINUTE) as f64 / MINUTE as f64;
    let blur = (driver.uncertainty_s as f64 / 60.0).clamp(0.5, 120.0);
    let blur = blur.hypot(SKEW);
    let lag = driver.onset.since(candidate.effect);
    let d = if candidate.kind() == &EventKind::ProviderIncident {
        posted(lag as f64 / MINUTE as f64, blur)
    } else {
        density(lag as f64 / MINUTE as f64, blur)
    };
    let weight = (d * window).ln().clamp(-9.0, 6.5) - rates.crowd.ln();
    let began = driver.onset.since(candidate.start);
    let mut text = format!(
        "it began {} the onset of {} at {} (± {})",
        apart(began, blur),
        driver.series,
        driver.onset.minute(),
        span_text(driver.uncertainty_s * 1000),
    );
    if lag != began {
        // Judged by when it can have had an effect; said apart, because it began earlier.
        let _ = write!(text, "; its first stuck pod came {} it", apart(lag, blur));
    }
    Some(EvidenceItem {
        series: vec![driver.series.clone()],
        span: Window::new(
            candidate.start.min(driver.onset),
            driver.onset.max(candidate.start),
        ),
        ..item("precedes", weight, text)
    })
}
