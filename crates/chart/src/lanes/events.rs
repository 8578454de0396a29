//! Event lanes: what happened, suspects told apart by shape and colour.

use super::marks::{Overlays, in_order};
use super::slug;
use crate::lane::{Content, EventItem, Lane, LaneKind, Layout, Shape};
use crate::palette::Ink;
use model::{Analysis, Annotation, Event, EventKind, Evidence, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// From this number of events on, a lane of points is drawn as a histogram.
const DENSE: usize = 60;
/// Most lanes of further kinds.
const MAX_OTHER_KINDS: usize = 6;

/// Ids of the lanes of events, beside those of single kinds ([`OF_KIND`]).
const IDS: [&str; 6] = ["notes", "rollouts", "stuck-pods", "nodes", "alerts", "jobs"];
/// What the id of a lane of a single kind begins with.
const OF_KIND: &str = "events-";

/// Whether a lane of events is called so (see [`super::is_event_lane`]).
pub(super) fn is_called(id: &str) -> bool {
    IDS.contains(&id)
        || id
            .strip_prefix(OF_KIND)
            .is_some_and(|kind| !kind.is_empty())
}

/// Event lanes that belong to the story, and the rest.
pub(super) fn lanes(
    evidence: &Evidence,
    analysis: &Analysis,
    annotations: &[Annotation],
    overlays: &Overlays,
) -> (Vec<Lane>, Vec<Lane>) {
    let build = Build {
        evidence,
        overlays,
        suspects: suspects(analysis),
    };
    let mut early = Vec::new();
    early.extend(build.notes(annotations));
    early.extend(build.changes());
    early.extend(build.stuck_pods(analysis));
    early.extend(build.nodes());
    let mut late = Vec::new();
    late.extend(build.alerts());
    late.extend(build.jobs());
    late.extend(build.log_messages());
    late.extend(build.others());
    (early, late)
}

/// From this score on a suspect is highlighted, beside the first one: what is less probable than
/// one in five would only draw the eye away.
const PROBABLE: f64 = 0.2;

/// Ids of the events that are highlighted.
fn suspects(analysis: &Analysis) -> BTreeSet<&str> {
    analysis
        .suspects
        .iter()
        .filter(|s| s.rank == 1 || s.score >= PROBABLE)
        .flat_map(|s| &s.events)
        .map(String::as_str)
        .collect()
}

pub(super) struct Build<'a> {
    pub(super) evidence: &'a Evidence,
    overlays: &'a Overlays,
    suspects: BTreeSet<&'a str>,
}

