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

/// The event is about a resource that is measured: its share of what the resources explain over an
/// even share. One that does not deviate has no share.
fn by_rank(view: &View<'_>, candidate: &Candidate<'_>) -> Option<EvidenceItem> {
    let all = view.topology.measured_count();
    if view.driver.physical || view.resources.is_empty() || all < 2 {
        return None;
    }
    let about = view.topology.measured(candidate.first());
    let resource = *about.first()?;
    let ranked = view.resources.iter().find(|r| about.contains(&&r.resource));
    let Some(rank) = ranked else {
        let text = format!("it happened to {resource}, which went on as usual");
        return Some(item("topology", RANK.0, text));
    };
    let weight = (rank.score * all as f64).ln().clamp(RANK.0, RANK.1);
    Some(EvidenceItem {
        series: rank.series.clone(),
        ..item(
            "topology",
            weight,
            format!(
                "it happened to {}, number {} of {all} resources by what they explain (score {:.2})",
                rank.resource, rank.rank, rank.score
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
