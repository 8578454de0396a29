//! Families of incidents whose truth is known, for measuring how often the analysis is right.
//!
//! A family is a kind of incident that engineers meet; a seed draws everything else: the town of
//! services, sampling, noise, seasons, gaps, the clocks' skew, 10 to 500 events that have nothing to
//! do with it, and red herrings. The truth lies in what hangs together, in doses, reversals and
//! credits; the event nearest to the symptom and the most striking series are usually innocent.
//! One file a family; the list below is all of them.

mod alert_noise;
mod bad_rollout_rolled_back;
mod canary;
mod certificate_expiry;
mod config_change;
mod decoys;
mod downstream;
mod effect;
mod failover;
mod file_system;
mod gauge;
mod instance_credits;
mod job_overlap;
mod measured;
mod node_failure;
mod provider_outage;
mod quiet;
mod recurrence;
mod rollout_io;
mod rollout_latency;
mod scale_in;
mod slow_leak;
mod slow_query;
mod stage;
mod town;
mod traffic_surge;
mod two_causes;
mod unrecorded;
mod volume_credits;
mod zombie_pods;

use model::{Evidence, Timestamp};
use serde::{Deserialize, Serialize};
use stage::Stage;

/// A kind of incident.
#[derive(Clone, Copy)]
pub struct Family {
    /// Its name: `zombie_pods`.
    pub name: &'static str,
    /// What happens, in a line.
    pub about: &'static str,
    /// Whether some recorded event is the cause.
    pub has_culprit: bool,
    tell: fn(&mut Stage),
}

/// Every family.
pub const FAMILIES: [Family; 23] = [
    zombie_pods::FAMILY,
    recurrence::FAMILY,
    rollout_io::FAMILY,
    rollout_latency::FAMILY,
    bad_rollout_rolled_back::FAMILY,
    canary::FAMILY,
    downstream::FAMILY,
    two_causes::FAMILY,
    slow_leak::FAMILY,
    config_change::FAMILY,
    job_overlap::FAMILY,
    slow_query::FAMILY,
    failover::FAMILY,
    node_failure::FAMILY,
    scale_in::FAMILY,
    volume_credits::FAMILY,
    instance_credits::FAMILY,
    provider_outage::FAMILY,
    traffic_surge::FAMILY,
    certificate_expiry::FAMILY,
    unrecorded::FAMILY,
    quiet::FAMILY,
    alert_noise::FAMILY,
];

impl Family {
    /// The incident of that seed. The same seed gives the same incident.
    pub fn tell(&self, seed: u64) -> Case {
        let mut stage = Stage::new(self.name, seed);
        (self.tell)(&mut stage);
        stage.finish()
    }
}

/// An incident and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Name of the family.
    pub family: &'static str,
    /// The seed.
    pub seed: u64,
    /// What an analyst gets to see.
    pub evidence: Evidence,
    /// What really happened.
    pub truth: CaseTruth,
}

/// What really happened. Never part of the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseTruth {
    /// Each cause with the ids of its events; none: no recorded event is the cause.
    pub causes: Vec<Vec<String>>,
    /// When the effect began in the series that it shows in first; `None` where nothing happened.
    pub onset: Option<Timestamp>,
    /// First minute without credits.
    pub exhausted_at: Option<Timestamp>,
    /// Pods that stayed more than ten minutes beyond their deletionTimestamp.
    pub stuck_pods: Vec<String>,
    /// Series that the effect shows in first.
    pub drivers: Vec<String>,
    /// Hard by construction: a small effect, a long lag or many innocent events.
    pub hard: bool,
}
