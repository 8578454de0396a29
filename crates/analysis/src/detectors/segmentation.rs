//! Level shifts in a sequence of numbers: multiscale moving sums, narrowest over threshold.
//!
//! For widths from a few samples to half the series, the mean of the next `w` samples less the mean
//! of the last `w` (a MOSUM statistic, Eichinger and Kirch 2018) is compared with its own usual size
//! *in this series at this width*. That is where autocorrelation comes in: instead of assuming
//! AR(1), the noise of a mean over `w` samples is measured for each `w` and only extrapolated for
//! widths of which the series holds too few. Of overlapping findings the narrowest counts
//! (Baranowski, Chen and Fryzlewicz 2019), so that one shift hides no neighbour; then the weakest
//! are merged away until every one that is left stands by the medians on its two sides.
//! Cost: O(n) a width, about two widths an octave: O(n log n).

mod prune;
mod tame;

use super::bursts;
use crate::series::robust::{MAD_TO_SD, median, median_filter5, median_of, quantile_of};
use prune::{levels, prune};

/// A shift of the level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift {
    /// First index of the new level.
    pub index: usize,
    /// Median before, since the previous shift at most.
    pub before: f64,
    /// Median after, to the next shift at most.
    pub after: f64,
    /// Size over the noise at its width, as a multiple of the threshold: 1 and more counts.
    pub strength: f64,
    /// The same at the width at which it is clearest, at least `strength`: noise grows with the width
    /// in autocorrelated series, so that a step between two long levels is clearest close by.
    pub clarity: f64,
    /// Width at which it was seen, samples.
    pub width: usize,
}

/// Narrowest means.
const SHORTEST: usize = 4;
/// Widths are measured where the series holds at least this many; wider ones are extrapolated.
const ENOUGH_BLOCKS: usize = 24;

/// Noise of a difference of two neighbouring means, by width.
struct Scale {
    width: usize,
    noise: f64,
    threshold: f64,
}

/// Sums that give any mean in one step.
struct Sums(Vec<f64>);

impl Sums {
    fn of(values: &[f64]) -> Self {
        let mut total = 0.0;
        let mut sums = Vec::with_capacity(values.len() + 1);
        sums.push(0.0);
        for v in values {
            total += v;
            sums.push(total);
        }
        Self(sums)
    }

    fn mean(&self, from: usize, to: usize) -> f64 {
        let at = |i: usize| self.0.get(i).copied().unwrap_or(0.0);
        (at(to) - at(from)) / (to.saturating_sub(from)).max(1) as f64
    }

    /// Differences of the means of `w` samples after and before every `stride`-th index from `w` to
    /// `n - w`.
    fn differences(&self, w: usize, stride: usize, out: &mut Vec<f64>) {
        out.clear();
        let scale = 1.0 / w as f64;
        let ends = self.0.get(2 * w..).unwrap_or(&[]);
        let middles = self.0.get(w..).unwrap_or(&[]);
        out.extend(
            self.0
                .iter()
                .zip(middles)
                .zip(ends)
                .step_by(stride)
                .map(|((a, m), b)| (a + b - 2.0 * m) * scale),
        );
    }
}

/// Level shifts of a sequence, in order. `strictness` multiplies the threshold.
///
/// A series that leaves its level again and again for a short while does so by nature: where three
/// or more such bursts are alike they are taken out and the rest is searched again. The search is
/// on tamed values; the levels of what it finds are medians of the values as they are.
pub(crate) fn shifts(values: &[f64], strictness: f64) -> Vec<Shift> {
    let mut rest = tame::tamed(values);
    let mut found = once(&rest, strictness);
    for _ in 0..ROUNDS {
        let usual = bursts::usual(&found, values.len());
        if usual.is_empty() {
            break;
        }
        bursts::take_out(&mut rest, &usual);
        found = once(&rest, strictness);
    }
    let at: Vec<usize> = found.iter().map(|s| s.index).collect();
    for (k, shift) in found.iter_mut().enumerate() {
        let from = k
            .checked_sub(1)
            .and_then(|k| at.get(k))
            .copied()
            .unwrap_or(0);
        let to = at.get(k + 1).copied().unwrap_or(values.len());
        if let Some((before, after)) = levels(values, from, shift.index, to) {
            shift.before = before;
            shift.after = after;
        }
    }
    found
}

/// Times that bursts are taken out: behind the high ones there may be lower ones.
const ROUNDS: usize = 3;

