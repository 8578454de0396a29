//! The mean net rate over the time ahead, and how far off such a rate has been in this very series.
//!
//! Nobody knows whether a load keeps its mean of an hour or of three days, whether its trend goes on,
//! or whether tomorrow is like today. The past of the series does: every way of looking back is tried
//! at all earlier instants against what came then, over the same time ahead, and counts by the fourth
//! power of its inverse error (a sharp form of Bates and Granger 1969, "The combination of
//! forecasts"). What it was off then is what it may be off now: so the interval needs no model of the
//! noise.

use model::time::{DAY, HOUR, MINUTE};

/// What the balance would have done with neither cap nor floor, at even distances in time; the last
/// one is now.
pub(super) struct Path {
    /// Cumulated net change.
    pub sums: Vec<f64>,
    /// Distance of two, milliseconds.
    pub step_ms: i64,
}

/// Mean net rate over the time ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    /// Unit per second.
    pub mean: f64,
    /// Its usual error (root mean square), unit per second.
    pub error: f64,
    /// Time ahead at which the error was measured, milliseconds.
    pub ahead_ms: i64,
}

/// Widths of the means looked back at.
const WIDTHS: [i64; 6] = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY];
/// Shares of a trend that may go on: none, half, all.
const TRENDS: [f64; 3] = [0.0, 0.5, 1.0];
/// Origins tried lie so far apart.
const STRIDE: i64 = 15 * MINUTE;
/// An error of a day ago counts half: what the series is like now counts more.
const HALF_LIFE: f64 = DAY as f64;
/// Errors at overlapping instants are alike, so that their mean square is too small. So much wider,
/// nine of ten truths lie inside (`tests/credits.rs` holds it).
const OVERLAP: f64 = 1.15;
/// Fewest steps of history to look back at; with fewer the mean has to do.
const FEWEST: usize = 12;

/// A way of looking back.
#[derive(Clone, Copy)]
enum Look {
    /// Mean of everything.
    All,
    /// Mean of so many steps, and a share of the change since the as many before.
    Mean(usize, f64),
    /// The same time of yesterday.
    Yesterday,
    /// The same, moved by half of what so many steps differ from yesterday's.
    Moved(usize),
}

impl Path {
    /// Number of steps.
    pub(super) fn len(&self) -> usize {
        self.sums.len().saturating_sub(1)
    }

    fn sum(&self, from: usize, to: usize) -> f64 {
        let at = |i: usize| self.sums.get(i).copied().unwrap_or(0.0);
        at(to) - at(from)
    }

    /// Mean change a step.
    pub(super) fn mean(&self, from: usize, to: usize) -> f64 {
        self.sum(from, to) / to.saturating_sub(from).max(1) as f64
    }

    /// Steps in so many milliseconds, at least one.
    pub(super) fn steps(&self, ms: i64) -> usize {
        (ms / self.step_ms.max(1)).max(1) as usize
    }

    fn millis(&self, steps: usize) -> i64 {
        i64::try_from(steps).unwrap_or(0) * self.step_ms
    }

    /// First origin from which a look is possible, with `ahead` steps to be judged by.
    fn first(&self, look: Look) -> usize {
        let (n, day) = (self.len(), self.steps(DAY));
        match look {
            Look::All => n / 4,
            Look::Mean(width, 0.0) => width.min(n / 2),
            Look::Mean(width, _) => 2 * width,
            Look::Yesterday => day,
            Look::Moved(width) => day + width,
        }
    }

    /// Mean change a step over the next `ahead` steps, as seen at `origin`.
    fn seen(&self, look: Look, origin: usize, ahead: usize) -> f64 {
        let mean = |o: usize, width: usize| self.mean(o.saturating_sub(width), o);
        let day = self.steps(DAY);
        let yesterday = || {
            let covered = ahead.min(day);
            let from = origin.saturating_sub(day);
            let known = self.sum(from, from + covered);
            (known + (ahead - covered) as f64 * mean(origin, day)) / ahead.max(1) as f64
        };
        match look {
            Look::All => self.mean(0, origin),
            Look::Mean(width, 0.0) => mean(origin, width),
            Look::Mean(width, share) => {
                let now = mean(origin, width);
                now + share * (now - mean(origin.saturating_sub(width), width))
            }
            Look::Yesterday => yesterday(),
            Look::Moved(width) => {
                let before = mean(origin.saturating_sub(day), width);
                yesterday() + 0.5 * (mean(origin, width) - before)
            }
        }
    }

