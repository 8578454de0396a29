//! A node's life: joined, not ready, rebooted, other versions, interrupted, removed.

use super::{
    conditions::Condition,
    kept::{About, Sight, Tracked},
    pending::{Pending, event_id},
    turns::{Turn, Turns, Version},
    when::When,
};
use crate::kubernetes::{
    meta::{self, event_about, set, set_bounds, time},
    nodes,
    object::{Content, Object},
};
use k8s_openapi::api::core::v1::{Node, Taint};
use model::{Event, EventKind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Beginnings of keys of taints that say that a node is about to go, or is kept free, and who says
/// so: AWS's node termination handler, Karpenter, the cluster autoscaler, Google, Azure, and
/// `kubectl drain`.
const TAINTS: &[&str] = &[
    "aws-node-termination-handler/",
    "karpenter.sh/disrupt",
    "ToBeDeletedByClusterAutoscaler",
    "DeletionCandidateOfClusterAutoscaler",
    "cloud.google.com/impending-node-termination",
    "remediator.kubernetes.azure.com/",
    "kubernetes.azure.com/scheduledevent",
    "node.kubernetes.io/out-of-service",
    "node.kubernetes.io/unschedulable",
];

/// What is remembered of a node.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct NodeState {
    created: Option<Timestamp>,
    boots: Turns,
    kubelets: Turns,
    kernels: Turns,
    runtimes: Turns,
    /// By type: `Ready`, `MemoryPressure`…
    conditions: BTreeMap<String, Condition>,
    /// Taints that are there, by key.
    taints: BTreeMap<String, Event>,
    /// The last boot that an event of the API told of: boot id and time.
    told: Option<(String, Timestamp)>,
}

impl Tracked for NodeState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Node(node) = &object.content else {
            return false;
        };
        let uid = object.uid();
        let mut changed = false;
        if sight.first {
            self.created = time(node.metadata.creation_timestamp.as_ref());
            if let Some(mut added) = nodes::added(node, sight.listing) {
                added.id = event_id(&["node", uid, "added"]);
                out.event(added);
            }
            for edge in nodes::edges(node, sight.listing) {
                out.edge(edge);
            }
        }
        changed |= self.see_conditions(node, uid, sight, out);
        changed |= self.see_machine(node, object, sight, out);
        if sight.newest {
            changed |= self.see_taints(node, object, sight, out);
        }
        changed
    }

    fn gone(&mut self, about: &About<'_>, when: When, out: &mut Pending) {
        let when = when.not_before(self.created);
        let named = ("", about.name);
        let mut removed = event_about(about.listing, EventKind::NodeRemoved, "Node", named);
        about.name.clone_into(&mut removed.node);
        removed.id = event_id(&["node", about.uid, "removed"]);
        removed.title = format!("Node {} {}", about.name, when.gone());
        when.start(&mut removed);
        let reasons: Vec<&str> = self.taints.keys().map(String::as_str).collect();
        set(&mut removed, "taints", reasons);
        set(&mut removed, "boot_id", self.boots.current());
        out.event(removed);
        let conditions = self.conditions.values_mut();
        let open = conditions
            .filter_map(Condition::told)
            .chain(self.taints.values_mut());
        for event in open {
            when.end(event);
            out.event(event.clone());
        }
    }
}

impl NodeState {
    fn see_conditions(
        &mut self,
        node: &Node,
        uid: &str,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let conditions = node.status.as_ref().and_then(|s| s.conditions.as_deref());
        let mut changed = false;
        for condition in conditions.unwrap_or_default() {
            let known = self.conditions.entry(condition.type_.clone()).or_default();
            let seen = super::conditions::Seen {
                node,
                uid,
                condition,
                created: self.created,
            };
            changed |= known.see(&seen, sight, out);
        }
        changed
    }

    /// Boot and versions.
    fn see_machine(
        &mut self,
        node: &Node,
        object: &Object,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let Some(info) = node.status.as_ref().and_then(|s| s.node_info.as_ref()) else {
            return false;
        };
        let version = Version {
            number: object.version(),
            newest: sight.newest,
            when: sight.when,
            heartbeat: heartbeat(node),
        };
        let turns = self.boots.see(&info.boot_id, &version);
        let mut changed = !turns.is_empty();
        for turn in self.boots.turns(turns) {
            out.event(self.rebooted(node, turn, sight));
        }
        let versions = [
            ("kubelet", &mut self.kubelets, &info.kubelet_version),
            ("kernel", &mut self.kernels, &info.kernel_version),
            (
                "container runtime",
                &mut self.runtimes,
                &info.container_runtime_version,
            ),
        ];
        for (what, known, now) in versions {
            let turns = known.see(now, &version);
            changed |= !turns.is_empty();
            for turn in known.turns(turns) {
                out.event(upgraded(node, what, turn, sight));
            }
        }
        changed
    }

