//! `topology`: does it hang together with the driver and the symptom?

use super::{Rates, item};
use crate::{
    suspects::{View, candidates::Candidate, relation::Relation},
    topology,
};
use model::analysis::EvidenceItem;

/// Most that a place in the ranking of resources adds or takes.
const RANK: (f64, f64) = (-2.0, 3.0);
/// Least for something that deviates in a measure of its own.
const DEVIATES: f64 = 0.7;

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
    // What is measured in other ways than the symptom is hard to compare; that it deviates counts.
    let symptom = view.case.signal(&view.driver.driver.series);
    let alike = |id: &String| {
        let name = view.case.signal(id).map(|s| &s.meta.name);
        symptom
            .zip(name)
            .is_some_and(|(s, name)| s.meta.is_named(name))
    };
    let weight = if rank.series.iter().any(alike) {
        weight
    } else {
        weight.max(DEVIATES)
    };
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
