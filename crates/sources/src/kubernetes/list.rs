//! What `kubectl get … -o json` printed: a list of any kinds, one object, or several after another.

mod salvage;

use super::{
    Listing,
    damaged::{Decoded, decoded},
    document::{Head, Items, Lines},
    events, jobs,
    meta::{Ids, SOURCE, open_end, set},
    nodes, pods, rollouts,
    rollouts::Revision,
    volumes::Volumes,
};
use crate::{BundleError, bundle::limits::MAX_OBJECTS};
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, Deployment, ReplicaSet},
    batch::v1::Job,
    core::v1::{Event as ApiEvent, Node, PersistentVolume, PersistentVolumeClaim, Pod},
    events::v1::Event as NewEvent,
};
use model::{
    Batch, Edge, Event, EventKind, Gap, Provenance, Timestamp,
    time::MINUTE,
    words::{count, count_are},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};
use std::collections::{BTreeMap, BTreeSet};

/// A typed object and the line on which it begins.
struct At<T> {
    line: u64,
    object: T,
}

/// The objects of a file, by kind.
#[derive(Default)]
struct Objects {
    pods: Vec<At<Pod>>,
    replica_sets: Vec<At<ReplicaSet>>,
    controller_revisions: Vec<At<ControllerRevision>>,
    deployments: Vec<At<Deployment>>,
    nodes: Vec<At<Node>>,
    events: Vec<At<ApiEvent>>,
    jobs: Vec<At<Job>>,
    volumes: Vec<At<PersistentVolume>>,
    claims: Vec<At<PersistentVolumeClaim>>,
    /// Kinds that are not read, with their number.
    others: BTreeMap<String, usize>,
    gaps: Vec<Gap>,
    /// Objects taken in, of whatever kind.
    taken: usize,
}

/// Reads saved objects. An object that cannot be read is named in the gaps, the others are kept; of
/// a listing that is damaged or breaks off, everything that is whole. UTF-16 with its mark is read
/// as well, and a byte that is no text is one `�`.
///
/// # Errors
/// Where the text holds no whole Kubernetes object: names the line and what was expected. Where it
/// holds more than can be taken in.
pub fn from_json(content: &[u8], listing: &Listing) -> Result<Batch, BundleError> {
    let Decoded { text, replaced } = decoded(content);
    let mut objects = Objects::default();
    let mut lines = Lines::new(&text);
    let mut any = false;
    let mut documents = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
    let broken = loop {
        let begun = documents.byte_offset();
        match documents.next() {
            None => break None,
            Some(Ok(document)) => any |= objects.document(document, None, &mut lines, 0),
            Some(Err(error)) => break Some((begun, error)),
        }
    };
    if let Some((begun, error)) = broken {
        objects.salvage(&text, begun, &mut lines);
        any = objects.taken > 0;
        if !any {
            let expected = format!("JSON as kubectl prints it ({error})");
            return Err(BundleError::at(
                &listing.path,
                error.line() as u64,
                expected,
            ));
        }
    }
    if objects.taken > MAX_OBJECTS {
        return Err(BundleError::TooLarge {
            file: listing.path.clone(),
            line: None,
            limit: format!("{MAX_OBJECTS} objects"),
        });
    }
    if !any {
        let expected = "JSON as kubectl prints it, with a 'kind' in each object";
        return Err(BundleError::at(&listing.path, 1, expected));
    }
    if let Some((bytes, line)) = replaced {
        let reason = format!(
            "{} no text and shown as '\u{fffd}', the first here: names in it may be wrong; save the listing as UTF-8",
            count_are(bytes, "byte")
        );
        objects.gap("", line, &reason);
    }
    Ok(objects.batch(listing))
}

