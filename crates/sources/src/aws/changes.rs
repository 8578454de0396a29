//! What sources of events share: the part of a window that can be asked, ids of events, the batch.

use super::account::invalid;
use crate::source::SourceError;
use model::time::DAY;
use model::{Batch, Event, Gap, Provenance, Timestamp, Window};

/// The part of a window that a service still has, and already has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Askable {
    pub(crate) window: Window,
    /// What of the window cannot be had, or may still be missing.
    pub(crate) gaps: Vec<Gap>,
}

/// What of the window can be asked as of `now`, of a service that keeps events for `kept_ms` and
/// shows them up to `delay_ms` late.
pub(crate) fn askable(
    name: &'static str,
    window: Window,
    now: Timestamp,
    kept_ms: i64,
    delay_ms: i64,
) -> Result<Askable, SourceError> {
    let days = kept_ms / DAY;
    let oldest = now.plus(-kept_ms);
    if window.end <= oldest {
        return Err(SourceError::NotFound {
            name,
            what: format!("any event from {} to {}", window.start, window.end),
            hint: format!("it keeps {days} days: import what was saved then"),
        });
    }
    let start = window.start.max(oldest);
    let Some(asked) = Window::new(start, window.end.min(now)) else {
        let value = format!("{} to {} (asked at {now})", window.start, window.end);
        return Err(invalid(name, "window", &value, "a window that has begun"));
    };
    let mut gaps = Vec::new();
    let mut gap = |start, end, reason: String| {
        gaps.push(Gap {
            what: String::new(),
            window: Window::new(start, end),
            reason,
        });
    };
    if start > window.start {
        let reason = format!("older than {days} days: it keeps nothing that long");
        gap(window.start, start, reason);
    }
    let settled = now.plus(-delay_ms).max(start);
    if settled < asked.end {
        let reason = format!(
            "events appear up to {} minutes late: pull again later",
            delay_ms / 60_000
        );
        gap(settled, asked.end, reason);
    }
    if asked.end < window.end {
        gap(
            asked.end,
            window.end,
            "not over yet when asked: pull again later".into(),
        );
    }
    Ok(Askable {
        window: asked,
        gaps,
    })
}

/// The batch of a source of events, in order of time.
pub(crate) fn batch(
    name: &'static str,
    query: String,
    (window, now): (Window, Timestamp),
    gaps: Vec<Gap>,
    mut events: Vec<Event>,
) -> Batch {
    events.sort_by(|a, b| (a.at(), &a.id).cmp(&(b.at(), &b.id)));
    // The same event may stand on two pages when new ones move the pages.
    events.dedup_by(|a, b| a.id == b.id);
    Batch {
        provenance: Provenance {
            source: name.into(),
            query,
            asked_at: Some(now),
            window: Some(window),
            gaps,
            events: events.len(),
            ..Provenance::default()
        },
        events,
        ..Batch::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::{HOUR, MINUTE};

    const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

    #[test]
    fn what_is_gone_late_or_to_come_is_named() {
        let all = Window {
            start: NOW.plus(-100 * DAY),
            end: NOW.plus(HOUR),
        };
        let asked = askable("x", all, NOW, 90 * DAY, 15 * MINUTE).expect("some is there");
        assert_eq!(
            asked.window,
            Window {
                start: NOW.plus(-90 * DAY),
                end: NOW
            }
        );
        let reasons: Vec<&str> = asked.gaps.iter().map(|g| g.reason.as_str()).collect();
        assert!(reasons[0].contains("90 days"), "{reasons:?}");
        assert!(reasons[1].contains("15 minutes late"), "{reasons:?}");
        assert!(reasons[2].contains("not over yet"), "{reasons:?}");
        let old = Window {
            start: NOW.plus(-3 * DAY),
            end: NOW.plus(-2 * DAY),
        };
        assert!(
            askable("x", old, NOW, 90 * DAY, MINUTE)
                .expect("kept")
                .gaps
                .is_empty()
        );
        let gone = Window {
            start: NOW.plus(-100 * DAY),
            end: NOW.plus(-91 * DAY),
        };
        assert!(matches!(
            askable("x", gone, NOW, 90 * DAY, 0),
            Err(SourceError::NotFound { .. })
        ));
        let future = Window {
            start: NOW,
            end: NOW.plus(HOUR),
        };
        assert!(matches!(
            askable("x", future, NOW, DAY, 0),
            Err(SourceError::Invalid { .. })
        ));
    }
}
