//! Times that people put between pasted outputs: a line of `date`, an RFC 3339 time, epoch seconds.

use super::{
    clock::{Clock, Scale, Written, iso, number, offset, time_of_day},
    reading::Reading,
};
use model::{
    Timestamp, Window,
    time::{HOUR, MINUTE},
};

/// A line that is nothing but a time, perhaps after a few signs (`=== 2020-05-28T10:00:00Z`).
pub(crate) fn of_line(line: &str) -> Option<Written> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || "=-#*+".contains(c));
    if line.is_empty() || line.len() > 60 {
        return None;
    }
    if let Some((at, rest)) = iso(line.as_bytes()) {
        let rest = std::str::from_utf8(rest).ok()?.trim();
        return match at.scale {
            Scale::Local => zoned(at, rest),
            _ => rest.is_empty().then_some(at),
        };
    }
    if (9..=10).contains(&line.len()) {
        // Nine digits are 1973 at the earliest; a count would hardly stand alone on a line.
        return number(line.as_bytes()).map(|s| Written::exact(s * 1_000));
    }
    date(line)
}

/// What `date` prints: `Thu May 28 10:00:00 UTC 2020` in the C locale, `Thu May 28 10:00:00 AM UTC 2020`
/// or `Thu 28 May 2020 10:00:00 AM UTC` in English ones. The words say what they are, so that their order
/// is of no matter; the first is the day of the week.
fn date(line: &str) -> Option<Written> {
    let mut parts = Parts::default();
    let mut words = line.split_whitespace();
    words.next()?;
    for word in words {
        parts.take(word)?;
    }
    parts.written()
}

/// The words of a line of `date`.
#[derive(Default)]
struct Parts<'a> {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    /// Milliseconds of the day, or of half of it.
    clock: Option<i64>,
    /// 0 for AM, 12 for PM.
    half: Option<i64>,
    zone: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Takes a word in; `None` where it has no place.
    fn take(&mut self, word: &'a str) -> Option<()> {
        let digits = word.bytes().all(|b| b.is_ascii_digit());
        let (place, value) = if word.contains(':') {
            let (ms, rest) = time_of_day(word.as_bytes())?;
            (&mut self.clock, rest.is_empty().then_some(ms)?)
        } else if let Some(month) = month(word) {
            (&mut self.month, month)
        } else if let Some(half) = half(word) {
            (&mut self.half, half)
        } else if digits && word.len() == 4 {
            (&mut self.year, number(word.as_bytes())?)
        } else if digits && word.len() <= 2 {
            (&mut self.day, number(word.as_bytes())?)
        } else {
            return self.zone.replace(word).is_none().then_some(());
        };
        place.replace(value).is_none().then_some(())
    }

    fn written(&self) -> Option<Written> {
        let mut ms = self.clock?;
        if let Some(half) = self.half {
            // 12 AM is midnight, 12 PM is noon.
            let whole = (HOUR..13 * HOUR).contains(&ms).then_some(ms)?;
            ms = whole % (12 * HOUR) + half * HOUR;
        }
        let local = Written::local(self.year?, self.month?, self.day?, ms)?;
        zoned(local, self.zone.unwrap_or(""))
    }
}

fn month(word: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    (1..)
        .zip(MONTHS)
        .find(|(_, name)| *name == word)
        .map(|(n, _)| n)
}

fn half(word: &str) -> Option<i64> {
    match word {
        "AM" | "am" => Some(0),
        "PM" | "pm" => Some(12),
        _ => None,
    }
}

