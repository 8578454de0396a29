//! Change points of a series: shifts of the level, ramps (reported at their onset), and shifts of
//! the spread.
//!
//! The season is removed first; shifts and ramps are found by [`super::segmentation`], and the steps are
//! timed to the sample ([`super::snap`]). Those across a gap must be more than drift ([`super::gaps`]). The spread is searched by the same method on the logarithm of
//! the distance of every sample from the middle of its two neighbours.

use super::{
    gaps, ramp,
    segmentation::{self, Shift},
    snap, spread,
};
use crate::{Detection, Settings, series::Prepared};
use model::analysis::{ChangeKind, ChangePoint, Direction};

/// Adds the change points of a series, in order of time.
pub(crate) fn detect(series: &Prepared, settings: &Settings, found: &mut Detection) {
    let mut shifts = segmentation::shifts(&series.calm, settings.strictness);
    shifts.retain(|s| !gaps::explains(series, s));
    let mut points = levels_and_ramps(series, &shifts);
    for point in spreads(series, settings, &shifts) {
        points.push(point);
    }
    points.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.at.cmp(&b.at)));
    points.truncate(settings.most_per_series);
    points.sort_by_key(|c| (c.at, c.kind));
    found.changepoints = points;
}

/// Probability that a shift of this clarity (1 is the threshold) is real.
pub(crate) fn confidence(clarity: f64) -> f64 {
    1.0 - 0.5 * (-1.6 * (clarity - 1.0).max(0.0)).exp()
}

fn levels_and_ramps(series: &Prepared, shifts: &[Shift]) -> Vec<ChangePoint> {
    shifts
        .iter()
        .enumerate()
        .map(|(k, shift)| {
            if shift.is_ramp() {
                let size = shift.after - shift.before;
                let length = shift.end - shift.index;
                let sharp = ramp::jumps(&series.calm, 0, shift.index, shift.end, size);
                let steps = if sharp { 1 } else { (length / 8).max(1) };
                return point(series, shift, ChangeKind::Slope, steps);
            }
            let before = k.checked_sub(1).and_then(|k| shifts.get(k));
            let from = before.map_or(0, |s| s.end);
            let to = shifts.get(k + 1).map_or(series.len(), |s| s.index);
            let size = shift.after - shift.before;
            let index = snap::snapped(&series.calm, from, shift.index, to, size);
            point(series, &Shift { index, ..*shift }, ChangeKind::Level, 1)
        })
        .collect()
}

fn point(series: &Prepared, shift: &Shift, kind: ChangeKind, steps: usize) -> ChangePoint {
    ChangePoint {
        series: String::new(),
        at: series.at(shift.index),
        direction: if shift.after >= shift.before {
            Direction::Up
        } else {
            Direction::Down
        },
        before: shift.before,
        after: shift.after,
        confidence: confidence(shift.clarity),
        kind,
        uncertainty_s: uncertainty(series, shift, steps),
    }
}

/// Half width of the interval around a shift: one period, more where the shift hardly exceeds the
/// noise (the error of a change point falls with the square of its size; Yao 1987).
fn uncertainty(series: &Prepared, shift: &Shift, steps: usize) -> i64 {
    let samples = (4.0 / shift.clarity.max(0.5).powi(2))
        .ceil()
        .max(steps as f64);
    (samples * series.step_ms as f64 / 1000.0).min(1e9) as i64
}

/// Shifts of the spread away from shifts of the level.
fn spreads(series: &Prepared, settings: &Settings, levels: &[Shift]) -> Vec<ChangePoint> {
    spread::shifts(&series.calm, settings.strictness)
        .iter()
        .filter(|s| {
            let near = (s.width / 4).max(24);
            levels.iter().all(|l| l.index.abs_diff(s.index) > near)
        })
        .map(|s| point(series, s, ChangeKind::Variance, 4))
        .collect()
}
