//! Rows of `kubectl get nodes`, also with `-o wide`.

use super::{
    age::{Age, began, span},
    layout::Layout,
    row_event,
};
use crate::kubernetes::{
    Listing,
    meta::{set, set_bounds},
};
use model::{Event, EventKind};

/// What a row says; `None` where the line is none.
pub(super) fn events(layout: &Layout, line: &str, listing: &Listing) -> Option<Vec<Event>> {
    let (_, words) = layout.words(line);
    let [name, status, _roles, age, version, ..] = words.as_slice() else {
        return None;
    };
    let ready = status.split(',').next().unwrap_or_default();
    if !matches!(ready, "Ready" | "NotReady" | "Unknown") || !version.starts_with('v') {
        return None;
    }
    let age = Age::parse(age);
    if age.is_none() && !matches!(words.get(3), Some(&("<unknown>" | "<invalid>"))) {
        return None;
    }
    let name = name.strip_prefix("node/").unwrap_or(name);
    let cells = layout.cells(line);
    let kernel = cells.map_or("", |cells| cells.get("KERNEL-VERSION"));
    let of = |kind| {
        let mut event = row_event(listing, kind, "Node", ("", name));
        name.clone_into(&mut event.node);
        event
    };
    let mut events = Vec::new();
    if let Some(age) = age {
        let mut added = of(EventKind::NodeAdded);
        added.title = format!("Node {name} joined {} before the listing", age.spaced());
        set(&mut added, "age", age.text);
        set(&mut added, "kubelet", *version);
        set(&mut added, "kernel", kernel);
        began(&mut added, age, listing);
        events.push(added);
    }
    let mut since_unknown = |kind, what: &str| {
        let mut event = of(kind);
        event.title = format!("Node {name} {what}; since when is unknown");
        set(&mut event, "status", *status);
        let earliest = age.and_then(|age| span(age, listing)).map(|span| span.0);
        set_bounds(&mut event, earliest, listing.observed_at);
        events.push(event);
    };
    if ready != "Ready" {
        since_unknown(EventKind::NodeNotReady, "not ready");
    }
    if status.split(',').any(|word| word == "SchedulingDisabled") {
        let kind = EventKind::Other("k8s_node_condition".into());
        since_unknown(kind, "takes no new pods (cordoned)");
    }
    Some(events)
}
