//! Metric series: what was measured, and its samples.

use crate::{Extra, Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Descriptor of a series, as one line of a bundle's `series.jsonl`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesMeta {
    /// Id, unique within one incident; `[A-Za-z0-9._-]{1,128}`.
    pub id: String,
    /// What people call it, e.g. `BurstCreditBalance`.
    #[serde(default)]
    pub name: String,
    /// Where it came from: `cloudwatch`, `prometheus`, `file`…
    #[serde(default)]
    pub source: String,
    /// The source's namespace, e.g. `AWS/EFS`.
    #[serde(default)]
    pub namespace: String,
    /// The source's dimensions or labels.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Statistic within each period: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`,
    /// `p99`…; `Counter` marks a cumulative counter, resets included.
    #[serde(default)]
    pub stat: String,
    /// Unit in the source's words (`Bytes`, `Bytes/Second`, `Seconds`, `Percent`, `Count`…).
    #[serde(default)]
    pub unit: String,
    /// Length of a period in seconds; unknown for irregular series.
    #[serde(default)]
    pub period_s: Option<u32>,
    /// Id of what the series measures (see [`crate::topology`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

impl SeriesMeta {
    /// Name and statistic as shown to people: `MetadataIOBytes (Sum)`.
    pub fn label(&self) -> String {
        let name = if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        };
        if self.stat.is_empty() {
            name.clone()
        } else {
            format!("{name} ({})", self.stat)
        }
    }

    /// Whether the metric has this name, in any spelling of case (`MetaDataIOBytes`).
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Samples in strictly increasing order of time; every value is finite. A gap is a missing sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    times: Vec<Timestamp>,
    values: Vec<f64>,
}

impl Samples {
    /// Puts samples in order. Values that are not finite are gaps and are left out; of two samples
    /// at one instant the later in the input wins (a source asked again knows better).
    pub fn from_unordered(mut points: Vec<(Timestamp, f64)>) -> Self {
        points.retain(|(_, v)| v.is_finite());
        points.sort_by_key(|(t, _)| *t);
        let mut out = Self::default();
        for (t, v) in points {
            if out.times.last() == Some(&t) {
                if let Some(last) = out.values.last_mut() {
                    *last = v;
                }
            } else {
                out.times.push(t);
                out.values.push(v);
            }
        }
        out
    }

    /// Appends a sample; `false` (and nothing done) unless it is later than the last and finite.
    pub fn push(&mut self, at: Timestamp, value: f64) -> bool {
        let good = value.is_finite() && self.times.last().is_none_or(|last| *last < at);
        if good {
            self.times.push(at);
            self.values.push(value);
        }
        good
    }

    /// Instants, in order.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// Values, one per instant.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Samples in order.
    pub fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (Timestamp, f64)> + DoubleEndedIterator + '_ {
        self.times.iter().copied().zip(self.values.iter().copied())
    }

    /// Index of the first sample at or after `t`.
    pub fn index_at(&self, t: Timestamp) -> usize {
        self.times.partition_point(|x| *x < t)
    }

    /// The samples inside a window, as parallel slices.
    pub fn inside(&self, window: Window) -> (&[Timestamp], &[f64]) {
        let range = self.index_at(window.start)..self.index_at(window.end);
        (
            self.times.get(range.clone()).unwrap_or(&[]),
            self.values.get(range).unwrap_or(&[]),
        )
    }

    /// Value of the last sample at or before `t`, if it is not older than `within_ms`.
    pub fn value_at(&self, t: Timestamp, within_ms: i64) -> Option<f64> {
        let i = self.times.partition_point(|x| *x <= t).checked_sub(1)?;
        let age = t.since(*self.times.get(i)?);
        (age <= within_ms)
            .then(|| self.values.get(i).copied())
            .flatten()
    }

    /// The usual distance of two samples in milliseconds (median), `None` with fewer than two.
    pub fn step_ms(&self) -> Option<i64> {
        let mut steps: Vec<i64> = self
            .times
            .iter()
            .zip(self.times.iter().skip(1))
            .map(|(a, b)| b.since(*a))
            .collect();
        let mid = steps.len() / 2;
        (!steps.is_empty()).then(|| *steps.select_nth_unstable(mid).1)
    }

    /// First and last instant.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((*self.times.first()?, *self.times.last()?))
    }
}

/// A series: descriptor and samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it is.
    pub meta: SeriesMeta,
    /// What was measured.
    pub samples: Samples,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unordered_samples_are_sorted_and_the_later_word_counts() {
        let t = Timestamp::from_seconds;
        let s = Samples::from_unordered(vec![
            (t(120), 3.0),
            (t(60), 1.0),
            (t(60), 2.0),
            (t(180), f64::NAN),
        ]);
        assert_eq!(
            s.iter().collect::<Vec<_>>(),
            vec![(t(60), 2.0), (t(120), 3.0)]
        );
        assert_eq!(s.value_at(t(119), 60_000), Some(2.0));
        assert_eq!(s.value_at(t(500), 60_000), None);
        assert_eq!(s.step_ms(), Some(60_000));
    }
}
