//! Robust statistics: what a handful of wild values cannot move.

use std::cmp::Ordering;

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
    let rank = rank.min(last);
    // Comparing bits as `total_cmp` does takes several times as long, and is needed only where there is
    // something that nothing can be compared with.
    let (_, found, _) = if values.iter().any(|v| v.is_nan()) {
        values.select_nth_unstable_by(rank, f64::total_cmp)
    } else {
        values.select_nth_unstable_by(rank, |a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal))
    };
    Some(*found)
}

/// The largest of the values, at least zero. In lanes: one after the other each comparison would wait for
/// the one before.
pub(crate) fn highest(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let parts = values.chunks_exact(lanes.len());
    for v in parts.remainder() {
        lanes[0] = larger(lanes[0], *v);
    }
    for part in parts {
        for (lane, v) in lanes.iter_mut().zip(part) {
            *lane = larger(*lane, *v);
        }
    }
    lanes.into_iter().fold(0.0, larger)
}

/// The larger of two numbers: one instruction where `f64::max` has several for what is no number.
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// The smaller of two numbers.
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
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

/// Running median of `WINDOW` samples, an odd number, with the first and the last window's at the ends.
pub(crate) fn running_median<const WINDOW: usize>(values: &[f64]) -> Vec<f64> {
    let half = WINDOW / 2;
    let Some(head) = values.get(..WINDOW) else {
        let mut all = values.to_vec();
        let centre = median_of(&mut all).unwrap_or(0.0);
        return vec![centre; values.len()];
    };
    let mut sorted = [0.0; WINDOW];
    sorted.copy_from_slice(head);
    sorted.sort_unstable_by(f64::total_cmp);
    let mut out = Vec::with_capacity(values.len());
    out.resize(half + 1, sorted[half]);
    for (old, new) in values.iter().zip(values.iter().skip(WINDOW)) {
        exchange(&mut sorted, *old, *new);
        out.push(sorted[half]);
    }
    out.resize(values.len(), sorted[half]);
    out
}

/// Takes one value out of a sorted window and puts another in. Counting all is quicker than searching:
/// it has no branches.
fn exchange<const WINDOW: usize>(sorted: &mut [f64; WINDOW], old: f64, new: f64) {
    let smaller = |than: f64| sorted.iter().map(|v| usize::from(*v < than)).sum::<usize>();
    let (out, into) = (smaller(old), smaller(new));
    if into > out {
        sorted.copy_within(out + 1..into, out);
        sorted[into - 1] = new;
    } else {
        sorted.copy_within(into..out, into + 1);
        sorted[into] = new;
    }
}

/// Running median of five: removes lone spikes of up to two samples and keeps edges where they
/// are. The first and last two values stay.
pub(crate) fn median_filter5(values: &[f64]) -> Vec<f64> {
    let mut out = values.to_vec();
    for (slot, five) in out.iter_mut().skip(2).zip(values.windows(5)) {
        if let [a, b, c, d, last] = *five {
            // The smallest and the largest of the first four cannot be the median of the five.
            let low = a.min(b).max(c.min(d));
            let high = a.max(b).min(c.max(d));
            *slot = low.min(high).max(low.max(high).min(last));
        }
    }
    out
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
    fn the_running_median_is_the_median_of_every_window() {
        let values: Vec<f64> = (0..200).map(|i| f64::from((i * 7919) % 101)).collect();
        let running = running_median::<25>(&values);
        for (i, window) in values.windows(25).enumerate() {
            assert_eq!(Some(running[i + 12]), median(window), "{i}");
        }
        assert_eq!(running.len(), values.len());
        assert_eq!(running_median::<5>(&[1.0, 9.0]), [9.0, 9.0]);
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
}
