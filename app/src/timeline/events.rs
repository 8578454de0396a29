//! The events that the window and the filter let through, the first of them as rows.

use super::{EventRow, EventsView, Reference};
use crate::{
    backend::timeline::not_drawn,
    view::{Filter, Part, View},
};
use chart::Lane;
use model::{Event, Evidence, Window};
use std::collections::BTreeSet;

/// Rows that the page has before the browser asks for more, and all that it has without JavaScript.
const LISTED: usize = 50;
/// Names that an input of the filter offers.
const OFFERED: usize = 200;

/// Events in the order of time, those of unknown time last, each with the lane that shows it: one of
/// `lanes` of an incident with that window.
pub(super) fn events(
    evidence: &Evidence,
    view: &View,
    shown: Window,
    (lanes, window): (&[Lane], Window),
) -> EventsView {
    let asked = Asked::of(&view.filter, &evidence.events);
    let there: Vec<&Event> = evidence
        .events
        .iter()
        .filter(|e| in_sight(e, shown))
        .collect();
    let mut found: Vec<&Event> = there
        .iter()
        .copied()
        .filter(|e| asked.fits(e, None))
        .collect();
    found.sort_by_key(|e| (e.at().is_none(), e.at(), &e.id));
    let mut kinds: Vec<String> = evidence
        .events
        .iter()
        .map(|e| e.kind.as_str().to_owned())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let parts = view.filter.parts();
    let without = parts.iter().filter(|(_, asked)| !asked.is_empty());
    let without = without
        .filter(|_| found.is_empty())
        .filter_map(|(part, _)| {
            let n = there.iter().filter(|e| asked.fits(e, Some(part))).count();
            (n > 0).then_some((*part, n))
        });
    EventsView {
        without: without.collect(),
        names: [
            names(&there, |e| &e.namespace),
            names(&there, |e| &e.object.name),
            names(&there, |e| &e.node),
        ],
        kinds,
        all: evidence.events.len(),
        total: found.len(),
        rows: found
            .iter()
            .take(LISTED)
            .map(|e| row(e, lane_of(e, lanes), window))
            .collect(),
    }
}

/// Names to choose from, as many as a reader looks through.
fn names(events: &[&Event], name: fn(&Event) -> &str) -> Vec<String> {
    let names: BTreeSet<&str> = events.iter().map(|e| name(e)).collect();
    let names = names.into_iter().filter(|name| !name.is_empty());
    names.take(OFFERED).map(str::to_owned).collect()
}

/// An event of unknown time may have been at any.
fn in_sight(event: &Event, shown: Window) -> bool {
    let Some(at) = event.at() else { return true };
    let end = match event.end {
        None if event.kind.is_interval() => None,
        end => Some(end.unwrap_or(at)),
    };
    shown.touches(at, end)
}

/// A filter, ready to be compared.
struct Asked<'a> {
    filter: &'a Filter,
    namespace: Part,
    object: Part,
    node: Part,
}

impl<'a> Asked<'a> {
    fn of(filter: &'a Filter, events: &[Event]) -> Self {
        let all = events.iter();
        Self {
            filter,
            namespace: Part::of(&filter.namespace, all.clone().map(|e| &*e.namespace)),
            object: Part::of_object(&filter.object, all.clone().map(|e| &*e.object.name)),
            node: Part::of(&filter.node, all.map(|e| &*e.node)),
        }
    }

    /// Words anywhere; the kind as it is; names as [`Part`] says. `but` is a part that is let go of.
    fn fits(&self, event: &Event, but: Option<&str>) -> bool {
        let filter = self.filter;
        let free = |part: &str, asked: &str| asked.is_empty() || but == Some(part);
        let words = || {
            let all = [
                event.title.as_str(),
                event.kind.as_str(),
                &event.namespace,
                &event.object.name,
                &event.node,
                &event.source,
            ]
            .join(" ")
            .to_lowercase();
            let asked = filter.text.to_lowercase();
            asked.split_whitespace().all(|word| all.contains(word))
        };
        let object = &event.object;
        (free("text", &filter.text) || words())
            && (free("kind", &filter.kind) || filter.kind == event.kind.as_str())
            && (free("namespace", &filter.namespace) || self.namespace.fits(&event.namespace))
            && (free("node", &filter.node) || self.node.fits(&event.node))
            && (free("object", &filter.object)
                || self
                    .object
                    .fits_object(&object.kind, &event.namespace, &object.name))
    }
}

