//! A sharp shift of the net rate: something began to spend on top of the ordinary load.
//!
//! What was before is no measure for the level, but still for the ordinary load's days and for what
//! it differs. So the past is kept and moved by the shift, as if what began had always been there.

use super::rate::Path;
use crate::{
    detectors::segmentation,
    series::{robust, season},
};
use model::time::{DAY, HOUR};

/// A shift is sharp when it is this many times what the rate differs from hour to hour.
const SHARP: f64 = 5.0;
/// What a shift that has lasted an hour may be off, as a share of it; less with the square root of
/// the time that it has lasted.
const OFF: f64 = 0.2;

/// A sharp shift.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    /// Error of its size, unit per second.
    pub error: f64,
}

/// The path with what came before each sharp shift moved by it, and the last one. `known`: further
/// instants at which the rate may shift, milliseconds before the path's end. They are those of the
/// balance as it is, at its own resolution; the path has none of its own where the bucket was full.
pub(super) fn lifted(mut path: Path, known: &[i64]) -> (Path, Option<Shift>) {
    let n = path.len();
    let index = |ms: &i64| n.saturating_sub((ms / path.step_ms.max(1)) as usize);
    let mut bounds = bounds(&path);
    bounds.extend(known.iter().map(index));
    bounds.sort_unstable();
    bounds.dedup();
    let mut last = None;
    for pair in bounds.windows(2).rev() {
        let [before, at] = *pair else { continue };
        if at >= n || at <= before {
            continue;
        }
        let Some(size) = sharp(&path, before, at) else {
            continue;
        };
        // The sums before the shift fall (or rise) by as much a step as those after it.
        for (i, sum) in path.sums.iter_mut().enumerate() {
            *sum -= size * at.saturating_sub(i) as f64;
        }
        if last.is_some() {
            continue;
        }
        let lasted = (n - at) as f64 * path.step_ms as f64 / HOUR as f64;
        let per_s = 1000.0 / path.step_ms as f64;
        last = Some(Shift {
            error: OFF * size.abs() * per_s / lasted.max(0.25).sqrt(),
        });
    }
    (path, last)
}

/// Where stretches of equal rate begin, and the path's end.
fn bounds(path: &Path) -> Vec<usize> {
    let changes = path.sums.iter().zip(path.sums.iter().skip(1));
    let rates: Vec<f64> = changes.map(|(a, b)| b - a).collect();
    let times: Vec<i64> = (0..).map(|i| i * path.step_ms).take(rates.len()).collect();
    let calm = season::remove(&times, &rates, path.step_ms).unwrap_or(rates);
    let mut out = vec![0];
    out.extend(segmentation::shifts(&calm, 1.0).iter().map(|s| s.index));
    out.push(path.len());
    out.dedup();
    out
}

/// Size of the shift at a step, per step, where it is sharp.
fn sharp(path: &Path, before: usize, at: usize) -> Option<f64> {
    let n = path.len();
    let (day, hour) = (path.steps(DAY), path.steps(HOUR));
    let early = before.max(at.saturating_sub(day));
    let rough = path.mean(at, n) - path.mean(early, at);
    let block = hour.min((n - at) / 3).max(1);
    let mut rests = Vec::new();
    for (from, to) in [(early, at), (at, n)] {
        let level = path.mean(from, to);
        let blocks = (from..to).step_by(block).filter(|i| i + block <= to);
        rests.extend(blocks.map(|i| (path.mean(i, i + block) - level).abs()));
    }
    let spread = robust::median_of(&mut rests)? * robust::MAD_TO_SD;
    if rough == 0.0 || rough.abs() <= SHARP * spread {
        return None;
    }
    // Against the same hours of the day before, where there is one, so that a night is no shift.
    let last = (n - at).min(day);
    let same = at.checked_sub(day).filter(|from| *from >= before);
    Some(match same {
        Some(from) => path.mean(at, at + last) - path.mean(from, from + last),
        None => rough,
    })
}
