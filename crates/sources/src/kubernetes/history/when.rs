//! When something happened, as far as anybody saw.

use crate::kubernetes::meta::{set_bounds, set_time};
use model::{Event, Timestamp};
use serde::{Deserialize, Serialize};

/// A span in which something happened; of no length where somebody was watching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct When {
    /// Not before; `None`: nobody knows.
    pub(crate) earliest: Option<Timestamp>,
    /// Not after.
    pub(crate) latest: Timestamp,
}

impl When {
    pub(crate) fn exact(at: Timestamp) -> Self {
        Self::between(Some(at), at)
    }

    pub(crate) fn between(earliest: Option<Timestamp>, latest: Timestamp) -> Self {
        let earliest = earliest.map(|earliest| earliest.min(latest));
        Self { earliest, latest }
    }

    /// The instant, where it is one.
    pub(crate) fn exactly(self) -> Option<Timestamp> {
        self.earliest.filter(|earliest| *earliest == self.latest)
    }

    /// Not before this either.
    #[must_use]
    pub(crate) fn not_before(self, at: Option<Timestamp>) -> Self {
        Self::between(self.earliest.max(at), self.latest)
    }

    /// Whether it can have been at `at`, give or take `slack` milliseconds.
    pub(crate) fn allows(self, at: Timestamp, slack: i64) -> bool {
        at <= self.latest.plus(slack) && self.earliest.is_none_or(|e| at >= e.plus(-slack))
    }

    /// Writes it down as an event's start.
    pub(crate) fn start(self, event: &mut Event) {
        event.start = self.exactly();
        if event.start.is_none() {
            set_bounds(event, self.earliest, Some(self.latest));
        }
    }

    /// Writes it down as an event's end: an interval that is over must not look open, so that the
    /// end is the latest possible one, and says so.
    pub(crate) fn end(self, event: &mut Event) {
        let start = event.start.unwrap_or(Timestamp::MIN);
        event.end = Some(self.latest.max(start));
        if self.exactly().is_none() {
            set_time(event, "end_earliest", self.earliest.map(|e| e.max(start)));
            set_time(event, "end_latest", event.end);
        }
    }

    /// `gone`, or `gone between 10:00 and 10:30`.
    pub(crate) fn gone(self) -> String {
        match (self.exactly(), self.earliest) {
            (Some(_), _) => "gone".to_owned(),
            (None, Some(earliest)) => {
                format!(
                    "gone between {} and {}",
                    earliest.minute(),
                    self.latest.minute()
                )
            }
            (None, None) => format!("gone before {}", self.latest.minute()),
        }
    }
}
