//! What every story plays on: the cluster in its window, with everything that goes on in any week.

use crate::{
    background,
    cluster::Cluster,
    log::{Key, Log},
    random::Random,
    rollouts,
};
use model::{Event, Timestamp, Window, time::MINUTE};

/// Who is what, by key.
#[derive(Default)]
pub(crate) struct Roles {
    /// See [`crate::Truth::culprit`].
    pub culprit: Vec<Key>,
    /// See [`crate::Truth::campaign`].
    pub campaign: Vec<Key>,
    /// See [`crate::Truth::decoys`].
    pub decoys: Vec<Key>,
    /// See [`crate::Truth::stuck_pods`].
    pub stuck: Vec<Key>,
    /// See [`crate::Truth::harmless_stuck_pods`].
    pub harmless: Vec<Key>,
}

/// A cluster, and what has happened in it so far.
pub(crate) struct Stage {
    /// Seed.
    pub seed: u64,
    /// Window.
    pub window: Window,
    /// Random numbers of the story.
    pub random: Random,
    /// The cluster as it stands.
    pub cluster: Cluster,
    /// Events so far.
    pub log: Log,
    /// Their roles.
    pub roles: Roles,
}

impl Stage {
    /// The cluster at the window's start, with that version of PHP.
    pub(crate) fn new(seed: u64, story: &str, window: Window, php_version: &'static str) -> Self {
        Self {
            seed,
            window,
            random: Random::new(seed, story),
            cluster: Cluster::new(seed, window.start, php_version),
            log: Log::default(),
            roles: Roles::default(),
        }
    }

    /// Some minutes more or less.
    pub(crate) fn jitter(&mut self, minutes: i64) -> i64 {
        self.random.whole(-minutes, minutes) * MINUTE
    }

    /// Adds an event that has nothing to do with anything.
    pub(crate) fn decoy(&mut self, event: Event) {
        let key = self.log.push(event);
        self.roles.decoys.push(key);
    }

    /// The ordinary rollouts of a day, those between `from` and `to` (milliseconds of the day).
    pub(crate) fn ordinary_rollouts(&mut self, day: Timestamp, from: i64, to: i64) {
        let hours = Window {
            start: day.plus(from),
            end: day.plus(to).min(self.window.end),
        };
        for (workload, at) in background::rollout_times(&self.cluster, &mut self.random, day) {
            if hours.contains(at) {
                self.deploy(workload, at);
            }
        }
    }

    /// An ordinary rollout.
    pub(crate) fn deploy(&mut self, workload: usize, at: Timestamp) {
        let (cluster, log) = (&mut self.cluster, &mut self.log);
        let done = rollouts::ordinary(cluster, log, &mut self.random, workload, at);
        self.roles.decoys.push(done.rollout);
        let replaced = done.replaced.iter().map(|(_, key, _)| *key);
        self.roles.decoys.extend(replaced);
    }

    /// Spot instances are taken back; none of the nodes in `keep`.
    pub(crate) fn spot_replacement(&mut self, at: Timestamp, keep: &[String]) {
        let keys = background::spot_replacement(&mut self.cluster, &mut self.log, at, keep);
        self.roles.decoys.extend(keys);
    }

    /// Cron jobs, scaling and restarts over the whole window.
    pub(crate) fn everyday(&mut self) {
        let (log, random, window) = (&mut self.log, &mut self.random, self.window);
        let decoys = &mut self.roles.decoys;
        decoys.extend(background::cron_jobs(log, random, window));
        decoys.extend(background::scaling(&self.cluster, log, random, window));
        decoys.extend(background::restarts(&self.cluster, log, random, window));
    }
}
