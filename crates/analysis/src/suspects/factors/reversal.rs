//! `reversal`: does the effect end when the suspect ends?

use super::{Rates, item};
use crate::suspects::{View, candidates::Candidate};
use model::{
    Event, EventKind, Timestamp,
    analysis::EvidenceItem,
    time::{HOUR, MINUTE, span_text},
};
use std::collections::BTreeMap;

/// The end of a suspect counts when the driver came back from this long after it to a little
/// before (sampling).
const SOON: (i64, i64) = (10 * MINUTE, 30 * MINUTE);
/// Weight of an end that fits entirely.
const FITS: f64 = 3.0;
/// Weight of an effect that outlives its suspect, or the other way round.
const OUTLIVES: f64 = -2.5;

pub(super) fn weigh(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
) -> Option<EvidenceItem> {
    let ended = view.driver.ended?;
    let name = &view.driver.driver.series;
    let found = if candidate.zombies.is_empty() {
        by_undoing(view, candidate, rates, ended)
    } else {
        Some(by_pods(candidate, ended))
    }?;
    let (weight, how, events) = found;
    Some(EvidenceItem {
        series: vec![name.clone()],
        events,
        ..item(
            "reversal",
            weight,
            format!("{name} came back at {}: {how}", ended.minute()),
        )
    })
}

type Reversal = (f64, String, Vec<String>);

fn fits(end: Timestamp, ended: Timestamp) -> bool {
    (-SOON.0..=SOON.1).contains(&ended.since(end))
}

/// The stuck pods went, for instance with the reboot of their nodes.
fn by_pods(candidate: &Candidate<'_>, ended: Timestamp) -> Reversal {
    let n = candidate.zombies.len() as f64;
    let gone: Vec<String> = candidate
        .zombies
        .iter()
        .filter(|z| z.until.is_some_and(|u| fits(u, ended)))
        .map(|z| z.event.clone())
        .collect();
    let stay = candidate
        .zombies
        .iter()
        .filter(|z| z.until.is_none_or(|u| u.since(ended) > HOUR))
        .count();
    let between = candidate.zombies.len().saturating_sub(gone.len() + stay);
    let rest = match between {
        0 => String::new(),
        n => format!(", {n} at another time"),
    };
    let share = gone.len() as f64 / n;
    let weight = FITS * share + OUTLIVES * stay as f64 / n;
    (
        weight,
        format!(
            "{} of the {n:.0} stuck pods went within {} of it, {stay} stayed more than an hour longer{rest}",
            gone.len(),
            span_text(SOON.1)
        ),
        gone,
    )
}

/// A rollback, a second change of the same object, the node's reboot, the end of a job.
fn by_undoing(
    view: &View<'_>,
    candidate: &Candidate<'_>,
    rates: &Rates,
    ended: Timestamp,
) -> Option<Reversal> {
    let first = candidate.first();
    if let Some(end) = first.end.filter(|e| *e > candidate.start) {
        if fits(end, ended) {
            return Some((FITS, format!("the event ended at {}", end.minute()), vec![]));
        }
        // A job that runs for the first time may have changed something for good.
        let usual = first.kind != EventKind::JobRun || rates.repeats(first) > 1;
        if lasts(&first.kind) && usual && ended.since(end) > HOUR {
            return Some((
                OUTLIVES,
                format!("it had ended {} before", span_text(ended.since(end))),
                vec![],
            ));
        }
    }
    let undone = |e: &&Event| {
        let later = e.at().is_some_and(|at| at > candidate.start);
        later && e.id != first.id && undoes(first, e)
    };
    let names = [first.object.name.as_str(), first.node.as_str()];
    let named = names.iter().filter_map(|name| view.undoing.get(name));
    let event = named
        .flatten()
        .copied()
        .filter(undone)
        .min_by(|a, b| (a.at(), &a.id).cmp(&(b.at(), &b.id)))?;
    // By chance as often as the object is changed at all.
    let chance = rates.repeats(event) as f64 * (SOON.0 + SOON.1) as f64
        / view.case.window.millis().max(1) as f64;
    let weight = (UNDONE / chance.clamp(1e-3, 1.0)).ln().clamp(0.0, FITS);
    Some((
        weight,
        format!("{} ({}) came before", event.kind.label(), event.object.name),
        vec![event.id.clone()],
    ))
}

/// What happened around the end of a driver and undoes things, by the names of what it is about, so
/// that each candidate looks at its own alone.
#[derive(Default)]
pub(crate) struct Undoing<'e>(BTreeMap<&'e str, Vec<&'e Event>>);

impl<'e> Undoing<'e> {
    /// Of the events of the evidence, which are in order of time.
    pub(crate) fn of(events: &'e [Event], ended: Option<Timestamp>) -> Self {
        let Some(ended) = ended else {
            return Self::default();
        };
        let from = events.partition_point(|e| e.at().is_none_or(|at| at < ended.plus(-SOON.1)));
        let mut out = Self::default();
        for event in events.iter().skip(from) {
            if event.at().is_some_and(|at| at > ended.plus(SOON.0)) {
                break;
            }
            let names = [event.object.name.as_str(), event.node.as_str()];
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                out.0.entry(name).or_default().push(event);
            }
        }
        out
    }

    fn get(&self, name: &str) -> Option<&Vec<&'e Event>> {
        self.0.get(name)
    }
}

/// Share of the causes that are undone to end their effect.
const UNDONE: f64 = 0.5;

/// Kinds whose effect is there while they last.
fn lasts(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::JobRun | EventKind::NodeNotReady | EventKind::ProviderIncident
    )
}

fn undoes(first: &Event, later: &Event) -> bool {
    let same_object = !first.object.name.is_empty()
        && first.object.name == later.object.name
        && first.namespace == later.namespace;
    match later.kind {
        EventKind::Scale => same_object && first.kind == EventKind::Scale,
        EventKind::Rollout | EventKind::ConfigChange => {
            same_object && first.kind != EventKind::Scale
        }
        EventKind::NodeReboot | EventKind::NodeRemoved => {
            let node = if first.node.is_empty() {
                &first.object.name
            } else {
                &first.node
            };
            !node.is_empty() && (later.object.name == *node || later.node == *node)
        }
        _ => false,
    }
}
