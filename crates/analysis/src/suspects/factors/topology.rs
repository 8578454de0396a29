//! `topology`: does it hang together with the driver and the symptom?

use super::{Rates, item, resource};
use crate::suspects::{View, candidates::Candidate, relation::Relation};
use model::analysis::EvidenceItem;

/// How it hangs together with the incident, against how such events usually do.
pub(super) fn weigh(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
) -> Option<EvidenceItem> {
    if view.relations.is_blind() {
        return None;
    }
    let relation = candidate.relation(view.relations);
    let usual = rates.usual_share(candidate.kind());
    // Where its own resource is measured, place speaks once: the larger of the two.
    let measured = resource::weigh(view, candidate, rates).map_or(0.0, |i| i.weight.max(0.0));
    let weight = (relation.share() / usual).ln();
    let weight = if weight > 0.0 {
        (weight - measured).max(0.0)
    } else {
        weight
    };
    let text = match relation {
        Relation::Own => "it happened to the very thing that deviates",
        Relation::Needed => "it hangs together with what deviates, by the topology or by name",
        Relation::Beside => "it happened in the same namespace",
        Relation::Unknown => "nobody says what it hangs together with",
        Relation::Apart => "nothing leads from it to what deviates",
    };
    Some(item("topology", weight, text.to_owned()))
}
