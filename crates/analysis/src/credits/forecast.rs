//! When a falling balance will reach zero.
//!
//! The balance falls at a mean net rate that is known give or take its error ([`super::rate`]): the
//! probability that it has reached zero by a time is that of a mean rate low enough. An instance's
//! load is known for two days ahead at most, so that a forecast looks two days ahead and is the
//! middle of what can happen within them, except where the rate is steady.

use super::{
    bucket::Bucket,
    drain::{Course, Curve},
    normal,
    rate::{Path, Rate},
    shift,
};
use model::{
    analysis::Forecast,
    time::{DAY, HOUR, MINUTE},
};

/// Longest time looked ahead where the rate is steady: a year's end of a slow drain is no news.
const FARTHEST: i64 = 60 * DAY;
/// Time looked ahead where it is not.
const AHEAD: i64 = 2 * DAY;
/// A rate is steady when its error is at most this share of it.
const STEADY: f64 = 0.3;
/// No rate is known better than to this share, however steady it was: a pod goes, a size is metered
/// anew.
const LEAST_ERROR: f64 = 0.05;
/// Least probability of reaching zero within the time looked ahead.
const LIKELY: f64 = 0.5;
/// Widest 90 % interval of a forecast that tells whose shift it hits: eight hours either way. A
/// wider one may be half as wide as the time that is left.
const WIDEST: i64 = 16 * HOUR;
/// A balance falls now when it has over this time.
const NOW: i64 = 3 * HOUR;
/// Finest distance of the steps looked back at.
const FINEST: i64 = 5 * MINUTE;
/// Steps at most: a fortnight of five minutes.
const MOST_STEPS: i64 = 4_032;

/// What can be said about the time ahead.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ahead {
    /// It will be there at a time.
    Sure(Forecast),
    /// It will probably be there; when is too uncertain to be called a forecast.
    Rough(Forecast),
    /// It falls, but will hardly be there within the time that can be looked ahead.
    Later,
    /// It does not fall, or nobody can tell.
    Nothing,
}

/// Looks ahead from the last sample.
pub(crate) fn ahead(curve: &Curve<'_>, course: &Course, bucket: Option<&Bucket>) -> Ahead {
    let last = curve.values.len() - 1;
    let left = curve.value(last) - curve.zero;
    let Some(path) = path(curve, bucket) else {
        return Ahead::Nothing;
    };
    let (path, shift) = shift::lifted(path, &bounds(curve, course));
    // First by the rate of the last day, then over the time that it leaves.
    let day = (DAY / path.step_ms) as usize;
    let n = path.sums.len() - 1;
    let usual = path.mean(n.saturating_sub(day), n) * 1000.0 / path.step_ms as f64;
    let Some(mut rate) = path.rate(time_left(left, usual)) else {
        return Ahead::Nothing;
    };
    rate.error = rate
        .error
        .hypot(shift.map_or(0.0, |s| s.error))
        .max(LEAST_ERROR * rate.mean.abs());
    if rate.mean >= 0.0 || left <= 0.0 {
        return Ahead::Nothing;
    }
    let steady = rate.error <= STEADY * -rate.mean;
    let expected = time_left(left, rate.mean);
    let horizon = if steady {
        (2 * expected).clamp(AHEAD, FARTHEST)
    } else {
        AHEAD
    };
    let reach = Reach::of(left, rate, horizon);
    if reach.within < LIKELY || (steady && expected > FARTHEST) {
        return Ahead::Later;
    }
    let at = |share: f64| curve.at(last).plus(reach.quantile(share));
    let forecast = Forecast {
        exhausts_at: at(0.5),
        low: at(0.05),
        high: at(0.95),
    };
    let width = forecast.high.since(forecast.low);
    let left_ms = forecast.exhausts_at.since(curve.at(last));
    // Where it has risen for hours, something may have ended; and the past says nothing about a time
    // that is longer than itself.
    let falling = path.mean(n.saturating_sub(path.steps(NOW)), n) < 0.0;
    let seen = i64::try_from(n).unwrap_or(0) * path.step_ms;
    if falling && left_ms <= seen && width <= WIDEST.max(left_ms / 2) {
        Ahead::Sure(forecast)
    } else {
        Ahead::Rough(forecast)
    }
}

