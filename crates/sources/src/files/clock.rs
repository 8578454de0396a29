//! Times as files write them, and what has to be known to make instants of them.
//!
//! A time with its zone is an instant. One without needs the file's `timezone`, and one without a
//! year (klog, syslog, `journalctl`'s short form) also its `observed_at`: the year is the latest
//! with which the time does not lie after the observation. Where that is not known the time stays
//! unknown.

use jiff::{
    civil,
    tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase},
};
use model::{
    Timestamp,
    bundle::RawFile,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// How far after its observation a file's time may lie: clocks are skewed, and an observation is
/// often written down to the day.
const LATE_MS: i64 = DAY;

/// How much of a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scale {
    /// With zone: milliseconds since the epoch.
    Exact,
    /// Without zone: milliseconds since 1970-01-01T00:00 of the local clock.
    Local,
    /// Without zone and year: milliseconds since the beginning of the leap year 2000.
    Yearless,
}

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) scale: Scale,
    pub(crate) ms: i64,
    /// Of an hour that a change of the clocks repeats, whether it is of the second pass.
    pub(crate) again: bool,
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms"); `None` where there is no such date.
pub(crate) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    const LENGTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = LENGTHS.get(index)? + i64::from(leap && month == 2);
    if !(0..=9999).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

impl Written {
    /// Milliseconds since the epoch.
    pub(crate) fn exact(ms: i64) -> Self {
        Self::first(Scale::Exact, ms)
    }

    /// A date and milliseconds of its day on a clock of unknown zone.
    pub(crate) fn local(year: i64, month: i64, day: i64, ms: i64) -> Option<Self> {
        let ms = days(year, month, day)? * DAY + ms;
        Some(Self::first(Scale::Local, ms))
    }

    /// The same without a year.
    pub(crate) fn yearless(month: i64, day: i64, ms: i64) -> Option<Self> {
        let ms = (days(2000, month, day)? - days(2000, 1, 1)?) * DAY + ms;
        Some(Self::first(Scale::Yearless, ms))
    }

    fn first(scale: Scale, ms: i64) -> Self {
        let again = false;
        Self { scale, ms, again }
    }

    /// The beginning of its minute, as one number for each scale, minute and pass, and back.
    pub(crate) fn minute_key(self) -> i64 {
        let scale = match self.scale {
            Scale::Exact => 0,
            Scale::Local => 1,
            Scale::Yearless => 2,
        };
        self.ms.div_euclid(MINUTE) * 6 + scale * 2 + i64::from(self.again)
    }

    pub(crate) fn of_minute_key(key: i64) -> Self {
        let scale = match key.rem_euclid(6) / 2 {
            0 => Scale::Exact,
            1 => Scale::Local,
            _ => Scale::Yearless,
        };
        let ms = key.div_euclid(6) * MINUTE;
        let again = key.rem_euclid(2) == 1;
        Self { scale, ms, again }
    }
}

/// What is known of a file's clock.
pub(crate) struct Clock {
    pub(crate) observed_at: Option<Timestamp>,
    pub(crate) zone: Option<TimeZone>,
    /// A zone that was given and is none.
    pub(crate) bad_zone: Option<String>,
}

impl Clock {
    pub(crate) fn of(file: &RawFile) -> Self {
        let named = file.timezone.as_deref().map(str::trim);
        let named = named.filter(|name| !name.is_empty());
        let zone = named.and_then(zone);
        Self {
            observed_at: file.observed_at,
            bad_zone: named.filter(|_| zone.is_none()).map(str::to_owned),
            zone,
        }
    }

    /// The instant, where enough is known.
    pub(crate) fn instant(&self, at: Written) -> Option<Timestamp> {
        if at.scale == Scale::Exact {
            return in_range(at.ms);
        }
        let (zone, local) = self.local(at)?;
        instant_of(zone, local, at.again)
    }

    /// Date and time on the clock of the zone, in the year that is taken for it; none of an instant.
    fn local(&self, at: Written) -> Option<(&TimeZone, civil::DateTime)> {
        let zone = self.zone.as_ref()?;
        let local = match at.scale {
            Scale::Exact => return None,
            Scale::Local => civil_of(at.ms)?,
            Scale::Yearless => with_year(zone, at.ms, self.observed_at?.plus(LATE_MS))?,
        };
        Some((zone, local))
    }

    /// Whether a change of the clocks makes it two instants.
    pub(crate) fn is_repeated(&self, at: Written) -> bool {
        self.local(at).is_some_and(|(zone, local)| {
            let offset = zone.to_ambiguous_timestamp(local).offset();
            matches!(offset, AmbiguousOffset::Fold { .. })
        })
    }

