//! `resource`: does what it happened to deviate, and more than others?
//!
//! The share that the event's resource has of what the measured resources explain, over an even
//! share; one that is measured and went on as usual speaks against the event.

use super::{Rates, item};
use crate::suspects::{View, candidates::Candidate};
use model::{
    analysis::EvidenceItem,
    time::{HOUR, MINUTE},
};

/// Most that a place in the ranking of resources adds or takes.
const RANK: (f64, f64) = (-2.0, 3.0);
/// Least confidence of a change that shows that a resource did not go on as usual.
const SURE: f64 = 0.75;

pub(super) fn weigh(view: &View<'_>, candidate: &Candidate<'_>, _: &Rates) -> Option<EvidenceItem> {
    let all = view.topology.measured_count();
    if view.driver.physical || view.resources.is_empty() || all < 2 {
        return None;
    }
    let about = view.topology.measured(candidate.first());
    let resource = *about.first()?;
    let ranked = view.resources.iter().find(|r| about.contains(&&r.resource));
    let Some(rank) = ranked else {
        return (!moved(view, resource)).then(|| {
            let text = format!("it happened to {resource}, which went on as usual");
            item("resource", RANK.0, text)
        });
    };
    Some(EvidenceItem {
        series: rank.series.clone(),
        ..item(
            "resource",
            (rank.score * all as f64).ln().clamp(RANK.0, RANK.1),
            format!(
                "it happened to {}, number {} of {all} resources by what they explain (score {:.2})",
                rank.resource, rank.rank, rank.score
            ),
        )
    })
}

/// What the first of the resources weighs.
pub(super) fn most(view: &View<'_>) -> f64 {
    let all = view.topology.measured_count() as f64;
    let first = view.resources.first().map_or(0.0, |r| r.score);
    (first * all).ln().clamp(RANK.0, RANK.1)
}

/// Whether a resource changed around the driver's onset, which may be another time than the one that
/// the ranking is about.
fn moved(view: &View<'_>, resource: &str) -> bool {
    let driver = &view.driver.driver;
    let blur = (driver.uncertainty_s * 1000).max(10 * MINUTE);
    let around = driver.onset.plus(-blur)..=driver.onset.plus(blur.max(HOUR / 2));
    view.case
        .signals
        .iter()
        .filter(|s| s.meta.resource.as_deref() == Some(resource))
        .any(|s| s.sure(SURE).any(|c| around.contains(&c.at)))
}
