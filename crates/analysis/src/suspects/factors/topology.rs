//! `topology`: does it hang together with the driver and the symptom?

use super::{Rates, item, resource};
use crate::{
    suspects::{View, candidates::Candidate},
    topology,
};
use model::analysis::EvidenceItem;

/// Something that nothing leads to from the symptom.
const APART: f64 = -2.0;
/// Something on the way from the symptom.
const ON_THE_WAY: f64 = 0.7;

/// Where its own resource is measured, that says more than the way to it.
pub(super) fn weigh(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
) -> Option<EvidenceItem> {
    if view.topology.is_empty() || resource::weigh(view, candidate, rates).is_some() {
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