    fn rebooted(&self, node: &Node, turn: Turn<'_>, sight: &Sight<'_>) -> Event {
        let told = self.told.as_ref().filter(|(boot, _)| *boot == turn.to);
        let when = told.map_or(turn.when, |(_, at)| When::exact(*at));
        let mut event = rebooted(meta::name(&node.metadata), turn.to, sight.listing);
        when.start(&mut event);
        set(&mut event, "from", turn.from);
        event
    }

    fn see_taints(
        &mut self,
        node: &Node,
        object: &Object,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let taints = node.spec.as_ref().and_then(|s| s.taints.as_deref());
        let matters = |t: &&Taint| TAINTS.iter().any(|key| t.key.starts_with(key));
        let now: BTreeMap<&str, &Taint> = taints
            .unwrap_or_default()
            .iter()
            .filter(matters)
            .map(|taint| (taint.key.as_str(), taint))
            .collect();
        let mut changed = false;
        for (key, taint) in &now {
            if self.taints.contains_key(*key) {
                continue;
            }
            let version = object.version().to_string();
            let event = tainted(node, taint, &version, sight);
            out.event(event.clone());
            self.taints.insert((*key).to_owned(), event);
            changed = true;
        }
        self.taints.retain(|key, event| {
            let there = now.contains_key(key.as_str());
            if !there {
                sight.when.end(event);
                out.event(event.clone());
                changed = true;
            }
            there
        });
        changed
    }

    /// An event of the API tells of a boot; `true` where that was news.
    pub(crate) fn tell_boot(&mut self, boot: &str, at: Timestamp) -> bool {
        let told = Some((boot.to_owned(), at));
        let news = self.told != told;
        self.told = told;
        news
    }
}

/// A reboot, by the id that the kernel gives each boot anew: the node's status and the kubelet's
/// event tell of the same one.
pub(crate) fn rebooted(node: &str, boot: &str, listing: &crate::kubernetes::Listing) -> Event {
    let mut event = event_about(listing, EventKind::NodeReboot, "Node", ("", node));
    node.clone_into(&mut event.node);
    event.id = event_id(&["boot", boot]);
    event.title = format!("Node {node} rebooted");
    set(&mut event, "to", boot);
    event
}

/// Another version of what runs on a node.
fn upgraded(node: &Node, what: &str, turn: Turn<'_>, sight: &Sight<'_>) -> Event {
    let mut event = nodes::of(node, EventKind::ConfigChange, sight.listing);
    let uid = node.metadata.uid.as_deref().unwrap_or("");
    let version = turn.first_told.to_string();
    event.id = event_id(&["node", uid, &what.replace(' ', "-"), turn.to, &version]);
    let name = meta::name(&node.metadata);
    event.title = format!("Node {name}: {what} {} -> {}", turn.from, turn.to);
    turn.when.start(&mut event);
    set(&mut event, "what", what);
    set(&mut event, "from", turn.from);
    set(&mut event, "to", turn.to);
    event
}

fn heartbeat(node: &Node) -> Option<Timestamp> {
    let conditions = node.status.as_ref()?.conditions.as_deref()?;
    let ready = conditions.iter().find(|c| c.type_ == "Ready")?;
    time(ready.last_heartbeat_time.as_ref())
}

fn tainted(node: &Node, taint: &Taint, version: &str, sight: &Sight<'_>) -> Event {
    let cordon = taint.key == "node.kubernetes.io/unschedulable";
    let kind = if cordon {
        EventKind::ConfigChange
    } else {
        EventKind::Other("node_interruption".into())
    };
    let mut event = nodes::of(node, kind, sight.listing);
    let name = meta::name(&node.metadata);
    let uid = node.metadata.uid.as_deref().unwrap_or("");
    event.id = event_id(&["node", uid, "taint", &taint.key, version]);
    event.title = if cordon {
        format!("Node {name} cordoned")
    } else {
        format!("Node {name}: {}", taint.key)
    };
    match time(taint.time_added.as_ref()) {
        Some(at) => event.start = Some(at),
        None => sight
            .when
            .not_before(time(node.metadata.creation_timestamp.as_ref()))
            .start(&mut event),
    }
    if event.start.is_none() && sight.first {
        set_bounds(&mut event, None, Some(sight.when.latest));
    }
    set(&mut event, "taint", taint.key.clone());
    set(&mut event, "value", taint.value.clone());
    set(&mut event, "effect", taint.effect.clone());
    event
}
