//! Sums of samples by half hour and by day, and how a question for at most so many buckets is
//! answered from them.
//!
//! Each chunk carries its day's lowest and highest sample and mean; a day with many samples also
//! carries the same for its half hours. A bucket is made of raw samples where it is shorter than
//! half an hour or reaches over an end of the window, else of half hours, else of days.

use crate::{
    Bucket, chunk,
    columns::{Reader, Writer},
    error::ChunkError,
};
use model::{
    Samples, Timestamp, Window,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// The finer of the two levels that are stored.
pub(crate) const HALF_HOUR: i64 = 30 * MINUTE;
/// A day with fewer samples (five a half hour) is read raw: its half hours would be as long.
const WORTH_IT: usize = 240;

/// Lengths of buckets, each a divisor of a day, and from half an hour on whole half hours; days are
/// doubled beyond.
const PERIODS: [i64; 22] = [
    1,
    10,
    100,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    HALF_HOUR,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
];

/// Length of the shortest bucket with which the window needs at most `max_buckets` (at least 2:
/// every window but the empty one can lie across a border).
pub(crate) fn period_for(window: Window, max_buckets: usize) -> i64 {
    let max_buckets = i64::try_from(max_buckets.max(2)).unwrap_or(i64::MAX);
    let fits = |period: &i64| {
        let first = window.start.millis().div_euclid(*period);
        let last = window.end.plus(-1).millis().div_euclid(*period);
        last.saturating_sub(first) < max_buckets
    };
    PERIODS
        .into_iter()
        .chain((1..).map(|double| DAY << double).take(30))
        .find(fits)
        .unwrap_or(DAY << 30)
}

/// A sample as a bucket of its own.
pub(crate) fn single(at: Timestamp, value: f64) -> Bucket {
    Bucket {
        start: at,
        end: at.plus(1),
        min: value,
        max: value,
        mean: value,
        count: 1,
    }
}

/// The samples inside a window, each as a bucket of its own.
pub(crate) fn singles(samples: &Samples, window: Window) -> Vec<Bucket> {
    let (times, values) = samples.inside(window);
    times
        .iter()
        .zip(values)
        .map(|(t, v)| single(*t, *v))
        .collect()
}

/// Puts buckets, in order of time, together to buckets of `period` milliseconds. Spans without
/// any stay without.
pub(crate) fn gather(period: i64, fine: impl IntoIterator<Item = Bucket>) -> Vec<Bucket> {
    let mut out: Vec<Bucket> = Vec::new();
    for bucket in fine {
        let start = bucket.start.floor_to(period);
        match out.last_mut() {
            Some(last) if last.start == start => {
                last.min = last.min.min(bucket.min);
                last.max = last.max.max(bucket.max);
                // Shares, not sums: the sum of finite samples need not be finite.
                let all = (last.count + bucket.count) as f64;
                last.mean = last.mean * (last.count as f64 / all)
                    + bucket.mean * (bucket.count as f64 / all);
                last.count += bucket.count;
            }
            _ => out.push(Bucket {
                start,
                end: start.plus(period),
                ..bucket
            }),
        }
    }
    out
}

/// The samples of one day as one bucket; `None` without any.
pub(crate) fn day(samples: &Samples) -> Option<Bucket> {
    let all = samples.iter().map(|(t, v)| single(t, v));
    gather(DAY, all).into_iter().next()
}

/// The half hours of a day, compressed; `None` where the day has too few samples.
pub(crate) fn encode_half_hours(samples: &Samples) -> Result<Option<Vec<u8>>, ChunkError> {
    if samples.len() < WORTH_IT {
        return Ok(None);
    }
    let buckets = gather(HALF_HOUR, samples.iter().map(|(t, v)| single(t, v)));
    let reals = |of: fn(&Bucket) -> f64| buckets.iter().map(of).collect::<Vec<_>>();
    let integers = |of: fn(&Bucket) -> i64| buckets.iter().map(of).collect::<Vec<_>>();
    let mut columns = Writer::new(buckets.len());
    columns.integers(&integers(|b| b.start.millis().rem_euclid(DAY) / HALF_HOUR))?;
    columns.integers(&integers(|b| b.count.cast_signed()))?;
    columns.reals(&reals(|b| b.min))?;
    columns.reals(&reals(|b| b.max))?;
    columns.reals(&reals(|b| b.mean))?;
    Ok(Some(columns.finish()))
}

/// Reads the half hours of a day back.
pub(crate) fn decode_half_hours(day: i64, bytes: &[u8]) -> Result<Vec<Bucket>, ChunkError> {
    let mut columns = Reader::open(bytes)?;
    let (index, count) = (columns.integers()?, columns.integers()?);
    let (min, max, mean) = (columns.reals()?, columns.reals()?, columns.reals()?);
    let start = chunk::start_of(day);
    index
        .into_iter()
        .zip(count)
        .zip(min.into_iter().zip(max).zip(mean))
        .enumerate()
        .map(|(i, ((index, count), ((min, max), mean)))| {
            let count = u64::try_from(count).unwrap_or(0);
            if !(0..DAY / HALF_HOUR).contains(&index) || count == 0 {
                return Err(ChunkError::Sample(i));
            }
            let start = start.plus(index * HALF_HOUR);
            Ok(Bucket {
                start,
                end: start.plus(HALF_HOUR),
                min,
                max,
                mean,
                count,
            })
        })
        .collect()
}
