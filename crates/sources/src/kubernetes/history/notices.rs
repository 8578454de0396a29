//! Events of the API: warnings, and what they say of nodes.

use super::pending::{Pending, event_id};
use crate::kubernetes::{
    Listing,
    events::{self, Scaling},
    object::Object,
};
use k8s_openapi::api::core::v1::Event as ApiEvent;
use model::{Event, EventKind, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// How many events are remembered: those of the last hour of a large cluster. Beyond that the ones
/// that were not told of for longest go; they could only be told of again by mistake.
const REMEMBERED: usize = 100_000;

/// How many scalings are remembered.
const SCALINGS: usize = 2_000;

/// What was told already: each event's version, by its uid.
#[derive(Default)]
pub(crate) struct Notices {
    told: BTreeMap<Box<str>, u64>,
    /// Scalings of replica sets in the last while, which date rollbacks.
    pub(crate) scalings: VecDeque<Scaling>,
    /// Nodes that events said are not ready, where nodes themselves may not be read.
    down: BTreeMap<String, Event>,
}

/// What an event is good for besides itself.
pub(crate) enum Hint {
    None,
    /// A node booted: node, boot id, when.
    Boot(String, String, Timestamp),
}

impl Notices {
    /// Takes one event in. What `nodes_known` says of nodes comes from nodes themselves.
    pub(crate) fn see(
        &mut self,
        object: &Object,
        event: &ApiEvent,
        nodes_known: bool,
        listing: &Listing,
        out: &mut Pending,
    ) -> Hint {
        let (uid, version) = (object.uid(), object.version());
        if let Some(told) = self.told.get_mut(uid) {
            if version <= *told && version != 0 {
                return Hint::None;
            }
            *told = version;
        } else {
            if self.told.len() >= REMEMBERED {
                let oldest = self
                    .told
                    .iter()
                    .min_by_key(|(_, v)| **v)
                    .map(|(u, _)| u.clone());
                oldest.map(|uid| self.told.remove(&uid));
            }
            self.told.insert(uid.into(), version);
        }
        if let Some(scaling) = events::scaling(event) {
            // From nothing: an old template comes back. Others are scaled whenever somebody likes.
            if scaling.from != Some(0) {
                return Hint::None;
            }
            let of = (
                scaling.namespace.clone(),
                "Deployment".into(),
                scaling.deployment.clone(),
            );
            out.workloads.insert(of);
            if self.scalings.len() >= SCALINGS {
                self.scalings.pop_front();
            }
            self.scalings.push_back(scaling);
            return Hint::None;
        }
        if let Some((node, at)) = events::ready_again(event).filter(|_| !nodes_known) {
            if let Some(mut down) = self.down.remove(node).filter(|d| d.start <= Some(at)) {
                down.end = Some(at);
                out.event(down);
            }
            return Hint::None;
        }
        let Some(mut told) = events::event_of(event, listing) else {
            return Hint::None;
        };
        told.id = event_id(&["event", uid]);
        let on_node = told.object.kind == "Node";
        match &told.kind {
            EventKind::NodeReboot => {
                return match (boot_id(event), told.start) {
                    (Some(boot), Some(at)) => Hint::Boot(told.object.name, boot, at),
                    _ => Hint::None,
                };
            }
            // Its container's status tells of each restart; this repeats for as long as it waits.
            EventKind::ContainerRestart => told.kind = EventKind::Other("k8s_warning".into()),
            EventKind::NodeNotReady if !nodes_known => {
                self.down.insert(told.object.name.clone(), told.clone());
            }
            EventKind::NodeNotReady | EventKind::NodeRemoved if nodes_known => return Hint::None,
            EventKind::Other(kind) if on_node && kind == "k8s_node_condition" && nodes_known => {
                return Hint::None;
            }
            _ => {}
        }
        out.event(told);
        Hint::None
    }

    /// An event is no longer kept by the cluster, which means nothing.
    pub(crate) fn forget(&mut self, uid: &str) {
        self.told.remove(uid);
    }
}

/// The kubelet's words: `Node ip-10-0-1-11 has been rebooted, boot id: 6a3b…`.
fn boot_id(event: &ApiEvent) -> Option<String> {
    let message = event.message.as_deref()?;
    let (_, boot) = message.rsplit_once("boot id: ")?;
    let boot = boot.trim();
    (!boot.is_empty()).then(|| boot.to_owned())
}
