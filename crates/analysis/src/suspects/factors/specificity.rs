//! `specificity`: how often do such events happen without any effect?

use super::item;
use crate::suspects::{View, candidates::Candidate};
use model::{EventKind, Timestamp, analysis::EvidenceItem, time::MINUTE};
use std::collections::BTreeMap;

/// How often each kind happens in the window: events within ten minutes are one occasion.
pub(crate) struct Rates {
    kinds: BTreeMap<EventKind, usize>,
    objects: BTreeMap<(EventKind, String, String), usize>,
}

impl Rates {
    pub(crate) fn of(view: &View<'_>, candidates: &[Candidate<'_>]) -> Self {
        let mut times: BTreeMap<EventKind, Vec<Timestamp>> = BTreeMap::new();
        let mut objects = BTreeMap::new();
        for event in &view.case.evidence.events {
            if let Some(at) = event.at() {
                times.entry(event.kind.clone()).or_default().push(at);
                *objects.entry(object(event)).or_default() += 1;
            }
        }
        let mut kinds: BTreeMap<EventKind, usize> = times
            .into_iter()
            .map(|(kind, mut at)| {
                at.sort_unstable();
                let mut last: Option<Timestamp> = None;
                let occasions = at.iter().filter(|t| {
                    let new = last.is_none_or(|l| t.since(l) > 10 * MINUTE);
                    last = Some(**t);
                    new
                });
                (kind, occasions.count())
            })
            .collect();
        // Groups with stuck pods are a kind of their own.
        let groups = candidates.iter().filter(|c| !c.zombies.is_empty()).count();
        kinds.insert(EventKind::PodTerminating, groups);
        Self { kinds, objects }
    }
}

/// What counts as "such an event again": the kind on the same object, numbers left out of a job's
/// name (`report-27483920` is a run of `report`).
fn object(event: &model::Event) -> (EventKind, String, String) {
    let name = event
        .object
        .name
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    (event.kind.clone(), event.namespace.clone(), name.to_owned())
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
        EventKind::Scale | EventKind::JobRun => 0.12,
        EventKind::NodeReboot
        | EventKind::NodeAdded
        | EventKind::NodeRemoved
        | EventKind::NodeNotReady => 0.08,
        EventKind::OomKill => 0.06,
        EventKind::ContainerRestart | EventKind::LogPattern => 0.03,
        _ => 0.1,
    }
}

/// Prior of the kind over the number of occasions, and again over the runs of the same object.
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
    let same = rates
        .objects
        .get(&object(first))
        .copied()
        .unwrap_or(1)
        .max(1);
    let repeats = if candidate.zombies.is_empty() {
        (same as f64).powf(0.5)
    } else {
        1.0
    };
    let weight = (prior(candidate) / (occasions as f64 * repeats)).ln();
    let text = if candidate.zombies.is_empty() {
        format!(
            "events of the kind {} happened on {occasions} occasions in the window, {same} of them \
             to the same object",
            kind.label()
        )
    } else {
        format!("{occasions} group(s) of pods stuck in Terminating in the window")
    };
    Some(item("specificity", weight, text))
}
