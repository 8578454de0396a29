//! What a cluster's watches tell, made into history: events with stable ids, and what has to be
//! remembered so that nothing is told twice and nothing that vanished unseen is passed over.
//!
//! A state machine without input, output or clock. Each kind of object is a stream: a list, then
//! changes. What the stream said is true of the time at which it was said, on the API server's
//! clock; while nobody listened, things happened in a span, and the span is what is written down.
//!
//! - An event's id follows from the object's uid and from what happened to it. The same fact seen
//!   twice, after a list or a restart, is the same event.
//! - Times come from the objects themselves wherever they say them. A removal has none: it is
//!   dated by when it was seen.
//! - Versions may come twice and out of order. What an older one says is added to what is known and
//!   never takes its place.
//! - What a list no longer has is gone since some time after the stream was last current.

mod conditions;
mod deliveries;
mod helm;
mod jobs;
mod kept;
mod last;
mod nodes;
mod notices;
mod pending;
mod pods;
mod rate;
mod restore;
mod storage;
mod stream;
#[cfg(test)]
mod tests;
mod turns;
mod visit;
mod when;
mod workloads;

pub(crate) use pods::LIFE;
pub use stream::{Position, Stream, Told};

use super::{
    Listing,
    object::{Content, Object},
    part::Part,
    volumes::Volumes,
};
use crate::source::Learned;
use deliveries::DeliveryState;
use helm::HelmState;
use jobs::JobState;
use kept::Kept;
use model::{Timestamp, Window};
use nodes::NodeState;
use notices::{Hint, Notices};
use pending::Pending;
use pods::PodState;
use rate::JobRate;
use std::collections::{BTreeMap, BTreeSet};
use storage::{ClaimState, VolumeState};
use stream::StreamState;
use visit::Visit;
use when::When;
use workloads::Workloads;

/// Claims by namespace and name.
type Claims = BTreeSet<(String, String)>;

/// The history of one cluster in the making.
pub struct History {
    listing: Listing,
    streams: BTreeMap<Stream, StreamState>,
    pods: Kept<PodState>,
    nodes: Kept<NodeState>,
    workloads: Workloads,
    jobs: Kept<JobState>,
    job_rate: JobRate,
    claims: Kept<ClaimState>,
    volumes: Kept<VolumeState>,
    applications: Kept<DeliveryState>,
    kustomizations: Kept<DeliveryState>,
    helm_releases: Kept<DeliveryState>,
    helm_revisions: Kept<HelmState>,
    notices: Notices,
    /// What is behind claims, from claims and volumes.
    behind: Volumes,
    /// From the first to the last instant at which something was told since the last handing on.
    span: Option<(Timestamp, Timestamp)>,
    out: Pending,
}

impl History {
    /// Of a cluster of which nothing is known.
    pub fn new(cluster: &str) -> Self {
        let listing = Listing {
            cluster: cluster.to_owned(),
            ..Listing::default()
        };
        Self {
            listing,
            streams: BTreeMap::new(),
            pods: Kept::new("Pod"),
            nodes: Kept::new("Node"),
            workloads: Workloads::new(),
            jobs: Kept::new("Job"),
            job_rate: JobRate::default(),
            claims: Kept::new("PersistentVolumeClaim"),
            volumes: Kept::new("PersistentVolume"),
            applications: Kept::new("Application"),
            kustomizations: Kept::new("Kustomization"),
            helm_releases: Kept::new("HelmRelease"),
            helm_revisions: Kept::new("Secret"),
            notices: Notices::default(),
            behind: Volumes::default(),
            span: None,
            out: Pending::default(),
        }
    }

    /// Where a stream stands, for whoever goes on with it.
    pub fn position(&self, stream: &Stream) -> Position {
        self.streams
            .get(stream)
            .map(StreamState::position)
            .unwrap_or_default()
    }

