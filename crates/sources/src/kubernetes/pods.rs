//! Pods: Terminating ones, restarts and memory kills of their containers, what they hang on.

use super::{
    Listing,
    meta::{controller, edge, event, namespace, owned, resource, set, set_bounds, shown, time},
    volumes::{Volumes, nfs_id},
};
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};
use model::{Edge, EdgeKind, Event, EventKind, topology::k8s_id};

/// What a pod says happened to it.
pub fn events(pod: &Pod, listing: &Listing) -> Vec<Event> {
    let status = pod.status.as_ref();
    let containers = [
        status.and_then(|s| s.init_container_statuses.as_deref()),
        status.and_then(|s| s.container_statuses.as_deref()),
    ];
    terminating(pod, listing)
        .into_iter()
        .chain(
            containers
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|container| container_event(pod, container, listing)),
        )
        .collect()
}

/// A pod with a deletionTimestamp is Terminating since then. The API server puts the grace period
/// into that time already (`metadata.deletionTimestamp` in the Kubernetes API reference: "the time
/// after which the resource is expected to be deleted"), so nothing is added or taken away.
fn terminating(pod: &Pod, listing: &Listing) -> Option<Event> {
    let meta = &pod.metadata;
    let since = time(meta.deletion_timestamp.as_ref())?;
    let mut event = event(listing, EventKind::PodTerminating, "Pod", meta);
    event.start = Some(since);
    node(pod).clone_into(&mut event.node);
    event.title = format!("Pod {} Terminating since {}", shown(meta), since.minute());
    let grace = meta.deletion_grace_period_seconds;
    set(&mut event, "deletionGracePeriodSeconds", grace);
    set(&mut event, "finalizers", meta.finalizers.clone());
    if let Some(owner) = controller(meta) {
        set(
            &mut event,
            "owner",
            format!("{}/{}", owner.kind, owner.name),
        );
    }
    let claims: Vec<String> = claims(pod).map(str::to_owned).collect();
    set(&mut event, "claims", claims);
    if let Some(status) = &pod.status {
        set(&mut event, "phase", status.phase.clone());
        set(&mut event, "reason", status.reason.clone());
    }
    Some(event)
}

/// The last end of a container: a kill for memory, or a restart.
fn container_event(pod: &Pod, container: &ContainerStatus, listing: &Listing) -> Option<Event> {
    let last = container
        .last_state
        .as_ref()
        .and_then(|s| s.terminated.as_ref());
    let now = container.state.as_ref().and_then(|s| s.terminated.as_ref());
    let oom = |ended: &&ContainerStateTerminated| ended.reason.as_deref() == Some("OOMKilled");
    let killed = now.filter(oom).or_else(|| last.filter(oom));
    if killed.is_none() && container.restart_count == 0 {
        return None;
    }
    let kind = match killed {
        Some(_) => EventKind::OomKill,
        None => EventKind::ContainerRestart,
    };
    let ended = killed.or(last);
    let mut event = event(listing, kind, "Pod", &pod.metadata);
    node(pod).clone_into(&mut event.node);
    event.start = ended.and_then(|e| time(e.finished_at.as_ref()));
    if event.start.is_none() {
        let started = pod.status.as_ref().and_then(|s| s.start_time.as_ref());
        set_bounds(&mut event, time(started), listing.observed_at);
    }
    let reason = ended.and_then(|e| e.reason.clone());
    let what = if killed.is_some() {
        "killed for its memory"
    } else {
        "restarted"
    };
    event.title = format!(
        "Container {} of {} {what}",
        container.name,
        shown(&pod.metadata)
    );
    set(&mut event, "container", container.name.clone());
    set(&mut event, "count", container.restart_count);
    set(&mut event, "image", container.image.clone());
    set(&mut event, "reason", reason);
    set(&mut event, "exit_code", ended.map(|e| e.exit_code));
    let waiting = container.state.as_ref().and_then(|s| s.waiting.as_ref());
    set(
        &mut event,
        "waiting",
        waiting.and_then(|w| w.reason.clone()),
    );
    Some(event)
}

/// What a pod hangs on: its node, its owner, the volumes it mounts.
pub fn edges(pod: &Pod, volumes: &Volumes, listing: &Listing) -> Vec<Edge> {
    let id = resource(listing, "Pod", &pod.metadata);
    let mut edges: Vec<Edge> = owned(listing, "Pod", &pod.metadata).into_iter().collect();
    if !node(pod).is_empty() {
        let node = k8s_id(&listing.cluster, "", "Node", node(pod));
        edges.push(edge(id.clone(), EdgeKind::RunsOn, node));
    }
    let namespace = namespace(&pod.metadata);
    let mut mounts = |to: String| edges.push(edge(id.clone(), EdgeKind::Mounts, to));
    for claim in claims(pod) {
        let kind = "PersistentVolumeClaim";
        mounts(k8s_id(&listing.cluster, namespace, kind, claim));
        if let Some(behind) = volumes.behind(namespace, claim) {
            mounts(behind.to_owned());
        }
    }
    let spec = pod.spec.as_ref();
    let direct = spec.and_then(|s| s.volumes.as_deref()).unwrap_or_default();
    for nfs in direct.iter().filter_map(|v| v.nfs.as_ref()) {
        mounts(nfs_id(&nfs.server, &nfs.path));
    }
    edges
}

fn node(pod: &Pod) -> &str {
    let spec = pod.spec.as_ref();
    spec.and_then(|s| s.node_name.as_deref()).unwrap_or("")
}

fn claims(pod: &Pod) -> impl Iterator<Item = &str> {
    let spec = pod.spec.as_ref();
    let volumes = spec.and_then(|s| s.volumes.as_deref()).unwrap_or_default();
    volumes
        .iter()
        .filter_map(|v| v.persistent_volume_claim.as_ref())
        .map(|claim| claim.claim_name.as_str())
}
