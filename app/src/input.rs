//! Form texts to typed values: what people write is read here once, with an answer in words for
//! each input that cannot be used.

mod asked;
mod back_test;
mod document;
mod file;
mod judge;
mod live;
mod misspelt;
mod note;
mod pull;
mod review;
mod share;
mod what_if;

use crate::FieldError;
pub use asked::Asked;
pub use back_test::{back_test, query_of, threshold_of};
pub use document::Editing;
pub(crate) use document::{section_change, timeline};
pub use file::FileForm;
pub use judge::{action, judgement};
pub use live::{explore, open_incident};
use model::{
    Timestamp, Window,
    time::{DAY, HOUR, MINUTE, SECOND},
};
pub use note::{annotation, mentions};
pub use pull::{PullForm, pull_metrics};
pub use review::{
    AnchorForm, action_edit, actions, anchor_of_view, comment, comparison, review_step,
};
pub use share::{RulesForm, SWITCHES, is_on, share_ask, share_draft, share_query};
pub use what_if::what_if;

/// Longest window that a pull is made for. `CloudWatch` keeps metrics for 455 days.
pub const LONGEST_PULL_DAYS: i64 = 455;

/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 4_000;

/// Shortest password, in characters. NIST SP 800-63B-4 (section 3.1.1.2) asks for 8 at least and for 15 where
/// nothing else is asked for; this stands between them, beside the limits on attempts.
pub const SHORTEST_PASSWORD: usize = 12;

/// Longest password, in bytes: nobody types more, and every byte is hashed.
pub const LONGEST_PASSWORD: usize = 1_024;

/// Longest name of a person or a team, in characters.
pub const LONGEST_NAME: usize = 80;

/// Longest title, in characters.
pub const LONGEST_TITLE: usize = 200;

/// A title: one line of 1 to [`LONGEST_TITLE`] characters, without the blanks around it.
///
/// # Errors
/// Says what was expected.
pub fn title(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("a title is needed".into()),
        n if n > LONGEST_TITLE => Err(format!(
            "a title has {n} characters; at most {LONGEST_TITLE} fit"
        )),
        _ if text.chars().any(char::is_control) => {
            Err("a title is one line without control characters".into())
        }
        _ => Ok(text.to_owned()),
    }
}

/// Reads an instant as people write it: `2020-05-22 03:00` (UTC), with seconds, a `T`, a `Z` or an
/// offset if they like, or epoch seconds.
///
/// # Errors
/// Says what was expected.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    let text = text.trim().trim_end_matches("UTC").trim_end();
    if text.is_empty() {
        return Err("a time is needed, such as 2020-05-22 03:00 (UTC)".into());
    }
    let mut iso = text.replacen(' ', "T", 1);
    let dated = iso.as_bytes().get(4) == Some(&b'-');
    if dated && iso.len() == "2020-05-22T03:00".len() {
        iso.push_str(":00");
    }
    if dated && iso.len() == "2020-05-22T03:00:00".len() {
        iso.push('Z');
    }
    iso.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        format!("'{shown}' is no time: write it like 2020-05-22 03:00 (UTC)")
    })
}

/// A clock time alone, `03:00` or `3:00:15`, milliseconds since midnight.
fn clock(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches("UTC").trim_end();
    let mut parts = text.split(':');
    let mut part = |most: i64| {
        let digits = parts.next()?;
        let short = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let number: i64 = digits.parse().ok().filter(|_| short)?;
        (number < most).then_some(number)
    };
    let (hours, minutes) = (part(24)?, part(60)?);
    let seconds = if text.matches(':').count() == 2 {
        part(60)?
    } else {
        0
    };
    (text.matches(':').count() <= 2).then_some(hours * HOUR + minutes * MINUTE + seconds * SECOND)
}

/// Whether a time is a clock time alone, which only an incident's window puts on a day.
pub fn is_clock(text: &str) -> bool {
    clock(text).is_some()
}

