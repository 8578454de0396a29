//! What a person may turn, and how it is set where nobody did.

use serde::{Deserialize, Serialize};

/// Settings of the analysis. One set for everything: no series or provider has its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Seconds that a pod may be Terminating before it counts as stuck. 600: the longest grace
    /// period in common use is a few minutes, and `kubectl drain` gives up after ten.
    pub stuck_after_s: i64,
    /// Share of the cap (or of the largest balance seen) below which a balance is at zero. 0.001.
    pub credit_zero_share: f64,
    /// Factor on the detection threshold: above 1 fewer and surer change points, below 1 more.
    pub strictness: f64,
    /// Fewest samples before a series is judged at all.
    pub fewest_samples: usize,
    /// Change points and anomalies kept per series; the surest win.
    pub most_per_series: usize,
    /// Suspects listed.
    pub most_suspects: usize,
    /// Seconds before the impact within which a rollout counts as near it. Two hours: what an
    /// engineer looks at first.
    pub near_symptom_s: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stuck_after_s: 600,
            credit_zero_share: 0.001,
            strictness: 1.0,
            fewest_samples: 12,
            most_per_series: 64,
            most_suspects: 20,
            near_symptom_s: 7_200,
        }
    }
}
