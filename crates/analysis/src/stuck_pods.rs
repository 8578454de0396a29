//! Stuck pods: still there ten minutes after their deletionTimestamp.
//!
//! The deletionTimestamp includes the grace period (Kubernetes API conventions), so that whatever
//! is there well after it is past its grace.

use crate::case::Case;
use model::{Event, EventKind, Timestamp, analysis::StuckPod, time::SECOND};

/// Every stuck pod, oldest first.
pub(crate) fn stuck_pods(case: &Case<'_>) -> Vec<StuckPod> {
    let mut out: Vec<StuckPod> = case
        .evidence
        .events
        .iter()
        .filter(|e| e.kind == EventKind::PodTerminating)
        .filter_map(|e| stuck(case, e))
        .collect();
    out.sort_by(|a, b| {
        (a.since.is_none(), a.since, &a.event).cmp(&(b.since.is_none(), b.since, &b.event))
    });
    out.dedup_by(|a, b| a.event == b.event);
    out
}

fn stuck(case: &Case<'_>, event: &Event) -> Option<StuckPod> {
    let window = case.window;
    let margin = case.settings.stuck_after_s.saturating_mul(SECOND);
    let until = event.end.filter(|end| *end <= window.end);
    let known = known_until(case, event);
    // Of a listing that nobody dated all that can be said is that it was there once; whether it was
    // stuck is judged as if it still were, and its age is not known.
    let seen = known.unwrap_or(window.end);
    let (earliest, latest) = event.start_bounds();
    if until.is_some_and(|end| end < window.start) || seen < window.start {
        return None;
    }
    let listed = match event.start {
        Some(start) => seen.since(start) >= margin,
        None => match (earliest, event.attribute_time("start_latest").or(latest)) {
            (_, Some(latest)) if seen.since(latest) >= margin => true,
            // Begun less than ten minutes before it was last seen: cannot be stuck yet.
            (Some(earliest), _) if seen.since(earliest) < margin => false,
            // A listing that shows it Terminating, and nothing that says it went.
            _ => event.end.is_none(),
        },
    };
    listed.then(|| StuckPod {
        event: event.id.clone(),
        namespace: event.namespace.clone(),
        pod: event.object.name.clone(),
        node: event.node.clone(),
        age_s: event
            .start
            .zip(known)
            .map(|(start, known)| known.since(start) / SECOND),
        since: event.start,
        until,
    })
}

/// The latest instant in the window at which the pod is known to have been there: its removal, the
/// listing that showed it, or the window's end for one that is still going on.
fn known_until(case: &Case<'_>, event: &Event) -> Option<Timestamp> {
    let until = event.known_until()?;
    // A clock that was off may date the listing before what it shows.
    let start = event.start.unwrap_or(until);
    Some(until.max(start).min(case.window.end))
}
