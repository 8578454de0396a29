//! The local level: what a series is near to for a few hours.

use crate::series::{
    blocks,
    robust::{median_of, running_median},
};

/// Samples of a block, and blocks of the running median: 120 samples, far more than what is looked for
/// and less than the day.
const BLOCK: usize = 8;
const WINDOW: usize = 15;

/// Distances from the running median, signed.
pub(super) fn distances(values: &[f64]) -> Vec<f64> {
    let block = BLOCK.max(blocks::size(values.len()));
    let means = blocks::means(values, block);
    if means.len() < WINDOW {
        let centre = median_of(&mut values.to_vec()).unwrap_or(0.0);
        return values.iter().map(|v| v - centre).collect();
    }
    let level = running_median::<WINDOW>(&means);
    // Linear between the middles of the blocks.
    let share = |i: usize| (i as f64 + 0.5) / block as f64 - 0.5;
    let (early, late): (Vec<f64>, Vec<f64>) = (0..block).map(share).partition(|s| *s < 0.0);
    let at = |k: usize| level.get(k).or(level.last()).copied().unwrap_or(0.0);
    let mut out = Vec::with_capacity(values.len());
    for (k, part) in values.chunks(block).enumerate() {
        let (before, here, after) = (at(k.saturating_sub(1)), at(k), at(k + 1));
        let (first, second) = part.split_at(early.len().min(part.len()));
        for (half, shares, slope) in [
            (first, &early, here - before),
            (second, &late, after - here),
        ] {
            out.extend(
                half.iter()
                    .zip(shares)
                    .map(|(v, share)| v - here - slope * share),
            );
        }
    }
    out
}
