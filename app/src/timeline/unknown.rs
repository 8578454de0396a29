//! What an address names that the incident does not have. It is said, since a link may come from another
//! incident, or from before its evidence was read again.

use crate::{
    backend::Case,
    view::{Compare, View, query::Ignored},
};
use std::collections::BTreeSet;

/// A sentence about the names of a view that stand for nothing; `None` where all do. `lanes` are the
/// ids of those that are composed; others are looked for where it comes to that.
pub(super) fn sentence<'a>(
    case: &Case,
    view: &View,
    lanes: &[String],
    more: impl FnOnce() -> Vec<String> + 'a,
) -> Option<String> {
    let mut unknown = Vec::new();
    if let Some(names) = of_lanes(view, lanes, more) {
        unknown.push(Ignored::new("lanes", format!("no such lane: {names}")));
    }
    let suspects = &case.analysis.suspects;
    if let Some(focus) = &view.focus
        && !suspects.iter().any(|s| s.id() == focus)
    {
        unknown.push(Ignored::new("focus", "no such suspect (any more)"));
    }
    let events = &case.evidence.events;
    if let Some(event) = &view.event
        && !events.iter().any(|e| e.id == *event)
    {
        unknown.push(Ignored::new("event", "no such event"));
    }
    let kind = &view.filter.kind;
    if !kind.is_empty() && !events.iter().any(|e| e.kind.as_str() == kind) {
        unknown.push(Ignored::new("kind", "no event of that kind"));
    }
    if view.compare == Some(Compare::Incident(case.incident.id.0.clone())) {
        unknown.push(Ignored::new("compare", "this is the incident itself"));
    }
    if unknown.is_empty() {
        return None;
    }
    let parts: Vec<String> = unknown.iter().map(ToString::to_string).collect();
    Some(format!(
        "Of this link some parts name nothing that this incident has: {}.",
        parts.join(", ")
    ))
}

/// Names of lanes that a message bears.
const NAMED: usize = 5;

/// The lanes that a view names and nobody knows.
fn of_lanes(view: &View, lanes: &[String], more: impl FnOnce() -> Vec<String>) -> Option<String> {
    let arranged = &view.lanes;
    let named = arranged.order.iter().chain(&arranged.hidden);
    let named = named.chain(&arranged.pinned);
    let named = named
        .chain(arranged.log.keys())
        .chain(arranged.heights.keys());
    let mut unknown: BTreeSet<&String> = named.filter(|id| !lanes.contains(id)).collect();
    if !unknown.is_empty() {
        let more = more();
        unknown.retain(|id| !more.contains(id));
    }
    let all = unknown.len();
    let shown = unknown.into_iter().take(NAMED);
    // An id may be as long as an address.
    let shown: Vec<String> = shown.map(|id| id.chars().take(60).collect()).collect();
    match all {
        0 => None,
        n if n > NAMED => Some(format!("{} and {} more", shown.join(", "), n - NAMED)),
        _ => Some(shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::query;
    use model::{Event, EventKind};

    fn said(address: &str) -> Option<String> {
        let mut case = Case::default();
        case.incident.id.0 = "0".repeat(32);
        case.evidence.events = vec![Event {
            id: "e1".into(),
            kind: EventKind::Rollout,
            ..Event::default()
        }];
        let (view, ignored) = query::read(address);
        assert_eq!(ignored, []);
        let lanes = ["symptom".to_owned()];
        sentence(&case, &view, &lanes, || vec!["left-out".to_owned()])
    }

    #[test]
    fn what_a_link_names_in_vain_is_said() {
        assert_eq!(said(""), None);
        assert_eq!(
            said("hide=symptom&pin=left-out&event=e1&kind=rollout"),
            None
        );
        let own = format!("compare=incident:{}", "0".repeat(32));
        for (address, words) in [
            ("lanes=symptom,gone", "no such lane: gone"),
            ("hide=gone", "no such lane: gone"),
            ("tall=gone:100&log=gone", "no such lane: gone)"),
            ("lanes=a,b,c,d,e,f,g", "and 2 more"),
            ("focus=e7", "no such suspect"),
            ("event=e7", "no such event"),
            ("kind=nonsense", "no event of that kind"),
            (&own, "the incident itself"),
        ] {
            let said = said(address).unwrap_or_default();
            assert!(said.contains(words), "{address}: {said}");
        }
    }
}
