//! What a sample was expected to be, by the samples before it.

use crate::series::robust::median_of;
use model::time::DAY;
use std::collections::VecDeque;

/// Samples whose median is the local level.
const LOCAL: usize = 12;
/// Days and weeks looked back on, and the fewest of them.
const DAYS: (i64, usize) = (7, 3);
const WEEKS: (i64, usize) = (4, 2);
/// Time kept: the weeks and some more.
const KEPT: i64 = (7 * 4 + 1) * DAY;
/// Weight of the newest error in the mean error.
const NEWEST: f64 = 1.0 / 300.0;
/// A way of expecting must err by this share less than the local level to be preferred.
const BETTER: f64 = 0.85;

/// The past values, and how far each way of expecting has erred.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    times: VecDeque<i64>,
    values: VecDeque<f64>,
    errors: [Option<f64>; 3],
}

impl Expected {
    /// The signed error of the best way of expecting this sample, which then belongs to the past.
    pub(super) fn error(&mut self, at: i64, value: f64) -> f64 {
        let guesses = [
            self.local(),
            self.back(at, DAY, DAYS),
            self.back(at, 7 * DAY, WEEKS),
        ];
        let mut best: Option<(f64, f64)> = None;
        for (k, (guess, erred)) in guesses.iter().zip(&self.errors).enumerate() {
            let (Some(guess), Some(erred)) = (guess, erred) else {
                continue;
            };
            let erred = if k == 0 { BETTER * erred } else { *erred };
            if best.is_none_or(|(least, _)| erred < least) {
                best = Some((erred, value - guess));
            }
        }
        let error = best.map_or_else(|| guesses[0].map_or(0.0, |g| value - g), |b| b.1);
        for (guess, erred) in guesses.iter().zip(&mut self.errors) {
            let Some(guess) = guess else { continue };
            let size = (value - guess).abs();
            *erred = Some(erred.map_or(size, |e| {
                // One wild value is no reason to expect otherwise from now on.
                let size = size.min(10.0 * e.max(f64::MIN_POSITIVE));
                e + NEWEST * (size - e)
            }));
        }
        self.times.push_back(at);
        self.values.push_back(value);
        while self
            .times
            .front()
            .is_some_and(|t| at.saturating_sub(*t) > KEPT)
        {
            self.times.pop_front();
            self.values.pop_front();
        }
        error
    }

    fn local(&self) -> Option<f64> {
        let mut last: Vec<f64> = self.values.iter().rev().take(LOCAL).copied().collect();
        median_of(&mut last)
    }

    /// The median of the values so many periods before.
    fn back(&self, at: i64, period: i64, (most, fewest): (i64, usize)) -> Option<f64> {
        let step = self.times.back().map_or(0, |last| at.saturating_sub(*last));
        let mut found: Vec<f64> = (1..=most)
            .filter_map(|k| {
                let then = at.saturating_sub(k * period);
                let i = self.times.partition_point(|t| *t <= then).checked_sub(1)?;
                let near = then.saturating_sub(*self.times.get(i)?) <= step;
                self.values.get(i).copied().filter(|_| near)
            })
            .collect();
        if found.len() < fewest {
            return None;
        }
        median_of(&mut found)
    }
}
