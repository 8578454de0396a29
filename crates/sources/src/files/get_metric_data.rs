//! What `aws cloudwatch get-metric-data` and `get-metric-statistics` print as JSON. A timestamp is
//! the start of its period, the zone is always written.

use super::{
    cloudwatch_label::describe,
    reading::{Reading, period_s},
};
use crate::{
    BundleError,
    bundle::limits::{MAX_SAMPLES, MAX_SERIES},
};
use model::{Batch, Samples, Timestamp, Window, bundle::RawFile, words::count};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The `source` of what comes from such output.
pub(crate) const SOURCE: &str = "cloudwatch-json";

/// Whether the beginning of a text looks like it.
pub(crate) fn is_head(head: &str) -> bool {
    let begins = head.trim_start().starts_with('{');
    let has = |name: &str| head.contains(name);
    begins
        && (has("\"MetricDataResults\"")
            || (has("\"Datapoints\"") && has("\"Label\""))
            || (has("\"Metrics\"") && has("\"MetricName\"")))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    metric_data_results: Option<Vec<DataResult>>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    datapoints: Option<Vec<BTreeMap<String, Value>>>,
    #[serde(default)]
    metrics: Option<Vec<serde::de::IgnoredAny>>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataResult {
    #[serde(default)]
    id: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    timestamps: Vec<Value>,
    #[serde(default)]
    values: Vec<Value>,
    #[serde(default)]
    status_code: String,
}

/// Reads one or several answers, one after the other.
pub(crate) fn read(file: &RawFile, _window: Window) -> Result<Batch, BundleError> {
    let text = crate::bundle::text(&file.path, &file.content)?;
    let mut reading = Reading::new(file, SOURCE);
    let mut found = Found::default();
    for answer in serde_json::Deserializer::from_str(text).into_iter::<Answer>() {
        let answer = answer.map_err(|e| {
            let expected = "JSON as `aws cloudwatch get-metric-data` prints it";
            BundleError::at(&file.path, e.line() as u64, format!("{expected} ({e})"))
        })?;
        found.take(answer, &mut reading);
    }
    Ok(found.finish(reading))
}

/// Samples by label and statistic; pages of one answer come together again.
#[derive(Default)]
struct Found {
    by_series: BTreeMap<(String, String, String), Vec<(Timestamp, f64)>>,
    samples: usize,
    listed: usize,
    bad: usize,
    refused: usize,
}

impl Found {
    fn take(&mut self, answer: Answer, reading: &mut Reading<'_>) {
        if answer.next_token.is_some_and(|t| !t.is_empty()) {
            reading
                .gap("the answer goes on (NextToken): later pages are missing unless they follow");
        }
        for result in answer.metric_data_results.unwrap_or_default() {
            let label = if result.label.is_empty() {
                result.id
            } else {
                result.label
            };
            if !matches!(result.status_code.as_str(), "" | "Complete") {
                reading.gap(&format!(
                    "'{label}' is not complete: CloudWatch said {}",
                    crate::kubernetes::short(&result.status_code, 40)
                ));
            }
            if result.timestamps.len() != result.values.len() {
                self.bad += result.timestamps.len().abs_diff(result.values.len());
            }
            for (at, value) in result.timestamps.iter().zip(&result.values) {
                self.add(&label, "", "", at, value);
            }
        }
        let label = answer.label.unwrap_or_default();
        for point in answer.datapoints.unwrap_or_default() {
            let Some(at) = point.get("Timestamp") else {
                self.bad += 1;
                continue;
            };
            let unit = point.get("Unit").and_then(Value::as_str).unwrap_or("");
            let extended = point.get("ExtendedStatistics").and_then(Value::as_object);
            let extended = extended.into_iter().flatten();
            let plain = point.iter().filter(|(_, value)| value.is_number());
            for (stat, value) in plain.chain(extended) {
                if stat != "Timestamp" {
                    self.add(&label, stat, unit, at, value);
                }
            }
        }
        self.listed += answer.metrics.map_or(0, |m| m.len());
    }

    fn add(&mut self, label: &str, stat: &str, unit: &str, at: &Value, value: &Value) {
        let (Some(at), Some(value)) = (instant(at), value.as_f64()) else {
            self.bad += 1;
            return;
        };
        let key = (label.to_owned(), stat.to_owned(), unit.to_owned());
        let full = self.by_series.len() >= MAX_SERIES && !self.by_series.contains_key(&key);
        if full || self.samples >= MAX_SAMPLES {
            self.refused += 1;
            return;
        }
        self.samples += 1;
        self.by_series.entry(key).or_default().push((at, value));
    }

    fn finish(self, mut reading: Reading<'_>) -> Batch {
        for ((label, stat, unit), points) in self.by_series {
            let samples = Samples::from_unordered(points);
            let mut meta = reading.meta(&format!("{label}{stat}"));
            describe(&label, &mut meta);
            if !stat.is_empty() {
                meta.stat = stat;
            }
            if unit != "None" {
                meta.unit = unit;
            }
            meta.period_s = period_s(&samples);
            reading.series(meta, samples);
        }
        for (n, noun, what) in [
            (self.bad, "value", "without a time or a number left out"),
            (self.refused, "value", "beyond the limits left out"),
            (self.listed, "metric", "listed by name, without values"),
        ] {
            if n > 0 {
                reading.gap(&format!("{} {what}", count(n, noun)));
            }
        }
        if reading.is_empty() && self.listed == 0 {
            reading.gap("the answer holds no values");
        }
        reading.finish()
    }
}

/// RFC 3339, or epoch seconds as version 1 of the command line can print them.
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(content: &str) -> Batch {
        let file = RawFile {
            path: "files/m.json".into(),
            content: content.into(),
            ..RawFile::default()
        };
        read(&file, Window::default()).unwrap()
    }

    #[test]
    fn pages_of_metric_data_come_together() {
        let page = |at: &str, value: f64, token: &str| {
            format!(
                r#"{{"MetricDataResults":[{{"Id":"m1","Label":"BurstCreditBalance",
                "Timestamps":["{at}"],"Values":[{value}],"StatusCode":"PartialData"}}]{token}}}"#
            )
        };
        let batch = batch(
            &(page("2020-05-22T03:01:00+00:00", 1.0, r#","NextToken":"x""#)
                + &page("2020-05-22T03:00:00Z", 2e9, "")),
        );
        assert_eq!(batch.series.len(), 1);
        assert_eq!(batch.series[0].meta.name, "BurstCreditBalance");
        assert_eq!(batch.series[0].samples.values(), [2e9, 1.0]);
        assert_eq!(batch.series[0].meta.period_s, Some(60));
        assert_eq!(batch.provenance.gaps.len(), 3);
    }

    #[test]
    fn statistics_become_a_series_each() {
        let batch = batch(
            r#"{"Label":"MetadataIOBytes","Datapoints":[
              {"Timestamp":"2020-05-22T03:05:00Z","Sum":5.0,"Average":1.0,"Unit":"Bytes",
               "ExtendedStatistics":{"p99":3.5}},
              {"Timestamp":1590116400,"Sum":4.0,"Average":1.0,"Unit":"Bytes"},
              {"Sum":1.0}]}"#,
        );
        let stats: Vec<_> = batch.series.iter().map(|s| s.meta.stat.as_str()).collect();
        assert_eq!(stats, ["Average", "Sum", "p99"]);
        assert_eq!(batch.series[1].samples.values(), [4.0, 5.0]);
        assert_eq!(batch.series[1].meta.unit, "Bytes");
        assert!(
            batch.provenance.gaps[0]
                .reason
                .starts_with("1 value without")
        );
    }

    #[test]
    fn what_breaks_off_says_where() {
        let file = RawFile {
            path: "files/m.json".into(),
            content: b"{\"MetricDataResults\":\n[{".to_vec(),
            ..RawFile::default()
        };
        let error = read(&file, Window::default()).unwrap_err().to_string();
        assert!(
            error.starts_with("files/m.json:2: expected JSON as"),
            "{error}"
        );
    }
}
