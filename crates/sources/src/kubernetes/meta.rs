//! What all objects have: names, times, owners; and the making of events from them.

use super::Listing;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta, OwnerReference, Time};
use model::{
    Edge, EdgeKind, Event, EventKind, Extra, Gap, ObjectRef, Timestamp, topology::k8s_id,
    words::count,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The `source` of events and provenance that come from saved objects.
pub(crate) const SOURCE: &str = model::LISTINGS[0];

/// An instant of the API; the zero time that old servers write is none.
pub(crate) fn time(time: Option<&Time>) -> Option<Timestamp> {
    instant(time.map(|t| t.0.as_millisecond())?)
}

/// An instant with microseconds.
pub(crate) fn micro(time: Option<&MicroTime>) -> Option<Timestamp> {
    instant(time.map(|t| t.0.as_millisecond())?)
}

fn instant(ms: i64) -> Option<Timestamp> {
    let at = Timestamp::from_millis(ms);
    (Timestamp::MIN < at && at <= Timestamp::MAX).then_some(at)
}

pub(crate) fn name(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or("")
}

pub(crate) fn namespace(meta: &ObjectMeta) -> &str {
    meta.namespace.as_deref().unwrap_or("")
}

pub(crate) fn annotation<'a>(meta: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    meta.annotations.as_ref()?.get(key).map(String::as_str)
}

pub(crate) fn label<'a>(meta: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    meta.labels.as_ref()?.get(key).map(String::as_str)
}

/// `Kind/name` of the owner that manages an object, or empty.
pub(crate) fn owner_text(meta: &ObjectMeta) -> String {
    controller(meta).map_or_else(String::new, |o| format!("{}/{}", o.kind, o.name))
}

/// The owner that manages an object.
pub(crate) fn controller(meta: &ObjectMeta) -> Option<&OwnerReference> {
    let owners = meta.owner_references.as_deref().unwrap_or_default();
    owners
        .iter()
        .find(|o| o.controller == Some(true))
        .or_else(|| owners.first())
}

/// Resource id of an object of this listing.
pub(crate) fn resource(listing: &Listing, kind: &str, meta: &ObjectMeta) -> String {
    k8s_id(&listing.cluster, namespace(meta), kind, name(meta))
}

/// The edge from an object's owner to it.
pub(crate) fn owned(listing: &Listing, kind: &str, meta: &ObjectMeta) -> Option<Edge> {
    let owner = controller(meta)?;
    // A static pod is "owned" by its node: that is where it runs, nothing more.
    (owner.kind != "Node").then(|| {
        let from = k8s_id(&listing.cluster, namespace(meta), &owner.kind, &owner.name);
        edge(from, EdgeKind::Owns, resource(listing, kind, meta))
    })
}

pub(crate) fn edge(from: String, kind: EdgeKind, to: String) -> Edge {
    Edge {
        from,
        to,
        kind,
        extra: Extra::new(),
    }
}

/// An event about an object; its id is given by the caller of the conversion.
pub(crate) fn event(listing: &Listing, kind: EventKind, object: &str, meta: &ObjectMeta) -> Event {
    event_about(listing, kind, object, (namespace(meta), name(meta)))
}

/// An event about the object of that namespace and name.
pub(crate) fn event_about(
    listing: &Listing,
    kind: EventKind,
    object: &str,
    (namespace, name): (&str, &str),
) -> Event {
    let mut event = Event {
        kind,
        cluster: listing.cluster.clone(),
        namespace: namespace.to_owned(),
        object: ObjectRef {
            kind: object.to_owned(),
            name: name.to_owned(),
        },
        source: SOURCE.to_owned(),
        ..Event::default()
    };
    set_time(&mut event, "observed_at", listing.observed_at);
    event
}

/// Sets an attribute; an empty text or null sets nothing.
pub(crate) fn set(event: &mut Event, name: &str, value: impl Into<Value>) {
    let value = value.into();
    let empty = match &value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if !empty {
        event.attributes.insert(name.to_owned(), value);
    }
}

/// Sets an attribute that is an instant, where it is known.
pub(crate) fn set_time(event: &mut Event, name: &str, at: Option<Timestamp>) {
    if let Some(at) = at {
        set(event, name, at.to_string());
    }
}

/// Bounds of an unknown start.
pub(crate) fn set_bounds(event: &mut Event, from: Option<Timestamp>, to: Option<Timestamp>) {
    set_time(event, "start_earliest", from);
    set_time(event, "start_latest", to);
}

/// What a saved listing cannot say of the pods that it shows in Terminating: what became of them.
pub(crate) fn open_end(listing: &Listing, events: &[Event]) -> Option<Gap> {
    let open = |e: &&Event| e.kind == EventKind::PodTerminating && e.end.is_none();
    let pods = events.iter().filter(open).count();
    (pods > 0).then(|| {
        let until = listing.observed_at.map_or_else(
            || "the listing was taken at an unknown time".to_owned(),
            |at| format!("the listing was taken at {}", at.minute()),
        );
        Gap {
            what: "Pod".to_owned(),
            window: None,
            reason: format!(
                "{until}: what became of its {} in Terminating after that is not known; a watch says it (a listing without them may be one of a part)",
                count(pods, "pod")
            ),
        }
    })
}

/// `namespace/name`, or the name alone.
pub(crate) fn shown(meta: &ObjectMeta) -> String {
    let (namespace, name) = (namespace(meta), name(meta));
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}

/// The beginning of a text, on one line.
pub(crate) fn short(text: &str, chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars {
        return line;
    }
    line.chars().take(chars).chain(['…']).collect()
}

/// Event ids: `<path>#<line>`, and `<path>#<line>.2`… for more events from one line.
pub(crate) struct Ids<'a> {
    path: &'a str,
    used: BTreeMap<u64, u32>,
}

impl<'a> Ids<'a> {
    pub(crate) fn new(listing: &'a Listing) -> Self {
        let used = BTreeMap::new();
        Self {
            path: &listing.path,
            used,
        }
    }

    pub(crate) fn next(&mut self, line: u64) -> String {
        let n = self.used.entry(line).or_insert(0);
        *n += 1;
        if *n == 1 {
            format!("{}#{line}", self.path)
        } else {
            format!("{}#{line}.{n}", self.path)
        }
    }
}
