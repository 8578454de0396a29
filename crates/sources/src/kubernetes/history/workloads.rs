//! Workloads: their revisions, who rolled them out, and how many replicas they want.

use super::{
    kept::{About, Kept, Sight, Tracked},
    pending::{Pending, event_id},
    when::When,
};
use crate::kubernetes::{
    Listing,
    events::Scaling,
    meta::{self, owned, set},
    object::{self, Content, Object, Writer},
    rollouts::{self, Returned, Revision, Rollout},
};
use model::{Event, EventKind, Timestamp, time::SECOND};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// `managedFields` count whole seconds, and the object is on its way for a moment.
const SLACK: i64 = 2 * SECOND;
/// A controller makes the new revision within this time of the change of the template.
const REACTION: i64 = 30 * SECOND;
/// Writers of the template that are remembered.
const WRITERS: usize = 8;

/// What is remembered of a revision.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RevisionState {
    pub(crate) revision: Revision,
    uid: String,
    /// Its rollouts as they were last written, by id.
    written: BTreeMap<String, Event>,
}

impl Tracked for RevisionState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Revision(Some(said)) = &object.content else {
            return false;
        };
        let mut said = (**said).clone();
        let known = &self.revision;
        let number = said.numbers.last().copied();
        let risen = number > known.numbers.last().copied() && !known.numbers.is_empty();
        said.numbers.extend(&known.numbers);
        said.returned.clone_from(&known.returned);
        if let Some(number) = number.filter(|_| risen && !sight.first && sight.newest) {
            said.returned.insert(number, returned(object, sight));
        }
        let changed = said != self.revision;
        if changed {
            let key = (
                said.namespace.clone(),
                said.owner_kind.clone(),
                said.owner.clone(),
            );
            out.workloads.insert(key);
            if sight.first && said.owner_kind == "Deployment" {
                out.edges(owned(sight.listing, "ReplicaSet", object.meta()));
            }
            object.uid().clone_into(&mut self.uid);
            self.revision = said;
        }
        changed
    }

    fn gone(&mut self, _: &About<'_>, _: When, _: &mut Pending) {}
}

/// When a template came back: the time of the very write where its version was seen.
fn returned(object: &Object, sight: &Sight<'_>) -> Returned {
    let written = object
        .writers
        .iter()
        .filter(|w| w.revision)
        .map(|w| w.at)
        .max();
    // The very version that raised the number was written then, however long it was on its way.
    let slack = if sight.listed { SLACK } else { REACTION };
    let written = written.filter(|at| sight.when.allows(*at, slack));
    let when = match (written, sight.listed) {
        (Some(at), false) => When::exact(at),
        (Some(at), true) => When::between(sight.when.earliest, at),
        (None, _) => sight.when,
    };
    Returned {
        earliest: when.earliest,
        latest: when.latest,
    }
}

/// What is remembered of a workload.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WorkloadState {
    replicas: Option<i64>,
    generation: i64,
    schedule: Option<String>,
    suspended: bool,
    /// Who wrote the template, and when.
    writers: Vec<(String, Timestamp)>,
    chart: Option<String>,
    managed_by: Option<String>,
    app_version: Option<String>,
    /// The last scaling, with the generation before it and its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_scaling: Option<(i64, i64, Box<Event>)>,
}

impl Tracked for WorkloadState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Workload(said) = &object.content else {
            return false;
        };
        let meta = object.meta();
        let mut changed = self.take_writers(&object.writers);
        if sight.newest {
            let generation = meta.generation.unwrap_or(0);
            if !sight.first {
                self.scaled(object, said, sight, out);
                self.rescheduled(object, said, sight, out);
            }
            let now = (said.replicas, said.schedule.clone(), said.suspended);
            let labels = (&said.chart, &said.managed_by, &said.app_version);
            changed |= now != (self.replicas, self.schedule.clone(), self.suspended)
                || labels != (&self.chart, &self.managed_by, &self.app_version);
            (self.replicas, self.schedule, self.suspended) = now;
            self.chart.clone_from(&said.chart);
            self.managed_by.clone_from(&said.managed_by);
            self.app_version.clone_from(&said.app_version);
            self.generation = generation;
        } else {
            changed |= self.scaled_before(object, said, sight, out);
        }
        if changed || sight.first {
            let namespace = meta::namespace(meta).to_owned();
            for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
                let key = (
                    namespace.clone(),
                    kind.to_owned(),
                    meta::name(meta).to_owned(),
                );
                out.workloads.insert(key);
            }
        }
        changed
    }

    fn gone(&mut self, _: &About<'_>, _: When, _: &mut Pending) {}
}

impl WorkloadState {
    fn take_writers(&mut self, writers: &[Writer]) -> bool {
        let mut changed = false;
        for writer in writers.iter().filter(|w| w.template) {
            let said = (writer.manager.clone(), writer.at);
            if !self.writers.contains(&said) {
                self.writers.push(said);
                changed = true;
            }
        }
        self.writers.sort_by_key(|(_, at)| *at);
        let old = self.writers.len().saturating_sub(WRITERS);
        self.writers.drain(..old);
        changed
    }

