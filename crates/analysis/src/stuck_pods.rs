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
    let seen = last_seen(case, event);
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
        age_s: event.start.map(|start| seen.since(start) / SECOND),
        since: event.start,
        until,
    })
}

/// The latest instant at which the pod is known to have been there: its removal, the listing that
/// showed it, or the window's end for one that is still going on.
fn last_seen(case: &Case<'_>, event: &Event) -> Timestamp {
    let end = case.window.end;
    match event.end {
        Some(removed) => removed.min(end),
        None => event.attribute_time("observed_at").map_or(end, |seen| {
            let start = event.start.unwrap_or(seen);
            seen.max(start).min(end)
        }),
    }
}
