//! The plain tables of kubectl, also as pasted from a web page: pods, events, nodes, workloads, and the
//! history of a rollout. Several in one text are read one after another.
//!
//! Pods are known by what stands in their rows, everything else by its header. An age says when something
//! was but for its last unit, so that it becomes a span and never an instant. AGE of a pod counts from its
//! creation, never from its deletion: when a pod began to terminate is unknown, and lies somewhere
//! between its creation and the listing.

mod age;
mod events;
mod layout;
mod nodes;
mod pods;
mod workloads;

use super::{
    Listing,
    meta::{Ids, event_about, open_end, short},
};
use crate::{BundleError, bundle::limits::MAX_EVENTS};
use age::Age;
use layout::{Kind, Layout};
use model::{Batch, Event, EventKind, Gap, Provenance, words::count};
use std::collections::{BTreeMap, BTreeSet};

/// The `source` of events and provenance that come from tables.
pub(crate) const SOURCE: &str = model::LISTINGS[1];

/// An event of a row.
fn row_event(listing: &Listing, kind: EventKind, object: &str, named: (&str, &str)) -> Event {
    Event {
        source: SOURCE.to_owned(),
        ..event_about(listing, kind, object, named)
    }
}

/// Reads tables. Lines that are no rows are named in the gaps; fails where there is no row at all.
pub fn from_table(text: &str, listing: &Listing) -> Result<Batch, BundleError> {
    let lines: Vec<String> = text.lines().map(plain_spaces).collect();
    let mut reading = Reading::new(listing);
    for (line, number) in lines.iter().zip(1_u64..) {
        let found = reading.line(line, number);
        reading.take(found, number)?;
    }
    if reading.rows == 0 {
        let expected = "a table as kubectl prints it, of pods, events, nodes, deployments, \
                        replicasets, statefulsets or daemonsets, or the history of a rollout";
        return Err(BundleError::file(&listing.path, expected));
    }
    Ok(reading.finish())
}

/// What is known while the lines pass.
struct Reading<'a> {
    listing: &'a Listing,
    ids: Ids<'a>,
    /// The header above.
    layout: Option<Layout>,
    /// What a history is of: its kind and name, from the line before its header.
    subject: Option<(String, String)>,
    events: Vec<Event>,
    rows: usize,
    /// Kinds of tables that had rows.
    read: BTreeSet<&'static str>,
    /// Nodes that rows say were ready again.
    ready: Vec<(String, String)>,
    strange: Option<(u64, String, usize)>,
    /// Rows of tables that are not read, by their header.
    others: BTreeMap<String, usize>,
}

impl<'a> Reading<'a> {
    fn new(listing: &'a Listing) -> Self {
        Self {
            listing,
            ids: Ids::new(listing),
            layout: None,
            subject: None,
            events: Vec::new(),
            rows: 0,
            read: BTreeSet::new(),
            ready: Vec::new(),
            strange: None,
            others: BTreeMap::new(),
        }
    }

    /// What a line says.
    fn line(&mut self, line: &str, number: u64) -> Vec<Event> {
        if is_around(line) {
            return Vec::new();
        }
        if let Some(layout) = Layout::of(line) {
            self.layout = Some(layout);
            return Vec::new();
        }
        if let Some(subject) = workloads::subject(line) {
            self.subject = Some(subject);
            self.layout = None;
            return Vec::new();
        }
        if let Some(pod) = pods::row(line) {
            self.row("pods");
            return pods::events(&pod, self.listing);
        }
        let Some(layout) = self.layout.take() else {
            return self.strange(line, number);
        };
        let found = self.of_table(&layout, line);
        self.layout = Some(layout);
        found.unwrap_or_else(|| self.strange(line, number))
    }

    /// What a row below a header says; `None` where it is none.
    fn of_table(&mut self, layout: &Layout, line: &str) -> Option<Vec<Event>> {
        let listing = self.listing;
        let (name, found) = match layout.kind {
            Kind::Pods => return None,
            Kind::Other => {
                *self.others.entry(layout.header.clone()).or_default() += 1;
                return Some(Vec::new());
            }
            Kind::Events => {
                let row = events::row(layout, line)?;
                let ready = events::ready_again(&row);
                self.ready
                    .extend(ready.map(|(node, age)| (node.to_owned(), age.text.to_owned())));
                ("events", events::event(&row, listing).into_iter().collect())
            }
            Kind::Nodes => ("nodes", nodes::events(layout, line, listing)?),
            Kind::Revisions => {
                let subject = self.subject.as_ref()?;
                let event = workloads::revision(line, subject, listing)?;
                ("history", vec![event])
            }
            _ => ("workloads", workloads::events(layout, line, listing)?),
        };
        self.row(name);
        Some(found)
    }

    fn row(&mut self, kind: &'static str) {
        self.rows += 1;
        self.read.insert(kind);
    }