fn lane_of(event: &Event, lanes: &[Lane]) -> Option<Reference> {
    let lane = lanes.iter().find(|l| l.events.contains(&event.id))?;
    Some(Reference {
        label: lane.title.clone(),
        lane: Some(lane.id.clone()),
    })
}

fn row(event: &Event, lane: Option<Reference>, window: Window) -> EventRow {
    let when = match (event.start, event.at()) {
        (Some(at), _) => at.minute(),
        (None, Some(latest)) => format!("before {}", latest.minute()),
        (None, None) => "unknown".into(),
    };
    let object = [event.namespace.as_str(), &event.object.name]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect::<Vec<_>>()
        .join("/");
    EventRow {
        id: event.id.clone(),
        when,
        kind: event.kind.label().clone(),
        title: if event.title.is_empty() {
            event.object.name.clone()
        } else {
            event.title.clone()
        },
        object,
        node: event.node.clone(),
        not_drawn: if lane.is_some() {
            ""
        } else {
            not_drawn(event, window)
        },
        lane,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{EventKind, Timestamp};

    fn event(id: &str, kind: EventKind, start: Option<i64>, end: Option<i64>) -> Event {
        Event {
            id: id.into(),
            kind,
            start: start.map(Timestamp::from_seconds),
            end: end.map(Timestamp::from_seconds),
            title: format!("Title of {id}"),
            namespace: "shop".into(),
            ..Event::default()
        }
    }

    fn found(view: &View, from: i64, to: i64) -> Vec<String> {
        let evidence = Evidence {
            events: vec![
                event("late", EventKind::Rollout, Some(500), None),
                event("unknown", EventKind::Rollout, None, None),
                event("stuck", EventKind::PodTerminating, Some(50), None),
                event("over", EventKind::PodTerminating, Some(10), Some(20)),
            ],
            ..Evidence::default()
        };
        let at = Timestamp::from_seconds;
        let shown = Window {
            start: at(from),
            end: at(to),
        };
        let rows = events(&evidence, view, shown, (&[], shown)).rows;
        assert!(rows.iter().all(|r| r.not_drawn.starts_with("not drawn: ")));
        rows.into_iter().map(|r| r.id).collect()
    }

    #[test]
    fn what_goes_on_in_the_window_is_listed_and_the_unknown_is_not_left_out() {
        let all = View::default();
        assert_eq!(found(&all, 0, 1_000), ["over", "stuck", "late", "unknown"]);
        assert_eq!(found(&all, 100, 400), ["stuck", "unknown"]);
    }

    #[test]
    fn every_part_of_a_filter_holds_back() {
        let with = |change: fn(&mut Filter)| {
            let mut view = View::default();
            change(&mut view.filter);
            found(&view, 0, 1_000)
        };
        assert_eq!(with(|f| f.text = "OF over".into()), ["over"]);
        assert_eq!(with(|f| f.kind = "rollout".into()), ["late", "unknown"]);
        assert_eq!(with(|f| f.namespace = "SHO".into()).len(), 4, "a part");
        assert!(with(|f| f.namespace = "mail".into()).is_empty());
        assert!(with(|f| f.node = "n1".into()).is_empty());
        assert!(with(|f| f.object = "web".into()).is_empty());
    }

    #[test]
    fn where_nothing_fits_the_part_that_holds_it_back_is_named() {
        let event = event("one", EventKind::Rollout, Some(5), None);
        let evidence = Evidence {
            events: vec![event],
            ..Evidence::default()
        };
        let mut view = View::default();
        view.filter.text = "title".into();
        view.filter.node = "ip-10".into();
        let shown = Window {
            start: Timestamp::from_seconds(0),
            end: Timestamp::from_seconds(9),
        };
        let given = events(&evidence, &view, shown, (&[], shown));
        assert_eq!((given.total, given.without), (0, vec![("node", 1)]));
        assert_eq!(given.names[0], ["shop"]);
        view.filter.node.clear();
        assert!(
            events(&evidence, &view, shown, (&[], shown))
                .without
                .is_empty()
        );
    }
}
