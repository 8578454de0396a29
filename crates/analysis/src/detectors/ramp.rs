//! Ramps: a level that moves over to another one along a line, rather than in one step.

use super::super::series::robust::median;

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
const GRID: usize = 24;
/// A ramp must leave less than this share of what the steps leave unexplained: a step through noise
/// is a very short ramp, so that a tie goes to the step.
const BETTER: f64 = 0.75;
/// Shortest ramp, in samples.
const SHORTEST: usize = 8;

/// The ramp that explains `values[from..to]` better than the steps at `steps` do, if one does.
pub(crate) fn instead_of(values: &[f64], from: usize, steps: &[usize], to: usize) -> Option<Ramp> {
    let part = values.get(from..to)?;
    if part.len() < 4 * SHORTEST || steps.is_empty() {
        return None;
    }
    let steps: Vec<usize> = steps.iter().filter_map(|s| s.checked_sub(from)).collect();
    let by_steps = left_by_steps(part, &steps)?;
    let (first, last) = (*steps.first()?, *steps.last()?);
    let mut best: Option<(f64, usize, usize)> = None;
    let starts = grid(SHORTEST / 2, first);
    for &start in &starts {
        for end in grid(last + 1, part.len() - SHORTEST / 2) {
            consider(part, start, end, &mut best);
        }
    }
    let stride = (first / GRID + 1).max((part.len() - last) / GRID + 1);
    let (_, start, end) = best?;
    for s in start.saturating_sub(stride)..=start + stride {
        consider(part, s, end, &mut best);
    }
    let (left, start, end) = best?;
    if end - start < SHORTEST || left > BETTER * by_steps {
        return None;
    }
    Some(Ramp {
        start: from + start,
        end: from + end,
        before: median(part.get(..start)?)?,
        after: median(part.get(end..)?)?,
    })
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
