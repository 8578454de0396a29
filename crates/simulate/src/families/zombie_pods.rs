//! The story: a patch rollout leaves pods in Terminating, which list directories until the file
//! system's credits are gone, hours or days later.

use super::{
    Family,
    file_system::{self, Extra, Plan},
    stage::Stage,
    town::pod_name,
};
use crate::log::{Key, object, with};
use model::{
    EventKind, Timestamp,
    time::{DAY, HOUR, MINUTE, SECOND},
};

pub(super) const FAMILY: Family = Family {
    name: "zombie_pods",
    about: "pods stuck in Terminating empty the file system's credits hours or days later",
    has_culprit: true,
    tell,
};

fn tell(stage: &mut Stage) {
    let at = stage.moment(0.1, 0.4);
    let room = stage.window.end.since(at) * 8 / 10;
    let least = if stage.hard { 14 * HOUR } else { 5 * HOUR };
    let lag = stage
        .random
        .whole(least / MINUTE, room.min(3 * DAY) / MINUTE)
        * MINUTE;
    let mut plan = Plan::new(stage);
    let rate = plan.rate_for(stage, at, lag);
    // One in ten is still on the way when the window ends.
    let rate = if stage.random.chance(0.1) {
        0.7 * rate
    } else {
        rate
    };
    let wave = Wave::new(stage, at);
    let growth = stage.random.between(0.0, 0.3);
    let gone = file_system::gone_by(stage, &plan, |t| wave.asks(t, None, rate, growth));
    let end = ending(stage, gone);
    wave.over(stage, end);
    harmless(stage);
    let (exhausted, pressure) = file_system::run(stage, &plan, |t| wave.asks(t, end, rate, growth));
    stage.truth.onset = Some(wave.onset);
    stage.truth.exhausted_at = exhausted;
    stage.truth.drivers = vec!["efs.metadata".into()];
    stage.shift = file_system::felt(stage, &pressure).map(|felt| (wave.onset, felt));
    stage.cause(wave.events());
}

/// When the nodes are rebooted: after people felt it, in three of five.
fn ending(stage: &mut Stage, felt: Timestamp) -> Option<Timestamp> {
    let end = felt.plus(stage.random.whole(60, 700) * MINUTE);
    (stage.random.chance(0.6) && end < stage.window.end.plus(-2 * HOUR)).then_some(end)
}

/// Rollouts of one piece of work, and the pods that they left.
pub(super) struct Wave {
    rollouts: Vec<Key>,
    pods: Vec<(Key, Timestamp, String)>,
    /// When the first pod began to hang.
    pub onset: Timestamp,
}

impl Wave {
    /// One to three services are patched, most of them leave pods.
    pub(super) fn new(stage: &mut Stage, at: Timestamp) -> Self {
        let mut time = at;
        let (mut rollouts, mut pods) = (Vec::new(), Vec::new());
        let services: Vec<_> = stage.town.mounting.clone();
        let count = 1 + stage.random.index(services.len());
        for &k in services.iter().take(count) {
            let service = stage.town.services[k].clone();
            let rollout = stage.rollout(time, &service);
            let rollout = with(with(rollout, "reason", "security patch"), "user", "anna");
            rollouts.push(stage.push(rollout));
            let mut left = time.plus(stage.random.whole(15, 80) * SECOND);
            for _ in 0..stage.random.whole(1, 3) {
                let node = stage.random.index(stage.town.nodes.len());
                let node = stage.town.nodes[node].clone();
                let pod = pod_name(&mut stage.random, &service.name);
                let mut gone = stage.on(EventKind::PodTerminating, left, &service, "terminating");
                gone.object = object("Pod", &pod);
                gone.node.clone_from(&node);
                let key = stage.push(with(gone, "deletionGracePeriodSeconds", 30));
                pods.push((key, left, node));
                left = left.plus(stage.random.whole(5, 60) * SECOND);
            }
            time = time.plus(stage.random.whole(2, 12) * MINUTE);
        }
        let keys: Vec<Key> = pods.iter().map(|p| p.0).collect();
        stage.stuck(&keys);
        Self {
            onset: pods.iter().map(|p| p.1).min().unwrap_or(at),
            rollouts,
            pods,
        }
    }

    /// Ends it by rebooting the nodes.
    pub(super) fn over(&self, stage: &mut Stage, end: Option<Timestamp>) {
        let Some(end) = end else { return };
        let mut nodes: Vec<&String> = self.pods.iter().map(|p| &p.2).collect();
        nodes.sort();
        nodes.dedup();
        for node in nodes {
            let reboot = stage.on_node(EventKind::NodeReboot, end, node, "rebooted");
            stage.push(reboot);
        }
        for (key, ..) in &self.pods {
            stage.end(*key, end.plus(40 * SECOND));
        }
    }

    /// What the pods ask for: each its part of the rate, growing by a share each day.
    pub(super) fn asks(
        &self,
        t: Timestamp,
        end: Option<Timestamp>,
        rate: f64,
        growth: f64,
    ) -> Extra {
        if end.is_some_and(|end| t >= end) {
            return Extra::default();
        }
        let hanging = self.pods.iter().filter(|p| p.1 <= t).count() as f64;
        let days = t.since(self.onset).max(0) as f64 / DAY as f64;
        let share = hanging / self.pods.len() as f64;
        Extra {
            requests: rate / 4096.0 * share * (1.0 + growth * days),
            ..Extra::default()
        }
    }

    /// Everything that is the cause.
    pub(super) fn events(&self) -> Vec<Key> {
        let pods = self.pods.iter().map(|p| p.0);
        self.rollouts.iter().copied().chain(pods).collect()
    }
}

/// Pods of somebody else that hang too and ask for nothing, and some that nearly do.
fn harmless(stage: &mut Stage) {
    for _ in 0..stage.random.whole(0, 2) {
        let k = stage.random.index(stage.town.others.len());
        let service = stage.town.others[k].clone();
        let at = stage.moment(0.0, 0.9);
        for _ in 0..2 {
            let minutes = stage.random.whole(11, 3000);
            let short = stage.random.whole(1, 9);
            let pod = pod_name(&mut stage.random, &service.name);
            let mut gone = stage.on(EventKind::PodTerminating, at, &service, "terminating");
            gone.object = object("Pod", &pod);
            let stuck = stage.random.chance(0.5);
            let end = at.plus(if stuck { minutes } else { short } * MINUTE);
            gone.end = (end < stage.window.end).then_some(end);
            let stuck = stuck && stage.window.end.since(at) > 11 * MINUTE;
            let key = stage.push(gone);
            if stuck {
                stage.stuck(&[key]);
            }
        }
    }
}
