//! A lane dressed for a view: its axis as chosen, and what is not lit dimmed. The same on the server
//! and in the browser, so that both draw one picture.

use crate::view::Arrangement;
use chart::{Content, Ink, Lane};
use std::collections::BTreeSet;

/// What a suspect is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lit {
    /// Ids of its series.
    pub series: BTreeSet<String>,
    /// Ids of its events.
    pub events: BTreeSet<String>,
}

impl Lit {
    /// Whether a lane shows anything of it.
    pub fn touches(&self, lane: &Lane) -> bool {
        lane.series.iter().any(|id| self.series.contains(id))
            || lane.events.iter().any(|id| self.events.contains(id))
    }
}

/// Dresses a lane. Curves and events that are not lit get the ink of axes: they stay readable as
/// surroundings, and no colour means anything else than it does elsewhere.
pub fn dress(lane: &mut Lane, lanes: &Arrangement, lit: Option<&Lit>) {
    if let Content::Metric(plot) = &mut lane.content {
        plot.log = lanes.is_log(&lane.id, plot.log);
    }
    let Some(lit) = lit else { return };
    match &mut lane.content {
        Content::Metric(plot) => {
            for curve in &mut plot.curves {
                if !lit.series.contains(&curve.series) {
                    curve.ink = Ink::Axis;
                }
            }
        }
        Content::Events { items, .. } => {
            for item in items.iter_mut() {
                if !lit.events.contains(&item.event) && item.ink != Ink::Note {
                    item.ink = Ink::Axis;
                }
            }
        }
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
    use chart::{LaneKind, Layout, Plot, Shape};

    fn lane(content: Content) -> Lane {
        Lane {
            id: "a".into(),
            title: String::new(),
            unit: String::new(),
            kind: LaneKind::Metric,
            summary: String::new(),
            series: vec!["s1".into(), "s2".into()],
            events: Vec::new(),
            content,
            marks: Vec::new(),
            bands: Vec::new(),
        }
    }

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
        let mut dressed = lane(Content::Metric(Plot::default()));
        dress(&mut dressed, &Arrangement::default(), None);
        assert_eq!(dressed, lane(Content::Metric(Plot::default())));
        let mut lanes = Arrangement::default();
        lanes.toggle_log("a", false);
        dress(&mut dressed, &lanes, None);
        assert!(matches!(&dressed.content, Content::Metric(plot) if plot.log));
    }

    #[test]
    fn what_is_not_lit_is_dimmed() {
        let item = |event: &str, ink| chart::EventItem {
            event: event.into(),
            start: model::Timestamp::default(),
            end: None,
            open: false,
            start_unknown: false,
            earliest: None,
            shape: Shape::Dot,
            ink,
            label: String::new(),
        };
        let items = vec![
            item("e1", Ink::Suspect),
            item("e2", Ink::Event),
            item("n", Ink::Note),
        ];
        let layout = Layout::Packed;
        let mut dressed = lane(Content::Events { layout, items });
        let lit = Lit {
            events: ["e1".to_owned()].into(),
            series: ["s1".to_owned()].into(),
        };
        dress(&mut dressed, &Arrangement::default(), Some(&lit));
        let Content::Events { items, .. } = &dressed.content else {
            panic!("a lane of events")
        };
        let inks: Vec<Ink> = items.iter().map(|i| i.ink).collect();
        assert_eq!(inks, [Ink::Suspect, Ink::Axis, Ink::Note]);
        assert!(lit.touches(&dressed));
        assert!(!Lit::default().touches(&dressed));
    }
}
