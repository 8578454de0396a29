//! Cumulative counters become rates.

/// Rate per second between neighbours of a counter, at the later of the two instants (times in
/// milliseconds). A fall is a reset: the counter began again at zero, so that the later value is
/// what was counted since (Prometheus `rate()` assumes the same).
pub(crate) fn of_counter(times: &[i64], values: &[f64]) -> (Vec<i64>, Vec<f64>) {
    let later = times.iter().zip(values).skip(1);
    times
        .iter()
        .zip(values)
        .zip(later)
        .filter_map(|((t0, v0), (t1, v1))| {
            let seconds = t1.saturating_sub(*t0) as f64 / 1000.0;
            let counted = if v1 >= v0 { v1 - v0 } else { *v1 };
            let rate = counted / seconds;
            (seconds > 0.0 && rate.is_finite()).then_some((*t1, rate))
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_counts_from_zero() {
        let (times, rates) = of_counter(&[0, 10_000, 20_000, 30_000], &[100.0, 200.0, 50.0, 150.0]);
        assert_eq!(times, [10_000, 20_000, 30_000]);
        assert_eq!(rates, [10.0, 5.0, 10.0]);
    }
}
