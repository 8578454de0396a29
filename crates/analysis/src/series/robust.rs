//! Robust statistics: what a handful of wild values cannot move.

/// Standard deviation of a normal distribution whose median absolute deviation is 1.
pub(crate) const MAD_TO_SD: f64 = 1.4826;

/// Median by selection, O(n); `None` of nothing. Reorders its input. With an even number of values
/// it is the upper of the two in the middle: one that was measured.
pub(crate) fn median_of(values: &mut [f64]) -> Option<f64> {
    quantile_of(values, 0.5)
}

/// Value at the share `q` (0 to 1) of the sorted values; reorders its input.
pub(crate) fn quantile_of(values: &mut [f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let rank = if (q - 0.5).abs() < f64::EPSILON {
        values.len() / 2
    } else {
        ((last as f64) * q.clamp(0.0, 1.0)).round() as usize
    };
    Some(
        *values
            .select_nth_unstable_by(rank.min(last), f64::total_cmp)
            .1,
    )
}

/// Median of values that must keep their order.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    median_of(&mut values.to_vec())
}

/// Median and standard deviation (from the median absolute deviation) of values.
pub(crate) fn centre_and_spread(values: &[f64]) -> Option<(f64, f64)> {
    let mut copy = values.to_vec();
    let centre = median_of(&mut copy)?;
    for v in &mut copy {
        *v = (*v - centre).abs();
    }
    Some((centre, MAD_TO_SD * median_of(&mut copy)?))
}

/// Lag-1 autocorrelation, robust: from the spreads of sums and differences of neighbours
/// (Gnanadesikan and Kettenring 1972), so that outliers do not pose as independence.
pub(crate) fn lag1(values: &[f64]) -> f64 {
    let pairs = || values.iter().zip(values.iter().skip(1));
    let sums: Vec<f64> = pairs().map(|(a, b)| a + b).collect();
    let differences: Vec<f64> = pairs().map(|(a, b)| b - a).collect();
    let (Some((_, s)), Some((_, d))) = (centre_and_spread(&sums), centre_and_spread(&differences))
    else {
        return 0.0;
    };
    let (s, d) = (s * s, d * d);
    if s + d > 0.0 && (s + d).is_finite() {
        ((s - d) / (s + d)).clamp(-0.99, 0.99)
    } else {
        0.0
    }
}

/// Running median of five: removes lone spikes of up to two samples and keeps edges where they
/// are. The first and last two values stay.
pub(crate) fn median_filter5(values: &[f64]) -> Vec<f64> {
    let mut out = values.to_vec();
    for (slot, five) in out.iter_mut().skip(2).zip(values.windows(5)) {
        if let [a, b, c, d, e] = *five {
            *slot = median5(a, b, c, d, e);
        }
    }
    out
}

/// Median of five values with six comparisons.
fn median5(a: f64, b: f64, c: f64, d: f64, e: f64) -> f64 {
    let (a, b) = (a.min(b), a.max(b));
    let (c, d) = (c.min(d), c.max(d));
    // The smallest of the four and the largest of the four cannot be the median of five.
    let low = a.max(c);
    let high = b.min(d);
    let (low, high) = (low.min(high), low.max(high));
    low.max(high.min(e))
}

/// Least-squares line through `(x, y)`: intercept, slope, standard error of the slope.
pub(crate) fn line(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    let n = points.len() as f64;
    if points.len() < 3 {
        return None;
    }
    let mx = points.iter().map(|p| p.0).sum::<f64>() / n;
    let my = points.iter().map(|p| p.1).sum::<f64>() / n;
    let sxx: f64 = points.iter().map(|p| (p.0 - mx).powi(2)).sum();
    let sxy: f64 = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    let slope = sxy / sxx;
    let rss: f64 = points
        .iter()
        .map(|p| (p.1 - my - slope * (p.0 - mx)).powi(2))
        .sum();
    let error = (rss / (n - 2.0) / sxx).sqrt();
    (slope.is_finite() && error.is_finite()).then_some((my - slope * mx, slope, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wild_value_moves_nothing() {
        let mut values = vec![1.0, 2.0, 3.0, 4.0, 1e300];
        assert_eq!(centre_and_spread(&values), Some((3.0, MAD_TO_SD)));
        assert_eq!(median_of(&mut values), Some(3.0));
        assert_eq!(median_of(&mut []), None);
    }

    #[test]
    fn the_median_filter_drops_spikes_and_keeps_edges() {
        let mut values = vec![0.0; 20];
        values.extend(vec![5.0; 20]);
        let step = values.clone();
        values[7] = 100.0;
        values[8] = 90.0;
        assert_eq!(median_filter5(&values), step);
    }

    #[test]
    fn autocorrelation_of_a_slow_wave_is_high_and_of_alternation_low() {
        let slow: Vec<f64> = (0..500).map(|i| (f64::from(i) / 30.0).sin()).collect();
        let fast: Vec<f64> = (0..500).map(|i| f64::from((i * 7919) % 101)).collect();
        assert!(lag1(&slow) > 0.9);
        assert!(lag1(&fast) < 0.3);
        assert!(lag1(&[1.0, 1.0, 1.0]).abs() < 1e-12);
    }
}
