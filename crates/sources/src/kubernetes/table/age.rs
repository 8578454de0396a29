//! Ages, and the bounds of a time that follow from one.

use crate::kubernetes::{
    Listing,
    meta::{set_bounds, set_time},
};
use model::{
    Event, Timestamp,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// An age as kubectl writes it (`HumanDuration` in k8s.io/apimachinery): cut to its last unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age<'a> {
    /// As written: `3d7h`.
    pub(super) text: &'a str,
    /// The least it can be, milliseconds.
    pub(super) least: i64,
    /// The most it can be: one of its last unit more, milliseconds.
    pub(super) most: i64,
}

impl<'a> Age<'a> {
    /// Reads `5m30s`, `25h`, `3d7h`, `35d`, `2y10d`: rising units from right to left.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        const UNITS: [(char, i64); 5] = [
            ('y', 365 * DAY),
            ('d', DAY),
            ('h', HOUR),
            ('m', MINUTE),
            ('s', SECOND),
        ];
        let mut rest = text;
        let (mut total, mut last, mut next) = (0_i64, None, 0);
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let number: i64 = rest.get(..digits)?.parse().ok()?;
            let unit = rest.get(digits..)?.chars().next()?;
            let at = UNITS.iter().position(|(name, _)| *name == unit)?;
            let (_, ms) = UNITS.get(at).filter(|_| at >= next)?;
            total = number
                .checked_mul(*ms)
                .and_then(|ms| total.checked_add(ms))?;
            last = Some(*ms);
            next = at + 1;
            rest = rest.get(digits + 1..)?;
        }
        let most = total.checked_add(last?)?;
        Some(Self {
            text,
            least: total,
            most,
        })
    }

    /// `3 d 7 h`, `25 h`: with spaces, as a sentence wants it.
    pub(super) fn spaced(&self) -> String {
        let mut out = String::new();
        for c in self.text.chars() {
            if c.is_ascii_digit() && out.ends_with(|c: char| c.is_ascii_alphabetic()) {
                out.push(' ');
            }
            if c.is_ascii_alphabetic() {
                out.push(' ');
            }
            out.push(c);
            if c == 'm' {
                out.push_str("in");
            }
        }
        out
    }
}

/// The span in which something was that is so old, `None` where nobody knows when the listing was taken.
pub(super) fn span(age: Age<'_>, listing: &Listing) -> Option<(Timestamp, Timestamp)> {
    let at = listing.observed_at?;
    let before = |ms: i64| at.plus(-ms).max(Timestamp::MIN);
    Some((before(age.most), before(age.least)))
}

/// Says when an event began that is so old: between two instants, since an age is cut.
pub(super) fn began(event: &mut Event, age: Age<'_>, listing: &Listing) {
    event.start = None;
    if let Some((earliest, latest)) = span(age, listing) {
        set_bounds(event, Some(earliest), Some(latest));
    }
}

/// Says when an event ended that is over for so long: an interval that is over must not look open, so
/// that its end is the latest possible one.
pub(super) fn ended(event: &mut Event, age: Age<'_>, listing: &Listing) {
    if let Some((earliest, latest)) = span(age, listing) {
        let begun = event.attribute_time("start_earliest");
        event.end = Some(latest);
        set_time(event, "end_earliest", Some(earliest).max(begun));
        set_time(event, "end_latest", Some(latest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_cut_to_their_last_unit() {
        for (text, least, most) in [
            ("25h", 25 * HOUR, 26 * HOUR),
            ("3d7h", 79 * HOUR, 80 * HOUR),
            ("35d", 35 * DAY, 36 * DAY),
            ("5m30s", 330 * SECOND, 331 * SECOND),
            ("2y10d", 740 * DAY, 741 * DAY),
            ("0s", 0, SECOND),
        ] {
            assert_eq!(Age::parse(text), Some(Age { text, least, most }));
        }
        for text in [
            "",
            "d",
            "3",
            "7h3d",
            "3d3d",
            "3w",
            "99999999999999999999y",
            "9999999999999y",
        ] {
            assert_eq!(Age::parse(text), None, "{text}");
        }
        assert_eq!(Age::parse("5m30s").unwrap().spaced(), "5 min 30 s");
    }
}