    /// The change of the clocks that makes it two instants.
    pub(crate) fn turn(&self, at: Written) -> Option<Turn> {
        let (zone, local) = self.local(at)?;
        let offset = zone.to_ambiguous_timestamp(local).offset();
        let AmbiguousOffset::Fold { before, after } = offset else {
            return None;
        };
        let first = before.to_timestamp(local).ok()?;
        let turn = zone.following(first).next()?.timestamp();
        let shown = |offset: Offset| {
            let local = offset.to_datetime(turn);
            format!("{:02}:{:02}", local.hour(), local.minute())
        };
        Some(Turn {
            at: in_range(turn.as_millisecond())?,
            from: shown(before),
            to: shown(after),
        })
    }

    /// Whether that is what its zone is called at that time.
    pub(crate) fn is_called(&self, at: Written, name: &str) -> bool {
        let at = self
            .instant(at)
            .and_then(|at| jiff::Timestamp::from_millisecond(at.millis()).ok());
        self.zone
            .as_ref()
            .zip(at)
            .is_some_and(|(zone, at)| zone.to_offset_info(at).abbreviation() == name)
    }

    /// Whether a time of this scale can be made an instant.
    pub(crate) fn knows(&self, scale: Scale) -> bool {
        match scale {
            Scale::Exact => true,
            Scale::Local => self.zone.is_some(),
            Scale::Yearless => self.zone.is_some() && self.observed_at.is_some(),
        }
    }
}

/// A change of the clocks that repeats an hour.
pub(crate) struct Turn {
    pub(crate) at: Timestamp,
    /// Where the clock stood, and where it was put.
    pub(crate) from: String,
    pub(crate) to: String,
}

fn in_range(ms: i64) -> Option<Timestamp> {
    let at = Timestamp::from_millis(ms);
    (Timestamp::MIN..=Timestamp::MAX)
        .contains(&at)
        .then_some(at)
}

/// A zone of that name: `UTC`, `+02:00`, `-0500`, or an IANA name.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    if matches!(name, "UTC" | "utc" | "Z" | "z" | "GMT") {
        return Some(TimeZone::UTC);
    }
    if let Some(seconds) = offset(name.as_bytes()) {
        let offset = Offset::from_seconds(i32::try_from(seconds).ok()?).ok()?;
        return Some(TimeZone::fixed(offset));
    }
    TimeZoneDatabase::bundled().get(name).ok()
}

/// Seconds east of UTC that `+02:00`, `+0200`, `+02` or `Z` says.
pub(crate) fn offset(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [a, b] => (number(&[*a, *b])?, 0),
        [a, b, c, d] | [a, b, b':', c, d] => (number(&[*a, *b])?, number(&[*c, *d])?),
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then(|| sign * (hours * 3600 + minutes * 60))
}

/// Digits as a number.
pub(crate) fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// Milliseconds of the day in `hh:mm:ss`, and what follows them; a fraction is read where it is
/// there, with `.` or `,`.
pub(crate) fn time_of_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else {
        return None;
    };
    let (h, m, s) = (
        number(&[*h1, *h2])?,
        number(&[*m1, *m2])?,
        number(&[*s1, *s2])?,
    );
    // A leap second counts as the second before it.
    if h > 23 || m > 59 || s > 60 {
        return None;
    }
    let mut ms = h * HOUR + m * MINUTE + s.min(59) * SECOND;
    let mut rest = rest;
    if let [b'.' | b',', fraction @ ..] = rest {
        let n = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        if n > 0 {
            let mut weight = 100;
            for digit in fraction.iter().take(3.min(n)) {
                ms += i64::from(digit - b'0') * weight;
                weight /= 10;
            }
            rest = fraction.get(n..)?;
        }
    }
    Some((ms, rest))
}

/// `2020-05-26T14:51:59.491Z`, with a blank instead of the T, with an offset or without, and what
/// follows it. Strokes instead of dashes are read too.
pub(crate) fn iso(text: &[u8]) -> Option<(Written, &[u8])> {
    let [
        y1,
        y2,
        y3,
        y4,
        dash1 @ (b'-' | b'/'),
        m1,
        m2,
        dash2,
        d1,
        d2,
        b'T' | b' ',
        rest @ ..,
    ] = text
    else {
        return None;
    };
    if dash1 != dash2 {
        return None;
    }
    let (year, month, day) = (
        number(&[*y1, *y2, *y3, *y4])?,
        number(&[*m1, *m2])?,
        number(&[*d1, *d2])?,
    );
    let (ms, rest) = time_of_day(rest)?;
    let local = Written::local(year, month, day, ms)?;
    let zone = match rest {
        [b'Z' | b'z', ..] => 1,
        [b' ', b'U', b'T', b'C', ..] => 4,
        [b'+' | b'-', _, _, b':', _, _, ..] => 6,
        [b'+' | b'-', a, b, c, d, ..] if number(&[*a, *b, *c, *d]).is_some() => 5,
        [b'+' | b'-', ..] => 3,
        _ => return Some((local, rest)),
    };
    let (written, after) = rest.split_at_checked(zone)?;
    let east = if zone == 4 { 0 } else { offset(written)? };
    Some((Written::exact(local.ms - east * SECOND), after))
}

