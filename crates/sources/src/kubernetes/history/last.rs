//! The last change of something, which a version that comes late may split in two.

use super::pending::Pending;
use crate::kubernetes::meta::set;
use model::Event;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The last change: the version before it, its own, and the event that told it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Last(u64, u64, Box<Event>);

impl Last {
    pub(super) fn new(before: u64, own: u64, event: Event) -> Self {
        Self(before, own, Box::new(event))
    }

    pub(super) fn event(&self) -> &Event {
        &self.2
    }

    /// Where a version that came late lies between the two and had `between` in place of what the
    /// attribute says was there before: what that was. What looked like one change was two then.
    pub(super) fn was_two(&self, version: u64, attribute: &str, between: &str) -> Option<String> {
        let inside = self.0 < version && version < self.1;
        let before = self.2.attribute(attribute).unwrap_or_default();
        (inside && before != between).then_some(before)
    }

    /// Tells the change again, as one from that version on.
    pub(super) fn tell_from(
        &mut self,
        version: u64,
        (attribute, between): (&str, impl Into<Value>),
        title: Option<String>,
        out: &mut Pending,
    ) {
        self.0 = version;
        set(&mut self.2, attribute, between);
        if let Some(title) = title {
            self.2.title = title;
        }
        out.event((*self.2).clone());
    }
}
