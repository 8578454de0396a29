//! `topology`: does it hang together with the driver and the symptom?

use super::{Rates, item};
use crate::suspects::{View, candidates::Candidate, relation::Relation};
use model::analysis::EvidenceItem;

/// Most that a place in the ranking of resources adds or takes.
const RANK: (f64, f64) = (-2.0, 3.0);

pub(super) fn weigh(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
) -> Option<EvidenceItem> {
    let by_edges = by_edges(view, candidate, rates);
    match (by_rank(view, candidate), by_edges) {
        (Some(rank), Some(edges)) => Some(EvidenceItem {
            weight: rank.weight + edges.weight,
            text: format!("{}; {}", edges.text, rank.text),
            ..rank
        }),
        (rank, edges) => rank.or(edges),
    }
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

/// How it hangs together with the incident, against how such events usually do.
fn by_edges(view: &View<'_>, candidate: &Candidate<'_>, rates: &Rates) -> Option<EvidenceItem> {
    if view.relations.is_blind() {
        return None;
    }
    let relation = candidate.relation(view.relations);
    let usual = rates.usual_share(candidate.kind());
    let weight = (relation.share() / usual).ln();
    let text = match relation {
        Relation::Own => "it happened to the very thing that deviates",
        Relation::Needed => "it hangs together with what deviates, by the topology or by name",
        Relation::Beside => "it happened in the same namespace",
        Relation::Unknown => "nobody says what it hangs together with",
        Relation::Apart => "nothing leads from it to what deviates",
    };
    Some(item("topology", weight, text.to_owned()))
}
