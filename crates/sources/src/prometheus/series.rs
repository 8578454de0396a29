//! From the rows of answers to series.

use super::NAME;
use super::answer::{Matrix, MetricInfo, Row};
use super::asked::{Asked, counts_by_name, selected};
use super::config::PrometheusConfig;
use super::labels::{self, Labels, METRIC};
use crate::bundle::limits::{MAX_SAMPLES, MAX_SERIES};
use model::{Gap, Samples, Series, SeriesMeta, Timestamp, Window};
use std::collections::BTreeMap;

/// What came for one query.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Samples by the labels of their series, the oldest call first.
    pub(super) rows: BTreeMap<Labels, Vec<(Timestamp, f64)>>,
    /// Spans that were answered, well or in part.
    pub(super) answered: Vec<Window>,
    /// What did not come.
    pub(super) gaps: Vec<Gap>,
    pub(super) histograms: usize,
}

/// How much one pull may still take in.
#[derive(Debug)]
pub(super) struct Room {
    series: usize,
    samples: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            series: MAX_SERIES,
            samples: MAX_SAMPLES,
        }
    }
}

impl Collected {
    /// Adds the answer to one call. Stale markers, `NaN` and infinities are no samples.
    pub(super) fn add(&mut self, id: &str, window: Window, matrix: Matrix, room: &mut Room) {
        self.answered.push(window);
        let mut refused = 0;
        for row in matrix.result {
            self.histograms += usize::from(row.histograms.is_some());
            refused += usize::from(!self.add_row(row, room));
        }
        if refused > 0 {
            self.gaps.push(Gap {
                what: id.to_owned(),
                window: Some(window),
                reason: format!(
                    "{refused} series left out: more than {MAX_SERIES} series or {MAX_SAMPLES} \
                     samples in one pull; ask for fewer, e.g. with sum by (…) or topk"
                ),
            });
        }
    }

    /// `false`: no room.
    fn add_row(&mut self, row: Row, room: &mut Room) -> bool {
        let finite = row.values.iter().filter(|point| point.1.is_finite());
        let samples: Vec<(Timestamp, f64)> = finite.map(|point| (point.0, point.1)).collect();
        if samples.is_empty() {
            return true;
        }
        let new = !self.rows.contains_key(&row.metric);
        if samples.len() > room.samples || (new && room.series == 0) {
            return false;
        }
        room.samples -= samples.len();
        room.series -= usize::from(new);
        self.rows.entry(row.metric).or_default().extend(samples);
        true
    }

    /// Says what an answer without numbers means. `true`: there is no such series.
    pub(super) fn close(&mut self, asked: &Asked) -> bool {
        if self.histograms > 0 {
            self.gaps.push(Gap {
                what: asked.id.clone(),
                window: None,
                reason: format!(
                    "{} native histograms are no numbers: ask for histogram_quantile(…) or \
                     histogram_count(…) of them",
                    self.histograms
                ),
            });
        }
        self.rows.is_empty() && self.gaps.is_empty()
    }
}

/// What is known of the metric that a query selects.
pub(super) fn info_of<'a>(
    asked: &Asked,
    infos: &'a BTreeMap<String, MetricInfo>,
) -> Option<&'a MetricInfo> {
    infos.get(selected(&asked.query)?)
}

/// Whether a query gives a counter as it was counted, so that the analysis makes rates of it.
pub(super) fn is_counter(asked: &Asked, infos: &BTreeMap<String, MetricInfo>) -> bool {
    let Some(metric) = selected(&asked.query) else {
        return false;
    };
    counts_by_name(metric)
        || infos.get(metric).is_some_and(|info| info.kind == "counter")
        || part_of_histogram(metric, infos)
}

/// `_bucket`, `_count` and `_sum` of a histogram or summary count as well.
fn part_of_histogram(metric: &str, infos: &BTreeMap<String, MetricInfo>) -> bool {
    let base = base_of(metric);
    base != metric
        && infos
            .get(base)
            .is_some_and(|info| matches!(info.kind.as_str(), "histogram" | "summary"))
}

/// The name under which the metadata of a metric stands.
pub(super) fn base_of(metric: &str) -> &str {
    ["_bucket", "_count", "_sum"]
        .iter()
        .find_map(|end| metric.strip_suffix(end))
        .unwrap_or(metric)
}