/// Abbreviations that stand for one offset, in minutes east of UTC. Those of the United States are as in
/// RFC 822, 5.1, the others as in the IANA time zone database. CST, IST, BST and AST are not here: each
/// is several zones, in both halves of the world.
const ABBREVIATIONS: [(&str, i64); 27] = [
    ("UTC", 0),
    ("GMT", 0),
    ("WET", 0),
    ("WEST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("SAST", 120),
    ("HKT", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("EDT", -240),
    ("EST", -300),
    ("CDT", -300),
    ("MDT", -360),
    ("MST", -420),
    ("PDT", -420),
    ("PST", -480),
    ("AKDT", -480),
    ("AKST", -540),
    ("HST", -600),
];

/// The time on the clock of that zone. An abbreviation that is several zones leaves it to the file's own;
/// a word that is no zone makes it no time.
fn zoned(local: Written, zone: &str) -> Option<Written> {
    if zone.is_empty() {
        return Some(local);
    }
    let minutes = match offset(zone.as_bytes()) {
        Some(seconds) => Some(seconds / 60),
        None => named(zone),
    };
    match minutes {
        Some(minutes) => Some(Written::exact(local.ms - minutes * MINUTE)),
        None => is_abbreviation(zone).then_some(local),
    }
}

fn named(zone: &str) -> Option<i64> {
    ABBREVIATIONS
        .into_iter()
        .find(|(name, _)| *name == zone)
        .map(|(_, minutes)| minutes)
}

/// Words behind the time of a line of a log.
const LEVELS: [&str; 7] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"];

fn is_abbreviation(word: &str) -> bool {
    (3..=5).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_uppercase())
        && !LEVELS.contains(&word)
}

/// The abbreviation in a line with a time that is several zones.
fn unclear_zone(line: &str) -> Option<(&str, Written)> {
    let at = of_line(line).filter(|at| at.scale == Scale::Local)?;
    let zone = line.split_whitespace().find(|word| is_abbreviation(word))?;
    Some((zone, at))
}

/// The instant of a moment; asks for the zone where it needs one.
pub(crate) fn instant(
    reading: &mut Reading<'_>,
    clock: &Clock,
    at: Written,
    asked: &mut bool,
) -> Option<Timestamp> {
    if at.scale != Scale::Exact && !*asked {
        *asked = true;
        ask_zone(reading, clock);
    }
    clock.instant(at)
}

/// Asks for the zone, naming the abbreviation that leaves it open. Where a zone is given that does not
/// call itself so, it is said that the times were read in it all the same.
fn ask_zone(reading: &mut Reading<'_>, clock: &Clock) {
    let file = reading.file;
    let text = crate::bundle::text(&file.path, &file.content).unwrap_or_default();
    let Some((zone, at)) = text.lines().find_map(unclear_zone) else {
        reading.ask_zone(clock);
        return;
    };
    reading.ask_zone_since(
        clock,
        &format!("'{zone}' in its times is more than one zone: on which clock were they written?"),
    );
    if clock.zone.is_some() && !clock.is_called(at, zone) {
        let given = file.timezone.as_deref().unwrap_or_default().trim();
        reading.gap(&format!(
            "'{zone}' in its times is more than one zone: they are read in the one that is given, {given}"
        ));
    }
}

/// The moment that is proposed for what was measured by hand: the window's last minute. It was measured
/// while the incident lasted, and the end itself lies outside, so that what is said to be of then would
/// be left out.
pub(crate) fn proposed(window: Window) -> Timestamp {
    window.end.plus(-1).floor_to(MINUTE).max(window.start)
}

/// The observation of a file that says no time of its own; asks for it where it is not known, with the
/// proposal of [`proposed`].
pub(crate) fn observed(reading: &mut Reading<'_>, window: Window, what: &str) -> Option<Timestamp> {
    let at = reading.file.observed_at;
    if at.is_none() {
        let why = format!("{what} says no time: when was it taken?");
        reading.ask_observed(&why, proposed(window).to_string());
        reading.gap("when it was taken is not known, so that it stands at no time");
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_between_outputs_are_read_and_other_lines_are_not() {
        let at = 1_590_660_000_000;
        for line in [
            "2020-05-28T10:00:00Z",
            "=== 2020-05-28 10:00:00 UTC ===",
            "1590660000",
            "Thu May 28 10:00:00 UTC 2020",
        ] {
            assert_eq!(of_line(line), Some(Written::exact(at)), "{line}");
        }
        for line in [
            "",
            "Client nfs v4:",
            "7557659    10",
            "calls",
            "28 May",
            "Thu May 28 13:00:00 PM UTC 2020",
            "Thu May 28 10:00:00 was a day of 2020",
            "2020-05-28 10:00:00 sharp",
        ] {
            assert_eq!(of_line(line), None, "{line}");
        }
    }

    #[test]
    fn every_english_form_of_date_is_read() {
        let midnight = 1_590_624_000_000; // 2020-05-28T00:00:00Z
        for (line, hours) in [
            ("Thu May 28 10:00:00 AM UTC 2020", 10),
            ("Thu May 28 12:00:00 AM UTC 2020", 0),
            ("Thu 28 May 2020 12:00:00 PM UTC", 12),
            ("Thu 28 May 2020 10:00:00 PM UTC", 22),
            ("Thu 28 May 10:00:00 UTC 2020", 10),
            ("Thu, 28 May 2020 10:00:00 +0000", 10),
            ("2020-05-28 10:00:00+00:00", 10),
        ] {
            let at = Written::exact(midnight + hours * HOUR);
            assert_eq!(of_line(line), Some(at), "{line}");
        }
    }

    #[test]
    fn abbreviations_of_one_zone_are_offsets_and_others_are_left_open() {
        let ten = 1_590_660_000_000;
        for (zone, hours) in [("CEST", 2), ("PDT", -7), ("HST", -10), ("+03", 3)] {
            for line in [
                format!("Thu May 28 10:00:00 {zone} 2020"),
                format!("2020-05-28 10:00:00 {zone}"),
            ] {
                let at = Written::exact(ten - hours * HOUR);
                assert_eq!(of_line(&line), Some(at), "{line}");
            }
        }
        for zone in ["IST", "BST", "CST"] {
            let line = format!("Thu May 28 10:00:00 AM {zone} 2020");
            let (named, at) = unclear_zone(&line).unwrap();
            assert_eq!((named, at.scale, at.ms), (zone, Scale::Local, ten));
        }
        assert_eq!(unclear_zone("Thu May 28 10:00:00 2020"), None);
    }
}
