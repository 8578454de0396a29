//! Which candidates stand: levels by medians, the weakest merged away first.

use super::{Scale, Shift, Sums};
use crate::series::robust::median;

/// Fewest samples of a level. A shorter stay is a spike, which is an anomaly and no new level.
const SHORTEST_LEVEL: usize = 10;

/// Merges the weakest away until all stand.
pub(super) fn prune(
    values: &[f64],
    sums: &Sums,
    scales: &[Scale],
    at: &mut Vec<usize>,
) -> Vec<Shift> {
    let n = values.len();
    let judge = |at: &[usize], k: usize| -> Option<Shift> {
        let i = *at.get(k)?;
        let from = k.checked_sub(1).and_then(|k| at.get(k)).copied();
        let to = at.get(k + 1).copied().unwrap_or(n);
        judged(values, sums, scales, from.unwrap_or(0), i, to)
    };
    let mut all: Vec<Option<Shift>> = (0..at.len()).map(|k| judge(at, k)).collect();
    loop {
        let weakest = all
            .iter()
            .enumerate()
            .map(|(k, s)| (k, s.map_or(0.0, |s| s.strength)))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        match weakest {
            Some((k, strength)) if strength < 1.0 => {
                at.remove(k);
                all.remove(k);
                for near in [k.checked_sub(1), Some(k)].into_iter().flatten() {
                    let again = judge(at, near);
                    if let Some(slot) = all.get_mut(near) {
                        *slot = again;
                    }
                }
            }
            _ => return all.into_iter().flatten().collect(),
        }
    }
}

/// Most samples on each side that a level is taken from.
const SIDE: usize = 2_000;

/// Medians on both sides of `i`, of equally long sides: the noise was measured for such.
pub(super) fn levels(values: &[f64], from: usize, i: usize, to: usize) -> Option<(f64, f64)> {
    let width = i.saturating_sub(from).min(to.saturating_sub(i)).min(SIDE);
    let before = median(values.get(i.checked_sub(width)?..i)?)?;
    Some((before, median(values.get(i..i + width)?)?))
}

/// The shift at `i` between its neighbours, by medians.
fn judged(
    values: &[f64],
    sums: &Sums,
    scales: &[Scale],
    from: usize,
    i: usize,
    to: usize,
) -> Option<Shift> {
    let width = i.saturating_sub(from).min(to.saturating_sub(i));
    // At the ends of the series nobody knows how it goes on.
    let at_an_end = (from == 0 && i == width) || (to == values.len() && to - i == width);
    let least = if at_an_end {
        SHORTEST_LEVEL * 3 / 2
    } else {
        SHORTEST_LEVEL
    };
    if width < least {
        return None;
    }
    let (before, after) = levels(values, from, i, to)?;
    let means = (sums.mean(i, i + width) - sums.mean(i - width, i)).abs();
    // By means, because the noise was measured on means; by medians, because a burst moves means.
    let size = (after - before).abs().min(means);
    let scale = scales
        .iter()
        .rev()
        .find(|s| s.width <= width)
        .or(scales.first())?;
    let strength = times(size, scale);
    let close_by = |s: &Scale| {
        let (before, after) = (sums.mean(i - s.width, i), sums.mean(i, i + s.width));
        times((after - before).abs(), s)
    };
    let clarity = scales
        .iter()
        .take_while(|s| s.width <= width)
        .map(close_by)
        .fold(strength, f64::max);
    Some(Shift {
        index: i,
        before,
        after,
        strength,
        clarity,
        width,
    })
}

/// A difference of means as a multiple of what counts at that width.
fn times(size: f64, scale: &Scale) -> f64 {
    let least = scale.noise * scale.threshold;
    if least > 0.0 {
        size / least
    } else if size > 0.0 {
        1e3
    } else {
        0.0
    }
}