impl Objects {
    /// Takes one document in; `false` where it is no Kubernetes object.
    fn document<'a>(
        &mut self,
        raw: &'a RawValue,
        list_kind: Option<&str>,
        lines: &mut Lines<'a>,
        depth: u8,
    ) -> bool {
        let line = lines.of(raw.get());
        if raw.get().starts_with('[') && depth == 0 {
            let items =
                serde_json::from_str::<Items<'_>>(raw.get()).map_or_else(|_| Vec::new(), |i| i.0);
            let mut any = false;
            for item in items {
                any |= self.document(item, None, lines, depth + 1);
            }
            return any;
        }
        let Ok(head) = serde_json::from_str::<Head<'_>>(raw.get()) else {
            return false;
        };
        if let (Some(inner), None, true) = (head.object, &head.kind, depth == 0) {
            return self.document(inner, None, lines, depth + 1);
        }
        let kind = head.kind.as_deref().or(list_kind);
        let Some(kind) = kind else { return false };
        if let (Some(Items(items)), true) = (head.items, depth < 2) {
            // In a `PodList` straight from the API the items do not repeat their kind.
            let inner = kind.strip_suffix("List").filter(|inner| !inner.is_empty());
            for item in items {
                if !self.document(item, inner, lines, depth + 1) {
                    let line = lines.of(item.get());
                    self.gap("", line, "an item without a kind is left out");
                }
            }
            return true;
        }
        self.object(kind, head.api_version.as_deref().unwrap_or(""), line, raw);
        true
    }

    fn object(&mut self, kind: &str, api_version: &str, line: u64, raw: &RawValue) {
        self.taken += 1;
        if self.taken > MAX_OBJECTS {
            return; // refused by the caller
        }
        let json = raw.get();
        let done = match kind {
            "Pod" => typed(line, json).map(|o| self.pods.push(o)),
            "ReplicaSet" => typed(line, json).map(|o| self.replica_sets.push(o)),
            "ControllerRevision" => typed(line, json).map(|o| self.controller_revisions.push(o)),
            "Deployment" => typed(line, json).map(|o| self.deployments.push(o)),
            "Node" => typed(line, json).map(|o| self.nodes.push(o)),
            "Job" => typed(line, json).map(|o| self.jobs.push(o)),
            "PersistentVolume" => typed(line, json).map(|o| self.volumes.push(o)),
            "PersistentVolumeClaim" => typed(line, json).map(|o| self.claims.push(o)),
            "Event" if api_version.starts_with("events.k8s.io/") => typed::<NewEvent>(line, json)
                .map(|At { line, object }| {
                    let object = events::from_new(object);
                    self.events.push(At { line, object });
                }),
            "Event" => typed(line, json).map(|o| self.events.push(o)),
            other => {
                *self.others.entry(other.to_owned()).or_default() += 1;
                Ok(())
            }
        };
        if let Err(error) = done {
            let named = name_of(json);
            let line = line + (error.line() as u64).saturating_sub(1);
            let error = error.to_string();
            let why = error.split(" at line ").next().unwrap_or("");
            let reason = format!("{kind} {named} cannot be read and is left out: {why}");
            self.gap(kind, line, &super::meta::short(&reason, 300));
        }
    }

    fn gap(&mut self, what: &str, line: u64, reason: &str) {
        self.gaps.push(Gap {
            what: what.to_owned(),
            window: None,
            reason: format!("line {line}: {reason}"),
        });
    }

    fn batch(mut self, listing: &Listing) -> Batch {
        let mut ids = Ids::new(listing);
        let mut out: Vec<Event> = Vec::new();
        let scalings = self.rollouts(listing, &mut ids, &mut out);
        let mut keep = |line: u64, mut event: Event| {
            event.id = ids.next(line);
            out.push(event);
        };
        for (line, scaling) in &scalings {
            keep(*line, events::scale_event(scaling, listing));
        }
        for At { line, object } in &self.pods {
            for event in pods::events(object, listing) {
                keep(*line, event);
            }
        }
        for At { line, object } in &self.nodes {
            for event in nodes::events(object, listing) {
                keep(*line, event);
            }
        }
        for At { line, object } in &self.jobs {
            if let Some(event) = jobs::event_of(object, listing) {
                keep(*line, event);
            }
        }
        for (line, event) in self.api_events(listing) {
            keep(line, event);
        }
        drop_repeated(&mut out);
        let topology = self.topology(listing);
        self.report_others();
        self.gaps.extend(open_end(listing, &out));
        Batch {
            provenance: Provenance {
                source: SOURCE.into(),
                query: listing.path.clone(),
                asked_at: listing.observed_at,
                gaps: self.gaps,
                events: out.len(),
                ..Provenance::default()
            },
            events: out,
            topology,
            ..Batch::default()
        }
    }

    /// Puts the rollouts out and returns the scalings that are no part of one.
    fn rollouts(
        &self,
        listing: &Listing,
        ids: &mut Ids,
        out: &mut Vec<Event>,
    ) -> Vec<(u64, events::Scaling)> {
        let mut scalings: Vec<(u64, events::Scaling)> = Vec::new();
        for At { line, object } in &self.events {
            scalings.extend(events::scaling(object).map(|s| (*line, s)));
        }
        let (lines, revisions): (Vec<u64>, Vec<Revision>) = self
            .replica_sets
            .iter()
            .filter_map(|o| Some((o.line, Revision::of_replica_set(&o.object)?)))
            .chain(
                self.controller_revisions
                    .iter()
                    .filter_map(|o| Some((o.line, Revision::of_controller_revision(&o.object)?))),
            )
            .unzip();
        let deployments: Vec<&Deployment> = self.deployments.iter().map(|o| &o.object).collect();
        let known: Vec<events::Scaling> = scalings.iter().map(|(_, s)| s.clone()).collect();
        for rollout in rollouts::events(&revisions, &deployments, &known, listing) {
            let (index, mut event) = (rollout.index, rollout.event);
            let before = scalings.len();
            scalings.retain(|(_, scaling)| !rollouts::is_part_of(scaling, &event));
            let part = before - scalings.len();
            set(&mut event, "scalings", (part > 0).then_some(part));
            event.id = ids.next(lines.get(index).copied().unwrap_or(1));
            out.push(event);
        }
        scalings
    }

    /// API events; a node's `NodeReady` ends its `NodeNotReady`.
    fn api_events(&mut self, listing: &Listing) -> Vec<(u64, Event)> {
        let mut out = Vec::new();
        let mut normal: BTreeMap<&str, usize> = BTreeMap::new();
        for At { line, object } in &self.events {
            if let Some(event) = events::event_of(object, listing) {
                out.push((*line, event));
            } else if events::scaling(object).is_none() && events::ready_again(object).is_none() {
                *normal
                    .entry(object.reason.as_deref().unwrap_or(""))
                    .or_default() += 1;
            }
        }
        for (node, at) in self
            .events
            .iter()
            .filter_map(|o| events::ready_again(&o.object))
        {
            let begun = out.iter_mut().map(|(_, event)| event).filter(|event| {
                event.kind == EventKind::NodeNotReady
                    && event.object.name == node
                    && event.start.is_some_and(|start| start <= at)
                    && event.end.is_none_or(|end| at < end)
            });
            if let Some(event) = begun.max_by_key(|event| event.start) {
                event.end = Some(at);
            }
        }
        let total: usize = normal.values().sum();
        if total > 0 {
            let kinds = most(&normal);
            self.gaps.push(Gap {
                what: "Event".into(),
                window: None,
                reason: format!(
                    "events of normal business stay in the file only ({total}): {kinds}"
                ),
            });
        }
        out
    }

    fn topology(&self, listing: &Listing) -> Vec<Edge> {
        let volumes = Volumes::new(
            self.volumes.iter().map(|o| &o.object),
            self.claims.iter().map(|o| &o.object),
            listing,
        );
        let mut edges = volumes.edges(listing);
        for At { object, .. } in &self.pods {
            edges.extend(pods::edges(object, &volumes, listing));
        }
        for At { object, .. } in &self.replica_sets {
            edges.extend(super::meta::owned(listing, "ReplicaSet", &object.metadata));
        }
        for At { object, .. } in &self.jobs {
            edges.extend(super::meta::owned(listing, "Job", &object.metadata));
        }
        for At { object, .. } in &self.nodes {
            edges.extend(nodes::edges(object, listing));
        }
        let mut seen = BTreeSet::new();
        edges.retain(|e| seen.insert((e.from.clone(), e.to.clone(), e.kind.clone())));
        edges
    }

    fn report_others(&mut self) {
        let total: usize = self.others.values().sum();
        if total > 0 {
            let kinds: BTreeMap<&str, usize> = self
                .others
                .iter()
                .map(|(kind, n)| (kind.as_str(), *n))
                .collect();
            self.gaps.push(Gap {
                what: "objects".into(),
                window: None,
                reason: format!(
                    "{} of kinds that are not read: {}",
                    count(total, "object"),
                    most(&kinds)
                ),
            });
        }
    }
}

