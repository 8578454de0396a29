//! Which shifts stand: each must be large, be seen where it is said to be, and last. The weakest are
//! taken away first, because that changes the levels beside them.

use super::{
    super::bursts::level,
    Shift,
    scan::{Scale, Sums, threshold},
};

/// Least size of a shift of the level, in geometric means of the spread around the running median and of
/// the long-run standard deviation.
pub(super) const LEAST_SIZE: f64 = 1.0;
/// Share of the size that must be seen close by, and how far the change there may exceed it.
const SEEN: (f64, f64) = (0.55, 1.7);
/// Share of a step that must still show at twice the width, where a season bends.
const STILL_SEEN: f64 = 0.4;
/// A step that stands out from slopes only must do so this many times clearer.
const BEND: f64 = 1.4;
/// Spreads up to which a shift is small: it may be seen by means too, which see better through noise and
/// worse through bursts than medians do.
const SMALL: f64 = 4.0;
/// "Close by" is the narrowest width at which the size is this many times the noise: a small shift
/// shows only when more samples are looked at.
const VISIBLE: f64 = 7.0;
/// Fewest samples looked at close by.
const CLOSE: usize = 10;
/// At an end of the series nobody knows how it goes on: this times as long, over two.
const AT_AN_END: usize = 3;
/// A ramp must be this many times clearer than a step: slow drifts are lines too.
const RAMP: f64 = 1.5;

/// What is needed to judge shifts.
pub(super) struct Judge<'a> {
    pub values: &'a [f64],
    pub sums: &'a Sums,
    pub scales: &'a [Scale],
    pub bends: &'a [Scale],
    pub spread: f64,
    pub strictness: f64,
    pub least_size: f64,
    pub shortest: usize,
}

