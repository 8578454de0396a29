//! Candidates: events, and groups of events that are one cause.

use super::{
    View,
    relation::{Relation, Relations},
};
use model::{
    Event, EventKind, Timestamp,
    analysis::StuckPod,
    time::{DAY, HOUR, MINUTE},
    words::count,
};
use std::collections::{BTreeMap, BTreeSet};

/// A possible cause.
pub(crate) struct Candidate<'e> {
    /// Its events, the one that began it first.
    pub events: Vec<&'e Event>,
    /// Stuck pods among them.
    pub zombies: Vec<&'e StuckPod>,
    /// When it began.
    pub start: Timestamp,
    /// From when it can have had an effect: the first stuck pod of a group, else the start.
    pub effect: Timestamp,
    /// Rollouts of the same wave that left no stuck pod, while others did.
    pub spared: bool,
}

impl<'e> Candidate<'e> {
    /// The event that began it.
    pub(crate) fn first(&self) -> &'e Event {
        // A candidate is never made without an event.
        self.events.first().copied().unwrap_or(&NOTHING)
    }

    pub(crate) fn id(&self) -> &'e str {
        &self.first().id
    }

    /// The ids of its events, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'e str> {
        self.events.iter().map(|e| e.id.as_str())
    }

    pub(crate) fn kind(&self) -> &'e EventKind {
        &self.first().kind
    }

    /// The closest relation of any of its events.
    pub(crate) fn relation(&self, relations: &Relations) -> Relation {
        let all = self.events.iter().map(|e| relations.relation(e));
        all.max().unwrap_or(Relation::Unknown)
    }

    pub(crate) fn end(&self) -> Option<Timestamp> {
        let ends: Option<Vec<Timestamp>> = if self.zombies.is_empty() {
            self.events.iter().map(|e| e.end).collect()
        } else {
            self.zombies.iter().map(|z| z.until).collect()
        };
        ends?.into_iter().max()
    }

    pub(crate) fn title(&self) -> String {
        let first = self.first();
        let what = if first.title.is_empty() {
            format!("{} {}", first.kind.label(), first.object.name)
        } else {
            first.title.clone()
        };
        let rollouts = self.events.len() - self.zombies.len();
        let more = if rollouts > 1 {
            format!(" and {}", count(rollouts - 1, "more rollout"))
        } else {
            String::new()
        };
        let pods = |n| count(n, "pod");
        match self.zombies.len() {
            0 => what,
            n if rollouts == 0 => format!("{} stuck in Terminating", pods(n)),
            n => format!("{what}{more}, which left {} stuck in Terminating", pods(n)),
        }
    }
}

static NOTHING: std::sync::LazyLock<Event> = std::sync::LazyLock::new(Event::default);

/// Two rollouts of one wave are at most this far apart.
const WAVE: i64 = 30 * MINUTE;
/// A rollout replaces its pods within this time (the default progress deadline is ten minutes; a
/// large one takes a few times that).
const ROLLING: i64 = 2 * HOUR;
/// Farthest before the onset that a candidate is looked for.
const LOOK_BACK: i64 = 14 * DAY;
/// Farthest after it: the onset is only known so well.
const LOOK_AHEAD: i64 = HOUR;

/// Groups of stuck pods, with the rollouts that left them where there are any.
pub(crate) fn groups<'e>(view: &'e View<'_>) -> Vec<Candidate<'e>> {
    if view.stuck.is_empty() {
        return Vec::new();
    }
    let ids: BTreeSet<&str> = view.stuck.iter().map(|pod| pod.event.as_str()).collect();
    let events = view.case.evidence.events.iter();
    let by_id: BTreeMap<&str, &Event> = events
        .filter(|e| ids.contains(e.id.as_str()))
        .map(|e| (e.id.as_str(), e))
        .collect();
    let rollouts: Vec<&Event> = sorted(view, |e| e.kind == EventKind::Rollout);
    let mut left: BTreeMap<&str, Vec<&StuckPod>> = BTreeMap::new();
    let mut orphans: Vec<&StuckPod> = Vec::new();
    for pod in view.stuck {
        match rollout_of(pod, by_id.get(pod.event.as_str()).copied(), &rollouts) {
            Some(rollout) => left.entry(rollout.id.as_str()).or_default().push(pod),
            None => orphans.push(pod),
        }
    }
    let guilty: Vec<&Event> = rollouts
        .iter()
        .filter(|r| left.contains_key(r.id.as_str()))
        .copied()
        .collect();
    let mut out = waves(&guilty, &left, &by_id);
    out.extend(orphan_groups(&orphans, &by_id));
    out
}

