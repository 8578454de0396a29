//! Incidents made up from a seed, whose truth is known: for the demonstration, and for measuring
//! how often the analysis is right.
//!
//! The world is a cluster of web sites on one bursting file system ([`zombie_pods`] tells the story
//! that Lineup was made for, [`recurrence`] its return). What it does follows from a model of its
//! own (credits, requests, queues); nothing here uses the formulas of the analysis. The same seed
//! gives the same bytes on every platform: randomness is `ChaCha`, and the elementary functions are
//! this crate's own (`exact`).
//!
//! A further incident is a file in `story/` over the same cluster, traffic and file system.
//! [`families`] are for measuring: many incidents of many kinds, with the truth about each.

mod background;
mod cluster;
mod efs;
mod exact;
pub mod families;
mod files;
mod log;
mod metrics;
mod random;
mod recorder;
mod rollouts;
mod story;
mod traffic;
mod zombies;

use model::{Bundle, Timestamp};
use serde::{Deserialize, Serialize};

/// A made-up incident and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// What an analyst gets to see.
    pub bundle: Bundle,
    /// What really happened.
    pub truth: Truth,
}

/// What really happened. Never part of a bundle. Events are named by their ids; those in none of the
/// lists are consequences (alerts, log messages, reboots that end it).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// First minute of the cause's effect on the file system.
    pub onset: Timestamp,
    /// First minute without credits, where there is one.
    pub exhausted_at: Option<Timestamp>,
    /// First minute in which people felt it.
    pub symptom_start: Option<Timestamp>,
    /// The rollouts that left pods stuck, and those pods' `pod_terminating` events.
    pub culprit: Vec<String>,
    /// Rollouts of the same campaign that left nothing behind, with their pods: neither culprits
    /// nor decoys.
    pub campaign: Vec<String>,
    /// Events that have nothing to do with it.
    pub decoys: Vec<String>,
    /// Every pod that stayed beyond its grace period by more than 10 minutes, harmless ones
    /// included.
    pub stuck_pods: Vec<String>,
    /// The stuck pods that ask the file system for nothing.
    pub harmless_stuck_pods: Vec<String>,
}

/// The demonstration: a patch rollout on 20 May 2020 leaves pods in Terminating, which list
/// directories until the credits are gone, for seed 1 at 03:00 UTC on 22 May, for others some
/// minutes before or after.
pub fn zombie_pods(seed: u64) -> Simulated {
    story::zombie_pods::tell(seed)
}

/// Its return: a rollout on 26 May leaves pods behind, sites are slower on 28 May, and the credits
/// would be gone some hours after the window's end.
pub fn recurrence(seed: u64) -> Simulated {
    story::recurrence::tell(seed)
}
