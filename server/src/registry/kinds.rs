//! The kinds of sources, one line each, and how the settings of each become a connection.

use super::{Configured, Listed, Opened, Settings};
use crate::config::{Environment, SourceEntry, one_line};
use async_trait::async_trait;
use model::{Timestamp, Window, source::Follow, source::SourceFacts};
use serde::de::DeserializeOwned;
use sources::{
    cloudtrail::{self, CloudTrail, CloudTrailConfig},
    cloudwatch::{
        self, CloudWatch, CloudWatchConfig, FoundMetric, MetricChoice, Search,
        alarms::{self, Alarms, AlarmsConfig},
    },
    efs::{self, Efs, EfsConfig},
    eks_audit::{self, EksAudit, EksAuditConfig},
    health::{self, Health, HealthConfig},
    kubernetes::cluster::{self, Cluster, ClusterConfig},
    prometheus::{self, Prometheus, PrometheusConfig, QueryChoice},
    source::{SourceError, Unattended},
};
use std::sync::Arc;

type ReadSettings = fn(&SourceEntry) -> Result<Arc<dyn Settings>, String>;

/// Every kind of source that can be configured, in the order of the documentation.
pub(super) const KINDS: [(SourceFacts, ReadSettings); 8] = [
    (cloudwatch::FACTS, read::<CloudWatchConfig>),
    (efs::FACTS, read::<EfsConfig>),
    (cluster::FACTS, read_named::<ClusterConfig>),
    (prometheus::FACTS, read_named::<PrometheusConfig>),
    (cloudtrail::FACTS, read::<CloudTrailConfig>),
    (alarms::FACTS, read::<AlarmsConfig>),
    (health::FACTS, read::<HealthConfig>),
    (eks_audit::FACTS, read::<EksAuditConfig>),
];

/// Reads the settings of one kind.
fn read<T: Settings + DeserializeOwned>(entry: &SourceEntry) -> Result<Arc<dyn Settings>, String> {
    settings_of::<T>(entry.settings.clone())
}

/// Reads settings that want to know the source's name too.
fn read_named<T: Settings + DeserializeOwned>(
    entry: &SourceEntry,
) -> Result<Arc<dyn Settings>, String> {
    let mut settings = entry.settings.clone();
    settings.insert("name".into(), entry.name.clone().into());
    settings_of::<T>(settings)
}

fn settings_of<T: Settings + DeserializeOwned>(
    table: toml::Table,
) -> Result<Arc<dyn Settings>, String> {
    let settings: T = table
        .try_into()
        .map_err(|e: toml::de::Error| one_line(&e.to_string()))?;
    settings.check()?;
    Ok(Arc::new(settings))
}

/// Sources that the environment names without a configuration file.
pub(super) fn implied(environment: &Environment) -> Vec<Configured> {
    let mut out = Vec::new();
    let mut add = |name: &str, facts: SourceFacts, settings: Arc<dyn Settings>| {
        let entry = SourceEntry::implied(name, facts.kind);
        out.push(Configured::new(entry, facts, settings));
    };
    if environment.aws_profile.is_some() || environment.aws_keys {
        let settings = EfsConfig {
            region: environment.aws_region.clone().unwrap_or_default(),
            profile: environment.aws_profile.clone(),
            endpoint: environment.aws_endpoint.clone(),
            ..EfsConfig::default()
        };
        let metrics = CloudWatchConfig {
            region: settings.region.clone(),
            profile: settings.profile.clone(),
            endpoint: settings.endpoint.clone(),
            ..CloudWatchConfig::default()
        };
        add("aws", cloudwatch::FACTS, Arc::new(metrics));
        add("aws-efs", efs::FACTS, Arc::new(settings));
    }
    if environment.kubeconfig.is_some() {
        let settings = ClusterConfig {
            name: "kubeconfig".into(),
            ..ClusterConfig::default()
        };
        add("kubeconfig", cluster::FACTS, Arc::new(settings));
    }
    out
}

#[async_trait]
impl Settings for CloudWatchConfig {
    fn check(&self) -> Result<(), String> {
        self.validate().map_err(|e| e.to_string())
    }

    async fn open(&self) -> Result<Opened, SourceError> {
        let source = CloudWatch::connect(self.clone()).await;
        Ok(Opened::Asked(Box::new(source)))
    }

    async fn search(&self, text: &str, most: usize) -> Option<Result<Vec<Listed>, SourceError>> {
        let source = CloudWatch::connect(self.clone()).await;
        let wanted = Search {
            namespace: None,
            text: text.to_owned(),
        };
        let found = source.search(&wanted, &Unattended).await;
        Some(found.map(|found| found.metrics.iter().take(most).map(listed).collect()))
    }

