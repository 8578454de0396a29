//! What lanes are compared with.

use model::time::{DAY, MINUTE};
use std::{fmt, str::FromStr};

/// What the lanes are compared with, drawn behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compare {
    /// The same lanes this many milliseconds earlier.
    Shift(i64),
    /// Another incident, aligned at its onset: its id.
    Incident(String),
}

/// Shortest shift: below a minute the curves lie on each other.
const LEAST_MS: i64 = MINUTE;
/// Longest shift: a year and a day.
const LONGEST_MS: i64 = 366 * DAY;

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shift(ms) => write!(f, "shift:{ms}"),
            Self::Incident(id) => write!(f, "incident:{id}"),
        }
    }
}

impl FromStr for Compare {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let said = "expected shift:<milliseconds> or incident:<id>";
        match text.split_once(':') {
            Some(("shift", ms)) => ms
                .parse()
                .ok()
                .filter(|ms| (LEAST_MS..=LONGEST_MS).contains(ms))
                .map(Self::Shift)
                .ok_or("a shift is 60000 to 31622400000 milliseconds"),
            Some(("incident", id))
                if id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Ok(Self::Incident(id.to_owned()))
            }
            _ => Err(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_as_they_are_written() {
        let id = "0123456789abcdef0123456789abcdef";
        for good in [Compare::Shift(DAY), Compare::Incident(id.into())] {
            assert_eq!(good.to_string().parse(), Ok(good));
        }
        for bad in [
            "",
            "shift:",
            "shift:-1",
            "shift:1",
            "shift:1e9",
            "incident:1",
            "week",
            "shift:31622400001",
        ] {
            assert!(bad.parse::<Compare>().is_err(), "{bad}");
        }
        assert_eq!(LONGEST_MS, 31_622_400_000);
    }
}
