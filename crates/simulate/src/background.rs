//! What goes on in any week: rollouts, cron jobs, scaling, restarts, nodes that come and go. None of
//! it has anything to do with an incident; all of it stands near one now and then.

use crate::{
    cluster::Cluster,
    log::{Key, Log, event, node_event, object, pod_event, with, workload_event},
    random::Random,
};
use model::{
    Event, EventKind, Timestamp, Window,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// Jobs at the top of every hour: namespace and name.
const HOURLY: [(&str, &str); 3] = [
    ("alder-outdoor", "alder-outdoor-production-stock-import"),
    ("harbour-theatre", "harbour-theatre-production-ticket-sync"),
    ("northgate-museum", "northgate-museum-production-cron"),
];

/// Cron jobs: three each hour, a backup and a mailing each night.
pub(crate) fn cron_jobs(log: &mut Log, random: &mut Random, window: Window) -> Vec<Key> {
    let mut keys = Vec::new();
    for hour in steps(window, HOUR) {
        for (namespace, name) in HOURLY {
            let start = hour.plus(random.whole(0, 4) * SECOND);
            let end = start.plus(random.whole(15, 140) * SECOND);
            keys.push(log.push(job(namespace, name, start, end)));
        }
    }
    for day in steps(window, DAY) {
        let backup = day.plus(crate::traffic::BACKUP_START);
        if window.contains(backup) {
            let end = backup.plus(30 * MINUTE);
            keys.push(log.push(job("backup", "uploads-backup", backup, end)));
        }
    }
    keys
}

fn job(namespace: &str, name: &str, start: Timestamp, end: Timestamp) -> Event {
    let mut job = event(
        EventKind::JobRun,
        "kubernetes",
        start,
        format!("{name} ran"),
    );
    job.cluster = crate::cluster::CLUSTER.into();
    job.namespace = namespace.into();
    // The controller of that time named a job after its start in epoch seconds.
    job.object = object(
        "Job",
        &format!("{name}-{}", start.floor_to(MINUTE).seconds()),
    );
    job.end = Some(end);
    job
}

/// Ordinary rollouts of a day in working hours, workload and time: five to nine, fewer at weekends.
pub(crate) fn rollout_times(
    cluster: &Cluster,
    random: &mut Random,
    day: Timestamp,
) -> Vec<(usize, Timestamp)> {
    let weekend = matches!(day.millis().div_euclid(DAY).rem_euclid(7), 2 | 3);
    let count = if weekend {
        random.whole(0, 2)
    } else {
        random.whole(5, 9)
    };
    let mut times: Vec<i64> = (0..count)
        .map(|_| random.whole(8 * 3600, 17 * 3600) * SECOND)
        .collect();
    times.sort_unstable();
    times
        .into_iter()
        .map(|ms| (random.index(cluster.workloads.len()), day.plus(ms)))
        .collect()
}

/// The autoscaler of the ingress: out in the morning, in again in the evening.
pub(crate) fn scaling(
    cluster: &Cluster,
    log: &mut Log,
    random: &mut Random,
    window: Window,
) -> Vec<Key> {
    let Some(ingress) = cluster
        .find("nginx-ingress-controller")
        .and_then(|i| cluster.workloads.get(i))
    else {
        return Vec::new();
    };
    let mut keys = Vec::new();
    for day in steps(window, DAY) {
        for (hour, from, to) in [(7, 4, 6), (20, 6, 4)] {
            let at = day.plus(hour * HOUR + random.whole(0, 3_000) * SECOND);
            if window.contains(at) {
                let title = format!("{} scaled from {from} to {to}", ingress.name);
                let scale = workload_event(EventKind::Scale, at, ingress, title);
                keys.push(log.push(with(with(scale, "from", from), "to", to)));
            }
        }
    }
    keys
}

/// Containers that start again now and then.
pub(crate) fn restarts(
    cluster: &Cluster,
    log: &mut Log,
    random: &mut Random,
    window: Window,
) -> Vec<Key> {
    (0..random.whole(6, 11))
        .filter_map(|_| {
            let at = window
                .start
                .plus(random.whole(0, window.millis() / SECOND - 1) * SECOND);
            let workload = cluster
                .workloads
                .get(random.index(cluster.workloads.len()))?;
            let pod = workload.pods.get(random.index(workload.pods.len()))?;
            let title = format!("{} restarted a container", pod.name);
            let restart = pod_event(EventKind::ContainerRestart, at, pod, title);
            Some(log.push(with(with(restart, "reason", "Error"), "count", 1)))
        })
        .collect()
}

/// A spot instance is taken back, and another one joins.
pub(crate) fn spot_replacement(
    cluster: &mut Cluster,
    log: &mut Log,
    at: Timestamp,
    keep: &[String],
) -> Vec<Key> {
    let joined = at.plus(3 * MINUTE + 20 * SECOND);
    let Some((old, new)) = cluster.replace_spot(joined, keep) else {
        return Vec::new();
    };
    let removed = node_event(EventKind::NodeRemoved, at, &old, format!("{old} left"));
    let removed = with(removed, "reason", "spot interruption");
    let added = node_event(EventKind::NodeAdded, joined, &new, format!("{new} joined"));
    vec![log.push(removed), log.push(added)]
}

/// A reboot: the node is not ready for some minutes. Returns both events.
pub(crate) fn reboot(log: &mut Log, node: &str, at: Timestamp, why: &str) -> [Key; 2] {
    let event = node_event(EventKind::NodeReboot, at, node, format!("{node} rebooted"));
    let event = log.push(with(event, "reason", why));
    let title = format!("{node} was not ready");
    let mut gone = node_event(EventKind::NodeNotReady, at.plus(20 * SECOND), node, title);
    gone.end = Some(at.plus(2 * MINUTE + 40 * SECOND));
    [event, log.push(gone)]
}

/// Starts of the periods inside a window, the one that holds its start included.
pub(crate) fn steps(window: Window, period: i64) -> Vec<Timestamp> {
    let first = window.start.floor_to(period);
    (0..=window.millis() / period)
        .map(|i| first.plus(i * period))
        .filter(|t| *t >= first && *t < window.end)
        .collect()
}