    fn strange(&mut self, line: &str, number: u64) -> Vec<Event> {
        let first = self
            .strange
            .get_or_insert_with(|| (number, short(line, 60), 0));
        first.2 += 1;
        Vec::new()
    }

    fn take(&mut self, found: Vec<Event>, number: u64) -> Result<(), BundleError> {
        for mut event in found {
            if self.events.len() >= MAX_EVENTS {
                return Err(BundleError::TooLarge {
                    file: self.listing.path.clone(),
                    line: Some(number),
                    limit: format!("{MAX_EVENTS} events"),
                });
            }
            event.id = self.ids.next(number);
            self.events.push(event);
        }
        Ok(())
    }

    fn finish(mut self) -> Batch {
        let ready: Vec<(String, Age<'_>)> = self
            .ready
            .iter()
            .filter_map(|(node, age)| Some((node.clone(), Age::parse(age)?)))
            .collect();
        events::end_not_ready(&mut self.events, &ready, self.listing);
        // The first of its ReplicaSets was made with the Deployment: one event is enough.
        let made: BTreeSet<(String, String)> = self
            .events
            .iter()
            .filter(|event| event.attribute("replica_set").is_some())
            .map(|event| (event.namespace.clone(), event.object.name.clone()))
            .collect();
        self.events.retain(|event| {
            let named = (event.namespace.clone(), event.object.name.clone());
            event.object.kind != "Deployment"
                || event.attribute("change").as_deref() != Some("created")
                || !made.contains(&named)
        });
        let provenance = Provenance {
            source: SOURCE.into(),
            query: self.listing.path.clone(),
            asked_at: self.listing.observed_at,
            gaps: self.gaps(),
            events: self.events.len(),
            ..Provenance::default()
        };
        Batch {
            provenance,
            events: self.events,
            ..Batch::default()
        }
    }
}

/// Whether a line is of a table that is read: a row of pods, or a header.
pub(crate) fn is_table(line: &str) -> bool {
    let line = plain_spaces(line);
    let known = |layout: &Layout| layout.kind != Kind::Other;
    pods::row(&line).is_some() || Layout::of(&line).as_ref().is_some_and(known)
}

/// Web pages and chat programs put other spaces where a terminal has plain ones, and some that
/// have no width at all.
fn plain_spaces(line: &str) -> String {
    line.chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect()
}

/// What stands around the rows: nothing, the prompt with its command.
fn is_around(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else {
        return true;
    };
    let prompt = first.starts_with(['$', '%', '#', '>']) || first.ends_with(['$', '%', '#']);
    (prompt && line.contains("kubectl")) || first == "kubectl"
}

impl Reading<'_> {
    fn gaps(&self) -> Vec<Gap> {
        let listing = self.listing;
        let mut gaps = Vec::new();
        let mut gap = |reason: String| {
            gaps.push(Gap {
                what: listing.path.clone(),
                window: None,
                reason,
            });
        };
        let stuck = self
            .events
            .iter()
            .filter(|e| e.kind == EventKind::PodTerminating)
            .count();
        if stuck > 0 {
            gap(format!(
                "a table does not say when pods began to terminate ({stuck} here), AGE counts from \
                 creation; `kubectl get pods -A -o json` says it"
            ));
        }
        for (kind, reason) in MISSING {
            if self.read.contains(kind) {
                gap(reason.into());
            }
        }
        if listing.observed_at.is_none() {
            gap(
                "when the listing was taken is not known, so that nothing in it can be dated: \
                 say when (\"Taken at\", observed_at in a bundle)"
                    .into(),
            );
        }
        for (header, rows) in &self.others {
            gap(format!(
                "{} of a table that this version does not read ({}); what it says of times, its \
                 JSON (`-o json`) may say",
                count(*rows, "row"),
                short(header, 80)
            ));
        }
        if let Some((line, text, n)) = &self.strange {
            gap(format!(
                "{} not read as a row of the table, the first in line {line}: '{text}'",
                count(*n, "line")
            ));
        }
        gaps.extend(open_end(listing, &self.events));
        gaps
    }
}

/// What each kind of table lacks.
const MISSING: [(&str, &str); 4] = [
    (
        "events",
        "a table of events says how long ago each was last seen, cut to a whole unit, and its first \
         time only with `-o wide`; `kubectl get events -A -o json` says both exactly",
    ),
    (
        "nodes",
        "a table of nodes says neither since when one was not ready nor whether it was booted anew; \
         `kubectl get nodes -o json` says it",
    ),
    (
        "workloads",
        "a table of workloads says how old each is, cut to a whole unit, not which revision or image \
         came when; `kubectl get deployments,replicasets -A -o json` says it",
    ),
    (
        "history",
        "the history of a rollout has no times and no namespace; \
         `kubectl get replicasets -A -o json` says them",
    ),
];