/// The series of one query.
pub(super) fn of(
    asked: &Asked,
    collected: Collected,
    infos: &BTreeMap<String, MetricInfo>,
    config: &PrometheusConfig,
    step_s: i64,
) -> Vec<Series> {
    let counter = asked.stat.is_empty() && is_counter(asked, infos);
    let unit = info_of(asked, infos).map_or("", |info| info.unit.as_str());
    let rows = collected.rows.into_iter();
    rows.map(|(labels, points)| {
        let metric = labels.get(METRIC).cloned().unwrap_or_default();
        let unit = match (asked.unit.as_str(), selected(&asked.query)) {
            ("", Some(selected)) => unit_of(selected, unit, counter),
            (unit, _) => unit.to_owned(),
        };
        let mut dimensions = labels.clone();
        dimensions.remove(METRIC);
        let name = [&asked.name, &metric, &asked.id];
        let name = name.into_iter().find(|n| !n.is_empty());
        Series {
            meta: SeriesMeta {
                id: id(asked, &labels, config),
                name: name.cloned().unwrap_or_default(),
                source: NAME.into(),
                namespace: metric,
                dimensions,
                stat: if counter {
                    "Counter".into()
                } else {
                    asked.stat.clone()
                },
                unit,
                period_s: u32::try_from(step_s).ok(),
                resource: labels::resource(
                    &labels,
                    asked.resource_label.as_deref(),
                    &config.cluster,
                ),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(points),
        }
    })
    .collect()
}

/// `prometheus.probe.duration.0123456789abcdef`: the same for the same labels whenever it is asked.
fn id(asked: &Asked, labels: &Labels, config: &PrometheusConfig) -> String {
    let source = config.name.as_deref().unwrap_or(NAME);
    format!("{source}.{}.{}", asked.id, labels::hash(labels))
}

/// The unit in the words of the other sources. Exporters put base units into the names of metrics
/// ("Metric and label naming" in Prometheus' documentation).
fn unit_of(metric: &str, told: &str, counter: bool) -> String {
    let metric = base_of(metric.strip_suffix("_total").unwrap_or(metric));
    let known = |unit: &str| match unit {
        "seconds" => Some("Seconds"),
        "bytes" => Some("Bytes"),
        _ => None,
    };
    let by_name = metric.rsplit('_').next().and_then(known);
    match (known(told), by_name) {
        (Some(unit), _) | (None, Some(unit)) => unit.to_owned(),
        _ if !told.is_empty() => told.to_owned(),
        _ if counter => "Count".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::presets::Role;

    fn asked(query: &str) -> Asked {
        Asked {
            id: "q".into(),
            name: String::new(),
            query: query.into(),
            unit: String::new(),
            stat: String::new(),
            resource_label: None,
            role: Role::Series,
        }
    }

    fn infos(pairs: &[(&str, &str)]) -> BTreeMap<String, MetricInfo> {
        let info = |kind: &str| MetricInfo {
            kind: kind.into(),
            ..MetricInfo::default()
        };
        pairs
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), info(kind)))
            .collect()
    }

    #[test]
    fn a_counter_is_known_by_its_name_or_its_type() {
        let infos = infos(&[("odd", "counter"), ("lat", "histogram"), ("g", "gauge")]);
        for (query, counter) in [
            ("x_total{a=\"b\"}", true),
            ("odd", true),
            ("lat_bucket", true),
            ("lat_sum", true),
            ("g", false),
            ("g_count", false),
            ("rate(x_total[5m])", false),
            ("x_total > 0", false),
        ] {
            assert_eq!(is_counter(&asked(query), &infos), counter, "{query}");
        }
    }

    #[test]
    fn units_come_from_metadata_or_names() {
        assert_eq!(unit_of("a_seconds_total", "", true), "Seconds");
        assert_eq!(unit_of("a_bytes", "", false), "Bytes");
        assert_eq!(unit_of("a_seconds_bucket", "", true), "Seconds");
        assert_eq!(unit_of("a", "bytes", false), "Bytes");
        assert_eq!(unit_of("a", "joules", false), "joules");
        assert_eq!(unit_of("a_total", "", true), "Count");
        assert_eq!(unit_of("a", "", false), "");
    }

    #[test]
    fn what_is_too_much_is_left_out_and_said() {
        let mut room = Room {
            series: 1,
            samples: 3,
        };
        let matrix = |json: &str| serde_json::from_str::<Matrix>(json).unwrap();
        let window = Window::default();
        let mut collected = Collected::default();
        let one = |name: &str| {
            matrix(&format!(
                "{{\"result\":[{{\"metric\":{{\"a\":\"{name}\"}},\"values\":[[1,\"1\"],[2,\"NaN\"]]}}]}}"
            ))
        };
        collected.add("q", window, one("x"), &mut room);
        collected.add("q", window, one("x"), &mut room);
        assert!(collected.gaps.is_empty());
        assert_eq!(room.samples, 1);
        collected.add("q", window, one("y"), &mut room);
        assert_eq!(collected.rows.len(), 1);
        assert!(collected.gaps[0].reason.contains("1 series left out"));
    }
}
