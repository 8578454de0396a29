//! What stands out.

use crate::lane::EventItem;
use std::collections::BTreeSet;

/// Series and events that stand out while the rest is faint. Empty: all are as strong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// Ids of series.
    pub series: BTreeSet<String>,
    /// Ids of events and annotations.
    pub events: BTreeSet<String>,
}

impl Focus {
    /// Whether nothing stands out.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty() && self.events.is_empty()
    }

    pub(crate) fn lights_series(&self, series: &str) -> bool {
        self.is_empty() || self.series.contains(series)
    }

    pub(crate) fn lights_event(&self, item: &EventItem) -> bool {
        self.is_empty()
            || std::iter::once(&item.event)
                .chain(&item.members)
                .any(|id| self.events.contains(id))
    }
}
