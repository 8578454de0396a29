//! Pods that never leave: their node's NFS client lists a directory again and again.

use crate::{
    efs::{Demand, FileSystem, Minute},
    random::{Noise, Random},
};
use model::Timestamp;
use std::collections::BTreeMap;

/// A pod stuck in Terminating that keeps its node's NFS client busy.
#[derive(Clone, Debug)]
pub(crate) struct Zombie {
    /// Its node.
    pub node: String,
    /// Since when.
    pub from: Timestamp,
    /// Until its node is rebooted.
    pub until: Option<Timestamp>,
    /// Its part of the requests of all zombies together.
    pub share: f64,
}

impl Zombie {
    fn is_active(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|end| at < end)
    }
}

/// Everything that the file system is asked for and gives, minute by minute.
pub(crate) struct InputOutput {
    /// Starts of the minutes.
    pub times: Vec<Timestamp>,
    /// Bytes stored.
    pub stored: Vec<i64>,
    /// What the file system did.
    pub minutes: Vec<Minute>,
    /// Requests a second of each node's zombies.
    pub by_node: BTreeMap<String, Vec<f64>>,
}

/// What a story asks of the file system.
pub(crate) struct Setting {
    /// Seed.
    pub seed: u64,
    /// Starts of the minutes.
    pub times: Vec<Timestamp>,
    /// Credits at the start, bytes.
    pub credits: i64,
    /// The zombies.
    pub zombies: Vec<Zombie>,
    /// Their requests grow by this factor of the first level each day (their directory grows).
    pub growth_per_day: f64,
    demand: Vec<Demand>,
    stored: Vec<i64>,
    /// Requests a minute of each zombie at a rate of 1.
    unit: Vec<Vec<f64>>,
}

impl Setting {
    /// The sites' demand and the zombies' rhythm under that seed.
    pub(crate) fn new(
        seed: u64,
        times: Vec<Timestamp>,
        credits: i64,
        zombies: Vec<Zombie>,
        growth_per_day: f64,
    ) -> Self {
        let mut setting = Self {
            demand: crate::traffic::site_demand(seed, &times),
            stored: crate::traffic::stored(seed, &times),
            unit: Vec::new(),
            seed,
            times,
            credits,
            zombies,
            growth_per_day,
        };
        setting.unit = (0..setting.zombies.len())
            .map(|i| setting.rhythm(i))
            .collect();
        setting
    }

    fn rhythm(&self, index: usize) -> Vec<f64> {
        let Some(zombie) = self.zombies.get(index) else {
            return Vec::new();
        };
        let name = format!("zombie {index}");
        let mut noise = Noise::new(Random::new(self.seed, &name), 0.9, 0.03, 0.0);
        let first = self
            .zombies
            .iter()
            .map(|z| z.from)
            .min()
            .unwrap_or_default();
        self.times
            .iter()
            .map(|&at| {
                let factor = noise.next();
                let days = at.since(first) as f64 / model::time::DAY as f64;
                let grown = 1.0 + self.growth_per_day * days.max(0.0);
                if zombie.is_active(at) {
                    zombie.share * grown * factor
                } else {
                    0.0
                }
            })
            .collect()
    }

    /// Runs the file system with `rate` zombie requests a second (all of them, at first).
    pub(crate) fn run(&self, rate: f64) -> InputOutput {
        let mut fs = FileSystem::with_credits(self.credits);
        let mut by_node: BTreeMap<String, Vec<f64>> = self
            .zombies
            .iter()
            .map(|z| (z.node.clone(), vec![0.0; self.times.len()]))
            .collect();
        let mut minutes = Vec::with_capacity(self.times.len());
        for (i, (demand, stored)) in self.demand.iter().zip(&self.stored).enumerate() {
            let wanted: f64 = self.units(i).map(|(_, unit)| unit).sum();
            let loops = (wanted * rate * 60.0) as i64;
            let minute = fs.serve(*stored, Demand { loops, ..*demand });
            let answered = minute.loops as f64 / 60.0;
            for (zombie, unit) in self.units(i).filter(|(_, unit)| *unit > 0.0) {
                if let Some(slot) = by_node.get_mut(&zombie.node).and_then(|v| v.get_mut(i)) {
                    *slot += answered * unit / wanted;
                }
            }
            minutes.push(minute);
        }
        InputOutput {
            times: self.times.clone(),
            stored: self.stored.clone(),
            minutes,
            by_node,
        }
    }

    fn units(&self, i: usize) -> impl Iterator<Item = (&Zombie, f64)> {
        self.zombies
            .iter()
            .zip(&self.unit)
            .map(move |(z, unit)| (z, unit.get(i).copied().unwrap_or(0.0)))
    }

    /// The rate at which the credits are used up at `target`: the story tells when, not how fast.
    pub(crate) fn rate_for_exhaustion_at(&self, target: Timestamp) -> f64 {
        let (mut low, mut high) = (0.0, 30_000.0);
        for _ in 0..48 {
            let middle = f64::midpoint(low, high);
            match self.run(middle).exhausted_at() {
                Some(at) if at <= target => high = middle,
                _ => low = middle,
            }
        }
        high
    }
}

impl InputOutput {
    /// First minute after the last one without credits.
    pub(crate) fn relieved_at(&self) -> Option<Timestamp> {
        let last = self.minutes.iter().rposition(Minute::throttled)?;
        self.times.get(last + 1).copied()
    }

    /// First minute without credits.
    pub(crate) fn exhausted_at(&self) -> Option<Timestamp> {
        self.times
            .iter()
            .zip(&self.minutes)
            .find(|(_, minute)| minute.throttled())
            .map(|(at, _)| *at)
    }
}
