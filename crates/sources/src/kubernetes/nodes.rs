//! Nodes: when they joined, since when they are not ready, which machine they are.

use super::{
    Listing,
    meta::{edge, event, name, resource, set, set_bounds, short, time},
};
use k8s_openapi::api::core::v1::{Node, NodeCondition};
use model::{Edge, EdgeKind, Event, EventKind, Timestamp, time::MINUTE, topology::aws_id};

/// A node that becomes ready this long after it was made was ready before: bringing one up takes a
/// few minutes at most.
pub(crate) const BRING_UP: i64 = 15 * MINUTE;

/// What a node says happened to it.
pub fn events(node: &Node, listing: &Listing) -> Vec<Event> {
    let created = time(node.metadata.creation_timestamp.as_ref());
    let mut events: Vec<Event> = added(node, listing).into_iter().collect();
    if let Some(at) = time(node.metadata.deletion_timestamp.as_ref()) {
        let mut removed = of(node, EventKind::NodeRemoved, listing);
        removed.start = Some(at);
        removed.title = format!("Node {} being removed", name(&node.metadata));
        events.push(removed);
    }
    let conditions = node.status.as_ref().and_then(|s| s.conditions.as_deref());
    events.extend(
        conditions
            .unwrap_or_default()
            .iter()
            .filter_map(|condition| of_condition(node, condition, created, listing)),
    );
    events
}

/// A node's joining, with the machine and the versions that it has.
pub(crate) fn added(node: &Node, listing: &Listing) -> Option<Event> {
    let mut added = of(node, EventKind::NodeAdded, listing);
    added.start = Some(time(node.metadata.creation_timestamp.as_ref())?);
    added.title = format!("Node {} joined", name(&node.metadata));
    let info = node.status.as_ref().and_then(|s| s.node_info.as_ref());
    if let Some(info) = info {
        set(&mut added, "kubelet", info.kubelet_version.clone());
        set(&mut added, "kernel", info.kernel_version.clone());
        set(&mut added, "boot_id", info.boot_id.clone());
    }
    Some(added)
}

pub(crate) fn of(node: &Node, kind: EventKind, listing: &Listing) -> Event {
    let mut event = event(listing, kind, "Node", &node.metadata);
    name(&node.metadata).clone_into(&mut event.node);
    event
}

/// `Ready` that is not `True` lasts since its last transition; `Ready` that became `True` long
/// after the node joined ended a time of not being ready, whose start nobody wrote down. Pressure
/// conditions count while they are `True`.
pub(crate) fn of_condition(
    node: &Node,
    condition: &NodeCondition,
    created: Option<Timestamp>,
    listing: &Listing,
) -> Option<Event> {
    let at = time(condition.last_transition_time.as_ref());
    let node_name = name(&node.metadata);
    let ready = condition.type_ == "Ready";
    let mut event = match (ready, condition.status.as_str()) {
        (true, "True") => {
            let again = at.filter(|at| created.is_some_and(|c| at.since(c) > BRING_UP))?;
            let mut event = of(node, EventKind::NodeNotReady, listing);
            event.end = Some(again);
            event.title = format!("Node {node_name} was not ready until {}", again.minute());
            set_bounds(&mut event, created, Some(again));
            return Some(event);
        }
        (true, _) => of(node, EventKind::NodeNotReady, listing),
        (false, "True") => of(node, EventKind::Other("k8s_node_condition".into()), listing),
        _ => return None,
    };
    event.start = at;
    if at.is_none() {
        set_bounds(&mut event, created, listing.observed_at);
    }
    event.title = if ready {
        format!("Node {node_name} not ready")
    } else {
        format!("Node {node_name}: {}", condition.type_)
    };
    set(&mut event, "condition", condition.type_.clone());
    set(&mut event, "status", condition.status.clone());
    set(&mut event, "reason", condition.reason.clone());
    let message = condition.message.as_deref().unwrap_or("");
    set(&mut event, "message", short(message, 1000));
    Some(event)
}

/// The machine that a node is, from `spec.providerID` (`aws:///<zone>/<instance>` on AWS).
pub fn edges(node: &Node, listing: &Listing) -> Vec<Edge> {
    let provider = node.spec.as_ref().and_then(|s| s.provider_id.as_deref());
    let instance = provider
        .filter(|id| id.starts_with("aws:"))
        .and_then(|id| id.rsplit('/').next())
        .filter(|id| !id.is_empty());
    instance
        .map(|id| {
            let node = resource(listing, "Node", &node.metadata);
            edge(node, EdgeKind::RunsOn, aws_id(id))
        })
        .into_iter()
        .collect()
}
