//! Workloads: their revisions, who rolled them out, and how many replicas they want.

mod revision;
mod wanted;

pub(crate) use revision::RevisionState;
pub(crate) use wanted::WorkloadState;

use super::{
    kept::Kept,
    pending::{Pending, event_id},
};
use crate::kubernetes::{
    Listing,
    events::Scaling,
    rollouts::{self, Revision, Rollout},
};
use model::{Event, time::SECOND};
use std::collections::{BTreeMap, BTreeSet};

/// `managedFields` count whole seconds, and the object is on its way for a moment.
const SLACK: i64 = 2 * SECOND;
/// A controller makes the new revision within this time of the change of the template.
const REACTION: i64 = 30 * SECOND;

/// Revisions by their keys.
type Keyed<'a> = Vec<(&'a str, &'a RevisionState)>;

/// Workloads and their revisions.
pub(crate) struct Workloads {
    pub(crate) deployments: Kept<WorkloadState>,
    pub(crate) stateful_sets: Kept<WorkloadState>,
    pub(crate) daemon_sets: Kept<WorkloadState>,
    pub(crate) cron_jobs: Kept<WorkloadState>,
    pub(crate) replica_sets: Kept<RevisionState>,
    pub(crate) controller_revisions: Kept<RevisionState>,
}

impl Workloads {
    pub(crate) fn new() -> Self {
        Self {
            deployments: Kept::new("Deployment"),
            stateful_sets: Kept::new("StatefulSet"),
            daemon_sets: Kept::new("DaemonSet"),
            cron_jobs: Kept::new("CronJob"),
            replica_sets: Kept::new("ReplicaSet"),
            controller_revisions: Kept::new("ControllerRevision"),
        }
    }

    /// Writes down the rollouts of the workloads of which something new is known. What was written
    /// stays where less is known now, because its neighbours were pruned since.
    pub(crate) fn write(
        &mut self,
        workloads: &BTreeSet<(String, String, String)>,
        scalings: &[Scaling],
        listing: &Listing,
        out: &mut Pending,
    ) {
        let wanted: BTreeSet<(&str, &str, &str)> = workloads
            .iter()
            .map(|(namespace, kind, name)| (namespace.as_str(), kind.as_str(), name.as_str()))
            .collect();
        for sets in [&mut self.replica_sets, &mut self.controller_revisions] {
            let mut by_workload: BTreeMap<(&str, &str, &str), Keyed<'_>> = BTreeMap::new();
            for (key, state) in sets.iter() {
                let r = &state.revision;
                let of = (
                    r.namespace.as_str(),
                    r.owner_kind.as_str(),
                    r.owner.as_str(),
                );
                if wanted.contains(&of) {
                    by_workload.entry(of).or_default().push((key, state));
                }
            }
            let mut all = Vec::new();
            for ((namespace, kind, name), revisions) in &by_workload {
                let owner = match *kind {
                    "Deployment" => &self.deployments,
                    "StatefulSet" => &self.stateful_sets,
                    "DaemonSet" => &self.daemon_sets,
                    _ => continue,
                };
                let owner = owner.get(&format!("{namespace}/{name}"));
                all.extend(of_workload(revisions, owner, scalings, listing));
            }
            for (key, events) in all {
                sets.change(&key, listing, out, |_, state, out| state.write(events, out));
            }
        }
    }
}

/// The rollouts of one workload, by the key of the revision.
fn of_workload(
    revisions: &[(&str, &RevisionState)],
    owner: Option<&WorkloadState>,
    scalings: &[Scaling],
    listing: &Listing,
) -> BTreeMap<String, Vec<Event>> {
    let plain: Vec<Revision> = revisions.iter().map(|(_, s)| s.revision.clone()).collect();
    let rollouts = rollouts::events(&plain, &[], scalings, listing);
    let last = rollouts.len().saturating_sub(1);
    let mut out: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for (i, rollout) in rollouts.into_iter().enumerate() {
        let Some((key, state)) = revisions.get(rollout.index) else {
            continue;
        };
        let id = rollout_id(&state.uid, &rollout);
        let mut event = rollout.event;
        event.id = id;
        if let Some(owner) = owner {
            owner.explain(&mut event);
            if i == last {
                owner.label(&mut event);
            }
        }
        out.entry((*key).to_owned()).or_default().push(event);
    }
    out
}

/// The first time of a template by its revision's uid, each return by its number as well.
fn rollout_id(uid: &str, rollout: &Rollout) -> String {
    match rollout.number {
        Some(number) if !rollout.new => event_id(&["rollout", uid, &number.to_string()]),
        _ => event_id(&["rollout", uid]),
    }
}
