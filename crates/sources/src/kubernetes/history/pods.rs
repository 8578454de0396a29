//! A pod's life: scheduled, ready, restarted, terminating, gone.

use super::{
    kept::{About, Sight, Tracked, earliest},
    pending::{Pending, event_id},
    when::When,
};
use crate::kubernetes::{
    meta::{self, event_about, set, set_time, time},
    object::{Content, Object},
    pods,
    volumes::Volumes,
};
use k8s_openapi::api::core::v1::Pod;
use model::{Event, EventKind, Timestamp, time::SECOND};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kind of the event that is a pod's life, from its creation until it is gone.
pub(crate) const LIFE: &str = "k8s_pod";
/// Ends of one container that are told apart from late words of them.
const ENDS: usize = 4;

/// Words of a change are on their way for up to this time: what was seen so soon after the grace
/// period had run out may have happened within it.
const ON_THE_WAY: i64 = 3 * SECOND;

/// What is remembered of a pod.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PodState {
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<Timestamp>,
    #[serde(skip_serializing_if = "str::is_empty")]
    node: Box<str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    owner: Box<str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    phase: Box<str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: Box<str>,
    /// Claims and the folders of them that are mounted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) claims: Vec<(String, Vec<String>)>,
    /// Ends of containers that are written already.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ends: BTreeMap<Box<str>, Vec<i32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion: Option<Box<Deletion>>,
    #[serde(skip)]
    gone: Option<When>,
}

/// A deletion under way.
#[derive(Debug, Serialize, Deserialize)]
struct Deletion {
    /// As the oldest version that was seen has it.
    first: Said,
    /// As a newer version changed it: a shorter grace period moves the time back by the difference,
    /// also the kubelet's own last call when all containers have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shortened: Option<Said>,
    /// The event as it was last written, without an end.
    event: Event,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Said {
    version: u64,
    at: Timestamp,
    grace_s: i64,
    seen: When,
}

impl Deletion {
    /// When somebody asked for it.
    fn requested(&self) -> Timestamp {
        self.first.at.plus(-self.first.grace_s.saturating_mul(1000))
    }

    /// Since when the pod counts as Terminating. The deletionTimestamp, which holds the grace period.
    /// Where the period was shortened, or the pod was gone, before it had run out, the new time
    /// counts. Where it had run out by then the pod was stuck since the first one, which stays.
    fn start(&self, gone: Option<When>) -> Timestamp {
        let run_out = self.first.at.plus(ON_THE_WAY);
        let in_time = |when: When| when.earliest.is_none_or(|at| at < run_out);
        if let Some(shortened) = self.shortened.filter(|s| in_time(s.seen)) {
            return shortened.at;
        }
        if self.shortened.is_none() && gone.is_some_and(in_time) {
            return self.requested();
        }
        self.first.at
    }
}

impl Tracked for PodState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Pod(pod) = &object.content else {
            return false;
        };
        let meta = &pod.metadata;
        let about = About {
            namespace: meta::namespace(meta),
            name: meta::name(meta),
            uid: object.uid(),
            listing: sight.listing,
        };
        let moved = self.take_facts(pod, sight);
        let mut changed = moved;
        changed |= self.take_deletion(pod, object.version(), sight);
        if changed || sight.first {
            self.write(&about, sight.volumes, out);
        }
        changed |= self.write_ends(pod, &about, sight, out);
        if sight.first || (moved && sight.newest) {
            for edge in pods::edges(pod, sight.volumes, sight.listing) {
                out.edge(edge);
            }
        }
        changed
    }

    fn gone(&mut self, about: &About<'_>, when: When, out: &mut Pending) {
        let last = [self.created, self.scheduled, self.ready];
        let requested = self.deletion.as_ref().map(|d| d.requested());
        let last = last.into_iter().max().flatten().max(requested);
        self.gone = Some(when.not_before(last));
        self.write(about, &Volumes::default(), out);
    }
}

