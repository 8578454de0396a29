//! When the driver left its level, as sharply as the samples and the balance's physics say.

use super::spender::{Excess, mean};
use crate::{case::Signal, series::robust};
use model::{
    Timestamp,
    analysis::{ChangeKind, ChangePoint, Direction},
    time::{DAY, HOUR},
};

/// An onset.
#[derive(Clone, Copy)]
pub(super) struct Onset {
    /// First sample of the new level.
    pub at: Timestamp,
    /// Half width of the interval around it, seconds.
    pub uncertainty_s: i64,
}

impl Onset {
    fn of(change: &ChangePoint, signal: &Signal) -> Self {
        Self {
            at: change.at,
            uncertainty_s: change.uncertainty_s.max(signal.data.step_ms / 1000),
        }
    }
}

/// When the excess began that empties the balance.
///
/// The balance knows it by physics: its slope turns where the use turns, and noise in the use is
/// summed away. So the rise in the I/O is first looked for right there, in the samples themselves;
/// only without one the change points have to do. From it the search goes back over earlier rises,
/// because a full balance shows the use only from the baseline on.
pub(super) fn onset(signal: &Signal, from: Timestamp, until: Timestamp, size: &Excess) -> Onset {
    let gain = size.after - size.before;
    let rises: Vec<&ChangePoint> = signal
        .sure(0.6)
        .filter(|c| c.kind != ChangeKind::Variance && c.direction == Direction::Up)
        .filter(|c| c.after - c.before >= 0.1 * gain)
        .filter(|c| c.at >= from.plus(-DAY) && c.at <= until)
        .collect();
    let nearest = || {
        rises
            .iter()
            .min_by_key(|c| {
                c.at.since(from)
                    .saturating_abs()
                    .saturating_add(c.uncertainty_s * 1000)
            })
            .map(|c| Onset::of(c, signal))
    };
    let Some(mut first) = jump(signal, from, gain).or_else(nearest) else {
        return Onset {
            at: from,
            uncertainty_s: (10 * signal.data.step_ms / 1000).max(300),
        };
    };
    for c in rises.iter().rev() {
        let back = first.at.since(c.at);
        // A change as vague as its distance is the same change, seen less well.
        if back <= (c.uncertainty_s + first.uncertainty_s) * 1000 {
            continue;
        }
        let between = signal.data.calm_between(c.at, first.at);
        let low = size.before + 0.05 * gain;
        let held = robust::median(between).is_some_and(|m| m > low);
        if back > 12 * HOUR || !held {
            break;
        }
        first = Onset::of(c, signal);
    }
    first
}

/// Samples on each side of a jump.
const BESIDE: usize = 30;
/// Least share of the whole excess that begins with a jump.
const JUMP_SHARE: f64 = 0.2;
/// A jump's size in standard errors of the difference of the means on its two sides.
const JUMP_ERRORS: f64 = 5.0;

/// The jump of a series within half an hour of `near`, by least squares on the samples as they are.
fn jump(signal: &Signal, near: Timestamp, gain: f64) -> Option<Onset> {
    let data = &signal.data;
    let reach = (HOUR / 2).max(3 * data.step_ms);
    let low = data.index(near.plus(-reach)).max(BESIDE / 5);
    let high = data.index(near.plus(reach)).min(data.len());
    let from = low.saturating_sub(BESIDE);
    let values = data
        .values
        .get(from..(high + BESIDE).min(data.len()))
        .filter(|v| v.len() > BESIDE)?;
    let split = (low - from..high.saturating_sub(from))
        .filter_map(|i| Some((i, mean(values.get(..i)?)?, mean(values.get(i..)?)?)))
        .max_by(|a, b| weight(values, a).total_cmp(&weight(values, b)))?;
    let (i, before, after) = split;
    let left: f64 = values
        .iter()
        .enumerate()
        .map(|(k, v)| (v - if k < i { before } else { after }).powi(2))
        .sum();
    let (l, r) = (i as f64, (values.len() - i) as f64);
    let error = (left / values.len() as f64 * (1.0 / l + 1.0 / r)).sqrt();
    let size = after - before;
    (size >= JUMP_SHARE * gain && size >= JUMP_ERRORS * error).then(|| Onset {
        at: data.at(from + i),
        uncertainty_s: data.step_ms / 1000,
    })
}

/// What a split explains of the sum of squares.
fn weight(values: &[f64], (i, before, after): &(usize, f64, f64)) -> f64 {
    let (l, r) = (*i as f64, (values.len() - i) as f64);
    (after - before).powi(2) * l * r / (l + r)
}
