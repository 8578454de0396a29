//! The table of events beside the lanes.
//!
//! A hundred thousand events are looked through for each question: their texts are put together in
//! lower case once, so that this takes a few milliseconds.

use super::known::Known;
use app::backend::{
    EventRow, EventsAsk, EventsPage,
    timeline::{Choices, MAX_CHOICES},
};
use app::view::Part;
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
    let asked = Asked::of(ask, &facts.evidence.events);
    let in_window = || {
        facts.table.order.iter().filter_map(|place| {
            let event = facts.evidence.events.get(*place as usize)?;
            event.touches(window).then_some((*place, event))
        })
    };
    let text = |place: u32| facts.table.texts.get(place as usize).map(|t| &**t);
    let mut total = 0;
    let mut rows = Vec::with_capacity(ask.limit);
    for (place, event) in in_window() {
        if !asked.fits(event, text(place), None) {
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
    let without = asked.parts().filter(|_| total == 0).filter_map(|part| {
        let fit = |(place, event): &(u32, &Event)| asked.fits(event, text(*place), Some(part));
        let n = in_window().filter(fit).count();
        (n > 0).then_some((part, n))
    });
    EventsPage {
        total,
        offset: ask.offset,
        rows,
        choices,
        without: without.collect(),
    }
}

/// What was asked for, ready to be compared. Names are looked up among all events, so that a question
/// means the same in every window.
struct Asked<'a> {
    words: Vec<String>,
    kinds: &'a [String],
    namespaces: Vec<Part>,
    objects: Vec<Part>,
    nodes: Vec<Part>,
}

impl<'a> Asked<'a> {
    fn of(ask: &'a EventsAsk, events: &[Event]) -> Self {
        let part = |name: fn(&Event) -> &str| {
            move |asked: &String| Part::of(asked, events.iter().map(name))
        };
        let object =
            |asked: &String| Part::of_object(asked, events.iter().map(|e| e.object.name.as_str()));
        Self {
            words: ask.text.split_whitespace().map(str::to_lowercase).collect(),
            kinds: &ask.kinds,
            namespaces: ask.namespaces.iter().map(part(|e| &e.namespace)).collect(),
            objects: ask.objects.iter().map(object).collect(),
            nodes: ask.nodes.iter().map(part(|e| &e.node)).collect(),
        }
    }

    /// Names of the parts that hold anything back.
    fn parts(&self) -> impl Iterator<Item = &'static str> {
        let parts = [
            ("text", self.words.is_empty()),
            ("kind", self.kinds.is_empty()),
            ("namespace", self.namespaces.is_empty()),
            ("object", self.objects.is_empty()),
            ("node", self.nodes.is_empty()),
        ];
        parts.into_iter().filter(|(_, none)| !none).map(|(p, _)| p)
    }

    /// Whether an event, with its `text`, is asked for; `but` is a part that is let go of.
    fn fits(&self, event: &Event, text: Option<&str>, but: Option<&str>) -> bool {
        let passes =
            |part: &str, none: bool, fits: &dyn Fn() -> bool| none || but == Some(part) || fits();
        let any = |list: &[Part], name: &str| list.iter().any(|part| part.fits(name));
        let has = |word: &String| text.is_some_and(|text| text.contains(word.as_str()));
        let object = &event.object;
        let is = |p: &Part| p.fits_object(&object.kind, &event.namespace, &object.name);
        passes("text", self.words.is_empty(), &|| {
            self.words.iter().all(has)
        }) && passes("kind", self.kinds.is_empty(), &|| {
            self.kinds.iter().any(|k| k == event.kind.as_str())
        }) && passes("namespace", self.namespaces.is_empty(), &|| {
            any(&self.namespaces, &event.namespace)
        }) && passes("object", self.objects.is_empty(), &|| {
            self.objects.iter().any(is)
        }) && passes("node", self.nodes.is_empty(), &|| {
            any(&self.nodes, &event.node)
        })
    }
}

fn choices<'a>(events: impl Iterator<Item = &'a Event>) -> Choices {
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    let mut namespaces: HashMap<&str, usize> = HashMap::new();
    let mut objects: HashMap<&str, usize> = HashMap::new();
    let mut nodes: HashMap<&str, usize> = HashMap::new();
    for event in events {
        for (counts, text) in [
            (&mut kinds, event.kind.as_str()),
            (&mut namespaces, event.namespace.as_str()),
            (&mut objects, event.object.name.as_str()),
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
        objects: frequent(objects),
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
