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

pub(crate) use factors::Undoing;
pub(crate) use relation::Relations;

use crate::{case::Case, driver::Found, topology::Topology};
use candidates::Candidate;
use model::analysis::{EvidenceItem, ResourceRank, StuckPod, Suspect};
use std::{
    cmp::Ordering,
    collections::{HashMap, hash_map::Entry},
};

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
    /// What happened around its end and undoes things.
    pub undoing: factors::Undoing<'c>,
    /// Why the driver may have moved without any event, in words.
    pub by_itself: Option<String>,
}

/// Prior odds that one of the recorded events is the cause: 6 of 10 incidents follow a change
/// (about 70 % in Google's SRE book, chapter 1; less what nobody records).
const SOME_EVENT: f64 = 1.5;
/// A candidate below this share is not worth a line.
const LEAST: f64 = 0.01;

/// A candidate as the drivers see it. What speaks for it is written down for those alone that are shown.
struct Weighed<'e> {
    /// Sum over the drivers.
    odds: f64,
    /// As the driver sees it that speaks most for it.
    most: f64,
    driver: usize,
    candidate: Candidate<'e>,
}

impl Weighed<'_> {
    /// The most probable first; equal ones in order of time.
    fn order(&self, other: &Self) -> Ordering {
        other
            .odds
            .total_cmp(&self.odds)
            .then_with(|| self.candidate.start.cmp(&other.candidate.start))
            .then_with(|| self.candidate.ids().cmp(other.candidate.ids()))
    }
}

/// Every candidate of every driver once, with its odds over all of them.
fn weighed<'e>(views: &'e [View<'_>], rates: &factors::Rates<'_>) -> Vec<Weighed<'e>> {
    let weights: f64 = views.iter().map(|v| v.weight.exp()).sum();
    let mut all: Vec<Weighed<'e>> = Vec::new();
    let mut places: HashMap<Vec<&str>, usize> = HashMap::new();
    for (driver, view) in views.iter().enumerate() {
        for candidate in candidates::candidates(view) {
            let items = factors::weigh(view, &candidate, rates);
            let sum: f64 = items.iter().map(|i| i.weight).sum();
            let odds = (sum + view.weight).exp() / weights;
            let new = Weighed {
                odds,
                most: odds,
                driver,
                candidate,
            };
            if views.len() == 1 {
                all.push(new);
                continue;
            }
            match places.entry(new.candidate.ids().collect()) {
                Entry::Vacant(place) => {
                    place.insert(all.len());
                    all.push(new);
                }
                Entry::Occupied(place) => {
                    if let Some(seen) = all.get_mut(*place.get()) {
                        let odds = seen.odds + new.odds;
                        if new.most > seen.most {
                            *seen = new;
                        }
                        seen.odds = odds;
                    }
                }
            }
        }
    }
    all
}

/// The suspects, most probable first, and which of the drivers explains the first of them.
pub(crate) fn suspects(views: &[View<'_>]) -> (Vec<Suspect>, usize) {
    let Some(first) = views.first() else {
        return (Vec::new(), 0);
    };
    let rates = factors::Rates::of(first);
    let mut weighed = weighed(views, &rates);
    let total: f64 = 1.0 / SOME_EVENT + weighed.iter().map(|w| w.odds).sum::<f64>();
    weighed.retain(|w| w.odds / total >= LEAST || w.odds > 1.0 / SOME_EVENT);
    weighed.sort_by(Weighed::order);
    let driver = weighed
        .first()
        .filter(|w| w.odds > 1.0 / SOME_EVENT)
        .map_or(0, |w| w.driver);
    let named = weighed
        .iter()
        .filter(|w| w.odds / total >= LEAST)
        .take(first.case.settings.most_suspects)
        .zip(1..)
        .filter_map(|(w, rank)| {
            let view = views.get(w.driver)?;
            let items = factors::weigh(view, &w.candidate, &rates);
            Some(Suspect {
                rank,
                score: (w.odds / total).clamp(0.0, 0.99),
                ..shown(view, &w.candidate, items)
            })
        })
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
        events: candidate.ids().map(str::to_owned).collect(),
        score: 0.0,
        explains: view.driver.explained(candidate.start),
        evidence,
        title: candidate.title(),
        start: Some(candidate.start),
        end: candidate.end(),
    }
}
