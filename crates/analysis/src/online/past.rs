//! How far errors have gone so far.

use crate::detectors::anomalies::usual_distance;
use std::collections::VecDeque;

/// Samples of a stretch of which the largest error is kept.
const STRETCH: usize = 100;
/// Fewest stretches before anything is unusual, and most that are kept.
const FEWEST: usize = 5;
const MOST: usize = 400;
/// Every so many samples an error is kept for the spread, and so many of them.
const EVERY: usize = 4;
const KEPT: usize = 500;

/// The largest errors of the stretches so far, a sample of all of them, and what follows from them.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    highest: VecDeque<f64>,
    sample: VecDeque<f64>,
    high: f64,
    seen: usize,
    least: Option<f64>,
}

impl Past {
    /// How far an error is beyond what the past makes unusual, if it is; then it belongs to the past.
    pub(super) fn excess(&mut self, distance: f64) -> Option<f64> {
        let excess = self.least.map(|least| distance / least);
        self.high = self.high.max(distance);
        if self.seen.is_multiple_of(EVERY) {
            self.sample.push_back(distance);
            if self.sample.len() > KEPT {
                self.sample.pop_front();
            }
        }
        self.seen += 1;
        if self.seen.is_multiple_of(STRETCH) {
            self.highest.push_back(self.high);
            self.high = 0.0;
            if self.highest.len() > MOST {
                self.highest.pop_front();
            }
            self.learn();
        }
        excess.filter(|e| *e > 1.0)
    }

    fn learn(&mut self) {
        if self.highest.len() < FEWEST {
            return;
        }
        let mut sample: Vec<f64> = self.sample.iter().copied().collect();
        let mut highest: Vec<f64> = self.highest.iter().copied().collect();
        let least = usual_distance(&mut sample, &mut highest, self.seen);
        // Where nothing has ever erred, whatever errs is unusual, but for rounding.
        self.least = Some(least.max(f64::MIN_POSITIVE));
    }
}
