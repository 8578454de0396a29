//! What a source states of itself, how it is doing, and what an incident has of it.

use crate::{Gap, Timestamp, Window};
use serde::{Deserialize, Serialize};

/// What the instant of a sample or an event means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stamp {
    /// The first instant of the period that was measured (CloudWatch).
    PeriodStart,
    /// The last instant of the period that was measured.
    PeriodEnd,
    /// The instant at which it was looked at (Prometheus) or happened (Kubernetes).
    Instant,
}

/// How the clock of a source stands to the common one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceClock {
    /// What its instants mean.
    pub stamp: Stamp,
    /// How late the newest data usually appear, seconds.
    pub delay_s: u32,
    /// How far the clock may be off the common one, seconds.
    pub skew_s: u32,
    /// What is kept how long, finest first: age in seconds up to which samples of a period (seconds,
    /// 0: whatever was recorded) are there. Empty: the source keeps what its own settings say.
    pub kept: &'static [(u32, u32)],
}

/// One permission that a source needs, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The permission in the source's own words: `cloudwatch:GetMetricData`, `list pods`.
    pub permission: &'static str,
    /// What it is needed for.
    pub purpose: &'static str,
    /// Whether the source goes on without it.
    pub optional: bool,
}

/// How a source is followed live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// It cannot be followed.
    Never,
    /// It is asked again every `every_s` seconds, each time from `again_s` seconds before the newest
    /// sample on, because late data change.
    Poll {
        /// Seconds between two questions.
        every_s: u32,
        /// Seconds that are asked again.
        again_s: u32,
    },
    /// It tells by itself (a watch).
    Watch,
}

/// What a source states of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFacts {
    /// Kind as in the configuration and in [`crate::Provenance::source`]: `cloudwatch`.
    pub kind: &'static str,
    /// What people call it: `Amazon CloudWatch`.
    pub title: &'static str,
    /// What it needs.
    pub needs: &'static [Need],
    /// Its clock.
    pub clock: SourceClock,
    /// How it is followed.
    pub follow: Follow,
}

/// How a configured source is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceHealth {
    /// Nobody has asked it yet.
    #[default]
    Untried,
    /// It answers.
    Good,
    /// It answers in part, or late.
    Partial,
    /// It does not answer.
    Failing,
    /// Collecting stopped for a reason on this side (full disk, another collector holds the lease).
    Stopped,
}

/// How a configured source is doing, as kept in the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// Name in the configuration.
    pub name: String,
    /// Kind, see [`SourceFacts::kind`].
    pub kind: String,
    /// How it is doing.
    pub health: SourceHealth,
    /// In one line: what it gives, or what is wrong and what to do.
    pub message: String,
    /// When it was last asked or told something.
    #[serde(default)]
    pub tried_at: Option<Timestamp>,
    /// When it last answered well.
    #[serde(default)]
    pub succeeded_at: Option<Timestamp>,
    /// Newest instant that is known of it; the lag is now minus this.
    #[serde(default)]
    pub newest: Option<Timestamp>,
    /// Spans that were not seen, the newest last; bounded.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

/// What is stored of a source's own history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Holding {
    /// Name of the source in the configuration.
    pub name: String,
    /// Number of series.
    pub series: u64,
    /// Number of samples.
    pub samples: u64,
    /// Number of events.
    pub events: u64,
    /// Bytes of samples and events as stored.
    pub bytes: u64,
    /// From the oldest to the newest instant that is stored; `None`: nothing.
    pub span: Option<Window>,
}
