//! 20 May: the patch goes round, and leaves five pods behind.

use super::{PATCH_DAY, Scene, Stuck};
use crate::{
    cluster::{Pod, image},
    rollouts::{Plan, roll_out},
};
use model::{
    Timestamp,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// Parts of the zombies' requests that each zombie has. The first alone already outweighs the
/// baseline, and each further one steepens the fall.
const SHARES: [f64; 5] = [0.34, 0.20, 0.16, 0.18, 0.12];

impl Scene {
    /// The cluster-wide rollout, one Deployment every four minutes or so from 09:30.
    pub(super) fn patch(&mut self) {
        self.stage.cluster.php_version = "7.4.6";
        let mut at = PATCH_DAY.plus(9 * HOUR + 30 * MINUTE + self.stage.jitter(12));
        for (place, workload) in self.patch_order().into_iter().enumerate() {
            // How many zombies there should be once so many Deployments are done: they come in
            // steps, which the metrics show.
            let due = match place {
                0..4 => 0,
                4..7 => 2,
                7..12 => 3,
                12..17 => 4,
                _ => SHARES.len(),
            };
            let stuck = self.next_stuck(workload, due);
            self.patch_one(workload, at, &stuck);
            at = at.plus(self.stage.random.whole(150, 330) * SECOND);
        }
        self.stage.ordinary_rollouts(PATCH_DAY, 13 * HOUR, DAY);
    }

    /// Any order.
    fn patch_order(&mut self) -> Vec<usize> {
        let mut order = self.stage.cluster.php();
        for i in (1..order.len()).rev() {
            order.swap(i, self.stage.random.index(i + 1));
        }
        order
    }

    /// Which of the workload's pods get stuck, by position, while there are fewer than `due`
    /// zombies: first two of one workload, then one at a time, each on a node of its own.
    fn next_stuck(&self, workload: usize, due: usize) -> Vec<usize> {
        let zombies: Vec<&Stuck> = self.stuck.iter().filter(|s| s.share > 0.0).collect();
        let free = |pod: &Pod| zombies.iter().all(|z| z.pod.node != pod.node);
        let wanted = match zombies.len() {
            0 => due.min(2),
            there => due.saturating_sub(there).min(1),
        };
        let pods = self
            .stage
            .cluster
            .workloads
            .get(workload)
            .map(|w| w.pods.iter());
        let stuck: Vec<usize> = pods
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|(_, pod)| free(pod))
            .map(|(i, _)| i)
            .take(wanted)
            .collect();
        if stuck.len() == wanted {
            stuck
        } else {
            Vec::new()
        }
    }

    fn patch_one(&mut self, workload: usize, at: Timestamp, stuck: &[usize]) {
        let name = self
            .stage
            .cluster
            .workloads
            .get(workload)
            .map(|w| w.name.clone());
        let build = self.stage.random.whole(100, 900);
        let plan = Plan {
            workload,
            at,
            image: image(
                &name.unwrap_or_default(),
                true,
                self.stage.cluster.php_version,
                build,
            ),
            why: "PHP 7.4.6 (CVE-2019-11048)",
            user: "platform-team",
            stuck,
        };
        let done = roll_out(
            &mut self.stage.cluster,
            &mut self.stage.log,
            &mut self.stage.random,
            &plan,
        );
        let side = if stuck.is_empty() {
            &mut self.stage.roles.campaign
        } else {
            &mut self.stage.roles.culprit
        };
        side.push(done.rollout);
        for (i, (pod, event, from)) in done.replaced.into_iter().enumerate() {
            if stuck.contains(&i) {
                let zombies = self.stuck.iter().filter(|s| s.share > 0.0).count();
                let share = SHARES.get(zombies).copied().unwrap_or(0.1);
                self.stage.roles.culprit.push(event);
                self.stage.roles.stuck.push(event);
                self.stuck.push(Stuck {
                    pod,
                    event,
                    from,
                    until: None,
                    share,
                });
            } else {
                self.stage.roles.campaign.push(event);
            }
        }
    }
}