impl Judge<'_> {
    /// Takes the weakest away until all stand.
    pub(super) fn prune(&self, items: &mut Vec<(usize, usize)>) {
        let mut scores: Vec<f64> = (0..items.len()).map(|k| self.score(items, k)).collect();
        loop {
            let weakest = scores
                .iter()
                .copied()
                .enumerate()
                .min_by(|a, b| a.1.total_cmp(&b.1));
            let Some((k, _)) = weakest.filter(|(_, s)| *s < 1.0) else {
                return;
            };
            items.remove(k);
            scores.remove(k);
            for near in [k.checked_sub(1), Some(k)].into_iter().flatten() {
                if let Some(slot) = scores.get_mut(near) {
                    *slot = self.score(items, near);
                }
            }
        }
    }

    /// The shifts that the items are.
    pub(super) fn shifts(&self, items: &[(usize, usize)]) -> Vec<Shift> {
        (0..items.len())
            .filter_map(|k| {
                let (from, index, end, to) = bounds(items, k, self.values.len())?;
                let width = (index - from).min(to - end);
                Some(Shift {
                    index,
                    end,
                    before: level(self.values, from.max(index.saturating_sub(SIDE)), index),
                    after: level(self.values, end, to.min(end + SIDE)),
                    clarity: self.score(items, k),
                    width,
                })
            })
            .collect()
    }

    /// How clearly an item stands: 1 is the threshold, less is refused.
    fn score(&self, items: &[(usize, usize)], k: usize) -> f64 {
        let n = self.values.len();
        let Some((from, index, end, to)) = bounds(items, k, n) else {
            return 0.0;
        };
        let (left, right) = (index.saturating_sub(from), to.saturating_sub(end));
        let width = left.min(right);
        let at_an_end = (from == 0 && left == width) || (to == n && right == width);
        let least = if at_an_end {
            (self.shortest * AT_AN_END).div_ceil(2)
        } else {
            self.shortest
        };
        if width < least {
            return 0.0;
        }
        let size = level(self.values, end, to) - level(self.values, from, index);
        if size.abs() < self.least_size {
            return if end > index {
                0.1
            } else {
                self.of_bend(index, width).max(0.1)
            };
        }
        if end > index {
            return self.of_ramp(index, end, width) / RAMP;
        }
        let step = if self.shows(from, index, to, size) {
            self.of_step(index, width)
        } else {
            0.2
        };
        step.max(self.of_bend(index, width))
    }

    /// Clarity of a step in a series with a season that is not known: it stands out from what slopes
    /// and bends usually do, and the medians of its width, and of twice that, show it.
    pub(super) fn of_bend(&self, index: usize, width: usize) -> f64 {
        let n = self.values.len();
        self.bends
            .iter()
            .filter(|s| 2 * s.width <= width && index >= 2 * s.width && index + 2 * s.width <= n)
            .map(|s| {
                let size = self.sums.bend(index, s.width);
                let seen = |w: usize| {
                    let before = level(self.values, index - w, index);
                    (level(self.values, index, index + w) - before) / size
                };
                let shows = seen(s.width) >= SEEN.0 && seen(2 * s.width) >= STILL_SEEN;
                if shows && size.abs() >= self.least_size {
                    self.times(size.abs(), s.noise, s.width) / BEND
                } else {
                    0.0
                }
            })
            .fold(0.0, f64::max)
    }

    /// Whether close by the values change by about `size`.
    fn shows(&self, from: usize, index: usize, to: usize, size: f64) -> bool {
        let visible = self
            .scales
            .iter()
            .find(|s| s.noise * VISIBLE <= size.abs())
            .or(self.scales.last())
            .map_or(CLOSE, |s| s.width.max(CLOSE));
        let small = size.abs() < SMALL * self.spread;
        let seen = |w: usize, share: std::ops::RangeInclusive<f64>| {
            let (low, high) = (from.max(index.saturating_sub(w)), to.min(index + w));
            let before = level(self.values, low, index);
            let medians = (level(self.values, index, high) - before) / size;
            let means = (self.sums.mean(index, high) - self.sums.mean(low, index)) / size;
            share.contains(&medians) || (small && share.contains(&means))
        };
        seen(visible, SEEN.0..=SEEN.1) && seen(2 * visible, SEEN.0..=f64::INFINITY)
    }

    /// Clarity of a step: at the width at which it stands out most from the noise of that width.
    fn of_step(&self, index: usize, width: usize) -> f64 {
        self.scales
            .iter()
            .filter(|s| s.width <= width)
            .map(|s| self.times(self.difference(index, index, s.width), s.noise, s.width))
            .fold(0.0, f64::max)
    }

    /// Clarity of a ramp: the levels on both sides against the noise of means as far apart.
    fn of_ramp(&self, start: usize, end: usize, width: usize) -> f64 {
        let Some(scale) = self.scales.iter().rev().find(|s| s.width <= width) else {
            return 0.0;
        };
        let apart = self.scales.iter().rev().find(|s| s.width <= end - start);
        let noise = apart.map_or(0.0, |s| s.noise).max(scale.noise);
        self.times(self.difference(start, end, scale.width), noise, scale.width)
    }

    fn difference(&self, start: usize, end: usize, w: usize) -> f64 {
        let before = self.sums.mean(start.saturating_sub(w), start);
        (self.sums.mean(end, end + w) - before).abs()
    }

    /// A difference of means as a multiple of what counts at that width.
    fn times(&self, size: f64, noise: f64, width: usize) -> f64 {
        let threshold = threshold(self.values.len(), width) * self.strictness;
        if noise > 0.0 {
            (size / (noise * threshold)).min(CLEAREST)
        } else if size > 0.0 {
            CLEAREST
        } else {
            0.0
        }
    }
}

/// Most samples on each side that a level is taken from.
const SIDE: usize = 2_000;
/// Highest clarity, that of a shift without any noise.
const CLEAREST: f64 = 1e3;

/// End of the item before, start and end of the item, start of the item after it.
fn bounds(items: &[(usize, usize)], k: usize, n: usize) -> Option<(usize, usize, usize, usize)> {
    let (index, end) = *items.get(k)?;
    let from = k
        .checked_sub(1)
        .and_then(|k| items.get(k))
        .map_or(0, |i| i.1);
    let to = items.get(k + 1).map_or(n, |i| i.0);
    Some((from, index, end, to))
}
