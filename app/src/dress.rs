//! A lane dressed for a view: its axis as chosen, and what is in focus. The same on the server and in
//! the browser, so that both draw one picture.

use crate::view::Arrangement;
use chart::{Content, Focus, Lane, LaneKind, Layout};
use std::collections::BTreeSet;

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

/// Ids in one attribute, spaces between them. Spaces and percent signs inside of ids are escaped.
pub fn listed<'a>(ids: impl IntoIterator<Item = &'a String>) -> String {
    let mut out = String::new();
    for id in ids {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in id.chars() {
            match c {
                '%' => out.push_str("%25"),
                c if c.is_whitespace() => out.push_str("%20"),
                c => out.push(c),
            }
        }
    }
    out
}

/// The ids of such an attribute.
pub fn unlisted(text: &str) -> BTreeSet<String> {
    text.split_whitespace()
        .map(|id| id.replace("%20", " ").replace("%25", "%"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chart::Plot;

    #[test]
    fn lists_of_ids_are_read_as_they_were_written() {
        let ids: BTreeSet<String> = ["a b", "files/pods.txt#3", "100%25", ""]
            .map(String::from)
            .into();
        let read = unlisted(&listed(&ids));
        assert!(
            read.is_superset(
                &["a b", "files/pods.txt#3", "100%25"]
                    .map(String::from)
                    .into()
            )
        );
        assert_eq!(read.len(), 3);
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
