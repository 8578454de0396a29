//! Rollouts: a new revision of a Deployment, and the old pods that go with it.

use crate::{
    cluster::{Cluster, Pod, Workload, image},
    log::{Key, Log, pod_event, with, workload_event},
    random::Random,
};
use model::{Event, EventKind, Timestamp, time::SECOND};

/// The grace period of every pod, seconds.
pub(crate) const GRACE_S: i64 = 30;

/// What a rollout did.
pub(crate) struct RolledOut {
    /// Its event.
    pub rollout: Key,
    /// The replaced pods with their `pod_terminating` events, in the order of their deletion.
    pub replaced: Vec<(Pod, Key, Timestamp)>,
}

/// A rollout to come.
pub(crate) struct Plan<'a> {
    /// Index of the workload.
    pub workload: usize,
    /// When the template changes.
    pub at: Timestamp,
    /// Image afterwards.
    pub image: String,
    /// What people call it.
    pub why: &'a str,
    /// Who did it.
    pub user: &'a str,
    /// Which of the old pods never leave: by position.
    pub stuck: &'a [usize],
}

/// Rolls a new revision out: each old pod is deleted once its successor is ready, 20 to 70 s apart,
/// and is gone when the grace period is over, unless it is stuck.
pub(crate) fn roll_out(
    cluster: &mut Cluster,
    log: &mut Log,
    random: &mut Random,
    plan: &Plan<'_>,
) -> RolledOut {
    let before = cluster.workloads.get(plan.workload).cloned();
    let old = cluster.replace(plan.workload, plan.image.clone(), plan.at);
    let mut event = Event::default();
    if let (Some(before), Some(after)) = (before, cluster.workloads.get(plan.workload)) {
        event = rollout_event(&before, after, plan);
    }
    let rollout = log.push(event);
    let mut at = plan.at.plus(random.whole(25, 60) * SECOND);
    let mut replaced = Vec::new();
    for (i, pod) in old.into_iter().enumerate() {
        let gone = at.plus(random.whole(2, GRACE_S + 4) * SECOND);
        let key = log.push(terminating(&pod, at));
        if !plan.stuck.contains(&i) {
            log.end(key, gone);
        }
        replaced.push((pod, key, at));
        at = at.plus(random.whole(20, 70) * SECOND);
    }
    RolledOut { rollout, replaced }
}

fn rollout_event(before: &Workload, after: &Workload, plan: &Plan<'_>) -> Event {
    let title = format!("{} revision {}: {}", after.name, after.revision, plan.why);
    let event = workload_event(EventKind::Rollout, plan.at, after, title);
    let event = with(event, "revision", after.revision);
    let event = with(event, "image", after.image.clone());
    let event = with(event, "image_before", before.image.clone());
    with(event, "user", plan.user)
}

/// A pod that is being deleted, from its deletionTimestamp on.
pub(crate) fn terminating(pod: &Pod, at: Timestamp) -> Event {
    let title = format!("{} terminating", pod.name);
    let event = pod_event(EventKind::PodTerminating, at, pod, title);
    with(event, "deletionGracePeriodSeconds", GRACE_S)
}

/// An ordinary rollout by a customer team: a new build on the same PHP.
pub(crate) fn ordinary(
    cluster: &mut Cluster,
    log: &mut Log,
    random: &mut Random,
    workload: usize,
    at: Timestamp,
) -> RolledOut {
    const WHY: [&str; 5] = [
        "new build",
        "feature release",
        "template fix",
        "dependency update",
        "copy changes",
    ];
    let (name, php) = cluster
        .workloads
        .get(workload)
        .map(|w| (w.name.clone(), w.php))
        .unwrap_or_default();
    let plan = Plan {
        workload,
        at,
        image: image(&name, php, cluster.php_version, random.whole(100, 900)),
        why: WHY
            .get(random.index(WHY.len()))
            .copied()
            .unwrap_or("new build"),
        user: "gitlab-deploy",
        stuck: &[],
    };
    roll_out(cluster, log, random, &plan)
}
