//! Slices of events.

use super::column_ms;
use crate::geometry::{BAR, bar_ms};
use crate::lane::{EventItem, Layout, MAX_MEMBERS, MAX_ROWS, Shape};
use crate::palette::Ink;
use crate::rows;
use model::{Timestamp, Window};
use std::collections::{BTreeMap, BTreeSet};

/// See [`crate::Lane::slice`].
pub(super) fn slice(
    layout: Layout,
    items: &[EventItem],
    window: Window,
    columns: u32,
) -> Vec<EventItem> {
    // Where groups have rows, the first item of each stays, so that the rows stay where they are.
    let rowed = matches!(layout, Layout::Heat | Layout::Grouped);
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let inside: Vec<&EventItem> = items
        .iter()
        .filter(|i| {
            let first = rowed && named.insert(i.group.as_str());
            first || i.touches(window)
        })
        .collect();
    let counted = matches!(layout, Layout::Density | Layout::Heat);
    // Counts are drawn in bars of some pixels, in a row for each group; suspects apart.
    let (length, most) = if counted {
        let rows = rows::groups(items).len().clamp(1, MAX_ROWS);
        let bars = columns as usize / BAR as usize + 2;
        (bar_ms(window, f64::from(columns)), 2 * bars * rows)
    } else {
        (column_ms(window, columns).max(1), columns as usize)
    };
    if inside.len() <= most {
        return inside.into_iter().cloned().collect();
    }
    let mut places: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut out: Vec<EventItem> = Vec::new();
    // Ids are long: all of them together are bounded by the columns too. Counts over time have no
    // names at all.
    let mut room = if counted { 0 } else { most };
    for item in inside {
        let key = Key::of(item, layout, length);
        let place = *places.entry(key).or_insert(out.len());
        // What finds no room of its own is told by its number, in the last item.
        let place = place.min(most - 1);
        match out.get_mut(place) {
            Some(whole) => whole.take(item, &mut room),
            None if counted => out.push(EventItem {
                label: String::new(),
                members: Vec::new(),
                ..item.clone()
            }),
            None => out.push(item.clone()),
        }
    }
    out
}

impl EventItem {
    /// First and last instant that its glyph covers; bounds of the window where they are unknown.
    pub(crate) fn span(&self, window: Window) -> (Timestamp, Timestamp) {
        if !self.lasts() {
            return (self.start, self.start);
        }
        let begin = match (self.start_unknown, self.earliest) {
            (true, earliest) => earliest.unwrap_or(window.start.min(self.start)),
            (false, _) => self.start,
        };
        let end = match self.end {
            Some(end) => end,
            None if self.open => window.end,
            None => self.start,
        };
        (begin, end.max(self.start))
    }

    /// Whether some of it lies in the window.
    pub(crate) fn touches(&self, window: Window) -> bool {
        let (begin, end) = self.span(window);
        begin <= window.end && end >= window.start
    }

    /// Whether it is drawn from its start to its end.
    pub(crate) fn lasts(&self) -> bool {
        matches!(self.shape, Shape::Bar | Shape::Hollow)
    }

    fn take(&mut self, other: &Self, room: &mut usize) {
        self.count = self.count.saturating_add(other.count);
        for id in std::iter::once(&other.event).chain(&other.members) {
            if *room > 0 && self.members.len() < MAX_MEMBERS {
                self.members.push(id.clone());
                *room -= 1;
            }
        }
        if self.lasts() {
            self.open |= other.open;
            self.end = self.end.max(other.end);
        }
    }
}

/// Items of one key look the same and lie in one column. No group is `None`, and stands last: to
/// compare two empty texts takes a third of a microsecond on processors whose masked loads are slow
/// where there is no memory, and most items have no group.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    from: i64,
    to: i64,
    look: (u8, u8),
    group: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn of(item: &'a EventItem, layout: Layout, length: i64) -> Self {
        let column = |t: Timestamp| t.millis().div_euclid(length);
        let counted = layout == Layout::Density;
        let from = column(item.start);
        let to = match item.end {
            _ if counted || !item.lasts() => from,
            Some(end) => column(end),
            None => i64::MAX,
        };
        // Suspects are never lost among others.
        let look = if counted && item.ink != Ink::Suspect {
            (0, 0)
        } else {
            (item.shape as u8 + 1, item.ink as u8 + 1)
        };
        Self {
            from,
            to,
            look,
            group: Some(item.group.as_str()).filter(|group| !group.is_empty()),
        }
    }
}
