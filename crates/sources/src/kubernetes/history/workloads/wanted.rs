//! What is wanted of a workload: its replicas, its schedule; and who wrote its template.

use super::{REACTION, SLACK};
use crate::kubernetes::{
    history::{
        kept::{About, Sight, Tracked},
        last::Last,
        pending::{Pending, event_id},
        when::When,
    },
    meta::{self, set},
    object::{self, Content, Object, Writer},
};
use model::{Event, EventKind, Timestamp};
use serde::{Deserialize, Serialize};

/// Writers of the template that are remembered.
const WRITERS: usize = 8;

/// What is remembered of a workload.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct WorkloadState {
    replicas: Option<i64>,
    generation: u64,
    schedule: Option<String>,
    suspended: bool,
    /// Who wrote the template, and when.
    writers: Vec<(String, Timestamp)>,
    chart: Option<String>,
    managed_by: Option<String>,
    app_version: Option<String>,
    /// The last scaling, with the generation before it and its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_scaling: Option<Last>,
    /// The last change of the schedule, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_schedule: Option<Last>,
}

impl Tracked for WorkloadState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Workload(said) = &object.content else {
            return false;
        };
        let meta = object.meta();
        let mut changed = self.take_writers(&object.writers);
        if sight.newest {
            if sight.first {
                self.begin(object, said, sight);
            } else {
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
            self.generation = generation(object);
        } else {
            changed |= self.scaled_before(object, said, sight, out);
            changed |= self.rescheduled_before(object, said, sight, out);
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

    /// A watch may tell first of what was changed before: a version from before the change may yet come.
    fn begin(&mut self, object: &Object, said: &object::Workload, sight: &Sight<'_>) {
        let generation = generation(object);
        if sight.listed || generation <= 1 {
            return;
        }
        self.last_scaling = said.replicas.map(|to| {
            let mut event = scaling(object, (to, to), sight);
            event.attributes.remove("from");
            Last::new(0, generation, event)
        });
        self.last_schedule = said.schedule.as_deref().map(|now| {
            let to = schedule(Some(now), said.suspended);
            let mut event = rescheduling(object, (&to, &to), sight);
            event.attributes.remove("from");
            Last::new(0, generation, event)
        });
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
        self.last_scaling = Some(Last::new(self.generation, generation(object), event));
    }

    /// A version before the last scaling came late: what looked like one scaling was two, or what looked
    /// like the beginning was one.
    fn scaled_before(
        &mut self,
        object: &Object,
        said: &object::Workload,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let (Some(last), Some(between)) = (&mut self.last_scaling, said.replicas) else {
            return false;
        };
        let own = generation(object);
        let to = last.event().attribute("to").unwrap_or_default();
        let Some(from) = last.was_two(own, "from", &between.to_string()) else {
            return false;
        };
        if to == between.to_string() {
            return false;
        }
        if let Ok(from) = from.parse() {
            let earlier = scaling(object, (from, between), sight);
            if earlier.id == last.event().id {
                return false;
            }
            out.event(earlier);
        }
        let title = format!(
            "{} {} scaled from {between} to {to}",
            last.event().object.kind,
            meta::shown(object.meta())
        );
        last.tell_from(own, ("from", between), Some(title), out);
        true
    }

    fn rescheduled(
        &mut self,
        object: &Object,
        said: &object::Workload,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) {
        let from = schedule(self.schedule.as_deref(), self.suspended);
        let to = schedule(said.schedule.as_deref(), said.suspended);
        if said.schedule.is_none() || from == to {
            return;
        }
        let event = rescheduling(object, (&from, &to), sight);
        out.event(event.clone());
        self.last_schedule = Some(Last::new(self.generation, generation(object), event));
    }

    /// A version before the last change came late, likewise.
    fn rescheduled_before(
        &mut self,
        object: &Object,
        said: &object::Workload,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let between = schedule(said.schedule.as_deref(), said.suspended);
        let Some(last) = self
            .last_schedule
            .as_mut()
            .filter(|_| said.schedule.is_some())
        else {
            return false;
        };
        let Some(from) = last.was_two(generation(object), "from", &between) else {
            return false;
        };
        let to = last.event().attribute("to").unwrap_or_default();
        if to == between {
            return false;
        }
        if !from.is_empty() {
            out.event(rescheduling(object, (&from, &between), sight));
        }
        let title = rescheduling_title(object, &between, &to);
        last.tell_from(generation(object), ("from", between), Some(title), out);
        true
    }

    /// Adds what a workload says of a rollout: who wrote the template just before, and what it is.
    pub(super) fn explain(&self, event: &mut Event) {
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
    pub(super) fn label(&self, event: &mut Event) {
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

fn generation(object: &Object) -> u64 {
    object.meta().generation.unwrap_or(0).unsigned_abs()
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

/// A schedule as people read it.
fn schedule(schedule: Option<&str>, suspended: bool) -> String {
    let paused = if suspended { " (suspended)" } else { "" };
    format!("{}{paused}", schedule.unwrap_or(""))
}

/// One change of the schedule.
fn rescheduling(object: &Object, (from, to): (&str, &str), sight: &Sight<'_>) -> Event {
    let mut event = change(object, EventKind::ConfigChange, sight);
    event.title = rescheduling_title(object, from, to);
    sight.when.start(&mut event);
    set(&mut event, "from", from);
    set(&mut event, "to", to);
    event
}

fn rescheduling_title(object: &Object, from: &str, to: &str) -> String {
    format!("CronJob {}: {from} -> {to}", meta::shown(object.meta()))
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