    /// Takes in what a stream told at `at`, on the API server's clock.
    pub fn observe(&mut self, stream: &Stream, at: Timestamp, told: Told) {
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
        let mut state = self.streams.remove(stream).unwrap_or_default();
        match told {
            Told::Begin { asked_at } => {
                state.begin(asked_at, at);
                self.each_kept(stream.part, &Visit::Begin(&stream.namespace));
            }
            Told::Item(object) => {
                let when = state.listed();
                self.see(stream.part, &object, when, true);
            }
            Told::End { version } => self.end(stream, &mut state, &version),
            Told::Applied(object) => {
                let when = state.told(object.version(), at);
                self.see(stream.part, &object, when, false);
            }
            Told::Deleted(object) => {
                let when = state.told(object.version(), at);
                self.delete(stream.part, &object, when);
            }
            Told::Bookmark { version } => state.bookmark(&version, at),
            Told::Current => state.current(at),
            Told::Disconnected => state.disconnect(),
            Told::Reconnected { caught_up_at } => state.reconnect(caught_up_at, at),
            Told::PutBack { version } => {
                self.each_kept(stream.part, &Visit::PutBack);
                let what = stream.shown();
                let before = state.position().version.unwrap_or_default();
                let reason = format!(
                    "the cluster's count of changes went back from {before} to {version}, as a restore from a backup does: {what} are listed anew, and what happened since that backup may have been undone"
                );
                self.out.gap(&what, None, reason);
                if stream.part == Part::Jobs {
                    self.job_rate.watched_from(at);
                }
            }
            Told::Refused { reason } => {
                if state.refuse(&reason, at) {
                    self.out.gap(&stream.shown(), None, reason);
                }
            }
            Told::Unread { what } => self.out.gap(&stream.shown(), None, what),
        }
        self.streams.insert(stream.clone(), state);
    }

    fn end(&mut self, stream: &Stream, state: &mut StreamState, version: &str) {
        let Some(list) = state.end(version) else {
            return;
        };
        self.each_kept(stream.part, &Visit::End(&stream.namespace, list.when));
        if stream.part == Part::Jobs && (list.is_first || list.unseen.is_some()) {
            self.job_rate.watched_from(list.when.latest);
        }
        if let Some(window) = list.unseen {
            let what = stream.shown();
            let reason = format!(
                "{what} were not watched from {} to {}, and the cluster no longer tells what changed in between: what came and went unseen is not known. Nothing can be done about it afterwards; a second collector stands by for such times",
                window.start.minute(),
                window.end.minute()
            );
            self.out.gap(&what, Some(window), reason);
        }
    }

    fn see(&mut self, part: Part, object: &Object, when: When, listed: bool) {
        match &object.content {
            Content::Event(event) => {
                let nodes_known = !self.refused(Part::Nodes);
                let hint =
                    self.notices
                        .see(object, event, nodes_known, &self.listing, &mut self.out);
                if let Hint::Boot(node, boot, at) = hint {
                    self.booted(&node, &boot, at);
                }
            }
            _ => self.each_kept(
                part,
                &Visit::See {
                    object,
                    when,
                    listed,
                },
            ),
        }
        match &object.content {
            Content::Claim(claim) => {
                let meta = &claim.metadata;
                let key = (super::meta::namespace(meta), super::meta::name(meta));
                self.behind.set_claim(key, super::volumes::volume_of(claim));
            }
            Content::Volume(volume) => {
                let behind = super::volumes::behind(volume, &self.listing);
                let claim = super::volumes::claimed_by(volume);
                self.behind
                    .set_volume(super::meta::name(&volume.metadata), behind, claim);
            }
            _ => {}
        }
    }

    fn delete(&mut self, part: Part, object: &Object, when: When) {
        if matches!(object.content, Content::Event(_)) {
            self.notices.forget(object.uid());
        } else {
            self.each_kept(part, &Visit::Delete { object, when });
        }
    }

    fn refused(&self, part: Part) -> bool {
        let mut streams = self.streams.iter();
        streams.any(|(stream, state)| stream.part == part && state.is_refused())
    }

    fn booted(&mut self, node: &str, boot: &str, at: Timestamp) {
        let key = format!("/{node}");
        let mut event = nodes::rebooted(node, boot, &self.listing);
        event.start = Some(at);
        self.out.event(event);
        self.nodes
            .change(&key, &self.listing, &mut self.out, |_, state, _| {
                state.tell_boot(boot, at)
            });
    }

    /// How many things wait to be handed on.
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// How many objects are remembered.
    pub fn remembered(&self) -> usize {
        self.pods.len() + self.nodes.len() + self.jobs.len() + self.workloads.replica_sets.len()
    }

