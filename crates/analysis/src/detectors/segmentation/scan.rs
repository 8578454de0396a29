//! Moving sums: the noise at every width, and the candidates.

use crate::series::robust::{MAD_TO_SD, median_of};

/// Width from which the long-run variance is taken.
const LONG_RUN_WIDTH: usize = 8;
/// Weight of the penalty: this times ln(n) times the long-run variance. BIC has 2 for a change of the
/// mean in white noise; the noise is measured and its tails are heavier than normal ones.
const PENALTY: f64 = 6.0;
/// Widths are measured where the series holds at least this many.
const ENOUGH: usize = 18;
/// Wider ones, of which it still holds this many, are extrapolated.
const FEWEST: usize = 4;
/// What is added to the slope of the noise, as logarithms, where it is extrapolated.
const CAUTION: f64 = 0.1;
/// Narrowest width that is measured.
const NARROWEST: usize = 4;
/// Samples from which the noise at a width is taken.
const SAMPLE: usize = 600;
/// Narrowest width at which candidates are looked for; each next one is twice as wide, and selecting and
/// refining does the rest.
const NARROWEST_CANDIDATE: usize = 6;
/// Most candidates: selection is quadratic in them.
const MOST: usize = 192;

/// Sums that give any mean in one step.
pub(super) struct Sums {
    of: Vec<f64>,
    squares: f64,
}

impl Sums {
    /// Sums of the values less their mean, so that little of a far-away level is rounded away.
    pub(super) fn of(values: &[f64]) -> Self {
        let centre = values.iter().sum::<f64>() / values.len().max(1) as f64;
        let (mut total, mut squares) = (0.0, 0.0);
        let mut of = Vec::with_capacity(values.len() + 1);
        of.push(0.0);
        for v in values {
            total += v - centre;
            squares += (v - centre) * (v - centre);
            of.push(total);
        }
        Self { of, squares }
    }

    fn at(&self, i: usize) -> f64 {
        self.of.get(i).copied().unwrap_or(0.0)
    }

    /// Squares of the values around their mean.
    pub(super) fn squares(&self) -> f64 {
        self.squares
    }

    pub(super) fn len(&self) -> usize {
        self.of.len() - 1
    }

    /// Mean of a piece, less that of the whole.
    pub(super) fn mean(&self, from: usize, to: usize) -> f64 {
        (self.at(to) - self.at(from)) / (to.saturating_sub(from)).max(1) as f64
    }

    /// Difference of the means of `w` samples after and before an index, less the mean of the same one width
    /// earlier and later: what a slope does not show in.
    pub(super) fn bend(&self, index: usize, w: usize) -> f64 {
        let difference = |i: usize| self.mean(i, i + w) - self.mean(i.saturating_sub(w), i);
        difference(index) - difference(index - w).midpoint(difference(index + w))
    }

    /// What the squares lose by giving a piece a level of its own.
    pub(super) fn explained(&self, from: usize, to: usize) -> f64 {
        let sum = self.at(to) - self.at(from);
        sum * sum / (to.saturating_sub(from)).max(1) as f64
    }

    /// Differences of the means of `w` samples after and before every `stride`-th index from `w` to
    /// `n - w`.
    fn differences(&self, w: usize, stride: usize) -> impl Iterator<Item = f64> {
        let scale = 1.0 / w as f64;
        let ends = self.of.get(2 * w..).unwrap_or(&[]);
        let middles = self.of.get(w..).unwrap_or(&[]);
        self.of
            .iter()
            .zip(middles)
            .zip(ends)
            .step_by(stride)
            .map(move |((a, m), b)| (a + b - 2.0 * m) * scale)
    }
}

/// Noise of a difference of two neighbouring means of one width.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub width: usize,
    pub noise: f64,
}