/// Every candidate, in order of its start and id.
pub(crate) fn candidates<'e>(view: &'e View<'_>) -> Vec<Candidate<'e>> {
    let onset = view.driver.driver.onset;
    let mut out = groups(view);
    let grouped: BTreeSet<&str> = out.iter().flat_map(Candidate::ids).collect();
    let single = sorted(view, |e| {
        can_cause(&e.kind) && !grouped.contains(e.id.as_str())
    });
    let groups = out.len();
    let mut last: BTreeMap<(&EventKind, &str, &str), usize> = BTreeMap::new();
    for event in single {
        let Some(start) = event.at() else { continue };
        let object = (
            &event.kind,
            event.namespace.as_str(),
            event.object.name.as_str(),
        );
        let again = last.get(&object).and_then(|k| out.get_mut(*k));
        if let Some(same) = again.filter(|c| is_change(event) && start.since(c.start) <= AGAIN) {
            same.events.push(event);
            continue;
        }
        if onset.since(start) > LOOK_BACK || start.since(onset) > LOOK_AHEAD {
            continue;
        }
        let spared = event.kind == EventKind::Rollout
            && out.iter().take(groups).any(|c| {
                let last = c.events.iter().filter_map(|e| e.start).max();
                c.kind() == &EventKind::Rollout
                    && start >= c.start.plus(-WAVE)
                    && last.is_some_and(|last| start <= last.plus(WAVE))
            });
        last.insert(object, out.len());
        out.push(Candidate {
            events: vec![event],
            zombies: Vec::new(),
            start,
            effect: start,
            spared,
        });
    }
    out.sort_by(|a, b| (a.start, a.id()).cmp(&(b.start, b.id())));
    out
}

/// Changes of one object within this time are one piece of work.
const AGAIN: i64 = 10 * MINUTE;

/// Whether somebody changed something.
fn is_change(event: &Event) -> bool {
    matches!(event.kind, EventKind::Rollout | EventKind::ConfigChange)
        && !event.object.name.is_empty()
}

/// Kinds that can begin something. Alerts report, and a pod that goes is the work of another.
pub(super) fn can_cause(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Alert | EventKind::PodTerminating)
}

fn sorted<'e>(view: &'e View<'_>, keep: impl Fn(&Event) -> bool) -> Vec<&'e Event> {
    let mut out: Vec<&Event> = view
        .case
        .evidence
        .events
        .iter()
        .filter(|e| keep(e))
        .collect();
    out.sort_by(|a, b| (a.at(), &a.id).cmp(&(b.at(), &b.id)));
    out
}

/// The last rollout of the pod's workload before it began to terminate.
fn rollout_of<'e>(
    pod: &StuckPod,
    event: Option<&Event>,
    rollouts: &[&'e Event],
) -> Option<&'e Event> {
    let (earliest, latest) = event?.start_bounds();
    let latest = latest?;
    rollouts
        .iter()
        .rev()
        .filter(|r| r.namespace == pod.namespace && owns(r, &pod.pod))
        .find(|r| {
            r.at().is_some_and(|at| {
                at <= latest.plus(5 * MINUTE)
                    && earliest.is_none_or(|first| first.since(at) <= ROLLING)
            })
        })
        .copied()
}

