//! Looking for metrics: `ListMetrics` through a search text, for people who choose.

use super::NAME;
use super::discover::{Filter, dimensions_of, list, resource_of};
use crate::aws::{Context, invalid};
use crate::source::{Progress, SourceError};
use aws_sdk_cloudwatch::Client;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most metrics that one search gives.
pub const MAX_FOUND: usize = 500;
/// Pages of 500 metrics that one search looks at: 20,000 metrics take about ten seconds.
pub(super) const MAX_PAGES: usize = 40;

/// What is looked for. CloudWatch lists what got data within the last two weeks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Namespace, exactly; `None`: all of them.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Words that must all occur in namespace, name or dimensions, whatever their case; empty: all.
    #[serde(default)]
    pub text: String,
}

/// One metric that CloudWatch has.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FoundMetric {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// Id of the resource that it measures, where that is known.
    pub resource: Option<String>,
}

/// What a search found, in order of namespace, name and dimensions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// At most [`MAX_FOUND`] metrics.
    pub metrics: Vec<FoundMetric>,
    /// Metrics that were looked at.
    pub seen: usize,
    /// Whether there may be more: a longer text or a namespace finds them.
    pub more: bool,
}

pub(super) async fn search(
    client: &Client,
    wanted: &Search,
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<Found, SourceError> {
    if wanted.text.len() > 200 {
        let expected = "at most 200 characters";
        return Err(invalid(NAME, "text", &wanted.text, expected));
    }
    let words: Vec<String> = wanted
        .text
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let mut found = Found::default();
    let mut metrics = BTreeSet::new();
    let namespace = wanted
        .namespace
        .as_deref()
        .map(str::trim)
        .filter(|n| !n.is_empty());
    let filter = Filter {
        namespace,
        ..Filter::default()
    };
    let all = list(client, filter, MAX_PAGES, context, progress, |metric| {
        found.seen += 1;
        if found.seen.is_multiple_of(500) {
            let message = format!("{} of {} metrics fit", metrics.len(), found.seen);
            progress.step(0, 0, &message);
        }
        let metric = FoundMetric {
            namespace: metric.namespace().unwrap_or_default().to_owned(),
            name: metric.metric_name().unwrap_or_default().to_owned(),
            resource: resource_of(metric.namespace(), metric.dimensions()),
            dimensions: dimensions_of(metric).into_iter().collect(),
        };
        // A metric may stand on two pages.
        if fits(&metric, &words) && !metrics.contains(&metric) {
            if metrics.len() == MAX_FOUND {
                return false;
            }
            metrics.insert(metric);
        }
        true
    })
    .await?;
    found.more = !all;
    found.metrics = metrics.into_iter().collect();
    Ok(found)
}

fn fits(metric: &FoundMetric, words: &[String]) -> bool {
    let mut text = format!("{} {}", metric.namespace, metric.name);
    for (name, value) in &metric.dimensions {
        text.push(' ');
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}
