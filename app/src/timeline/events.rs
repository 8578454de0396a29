//! The events that the window and the filter let through, the first of them as rows.

use super::{EventRow, EventsView, Reference};
use crate::{
    backend::timeline::not_drawn,
    view::{Filter, View},
};
use chart::Lane;
use model::{Event, Evidence, Window};

/// Rows that the page has before the browser asks for more, and all that it has without JavaScript.
const LISTED: usize = 50;

/// Events in the order of time, those of unknown time last, each with the lane that shows it: one of
/// `lanes` of an incident with that window.
pub(super) fn events(
    evidence: &Evidence,
    view: &View,
    shown: Window,
    (lanes, window): (&[Lane], Window),
) -> EventsView {
    let mut found: Vec<&Event> = evidence
        .events
        .iter()
        .filter(|e| in_sight(e, shown) && passes(e, &view.filter))
        .collect();
    found.sort_by_key(|e| (e.at().is_none(), e.at(), &e.id));
    let mut kinds: Vec<String> = evidence
        .events
        .iter()
        .map(|e| e.kind.as_str().to_owned())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    EventsView {
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

/// An event of unknown time may have been at any.
fn in_sight(event: &Event, shown: Window) -> bool {
    let Some(at) = event.at() else { return true };
    let end = match event.end {
        None if event.kind.is_interval() => None,
        end => Some(end.unwrap_or(at)),
    };
    shown.touches(at, end)
}

/// Words anywhere; kind, namespace and node as they are; the object by a part of its name.
fn passes(event: &Event, filter: &Filter) -> bool {
    let whole = |asked: &str, has: &str| asked.is_empty() || asked == has;
    let part = |asked: &str, has: &str| has.to_lowercase().contains(&asked.to_lowercase());
    let all = [
        event.title.as_str(),
        event.kind.as_str(),
        &event.namespace,
        &event.object.name,
        &event.node,
        &event.source,
    ]
    .join(" ");
    filter.text.split_whitespace().all(|word| part(word, &all))
        && whole(&filter.kind, event.kind.as_str())
        && whole(&filter.namespace, &event.namespace)
        && whole(&filter.node, &event.node)
        && (filter.object.is_empty() || part(&filter.object, &event.object.name))
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
        assert!(with(|f| f.namespace = "sho".into()).is_empty());
        assert!(with(|f| f.node = "n1".into()).is_empty());
        assert!(with(|f| f.object = "web".into()).is_empty());
    }
}
