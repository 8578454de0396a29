//! Fingerprints of incidents, and how alike two are.

use crate::{IncidentId, Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an incident was like, without its times and without what is new each time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The incident's window.
    pub window: Window,
    /// When it was felt.
    #[serde(default)]
    pub felt: Option<Timestamp>,
    /// Features by kind (`driver`, `shape`, `event`, `object`, `course`, `finding`), each with its
    /// weight, 0 to 1.
    pub features: BTreeMap<String, BTreeMap<String, f64>>,
}

/// How alike an earlier incident is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Similar {
    /// Index of the incident in what was compared with.
    pub index: usize,
    /// 0: nothing in common, 1: the same.
    pub score: f64,
    /// Why, the weightiest first, one sentence each.
    pub reasons: Vec<String>,
    /// What is different, the weightiest first.
    pub differences: Vec<String>,
}

/// An earlier incident of the same installation that is like this one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    /// The incident.
    pub incident: IncidentId,
    /// Its title.
    pub title: String,
    /// Its window.
    pub window: Window,
    /// How alike, why, and what differs.
    pub likeness: Similar,
}

/// From this score on an earlier incident is worth a look (`docs/methods.md`, "Recurrence").
pub const ALIKE: f64 = 0.5;