/// In the latest year that fits. A 29 February needs a leap year, of which there is one in eight years at
/// the least.
fn with_year(zone: &TimeZone, ms: i64, latest: Timestamp) -> Option<civil::DateTime> {
    let whole = civil_of(ms + days(2000, 1, 1)? * DAY)?;
    let year = civil_of(latest.millis())?.year() + 1;
    (0..10).find_map(|back| {
        let date = civil::Date::new(year - back, whole.month(), whole.day()).ok()?;
        let local = date.to_datetime(whole.time());
        (instant_of(zone, local, false)? <= latest).then_some(local)
    })
}

/// An hour that a change of the clocks repeats is the first of the two unless it is said to be the
/// second, one that it skips is moved on by the gap (RFC 5545's rule).
fn instant_of(zone: &TimeZone, local: civil::DateTime, again: bool) -> Option<Timestamp> {
    let both = zone.to_ambiguous_timestamp(local);
    let at = if again {
        both.later()
    } else {
        both.compatible()
    };
    in_range(at.ok()?.as_millisecond())
}

fn civil_of(ms: i64) -> Option<civil::DateTime> {
    let at = jiff::Timestamp::from_millisecond(ms).ok()?;
    Some(Offset::UTC.to_datetime(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn clock(observed_at: &str, timezone: &str) -> Clock {
        Clock::of(&RawFile {
            observed_at: Some(t(observed_at)),
            timezone: Some(timezone.into()),
            ..RawFile::default()
        })
    }

    #[test]
    fn the_year_is_the_latest_that_does_not_lie_after_the_observation() {
        let clock = clock("2021-01-03T10:00:00Z", "UTC");
        let at = |month, day| clock.instant(Written::yearless(month, day, 0).unwrap());
        assert_eq!(at(12, 30), Some(t("2020-12-30T00:00:00Z")));
        assert_eq!(at(1, 2), Some(t("2021-01-02T00:00:00Z")));
        assert_eq!(at(1, 4), Some(t("2021-01-04T00:00:00Z"))); // skew
        assert_eq!(at(1, 6), Some(t("2020-01-06T00:00:00Z")));
        assert_eq!(at(2, 29), Some(t("2020-02-29T00:00:00Z")));
    }

    #[test]
    fn zones_are_names_or_offsets_and_clocks_change() {
        let berlin = clock("2020-12-01T00:00:00Z", "Europe/Berlin");
        let at =
            |month, hour| berlin.instant(Written::local(2020, month, 25, hour * HOUR).unwrap());
        assert_eq!(at(5, 12), Some(t("2020-05-25T10:00:00Z")));
        assert_eq!(at(11, 12), Some(t("2020-11-25T11:00:00Z")));
        let fixed = clock("2020-12-01T00:00:00Z", "-0530");
        let noon = Written::local(2020, 5, 25, 12 * HOUR).unwrap();
        assert_eq!(fixed.instant(noon), Some(t("2020-05-25T17:30:00Z")));
        let none = clock("2020-12-01T00:00:00Z", "Mars/Olympus");
        assert_eq!(none.instant(noon), None);
        assert_eq!(none.bad_zone.as_deref(), Some("Mars/Olympus"));
    }

    #[test]
    fn iso_times_are_read_with_any_zone_and_without() {
        for (text, scale, rest) in [
            ("2020-05-26T14:51:59.491441+00:00 x", Scale::Exact, " x"),
            ("2020-05-26T16:51:59.491+0200", Scale::Exact, ""),
            ("2020-05-26 14:51:59,491Z", Scale::Exact, ""),
            ("2020/05/26 14:51:59.491 UTC", Scale::Exact, ""),
            ("2020/05/26 14:51:59.491 y", Scale::Local, " y"),
        ] {
            let (at, after) = iso(text.as_bytes()).unwrap();
            assert_eq!(at.ms, t("2020-05-26T14:51:59.491Z").millis(), "{text}");
            assert_eq!((at.scale, after), (scale, rest.as_bytes()), "{text}");
            for again in [false, true] {
                let minute = Written::of_minute_key(Written { again, ..at }.minute_key());
                let ms = at.ms - 59_491;
                assert_eq!(minute, Written { scale, ms, again });
            }
        }
        for text in [
            "2020-02-30T00:00:00Z",
            "2020-05-26T25:00:00Z",
            "2020-05-26",
            "",
        ] {
            assert!(iso(text.as_bytes()).is_none(), "{text}");
        }
    }
}
