//! Messages that recur in logs, as heat: a row for each.

use super::events::{Build, first_line};
use crate::lane::{EventItem, Lane, Layout, Shape};
use model::{Event, EventKind, Series, Timestamp};
use std::collections::BTreeMap;

/// Most messages that have a row; those that come most often do.
const MAX_ROWS: usize = 12;
/// Parts of the window in which lines are counted: one for every two or three pixels.
const PARTS: i64 = 400;

impl Build<'_> {
    /// Where lines were counted over time, a message's row shows the counts; elsewhere from when to
    /// when it came.
    pub(super) fn log_messages(&self) -> Option<Lane> {
        let mut rows: BTreeMap<String, (f64, Vec<EventItem>)> = BTreeMap::new();
        for event in self.of(&[EventKind::LogPattern]) {
            let group = message(event);
            let (lines, items) = rows.entry(group.clone()).or_default();
            let count = count(event);
            *lines += count.unwrap_or(1.0);
            items.extend(self.items_of(event, &group, count));
        }
        let mut rows: Vec<(f64, Vec<EventItem>)> = rows.into_values().collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let items = rows.into_iter().take(MAX_ROWS).flat_map(|(_, items)| items);
        let items = items.collect();
        self.lane("events-log_pattern", "Log messages", Layout::Heat, items)
    }

    fn items_of(&self, event: &Event, group: &str, count: Option<f64>) -> Vec<EventItem> {
        let whole = |shape| EventItem {
            group: group.to_owned(),
            count: count.unwrap_or(1.0).clamp(1.0, f64::from(u32::MAX)) as u32,
            ..self.item(event, shape, group.to_owned())
        };
        let Some(series) = self.counted(event) else {
            return vec![whole(if event.end > event.start {
                Shape::Bar
            } else {
                Shape::Dot
            })];
        };
        let window = self.evidence.window;
        let length = (window.millis() / PARTS).max(1);
        let mut parts: BTreeMap<i64, f64> = BTreeMap::new();
        for (at, lines) in series.samples.iter().filter(|(t, _)| window.contains(*t)) {
            *parts.entry(at.millis().div_euclid(length)).or_default() += lines;
        }
        parts
            .into_iter()
            .filter(|(_, lines)| *lines >= 0.5)
            .map(|(part, lines)| EventItem {
                start: Timestamp::from_millis(part.saturating_mul(length)).max(window.start),
                end: None,
                start_unknown: false,
                count: lines.round().min(f64::from(u32::MAX)) as u32,
                label: String::new(),
                ..whole(Shape::Dot)
            })
            .collect()
    }

    /// The series in which the lines of this message are counted.
    fn counted(&self, event: &Event) -> Option<&Series> {
        let template = event.attribute("template")?;
        self.evidence.series.iter().find(|s| {
            let meta = &s.meta;
            meta.stat == "Sum"
                && meta.unit == "Count"
                && meta.dimensions.get("template") == Some(&template)
                && !s.samples.is_empty()
        })
    }
}

fn count(event: &Event) -> Option<f64> {
    event.attribute("count")?.parse().ok().filter(|n| *n >= 1.0)
}

/// What a row is called: the message without the number of lines that its title may begin with.
fn message(event: &Event) -> String {
    let said = event.attribute("template").unwrap_or_default();
    let said = if said.is_empty() { &event.title } else { &said };
    let text = first_line(said);
    if text.is_empty() {
        event.kind.label()
    } else {
        text.chars().take(80).collect()
    }
}
