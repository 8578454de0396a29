//! `topology`: does it hang together with the driver and the symptom?

use super::{Rates, item};
use crate::{
    suspects::{View, candidates::Candidate},
    topology,
};
use model::analysis::EvidenceItem;

/// Most that a place in the ranking of resources adds or takes.
const RANK: (f64, f64) = (-2.0, 3.0);
/// Something that nothing leads to from the symptom.
const APART: f64 = -2.0;
/// Something on the way from the symptom.
const ON_THE_WAY: f64 = 0.7;

pub(super) fn weigh(view: &View<'_>, candidate: &Candidate<'_>, _: &Rates) -> Option<EvidenceItem> {
    by_rank(view, candidate).or_else(|| by_edges(view, candidate))
}

/// The event is about a resource that the ranking of resources knows.
fn by_rank(view: &View<'_>, candidate: &Candidate<'_>) -> Option<EvidenceItem> {
    if view.driver.physical || view.resources.len() < 2 {
        return None;
    }
    let first = candidate.first();
    let rank = view
        .resources
        .iter()
        .find(|r| topology::is_about(first, &r.resource))?;
    let fair = 1.0 / view.resources.len() as f64;
    let weight = (rank.score / fair).ln().clamp(RANK.0, RANK.1);
    Some(EvidenceItem {
        series: rank.series.clone(),
        ..item(
            "topology",
            weight,
            format!(
                "it happened to {}, number {} of {} resources by what they explain (score {:.2})",
                rank.resource,
                rank.rank,
                view.resources.len(),
                rank.score
            ),
        )
    })
}

fn by_edges(view: &View<'_>, candidate: &Candidate<'_>) -> Option<EvidenceItem> {
    if view.topology.is_empty() {
        return None;
    }
    let driver = view.case.signal(&view.driver.driver.series)?;
    let target = driver.meta.resource.as_ref()?;
    let first = candidate.first();
    let objects: Vec<String> = candidate
        .events
        .iter()
        .filter_map(|e| e.resource())
        .collect();
    let reaches = objects
        .iter()
        .any(|o| view.topology.reach(o).contains_key(target));
    let reached = || {
        let reach = view.topology.reach(target);
        !topology::resources_of(first, reach.keys()).is_empty()
    };
    let known = objects.iter().any(|o| view.topology.reach(o).len() > 1);
    if reaches || reached() {
        Some(item(
            "topology",
            ON_THE_WAY,
            format!("it hangs together with {target} in the topology"),
        ))
    } else if known {
        Some(item(
            "topology",
            APART,
            format!("nothing in the topology leads from it to {target}"),
        ))
    } else {
        None
    }
}
