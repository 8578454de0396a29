//! The course of a balance: when the drain began, zero, recovery, and its state at the end.

use crate::{
    detectors::segmentation,
    series::{Prepared, season},
};
use model::{Timestamp, analysis::CreditState, time::MINUTE};

/// A balance as a curve with its net rate.
pub(crate) struct Curve<'a> {
    pub data: &'a Prepared,
    pub values: &'a [f64],
    /// Change per second from each sample to the next; one fewer than samples.
    pub rates: Vec<f64>,
    /// Largest balance seen.
    pub top: f64,
    /// Balance at or below which it is at zero.
    pub zero: f64,
}

/// What happened, as indices into the curve.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    pub drain_start: Option<usize>,
    pub exhausted: Option<usize>,
    pub recovery: Option<usize>,
    pub state: CreditState,
    pub drain_per_s: Option<f64>,
    /// First rate of the regime that the window ends in.
    pub regime: usize,
    /// Where stretches of equal net rate begin and end.
    pub bounds: Vec<usize>,
}

/// A fall counts as a drain when it takes at least this share of the largest balance: a day's
/// ordinary ups and downs are less, and a balance that loses a fiftieth a window lasts for months.
const LEAST_FALL: f64 = 0.02;
/// A balance this near to the top is full.
const FULL: f64 = 0.995;

impl<'a> Curve<'a> {
    pub(crate) fn of(data: &'a Prepared, zero_share: f64) -> Option<Self> {
        if data.len() < 5 {
            return None;
        }
        let rates = data
            .times
            .iter()
            .zip(&data.values)
            .zip(data.times.iter().zip(&data.values).skip(1))
            .map(|((t0, v0), (t1, v1))| (v1 - v0) * 1000.0 / t1.saturating_sub(*t0).max(1) as f64)
            .collect();
        let top = data.values.iter().copied().fold(0.0, f64::max);
        Some(Self {
            data,
            values: &data.values,
            rates,
            top,
            zero: top * zero_share.clamp(0.0, 0.5),
        })
    }

    pub(crate) fn at(&self, i: usize) -> Timestamp {
        self.data.at(i)
    }

    pub(crate) fn value(&self, i: usize) -> f64 {
        self.values.get(i).copied().unwrap_or(0.0)
    }

    /// Mean net rate from sample `from` to sample `to`: exact, whatever the noise between.
    pub(crate) fn mean_rate(&self, from: usize, to: usize) -> f64 {
        let seconds = self.at(to).since(self.at(from)) as f64 / 1000.0;
        if seconds > 0.0 {
            (self.value(to) - self.value(from)) / seconds
        } else {
            0.0
        }
    }
}

/// What happened to a balance.
pub(crate) fn course(curve: &Curve<'_>) -> Course {
    let last = curve.values.len() - 1;
    let exhausted = exhausted(curve);
    let bounds = regimes(curve);
    let end = exhausted.unwrap_or_else(|| lowest_after_top(curve));
    let drain_start = drain_start(curve, &bounds, end);
    let recovery = recovery(curve, exhausted, drain_start, end);
    let regime = bounds.iter().rev().nth(1).copied().unwrap_or(0);
    let mut course = Course {
        drain_start,
        exhausted,
        recovery,
        regime: regime.max(recovery.unwrap_or(0)).min(last - 1),
        ..Course::default()
    };
    course.drain_per_s = drain_start.map(|from| -curve.mean_rate(from, end));
    course.state = state(curve, &course);
    course.bounds = bounds;
    course
}

/// The first sample at zero. Within the tolerance it goes on to the half of it where that is
/// reached in the same fall, which halves the error that the tolerance makes.
fn exhausted(curve: &Curve<'_>) -> Option<usize> {
    let near = curve.values.iter().position(|v| *v <= curve.zero)?;
    let deeper = (near..curve.values.len())
        .take_while(|i| curve.value(*i) <= curve.zero)
        .take_while(|i| curve.at(*i).since(curve.at(near)) <= 10 * MINUTE)
        .find(|i| curve.value(*i) <= curve.zero / 2.0);
    Some(deeper.unwrap_or(near))
}

