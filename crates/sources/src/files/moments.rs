//! Times that people put between pasted outputs: a line of `date`, an RFC 3339 time, epoch seconds.

use super::{
    clock::{Clock, Scale, Written, iso, number, time_of_day},
    reading::Reading,
};
use model::{Timestamp, Window, time::MINUTE};

/// A line that is nothing but a time, perhaps after a few signs (`=== 2020-05-28T10:00:00Z`).
pub(crate) fn of_line(line: &str) -> Option<Written> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || "=-#*+".contains(c));
    if line.is_empty() || line.len() > 60 {
        return None;
    }
    if let Some((at, rest)) = iso(line.as_bytes()) {
        return rest.trim_ascii().is_empty().then_some(at);
    }
    if (9..=10).contains(&line.len()) {
        // Nine digits are 1973 at the earliest; a count would hardly stand alone on a line.
        return number(line.as_bytes()).map(|s| Written::exact(s * 1_000));
    }
    date(line)
}

/// `Thu May 28 10:00:00 UTC 2020`, as `date` prints it in the C locale.
fn date(line: &str) -> Option<Written> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let words: Vec<&str> = line.split_whitespace().collect();
    let (month, day, clock, zone, year) = match words.as_slice() {
        [_, month, day, clock, zone, year] => (*month, *day, *clock, *zone, *year),
        [_, month, day, clock, year] => (*month, *day, *clock, "", *year),
        _ => return None,
    };
    let month = (1..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let (ms, rest) = time_of_day(clock.as_bytes())?;
    let (day, year) = (number(day.as_bytes())?, number(year.as_bytes())?);
    let local = Written::local(year, month, day, ms).filter(|_| rest.is_empty())?;
    match zone {
        "UTC" | "GMT" => Some(Written::exact(local.ms)),
        // An abbreviation such as CST is three zones: the file's own zone decides.
        _ => Some(local),
    }
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
        reading.ask_zone(clock);
    }
    clock.instant(at)
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
        let local = of_line("Thu May 28 10:00:00 CEST 2020").unwrap();
        assert_eq!((local.scale, local.ms), (Scale::Local, at));
        for line in ["", "Client nfs v4:", "7557659    10", "calls", "28 May"] {
            assert_eq!(of_line(line), None, "{line}");
        }
    }
}
