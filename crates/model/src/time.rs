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
        self.civil("%Y-%m-%d %H:%M")
    }

    /// `2020-05-22` (UTC).
    pub fn date(self) -> String {
        self.civil("%Y-%m-%d")
    }

    /// `03:00` (UTC).
    pub fn clock(self) -> String {
        self.civil("%H:%M")
    }

    fn civil(self, format: &str) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map_or_else(|_| self.0.to_string(), |t| t.strftime(format).to_string())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{}", self.0),
        }
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

    #[test]
    fn spans_read_like_a_person_would_say_them() {
        assert_eq!(span_text(2 * DAY + 4 * HOUR + MINUTE), "2 d 4 h");
        assert_eq!(span_text(HOUR), "1 h");
        assert_eq!(span_text(-90 * SECOND), "-1 min 30 s");
        assert_eq!(span_text(0), "0 s");
    }
}
