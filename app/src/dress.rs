//! A lane dressed for a view: its axis as chosen, and what is in focus. The same on the server and in
//! the browser, so that both draw one picture.

use crate::view::Arrangement;
use chart::{Band, BandKind, Content, Focus, Lane, LaneKind, Layout};
use model::Window;
use std::{collections::BTreeSet, fmt::Write};

/// Whether a lane shows anything of what is in focus.
pub fn touches(focus: &Focus, lane: &Lane) -> bool {
    lane.series.iter().any(|id| focus.series.contains(id))
        || lane.events.iter().any(|id| focus.events.contains(id))
}

/// Gives a lane the axis that was chosen for it.
pub fn dress(lane: &mut Lane, lanes: &Arrangement) {
    if let Content::Metric(plot) = &mut lane.content {
        plot.log = lanes.is_log(&lane.id, plot.log);
    }
}

/// Tints the spans in which an alarm that is tried would have gone off.
pub fn alarmed(lane: &mut Lane, fired: &[Window]) {
    lane.bands.extend(fired.iter().map(|span| Band {
        span: *span,
        kind: BandKind::Alarm,
        label: String::new(),
    }));
}

/// The time axis alone: a lane without events, so that its ticks are those of the lanes below.
pub fn axis_lane() -> Lane {
    Lane {
        id: "axis".into(),
        title: "Time in UTC".into(),
        unit: String::new(),
        kind: LaneKind::Events,
        summary: String::new(),
        series: Vec::new(),
        events: Vec::new(),
        content: Content::Events {
            layout: Layout::Packed,
            items: Vec::new(),
        },
        marks: Vec::new(),
        bands: Vec::new(),
    }
}

/// Spans in one attribute: from and to in milliseconds with a hyphen between, spaces between spans.
pub fn spans(list: &[Window]) -> String {
    let text = |w: &Window| format!("{}-{}", w.start.millis(), w.end.millis());
    list.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// The spans of such an attribute.
pub fn unspanned(text: &str) -> Vec<Window> {
    let at = |ms: &str| ms.parse().ok().map(model::Timestamp::from_millis);
    let span = |part: &str| {
        let (from, to) = part.split_once('-')?;
        Window::new(at(from)?, at(to)?)
    };
    text.split_whitespace().filter_map(span).collect()
}

/// Ids in one attribute, spaces between them. White space and percent signs inside of ids are escaped,
/// each by its own number.
pub fn listed<'a>(ids: impl IntoIterator<Item = &'a String>) -> String {
    let mut out = String::new();
    for id in ids {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in id.chars() {
            match c {
                '%' => out.push_str("%25;"),
                c if c.is_whitespace() => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "%{:X};", u32::from(c));
                }
                c => out.push(c),
            }
        }
    }
    out
}

/// The ids of such an attribute.
pub fn unlisted(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(unescaped).collect()
}

/// An id without its escapes; what is none stays as it is.
pub fn unescaped(id: &str) -> String {
    let mut parts = id.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let letter = part.split_once(';').and_then(|(number, rest)| {
            let number = u32::from_str_radix(number, 16).ok()?;
            Some((char::from_u32(number)?, rest))
        });
        if let Some((letter, rest)) = letter {
            out.push(letter);
            out.push_str(rest);
        } else {
            out.push('%');
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use chart::Plot;
    use proptest::{
        collection::{btree_set, vec},
        prelude::*,
    };

    #[test]
    fn lists_of_ids_are_read_as_they_were_written() {
        let odd = [
            "a b",
            "a\tb",
            "a\u{a0}b",
            "files/pods.txt#3",
            "100%25;",
            "%",
            "\n",
            "%20",
        ];
        let ids: BTreeSet<String> = odd.map(String::from).into();
        let text = listed(&ids);
        assert_eq!(unlisted(&text), ids);
        assert_eq!(text.split_whitespace().count(), odd.len());
        // Nothing is no id.
        assert_eq!(unlisted(&listed(&[String::new()])).len(), 0);
    }

    proptest! {
        #[test]
        fn any_ids_survive_their_attribute(ids in btree_set("(?s).{1,20}", 0..6)) {
            prop_assert_eq!(unlisted(&listed(&ids)), ids);
        }

        #[test]
        fn spans_survive_theirs(spans in vec((0..1_000_000i64, 1..1_000i64), 0..6)) {
            let at = model::Timestamp::from_millis;
            let spans: Vec<Window> = spans
                .into_iter()
                .map(|(from, length)| Window { start: at(from), end: at(from + length) })
                .collect();
            prop_assert_eq!(unspanned(&super::spans(&spans)), spans);
        }
    }

    #[test]
    fn the_axis_is_as_chosen_and_only_then() {
        let lane = Lane {
            id: "a".into(),
            series: vec!["s1".into(), "s2".into()],
            content: Content::Metric(Plot::default()),
            ..axis_lane()
        };
        let mut dressed = lane.clone();
        dress(&mut dressed, &Arrangement::default());
        assert_eq!(dressed, lane);
        let mut lanes = Arrangement::default();
        lanes.toggle_log("a", false);
        dress(&mut dressed, &lanes);
        assert!(matches!(&dressed.content, Content::Metric(plot) if plot.log));
        let focus = Focus {
            series: ["s1".to_owned()].into(),
            ..Focus::default()
        };
        assert!(touches(&focus, &lane));
        assert!(!touches(&Focus::default(), &lane));
    }
}
