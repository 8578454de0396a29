//! What a configuration asks of CloudWatch, and whether that makes sense.

use super::NAME;
use super::presets::{self, Preset};
use super::statistic;
use crate::aws::{Asks as _, invalid};
use crate::source::SourceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most file systems, presets and metrics of one configuration, each.
pub const MAX_CHOICES: usize = 200;
/// Dimensions of one metric that CloudWatch takes.
const MAX_DIMENSIONS: usize = 30;
/// Periods that can be asked for, seconds: each divides the next coarser ones that matter, and all
/// divide a day.
pub const PERIODS: [u32; 14] = [
    1, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 21_600, 86_400,
];

/// Where the metrics are, and which. Holds no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudWatchConfig {
    /// Region, e.g. `eu-central-1`; empty: the environment's or the profile's.
    #[serde(default)]
    pub region: String,
    /// Profile of the AWS configuration files; `None`: the SDK's default chain.
    #[serde(default)]
    pub profile: Option<String>,
    /// Address of the CloudWatch API instead of AWS's own, `http://` or `https://`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// HTTP proxy that all calls go through, `http://HOST:PORT`; `None`: none, whatever the environment
    /// says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// EFS file system: `fs-0123456789abcdef0`, or its ARN; empty: none, or those of
    /// [`CloudWatchConfig::file_systems`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file_system_id: String,
    /// Further EFS file systems, ids or ARNs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub file_systems: Vec<String>,
    /// The usual metrics of a kind of resource, see [`presets::PRESETS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<PresetChoice>,
    /// Any other metrics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricChoice>,
}

/// The usual metrics of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetChoice {
    /// Id of the preset: `efs`, `alb`, `rds`, `ec2`, `ebs`, `container-insights`.
    pub preset: String,
    /// The resource: file system, load balancer (ARN or `app/NAME/HASH`), DB instance, instance,
    /// volume, cluster.
    pub resource: String,
}

/// One metric, in CloudWatch's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricChoice {
    /// Namespace: `AWS/SQS`.
    pub namespace: String,
    /// Name: `ApproximateAgeOfOldestMessage`.
    pub name: String,
    /// Dimensions, all of them: CloudWatch takes each set of dimensions as a metric of its own.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Statistics: `Sum`, `Average`, `p99`… at least one.
    pub statistics: Vec<String>,
    /// Period in seconds, one of [`PERIODS`]; `None`: the finest from one minute on that there is.
    #[serde(default)]
    pub period_s: Option<u32>,
}

/// What a sensible configuration asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    /// Short ids of EFS file systems, each once.
    pub(super) file_systems: Vec<String>,
    /// Presets other than EFS with the value of their dimension, each once.
    pub(super) presets: Vec<(&'static Preset, String)>,
    /// Metrics.
    pub(super) metrics: &'a [MetricChoice],
}

impl CloudWatchConfig {
    /// Settings that ask nothing yet, by way of a proxy where there is one.
    ///
    /// # Errors
    /// [`SourceError::Invalid`] where the proxy is none.
    pub fn through(proxy: Option<String>) -> Result<Self, SourceError> {
        let config = Self {
            proxy,
            ..Self::default()
        };
        config.account().validate(NAME)?;
        Ok(config)
    }

    /// Whether all that is asked makes sense; the region is left to the connection, which may have it
    /// from the environment.
    pub fn validate(&self) -> Result<(), SourceError> {
        self.account().validate(NAME)?;
        self.asked().map(|_| ())
    }

    /// What is asked, names brought to one form.
    pub(super) fn asked(&self) -> Result<Asked<'_>, SourceError> {
        let mut file_systems = Vec::new();
        let single = Some(&self.file_system_id).filter(|id| !id.is_empty());
        let named = single.map(|id| ("file_system_id", id)).into_iter();
        let others = self.file_systems.iter().map(|id| ("file_systems", id));
        for (field, id) in named.chain(others) {
            let id = presets::file_system(id).ok_or_else(|| {
                let expected =
                    "the id of an EFS file system such as fs-0123456789abcdef0, or its ARN";
                invalid(NAME, field, id, expected)
            })?;
            once(&mut file_systems, id);
        }
        let mut chosen = Vec::new();
        for choice in &self.presets {
            let preset = presets::find(&choice.preset).ok_or_else(|| {
                let expected = "one of efs, alb, rds, ec2, ebs, container-insights";
                invalid(NAME, "presets.preset", &choice.preset, expected)
            })?;
            let resource = (preset.normalize)(&choice.resource).ok_or_else(|| {
                invalid(NAME, "presets.resource", &choice.resource, preset.expected)
            })?;
            if preset.id == presets::EFS {
                once(&mut file_systems, resource);
            } else {
                once(&mut chosen, (preset, resource));
            }
        }
        for metric in &self.metrics {
            metric.validate()?;
        }
        let counts = [file_systems.len(), chosen.len(), self.metrics.len()];
        if counts.iter().any(|n| *n > MAX_CHOICES) {
            let expected = "at most 200 file systems, 200 presets and 200 metrics";
            return Err(invalid(NAME, "metrics", &format!("{counts:?}"), expected));
        }
        if counts == [0; 3] {
            let expected = "at least one of file_system_id, file_systems, presets, metrics";
            return Err(invalid(NAME, "file_systems", "", expected));
        }
        Ok(Asked {
            file_systems,
            presets: chosen,
            metrics: &self.metrics,
        })
    }
}

impl MetricChoice {
    fn validate(&self) -> Result<(), SourceError> {
        let text = |text: &str, max: usize| {
            (1..=max).contains(&text.len()) && !text.chars().any(char::is_control)
        };
        if !text(&self.namespace, 255) || self.namespace.starts_with(':') {
            let expected = "a namespace such as AWS/SQS, at most 255 characters";
            return Err(invalid(
                NAME,
                "metrics.namespace",
                &self.namespace,
                expected,
            ));
        }
        if !text(&self.name, 255) {
            let expected = "the name of a metric, at most 255 characters";
            return Err(invalid(NAME, "metrics.name", &self.name, expected));
        }
        let good = |(name, value): (&String, &String)| text(name, 255) && text(value, 1_024);
        if self.dimensions.len() > MAX_DIMENSIONS || !self.dimensions.iter().all(good) {
            let expected = "at most 30 dimensions, none of them empty";
            return Err(invalid(NAME, "metrics.dimensions", &self.name, expected));
        }
        if self.statistics.is_empty() {
            let expected = "at least one statistic such as Sum or p99";
            return Err(invalid(NAME, "metrics.statistics", &self.name, expected));
        }
        if let Some(bad) = self.statistics.iter().find(|s| !statistic::is_valid(s)) {
            return Err(invalid(
                NAME,
                "metrics.statistics",
                bad,
                statistic::EXPECTED,
            ));
        }
        match self.period_s {
            Some(period) if !PERIODS.contains(&period) => {
                let expected =
                    "one of 1, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 21600, 86400";
                Err(invalid(
                    NAME,
                    "metrics.period_s",
                    &period.to_string(),
                    expected,
                ))
            }
            _ => Ok(()),
        }
    }
}

fn once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
