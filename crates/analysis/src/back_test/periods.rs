//! M of N periods, and missing data, as CloudWatch evaluates an alarm.
//!
//! Amazon CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data": an alarm
//! looks at more periods than it needs (the evaluation range: in the guide's examples two more).
//! With enough real data in the range the last N of them count, and missing ones play no part. With
//! fewer, missing ones are filled in as the treatment says, as few as possible. Under `missing` and
//! `ignore` nothing is filled in: with a datapoint that does not breach the state is what the real
//! ones say; when all real ones breach, the alarm goes off if M of them do or if the oldest is at
//! least M periods old (`missing` only), else the data are insufficient or the state stays.

use model::{
    Series, Timestamp, Window,
    analysis::back_test::{MissingData, Periods},
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
/// says whether it breaches, `None` is missing.
pub fn state(range: &[Option<bool>], periods: &Periods) -> AlarmState {
    let (m, n) = counts(periods);
    let real: Vec<bool> = range.iter().rev().filter_map(|p| *p).take(n).collect();
    let breaching = real.iter().filter(|b| **b).count();
    let filled = n - real.len();
    let by = |count: usize| {
        if count >= m {
            AlarmState::Alarm
        } else {
            AlarmState::Ok
        }
    };
    if filled == 0 || breaching >= m {
        return by(breaching);
    }
    match periods.missing {
        MissingData::Breaching => by(breaching + filled),
        MissingData::NotBreaching => by(breaching),
        _ if breaching < real.len() => AlarmState::Ok,
        MissingData::Ignore => AlarmState::Retained,
        MissingData::Missing => {
            let oldest = range.iter().position(Option::is_some);
            let age = oldest.map_or(0, |i| range.len() - i);
            if age >= m {
                AlarmState::Alarm
            } else {
                AlarmState::InsufficientData
            }
        }
    }
}

/// M and N, both at least one and M at most N.
fn counts(periods: &Periods) -> (usize, usize) {
    let n = periods.of.clamp(1, 1440) as usize;
    ((periods.breaching.max(1) as usize).min(n), n)
}

/// For every period the level above which a threshold is not in alarm: an alarm "greater than t" is
/// in alarm after the period exactly when t is below it.
///
/// The same as asking [`state`] for every threshold: with M of N the level is the M-th largest of
/// what counts.
pub(super) fn levels(points: &[Option<f64>], periods: &Periods) -> Vec<f64> {
    let (m, n) = counts(periods);
    let range = n + MORE;
    let mut counted = Counted::default();
    let mut last = f64::NEG_INFINITY;
    let mut out = Vec::with_capacity(points.len());
    for (i, point) in points.iter().enumerate() {
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
            MissingData::Breaching => self.largest(m.saturating_sub(n - real)),
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

/// The samples of a series by period, put together as its statistic says, and when each period is
/// over. Periods are counted from the epoch; the first begins in the window.
pub(super) fn by_period(
    series: &Series,
    window: Window,
    period_s: u32,
) -> (Vec<i64>, Vec<Option<f64>>) {
    let period = i64::from(period_s.max(1)) * 1000;
    let (times, values) = series.samples.inside(window);
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return (Vec::new(), Vec::new());
    };
    let start = first.floor_to(period);
    let count = (last.since(start) / period + 1).clamp(1, MOST);
    let mut points: Vec<Option<(f64, f64)>> = vec![None; count as usize];
    let stat = series.meta.stat.to_ascii_lowercase();
    for (t, v) in times.iter().zip(values) {
        let Some(slot) = points.get_mut((t.since(start) / period) as usize) else {
            continue;
        };
        let (value, number) = slot.get_or_insert((*v, 0.0));
        *number += 1.0;
        if *number > 1.0 {
            *value = match stat.as_str() {
                "sum" | "samplecount" => *value + v,
                "minimum" => value.min(*v),
                "maximum" => value.max(*v),
                _ => *value + (v - *value) / *number,
            };
        }
    }
    let ends = (1..=count).map(|k| start.plus(k * period).millis());
    (
        ends.collect(),
        points.into_iter().map(|p| p.map(|(v, _)| v)).collect(),
    )
}

/// Most periods in a window: 69 days of minutes. What comes later is left out.
const MOST: i64 = 100_000;

/// The instant of epoch milliseconds.
pub(super) fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

#[cfg(test)]
mod tests;
