//! Form texts to typed values: what people write is read here once, with an answer in words for
//! each input that cannot be used.

mod file;
mod live;
mod note;
mod pull;
mod study;

use crate::FieldError;
pub use file::FileForm;
pub use live::{explore, open_incident};
use model::{Timestamp, Window};
pub use note::annotation;
pub use pull::{PullForm, pull_metrics};
pub use study::{Asked, action, back_test, judgement, query_of, threshold_of, what_if};

/// Longest window that a pull is made for. `CloudWatch` keeps metrics for 455 days.
pub const LONGEST_PULL_DAYS: i64 = 455;

/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 4_000;

/// Longest title, in characters.
pub const LONGEST_TITLE: usize = 200;

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
}