/// Widths, about two an octave.
fn widths(from: usize, n: usize) -> impl Iterator<Item = usize> {
    let mut next = from;
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

/// The noise at every width of which the series holds enough, narrowest first; for wider ones it goes on
/// as it went, but falls a little less. At least half of what white noise of this spread would have:
/// periods that cancel out are no certainty.
pub(super) fn scales(sums: &Sums, spread: f64) -> Vec<Scale> {
    let n = sums.len();
    let mut scratch = Vec::with_capacity(SAMPLE + 1);
    let mut out: Vec<Scale> = Vec::new();
    for width in widths(NARROWEST, n).take_while(|w| *w == NARROWEST || w * FEWEST <= n) {
        let noise = if width == NARROWEST || width * ENOUGH <= n {
            let least = 0.5 * spread * (2.0 / width as f64).sqrt();
            noise(sums, width, &mut scratch).max(least)
        } else {
            extrapolated(&out, width)
        };
        out.push(Scale { width, noise });
    }
    out
}

/// The noise at a width that is wider than all that were measured.
fn extrapolated(narrower: &[Scale], width: usize) -> f64 {
    let Some(last) = narrower.last() else {
        return f64::INFINITY;
    };
    let before = narrower.iter().rev().find(|s| s.width * 3 <= last.width);
    let slope = before.map_or(0.0, |b| {
        (last.noise / b.noise).ln() / (last.width as f64 / b.width as f64).ln()
    });
    let slope = (slope + CAUTION).clamp(-0.5 + CAUTION, 0.25);
    last.noise
        * (width as f64 / last.width as f64).powf(if slope.is_finite() { slope } else { 0.0 })
}

/// Standard deviation of the differences at a width, by their median distance from zero.
fn noise(sums: &Sums, width: usize, scratch: &mut Vec<f64>) -> f64 {
    let stride = sums.len() / SAMPLE + 1;
    scratch.clear();
    scratch.extend(sums.differences(width, stride).map(f64::abs));
    MAD_TO_SD * median_of(scratch).unwrap_or(0.0)
}

/// What the choice among widths and places costs, in noises; at 1.1 fewer than half of the weakest are
/// right on real series with known changes.
const CHOICE: f64 = 1.6;

/// What counts at a width, in noises: the universal threshold for the maximum over all positions, plus
/// what the choice among widths costs.
pub(super) fn threshold(n: usize, width: usize) -> f64 {
    (2.0 * (2.0 * n as f64 / width as f64).ln()).sqrt() + CHOICE
}

/// Steps that stand out at one width: index and size. What a season does within the width is taken off by
/// the differences one width earlier and later, which a step does not show in.
pub(super) fn sharp(sums: &Sums, width: usize) -> Vec<(usize, f64)> {
    let n = sums.len();
    let w = width.clamp(SHARP.0, SHARP.1);
    let bends: Vec<f64> = (0..(n + 1).saturating_sub(4 * w))
        .map(|i| sums.bend(i + 2 * w, w))
        .collect();
    let noise = bend_noise(sums, w);
    // A little lower than what a shift needs: a step too many is put right when levels and profile take
    // turns.
    let least = noise * (threshold(n, w) - 0.1);
    let mut out: Vec<(usize, f64)> = Vec::new();
    for (i, d) in bends.iter().enumerate().filter(|(_, d)| d.abs() > least) {
        let index = i + 2 * w;
        match out.last_mut() {
            Some(last) if index < last.0 + w => {
                if d.abs() > last.1.abs() {
                    *last = (index, *d);
                }
            }
            _ => out.push((index, *d)),
        }
    }
    out
}

/// Usual size of the bends at a width.
fn bend_noise(sums: &Sums, w: usize) -> f64 {
    let places = (sums.len() + 1).saturating_sub(4 * w);
    let mut sample: Vec<f64> = (0..places)
        .step_by(places / SAMPLE + 1)
        .map(|i| sums.bend(i + 2 * w, w).abs())
        .collect();
    MAD_TO_SD * median_of(&mut sample).unwrap_or(0.0)
}

/// Widths at which a step may stand out from a season that is not known: more than a burst, less than
/// a season bends within.
const BENDS: [usize; 2] = [24, 48];

/// The noise of bends at these widths, as far as the series is long enough.
pub(super) fn bend_scales(sums: &Sums, spread: f64) -> Vec<Scale> {
    BENDS
        .into_iter()
        .filter(|w| w * ENOUGH <= sums.len())
        .map(|width| Scale {
            width,
            noise: bend_noise(sums, width).max(spread * (2.0 / width as f64).sqrt()),
        })
        .collect()
}

/// Least and most width at which sharp steps are looked for.
const SHARP: (usize, usize) = (8, 64);

/// Long-run variance: that of a mean times its width, which autocorrelation makes larger than that of a
/// sample; at least the latter.
pub(super) fn long_run(scales: &[Scale], spread: f64) -> f64 {
    let scale = scales.iter().rev().find(|s| s.width <= LONG_RUN_WIDTH);
    let of_means = scale.map_or(0.0, |s| s.noise * s.noise * s.width as f64 / 2.0);
    of_means.max(spread * spread)
}

/// What a shift must take off the squares: [`PENALTY`] ln(n) times the long-run variance.
pub(super) fn penalty(sums: &Sums, long_run: f64) -> f64 {
    let n = sums.len() as f64;
    // Sums of n values carry rounding of this size: a shift below it is none.
    let magnitude = sums.of.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let rounding = (magnitude * 1e-13).powi(2) + f64::MIN_POSITIVE;
    PENALTY * n.ln() * long_run + rounding
}

/// Indices at which a moving sum has a local maximum that is worth half of the penalty; the best
/// of them, in order.
pub(super) fn candidates(sums: &Sums, n: usize, penalty: f64) -> Vec<usize> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for w in
        std::iter::successors(Some(NARROWEST_CANDIDATE), |w| Some(2 * w)).take_while(|w| 2 * w <= n)
    {
        // Wide means change slowly: a sixteenth of the width loses nothing that refining would not
        // find again.
        let stride = (w / 16).max(1);
        let least = (0.5 * penalty * 2.0 / w as f64).sqrt();
        let reach = (w / 2).div_ceil(stride);
        let mut best: Option<(usize, f64)> = None;
        for (i, d) in sums.differences(w, stride).map(f64::abs).enumerate() {
            if d > least && best.is_none_or(|(_, high)| d > high) {
                best = Some((i, d));
            } else if let Some((k, high)) = best
                && (d <= least || i - k >= reach)
            {
                found.push((k * stride + w, high * high * w as f64 / 2.0));
                best = None;
            }
        }
        if let Some((k, high)) = best {
            found.push((k * stride + w, high * high * w as f64 / 2.0));
        }
    }
    if found.len() > MOST {
        found.select_nth_unstable_by(MOST, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(MOST);
    }
    let mut at: Vec<usize> = found.into_iter().map(|f| f.0).collect();
    at.sort_unstable();
    at.dedup();
    at
}

/// Moves every shift to where the split between its neighbours is sharpest.
pub(super) fn refine(sums: &Sums, at: &mut Vec<usize>, n: usize) {
    for _ in 0..2 {
        let old = at.clone();
        for (k, slot) in at.iter_mut().enumerate() {
            let before = k.checked_sub(1).and_then(|k| old.get(k)).copied();
            let after = old.get(k + 1).copied();
            *slot = sharpest(sums, before.unwrap_or(0), *slot, after.unwrap_or(n));
        }
        // Two neighbours may have moved to, or past, the same place.
        at.sort_unstable();
        at.dedup();
    }
}

/// Index within a stretch at which the standardised difference of the means on both sides (CUSUM,
/// Page 1955) is largest.
fn sharpest(sums: &Sums, from: usize, near: usize, to: usize) -> usize {
    let reach = near
        .saturating_sub(from)
        .min(to.saturating_sub(near))
        .clamp(NARROWEST, FARTHEST);
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

/// Farthest that refining moves a shift.
const FARTHEST: usize = 128;
