//! How CloudWatch evaluates an alarm: how often, over which periods, M of N, and missing data.
//!
//! Amazon CloudWatch user guide, "Alarm evaluation": with periods of a minute and more an alarm is
//! evaluated every minute, with shorter ones every ten seconds, and the periods end at the evaluation:
//! they slide with it. An alarm that looks back over more than a day is evaluated once an hour, with the
//! data up to the full hour. Where the evidence is coarser than that, an evaluation takes place as often as
//! there is something new ([`Datapoints`]).
//!
//! The same guide, "Configuring how CloudWatch alarms treat missing data": an alarm looks at more
//! periods than it needs (the evaluation range: in the guide's examples two more; how many else, the guide
//! does not say). With enough real data in the range the last N of them count, and missing ones play no part. With
//! fewer, missing ones are filled in as the treatment says, as few as possible. Under `missing` and
//! `ignore` nothing is filled in: with a datapoint that does not breach the state is what the real
//! ones say; when all real ones breach, the alarm goes off if M of them do or ("premature alarm state")
//! if the oldest is at least M periods old (`missing` only), else it is not in alarm yet, or its state stays.

use super::sliding::{Sliding, Stat};
use model::{
    Series, Timestamp, Window,
    analysis::back_test::{MissingData, Periods},
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// Periods by which the evaluation range is longer than the evaluation periods.
const MORE: usize = 2;

/// State of an alarm after an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmState {
    /// Within the threshold.
    Ok,
    /// In alarm.
    Alarm,
    /// Nobody can tell.
    InsufficientData,
    /// As it was before.
    Retained,
}

/// The state after one evaluation of the datapoints in the evaluation range, oldest first: `Some`
/// says whether it breaches, `None` is missing. A range that is shorter than N and two is one of
/// which the rest is unknown: nothing is filled in there.
pub fn state(range: &[Option<bool>], periods: &Periods) -> AlarmState {
    let (m, n) = counts(periods);
    let real: Vec<bool> = range.iter().rev().filter_map(|p| *p).take(n).collect();
    let breaching = real.iter().filter(|b| **b).count();
    let filled = n.min(range.len()).saturating_sub(real.len());
    let by = |count: usize| {
        if count >= m {
            AlarmState::Alarm
        } else {
            AlarmState::Ok
        }
    };
    if real.len() == n || breaching >= m {
        return by(breaching);
    }
    match periods.missing {
        MissingData::Breaching => by(breaching + filled),
        MissingData::NotBreaching => by(breaching),
        _ if breaching < real.len() => AlarmState::Ok,
        MissingData::Ignore => AlarmState::Retained,
        MissingData::Missing => {
            let oldest = range.iter().position(Option::is_some);
            match oldest.map(|i| range.len() - i) {
                None => AlarmState::InsufficientData,
                Some(age) if age >= m => AlarmState::Alarm,
                Some(_) => AlarmState::Ok,
            }
        }
    }
}

/// M and N, both at least one and M at most N.
fn counts(periods: &Periods) -> (usize, usize) {
    let n = periods.of.clamp(1, 1440) as usize;
    ((periods.breaching.max(1) as usize).min(n), n)
}

/// For every evaluation the level above which a threshold is not in alarm: an alarm "greater than t" is
/// in alarm after it exactly when t is below it. `stride` evaluations lie between one datapoint and the
/// next of the same evaluation.
///
/// The same as asking [`state`] for every threshold: with M of N the level is the M-th largest of
/// what counts.
pub(super) fn levels(points: &[Option<f64>], stride: usize, periods: &Periods) -> Vec<f64> {
    let (m, n) = counts(periods);
    let range = n + MORE;
    let stride = stride.max(1);
    let mut phases: Vec<Counted> = (0..stride).map(|_| Counted::default()).collect();
    let mut last = f64::NEG_INFINITY;
    let mut out = Vec::with_capacity(points.len());
    for (i, point) in points.iter().enumerate() {
        let Some(counted) = phases.get_mut(i % stride) else {
            break;
        };
        let i = i / stride;
        if let Some(value) = point {
            counted.add(i, *value);
        }
        counted.keep(n, (i + 1).saturating_sub(range));
        last = counted.level(i, m, n, periods.missing, last);
        out.push(last);
    }
    out
}

/// The real datapoints that count, in order of time and in order of size.
#[derive(Default)]
struct Counted {
    queue: std::collections::VecDeque<(usize, f64)>,
    sorted: Vec<f64>,
}

impl Counted {
    fn add(&mut self, i: usize, value: f64) {
        self.queue.push_back((i, value));
        let at = self.sorted.partition_point(|v| v.total_cmp(&value).is_lt());
        self.sorted.insert(at, value);
    }

    /// Keeps the last `n`, none of before `first`.
    fn keep(&mut self, n: usize, first: usize) {
        while let Some((i, value)) = self.queue.front().copied() {
            if self.queue.len() <= n && i >= first {
                break;
            }
            self.queue.pop_front();
            let at = self.sorted.partition_point(|v| v.total_cmp(&value).is_lt());
            if at < self.sorted.len() {
                self.sorted.remove(at);
            }
        }
    }

    /// The `k`-th largest; below everything where there are fewer, above everything for none.
    fn largest(&self, k: usize) -> f64 {
        if k == 0 {
            return f64::INFINITY;
        }
        let at = self.sorted.len().checked_sub(k);
        at.and_then(|i| self.sorted.get(i))
            .copied()
            .unwrap_or(f64::NEG_INFINITY)
    }

