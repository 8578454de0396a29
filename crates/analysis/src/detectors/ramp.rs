//! Ramps: a level that moves over to another one along a line, rather than in one step.

use crate::series::robust::median;

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
/// A ramp must leave less than this share of what the steps leave unexplained: a step through noise
/// is a very short ramp, so that a tie goes to the step.
const BETTER: f64 = 0.9;
/// Several steps up in a row need only be no better: one ramp is the simpler story.
const AS_GOOD: f64 = 1.02;
/// Shortest ramp, in samples.
const SHORTEST: usize = 8;

/// Most points that a fit looks at; a longer stretch is thinned to means.
const POINTS: usize = 256;

/// The ramp that explains `values[from..to]` better than the steps at `steps` do, if one does.
pub(crate) fn instead_of(values: &[f64], from: usize, steps: &[usize], to: usize) -> Option<Ramp> {
    let (first, last) = (*steps.first()?, *steps.last()?);
    if steps.len() == 1 && is_sharp(values, from, first, to) {
        return None;
    }
    // Far from the steps the level says nothing about how they came about.
    let reach = 4 * (last - first).max(16);
    let from = from.max(first.saturating_sub(reach));
    let to = to.min(last + reach);
    let whole = values.get(from..to)?;
    let block = whole.len() / POINTS + 1;
    let thin: Vec<f64> = whole.chunks(block).map(mean).collect();
    let inside: Vec<usize> = steps.iter().map(|s| (s - from) / block).collect();
    let (start, end) = fitted(&thin, &inside)?;
    let (start, end) = (from + start * block, from + end * block);
    if end - start < SHORTEST {
        return None;
    }
    Some(Ramp {
        start,
        end,
        before: median(values.get(from..start)?)?,
        after: median(values.get(end..to)?)?,
    })
}

/// Share of a step that the few samples around it must hold, so that it is no slope. Higher where
/// the place was chosen to show it best.
const SHARP: f64 = 0.6;
const SHARP_WHERE_BEST: f64 = 0.8;
/// Share of a ramp that a jump must be to be its beginning.
const JUMP: f64 = 0.5;
/// Share of the ramp that may lie before that jump.
const BEFORE: f64 = 0.1;

/// Whether a shift is a step at an index that was chosen by the samples themselves.
pub(crate) fn is_step(values: &[f64], from: usize, at: usize, to: usize) -> bool {
    held(values, from, at, to).is_some_and(|share| share >= SHARP_WHERE_BEST)
}

/// Where a ramp that begins with a jump begins: at the jump, where that is half of it; else `start`.
pub(crate) fn begun(values: &[f64], from: usize, ramp: &Ramp, jump: usize) -> usize {
    let (at, to) = (jump, ramp.end);
    let inside = ramp.start < at && at < to;
    let part = |a: usize, b: usize| median(values.get(a.max(from)..b)?);
    let near = part(at, at + 5).zip(part(at.saturating_sub(5), at));
    // A jump after half of the way is no beginning.
    let early = 2 * (at.saturating_sub(ramp.start)) <= to.saturating_sub(ramp.start);
    let level = |a: f64| (a - ramp.before).abs() <= BEFORE * (ramp.after - ramp.before).abs();
    match near {
        Some((b, a))
            if inside && early && level(a) && (b - a) / (ramp.after - ramp.before) >= JUMP =>
        {
            at
        }
        _ => ramp.start,
    }
}

/// Whether the few samples around a step already hold most of it.
fn is_sharp(values: &[f64], from: usize, at: usize, to: usize) -> bool {
    held(values, from, at, to).is_none_or(|share| share >= SHARP)
}

/// Share of a step that the five samples on each side of it hold.
fn held(values: &[f64], from: usize, at: usize, to: usize) -> Option<f64> {
    let part = |a: usize, b: usize| median(values.get(a.max(from)..b.min(to))?);
    let near = part(at, at + 5)? - part(at.saturating_sub(5), at)?;
    Some(near / (part(at, to)? - part(from, at)?))
}

/// Start and end of the best ramp through `part`, where it beats the steps.
fn fitted(part: &[f64], steps: &[usize]) -> Option<(usize, usize)> {
    let (first, last) = (*steps.first()?, *steps.last()?);
    if part.len() < 4 * SHORTEST {
        return None;
    }
    let by_steps = left_by_steps(part, steps)?;
    let mut best: Option<(f64, usize, usize)> = None;
    for start in grid(SHORTEST / 2, first + 1) {
        for end in grid(last + 1, part.len() - SHORTEST / 2) {
            consider(part, start, end, &mut best);
        }
    }
    let (_, start, end) = best?;
    let stride = (first / GRID).max((part.len() - last) / GRID) + 1;
    for s in start.saturating_sub(stride)..=start + stride {
        consider(part, s, end, &mut best);
    }
    let (left, start, end) = best?;
    let most = if steps.len() > 1 { AS_GOOD } else { BETTER };
    (left <= most * by_steps).then_some((start, end))
}

fn grid(from: usize, to: usize) -> Vec<usize> {
    let stride = (to.saturating_sub(from) / GRID).max(1);
    (from..to).step_by(stride).collect()
}

fn consider(part: &[f64], start: usize, end: usize, best: &mut Option<(f64, usize, usize)>) {
    if start < 2 || start >= end || end + 2 > part.len() {
        return;
    }
    let left = left_by_ramp(part, start, end);
    if left.is_finite() && best.is_none_or(|(least, _, _)| left < least) {
        *best = Some((left, start, end));
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Sum of absolute rests of a piecewise constant fit.
fn left_by_steps(part: &[f64], steps: &[usize]) -> Option<f64> {
    let mut from = 0;
    let mut left = 0.0;
    for to in steps.iter().copied().chain([part.len()]) {
        let piece = part.get(from..to)?;
        let level = median(piece)?;
        left += piece.iter().map(|v| (v - level).abs()).sum::<f64>();
        from = to;
    }
    Some(left)
}

/// Sum of absolute rests of level, line, level.
fn left_by_ramp(part: &[f64], start: usize, end: usize) -> f64 {
    let (head, tail) = (part.get(..start), part.get(end..));
    let (before, after) = (mean(head.unwrap_or(&[])), mean(tail.unwrap_or(&[])));
    let length = (end - start) as f64;
    part.iter()
        .enumerate()
        .map(|(i, v)| {
            let share = (i as f64 - start as f64) / length;
            (v - before - (after - before) * share.clamp(0.0, 1.0)).abs()
        })
        .sum()
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
        let found = instead_of(&ramp, 0, &[150], 300).unwrap();
        assert!(found.start.abs_diff(100) <= 8, "{found:?}");
        let step: Vec<f64> = (0..300)
            .map(|i| if i < 150 { 0.0 } else { 20.0 } + wobble(i))
            .collect();
        assert_eq!(instead_of(&step, 0, &[150], 300), None);
    }
}
