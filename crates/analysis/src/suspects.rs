//! Suspects: which event, or group of events that are one cause, began it.
//!
//! Each candidate is weighed against chance. Under "this event is the cause" its distance to the
//! driver's onset follows `factors::precedes`'s density; under "it is not" it happened at the
//! rate at which such events happen in the window. The ratio, the prior of its kind and the further
//! factors add up as log-odds; "no event is the cause" is one more candidate, and the scores are
//! the shares of all of them. Where more than one series may be the beginning, the shares are those
//! over all of them: an event right before a change speaks for both.

mod candidates;
mod factors;
mod relation;

pub(crate) use relation::Relations;

use crate::{case::Case, driver::Found, topology::Topology};
use candidates::Candidate;
use model::analysis::{EvidenceItem, ResourceRank, StuckPod, Suspect};
use std::collections::BTreeMap;

/// What the factors look at.
pub(crate) struct View<'c> {
    pub case: &'c Case<'c>,
    pub topology: &'c Topology,
    pub driver: &'c Found,
    /// Log of the weight of this driver against the others.
    pub weight: f64,
    pub relations: &'c Relations,
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

/// A candidate as the drivers see it.
struct Weighed {
    /// Sum over the drivers.
    odds: f64,
    /// As the driver sees it that speaks most for it.
    most: f64,
    driver: usize,
    suspect: Suspect,
}

/// The suspects, most probable first, and which of the drivers explains the first of them.
pub(crate) fn suspects(views: &[View<'_>]) -> (Vec<Suspect>, usize) {
    let Some(first) = views.first() else {
        return (Vec::new(), 0);
    };
    let rates = factors::Rates::of(first);
    let weights: f64 = views.iter().map(|v| v.weight.exp()).sum();
    let mut all: BTreeMap<Vec<String>, Weighed> = BTreeMap::new();
    for (k, view) in views.iter().enumerate() {
        for candidate in candidates::candidates(view) {
            let items = factors::weigh(view, &candidate, &rates);
            let sum: f64 = items.iter().map(|i| i.weight).sum();
            let odds = (sum + view.weight).exp() / weights;
            let key: Vec<String> = candidate.events.iter().map(|e| e.id.clone()).collect();
            if let Some(seen) = all.get_mut(&key) {
                seen.odds += odds;
                if odds > seen.most {
                    seen.most = odds;
                    seen.driver = k;
                    seen.suspect = shown(view, &candidate, items);
                }
                continue;
            }
            let weighed = Weighed {
                odds,
                most: odds,
                driver: k,
                suspect: shown(view, &candidate, items),
            };
            all.insert(key, weighed);
        }
    }
    let mut weighed: Vec<Weighed> = all.into_values().collect();
    weighed.sort_by(|a, b| {
        let key = |w: &Weighed| (w.suspect.start, w.suspect.events.clone());
        b.odds.total_cmp(&a.odds).then_with(|| key(a).cmp(&key(b)))
    });
    let driver = weighed
        .first()
        .filter(|w| w.odds > 1.0 / SOME_EVENT)
        .map_or(0, |w| w.driver);
    let total: f64 = 1.0 / SOME_EVENT + weighed.iter().map(|w| w.odds).sum::<f64>();
    let named = weighed
        .into_iter()
        .map(|w| Suspect {
            score: (w.odds / total).clamp(0.0, 0.99),
            ..w.suspect
        })
        .filter(|s| s.score >= LEAST)
        .take(first.case.settings.most_suspects)
        .zip(1..)
        .map(|(s, rank)| Suspect { rank, ..s })
        .collect();
    (named, driver)
}

/// Share of the second beginnings that have a cause of their own: often the first one just grows.
const SECOND: f64 = 0.8;

/// Adds who is behind a later beginning: only what hangs together with it.
pub(crate) fn add_second(first: &mut Vec<Suspect>, view: &View<'_>) {
    let (second, _) = suspects(std::slice::from_ref(view));
    let linked = |s: &Suspect| {
        let item = s.evidence.iter().find(|i| i.factor == "topology");
        item.is_some_and(|i| i.weight > 0.0)
    };
    for mut suspect in second.into_iter().filter(linked) {
        suspect.score *= SECOND;
        match first.iter_mut().find(|s| s.events == suspect.events) {
            Some(known) if known.score < suspect.score => *known = suspect,
            Some(_) => {}
            None => first.push(suspect),
        }
    }
    first.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.events.cmp(&b.events))
    });
    first.truncate(view.case.settings.most_suspects);
    for (suspect, rank) in first.iter_mut().zip(1..) {
        suspect.rank = rank;
    }
}

fn shown(view: &View<'_>, candidate: &Candidate<'_>, mut evidence: Vec<EvidenceItem>) -> Suspect {
    evidence.sort_by(|a, b| {
        b.weight
            .abs()
            .total_cmp(&a.weight.abs())
            .then(a.factor.cmp(&b.factor))
    });
    Suspect {
        rank: 0,
        events: candidate.events.iter().map(|e| e.id.clone()).collect(),
        score: 0.0,
        explains: view.driver.explained(candidate.start),
        evidence,
        title: candidate.title(),
        start: Some(candidate.start),
        end: candidate.end(),
    }
}
