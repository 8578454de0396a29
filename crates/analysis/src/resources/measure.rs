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
    /// Reads it off the metric's name (the id, where it has none), without the resource's own name:
    /// the requests to a queue are no queue.
    pub(super) fn of(signal: &Signal) -> Self {
        let meta = &signal.meta;
        let whole = if meta.name.is_empty() {
            meta.id.to_ascii_lowercase()
        } else {
            meta.name.to_ascii_lowercase()
        };
        let resource = meta.resource.as_deref().unwrap_or("").to_ascii_lowercase();
        let own = resource.rsplit('/').next().unwrap_or("");
        let mut name = whole.clone();
        for part in [resource.as_str(), own] {
            if !part.is_empty() {
                name = name.replace(part, "");
            }
        }
        let name = if name.chars().any(char::is_alphabetic) {
            name
        } else {
            whole
        };
        let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
        let is_node = resource.contains("/node/");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detection, series::Prepared};
    use model::{Series, SeriesMeta};

    fn of(name: &str, resource: &str) -> Measure {
        let meta = SeriesMeta {
            name: name.into(),
            resource: Some(resource.into()),
            ..SeriesMeta::default()
        };
        let series = Series {
            meta: meta.clone(),
            ..Series::default()
        };
        Measure::of(&Signal {
            meta,
            data: Prepared::of(&series, 0),
            found: Detection::default(),
        })
    }

    #[test]
    fn the_name_says_what_is_measured_and_the_resource_does_not() {
        for (name, resource, measure) in [
            ("latency", "PetSite", Measure::Latency),
            ("jobs_SQS::Queue requests", "jobs_SQS::Queue", Measure::Load),
            (
                "jobs_SQS::Queue availability",
                "jobs_SQS::Queue",
                Measure::Errors,
            ),
            ("PodClientLatencyP90", "cart", Measure::Waiting),
            ("PodServerLatencyP90", "cart", Measure::Latency),
            ("NodeCpuUsageRate", "cart", Measure::OfNode),
            (
                "node_cpu_utilisation",
                "k8s:c//Node/n1",
                Measure::Saturation,
            ),
            ("HTTPCode_Target_5XX_Count", "web", Measure::Errors),
            ("BurstCreditBalance", "aws:fs-1", Measure::Saturation),
            ("MetadataIOBytes", "aws:fs-1", Measure::Other),
            ("latency", "latency", Measure::Latency),
        ] {
            assert_eq!(of(name, resource), measure, "{name} of {resource}");
        }
    }
}