impl PodState {
    fn take_facts(&mut self, pod: &Pod, sight: &Sight<'_>) -> bool {
        let status = pod.status.as_ref();
        let conditions = status
            .and_then(|s| s.conditions.as_deref())
            .unwrap_or_default();
        let since = |kind: &str| {
            let met = |c: &&_| is_met(c, kind);
            conditions
                .iter()
                .find(met)
                .and_then(|c| time(c.last_transition_time.as_ref()))
        };
        let created = time(pod.metadata.creation_timestamp.as_ref());
        let mut changed = earliest(&mut self.created, created);
        changed |= earliest(&mut self.scheduled, since("PodScheduled"));
        changed |= earliest(&mut self.ready, since("Ready"));
        if !sight.newest && !sight.first {
            return changed;
        }
        changed |= replace(&mut self.node, pods::node(pod));
        changed |= replace(&mut self.owner, &meta::owner_text(&pod.metadata));
        changed |= replace(
            &mut self.phase,
            status.and_then(|s| s.phase.as_deref()).unwrap_or(""),
        );
        changed |= replace(
            &mut self.reason,
            status.and_then(|s| s.reason.as_deref()).unwrap_or(""),
        );
        let claims = pods::mounted(pod);
        if claims != self.claims {
            self.claims = claims;
            changed = true;
        }
        changed
    }

    fn take_deletion(&mut self, pod: &Pod, version: u64, sight: &Sight<'_>) -> bool {
        let Some(event) = pods::terminating(pod, sight.listing) else {
            return false;
        };
        let Some(at) = event.start else { return false };
        let said = Said {
            version,
            at,
            grace_s: pod.metadata.deletion_grace_period_seconds.unwrap_or(0),
            seen: sight.when,
        };
        let Some(deletion) = &mut self.deletion else {
            self.deletion = Some(Box::new(Deletion {
                first: said,
                shortened: None,
                event,
            }));
            return true;
        };
        let mut changed = false;
        if version < deletion.first.version && at != deletion.first.at {
            // The older version came late: what was taken for the first word is the second.
            let later = deletion.first;
            deletion.shortened = deletion.shortened.or(Some(later));
            deletion.first = said;
            changed = true;
        } else if version > deletion.first.version && at < deletion.first.at {
            let known = deletion.shortened.map_or(0, |s| s.version);
            if version > known && deletion.shortened.is_none_or(|s| s.at != at) {
                deletion.shortened = Some(said);
                changed = true;
            }
        }
        if sight.newest && deletion.event.attributes != event.attributes {
            deletion.event = event;
            changed = true;
        }
        changed
    }

    fn write_ends(
        &mut self,
        pod: &Pod,
        about: &About<'_>,
        sight: &Sight<'_>,
        out: &mut Pending,
    ) -> bool {
        let mut changed = false;
        for end in pods::ends(pod, sight.listing) {
            let known = self.ends.entry(end.container.as_str().into()).or_default();
            let old = known.len() >= ENDS && known.iter().all(|k| end.ordinal < *k);
            if known.contains(&end.ordinal) || old {
                continue;
            }
            let mut event = end.event;
            let before = known.iter().filter(|k| **k < end.ordinal).max();
            if let Some(unseen) = before.map(|k| end.ordinal - k - 1).filter(|n| *n > 0) {
                // Only the last end of a container is told of: these came and went between.
                set(&mut event, "restarts_unseen", unseen);
            }
            if event.start.is_none() && !sight.first && sight.newest {
                sight.when.not_before(self.created).start(&mut event);
            }
            let ordinal = end.ordinal.to_string();
            event.id = event_id(&["pod", about.uid, &end.container, "end", &ordinal]);
            out.event(event);
            known.push(end.ordinal);
            known.sort_unstable();
            if known.len() > ENDS {
                known.remove(0);
            }
            changed = true;
        }
        changed
    }

