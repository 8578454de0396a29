//! Shifts across a gap: nobody saw what happened in it, and a series that drifts or has a season which is
//! not known is elsewhere after it anyway.

use super::segmentation::Shift;
use crate::series::{Prepared, robust};

/// A gap is this many times the usual step.
const GAP: i64 = 8;
/// Samples whose mean is compared with the mean of as many.
const MEAN: usize = 8;
/// A shift across a gap must be this many times what the series usually does in as long a time.
const BEYOND: f64 = 3.0;
/// Places at which that is measured.
const SAMPLE: usize = 500;

/// Whether a shift is beside a gap and no more than what the series does in so long a time.
pub(crate) fn explains(series: &Prepared, shift: &Shift) -> bool {
    let Some(missing) = beside(series, shift.index) else {
        return false;
    };
    let lag = missing.min(series.len() / 4).max(1);
    let mean = |i: usize| {
        let part = series.calm.get(i..i + MEAN).unwrap_or(&[]);
        part.iter().sum::<f64>() / part.len().max(1) as f64
    };
    let places = series.len().saturating_sub(lag + MEAN);
    let mut moves: Vec<f64> = (0..places)
        .step_by(places / SAMPLE + 1)
        .map(|i| (mean(i + lag) - mean(i)).abs())
        .collect();
    let usual = robust::MAD_TO_SD * robust::median_of(&mut moves).unwrap_or(0.0);
    (shift.after - shift.before).abs() < BEYOND * usual
}

/// Samples that are missing within two samples of an index, if it is beside a gap.
fn beside(series: &Prepared, index: usize) -> Option<usize> {
    let near = series.times.get(index.saturating_sub(3)..)?;
    let longest = near
        .iter()
        .zip(near.iter().skip(1))
        .take(5)
        .map(|(a, b)| b.saturating_sub(*a) / series.step_ms.max(1))
        .max()?;
    usize::try_from(longest).ok().filter(|_| longest >= GAP)
}
