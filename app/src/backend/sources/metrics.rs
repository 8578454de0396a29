//! Metrics that a source can be searched for, and a pull of some: the page Find metrics.

use model::Window;

/// Where a metric search is made, and for what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricAsk {
    /// Name of the source.
    pub source: String,
    /// What the metric's name, namespace or dimensions hold.
    pub text: String,
}

/// A metric that a source has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricRow {
    /// What a pull is given to fetch it; opaque to the page.
    pub choice: String,
    /// Its name.
    pub name: String,
    /// Where it is and what it is about: namespace and dimensions, or labels.
    pub about: String,
}

/// What one metric costs with its usual statistics, US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MetricPrice {
    /// A pull of one day.
    pub usd: f64,
    /// Following it live for a month.
    pub usd_per_month: f64,
}

/// Metrics that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricsFound {
    /// Name of the source.
    pub source: String,
    /// What was looked for.
    pub text: String,
    /// What was found, at most as many as a page holds.
    pub rows: Vec<MetricRow>,
    /// Whether there are more.
    pub more: bool,
    /// What one of them costs; `None`: nothing is charged, or nothing was found.
    pub price: Option<MetricPrice>,
    /// What one search costs at most, US dollars; `None`: nothing is charged.
    pub search_usd: Option<f64>,
}

/// A pull of chosen metrics into a new incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullMetrics {
    /// Name of the source.
    pub source: String,
    /// Title of the new incident.
    pub title: String,
    /// The window.
    pub window: Window,
    /// [`MetricRow::choice`] of each metric.
    pub choices: Vec<String>,
    /// Statistics of each; empty: the source's usual ones.
    pub statistics: Vec<String>,
    /// Whether a cost above the usual was agreed to.
    pub agreed: bool,
}