fn once(values: &[f64], strictness: f64) -> Vec<Shift> {
    let n = values.len();
    let Some(centre) = median(values).filter(|_| n >= 3 * SHORTEST) else {
        return Vec::new();
    };
    let smooth: Vec<f64> = median_filter5(values).iter().map(|v| v - centre).collect();
    let sums = Sums::of(&smooth);
    let (scales, mut found) = scan(&sums, &smooth, strictness);
    found.sort_unstable();
    found.dedup();
    let mut at = refine(&sums, &found, n);
    prune(values, &sums, &scales, &mut at)
}

/// Noise at every width, and the candidates, narrowest first.
fn scan(sums: &Sums, smooth: &[f64], strictness: f64) -> (Vec<Scale>, Vec<usize>) {
    let n = smooth.len();
    let magnitude = smooth.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let mut scales: Vec<Scale> = Vec::new();
    let mut found: Vec<(usize, usize)> = Vec::new();
    let (mut buffer, mut scratch) = (Vec::with_capacity(n), Vec::new());
    for w in widths(n) {
        // Wide means change slowly: a thirty-second of the width loses nothing.
        let stride = (w / 32).max(1);
        sums.differences(w, stride, &mut buffer);
        let (noise, tail) = noise_of(&buffer, &mut scratch, &scales, w, n);
        // Sums of n values carry rounding of this size: a shift below it is none.
        let noise = noise.max(magnitude * n as f64 * 1e-15);
        let threshold = strictness * tail * threshold(n, w);
        if noise > 0.0 {
            peaks(&buffer, noise * threshold, w, stride, &mut found);
        }
        scales.push(Scale {
            width: w,
            noise,
            threshold,
        });
    }
    (scales, found.into_iter().map(|(i, _)| i).collect())
}

/// Widths, about two an octave.
fn widths(n: usize) -> impl Iterator<Item = usize> {
    let mut next = SHORTEST;
    std::iter::from_fn(move || {
        let w = next;
        // 4, 6, 8, 12, 16, 24, …
        next = if w.is_power_of_two() {
            w + w / 2
        } else {
            w + w / 3
        };
        (2 * w <= n).then_some(w)
    })
}

/// Universal threshold for the maximum over the positions of one width, plus what the choice among
/// widths costs.
fn threshold(n: usize, w: usize) -> f64 {
    let normal = (2.0 * (2.0 * n as f64 / w as f64).ln()).sqrt() + 1.1;
    // Means of few samples still have the heavy tails of the samples themselves.
    normal * (1.0 + 2.5 / w as f64)
}

/// Noise and weight of the tails of the differences at a width.
fn noise_of(
    differences: &[f64],
    scratch: &mut Vec<f64>,
    narrower: &[Scale],
    w: usize,
    n: usize,
) -> (f64, f64) {
    scratch.clear();
    // A sample of a few thousand gives the spread to a few per cent.
    let stride = (differences.len() / 2_000).max(1);
    scratch.extend(differences.iter().step_by(stride).map(|d| d.abs()));
    let mean = scratch.iter().sum::<f64>() / scratch.len().max(1) as f64;
    let spread = MAD_TO_SD * median_of(scratch).unwrap_or(0.0);
    // Where most samples are equal, the median says nothing and the mean has to.
    let measured = spread.max(0.25 * mean);
    let tails = quantile_of(scratch, 0.9).unwrap_or(0.0) / 1.645;
    let tail = if measured > 0.0 {
        (tails / measured).clamp(1.0, 1.6)
    } else {
        1.0
    };
    if w * ENOUGH_BLOCKS <= n || narrower.len() < 3 {
        return (measured, tail);
    }
    // Too few blocks to measure, and shifts fill much of them: go on as the narrower widths went,
    // unless what is measured is smaller still.
    let (last, before) = (narrower.last(), narrower.get(narrower.len() - 3));
    let (Some(last), Some(before)) = (last, before) else {
        return (measured, tail);
    };
    let ratio = |a: f64, b: f64| if b > 0.0 { (a / b).ln() } else { 0.0 };
    let exponent = (ratio(last.noise, before.noise)
        / ratio(last.width as f64, before.width as f64))
    .clamp(-0.5, 0.25);
    let extrapolated = last.noise * (w as f64 / last.width as f64).powf(exponent);
    let white = last.noise * (w as f64 / last.width as f64).powf(-0.5);
    (
        measured.clamp(white, extrapolated.max(white)),
        tail.min(1.2),
    )
}

