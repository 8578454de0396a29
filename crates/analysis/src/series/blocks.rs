//! Long sequences in blocks, so that a search costs no more than one of a few thousand samples.

use super::robust::{larger, smaller};
use std::borrow::Cow;

/// Most blocks: 14 days at five minutes, 3.3 days at one.
const MOST: usize = 4_800;

/// Samples a block.
pub(crate) fn size(n: usize) -> usize {
    size_of_at_most(n, MOST)
}

/// Samples a block where there shall be at most so many blocks.
pub(crate) fn size_of_at_most(n: usize, most: usize) -> usize {
    n.div_ceil(most).max(1)
}

/// The mean of the middle half of every block of `size` samples: a lone spike in it counts nothing.
/// What is left at the end is less than a block and belongs to none.
pub(crate) fn means(values: &[f64], size: usize) -> Cow<'_, [f64]> {
    if size <= 1 {
        return Cow::Borrowed(values);
    }
    let mut sorted = Vec::with_capacity(size);
    let blocks = values.chunks_exact(size).map(|block| match size {
        4..8 => without_one(block),
        8..12 => without_two(block),
        _ => {
            sorted.clear();
            sorted.extend_from_slice(block);
            sorted.sort_unstable_by(f64::total_cmp);
            let cut = sorted.len() / 4;
            let middle = sorted.get(cut..sorted.len() - cut).unwrap_or(&sorted);
            middle.iter().sum::<f64>() / middle.len() as f64
        }
    });
    Cow::Owned(blocks.collect())
}

/// Mean without the smallest and the largest; no need to sort.
fn without_one(block: &[f64]) -> f64 {
    let (mut sum, mut low, mut high) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
    for v in block {
        sum += v;
        low = smaller(low, *v);
        high = larger(high, *v);
    }
    (sum - low - high) / (block.len() - 2) as f64
}

/// Mean without the two smallest and the two largest.
fn without_two(block: &[f64]) -> f64 {
    let (mut sum, mut low, mut high) = (0.0, [f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for v in block {
        sum += v;
        low = [smaller(low[0], *v), smaller(low[1], larger(low[0], *v))];
        high = [larger(high[0], *v), larger(high[1], smaller(high[0], *v))];
    }
    (sum - (low[0] + low[1]) - (high[0] + high[1])) / (block.len() - 4) as f64
}

/// The first instant of every block.
pub(crate) fn firsts(times: &[i64], size: usize) -> Cow<'_, [i64]> {
    if size <= 1 {
        return Cow::Borrowed(times);
    }
    let blocks = times.chunks_exact(size);
    Cow::Owned(blocks.filter_map(|b| b.first().copied()).collect())
}
