//! Pods: Terminating ones, restarts and memory kills of their containers, what they hang on.

use super::{
    Listing,
    meta::{
        edge, event, name, namespace, owned, owner_text, resource, set, set_bounds, shown, time,
    },
    volumes::{Volumes, mounts, nfs_id},
};
use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};
use model::{Edge, EdgeKind, Event, EventKind, topology::k8s_id};
use std::{collections::BTreeSet, iter};

/// What a pod says happened to it.
pub fn events(pod: &Pod, listing: &Listing) -> Vec<Event> {
    let restarts = containers(pod).filter_map(|c| container_event(pod, c, listing));
    terminating(pod, listing)
        .into_iter()
        .chain(restarts)
        .collect()
}

/// A pod with a deletionTimestamp is Terminating since then. The API server puts the grace period
/// into that time already (`metadata.deletionTimestamp` in the Kubernetes API reference: "the time
/// after which the resource is expected to be deleted"), so nothing is added or taken away.
pub(crate) fn terminating(pod: &Pod, listing: &Listing) -> Option<Event> {
    let meta = &pod.metadata;
    let since = time(meta.deletion_timestamp.as_ref())?;
    let mut event = event(listing, EventKind::PodTerminating, "Pod", meta);
    event.start = Some(since);
    node(pod).clone_into(&mut event.node);
    event.title = format!("Pod {} Terminating since {}", shown(meta), since.minute());
    let grace = meta.deletion_grace_period_seconds;
    set(&mut event, "deletionGracePeriodSeconds", grace);
    set(&mut event, "finalizers", meta.finalizers.clone());
    set(&mut event, "owner", owner_text(meta));
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
    let killed = terminated(container.state.as_ref())
        .filter(|e| is_oom(e))
        .or_else(|| terminated(container.last_state.as_ref()).filter(|e| is_oom(e)));
    if killed.is_none() && container.restart_count == 0 {
        return None;
    }
    let ended = killed.or_else(|| terminated(container.last_state.as_ref()));
    let count = container.restart_count;
    Some(end_event(pod, container, ended, count, listing))
}

/// One end of a container, told apart from its others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    pub(crate) container: String,
    /// How many times the container had ended by then, this one included.
    pub(crate) ordinal: i32,
    pub(crate) event: Event,
}

/// Every end of a container that the pod still tells of: the one before the present run, and a kill
/// for memory that nobody has restarted yet.
pub(crate) fn ends(pod: &Pod, listing: &Listing) -> Vec<End> {
    let mut ends = Vec::new();
    for container in containers(pod) {
        let restarts = container.restart_count;
        let mut push = |ordinal, ended| {
            ends.push(End {
                container: container.name.clone(),
                ordinal,
                event: end_event(pod, container, ended, ordinal, listing),
            });
        };
        if restarts > 0 {
            push(restarts, terminated(container.last_state.as_ref()));
        }
        if let Some(killed) = terminated(container.state.as_ref()).filter(|e| is_oom(e)) {
            push(restarts.saturating_add(1), Some(killed));
        }
    }
    ends
}

fn containers(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let init = status.and_then(|s| s.init_container_statuses.as_deref());
    let main = status.and_then(|s| s.container_statuses.as_deref());
    [init, main].into_iter().flatten().flatten()
}

fn terminated(state: Option<&ContainerState>) -> Option<&ContainerStateTerminated> {
    state?.terminated.as_ref()
}

fn is_oom(ended: &ContainerStateTerminated) -> bool {
    ended.reason.as_deref() == Some("OOMKilled")
}