/// A node's condition says until when it was not ready, its events also since when: where both are
/// there, the events' word stays.
fn drop_repeated(events: &mut Vec<Event>) {
    let known: Vec<(String, Timestamp)> = events
        .iter()
        .filter(|e| e.kind == EventKind::NodeNotReady && e.start.is_some())
        .filter_map(|e| Some((e.node.clone(), e.end?)))
        .collect();
    events.retain(|event| {
        event.kind != EventKind::NodeNotReady
            || event.start.is_some()
            || !event.end.is_some_and(|end| {
                let near = |at: Timestamp| end.since(at).abs() <= 2 * MINUTE;
                known
                    .iter()
                    .any(|(node, at)| *node == event.node && near(*at))
            })
    });
}

fn typed<T: DeserializeOwned>(line: u64, json: &str) -> Result<At<T>, serde_json::Error> {
    serde_json::from_str(json).map(|object| At { line, object })
}

/// `namespace/name` of an object that cannot be read otherwise.
fn name_of(json: &str) -> String {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    let field = |path| value.pointer(path).and_then(Value::as_str).unwrap_or("");
    format!(
        "{}/{}",
        field("/metadata/namespace"),
        field("/metadata/name")
    )
}

/// `Pulled 80, Started 60, …`: the most frequent ones.
fn most(counts: &BTreeMap<&str, usize>) -> String {
    let mut sorted: Vec<(&str, usize)> = counts.iter().map(|(what, n)| (*what, *n)).collect();
    sorted.sort_by_key(|(what, n)| (std::cmp::Reverse(*n), *what));
    let shown: Vec<String> = sorted
        .iter()
        .take(6)
        .map(|(what, n)| format!("{what} {n}"))
        .collect();
    let more = if sorted.len() > 6 { ", …" } else { "" };
    super::meta::short(&shown.join(", "), 200) + more
}
