//! `specificity`: how often do such events happen without any effect?

use super::{item, precedes};
use crate::{
    suspects::{View, candidates, candidates::Candidate, relation::Relation},
    topology,
};
use model::{EventKind, Timestamp, analysis::EvidenceItem, time::MINUTE};
use std::collections::BTreeMap;

/// Kind, namespace and name of what an event is about.
type Object<'e> = (&'e EventKind, &'e str, &'e str);

/// How often each kind happens in the window: events within ten minutes are one occasion.
pub(crate) struct Rates<'e> {
    kinds: BTreeMap<EventKind, usize>,
    objects: BTreeMap<Object<'e>, Often>,
    shares: BTreeMap<&'e EventKind, Share>,
    /// Whether any event is known to hang together with the incident.
    pub(crate) matched: bool,
    /// See `precedes::crowd`.
    pub(crate) crowd: f64,
}

/// How often something happened to one object.
#[derive(Clone, Copy)]
struct Often {
    occasions: usize,
    events: usize,
}

impl Often {
    /// What happened often without harm is less likely to do harm the next time: Laplace's rule of
    /// succession, 1/(n + 1) of the times.
    fn risk(self) -> f64 {
        1.0 / (self.events as f64 + 1.0)
    }
}

/// What the events of a kind share among them.
#[derive(Clone, Copy, Default)]
struct Share {
    /// Sum of the risks.
    risks: f64,
    /// Sum of the risks, each times how much it hangs together with the incident.
    placed: f64,
}

/// What a kind's events usually hang together with an incident (see `Relation::share`), and how much
/// risk in the window weighs as much as that.
const USUAL_SHARE: f64 = 0.3;
const USUAL_RISK: f64 = 1.0;

impl<'e> Rates<'e> {
    pub(crate) fn of(view: &'e View<'_>) -> Self {
        let mut times: BTreeMap<&EventKind, Vec<Timestamp>> = BTreeMap::new();
        let mut of_objects: BTreeMap<_, Vec<Timestamp>> = BTreeMap::new();
        let events = &view.case.evidence.events;
        for event in events {
            if let Some(at) = event.at() {
                times.entry(&event.kind).or_default().push(at);
                of_objects.entry(object(event)).or_default().push(at);
            }
        }
        let objects: BTreeMap<_, Often> = of_objects
            .into_iter()
            .map(|(object, at)| {
                let often = Often {
                    events: at.len(),
                    occasions: occasions(at),
                };
                (object, often)
            })
            .collect();
        let mut kinds: BTreeMap<EventKind, usize> = times
            .into_iter()
            .map(|(kind, at)| (kind.clone(), occasions(at)))
            .collect();
        // Groups with stuck pods are a kind of their own.
        kinds.insert(EventKind::PodTerminating, candidates::groups(view).len());
        let mut shares: BTreeMap<&EventKind, Share> = BTreeMap::new();
        let mut matched = false;
        for event in events {
            let risk = objects.get(&object(event)).map_or(0.0, |o| o.risk());
            let share = shares.entry(&event.kind).or_default();
            share.risks += risk;
            let relation = view.relations.relation(event);
            matched |= relation >= Relation::Needed;
            share.placed += risk * relation.share();
        }
        Self {
            kinds,
            objects,
            shares,
            matched,
            crowd: precedes::crowd(view),
        }
    }

    /// How much the events of a kind hang together with the incident in the mean.
    pub(crate) fn usual_share(&self, kind: &EventKind) -> f64 {
        let share = self.shares.get(kind).copied().unwrap_or_default();
        (share.placed + USUAL_RISK * USUAL_SHARE) / (share.risks + USUAL_RISK)
    }

    /// How often the same has happened to the same object.
    pub(crate) fn repeats(&self, event: &model::Event) -> usize {
        self.objects.get(&object(event)).map_or(1, |o| o.events)
    }

    /// Part of a kind's risk that lies in one event.
    fn part(&self, event: &model::Event) -> f64 {
        let risk = self.objects.get(&object(event)).map_or(0.5, |o| o.risk());
        let all = self.shares.get(&event.kind).map_or(risk, |s| s.risks);
        risk / all.max(risk)
    }
}

/// Number of occasions: what follows within ten minutes belongs to the one before.
fn occasions(mut times: Vec<Timestamp>) -> usize {
    times.sort_unstable();
    let mut last: Option<Timestamp> = None;
    times
        .iter()
        .filter(|t| {
            let new = last.is_none_or(|l| t.since(l) > 10 * MINUTE);
            last = Some(**t);
            new
        })
        .count()
}

/// What counts as "such an event again": the kind on the same object, runs of one job together.
fn object(event: &model::Event) -> Object<'_> {
    let name = topology::lasting_name(event);
    (&event.kind, event.namespace.as_str(), name)
}

/// Prior share of a kind among the causes of incidents, where some event is the cause. A judgement
/// in orders of magnitude: changes by people first.
fn prior(candidate: &Candidate<'_>) -> f64 {
    if !candidate.zombies.is_empty() {
        return 0.3;
    }
    match candidate.kind() {
        EventKind::Rollout => 0.35,
        EventKind::ConfigChange => 0.3,
        EventKind::ProviderIncident => 0.15,
        EventKind::Scale
        | EventKind::NodeReboot
        | EventKind::NodeAdded
        | EventKind::NodeRemoved
        | EventKind::NodeNotReady => 0.08,
        EventKind::JobRun => 0.06,
        // What nobody knows the meaning of.
        EventKind::Other(_) => 0.03,
        // Mostly what an incident does, not what does it.
        EventKind::OomKill => 0.02,
        _ => 0.005,
    }
}

/// Prior of the kind, times the part of the kind's risk that lies in this event.
#[allow(clippy::unnecessary_wraps, reason = "every factor has this shape")]
pub(super) fn weigh(
    _: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
) -> Option<EvidenceItem> {
    let first = candidate.first();
    let kind = if candidate.zombies.is_empty() {
        first.kind.clone()
    } else {
        EventKind::PodTerminating
    };
    let occasions = rates.kinds.get(&kind).copied().unwrap_or(1).max(1);
    let same = rates.objects.get(&object(first)).copied();
    let same = same.unwrap_or(Often {
        occasions: 1,
        events: 1,
    });
    let part = if candidate.zombies.is_empty() {
        rates.part(first)
    } else {
        1.0 / occasions as f64
    };
    let weight = (prior(candidate) * part).ln();
    let text = if candidate.zombies.is_empty() {
        format!(
            "events of the kind {} happened on {} in the window, {} of them to the same object",
            kind.label(),
            model::words::count(occasions, "occasion"),
            same.occasions
        )
    } else {
        format!(
            "{} of pods stuck in Terminating in the window",
            model::words::count(occasions, "group")
        )
    };
    Some(item("specificity", weight, text))
}
