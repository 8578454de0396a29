//! Shares and medians with 95 % intervals.

/// A figure with its interval.
#[derive(Clone, Copy)]
pub(super) struct Figure {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// Normal quantile of 97.5 %.
const Z: f64 = 1.959_964;

/// A share with Wilson's score interval (Wilson 1927).
pub(super) fn share(hits: usize, of: usize) -> Figure {
    if of == 0 {
        return Figure {
            value: f64::NAN,
            low: f64::NAN,
            high: f64::NAN,
        };
    }
    let (n, p) = (of as f64, hits as f64 / of as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Figure {
        value: p,
        low: (middle - half).max(0.0),
        high: (middle + half).min(1.0),
    }
}

/// Resamples of a bootstrap.
const RESAMPLES: usize = 500;

/// A statistic with its percentile bootstrap interval (Efron 1979), the same on every run.
pub(super) fn bootstrap(values: &[f64], statistic: impl Fn(&mut [f64]) -> f64) -> Figure {
    let mut copy = values.to_vec();
    let value = statistic(&mut copy);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (((state >> 32) * below as u64) >> 32) as usize
    };
    let mut all: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            for slot in &mut copy {
                *slot = values[draw(values.len())];
            }
            statistic(&mut copy)
        })
        .collect();
    all.sort_by(f64::total_cmp);
    Figure {
        value,
        low: all[RESAMPLES / 40],
        high: all[RESAMPLES - 1 - RESAMPLES / 40],
    }
}

/// Median; not a number of nothing.
pub(super) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Mean; not a number of nothing.
pub(super) fn mean(values: &mut [f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_the_textbook() {
        // Newcombe 1998, table I: 81 of 263.
        let figure = share(81, 263);
        assert!((figure.low - 0.2553).abs() < 1e-4 && (figure.high - 0.3662).abs() < 1e-4);
    }

    #[test]
    fn a_bootstrap_holds_the_mean_and_repeats_itself() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let (a, b) = (bootstrap(&values, mean), bootstrap(&values, mean));
        assert!(a.low < 49.5 && 49.5 < a.high && a.high - a.low < 15.0);
        assert!((a.low - b.low).abs() < f64::EPSILON);
    }
}
