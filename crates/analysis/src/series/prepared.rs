//! A series made ready for detection.

use super::{rate, robust, season};
use model::{Series, Timestamp, time::DAY};

/// Longest step worked with, a leap year: multiples of it stay in range.
const LONGEST_STEP: i64 = 366 * DAY;
/// Largest magnitude worked with: squares and sums of a year of samples stay finite.
const HUGE: f64 = 1e140;

/// A series made ready: finite, a rate where it was a counter, its season removed.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// Instants, epoch milliseconds, strictly rising.
    pub times: Vec<i64>,
    /// Values (rates per second of a counter).
    pub values: Vec<f64>,
    /// Values less the season; the same as `values` where there is none.
    pub calm: Vec<f64>,
    /// Usual distance of two samples, milliseconds, from 1 to a year.
    pub step_ms: i64,
}

impl Prepared {
    /// Prepares the first `count` samples of a series.
    pub(crate) fn of(series: &Series, count: usize) -> Self {
        let (times, values) = samples(series, count);
        let step_ms = step(&times);
        let calm = season::remove(&times, &values, step_ms).unwrap_or_else(|| values.clone());
        Self {
            times,
            values,
            calm,
            step_ms,
        }
    }

    /// Number of samples.
    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }

    /// Instant of a sample; the last one beyond the end.
    pub(crate) fn at(&self, i: usize) -> Timestamp {
        let t = self.times.get(i).or(self.times.last());
        Timestamp::from_millis(t.copied().unwrap_or(0))
    }

    /// Index of the first sample at or after `t`.
    pub(crate) fn index(&self, t: Timestamp) -> usize {
        self.times.partition_point(|x| *x < t.millis())
    }

    /// Values from the first to before the second instant.
    pub(crate) fn between(&self, from: Timestamp, to: Timestamp) -> &[f64] {
        self.values
            .get(self.index(from)..self.index(to).max(self.index(from)))
            .unwrap_or(&[])
    }

    /// Season-free values from the first to before the second instant.
    pub(crate) fn calm_between(&self, from: Timestamp, to: Timestamp) -> &[f64] {
        self.calm
            .get(self.index(from)..self.index(to).max(self.index(from)))
            .unwrap_or(&[])
    }

    /// Median of the values in a span.
    pub(crate) fn median_between(&self, from: Timestamp, to: Timestamp) -> Option<f64> {
        robust::median(self.between(from, to))
    }
}

/// The first `count` samples of a series: instants in milliseconds and finite values, rates per second
/// of a counter.
pub(crate) fn samples(series: &Series, count: usize) -> (Vec<i64>, Vec<f64>) {
    let times: Vec<i64> = series
        .samples
        .times()
        .iter()
        .take(count)
        .map(|t| t.millis())
        .collect();
    let values: Vec<f64> = series
        .samples
        .values()
        .iter()
        .take(count)
        .map(|v| v.clamp(-HUGE, HUGE))
        .collect();
    if series.meta.stat.eq_ignore_ascii_case("counter") {
        rate::of_counter(&times, &values)
    } else {
        (times, values)
    }
}

/// Neighbours of which the step is taken.
const SAMPLE: usize = 1_000;

/// Median distance of neighbours, of those at regular places where there are many.
fn step(times: &[i64]) -> i64 {
    let stride = times.len() / SAMPLE + 1;
    let mut steps: Vec<i64> = times
        .iter()
        .zip(times.iter().skip(1))
        .step_by(stride)
        .map(|(a, b)| b.saturating_sub(*a))
        .collect();
    let middle = steps.len() / 2;
    if steps.is_empty() {
        60_000
    } else {
        (*steps.select_nth_unstable(middle).1).clamp(1, LONGEST_STEP)
    }
}
