//! The samples of one series on one UTC day, as compressed bytes.

use crate::{
    columns::{Reader, Writer},
    error::ChunkError,
};
use model::{Samples, Timestamp, time::DAY};
use std::collections::BTreeMap;

/// The UTC day of an instant, counted from 1970-01-01.
pub fn day_of(t: Timestamp) -> i64 {
    t.millis().div_euclid(DAY)
}

/// First instant of a day.
pub fn start_of(day: i64) -> Timestamp {
    Timestamp::from_millis(day.saturating_mul(DAY))
}

/// Samples sorted into their days. Whatever their order was, it is kept within a day.
pub fn by_day(samples: &Samples) -> BTreeMap<i64, Vec<(Timestamp, f64)>> {
    let mut days: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for (t, v) in samples.iter() {
        days.entry(day_of(t)).or_default().push((t, v));
    }
    days
}

/// Compresses the samples of one day; at least one.
///
/// # Errors
/// [`ChunkError::Codec`] where there is none, or there are more than the codec takes.
pub fn encode(day: i64, samples: &Samples) -> Result<Vec<u8>, ChunkError> {
    let start = start_of(day);
    let offsets: Vec<i64> = samples.times().iter().map(|t| t.since(start)).collect();
    let mut columns = Writer::new(samples.len());
    columns.integers(&offsets)?;
    columns.reals(samples.values())?;
    Ok(columns.finish())
}

/// Reads the `points` samples of a day back.
///
/// # Errors
/// [`ChunkError`] for whatever cannot have been written by [`encode`].
pub fn decode(day: i64, points: usize, bytes: &[u8]) -> Result<Samples, ChunkError> {
    let mut columns = Reader::open(bytes)?;
    if columns.rows != points {
        return Err(ChunkError::Count {
            found: columns.rows,
            expected: points,
        });
    }
    let offsets = columns.integers()?;
    let values = columns.reals()?;
    let start = start_of(day);
    let mut samples = Samples::default();
    for (i, (offset, value)) in offsets.into_iter().zip(values).enumerate() {
        let good = (0..DAY).contains(&offset) && samples.push(start.plus(offset), value);
        if !good {
            return Err(ChunkError::Sample(i));
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY_0: i64 = 18_402; // 2020-05-20

    fn any_finite() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>().prop_filter("finite", |v| v.is_finite()),
            (-1_000_000_i64..1_000_000).prop_map(|v| v as f64),
            (0_i64..1_000_000).prop_map(|v| v as f64 / 100.0),
            prop::sample::select(vec![
                0.0,
                -0.0,
                f64::MAX,
                f64::MIN,
                f64::MIN_POSITIVE,
                5e-324,
                -5e-324,
                EXACT_LIMIT,
                -EXACT_LIMIT,
                EXACT_LIMIT + 2.0,
                1e18,
            ]),
        ]
    }
    const EXACT_LIMIT: f64 = 9_007_199_254_740_992.0;

    fn bits(samples: &Samples) -> Vec<(i64, u64)> {
        samples
            .iter()
            .map(|(t, v)| (t.millis(), v.to_bits()))
            .collect()
    }

    proptest! {
        #[test]
        fn any_day_reads_back_to_the_last_bit(
            points in prop::collection::btree_map(0..DAY, any_finite(), 1..300),
        ) {
            let start = start_of(DAY_0);
            let samples = Samples::from_unordered(
                points.into_iter().map(|(ms, v)| (start.plus(ms), v)).collect(),
            );
            let bytes = encode(DAY_0, &samples).unwrap();
            let back = decode(DAY_0, samples.len(), &bytes).unwrap();
            prop_assert_eq!(bits(&back), bits(&samples));
        }

        #[test]
        fn days_hold_every_sample_once(times in prop::collection::btree_set(0_i64..20 * DAY, 0..200)) {
            let samples = Samples::from_unordered(
                times.iter().map(|ms| (Timestamp::from_millis(*ms), 1.0)).collect(),
            );
            let days = by_day(&samples);
            let all: Vec<_> = days.values().flatten().copied().collect();
            prop_assert_eq!(all, samples.iter().collect::<Vec<_>>());
            for (day, points) in &days {
                prop_assert!(points.iter().all(|(t, _)| day_of(*t) == *day));
            }
        }

        #[test]
        fn damaged_bytes_are_refused_not_misread(
            n in 1_i64..200, at in any::<prop::sample::Index>(), flip in 1_u8..,
        ) {
            let start = start_of(DAY_0);
            let samples = Samples::from_unordered(
                (0..n).map(|i| (start.plus(i * 60_000), (i * i) as f64)).collect(),
            );
            let mut bytes = encode(DAY_0, &samples).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert!(decode(DAY_0, samples.len(), &bytes).is_err());
            bytes[at] ^= flip;
            prop_assert!(decode(DAY_0, samples.len(), &bytes[..at]).is_err());
            prop_assert!(decode(DAY_0, samples.len() + 1, &bytes).is_err());
        }
    }

    #[test]
    fn whole_numbers_on_a_regular_grid_are_small() {
        let start = start_of(DAY_0);
        let balance = |i: i64| 2_308_974_418_330 - i * 12_345_678;
        let samples = Samples::from_unordered(
            (0..1440)
                .map(|i| (start.plus(i * 60_000), balance(i) as f64))
                .collect(),
        );
        let bytes = encode(DAY_0, &samples).unwrap();
        assert!(
            bytes.len() < 150,
            "a straight line takes {} bytes",
            bytes.len()
        );
    }
}