/// Adds the highest point of every stretch above the threshold, unless a narrower width already
/// has one there.
fn peaks(
    differences: &[f64],
    least: f64,
    w: usize,
    stride: usize,
    found: &mut Vec<(usize, usize)>,
) {
    let mut best: Option<(usize, f64)> = None;
    let mut begun = 0;
    let mut fresh = Vec::new();
    for (i, d) in differences.iter().map(|d| d.abs()).chain([0.0]).enumerate() {
        if d > least {
            match best {
                Some((_, high)) if d <= high => {}
                Some(_) => best = Some((i, d)),
                None => {
                    begun = i;
                    best = Some((i, d));
                }
            }
        }
        if (d <= least || (i - begun) * stride >= 2 * w)
            && let Some((at, _)) = best.take()
        {
            begun = i;
            fresh.push(at * stride + w);
        }
    }
    let narrower = found.len();
    for at in fresh {
        let taken = found
            .iter()
            .take(narrower)
            .any(|(other, _)| other.abs_diff(at) < w);
        if !taken {
            found.push((at, w));
        }
    }
}

/// Moves every candidate to where the split between its neighbours is sharpest.
fn refine(sums: &Sums, candidates: &[usize], n: usize) -> Vec<usize> {
    let mut out = candidates.to_vec();
    for _ in 0..2 {
        let old = out.clone();
        for (k, slot) in out.iter_mut().enumerate() {
            let before = k.checked_sub(1).and_then(|k| old.get(k)).copied();
            let after = old.get(k + 1).copied();
            *slot = sharpest(sums, before.unwrap_or(0), *slot, after.unwrap_or(n));
        }
        // Two neighbours may have moved to, or past, the same place.
        out.sort_unstable();
        out.dedup();
    }
    out
}

/// Index within a stretch at which the standardised difference of the means on both sides (CUSUM,
/// Page 1955) is largest.
fn sharpest(sums: &Sums, from: usize, near: usize, to: usize) -> usize {
    let reach = near
        .saturating_sub(from)
        .min(to.saturating_sub(near))
        .max(SHORTEST);
    let (from, to) = (
        from.max(near.saturating_sub(3 * reach)),
        to.min(near + 3 * reach),
    );
    let mut best = (near, 0.0);
    let low = (from + 2).max(near.saturating_sub(reach));
    for i in low..to.saturating_sub(1).min(near + reach) {
        let (l, r) = ((i - from) as f64, (to - i) as f64);
        let d = (sums.mean(i, to) - sums.mean(from, i)).abs() * (l * r / (l + r)).sqrt();
        if d > best.1 {
            best = (i, d);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic noise, roughly normal: the sum of twelve uniform numbers.
    pub(crate) fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..n)
            .map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0)
            .collect()
    }

    #[test]
    fn three_shifts_in_noise_and_no_more() {
        let n = 4_320;
        let mut values = noise(n, 1);
        for (i, v) in values.iter_mut().enumerate() {
            *v += match i * 100 / n {
                0..20 => 0.0,
                20..50 => 3.0,
                50..75 => 1.0,
                _ => 2.5,
            };
        }
        let found: Vec<usize> = shifts(&values, 1.0).iter().map(|s| s.index).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        for (at, truth) in found.iter().zip([864_usize, 2160, 3240]) {
            assert!(at.abs_diff(truth) <= 10, "{found:?}");
        }
    }

    #[test]
    fn noise_alone_has_no_shift() {
        let false_ones: usize = (1..=20).map(|s| shifts(&noise(2_000, s), 1.0).len()).sum();
        assert!(false_ones <= 1, "{false_ones}");
    }

    #[test]
    fn strong_autocorrelation_is_not_a_chain_of_shifts() {
        let mut level = 0.0;
        let values: Vec<f64> = noise(4_000, 3)
            .into_iter()
            .map(|e| {
                level = 0.95 * level + e;
                level
            })
            .collect();
        assert!(shifts(&values, 1.0).len() <= 1);
    }

    #[test]
    fn a_step_without_any_noise_is_found_exactly() {
        let values: Vec<f64> = (0..400).map(|i| if i < 123 { 5.0 } else { 7.0 }).collect();
        let found = shifts(&values, 1.0);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].index, found[0].before, found[0].after),
            (123, 5.0, 7.0)
        );
        assert!(shifts(&[1.0; 500], 1.0).is_empty());
        assert!(shifts(&[], 1.0).is_empty());
    }
}
