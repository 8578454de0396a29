//! Revisions of a workload: the templates that it had, and the rollouts that brought them.

use super::{REACTION, SLACK};
use crate::kubernetes::{
    history::{
        kept::{About, Sight, Tracked},
        pending::Pending,
        when::When,
    },
    meta::owned,
    object::{Content, Object},
    rollouts::{Returned, Revision},
};
use model::Event;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is remembered of a revision.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RevisionState {
    pub(crate) revision: Revision,
    pub(super) uid: String,
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

impl RevisionState {
    pub(super) fn write(&mut self, events: Vec<Event>, out: &mut Pending) -> bool {
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