/// Whether the pod's name says that it belongs to the rollout's object: `<name>-<hash>-<id>` for a
/// Deployment, `<name>-<id>` for its `ReplicaSet`, a `DaemonSet` or a
/// `StatefulSet`.
fn owns(rollout: &Event, pod: &str) -> bool {
    let name = rollout.object.name.as_str();
    let Some(rest) = pod.strip_prefix(name).and_then(|r| r.strip_prefix('-')) else {
        // A new ReplicaSet's rollout ends the pods of the old one: compare without the hash.
        return rollout.object.kind == "ReplicaSet"
            && name.rsplit_once('-').is_some_and(|(deployment, _)| {
                pod.strip_prefix(deployment)
                    .and_then(|r| r.strip_prefix('-'))
                    .is_some_and(|rest| rest.matches('-').count() == 1)
            });
    };
    !name.is_empty() && rest.matches('-').count() <= 1
}

/// Rollouts that left stuck pods, those of one wave together.
fn waves<'e>(
    guilty: &[&'e Event],
    left: &BTreeMap<&str, Vec<&'e StuckPod>>,
    by_id: &BTreeMap<&str, &'e Event>,
) -> Vec<Candidate<'e>> {
    let mut groups: Vec<Vec<&'e Event>> = Vec::new();
    for rollout in guilty {
        let joins = groups.last().and_then(|g| g.last()).is_some_and(|last| {
            let near = rollout
                .at()
                .zip(last.at())
                .is_some_and(|(b, a)| b.since(a) <= WAVE);
            near && same_hand(last, rollout)
        });
        match groups.last_mut() {
            Some(group) if joins => group.push(rollout),
            _ => groups.push(vec![rollout]),
        }
    }
    groups
        .into_iter()
        .filter_map(|rollouts| {
            let zombies: Vec<&StuckPod> = rollouts
                .iter()
                .flat_map(|r| left.get(r.id.as_str()).into_iter().flatten().copied())
                .collect();
            group(rollouts, zombies, by_id)
        })
        .collect()
}

/// Whether nothing speaks against two rollouts being one piece of work.
fn same_hand(a: &Event, b: &Event) -> bool {
    ["user", "reason"]
        .iter()
        .all(|name| match (a.attribute(name), b.attribute(name)) {
            (Some(x), Some(y)) => x == y,
            _ => true,
        })
}

fn group<'e>(
    mut events: Vec<&'e Event>,
    zombies: Vec<&'e StuckPod>,
    by_id: &BTreeMap<&str, &'e Event>,
) -> Option<Candidate<'e>> {
    events.extend(zombies.iter().filter_map(|z| by_id.get(z.event.as_str())));
    let start = events.first()?.at()?;
    let effect = zombies.iter().filter_map(|z| z.since).min();
    Some(Candidate {
        events,
        zombies,
        start,
        effect: effect.unwrap_or(start).max(start),
        spared: false,
    })
}

/// Stuck pods that no rollout explains, those that began together as one.
fn orphan_groups<'e>(
    orphans: &[&'e StuckPod],
    by_id: &BTreeMap<&str, &'e Event>,
) -> Vec<Candidate<'e>> {
    let mut timed: Vec<(Timestamp, &'e StuckPod)> = orphans
        .iter()
        .filter_map(|z| Some((by_id.get(z.event.as_str())?.at()?, *z)))
        .collect();
    timed.sort_by(|a, b| (a.0, &a.1.event).cmp(&(b.0, &b.1.event)));
    let mut groups: Vec<Vec<(Timestamp, &'e StuckPod)>> = Vec::new();
    for (at, pod) in timed {
        match groups.last_mut() {
            Some(g) if g.last().is_some_and(|(last, _)| at.since(*last) <= WAVE) => {
                g.push((at, pod));
            }
            _ => groups.push(vec![(at, pod)]),
        }
    }
    groups
        .into_iter()
        .filter_map(|g| group(Vec::new(), g.into_iter().map(|(_, z)| z).collect(), by_id))
        .collect()
}