fn end_event(
    pod: &Pod,
    container: &ContainerStatus,
    ended: Option<&ContainerStateTerminated>,
    count: i32,
    listing: &Listing,
) -> Event {
    let killed = ended.is_some_and(is_oom);
    let (kind, what) = if killed {
        (EventKind::OomKill, "killed for its memory")
    } else {
        (EventKind::ContainerRestart, "restarted")
    };
    let mut event = event(listing, kind, "Pod", &pod.metadata);
    node(pod).clone_into(&mut event.node);
    event.start = ended.and_then(|e| time(e.finished_at.as_ref()));
    if event.start.is_none() {
        let started = pod.status.as_ref().and_then(|s| s.start_time.as_ref());
        set_bounds(&mut event, time(started), listing.observed_at);
    }
    event.title = format!(
        "Container {} of {} {what}",
        container.name,
        shown(&pod.metadata)
    );
    set(&mut event, "container", container.name.clone());
    set(&mut event, "count", count);
    set(&mut event, "image", container.image.clone());
    set(&mut event, "reason", ended.and_then(|e| e.reason.clone()));
    set(&mut event, "exit_code", ended.map(|e| e.exit_code));
    let waiting = container.state.as_ref().and_then(|s| s.waiting.as_ref());
    set(
        &mut event,
        "waiting",
        waiting.and_then(|w| w.reason.clone()),
    );
    event
}

/// What a pod hangs on: its node, its owner, the volumes it mounts.
pub fn edges(pod: &Pod, volumes: &Volumes, listing: &Listing) -> Vec<Edge> {
    let id = resource(listing, "Pod", &pod.metadata);
    let mut edges: Vec<Edge> = owned(listing, "Pod", &pod.metadata).into_iter().collect();
    if !node(pod).is_empty() {
        let node = k8s_id(&listing.cluster, "", "Node", node(pod));
        edges.push(edge(id.clone(), EdgeKind::RunsOn, node));
    }
    let name = (namespace(&pod.metadata), name(&pod.metadata));
    edges.extend(storage_edges(name, &mounted(pod), volumes, listing));
    let mut mounts = |to: String| edges.push(edge(id.clone(), EdgeKind::Mounts, to));
    let spec = pod.spec.as_ref();
    let direct = spec.and_then(|s| s.volumes.as_deref()).unwrap_or_default();
    for nfs in direct.iter().filter_map(|v| v.nfs.as_ref()) {
        mounts(nfs_id(&nfs.server, &nfs.path));
    }
    edges
}

/// What a pod hangs on by its claims: each claim, and what is behind it.
pub(crate) fn storage_edges(
    (namespace, name): (&str, &str),
    mounted: &[(String, Vec<String>)],
    volumes: &Volumes,
    listing: &Listing,
) -> Vec<Edge> {
    let pod = k8s_id(&listing.cluster, namespace, "Pod", name);
    let mut edges = Vec::new();
    for (claim, sub_paths) in mounted {
        let to = k8s_id(&listing.cluster, namespace, "PersistentVolumeClaim", claim);
        let behind = volumes.behind(namespace, claim);
        let direct = edge(pod.clone(), EdgeKind::Mounts, to);
        for mut edge in iter::once(direct).chain(behind.map(|b| mounts(pod.clone(), b))) {
            if !sub_paths.is_empty() {
                let sub_paths = sub_paths.join(", ").into();
                edge.extra.insert("sub_path".to_owned(), sub_paths);
            }
            edges.push(edge);
        }
    }
    edges
}

/// Which parts of which claims a pod's containers mount: claim and subPaths, each once.
pub(crate) fn mounted(pod: &Pod) -> Vec<(String, Vec<String>)> {
    let Some(spec) = &pod.spec else {
        return Vec::new();
    };
    let containers = || {
        let init = spec.init_containers.as_deref().unwrap_or_default();
        init.iter().chain(&spec.containers)
    };
    let volumes = spec.volumes.as_deref().unwrap_or_default();
    volumes
        .iter()
        .filter_map(|volume| {
            let claim = volume.persistent_volume_claim.as_ref()?.claim_name.clone();
            let paths: BTreeSet<String> = containers()
                .flat_map(|c| c.volume_mounts.as_deref().unwrap_or_default())
                .filter(|mount| mount.name == volume.name)
                .filter_map(|m| m.sub_path.clone().or_else(|| m.sub_path_expr.clone()))
                .collect();
            Some((claim, paths.into_iter().collect()))
        })
        .collect()
}

pub(crate) fn node(pod: &Pod) -> &str {
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
