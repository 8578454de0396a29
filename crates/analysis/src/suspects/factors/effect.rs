//! `effect`: did something else change on the very object, right after it and before people felt it?
//!
//! A pool that fills, memory that grows: where the driver is not the symptom but a series of the
//! object that was changed, the change has been seen to have an effect.

use super::{Rates, item};
use crate::{
    suspects::{View, candidates::Candidate},
    topology,
};
use model::{
    analysis::EvidenceItem,
    time::{HOUR, MINUTE},
};

/// What a change on the very object adds.
const OWN: f64 = 1.5;
/// Longest time from the event to the change.
const SOON: i64 = HOUR;

pub(super) fn weigh(view: &View<'_>, candidate: &Candidate<'_>, _: &Rates) -> Option<EvidenceItem> {
    let driver = view.driver;
    if driver.physical || driver.follows.is_empty() {
        return None;
    }
    let signal = view.case.signal(&driver.driver.series)?;
    let symptom = driver.follows.last().and_then(|f| view.case.signal(&f.0));
    if symptom.is_some_and(|s| s.meta.is_named(&signal.meta.name)) {
        // The same measure a little earlier is the same trouble.
        return None;
    }
    let resource = signal.meta.resource.as_ref()?;
    let lag = driver.driver.onset.since(candidate.effect);
    let blur = (driver.driver.uncertainty_s * 1000).max(3 * MINUTE);
    let first = candidate.first();
    let own = topology::is_about(first, resource) || topology::belongs_to(first, resource);
    (own && (-blur..=SOON).contains(&lag)).then(|| EvidenceItem {
        series: vec![signal.meta.id.clone()],
        ..item(
            "effect",
            OWN,
            format!(
                "{} of the same object changed at {}, before it was felt",
                view.case.evidence.label(&signal.meta),
                driver.driver.onset.minute()
            ),
        )
    })
}
