//! Which metrics there are: `ListMetrics`, by page.

use super::NAME;
use super::efs::{self, METRICS, Metric};
use super::ids::Dimensions;
use super::presets::{Preset, PresetMetric};
use crate::aws::{Context, Pages, cancellable, explain};
use crate::resource;
use crate::source::{Progress, SourceError};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{self, Dimension, DimensionFilter};

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

/// Which metrics are listed: each part that is named must fit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter<'a> {
    pub(super) namespace: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    /// Name and value of a dimension.
    pub(super) dimension: Option<(&'a str, &'a str)>,
}

/// Asks for metrics page by page and hands each on. Ends after the last page, after `max_pages`,
/// or when `each` says that it has enough (`false`); says whether it saw all of them.
pub(super) async fn list(
    client: &Client,
    filter: Filter<'_>,
    max_pages: usize,
    context: &Context<'_>,
    progress: &dyn Progress,
    mut each: impl FnMut(&types::Metric) -> bool,
) -> Result<bool, SourceError> {
    let mut pages = Pages::default();
    let mut token: Option<String> = None;
    for _ in 0..max_pages {
        let dimension = filter
            .dimension
            .map(|(name, value)| DimensionFilter::builder().name(name).value(value).build());
        let request = client
            .list_metrics()
            .set_namespace(filter.namespace.map(str::to_owned))
            .set_metric_name(filter.name.map(str::to_owned))
            .set_dimensions(dimension.map(|d| vec![d]))
            .set_next_token(token.take());
        let page = cancellable(NAME, progress, request.send())
            .await?
            .map_err(|e| explain(e, "ListMetrics", context))?;
        for metric in page.metrics() {
            if !each(metric) {
                return Ok(false);
            }
        }
        token = pages.next(page.next_token(), "ListMetrics", context)?;
        if token.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The metrics of a file system. Empty where CloudWatch has seen no data for two weeks.
pub(super) async fn file_system(
    client: &Client,
    file_system: &str,
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<Listed, SourceError> {
    let mut listed = Listed::default();
    let filter = Filter {
        namespace: Some(efs::NAMESPACE),
        dimension: Some((efs::FILE_SYSTEM, file_system)),
        ..Filter::default()
    };
    list(client, filter, MAX_PAGES, context, progress, |metric| {
        let name = metric.metric_name().unwrap_or_default();
        listed.add(name, metric.dimensions());
        true
    })
    .await?;
    Ok(listed)
}

/// The sets of dimensions in which one metric of a preset is published for a resource, at most
/// `max`; and whether these are all.
pub(super) async fn members(
    client: &Client,
    (preset, resource): (&Preset, &str),
    metric: &PresetMetric,
    max: usize,
    context: &Context<'_>,
    progress: &dyn Progress,
) -> Result<(Vec<Dimensions>, bool), SourceError> {
    let mut found: Vec<Dimensions> = Vec::new();
    let filter = Filter {
        namespace: Some(preset.namespace),
        name: Some(metric.name),
        dimension: Some((preset.dimension, resource)),
    };
    let all = list(client, filter, MAX_PAGES, context, progress, |listed| {
        let dimensions = dimensions_of(listed);
        let wanted = |name: &str| name == preset.dimension || metric.with.contains(&name);
        let fits = dimensions.len() == 1 + metric.with.len()
            && dimensions.iter().all(|(name, _)| wanted(name));
        if fits && !found.contains(&dimensions) {
            if found.len() == max {
                return false;
            }
            found.push(dimensions);
        }
        true
    })
    .await?;
    found.sort();
    Ok((found, all))
}

/// The dimensions of a listed metric, in order of their name.
pub(super) fn dimensions_of(metric: &types::Metric) -> Dimensions {
    let text = |t: Option<&str>| t.unwrap_or_default().to_owned();
    let mut out: Dimensions = metric
        .dimensions()
        .iter()
        .map(|d| (text(d.name()), text(d.value())))
        .collect();
    out.sort();
    out
}

/// What a metric with these dimensions measures, where that is known.
pub(super) fn resource_of(namespace: Option<&str>, dimensions: &[Dimension]) -> Option<String> {
    let dimensions = dimensions.iter();
    let pairs = dimensions.filter_map(|d| Some((d.name()?, d.value()?)));
    resource::of_dimensions(namespace.unwrap_or_default(), &pairs)
}