impl<'a> Build<'a> {
    pub(super) fn of(&self, kinds: &[EventKind]) -> Vec<&'a Event> {
        let window = self.evidence.window;
        self.evidence
            .events
            .iter()
            .filter(|e| kinds.contains(&e.kind) && e.at().is_some() && e.touches(window))
            .collect()
    }

    pub(super) fn is_suspect(&self, event: &Event) -> bool {
        self.suspects.contains(event.id.as_str())
    }

    pub(super) fn lane(
        &self,
        id: &str,
        title: &str,
        layout: Layout,
        items: Vec<EventItem>,
    ) -> Option<Lane> {
        if items.is_empty() {
            return None;
        }
        let suspects = items
            .iter()
            .filter(|i| self.suspects.contains(i.event.as_str()))
            .count();
        Some(Lane {
            id: id.to_owned(),
            title: title.to_owned(),
            unit: String::new(),
            kind: LaneKind::Events,
            summary: summary(&items, suspects),
            series: Vec::new(),
            events: items.iter().map(|i| i.event.clone()).collect(),
            content: Content::Events { layout, items },
            marks: self.overlays.marks_for(&[]),
            bands: self.overlays.bands.clone(),
        })
    }

    pub(super) fn item(&self, event: &Event, shape: Shape, label: String) -> EventItem {
        let (earliest, latest) = event.start_bounds();
        let window = self.evidence.window;
        let interval = event.kind.is_interval();
        EventItem {
            event: event.id.clone(),
            start: event.start.or(latest).unwrap_or(window.end),
            end: event.end,
            open: interval && event.end.is_none_or(|end| end > window.end),
            start_unknown: event.start.is_none(),
            earliest,
            count: 1,
            members: Vec::new(),
            group: String::new(),
            shape,
            ink: if self.is_suspect(event) {
                Ink::Suspect
            } else {
                Ink::Event
            },
            label,
        }
    }

    fn notes(&self, annotations: &[Annotation]) -> Option<Lane> {
        let items: Vec<EventItem> = in_order(annotations)
            .into_iter()
            .enumerate()
            .map(|(i, note)| EventItem {
                event: note.id.clone(),
                start: note.start,
                end: note.end,
                open: false,
                start_unknown: false,
                earliest: None,
                count: 1,
                members: Vec::new(),
                group: String::new(),
                shape: if note.end.is_some() {
                    Shape::Bar
                } else {
                    Shape::Dot
                },
                ink: Ink::Note,
                label: format!("{}  {}", i + 1, first_line(&note.text)),
            })
            .collect();
        self.lane("notes", "Notes", Layout::Packed, items)
    }

    /// Rollouts and changes of configuration, suspects first: they get their labels first.
    fn changes(&self) -> Option<Lane> {
        let mut events = self.of(&[EventKind::Rollout, EventKind::ConfigChange]);
        events.sort_by_key(|e| !self.is_suspect(e));
        let items = events
            .into_iter()
            .map(|e| {
                let shape = if self.is_suspect(e) {
                    Shape::SuspectFlag
                } else {
                    Shape::Flag
                };
                let mark = if self.is_suspect(e) { "suspect: " } else { "" };
                self.item(e, shape, format!("{mark}{}", name_of(e)))
            })
            .collect();
        self.lane("rollouts", "Rollouts and changes", Layout::Packed, items)
    }

    /// The life of each node in a row of its own, in the order in which something first happened to
    /// them.
    fn nodes(&self) -> Option<Lane> {
        let kinds = [
            EventKind::NodeReboot,
            EventKind::NodeAdded,
            EventKind::NodeRemoved,
            EventKind::NodeNotReady,
        ];
        let mut events = self.of(&kinds);
        events.sort_by_key(|e| (e.at(), &e.id));
        let items = events
            .into_iter()
            .map(|e| {
                let (shape, word) = match e.kind {
                    EventKind::NodeReboot => (Shape::Diamond, "reboot"),
                    EventKind::NodeAdded => (Shape::Up, "added"),
                    EventKind::NodeRemoved => (Shape::Down, "removed"),
                    _ => (Shape::Bar, "not ready"),
                };
                let node = if e.node.is_empty() {
                    &e.object.name
                } else {
                    &e.node
                };
                EventItem {
                    group: short(node).to_owned(),
                    ..self.item(e, shape, format!("{word} {}", short(node)))
                }
            })
            .collect();
        self.lane("nodes", "Nodes", Layout::Grouped, items)
    }

    fn alerts(&self) -> Option<Lane> {
        let items = self
            .of(&[EventKind::Alert, EventKind::ProviderIncident])
            .into_iter()
            .map(|e| {
                let shape = if e.kind == EventKind::ProviderIncident {
                    Shape::Hollow
                } else {
                    Shape::Bar
                };
                self.item(e, shape, name_of(e))
            })
            .collect();
        self.lane(
            "alerts",
            "Alerts and provider incidents",
            Layout::Packed,
            items,
        )
    }

    fn jobs(&self) -> Option<Lane> {
        let items = self
            .of(&[EventKind::JobRun])
            .into_iter()
            .map(|e| self.item(e, Shape::Dot, name_of(e)))
            .collect();
        self.lane("jobs", "Job runs", Layout::Density, items)
    }

    /// A lane for every further kind, known or not.
    fn others(&self) -> Vec<Lane> {
        let mut kinds: BTreeMap<&EventKind, usize> = BTreeMap::new();
        for event in &self.evidence.events {
            if is_other(&event.kind) {
                *kinds.entry(&event.kind).or_default() += 1;
            }
        }
        let all: Vec<EventKind> = kinds.into_keys().cloned().collect();
        let (own, rest) = all.split_at(all.len().min(MAX_OTHER_KINDS));
        let mut lanes: Vec<Lane> = own
            .iter()
            .filter_map(|kind| {
                let id = format!("{OF_KIND}{}", slug(kind.as_str()));
                self.points(&id, &heading(kind), std::slice::from_ref(kind))
            })
            .collect();
        lanes.extend(self.points("events-further", "Further events", rest));
        lanes
    }

    fn points(&self, id: &str, title: &str, kinds: &[EventKind]) -> Option<Lane> {
        let items: Vec<EventItem> = self
            .of(kinds)
            .into_iter()
            .map(|e| {
                let shape = if e.end.is_some() {
                    Shape::Bar
                } else {
                    Shape::Dot
                };
                self.item(e, shape, name_of(e))
            })
            .collect();
        let layout = if items.len() > DENSE {
            Layout::Density
        } else {
            Layout::Packed
        };
        self.lane(id, title, layout, items)
    }
}

fn is_other(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::ContainerRestart | EventKind::OomKill | EventKind::Scale | EventKind::Other(_)
    )
}

fn heading(kind: &EventKind) -> String {
    match kind {
        EventKind::ContainerRestart => "Container restarts".to_owned(),
        EventKind::OomKill => "Out-of-memory kills".to_owned(),
        EventKind::Scale => "Scaling".to_owned(),
        other => format!("Events: {}", other.label()),
    }
}

/// What an event is called in a picture: its object, or its title where it names none.
pub(super) fn name_of(event: &Event) -> String {
    let object = &event.object.name;
    match (object.is_empty(), &event.kind) {
        (false, EventKind::Rollout | EventKind::PodTerminating) => object.clone(),
        _ if !event.title.is_empty() => first_line(&event.title).to_owned(),
        (false, _) => object.clone(),
        (true, kind) => kind.label(),
    }
}

/// A node's name without its domain.
pub(super) fn short(node: &str) -> &str {
    node.split('.').next().unwrap_or(node)
}

pub(super) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// How many, from when to when, and the first few by name.
fn summary(items: &[EventItem], suspects: usize) -> String {
    let times = items.iter().map(|i| i.start);
    let span = |t: Option<Timestamp>| t.map(Timestamp::minute).unwrap_or_default();
    let (first, last) = (span(times.clone().min()), span(times.max()));
    let n = items.len();
    let mut text = if n == 1 {
        format!("1 event, at {first} UTC")
    } else {
        format!("{n} events between {first} and {last} UTC")
    };
    if suspects > 0 && n == 1 {
        text = format!("{text}, suspected");
    } else if suspects > 0 {
        text = format!("{text}, {suspects} of them suspected");
    }
    let open = items.iter().filter(|i| i.open).count();
    if open > 0 && n == 1 {
        text = format!("{text}, still going on at the end");
    } else if open > 0 {
        text = format!("{text}, {open} still going on at the end");
    }
    let names: Vec<&str> = items
        .iter()
        .take(5)
        .map(|i| i.label.trim_end_matches('.'))
        .collect();
    let end = if n > names.len() { "; and more." } else { "." };
    format!("{text}: {}{end}", names.join("; "))
}
