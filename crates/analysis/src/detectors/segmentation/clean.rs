//! Cleaned values: spikes cost the same however high they are (Hampel 1974; a clipped square is close
//! to Huber's loss, and the least squares of what is clipped are robust as in Fearnhead and Rigaill
//! 2019).

use crate::series::robust::{MAD_TO_SD, median_of, running_median};

/// Samples of the running median, an odd number. A stay of 13 and more is followed and so never
/// clipped; a shorter one is.
const WINDOW: usize = 25;
/// Distance from the running median at which values are clipped, in spreads.
const CLIP: f64 = 3.0;
/// Samples from which the spread is taken.
const SAMPLE: usize = 2_000;

/// A stay away from the running median that is too short for it to follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stay {
    pub from: usize,
    pub to: usize,
    /// Least distance from the running median during it, signed.
    pub height: f64,
}

/// Stays of at least `shortest` samples, all of them clipped to one side.
pub(super) fn stays(values: &[f64], cleaned: &[f64], shortest: usize) -> Vec<Stay> {
    let mut out: Vec<Stay> = Vec::new();
    for (i, (v, c)) in values.iter().zip(cleaned).enumerate() {
        let away = v - c;
        if away == 0.0 {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.to == i && last.height * away > 0.0 => {
                last.to = i + 1;
                if away.abs() < last.height.abs() {
                    last.height = away;
                }
            }
            _ => out.push(Stay {
                from: i,
                to: i + 1,
                height: away,
            }),
        }
    }
    out.retain(|s| s.to - s.from >= shortest);
    out
}

/// Cleaned values, and the spread of the noise around the running median.
pub(super) fn cleaned(values: &[f64]) -> (Vec<f64>, f64) {
    let mut base = running_median::<WINDOW>(values);
    let stride = values.len() / SAMPLE + 1;
    let mut distances: Vec<f64> = values
        .iter()
        .zip(&base)
        .step_by(stride)
        .map(|(v, b)| (v - b).abs())
        .collect();
    let mean = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
    let mut spread = MAD_TO_SD * median_of(&mut distances).unwrap_or(0.0);
    if spread <= 0.0 {
        // Most samples are equal to their neighbours: the median says nothing and the mean has to.
        spread = 0.5 * mean;
    }
    let reach = CLIP * spread;
    for (b, v) in base.iter_mut().zip(values) {
        *b += (v - *b).clamp(-reach, reach);
    }
    (base, spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_are_clipped_and_levels_stay() {
        let mut values: Vec<f64> = (0..200).map(|i| f64::from((i * 37) % 11)).collect();
        for v in values.iter_mut().skip(100) {
            *v += 1e6;
        }
        values[40] = 1e9;
        let (cleaned, spread) = cleaned(&values);
        assert!(
            cleaned[40] < 40.0 && spread < 6.0,
            "{} {spread}",
            cleaned[40]
        );
        assert!(cleaned[99] < 40.0 && cleaned[100] > 1e6 - 40.0);
    }
}
