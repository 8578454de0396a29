//! Change points of a series: shifts of the level, ramps (reported at their onset), and shifts of
//! the spread.
//!
//! The season is removed first; the shifts are found by [`super::segmentation`]. Shifts of the same
//! direction that a line explains better become one ramp ([`super::ramp`]); the others are timed to the
//! sample ([`super::snap`]). The spread is searched
//! by the same method on the logarithm of the distance from the running median.

use super::{
    ramp,
    segmentation::{self, Shift},
    snap,
};
use crate::{
    Detection, Settings,
    series::{Prepared, robust},
};
use model::analysis::{ChangeKind, ChangePoint, Direction};

/// Fewest samples for judging the spread: the logarithm of a distance is noisy.
const FEWEST_FOR_SPREAD: usize = 120;
/// Least change of the spread: a factor of two (natural logarithm).
const LEAST_SPREAD_CHANGE: f64 = 0.69;

/// Adds the change points of a series, in order of time.
pub(crate) fn detect(series: &Prepared, settings: &Settings, found: &mut Detection) {
    let shifts = segmentation::shifts(&series.calm, settings.strictness);
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
    1.0 - 0.45 * (-1.6 * (clarity - 1.0).max(0.0)).exp()
}

fn levels_and_ramps(series: &Prepared, shifts: &[Shift]) -> Vec<ChangePoint> {
    let mut points = Vec::new();
    let mut k = 0;
    while let Some(shift) = shifts.get(k) {
        let run = same_direction(shifts, k);
        let from = k
            .checked_sub(1)
            .and_then(|k| shifts.get(k))
            .map_or(0, |s| s.index);
        let next = |run: usize| shifts.get(k + run).map_or(series.len(), |s| s.index);
        let size = shift.after - shift.before;
        let index = snap::snapped(&series.calm, from, shift.index, next(1), size);
        let chained = |run: usize| {
            let to = next(run);
            let steps: Vec<usize> = shifts.iter().skip(k).take(run).map(|s| s.index).collect();
            ramp::instead_of(&series.calm, from, &steps, to).map(|r| (r, run))
        };
        // The whole run, then halves of it: a run of many steps is one long ramp or none.
        let runs = std::iter::successors(Some(run), |r| Some(r / 2).filter(|r| *r > 0));
        // Beside its place even a clean step looks like a slope: it is judged where it belongs.
        let is_step = ramp::is_step(&series.calm, from, index, next(1));
        let found = runs.into_iter().filter(|_| !is_step).find_map(chained);
        if let Some((ramp, run)) = found {
            points.push(point(
                series,
                &Shift {
                    index: ramp::begun(&series.calm, from, &ramp, index),
                    before: ramp.before,
                    after: ramp.after,
                    ..*shift
                },
                ChangeKind::Slope,
                ((ramp.end - ramp.start) / 8).max(1),
            ));
            k += run;
        } else {
            points.push(point(
                series,
                &Shift { index, ..*shift },
                ChangeKind::Level,
                1,
            ));
            k += 1;
        }
    }
    points
}

/// Number of shifts from `k` on that go the same way.
fn same_direction(shifts: &[Shift], k: usize) -> usize {
    let way = |s: &Shift| s.after > s.before;
    let Some(first) = shifts.get(k).map(way) else {
        return 0;
    };
    shifts
        .iter()
        .skip(k)
        .take(256)
        .take_while(|s| way(s) == first)
        .count()
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
    if series.len() < FEWEST_FOR_SPREAD {
        return Vec::new();
    }
    let smooth = robust::median_filter5(&series.calm);
    let distances: Vec<f64> = series
        .calm
        .iter()
        .zip(&smooth)
        .map(|(v, m)| (v - m).abs())
        .collect();
    let usual = robust::median(&distances).unwrap_or(0.0);
    if usual <= 0.0 {
        return Vec::new();
    }
    let logs: Vec<f64> = distances.iter().map(|d| (d / usual + 0.05).ln()).collect();
    segmentation::shifts(&logs, 1.15 * settings.strictness)
        .iter()
        .filter(|s| (s.after - s.before).abs() >= LEAST_SPREAD_CHANGE && s.width >= 24)
        .filter(|s| {
            let near = (s.width / 4).max(24);
            levels.iter().all(|l| l.index.abs_diff(s.index) > near)
        })
        .map(|s| {
            let level = |log: f64| usual * log.exp();
            let as_spread = Shift {
                before: level(s.before),
                after: level(s.after),
                ..*s
            };
            point(series, &as_spread, ChangeKind::Variance, 4)
        })
        .collect()
}
