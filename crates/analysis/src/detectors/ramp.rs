//! Ramps: a level that moves over to another one along a line, rather than in one step.
//!
//! Level, line, level is fitted by least squares to the cleaned values between the neighbours. It is the
//! simpler story where it costs less than the steps do, each shift having its price (a ramp, which
//! needs two places, has one and a half).

use crate::series::robust::{MAD_TO_SD, median, median_of};

/// A ramp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ramp {
    /// First index of the slope.
    pub start: usize,
    /// First index of the new level.
    pub end: usize,
    /// Level before.
    pub before: f64,
    /// Level after.
    pub after: f64,
}

/// Positions tried per side; the finer search goes on from the best of them.
const GRID: usize = 16;
/// Shortest ramp, in samples.
const SHORTEST: usize = 8;
/// Fewest samples of the levels beside it.
const FEWEST_BESIDE: usize = 4;
/// Samples beside the steps that are looked at: this many times what is between the steps, and at least
/// this many.
const REACH: (usize, usize) = (4, 64);
/// Price of a ramp, in steps.
const PRICE: f64 = 1.5;

/// The ramp that explains `values[from..to]` better than the steps at `steps` do, if one does; a step
/// costs `penalty`.
pub(crate) fn instead_of(
    values: &[f64],
    from: usize,
    steps: &[usize],
    to: usize,
    penalty: f64,
) -> Option<Ramp> {
    let (first, last) = (*steps.first()?, *steps.last()?);
    // Far from the steps the level says nothing about how they came about.
    let reach = (REACH.0 * (last - first)).max(REACH.1);
    let from = from.max(first.saturating_sub(reach));
    let to = to.min(last + reach);
    let part = values.get(from..to)?;
    let fit = Fit::of(part);
    let inside: Vec<usize> = steps.iter().map(|s| s - from).collect();
    let (explained, start, end) = fit.best(first - from, last - from)?;
    let by_steps = fit.by_steps(&inside) - penalty * steps.len() as f64;
    if end - start < SHORTEST || explained - PRICE * penalty < by_steps {
        return None;
    }
    Some(Ramp {
        start: from + start,
        end: from + end,
        before: median(part.get(..start)?)?,
        after: median(part.get(end..)?)?,
    })
}

/// Share of a ramp that a jump must be to be its beginning.
const JUMP: f64 = 0.25;
/// Samples on each side of a jump.
const BESIDE: usize = 12;
/// Spreads of these samples that it must exceed.
const CLEAR: f64 = 3.0;
/// Share of the ramp that may lie before that jump.
const BEFORE: f64 = 0.1;
/// Share of the ramp's length by which its line may seem to begin after the jump.
const LATE: usize = 20;
/// Share of a step that the few samples around it must hold where the place was chosen to show it best.
const SHARP: f64 = 0.8;

/// Whether a shift is a step at an index that was chosen by the samples themselves.
pub(crate) fn is_step(values: &[f64], from: usize, at: usize, to: usize) -> bool {
    let part = |a: usize, b: usize| median(values.get(a.max(from)..b.min(to))?);
    let near = part(at, at + 5).zip(part(at.saturating_sub(5), at));
    let whole = part(at, to).zip(part(from, at));
    near.zip(whole)
        .is_some_and(|((b, a), (d, c))| (b - a) / (d - c) >= SHARP)
}

/// Where a ramp that begins with a jump begins: at the jump, where that is a good part of it; else `start`.
pub(crate) fn begun(values: &[f64], from: usize, ramp: &Ramp, jump: usize) -> usize {
    let (at, to) = (jump, ramp.end);
    let length = to.saturating_sub(ramp.start);
    let inside = at < to && ramp.start.saturating_sub(at) * LATE <= length;
    // A jump after half of the way is no beginning.
    let early = 2 * at.saturating_sub(ramp.start) <= length;
    let size = ramp.after - ramp.before;
    let before = median(
        values
            .get(at.saturating_sub(BESIDE).max(from)..at)
            .unwrap_or(&[]),
    );
    let level = before.is_some_and(|b| (b - ramp.before).abs() <= BEFORE * size.abs());
    if inside && early && level && jumps(values, from, at, to, size) {
        at
    } else {
        ramp.start
    }
}

/// Whether a ramp of that size from `at` to `to` begins with a jump: then it is known to the sample where it
/// begins, and else it is not.
pub(crate) fn jumps(values: &[f64], from: usize, at: usize, to: usize, size: f64) -> bool {
    let sides = [
        at.saturating_sub(BESIDE).max(from)..at,
        at..(at + BESIDE).min(to),
    ];
    let [Some(before), Some(after)] = sides.map(|side| values.get(side)) else {
        return false;
    };
    let (Some(low), Some(high)) = (median(before), median(after)) else {
        return false;
    };
    let mut rests: Vec<f64> = before.iter().map(|v| (v - low).abs()).collect();
    rests.extend(after.iter().map(|v| (v - high).abs()));
    let spread = MAD_TO_SD * median_of(&mut rests).unwrap_or(0.0);
    (high - low) / size >= JUMP && (high - low).abs() >= CLEAR * spread
}