    /// A number of replicas that somebody wants is no part of a rollout, whose own scaling happens
    /// in the replica sets.
    fn scaled(
        &mut self,
        object: &Object,
        said: &object::Workload,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) {
        let (Some(from), Some(to)) = (self.replicas, said.replicas) else {
            return;
        };
        if from == to {
            return;
        }
        let event = scaling(object, (from, to), sight);
        out.event(event.clone());
        let generation = object.meta().generation.unwrap_or(0);
        self.last_scaling = Some((self.generation, generation, Box::new(event)));
    }

    /// A version between the last two came late: what looked like one scaling was two.
    fn scaled_before(
        &mut self,
        object: &Object,
        said: &object::Workload,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let generation = object.meta().generation.unwrap_or(0);
        let (Some((before, own, last)), Some(between)) = (&mut self.last_scaling, said.replicas)
        else {
            return false;
        };
        let from = last.attribute("from").and_then(|from| from.parse().ok());
        let inside = *before < generation && generation < *own;
        let Some(from) = from.filter(|from| inside && *from != between) else {
            return false;
        };
        let earlier = scaling(object, (from, between), sight);
        if earlier.id == last.id {
            return false;
        }
        out.event(earlier);
        *before = generation;
        set(last, "from", between);
        let to = last.attribute("to").unwrap_or_default();
        last.title = format!(
            "{} {} scaled from {between} to {to}",
            last.object.kind,
            meta::shown(object.meta())
        );
        out.event((**last).clone());
        true
    }

    fn rescheduled(
        &self,
        object: &Object,
        said: &object::Workload,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) {
        let shown = |schedule: &Option<String>, suspended| {
            let paused = if suspended { " (suspended)" } else { "" };
            format!("{}{paused}", schedule.as_deref().unwrap_or(""))
        };
        let from = shown(&self.schedule, self.suspended);
        let to = shown(&said.schedule, said.suspended);
        if said.schedule.is_none() || from == to {
            return;
        }
        let mut event = change(object, EventKind::ConfigChange, sight);
        event.title = format!("CronJob {}: {from} -> {to}", meta::shown(object.meta()));
        sight.when.start(&mut event);
        set(&mut event, "from", from);
        set(&mut event, "to", to);
        out.event(event);
    }

    /// Adds what a workload says of a rollout: who wrote the template just before, and what it is.
    fn explain(&self, event: &mut Event) {
        let start = event.start;
        let near = self.writers.iter().filter(|(_, at)| {
            start.is_some_and(|start| (-SLACK..=REACTION).contains(&start.since(*at)))
        });
        if let Some((manager, at)) = near.max_by_key(|(_, at)| *at) {
            set(event, "manager", manager.clone());
            meta::set_time(event, "template_written_at", Some(*at));
        }
    }

    /// What it says of its newest rollout only, because its labels change with each.
    fn label(&self, event: &mut Event) {
        for (name, value) in [
            ("chart", &self.chart),
            ("managed_by", &self.managed_by),
            ("app_version", &self.app_version),
        ] {
            if value.is_some() {
                set(event, name, value.clone());
            }
        }
    }
}

/// One change of the number of replicas.
fn scaling(object: &Object, (from, to): (i64, i64), sight: &Sight<'_>) -> Event {
    let writers = object.writers.iter().filter(|w| w.replicas);
    let writer = writers.max_by_key(|w| w.at).filter(|w| {
        sight
            .when
            .allows(w.at, if sight.listed { SLACK } else { REACTION })
    });
    let mut event = change(object, EventKind::Scale, sight);
    let way = if to > from { "up" } else { "down" };
    let kind = &event.object.kind;
    event.title = format!(
        "{kind} {} scaled {way} from {from} to {to}",
        meta::shown(object.meta())
    );
    match writer.filter(|_| !sight.listed) {
        Some(writer) => event.start = Some(writer.at),
        None => sight.when.start(&mut event),
    }
    set(&mut event, "from", from);
    set(&mut event, "to", to);
    set(&mut event, "manager", writer.map(|w| w.manager.clone()));
    event
}

fn change(object: &Object, kind: EventKind, sight: &Sight<'_>) -> Event {
    let meta = object.meta();
    let mut event = meta::event(sight.listing, kind, object.kind, meta);
    // Every change of what is wanted has a generation of its own.
    let generation = meta.generation.unwrap_or(0).to_string();
    let word = event.kind.as_str().replace('_', "-");
    event.id = event_id(&[&word, object.uid(), &generation]);
    event
}

/// Revisions by their keys.
type Keyed<'a> = Vec<(&'a str, &'a RevisionState)>;