/// Ends of the stretches of equal net rate: zero, every shift, and the last sample.
fn regimes(curve: &Curve<'_>) -> Vec<usize> {
    let calm = season::remove(
        curve.data.times.get(1..).unwrap_or(&[]),
        &curve.rates,
        curve.data.step_ms,
    );
    let rates = calm.as_ref().unwrap_or(&curve.rates);
    let mut bounds = vec![0];
    bounds.extend(segmentation::shifts(rates, 1.0).iter().map(|s| s.index));
    bounds.push(curve.values.len() - 1);
    bounds.dedup();
    bounds
}

/// Index of the lowest balance after the largest fall from a running maximum.
fn lowest_after_top(curve: &Curve<'_>) -> usize {
    let (mut top, mut fall, mut at) = (f64::MIN, 0.0, curve.values.len() - 1);
    for (i, v) in curve.values.iter().enumerate() {
        top = top.max(*v);
        if top - v >= fall {
            fall = top - v;
            at = i;
        }
    }
    at
}

/// Start of the run of falling stretches that ends at `end`.
fn drain_start(curve: &Curve<'_>, bounds: &[usize], end: usize) -> Option<usize> {
    let total_top = curve
        .values
        .get(..=end)?
        .iter()
        .copied()
        .fold(f64::MIN, f64::max);
    let fall = total_top - curve.value(end);
    if end == 0 || fall < LEAST_FALL * curve.top {
        return None;
    }
    // A stretch belongs to the drain while it falls at a tenth of the drain's mean rate or more.
    let mut start = None;
    let mut rate: f64 = 0.0;
    for pair in bounds.windows(2).rev() {
        let [from, to] = *pair else { continue };
        if from >= end {
            continue;
        }
        let here = -curve.mean_rate(from, to.min(end));
        let lost = curve.value(from) - curve.value(end);
        if start.is_some() && (here < 0.1 * rate || here <= 0.0) {
            // A short pause (a quiet night, a gap) does not end a drain that goes on before it.
            let higher = curve
                .values
                .get(..from)
                .unwrap_or(&[])
                .iter()
                .any(|v| *v > curve.value(to) + 0.25 * fall);
            if !higher {
                break;
            }
            continue;
        }
        if here > 0.0 {
            start = Some(from);
            rate = rate.max(lost / (curve.at(end).since(curve.at(from)) as f64 / 1000.0).max(1.0));
        }
    }
    start
}

/// When it began to rise again for good.
fn recovery(
    curve: &Curve<'_>,
    exhausted: Option<usize>,
    drain_start: Option<usize>,
    end: usize,
) -> Option<usize> {
    let least = match exhausted {
        Some(_) => 0.01 * curve.top,
        None => 0.1 * (curve.value(drain_start?) - curve.value(end)),
    };
    let level = match exhausted {
        Some(_) => curve.zero,
        None => curve.value(end),
    };
    let risen = (end..curve.values.len()).find(|i| curve.value(*i) > level + least)?;
    (end..risen).rev().find(|i| curve.value(*i) <= level)
}

fn state(curve: &Curve<'_>, course: &Course) -> CreditState {
    let last = curve.values.len() - 1;
    let now = curve.value(last);
    if curve.top <= 0.0 || now <= curve.zero {
        return CreditState::Exhausted;
    }
    if course.recovery.is_some() {
        return if now >= FULL * curve.top {
            CreditState::Full
        } else {
            CreditState::Recovering
        };
    }
    // What the present regime would take away or add in a day, against the largest balance.
    let daily = curve.mean_rate(course.regime, last) * 86_400.0 / curve.top;
    let draining = course.drain_start.is_some() && now <= FULL * curve.top;
    if draining && daily < -LEAST_FALL {
        CreditState::Draining
    } else if now >= FULL * curve.top {
        CreditState::Full
    } else if daily > LEAST_FALL {
        CreditState::Recovering
    } else {
        CreditState::Steady
    }
}
