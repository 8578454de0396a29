//! Detection that sees every sample once, in order, and nothing later: what a live incident has.
//!
//! Each sample is compared with what was to be expected: the median of the last dozen samples, of the same
//! time on the days before, or of the same time in the weeks before, whichever has erred least so far. The
//! error itself and its mean over 6 and 36 samples are unusual beyond what the past held, by the rule of
//! the anomalies of a whole window (block maxima); what has come back at that time of day is forgiven. One flag is raised an event, at the sample at
//! which it shows.

mod expected;
mod habit;
mod past;

use crate::series::prepared;
use expected::Expected;
use habit::Habit;
use model::{Series, Timestamp, analysis::Anomaly};
use past::Past;

/// Samples of the means of the errors.
const WIDTHS: [usize; 3] = [1, 6, 36];
/// Longest of these of which what recurs daily is forgiven.
const BRIEF: usize = 6;
/// An event is over when nothing was unusual for this share of the samples so far, and at least as many
/// samples.
const QUIET: (usize, usize) = (100, 5);

/// A detector of one series that is fed sample by sample.
#[derive(Clone, Debug)]
pub struct OnlineDetector {
    expected: Expected,
    errors: Vec<f64>,
    past: [Past; 3],
    habits: [Habit; 3],
    /// Samples so far, and the one after the last unusual one.
    seen: usize,
    unusual: Option<usize>,
}

impl Default for OnlineDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl OnlineDetector {
    /// A detector that has seen nothing.
    pub fn new() -> Self {
        Self {
            expected: Expected::default(),
            errors: Vec::new(),
            past: WIDTHS.map(|_| Past::default()),
            habits: WIDTHS.map(|_| Habit::default()),
            seen: 0,
            unusual: None,
        }
    }

    /// Takes the next sample (later than the one before, a rate where the series is a counter). Returns
    /// how unusual things are, 0.5 to 1, when an event begins with it.
    pub fn push(&mut self, at: Timestamp, value: f64) -> Option<f64> {
        let before = self.unusual;
        let excess = self.excess(at, value)?;
        let quiet = (self.seen / QUIET.0).max(QUIET.1);
        let begins = before.is_none_or(|last| self.seen > last + quiet);
        begins.then(|| 1.0 - 0.5 * (-0.7 * (excess - 1.0)).exp())
    }

    /// How far beyond what counts this sample is; `None` where it is usual.
    fn excess(&mut self, at: Timestamp, value: f64) -> Option<f64> {
        self.seen += 1;
        let error = self.expected.error(at.millis(), value);
        let longest = WIDTHS.iter().copied().max().unwrap_or(1);
        if self.errors.len() == longest {
            self.errors.remove(0);
        }
        self.errors.push(error);
        let mut most: Option<f64> = None;
        let judges = self.past.iter_mut().zip(&mut self.habits);
        for (width, (past, habit)) in WIDTHS.into_iter().zip(judges) {
            let Some(recent) = self.errors.len().checked_sub(width) else {
                continue;
            };
            let part = self.errors.get(recent..).unwrap_or(&[]);
            let distance = (part.iter().sum::<f64>() / width as f64).abs();
            let distance = if width <= BRIEF {
                habit.forgive(at.millis(), distance)
            } else {
                distance
            };
            if let Some(excess) = past.excess(distance) {
                most = Some(most.map_or(excess, |m| m.max(excess)));
            }
        }
        if most.is_some() {
            self.unusual = Some(self.seen);
        }
        most
    }
}

/// The events that an [`OnlineDetector`] flags in a series: each from the sample at which it was flagged
/// to after the last unusual one. Of a counter the rates are judged.
pub fn detect_online(series: &Series) -> Vec<Anomaly> {
    let (times, values) = prepared::samples(series, series.samples.len());
    let mut detector = OnlineDetector::new();
    let mut found: Vec<Anomaly> = Vec::new();
    for (t, v) in times.iter().zip(&values) {
        let at = Timestamp::from_millis(*t);
        let flag = detector.push(at, *v);
        if let Some(score) = flag {
            found.push(Anomaly {
                series: String::new(),
                start: at,
                end: at.plus(1),
                score,
            });
        } else if detector.unusual == Some(detector.seen)
            && let Some(last) = found.last_mut()
        {
            last.end = at.plus(1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::MINUTE;

    fn flags(values: impl Iterator<Item = f64>) -> Vec<usize> {
        let mut detector = OnlineDetector::new();
        let mut t = Timestamp::from_millis(0);
        values
            .enumerate()
            .filter_map(|(i, v)| {
                t = t.plus(5 * MINUTE);
                detector.push(t, v).map(|_| i)
            })
            .collect()
    }

    fn wobble(i: usize) -> f64 {
        ((i * 7919) % 101) as f64 / 101.0
    }

    #[test]
    fn a_shift_is_flagged_once_and_soon() {
        let shifted = (0..3_000).map(|i| wobble(i) + if i >= 2_000 { 5.0 } else { 0.0 });
        let found = flags(shifted);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!((2_000..2_006).contains(&found[0]), "{found:?}");
        assert!(flags((0..3_000).map(wobble)).is_empty());
        assert!(flags((0..3_000).map(|_| 7.0)).is_empty());
    }

    #[test]
    fn what_comes_later_changes_no_flag() {
        let value = |i: usize| wobble(i) + if i % 1_300 == 1_250 { 9.0 } else { 0.0 };
        let whole = flags((0..4_000).map(value));
        let part = flags((0..2_000).map(value));
        let early: Vec<usize> = whole.into_iter().filter(|i| *i < 2_000).collect();
        assert_eq!(early, part);
    }
}
