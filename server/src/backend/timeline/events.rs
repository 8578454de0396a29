//! The table of events beside the lanes.
//!
//! A hundred thousand events are looked through for each question: their texts are put together in
//! lower case once, so that this takes a few milliseconds.

use super::known::Known;
use app::backend::{
    EventRow, EventsAsk, EventsPage,
    timeline::{Choices, MAX_CHOICES},
};
use model::Event;
use std::collections::HashMap;

/// Events in the order of the table, by their places in the evidence.
pub(super) struct Table {
    order: Vec<u32>,
    /// What is searched, one text for each event of the evidence.
    texts: Vec<Box<str>>,
}

impl Table {
    pub(super) fn of(events: &[Event]) -> Self {
        // The evidence has them in order of time, those of unknown time first.
        let (timed, whenever): (Vec<u32>, Vec<u32>) = (0..)
            .zip(events)
            .map(|(place, event)| (place, event.at().is_some()))
            .fold((Vec::new(), Vec::new()), |mut both, (place, timed)| {
                if timed {
                    both.0.push(place);
                } else {
                    both.1.push(place);
                }
                both
            });
        Self {
            order: timed.into_iter().chain(whenever).collect(),
            texts: events.iter().map(searched).collect(),
        }
    }
}

/// The texts of an event that people look for.
fn searched(event: &Event) -> Box<str> {
    [
        event.title.as_str(),
        &event.object.kind,
        &event.object.name,
        &event.namespace,
        &event.node,
        event.kind.as_str(),
        &event.source,
        &event.id,
    ]
    .join("\n")
    .to_lowercase()
    .into()
}

/// The part of the events that was asked for.
pub(super) fn page(known: &Known, ask: &EventsAsk) -> EventsPage {
    let facts = &known.facts;
    let window = ask.window.unwrap_or(facts.incident.window);
    let words: Vec<String> = ask.text.split_whitespace().map(str::to_lowercase).collect();
    let in_window = || {
        facts.table.order.iter().filter_map(|place| {
            let event = facts.evidence.events.get(*place as usize)?;
            event.touches(window).then_some((*place, event))
        })
    };
    let mut total = 0;
    let mut rows = Vec::with_capacity(ask.limit);
    for (place, event) in in_window() {
        let text = facts.table.texts.get(place as usize);
        let has = |word: &String| text.is_some_and(|text| text.contains(word.as_str()));
        if !chosen(event, ask) || !words.iter().all(has) {
            continue;
        }
        if total >= ask.offset && rows.len() < ask.limit {
            let suspect = facts.suspects.get(&event.id).copied();
            let lane = known.lane_of.get(&event.id);
            let lane = lane.and_then(|place| known.lanes.get(*place));
            rows.push(EventRow::of(
                event,
                suspect,
                lane.map(|l| (l.lane.id.clone(), l.lane.title.clone())),
                facts.incident.window,
            ));
        }
        total += 1;
    }
    let choices = if ask.offset == 0 {
        choices(in_window().map(|(_, event)| event))
    } else {
        Choices::default()
    };
    EventsPage {
        total,
        offset: ask.offset,
        rows,
        choices,
    }
}

fn chosen(event: &Event, ask: &EventsAsk) -> bool {
    let one_of = |list: &[String], text: &str| list.is_empty() || list.iter().any(|l| l == text);
    let object = |named: &String| {
        let ObjectName { kind, name } = ObjectName::of(named);
        name == event.object.name && kind.is_none_or(|kind| kind == event.object.kind)
    };
    one_of(&ask.kinds, event.kind.as_str())
        && one_of(&ask.namespaces, &event.namespace)
        && one_of(&ask.nodes, &event.node)
        && (ask.objects.is_empty() || ask.objects.iter().any(object))
}

/// `name` or `Kind/name`.
struct ObjectName<'a> {
    kind: Option<&'a str>,
    name: &'a str,
}

impl<'a> ObjectName<'a> {
    fn of(text: &'a str) -> Self {
        match text.split_once('/') {
            Some((kind, name)) => Self {
                kind: Some(kind),
                name,
            },
            None => Self {
                kind: None,
                name: text,
            },
        }
    }
}

fn choices<'a>(events: impl Iterator<Item = &'a Event>) -> Choices {
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    let mut namespaces: HashMap<&str, usize> = HashMap::new();
    let mut nodes: HashMap<&str, usize> = HashMap::new();
    for event in events {
        for (counts, text) in [
            (&mut kinds, event.kind.as_str()),
            (&mut namespaces, event.namespace.as_str()),
            (&mut nodes, event.node.as_str()),
        ] {
            if !text.is_empty() {
                *counts.entry(text).or_default() += 1;
            }
        }
    }
    Choices {
        kinds: frequent(kinds),
        namespaces: frequent(namespaces),
        nodes: frequent(nodes),
    }
}

fn frequent(counts: HashMap<&str, usize>) -> Vec<(String, usize)> {
    let mut all: Vec<(&str, usize)> = counts.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    all.truncate(MAX_CHOICES);
    let owned = all.into_iter().map(|(text, n)| (text.to_owned(), n));
    owned.collect()
}
