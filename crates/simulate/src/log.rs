//! The events of a simulated incident, before they have ids.

use crate::cluster::{CLUSTER, Pod, Workload};
use model::{Event, EventKind, ObjectRef, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// Handle of an event until ids are given.
pub(crate) type Key = usize;

/// Events in the order in which the story tells them. Ids come at the end, by kind and time, so
/// that an id says nothing about who is guilty.
#[derive(Default)]
pub(crate) struct Log {
    events: Vec<Event>,
}

impl Log {
    /// Adds an event.
    pub(crate) fn push(&mut self, event: Event) -> Key {
        self.events.push(event);
        self.events.len() - 1
    }

    /// Ends an event that was still going on.
    pub(crate) fn end(&mut self, key: Key, at: Timestamp) {
        if let Some(event) = self.events.get_mut(key) {
            event.end = Some(at);
        }
    }

    /// Gives ids (`rollout-017`) and puts the events in order of time; also what became of the keys.
    pub(crate) fn finish(mut self) -> (Vec<Event>, Ids) {
        let mut order: Vec<Key> = (0..self.events.len()).collect();
        order.sort_by_key(|&key| (self.events.get(key).and_then(|e| e.start), key));
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for &key in &order {
            if let Some(event) = self.events.get_mut(key) {
                let kind = event.kind.as_str().to_owned();
                let count = counts.entry(kind).or_default();
                *count += 1;
                event.id = format!("{}-{count:03}", event.kind.as_str());
            }
        }
        let ids = self.events.iter().map(|e| e.id.clone()).collect();
        let events = order
            .iter()
            .filter_map(|&key| self.events.get(key).cloned())
            .collect();
        (events, Ids(ids))
    }
}

/// From keys to ids.
pub(crate) struct Ids(Vec<String>);

impl Ids {
    /// Ids of some keys, in their order.
    pub(crate) fn of(&self, keys: &[Key]) -> Vec<String> {
        keys.iter()
            .filter_map(|&k| self.0.get(k).cloned())
            .collect()
    }
}

/// An event of the cluster without an object.
pub(crate) fn event(kind: EventKind, source: &str, at: Timestamp, title: String) -> Event {
    Event {
        kind,
        start: Some(at),
        title,
        source: source.to_owned(),
        ..Event::default()
    }
}

/// Something that happened to a node.
pub(crate) fn node_event(kind: EventKind, at: Timestamp, node: &str, title: String) -> Event {
    Event {
        cluster: CLUSTER.into(),
        object: object("Node", node),
        node: node.to_owned(),
        ..event(kind, "kubernetes", at, title)
    }
}

/// Something that happened to a pod.
pub(crate) fn pod_event(kind: EventKind, at: Timestamp, pod: &Pod, title: String) -> Event {
    Event {
        cluster: CLUSTER.into(),
        namespace: pod.namespace.clone(),
        object: object("Pod", &pod.name),
        node: pod.node.clone(),
        ..event(kind, "kubernetes", at, title)
    }
}

/// Something that happened to a Deployment.
pub(crate) fn workload_event(
    kind: EventKind,
    at: Timestamp,
    of: &Workload,
    title: String,
) -> Event {
    Event {
        cluster: CLUSTER.into(),
        namespace: of.namespace.clone(),
        object: object("Deployment", &of.name),
        ..event(kind, "kubernetes", at, title)
    }
}

/// An object of that kind and name.
pub(crate) fn object(kind: &str, name: &str) -> ObjectRef {
    ObjectRef {
        kind: kind.to_owned(),
        name: name.to_owned(),
    }
}

/// The event with one attribute more.
pub(crate) fn with(mut event: Event, name: &str, value: impl Into<Value>) -> Event {
    event.attributes.insert(name.to_owned(), value.into());
    event
}