    fn looks(&self) -> Vec<Look> {
        let mut out = vec![Look::All, Look::Yesterday];
        for width in WIDTHS.map(|w| self.steps(w)) {
            out.extend(TRENDS.map(|share| Look::Mean(width, share)));
        }
        out.extend([3 * HOUR, 12 * HOUR].map(|w| Look::Moved(self.steps(w))));
        out
    }

    /// Root mean square error of a look over `ahead` steps; `None` where it cannot be judged.
    fn error(&self, look: Look, ahead: usize) -> Option<f64> {
        let last = self.len().checked_sub(ahead)?;
        let first = self.first(look);
        let spare = self.steps(HOUR);
        if !matches!(look, Look::All) && first + spare > last {
            return None;
        }
        let (mut sum, mut weights, mut count) = (0.0, 0.0, 0);
        for origin in (first..=last).step_by(self.steps(STRIDE)) {
            let off = self.seen(look, origin, ahead) - self.mean(origin, origin + ahead);
            let age = (last - origin) as f64 * self.step_ms as f64;
            let weight = (-age / HALF_LIFE * std::f64::consts::LN_2).exp();
            sum += weight * off * off;
            weights += weight;
            count += 1;
        }
        (count >= 4 && weights > 0.0).then(|| (sum / weights).sqrt())
    }

    /// The mean net rate over about `ahead_ms`, never farther than a third of the past.
    pub(super) fn rate(&self, ahead_ms: i64) -> Option<Rate> {
        let n = self.len();
        let per_s = 1000.0 / self.step_ms.max(1) as f64;
        if n < FEWEST {
            return self.short(per_s);
        }
        let ahead = self
            .steps(ahead_ms)
            .min(n / 3)
            .max(self.steps(HOUR).min(n / 3))
            .max(1);
        let judged: Vec<(f64, f64)> = self
            .looks()
            .into_iter()
            .filter_map(|look| Some((self.seen(look, n, ahead), self.error(look, ahead)?)))
            .collect();
        // A look that was never off cannot be weighed by its inverse error.
        let least = 1e-9 * judged.iter().map(|(m, _)| m.abs()).fold(1e-300, f64::max);
        let weight = |error: f64| error.max(least).powi(-4);
        let best = judged.iter().map(|j| weight(j.1)).fold(0.0, f64::max);
        let total: f64 = judged.iter().map(|j| weight(j.1) / best).sum();
        if !(total > 0.0 && best.is_finite()) {
            return self.short(per_s);
        }
        let mean = judged
            .iter()
            .map(|(m, e)| m * weight(*e) / best)
            .sum::<f64>()
            / total;
        let square = judged
            .iter()
            .map(|(m, e)| (e * e + (m - mean).powi(2)) * weight(*e) / best)
            .sum::<f64>()
            / total;
        Some(Rate {
            mean: mean * per_s,
            error: OVERLAP * square.sqrt() * per_s,
            ahead_ms: self.millis(ahead),
        })
    }

    /// Of a handful of steps: their mean, give or take a fifth and what they differ.
    fn short(&self, per_s: f64) -> Option<Rate> {
        let n = self.len();
        if n == 0 {
            return None;
        }
        let mean = self.mean(0, n);
        let square = (0..n)
            .map(|i| (self.mean(i, i + 1) - mean).powi(2))
            .sum::<f64>()
            / n as f64;
        let error = (square / n as f64 + (0.2 * mean).powi(2)).sqrt();
        Some(Rate {
            mean: mean * per_s,
            error: error * per_s,
            ahead_ms: self.millis(n),
        })
    }
}