    /// Everything learned since the last time.
    pub fn take(&mut self, now: Timestamp) -> Learned {
        self.write_rollouts();
        self.write_mounts();
        for (stream, state) in &mut self.streams {
            if let Some(saved) = state.save() {
                self.out.remember(stream.key(), Some(saved));
            }
        }
        let window = self
            .span
            .take()
            .and_then(|(from, to)| Window::new(from, to.plus(1)));
        for (stream, state) in &mut self.streams {
            let still = window.and_then(|window| state.still_refused(window.end));
            if let Some((span, reason)) = still {
                self.out.gap(&stream.shown(), Some(span), reason);
            }
        }
        let query = format!("watch of cluster {}", self.listing.cluster);
        let job_runs = self.take_job_runs();
        let mut learned = self.out.take(&query, window, now);
        let ids = job_runs.iter().map(|series| series.meta.id.clone());
        learned.batch.provenance.series.extend(ids);
        learned.batch.series.extend(job_runs);
        learned
    }

    /// Revisions are compared with their neighbours, which a list brings in any order: while one is
    /// under way they wait.
    fn write_rollouts(&mut self) {
        let revisions = [Part::ReplicaSets, Part::ControllerRevisions];
        let listing = |(stream, state): (&Stream, &StreamState)| {
            revisions.contains(&stream.part) && state.is_listing()
        };
        if self.out.workloads.is_empty() || self.streams.iter().any(listing) {
            return;
        }
        let workloads = std::mem::take(&mut self.out.workloads);
        let scalings = self.notices.scalings.make_contiguous();
        self.workloads
            .write(&workloads, scalings, &self.listing, &mut self.out);
    }

    /// What became known of claims is said of the pods that mount them.
    fn write_mounts(&mut self) {
        let claims = std::mem::take(&mut self.out.claims);
        if claims.is_empty() {
            return;
        }
        for (namespace, claim) in &claims {
            self.out
                .edges(self.behind.edges_of((namespace, claim), &self.listing));
        }
        let pods: Vec<String> = self
            .pods
            .iter()
            .filter(|(key, pod)| {
                let namespace = key.split_once('/').map_or("", |(namespace, _)| namespace);
                pod.mounts(namespace, &claims)
            })
            .map(|(key, _)| key.to_owned())
            .collect();
        for key in pods {
            self.pods
                .change(&key, &self.listing, &mut self.out, |about, pod, out| {
                    pod.mounts_known(about, &self.behind, out);
                    false
                });
        }
    }

    /// Does something with the objects of a kind, whatever is remembered of them.
    fn each_kept(&mut self, part: Part, visit: &Visit<'_>) {
        let w = &mut self.workloads;
        let (l, v, out) = (&self.listing, &self.behind, &mut self.out);
        match part {
            Part::Pods => visit.pay(&mut self.pods, l, v, out),
            Part::Nodes => visit.pay(&mut self.nodes, l, v, out),
            Part::Deployments => visit.pay(&mut w.deployments, l, v, out),
            Part::StatefulSets => visit.pay(&mut w.stateful_sets, l, v, out),
            Part::DaemonSets => visit.pay(&mut w.daemon_sets, l, v, out),
            Part::CronJobs => visit.pay(&mut w.cron_jobs, l, v, out),
            Part::ReplicaSets => visit.pay(&mut w.replica_sets, l, v, out),
            Part::ControllerRevisions => visit.pay(&mut w.controller_revisions, l, v, out),
            Part::Jobs => visit.pay(&mut self.jobs, l, v, out),
            Part::Claims => visit.pay(&mut self.claims, l, v, out),
            Part::Volumes => visit.pay(&mut self.volumes, l, v, out),
            Part::Applications => visit.pay(&mut self.applications, l, v, out),
            Part::Kustomizations => visit.pay(&mut self.kustomizations, l, v, out),
            Part::HelmReleases => visit.pay(&mut self.helm_releases, l, v, out),
            Part::HelmRevisions => visit.pay(&mut self.helm_revisions, l, v, out),
            // Events of the API are not kept: that one is gone means nothing.
            Part::Events => {}
        }
    }
}