/// Milliseconds until so much is gone at a rate; a day where it does not fall.
fn time_left(left: f64, per_s: f64) -> i64 {
    if per_s < 0.0 {
        ((left / -per_s).min(FARTHEST as f64 / 1000.0 * 2.0) * 1000.0) as i64
    } else {
        FARTHEST
    }
}

/// Probability of having reached zero, by time.
struct Reach {
    times: Vec<f64>,
    shares: Vec<f64>,
    within: f64,
}

impl Reach {
    fn of(left: f64, rate: Rate, horizon: i64) -> Self {
        let (mut times, mut shares) = (Vec::new(), Vec::new());
        let mut t = MINUTE as f64 / 1000.0;
        let end = horizon as f64 / 1000.0;
        let mut most: f64 = 0.0;
        loop {
            // Over a shorter time than the error was measured for a mean is off by more, as the mean
            // of independent values is; over a longer one it is taken to be off as much.
            let shorter = (rate.ahead_ms as f64 / 1000.0 / t).max(1.0).sqrt();
            let error = (rate.error * shorter).max(1e-12 * rate.mean.abs());
            most = most.max(normal::cdf((-left / t - rate.mean) / error));
            times.push(t);
            shares.push(most);
            if t >= end {
                break;
            }
            t = (t * 1.01).min(end);
        }
        Self {
            times,
            shares,
            within: most,
        }
    }

    /// Milliseconds by which so large a share of what happens within the horizon has happened.
    fn quantile(&self, share: f64) -> i64 {
        let wanted = share * self.within;
        let i = self.shares.partition_point(|p| *p < wanted);
        let at = |k: usize| {
            (
                self.times.get(k).copied().unwrap_or(0.0),
                self.shares.get(k).copied().unwrap_or(0.0),
            )
        };
        let (t1, p1) = at(i.min(self.times.len() - 1));
        let (t0, p0) = i.checked_sub(1).map_or((0.0, 0.0), at);
        let part = if p1 > p0 {
            (wanted - p0) / (p1 - p0)
        } else {
            1.0
        };
        ((t0 + part.clamp(0.0, 1.0) * (t1 - t0)) * 1000.0) as i64
    }
}

/// The path of the balance at even distances, freed from cap and floor where the bucket is known.
fn path(curve: &Curve<'_>, bucket: Option<&Bucket>) -> Option<Path> {
    let last = curve.values.len() - 1;
    let mut free = Vec::with_capacity(curve.values.len());
    let mut sum = 0.0;
    free.push(sum);
    for i in 0..last {
        sum += match bucket {
            Some(bucket) => bucket.free_change(curve, i),
            None => curve.value(i + 1) - curve.value(i),
        };
        free.push(sum);
    }
    let span = curve.at(last).since(curve.at(0));
    let step_ms = curve.data.step_ms.max(FINEST).max(span / MOST_STEPS);
    let count = span / step_ms;
    if count < 1 {
        return None;
    }
    let start = curve.at(last).plus(-count * step_ms);
    let mut before = 0;
    let sums = (0..=count)
        .map(|step| {
            let at = start.plus(step * step_ms);
            while before + 1 < last && curve.at(before + 1) <= at {
                before += 1;
            }
            let (from, to) = (curve.at(before), curve.at(before + 1));
            let part = at.since(from) as f64 / to.since(from).max(1) as f64;
            let value = |i: usize| free.get(i).copied().unwrap_or(sum);
            value(before) + (value(before + 1) - value(before)) * part.clamp(0.0, 1.0)
        })
        .collect();
    Some(Path { sums, step_ms })
}

/// Where the balance's own rate shifts: milliseconds before the last sample.
fn bounds(curve: &Curve<'_>, course: &Course) -> Vec<i64> {
    let end = curve.at(curve.values.len() - 1);
    let before = |i: &usize| end.since(curve.at(*i));
    course.bounds.iter().map(before).collect()
}