/// As [`instant`], or a clock time alone (`03:00`) on the day of the window that has it.
///
/// # Errors
/// Says what was expected, and where the window has that time on several days or on none.
pub fn instant_within(text: &str, window: Option<Window>) -> Result<Timestamp, String> {
    let (Some(since_midnight), Some(window)) = (clock(text), window) else {
        return instant(text);
    };
    let text = text.trim();
    let mut found: Option<Timestamp> = None;
    let mut day = window.start.floor_to(DAY);
    while day <= window.end {
        let at = day.plus(since_midnight);
        day = day.plus(DAY);
        if at < window.start || at > window.end {
            continue;
        }
        if let Some(first) = found {
            return Err(format!(
                "the window has {text} on several days: write the date too, such as {}",
                first.minute()
            ));
        }
        found = Some(at);
    }
    found.ok_or_else(|| {
        format!(
            "{text} is outside of the window, {} to {} UTC",
            window.start.minute(),
            window.end.minute()
        )
    })
}

/// Collects the answers of several inputs.
#[derive(Default)]
struct Fields(Vec<FieldError>);

impl Fields {
    fn read<T>(&mut self, field: &str, value: Result<T, String>) -> Option<T> {
        value
            .map_err(|message| self.0.push(FieldError::new(field, message)))
            .ok()
    }

    fn text(&mut self, field: &str, value: &str, longest: usize, what: &str) -> Option<String> {
        let value = value.trim();
        let length = value.chars().count();
        let read = match length {
            0 => Err(format!("{what} is needed")),
            n if n > longest => Err(format!("{what} has {n} characters; at most {longest} fit")),
            _ => Ok(value.to_owned()),
        };
        self.read(field, read)
    }

    fn title(&mut self, value: &str) -> Option<String> {
        self.read("title", title(value))
    }

    fn window(&mut self, start: &str, end: &str) -> Option<Window> {
        let start = self.read("start", instant(start));
        let end = self.read("end", instant(end));
        let window = Window::new(start?, end?).ok_or("the end must be later than the start".into());
        self.read("end", window)
    }
}

fn optional(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let at = Timestamp::from_seconds(1_590_116_400);
        for text in [
            "2020-05-22 03:00",
            " 2020-05-22T03:00 ",
            "2020-05-22 03:00:00",
            "2020-05-22 03:00 UTC",
            "2020-05-22T03:00:00Z",
            "2020-05-22T05:00:00+02:00",
            "1590116400",
        ] {
            assert_eq!(instant(text), Ok(at), "{text}");
        }
        for text in ["", "22/05/2020", "2020-05-22", "2020-13-40 99:99", "soon"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(title(" Slow sites \n"), Ok("Slow sites".into()));
        let long = "x".repeat(LONGEST_TITLE + 1);
        for bad in ["", " ", "a\nb", "a\u{1b}[31m", &long] {
            assert!(title(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn inside_a_window_the_clock_is_enough_where_it_is_on_one_day() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = Window {
            start: at("2020-05-21T22:00:00Z"),
            end: at("2020-05-22T12:00:00Z"),
        };
        let within = |text| instant_within(text, Some(window));
        for text in [
            "03:00",
            "3:00",
            "03:00:00",
            " 03:00 UTC",
            "2020-05-22 03:00",
        ] {
            assert_eq!(within(text), Ok(at("2020-05-22T03:00:00Z")), "{text}");
        }
        assert_eq!(within("23:30"), Ok(at("2020-05-21T23:30:00Z")));
        assert!(
            within("13:00")
                .unwrap_err()
                .contains("outside of the window")
        );
        for text in ["24:00", "03:60", "03:00:00:00", "3h", ":"] {
            assert!(
                within(text).unwrap_err().contains("write it like"),
                "{text}"
            );
        }
        let long = Window {
            end: at("2020-05-23T12:00:00Z"),
            ..window
        };
        let error = instant_within("03:00", Some(long)).unwrap_err();
        assert!(error.contains("several days") && error.contains("2020-05-22 03:00"));
        assert!(instant_within("03:00", None).is_err());
    }
}
