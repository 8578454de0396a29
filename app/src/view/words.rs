//! What is said of a view: times, spans and distances.

use model::{Timestamp, Window, time::span_text};

/// `2020-05-22 03:00:07`, with the fraction of a second where there is one (UTC).
pub fn exact(at: Timestamp) -> String {
    let text = at.to_string().replacen('T', " ", 1);
    text.trim_end_matches('Z').to_owned()
}

/// An instant as the form of notes takes it: to the minute where that is all of it.
pub fn for_form(at: Timestamp) -> String {
    if at.floor_to(model::time::MINUTE) == at {
        at.minute()
    } else {
        exact(at.floor_to(model::time::SECOND))
    }
}

/// What is announced when the view has changed: `2020-05-22 03:00 to 05:00 UTC, 2 h`.
pub fn window(window: Window) -> String {
    let (start, end) = (window.start, window.end);
    let fine = window.millis() < 10 * model::time::MINUTE;
    let text = |at: Timestamp| if fine { exact(at) } else { at.minute() };
    let (from, to) = (text(start), text(end));
    let to = match to.split_once(' ') {
        Some((date, clock)) if from.starts_with(date) => clock.to_owned(),
        _ => to,
    };
    format!("{from} to {to} UTC, {}", span_text(window.millis()))
}

/// How far the crosshair is from the changes around it: `12 min after a change, 3 h before the
/// next`. Empty where there is none.
pub fn distances(before: Option<i64>, after: Option<i64>) -> String {
    let gone = before.map(|ms| match ms {
        0 => "at a change point".to_owned(),
        ms => format!("{} after a change point", span_text(-ms)),
    });
    let coming = after.map(|ms| {
        let what = if gone.is_some() {
            "the next"
        } else {
            "a change point"
        };
        format!("{} before {what}", span_text(ms))
    });
    match (gone, coming) {
        (Some(gone), Some(coming)) => format!("{gone}, {coming}"),
        (gone, coming) => gone.or(coming).unwrap_or_default(),
    }
}

/// What the link of a suspect says that is not lit.
pub const LIGHT: &str = "Light up on the timeline";
/// What it says where it is.
pub const UNLIGHT: &str = "Show all lanes alike";

/// Text as it may stand in HTML, in elements and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_names_its_day_once() {
        let span = |a, b| {
            window(Window {
                start: at(a),
                end: at(b),
            })
        };
        assert_eq!(
            span("2020-05-22T03:00:00Z", "2020-05-22T05:00:00Z"),
            "2020-05-22 03:00 to 05:00 UTC, 2 h"
        );
        assert_eq!(
            span("2020-05-22T23:00:00Z", "2020-05-23T05:00:00Z"),
            "2020-05-22 23:00 to 2020-05-23 05:00 UTC, 6 h"
        );
        assert_eq!(
            span("2020-05-22T03:00:07Z", "2020-05-22T03:00:17.250Z"),
            "2020-05-22 03:00:07 to 03:00:17.25 UTC, 10 s"
        );
    }

    #[test]
    fn the_form_gets_what_it_can_read() {
        for text in ["2020-05-22T03:00:00Z", "2020-05-22T03:00:07Z"] {
            let at = at(text);
            #[cfg(feature = "ssr")]
            assert_eq!(crate::input::instant(&for_form(at)), Ok(at));
            assert!(!for_form(at).contains('T'));
        }
    }

    #[test]
    fn distances_read_like_sentences() {
        assert_eq!(
            distances(Some(-720_000), Some(10_800_000)),
            "12 min after a change point, 3 h before the next"
        );
        assert_eq!(distances(Some(0), None), "at a change point");
        assert_eq!(distances(None, Some(1_000)), "1 s before a change point");
        assert_eq!(distances(None, None), "");
    }

    #[test]
    fn hostile_text_is_only_text() {
        assert_eq!(
            escaped("<img src=\"x\" onerror='y'>&"),
            "&lt;img src=&quot;x&quot; onerror=&#39;y&#39;&gt;&amp;"
        );
    }
}
