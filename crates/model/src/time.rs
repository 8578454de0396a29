//! Instants and windows. One clock for everything: UTC, in milliseconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Milliseconds in a second.
pub const SECOND: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Milliseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 UTC, with a fraction
/// only where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Earliest and latest instants accepted from outside: 1970-01-01 and 9999-12-31.
    pub const MIN: Self = Self(0);
    /// See [`Timestamp::MIN`].
    pub const MAX: Self = Self(253_402_300_799_000);

    /// From milliseconds since the epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// From whole seconds since the epoch.
    pub const fn from_seconds(s: i64) -> Self {
        Self(s * SECOND)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// This instant moved by `ms` milliseconds (negative: earlier).
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant (negative when it is later).
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Start of the period of `period_ms` that holds this instant, periods counted from the epoch.
    #[must_use]
    pub const fn floor_to(self, period_ms: i64) -> Self {
        Self(self.0.div_euclid(period_ms) * period_ms)
    }

    /// `2020-05-22 03:00` (UTC), to the minute: how pages and reports write a time.
    pub fn minute(self) -> String {
        self.civil(|c| format!("{} {}", c.date(), c.clock()))
    }

    /// `2020-05-22` (UTC).
    pub fn date(self) -> String {
        self.civil(Civil::date)
    }

    /// `03:00` (UTC).
    pub fn clock(self) -> String {
        self.civil(Civil::clock)
    }

    fn civil(self, text: impl FnOnce(Civil) -> String) -> String {
        Civil::of(self).map_or_else(|| self.0.to_string(), text)
    }
}

/// Date and time of day. Written here and not by a library of calendars: instants are written in
/// UTC alone, and in the browser such a library is a tenth of everything that a page loads.
#[derive(Clone, Copy)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    /// Milliseconds since midnight.
    ms: i64,
}

