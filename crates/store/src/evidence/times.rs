//! When an event was, as columns by which the events of a window are found.

use model::{
    Event, Timestamp,
    time::{DAY, HOUR, MINUTE},
};

/// Lengths, each the upper bound of a class of events. An event of a class that touches a window
/// began at most its bound before it: so a search reads for each class what began in the window or
/// within the bound before, and no event that is older.
pub(crate) const REACHES: [i64; 6] = [
    0,
    MINUTE,
    HOUR,
    DAY,
    30 * DAY,
    // Longer than any two instants lie apart.
    4 * Timestamp::MAX.millis(),
];

/// `from_ms`, `until_ms` and `reach_ms` of an event, so that a search for them finds what
/// [`Event::touches`] a window, and little more.
pub(super) fn columns(event: &Event) -> (Option<i64>, Option<i64>, Option<i64>) {
    let from = event.at();
    let until = match event.end {
        None if event.kind.is_interval() => None,
        None => from,
        end => end,
    };
    let length = from.zip(until).map(|(from, until)| until.since(from));
    let [.., longest] = REACHES;
    let reach = |length: i64| {
        let fits = REACHES.into_iter().find(|reach| length <= *reach);
        fits.unwrap_or(longest)
    };
    (
        from.map(Timestamp::millis),
        until.map(Timestamp::millis),
        length.map(reach),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EventKind;

    #[test]
    fn an_event_without_an_end_is_an_instant_or_goes_on() {
        let mut event = Event {
            kind: EventKind::Rollout,
            start: Some(Timestamp::from_seconds(10)),
            ..Event::default()
        };
        assert_eq!(columns(&event), (Some(10_000), Some(10_000), Some(0)));
        event.kind = EventKind::NodeNotReady;
        assert_eq!(columns(&event), (Some(10_000), None, None));
        event.end = Some(Timestamp::from_seconds(71));
        assert_eq!(columns(&event), (Some(10_000), Some(71_000), Some(HOUR)));
        event.start = None;
        assert_eq!(columns(&event), (None, Some(71_000), None));
        let seen = serde_json::json!("1970-01-01T00:00:12Z");
        event.attributes.insert("observed_at".into(), seen);
        assert_eq!(columns(&event), (Some(12_000), Some(71_000), Some(MINUTE)));
    }
}
