//! Suspects: which event, or group of events that are one cause, began it.
//!
//! Each candidate is weighed against chance. Under "this event is the cause" its distance to the
//! driver's onset follows `factors::precedes`'s density; under "it is not" it happened at the
//! rate at which such events happen in the window. The ratio, the prior of its kind and the further
//! factors add up as log-odds; "no event is the cause" is one more candidate, and the scores are
//! the shares of all of them.

mod candidates;
mod factors;

use crate::{case::Case, driver::Found, topology::Topology};
use candidates::Candidate;
use model::analysis::{EvidenceItem, ResourceRank, StuckPod, Suspect};

/// What the factors look at.
pub(crate) struct View<'c> {
    pub case: &'c Case<'c>,
    pub driver: &'c Found,
    pub topology: &'c Topology,
    pub resources: &'c [ResourceRank],
    pub stuck: &'c [StuckPod],
    /// Why the driver may have moved without any event, in words.
    pub by_itself: Option<String>,
}

/// Prior odds that one of the recorded events is the cause: 6 of 10 incidents follow a change
/// (about 70 % in Google's SRE book, chapter 1; less what nobody records).
const SOME_EVENT: f64 = 1.5;
/// A candidate below this share is not worth a line.
const LEAST: f64 = 0.01;

/// The suspects, most probable first.
pub(crate) fn suspects(view: &View<'_>) -> Vec<Suspect> {
    let candidates = candidates::candidates(view);
    let rates = factors::Rates::of(view, &candidates);
    let mut weighed: Vec<(Candidate<'_>, Vec<EvidenceItem>, f64)> = candidates
        .into_iter()
        .map(|c| {
            let items = factors::weigh(view, &c, &rates);
            let odds = items.iter().map(|i| i.weight).sum::<f64>();
            (c, items, odds)
        })
        .collect();
    weighed.sort_by(|a, b| {
        b.2.total_cmp(&a.2)
            .then((a.0.start, &a.0.id()).cmp(&(b.0.start, &b.0.id())))
    });
    let total: f64 = 1.0 / SOME_EVENT + weighed.iter().map(|w| w.2.exp()).sum::<f64>();
    weighed
        .into_iter()
        .map(|(c, items, odds)| (c, items, (odds.exp() / total).clamp(0.0, 0.99)))
        .filter(|(_, _, score)| *score >= LEAST)
        .take(view.case.settings.most_suspects)
        .zip(1..)
        .map(|((c, items, score), rank)| shown(view, &c, items, score, rank))
        .collect()
}

fn shown(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    mut evidence: Vec<EvidenceItem>,
    score: f64,
    rank: u32,
) -> Suspect {
    evidence.sort_by(|a, b| {
        b.weight
            .abs()
            .total_cmp(&a.weight.abs())
            .then(a.factor.cmp(&b.factor))
    });
    Suspect {
        rank,
        events: candidate.events.iter().map(|e| e.id.clone()).collect(),
        score,
        explains: view.driver.explained(candidate.start),
        evidence,
        title: candidate.title(),
        start: Some(candidate.start),
        end: candidate.end(),
    }
}