impl Civil {
    /// `None` before the year 1 and after the year 9999.
    ///
    /// The calendar is Howard Hinnant's `civil_from_days` ("chrono-Compatible Low-Level Date
    /// Algorithms", 2013): years begin in March, so that the leap day is their last, and 400 of them
    /// are an era of 146,097 days.
    fn of(at: Timestamp) -> Option<Self> {
        let days = at.0.div_euclid(DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year + era * 400 + i64::from(month <= 2);
        (1..=9_999).contains(&year).then_some(Self {
            year,
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            ms: at.0.rem_euclid(DAY),
        })
    }

    fn date(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn clock(self) -> String {
        format!("{:02}:{:02}", self.ms / HOUR, self.ms / MINUTE % 60)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(civil) = Civil::of(*self) else {
            return write!(f, "{}", self.0);
        };
        let (s, ms) = (civil.ms / SECOND % 60, civil.ms % SECOND);
        write!(f, "{}T{}:{s:02}", civil.date(), civil.clock())?;
        if ms > 0 {
            let fraction = format!("{ms:03}");
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// A text that is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no time: expected RFC 3339 such as 2020-05-22T03:00:00Z, or epoch seconds")]
pub struct BadTimestamp(String);

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    /// RFC 3339 with `Z` or an offset, or epoch seconds (with a fraction if need be).
    fn from_str(text: &str) -> Result<Self, BadTimestamp> {
        let text = text.trim();
        let bad = || BadTimestamp(text.chars().take(60).collect());
        let millis = if let Ok(seconds) = text.parse::<i64>() {
            seconds.checked_mul(SECOND).ok_or_else(bad)?
        } else if let Ok(t) = text.parse::<jiff::Timestamp>() {
            t.as_millisecond()
        } else {
            let seconds = text.parse::<f64>().map_err(|_| bad())?;
            if !seconds.is_finite() {
                return Err(bad());
            }
            (seconds * 1000.0).round() as i64
        };
        let t = Self(millis);
        if (Self::MIN..=Self::MAX).contains(&t) {
            Ok(t)
        } else {
            Err(bad())
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Text(String),
            Number(f64),
        }
        match Raw::deserialize(d)? {
            Raw::Text(text) => text.parse().map_err(serde::de::Error::custom),
            Raw::Number(n) => n.to_string().parse().map_err(serde::de::Error::custom),
        }
    }
}

/// A half-open span of time, `start <= t < end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// First instant inside.
    pub start: Timestamp,
    /// First instant after.
    pub end: Timestamp,
}

impl Window {
    /// A window; `None` unless `start < end`.
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// Length in milliseconds.
    pub const fn millis(self) -> i64 {
        self.end.since(self.start)
    }

    /// Whether `t` lies inside.
    pub fn contains(self, t: Timestamp) -> bool {
        self.start <= t && t < self.end
    }

    /// Whether the span from `start` to `end` (open end: still going on) touches the window.
    pub fn touches(self, start: Timestamp, end: Option<Timestamp>) -> bool {
        start < self.end && end.is_none_or(|end| end >= self.start)
    }

    /// Widened by `ms` on both sides.
    #[must_use]
    pub fn widened(self, ms: i64) -> Self {
        Self {
            start: self.start.plus(-ms),
            end: self.end.plus(ms),
        }
    }
}

/// `2 d 4 h`, `35 min`, `12 s`: the two largest parts of a span of milliseconds, for people.
pub fn span_text(ms: i64) -> String {
    let s = (ms / SECOND).abs(); // divided first: the most negative span has no absolute value
    let (d, h, m, s) = (s / 86_400, s / 3_600 % 24, s / 60 % 60, s % 60);
    let parts = [(d, "d"), (h, "h"), (m, "min"), (s, "s")];
    let first = parts.iter().position(|(n, _)| *n > 0).unwrap_or(3);
    let text: Vec<String> = parts
        .iter()
        .skip(first)
        .take(2)
        .enumerate()
        .filter(|(i, (n, _))| *i == 0 || *n > 0)
        .map(|(_, (n, unit))| format!("{n} {unit}"))
        .collect();
    format!("{}{}", if ms < 0 { "-" } else { "" }, text.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rfc3339_offsets_and_epoch_seconds() {
        let at = Timestamp::from_seconds(1_590_116_400);
        for text in [
            "2020-05-22T03:00:00Z",
            "2020-05-22T05:00:00+02:00",
            "1590116400",
            "1590116400.0",
        ] {
            assert_eq!(text.parse(), Ok(at), "{text}");
        }
        assert_eq!(at.to_string(), "2020-05-22T03:00:00Z");
        assert_eq!(at.minute(), "2020-05-22 03:00");
        for text in ["", "yesterday", "NaN", "1e300", "-5", "2020-05-22"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn instants_are_written_as_the_calendar_says(ms in -62_135_596_800_000..=253_402_300_799_999i64) {
            let at = Timestamp::from_millis(ms);
            let calendar = jiff::Timestamp::from_millisecond(ms).unwrap();
            proptest::prop_assert_eq!(at.to_string(), calendar.to_string());
            proptest::prop_assert_eq!(at.minute(), calendar.strftime("%Y-%m-%d %H:%M").to_string());
            proptest::prop_assert_eq!(at.date(), calendar.strftime("%Y-%m-%d").to_string());
            proptest::prop_assert_eq!(at.clock(), calendar.strftime("%H:%M").to_string());
        }
    }

    #[test]
    fn instants_beyond_the_calendar_are_numbers() {
        let far = Timestamp::from_millis(i64::MAX / 2);
        assert_eq!(far.to_string(), (i64::MAX / 2).to_string());
        assert_eq!(
            Timestamp::from_millis(i64::MIN).minute(),
            i64::MIN.to_string()
        );
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn spans_read_like_a_person_would_say_them() {
        assert_eq!(span_text(2 * DAY + 4 * HOUR + MINUTE), "2 d 4 h");
        assert_eq!(span_text(HOUR), "1 h");
        assert_eq!(span_text(-90 * SECOND), "-1 min 30 s");
        assert_eq!(span_text(0), "0 s");
    }
}
