//! Where exactly a level changed: the split that leaves least absolute deviations.
//!
//! The search for shifts works on smoothed values and on means, which heavy tails pull to one side by
//! a few samples. Close by, with the medians of both sides as the levels, the sum of absolute
//! deviations says which sample is the first of the new level; medians keep spikes out (least absolute
//! deviations, Bai 1995).

use crate::series::robust::median;

/// Samples on each side from which the levels are taken, at most.
const SIDE: usize = 36;
/// Farthest that a shift is moved, samples.
const REACH: usize = 12;
/// Fewest samples of a side.
const FEWEST: usize = 5;
/// Least share of the shift's size that the levels close by must show; less, and it is no step.
const SHOWN: f64 = 0.5;

/// The index near `at` where the values split best; `at` itself where close by nothing like a step
/// of `size` (signed) is seen. The neighbours' indices `from` and `to` are not passed.
pub(crate) fn snapped(values: &[f64], from: usize, at: usize, to: usize, size: f64) -> usize {
    let (low, high) = (
        from.max(at.saturating_sub(SIDE)),
        to.min(at + SIDE).min(values.len()),
    );
    let reach = REACH
        .min((at - low.min(at)) / 2)
        .min(high.saturating_sub(at) / 2);
    let mut best = at;
    // The levels are taken outside of what is searched first, then on both sides of what was found.
    for gap in [reach, 0] {
        let sides = (
            values.get(low..best.saturating_sub(gap)),
            values.get(best + gap..high),
        );
        let (Some(left), Some(right)) = sides else {
            return at;
        };
        if left.len() < FEWEST || right.len() < FEWEST {
            return at;
        }
        let (Some(before), Some(after)) = (median(left), median(right)) else {
            return at;
        };
        if (after - before) / size < SHOWN {
            return at;
        }
        best = split(values, at - reach, at + reach, before, after);
    }
    best
}

/// The first index of the new level, between the two.
fn split(values: &[f64], low: usize, high: usize, before: f64, after: f64) -> usize {
    let mut best = (0.0, low);
    let mut cost = 0.0;
    for (i, v) in (low..high).zip(values.get(low..high).unwrap_or(&[])) {
        // What it costs more to count this sample to the old level than to the new one.
        cost += (v - before).abs() - (v - after).abs();
        if cost < best.0 {
            best = (cost, i + 1);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misplaced_step_is_put_right_and_spikes_do_not_move_it() {
        let mut values: Vec<f64> = (0..200)
            .map(|i| if i < 100 { 1.0 } else { 9.0 } + 0.1 * f64::from(i % 3))
            .collect();
        values[97] = 80.0;
        values[104] = -50.0;
        for at in 92..=108 {
            assert_eq!(snapped(&values, 0, at, 200, 8.0), 100, "from {at}");
        }
        assert_eq!(snapped(&values, 0, 50, 200, 8.0), 50, "no step there");
        assert_eq!(snapped(&values, 0, 2, 200, 8.0), 2, "nothing to compare");
        assert_eq!(snapped(&[], 0, 0, 0, 8.0), 0);
    }
}
