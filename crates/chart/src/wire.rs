//! How instants and samples are written into a slice: instants as whole milliseconds, times of
//! samples as steps of their common divisor, values in three bytes.

use model::{Timestamp, Window};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Times in order: the first, then steps in units of `unit` milliseconds.
#[derive(Serialize, Deserialize)]
struct Times {
    first: i64,
    unit: u64,
    steps: Vec<u64>,
}

impl Times {
    fn of(times: impl Iterator<Item = Timestamp> + Clone) -> Self {
        let first = times.clone().next().map_or(0, Timestamp::millis);
        let mut last = first;
        let mut steps: Vec<u64> = times
            .skip(1)
            .map(|t| {
                let step = t.millis().saturating_sub(last).max(0);
                last = last.saturating_add(step);
                step.unsigned_abs()
            })
            .collect();
        let unit = steps.iter().copied().fold(0, gcd).max(1);
        for step in &mut steps {
            *step /= unit;
        }
        Self { first, unit, steps }
    }

    /// The first `n` times; whatever the bytes say they are in order.
    fn read(&self, n: usize) -> impl Iterator<Item = Timestamp> + '_ {
        let mut at = self.first;
        let rest = self.steps.iter().map(move |step| {
            let step = i64::try_from(step.saturating_mul(self.unit)).unwrap_or(i64::MAX);
            at = at.saturating_add(step);
            at
        });
        std::iter::once(self.first)
            .chain(rest)
            .take(n)
            .map(Timestamp::from_millis)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Writes the upper three bytes of single-precision numbers, plane by plane (equal exponents then
/// lie side by side, which compresses well). Sixteen bits of mantissa stay: the error is at most
/// [`crate::VALUE_ERROR`] of the value.
fn planes(values: &(impl Iterator<Item = f64> + Clone)) -> Vec<u8> {
    let plane = |shift: u32| values.clone().map(move |v| (three_bytes(v) >> shift) as u8);
    plane(16).chain(plane(8)).chain(plane(0)).collect()
}

/// The upper three bytes of the nearest single-precision number; what is too large for one is the
/// largest there is.
fn three_bytes(value: f64) -> u32 {
    const LARGEST: u32 = 0x7f_7f_ff;
    let single = value as f32;
    if single.is_nan() {
        return 0x7f_c0_00;
    }
    let bits = single.to_bits();
    let (sign, size) = ((bits >> 8) & 0x80_00_00, bits & 0x7f_ff_ff_ff);
    sign | (size.saturating_add(0x80) >> 8).min(LARGEST)
}

fn from_planes(bytes: &[u8]) -> impl Iterator<Item = f64> + '_ {
    let n = bytes.len() / 3;
    let (high, rest) = bytes.split_at(n);
    let (middle, low) = rest.split_at(n);
    high.iter()
        .zip(middle)
        .zip(low)
        .map(|((h, m), l)| f64::from(f32::from_bits(u32::from_be_bytes([*h, *m, *l, 0]))))
}

/// Samples.
pub(crate) mod points {
    use super::{
        Deserialize, Deserializer, Error, Serialize, Serializer, Times, Timestamp, from_planes,
        planes,
    };

    #[derive(Serialize, Deserialize)]
    struct Packed {
        times: Times,
        values: Vec<u8>,
    }

    pub(crate) fn serialize<S: Serializer>(
        points: &[(Timestamp, f64)],
        s: S,
    ) -> Result<S::Ok, S::Error> {
        Packed {
            times: Times::of(points.iter().map(|p| p.0)),
            values: planes(&points.iter().map(|p| p.1)),
        }
        .serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Vec<(Timestamp, f64)>, D::Error> {
        let Packed { times, values } = Packed::deserialize(d)?;
        let n = values.len() / 3;
        if values.len() % 3 != 0 || times.steps.len() != n.saturating_sub(1) {
            return Err(D::Error::custom("times and values differ in number"));
        }
        Ok(times.read(n).zip(from_planes(&values)).collect())
    }
}

/// Gaps of a curve, in order.
pub(crate) mod gaps {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer, Times, Timestamp};

    pub(crate) fn serialize<S: Serializer>(
        gaps: &[(Timestamp, Timestamp)],
        s: S,
    ) -> Result<S::Ok, S::Error> {
        let ends = gaps.iter().flat_map(|(from, to)| [*from, *to]);
        (gaps.len(), Times::of(ends)).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Vec<(Timestamp, Timestamp)>, D::Error> {
        let (n, times) = <(usize, Times)>::deserialize(d)?;
        if times.steps.len() != n.saturating_mul(2).saturating_sub(1) {
            return Err(D::Error::custom("a gap without an end"));
        }
        let ends: Vec<Timestamp> = times.read(n * 2).collect();
        let pair = |ends: &[Timestamp]| match ends {
            [from, to] => Some((*from, *to)),
            _ => None,
        };
        Ok(ends.chunks(2).filter_map(pair).collect())
    }
}

/// An instant.
pub(crate) mod instant {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp};

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it like this"
    )]
    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
        at.millis().serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(d).map(Timestamp::from_millis)
    }
}

/// An instant that there may be.
pub(crate) mod maybe {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp};

    #[allow(clippy::ref_option, reason = "serde calls it like this")]
    pub(crate) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::millis).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(d)?.map(Timestamp::from_millis))
    }
}

/// A span of time.
pub(crate) mod window {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp, Window};

    pub(crate) fn serialize<S: Serializer>(span: &Window, s: S) -> Result<S::Ok, S::Error> {
        (span.start.millis(), span.end.millis()).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Window, D::Error> {
        let (start, end) = <(i64, i64)>::deserialize(d)?;
        Ok(Window {
            start: Timestamp::from_millis(start),
            end: Timestamp::from_millis(end),
        })
    }
}

/// One sample.
pub(crate) mod point {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp};

    pub(crate) fn serialize<S: Serializer>(
        (at, value): &(Timestamp, f64),
        s: S,
    ) -> Result<S::Ok, S::Error> {
        (at.millis(), value).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<(Timestamp, f64), D::Error> {
        let (at, value) = <(i64, f64)>::deserialize(d)?;
        Ok((Timestamp::from_millis(at), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn three_bytes_keep_what_is_drawn(value in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            let packed = planes(&std::iter::once(value));
            let back = from_planes(&packed).next().unwrap();
            let size = value.abs();
            if size > 3.3e38 {
                prop_assert!(back.abs() > 3.3e38 && back.is_finite());
            } else if size < 1.2e-38 {
                prop_assert!((back - value).abs() < 1e-40);
            } else {
                prop_assert!((back - value).abs() <= size * crate::VALUE_ERROR, "{value} {back}");
            }
            prop_assert!(size < 1e-38 || back.signum() == value.signum());
        }

        #[test]
        fn times_come_back(times in proptest::collection::vec(0i64..4_000_000_000_000, 0..50)) {
            let mut times: Vec<Timestamp> = times.into_iter().map(Timestamp::from_millis).collect();
            times.sort_unstable();
            let packed = Times::of(times.iter().copied());
            prop_assert_eq!(packed.read(times.len()).collect::<Vec<_>>(), times);
        }
    }
}
