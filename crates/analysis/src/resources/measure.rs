//! What a series says about its resource.

use crate::{case::Signal, credits, symptom};
use model::analysis::Direction;

/// Kinds of measures. What is felt travels up along the calls; what is used up does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    /// How long the resource takes to answer.
    Latency,
    /// How often it fails, or how rarely it answers at all.
    Errors,
    /// How far one of its means is used up: processor, memory, credits, queues.
    Saturation,
    /// How much is asked of it: the deed of others.
    Load,
    /// How long it waits for what it calls: the deed of others too.
    Waiting,
    /// A figure of the node below, written at each of its pods.
    OfNode,
    /// Anything else.
    Other,
}

const LATENCY: [&str; 4] = ["latency", "duration", "response", "touch"];
const ERRORS: [&str; 7] = [
    "error",
    "availab",
    "fault",
    "5xx",
    "success",
    "apdex",
    "unhealthy",
];
const LOAD: [&str; 7] = [
    "request",
    "invocation",
    "hits",
    "workload",
    "pageviews",
    "rps",
    "qps",
];
const SATURATION: [&str; 12] = [
    "cpu",
    "memory",
    "throttl",
    "queue",
    "iowait",
    "utilization",
    "utilisation",
    "percentiolimit",
    "iolimit",
    "backlog",
    "saturation",
    "pressure",
];

impl Measure {
    /// Reads it off the metric's name (the id, where it has none).
    pub(super) fn of(signal: &Signal) -> Self {
        let name = if signal.meta.name.is_empty() {
            signal.meta.id.to_ascii_lowercase()
        } else {
            signal.meta.name.to_ascii_lowercase()
        };
        let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
        let is_node = signal
            .meta
            .resource
            .as_deref()
            .is_some_and(|r| r.contains("/Node/"));
        if name.starts_with("node") && !is_node {
            Self::OfNode
        } else if has(&LATENCY) && name.contains("client") {
            Self::Waiting
        } else if has(&LATENCY) {
            Self::Latency
        } else if has(&ERRORS) {
            Self::Errors
        } else if has(&SATURATION) || credits::is_balance(signal) {
            Self::Saturation
        } else if has(&LOAD) {
            Self::Load
        } else {
            Self::Other
        }
    }

    /// Whether people, or callers, feel it.
    pub(super) const fn is_felt(self) -> bool {
        matches!(self, Self::Latency | Self::Errors)
    }

    /// Which way is bad; `None`: either way is out of the ordinary.
    pub(super) fn bad(self, signal: &Signal) -> Option<Direction> {
        match self {
            Self::Latency | Self::Errors => Some(symptom::bad_direction(signal)),
            Self::Saturation if credits::is_balance(signal) => Some(Direction::Down),
            Self::Saturation | Self::Waiting => Some(Direction::Up),
            Self::Load | Self::OfNode | Self::Other => None,
        }
    }
}