    fn choose(
        &self,
        choices: &[String],
        statistics: &[String],
    ) -> Result<Arc<dyn Settings>, String> {
        let chosen = Self {
            file_system_id: String::new(),
            file_systems: Vec::new(),
            presets: Vec::new(),
            metrics: choices
                .iter()
                .map(|choice| metric(choice, statistics))
                .collect::<Result<_, _>>()?,
            ..self.clone()
        };
        chosen.validate().map_err(|e| e.to_string())?;
        Ok(Arc::new(chosen))
    }

    fn estimate(&self, window: Window, now: Timestamp) -> Option<f64> {
        let cost = cloudwatch::cost::estimate(self, window, now);
        cost.ok().map(|estimate| estimate.usd)
    }

    fn per_month(&self, now: Timestamp) -> Option<f64> {
        let Follow::Poll { every_s, again_s } = cloudwatch::FACTS.follow else {
            return None;
        };
        let cost = cloudwatch::cost::per_month(self, every_s, again_s, now);
        cost.ok().map(|estimate| estimate.usd)
    }

    fn searchable(&self) -> bool {
        true
    }

    fn search_usd(&self) -> Option<f64> {
        Some(cloudwatch::cost::search())
    }
}

fn listed(metric: &FoundMetric) -> Listed {
    let dimensions: Vec<String> = metric
        .dimensions
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Listed {
        choice: serde_json::to_string(metric).unwrap_or_default(),
        name: metric.name.clone(),
        about: format!("{} {}", metric.namespace, dimensions.join(" ")),
    }
}

/// Statistics where nobody chooses: one of them fits whatever the metric counts.
const USUAL: [&str; 3] = ["Average", "Maximum", "Sum"];

fn metric(choice: &str, statistics: &[String]) -> Result<MetricChoice, String> {
    let found: FoundMetric = serde_json::from_str(choice)
        .map_err(|_| "a choice is no metric of this page".to_owned())?;
    let statistics = if statistics.is_empty() {
        USUAL.map(String::from).to_vec()
    } else {
        statistics.to_vec()
    };
    Ok(MetricChoice {
        namespace: found.namespace,
        name: found.name,
        dimensions: found.dimensions,
        statistics,
        period_s: None,
    })
}

#[async_trait]
impl Settings for PrometheusConfig {
    fn check(&self) -> Result<(), String> {
        self.validate().map_err(|e| e.to_string())
    }

    async fn open(&self) -> Result<Opened, SourceError> {
        Ok(Opened::Asked(Box::new(Prometheus::new(self.clone())?)))
    }

    async fn search(&self, text: &str, most: usize) -> Option<Result<Vec<Listed>, SourceError>> {
        let found = match Prometheus::new(self.clone()) {
            Ok(source) => source.search(text).await,
            Err(error) => Err(error),
        };
        let row = |metric: sources::prometheus::Found| Listed {
            choice: metric.metric.clone(),
            name: metric.metric,
            about: metric.info.map(|i| i.help).unwrap_or_default(),
        };
        Some(found.map(|all| all.into_iter().take(most).map(row).collect()))
    }

    fn choose(
        &self,
        choices: &[String],
        _statistics: &[String],
    ) -> Result<Arc<dyn Settings>, String> {
        let chosen = Self {
            presets: Vec::new(),
            queries: choices
                .iter()
                .map(|metric| QueryChoice {
                    id: metric.replace(':', "."),
                    query: metric.clone(),
                    ..QueryChoice::default()
                })
                .collect(),
            ..self.clone()
        };
        chosen.validate().map_err(|e| e.to_string())?;
        Ok(Arc::new(chosen))
    }

    fn searchable(&self) -> bool {
        true
    }
}

#[async_trait]
impl Settings for ClusterConfig {
    async fn open(&self) -> Result<Opened, SourceError> {
        Ok(Opened::Watched(Box::new(
            Cluster::connect(self.clone()).await?,
        )))
    }
}

/// Settings of a source that is only asked, and opened without a call.
macro_rules! asked {
    ($($settings:ty => $source:ty),* $(,)?) => {$(
        #[async_trait]
        impl Settings for $settings {
            fn check(&self) -> Result<(), String> {
                self.validate().map_err(|e| e.to_string())
            }

            async fn open(&self) -> Result<Opened, SourceError> {
                Ok(Opened::Asked(Box::new(<$source>::connect(self.clone()).await)))
            }
        }
    )*};
}

asked! {
    EfsConfig => Efs,
    CloudTrailConfig => CloudTrail,
    AlarmsConfig => Alarms,
    HealthConfig => Health,
    EksAuditConfig => EksAudit,
}
