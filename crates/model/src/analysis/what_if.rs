//! Questions of the kind "what if", and their answers.

use crate::{Samples, Timestamp};
use serde::{Deserialize, Serialize};

/// A throughput mode of an EFS file system.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Throughput {
    /// Bursting, with so many bytes stored in the Standard class.
    Bursting {
        /// Stored bytes.
        stored_bytes: f64,
    },
    /// Provisioned.
    Provisioned {
        /// MiB a second.
        mib_per_s: f64,
    },
    /// Elastic.
    Elastic,
}

/// Which part of the I/O.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// All of it.
    #[default]
    All,
    /// Metadata: listing, looking up, opening.
    Metadata,
}

/// What is supposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scenario", rename_all = "snake_case")]
pub enum Scenario {
    /// The driver never left its normal level: there was no suspect.
    WithoutSuspect,
    /// The suspect ended then.
    Mitigated {
        /// When.
        at: Timestamp,
    },
    /// Another throughput mode or size of the file system, over the whole window.
    Throughput(Throughput),
    /// Another size of an instance or a volume, over the whole window.
    Size {
        /// Earned, in the balance's unit per second.
        earned_per_s: f64,
        /// The most that it holds, in the balance's unit.
        cap: f64,
    },
    /// A share of the I/O is not there, over the whole window: caches moved off the mount.
    LessIo {
        /// Of which part.
        part: Part,
        /// Which share, 0 to 1.
        share: f64,
    },
}

/// How well the model tells the measured past, from its first sample on without looking again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelError {
    /// Root mean square error of the balance, in its unit.
    pub rmse: f64,
    /// Mean error (modelled less measured), in the balance's unit.
    pub bias: f64,
    /// The root mean square error as a share of the largest balance.
    pub share: f64,
    /// Modelled less measured exhaustion, seconds, where both are there.
    pub exhaustion_s: Option<i64>,
    /// Samples compared.
    pub samples: usize,
}

/// The answer to a "what if".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The balance's series id.
    pub series: String,
    /// The balance as it would have been; empty where credits would not matter.
    pub curve: Samples,
    /// The model's own line on the measured past, from the first balance on without looking again.
    #[serde(default)]
    pub modelled: Samples,
    /// When it would have reached zero.
    pub exhausted_at: Option<Timestamp>,
    /// When it did.
    pub measured_exhausted_at: Option<Timestamp>,
    /// Minutes of impact as they were.
    pub impact_min: f64,
    /// Minutes of impact as they would have been: throttled with more wanted than is permitted.
    pub impact_min_then: f64,
    /// The difference, never negative.
    pub impact_min_avoided: f64,
    /// The model's own error on the measured past.
    pub error: ModelError,
    /// What has to be known to judge it.
    pub notes: Vec<String>,
}

/// A supposition with what would have been.
#[derive(Clone, Debug, PartialEq)]
pub struct Supposed {
    /// The balance's series id.
    pub series: String,
    /// What is supposed.
    pub scenario: Scenario,
    /// What would have been; `None`: nobody can tell.
    pub outcome: Option<Outcome>,
    /// What is missing to tell it; empty: nothing.
    pub missing: String,
}
