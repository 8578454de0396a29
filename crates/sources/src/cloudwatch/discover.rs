//! Which AWS/EFS metrics a file system has, in which spelling: `ListMetrics`.

use super::efs::{self, METRICS, Metric};
use super::failure::{self, Context};
use super::wait;
use crate::source::{Progress, SourceError};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, DimensionFilter};

/// Pages after which a listing is broken: one file system has a few dozen metrics, a page holds
/// 500.
const MAX_PAGES: usize = 50;

/// What `ListMetrics` shows for one file system: names with their storage class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    metrics: Vec<(String, Option<String>)>,
    /// Names that this version does not know, and so does not ask for.
    pub(super) unknown: Vec<String>,
}

impl Listed {
    /// Number of metrics listed.
    pub(super) fn len(&self) -> usize {
        self.metrics.len() + self.unknown.len()
    }

    /// Spellings of a metric, as listed.
    pub(super) fn names_of(&self, metric: &Metric) -> Vec<String> {
        self.of(metric, |(name, _)| Some(name.clone()))
    }

    /// Storage classes of a metric, as listed.
    pub(super) fn classes_of(&self, metric: &Metric) -> Vec<String> {
        self.of(metric, |(_, class)| class.clone())
    }

    fn of(
        &self,
        metric: &Metric,
        pick: impl Fn(&(String, Option<String>)) -> Option<String>,
    ) -> Vec<String> {
        let mine = self.metrics.iter().filter(|(name, _)| metric.is(name));
        let mut out: Vec<String> = mine.filter_map(pick).collect();
        out.sort();
        out.dedup();
        out
    }

    pub(super) fn add(&mut self, name: &str, dimensions: &[Dimension]) {
        let class = dimensions
            .iter()
            .find(|d| d.name() == Some(efs::STORAGE_CLASS))
            .and_then(Dimension::value);
        let expected = 1 + usize::from(class.is_some());
        let known = METRICS
            .iter()
            .any(|m| m.is(name) && m.by_storage_class == class.is_some());
        if known && dimensions.len() == expected {
            let metric = (name.to_owned(), class.map(str::to_owned));
            if !self.metrics.contains(&metric) {
                self.metrics.push(metric);
            }
        } else if !self.unknown.iter().any(|u| u == name) {
            self.unknown.push(name.to_owned());
        }
    }
}

/// Asks for the metrics of a file system. Empty where CloudWatch has seen no data for two weeks.
pub(super) async fn list(
    client: &Client,
    file_system: &str,
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<Listed, SourceError> {
    let mut listed = Listed::default();
    let mut token: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let filter = DimensionFilter::builder()
            .name(efs::FILE_SYSTEM)
            .value(file_system)
            .build();
        let request = client
            .list_metrics()
            .namespace(efs::NAMESPACE)
            .dimensions(filter)
            .set_next_token(token.take());
        let page = wait::cancellable(progress, request.send())
            .await?
            .map_err(|e| failure::explain(e, "ListMetrics", context))?;
        for metric in page.metrics() {
            listed.add(
                metric.metric_name().unwrap_or_default(),
                metric.dimensions(),
            );
        }
        token = page
            .next_token()
            .filter(|t| !t.is_empty())
            .map(str::to_owned);
        if token.is_none() {
            return Ok(listed);
        }
    }
    Ok(listed)
}
