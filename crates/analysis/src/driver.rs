//! The driver: the series whose onset the suspects are measured against.
//!
//! Followed backwards from the symptom. Where a burst balance ran out at the symptom's onset, or is
//! draining, the driver is what spends the credits, and its onset may lie days before the symptom.
//! Otherwise it is the earliest well-confirmed change that is still there when the symptom begins
//! and hangs together with it (topology, or both end together); else the symptom itself.

mod alternatives;
mod growth;
mod onset;
mod spender;
mod upstream;

pub(crate) use alternatives::{alternatives, later};

use crate::{
    case::{Case, Signal},
    topology::Topology,
};
use model::{
    Timestamp, Window,
    analysis::{ChangeKind, Credit, Driver, Explained, MeasuredImpact},
    time::MINUTE,
};
use spender::{credit_behind, spender};
use upstream::upstream;

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

/// The span in which the driver was away from normal.
pub(crate) fn span(found: &Found, window: Window) -> Window {
    Window {
        start: found.driver.onset,
        end: found.ended.unwrap_or(window.end).max(found.driver.onset),
    }
}