    fn level(&self, i: usize, m: usize, n: usize, missing: MissingData, last: f64) -> f64 {
        let real = self.sorted.len();
        if real >= n || real >= m && missing != MissingData::Breaching {
            return self.largest(m);
        }
        let smallest = self.sorted.first().copied().unwrap_or(f64::INFINITY);
        match missing {
            // Before the evidence nothing is missing: it is unknown.
            MissingData::Breaching => {
                let filled = n.min(i + 1).saturating_sub(real);
                self.largest(m.saturating_sub(filled))
            }
            MissingData::NotBreaching => f64::NEG_INFINITY,
            MissingData::Ignore => last.min(smallest),
            MissingData::Missing => {
                let age = self.queue.front().map_or(0, |(first, _)| i + 1 - first);
                if real > 0 && age >= m {
                    smallest
                } else {
                    f64::NEG_INFINITY
                }
            }
        }
    }
}

/// What an alarm sees of a series at each of its evaluations.
pub(super) struct Datapoints {
    /// When each evaluation takes place, epoch milliseconds, `step_ms` apart.
    pub ends: Vec<i64>,
    /// The datapoint of the period that ends then.
    pub points: Vec<Option<f64>>,
    /// Evaluations from one datapoint to the next of the same evaluation: a period.
    pub stride: usize,
    /// Distance of two evaluations, milliseconds.
    pub step_ms: i64,
}

impl Datapoints {
    /// At every evaluation of CloudWatch. Empty where the evidence is shorter than a period.
    ///
    /// A sample is known when the time is over that it stands for. After the last sample nothing is
    /// evaluated: whether the metric ended there or the evidence, nobody knows.
    pub(super) fn sliding(series: &Series, window: Window, wanted: &Periods, stat: Stat) -> Self {
        let period = i64::from(wanted.period_s.max(1)) * SECOND;
        let step = step_of(series, window, wanted);
        let begun = series.samples.inside(window).0;
        let span = begun.first().zip(begun.last());
        let many = span.is_some_and(|(first, last)| last.since(*first) / step > MOST);
        Self::every(
            series,
            window,
            period,
            if many { period } else { step },
            stat,
        )
    }

    /// At the end of every period, counted from the epoch.
    pub(super) fn aligned(series: &Series, window: Window, period_s: u32) -> Self {
        let period = i64::from(period_s.max(1)) * SECOND;
        Self::every(series, window, period, period, Stat::of(series))
    }

    /// `step` is a part of `period`, both milliseconds.
    fn every(series: &Series, window: Window, period: i64, step: i64, stat: Stat) -> Self {
        let (times, values) = series.samples.inside(window);
        let early = if series.meta.source == OF_INSTANTS {
            resolution(series, window)
        } else {
            0
        };
        let mut out = Self {
            ends: Vec::new(),
            points: Vec::new(),
            stride: usize::try_from(period / step).unwrap_or(1).max(1),
            step_ms: step,
        };
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return out;
        };
        let begun = |at: &Timestamp| at.plus(-early);
        let mut end = begun(first).floor_to(step).plus(period);
        let until = begun(last).floor_to(step).plus(step);
        let mut samples = times.iter().map(begun).zip(values).peekable();
        let mut inside = Sliding::new(stat);
        while end <= until && out.ends.len() < MOST.unsigned_abs() as usize {
            while let Some((at, value)) = samples.next_if(|(at, _)| *at < end) {
                inside.push(at, *value);
            }
            inside.forget_before(end.plus(-period));
            out.ends.push(end.millis());
            out.points.push(inside.value());
            end = end.plus(step);
        }
        out
    }
}

/// The source whose samples are of an instant; of all others they are of the time that begins there, as
/// CloudWatch has it.
const OF_INSTANTS: &str = "prometheus";

/// Distance of two evaluations, milliseconds: a part of the period.
fn step_of(series: &Series, window: Window, wanted: &Periods) -> i64 {
    let period = i64::from(wanted.period_s.max(1)) * SECOND;
    let usual = if period.saturating_mul(i64::from(wanted.of.max(1))) > DAY {
        HOUR
    } else if period >= MINUTE {
        MINUTE
    } else {
        10 * SECOND
    };
    let step = resolution(series, window).max(usual);
    // Whatever does not divide the period cannot slide through it.
    if period % step == 0 { step } else { period }
}

/// The time that a sample stands for, milliseconds, in whole steps of ten seconds: as the source said, else
/// the usual distance of two.
fn resolution(series: &Series, window: Window) -> i64 {
    let said = series.meta.period_s.map(|s| i64::from(s) * SECOND);
    let measured = || {
        let (times, _) = series.samples.inside(window);
        let mut apart: Vec<i64> = times
            .windows(2)
            .filter_map(|pair| Some(pair.last()?.since(*pair.first()?)))
            .collect();
        let middle = apart.len() / 2;
        (!apart.is_empty()).then(|| *apart.select_nth_unstable(middle).1)
    };
    let ms = said.or_else(measured).unwrap_or(MINUTE).max(1);
    (ms + 10 * SECOND - 1) / (10 * SECOND) * 10 * SECOND
}

/// Most evaluations in a window: 69 days of minutes. What comes later is left out.
const MOST: i64 = 100_000;

/// The instant of epoch milliseconds.
pub(super) fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

#[cfg(test)]
mod tests;