/// Sums that give the squares explained by any ramp in one step.
struct Fit {
    /// Sums of the values less their mean, and of these times their index.
    values: Vec<f64>,
    moments: Vec<f64>,
}

impl Fit {
    fn of(part: &[f64]) -> Self {
        let centre = part.iter().sum::<f64>() / part.len().max(1) as f64;
        let (mut value, mut moment) = (0.0, 0.0);
        let (mut values, mut moments) = (vec![0.0], vec![0.0]);
        for (i, v) in part.iter().enumerate() {
            value += v - centre;
            moment += (v - centre) * i as f64;
            values.push(value);
            moments.push(moment);
        }
        Self { values, moments }
    }

    fn len(&self) -> usize {
        self.values.len() - 1
    }

    fn sum(of: &[f64], from: usize, to: usize) -> f64 {
        let at = |i: usize| of.get(i).copied().unwrap_or(0.0);
        at(to) - at(from)
    }

    /// What the squares lose by levels between steps.
    fn by_steps(&self, steps: &[usize]) -> f64 {
        let mut from = 0;
        let mut explained = 0.0;
        for to in steps.iter().copied().chain([self.len()]) {
            let sum = Self::sum(&self.values, from, to);
            explained += sum * sum / (to - from).max(1) as f64;
            from = to;
        }
        explained
    }

    /// What the squares lose by level, line and level.
    fn by_ramp(&self, start: usize, end: usize) -> f64 {
        let (n, length) = (self.len() as f64, (end - start) as f64);
        let tail = n - end as f64;
        // The share of the way that is gone: from 0 at `start` to 1 at `end`.
        let shares = (length - 1.0) / 2.0 + tail;
        let squares = (length - 1.0) * (2.0 * length - 1.0) / (6.0 * length) + tail;
        let along = Self::sum(&self.moments, start, end)
            - start as f64 * Self::sum(&self.values, start, end);
        let product = along / length + Self::sum(&self.values, end, self.len());
        product * product / (squares - shares * shares / n)
    }

    /// The best ramp around the steps from `first` to `last`: what it explains, start and end.
    fn best(&self, first: usize, last: usize) -> Option<(f64, usize, usize)> {
        let mut best: Option<(f64, usize, usize)> = None;
        for start in grid(FEWEST_BESIDE, first + 1) {
            for end in grid(last + 1, self.len().saturating_sub(FEWEST_BESIDE)) {
                self.consider(start, end, &mut best);
            }
        }
        let mut stride = (first / GRID).max((self.len() - last) / GRID) + 1;
        while stride > 0 {
            let (_, start, end) = best?;
            let inner = (stride / 4).max(1);
            for s in (start.saturating_sub(stride)..=start + stride).step_by(inner) {
                for e in (end.saturating_sub(stride)..=end + stride).step_by(inner) {
                    self.consider(s, e, &mut best);
                }
            }
            stride /= 4;
        }
        best
    }

    fn consider(&self, start: usize, end: usize, best: &mut Option<(f64, usize, usize)>) {
        let inside = start >= FEWEST_BESIDE && start < end && end + FEWEST_BESIDE <= self.len();
        if !inside {
            return;
        }
        let explained = self.by_ramp(start, end);
        if explained.is_finite() && best.is_none_or(|(most, _, _)| explained > most) {
            *best = Some((explained, start, end));
        }
    }
}

fn grid(from: usize, to: usize) -> impl Iterator<Item = usize> {
    let stride = (to.saturating_sub(from) / GRID).max(1);
    (from..to).step_by(stride)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_told_from_a_step() {
        let wobble = |i: usize| ((i * 7919) % 13) as f64 / 13.0;
        let ramp: Vec<f64> = (0..300)
            .map(|i| (i as f64 - 100.0).clamp(0.0, 100.0) / 5.0 + wobble(i))
            .collect();
        let found = instead_of(&ramp, 0, &[150], 300, 2.0).unwrap();
        assert!(found.start.abs_diff(100) <= 4, "{found:?}");
        assert!(found.end.abs_diff(200) <= 4, "{found:?}");
        let step: Vec<f64> = (0..300)
            .map(|i| if i < 150 { 0.0 } else { 20.0 } + wobble(i))
            .collect();
        assert_eq!(instead_of(&step, 0, &[150], 300, 2.0), None);
    }
}