/// Workloads and their revisions.
pub(crate) struct Workloads {
    pub(crate) deployments: Kept<WorkloadState>,
    pub(crate) stateful_sets: Kept<WorkloadState>,
    pub(crate) daemon_sets: Kept<WorkloadState>,
    pub(crate) cron_jobs: Kept<WorkloadState>,
    pub(crate) replica_sets: Kept<RevisionState>,
    pub(crate) controller_revisions: Kept<RevisionState>,
}

impl Workloads {
    pub(crate) fn new() -> Self {
        Self {
            deployments: Kept::new("Deployment"),
            stateful_sets: Kept::new("StatefulSet"),
            daemon_sets: Kept::new("DaemonSet"),
            cron_jobs: Kept::new("CronJob"),
            replica_sets: Kept::new("ReplicaSet"),
            controller_revisions: Kept::new("ControllerRevision"),
        }
    }

    /// Writes down the rollouts of the workloads of which something new is known. What was written
    /// stays where less is known now, because its neighbours were pruned since.
    pub(crate) fn write(
        &mut self,
        workloads: &BTreeSet<(String, String, String)>,
        scalings: &[Scaling],
        listing: &Listing,
        out: &mut Pending,
    ) {
        let wanted: BTreeSet<(&str, &str, &str)> = workloads
            .iter()
            .map(|(namespace, kind, name)| (namespace.as_str(), kind.as_str(), name.as_str()))
            .collect();
        for sets in [&mut self.replica_sets, &mut self.controller_revisions] {
            let mut by_workload: BTreeMap<(&str, &str, &str), Keyed<'_>> = BTreeMap::new();
            for (key, state) in sets.iter() {
                let r = &state.revision;
                let of = (
                    r.namespace.as_str(),
                    r.owner_kind.as_str(),
                    r.owner.as_str(),
                );
                if wanted.contains(&of) {
                    by_workload.entry(of).or_default().push((key, state));
                }
            }
            let mut all = Vec::new();
            for ((namespace, kind, name), revisions) in &by_workload {
                let owner = match *kind {
                    "Deployment" => &self.deployments,
                    "StatefulSet" => &self.stateful_sets,
                    "DaemonSet" => &self.daemon_sets,
                    _ => continue,
                };
                let owner = owner.get(&format!("{namespace}/{name}"));
                all.extend(of_workload(revisions, owner, scalings, listing));
            }
            for (key, events) in all {
                sets.change(&key, listing, out, |_, state, out| state.write(events, out));
            }
        }
    }
}

/// The rollouts of one workload, by the key of the revision.
fn of_workload(
    revisions: &[(&str, &RevisionState)],
    owner: Option<&WorkloadState>,
    scalings: &[Scaling],
    listing: &Listing,
) -> BTreeMap<String, Vec<Event>> {
    let plain: Vec<Revision> = revisions.iter().map(|(_, s)| s.revision.clone()).collect();
    let rollouts = rollouts::events(&plain, &[], scalings, listing);
    let last = rollouts.len().saturating_sub(1);
    let mut out: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for (i, rollout) in rollouts.into_iter().enumerate() {
        let Some((key, state)) = revisions.get(rollout.index) else {
            continue;
        };
        let id = rollout_id(&state.uid, &rollout);
        let mut event = rollout.event;
        event.id = id;
        if let Some(owner) = owner {
            owner.explain(&mut event);
            if i == last {
                owner.label(&mut event);
            }
        }
        out.entry((*key).to_owned()).or_default().push(event);
    }
    out
}

/// The first time of a template by its revision's uid, each return by its number as well.
fn rollout_id(uid: &str, rollout: &Rollout) -> String {
    match rollout.number {
        Some(number) if !rollout.new => event_id(&["rollout", uid, &number.to_string()]),
        _ => event_id(&["rollout", uid]),
    }
}

impl RevisionState {
    fn write(&mut self, events: Vec<Event>, out: &mut Pending) -> bool {
        let mut changed = false;
        for mut event in events {
            if let Some(known) = self.written.get(&event.id) {
                keep_known(known, &mut event);
                if *known == event {
                    continue;
                }
            }
            out.event(event.clone());
            self.written.insert(event.id.clone(), event);
            changed = true;
        }
        changed
    }
}

/// What was known of a rollout stays known.
fn keep_known(known: &Event, event: &mut Event) {
    let lost = known.attributes.contains_key("image_before")
        && !event.attributes.contains_key("image_before");
    if lost {
        event.title.clone_from(&known.title);
    }
    for (name, value) in &known.attributes {
        let bound = name.starts_with("start_") && event.start.is_some();
        if !bound && (lost || !event.attributes.contains_key(name)) {
            event.attributes.insert(name.clone(), value.clone());
        }
    }
    event.start = event.start.or(known.start);
    if event.start.is_some() {
        event.attributes.remove("start_earliest");
        event.attributes.remove("start_latest");
    }
}