    /// Writes down the pod's life, and its time of Terminating.
    pub(crate) fn write(&self, about: &About<'_>, volumes: &Volumes, out: &mut Pending) {
        out.event(self.life(about));
        let Some(deletion) = &self.deletion else {
            return;
        };
        let mut event = deletion.event.clone();
        let start = deletion.start(self.gone);
        event.id = event_id(&["pod", about.uid, "terminating"]);
        event.start = Some(start);
        let name = format!("{}/{}", about.namespace, about.name);
        event.title = format!("Pod {name} Terminating since {}", start.minute());
        set(
            &mut event,
            "deletionGracePeriodSeconds",
            deletion.first.grace_s,
        );
        set_time(
            &mut event,
            "deletion_requested_at",
            Some(deletion.requested()),
        );
        let shortened = deletion.shortened.map(|s| s.grace_s);
        set(&mut event, "grace_shortened_to_s", shortened);
        let behind: Vec<&str> = self
            .claims
            .iter()
            .filter_map(|(claim, _)| volumes.behind(about.namespace, claim))
            .map(|behind| behind.to.as_str())
            .collect();
        set(&mut event, "file_systems", behind);
        let sub_paths: Vec<&str> = self
            .claims
            .iter()
            .flat_map(|(_, paths)| paths)
            .map(String::as_str)
            .collect();
        set(&mut event, "sub_paths", sub_paths);
        if let Some(gone) = self.gone {
            gone.end(&mut event);
            if gone.exactly().is_none() {
                event.title = format!("{}, {}", event.title, gone.gone());
            }
        }
        out.event(event);
    }

    fn life(&self, about: &About<'_>) -> Event {
        let kind = EventKind::Other(LIFE.into());
        let named = (about.namespace, about.name);
        let mut event = event_about(about.listing, kind, "Pod", named);
        event.id = event_id(&["pod", about.uid]);
        event.start = self.created;
        (*self.node).clone_into(&mut event.node);
        let state = match (self.gone, &*self.phase) {
            (Some(gone), _) => gone.gone(),
            (None, "") => "created".to_owned(),
            (None, phase) => phase.to_lowercase(),
        };
        event.title = format!("Pod {}/{} {state}", about.namespace, about.name);
        set_time(&mut event, "scheduled_at", self.scheduled);
        set_time(&mut event, "ready_at", self.ready);
        set(&mut event, "owner", &*self.owner);
        set(&mut event, "phase", &*self.phase);
        set(&mut event, "reason", &*self.reason);
        let claims: Vec<&str> = self
            .claims
            .iter()
            .map(|(claim, _)| claim.as_str())
            .collect();
        set(&mut event, "claims", claims);
        if let Some(gone) = self.gone {
            gone.end(&mut event);
        }
        event
    }

    /// Something became known of a claim that the pod mounts.
    pub(crate) fn mounts_known(&self, about: &About<'_>, volumes: &Volumes, out: &mut Pending) {
        let name = (about.namespace, about.name);
        for edge in pods::storage_edges(name, &self.claims, volumes, about.listing) {
            out.edge(edge);
        }
        if self.deletion.is_some() {
            self.write(about, volumes, out);
        }
    }

    /// Whether it mounts one of these claims.
    pub(crate) fn mounts(&self, namespace: &str, claims: &super::Claims) -> bool {
        let mut names = self.claims.iter().map(|(claim, _)| claim);
        names.any(|claim| claims.contains(&(namespace.to_owned(), claim.clone())))
    }
}

fn is_met(condition: &k8s_openapi::api::core::v1::PodCondition, kind: &str) -> bool {
    condition.type_ == kind && condition.status == "True"
}

/// Puts a text in place of another; `true` where it is another. An empty one takes nothing away:
/// what was true of a pod's place stays true when its status is cut down.
fn replace(known: &mut Box<str>, said: &str) -> bool {
    let other = !said.is_empty() && **known != *said;
    if other {
        *known = said.into();
    }
    other
}
