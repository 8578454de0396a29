//! A bundle's evidence, with what its raw files say.

use super::{BundleError, path::is_id};
use crate::files;
use model::{
    Batch, Bundle, Edge, Event, EventKind, Evidence, Provenance, Timestamp,
    bundle::RawFile,
    time::{MINUTE, SECOND},
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Attribute of an event that raw files show as well: the ids that it would have from there.
const LISTED_IN: &str = "listed_in";

/// The evidence of a bundle together with what its raw files say: events and series read out of
/// them, a line of provenance for each, and what could not be read.
///
/// What `events.jsonl` says already is not said twice: the event there stays as it is, and its
/// attribute `listed_in` names the row or object of the file that shows the same. Of two listings
/// of one Terminating pod one event is made, with the tighter bounds.
pub fn evidence_of(bundle: &Bundle) -> Result<Evidence, BundleError> {
    let mut evidence = bundle.evidence();
    if !says_origin(&evidence.provenance) {
        evidence.provenance.insert(0, own_provenance(bundle));
    }
    let mut known: HashSet<String> = evidence.series.iter().map(|s| s.meta.id.clone()).collect();
    let mut events = Merged::new(std::mem::take(&mut evidence.events));
    // By path, so that the order in which a store or a zip lists its files changes nothing.
    let mut batches = files::read_evidence(&bundle.files, bundle.header.window)?;
    batches.sort_by(|a, b| a.provenance.query.cmp(&b.provenance.query));
    for batch in batches {
        for event in batch.events {
            events.add(event);
        }
        let new = batch
            .series
            .into_iter()
            .filter(|s| known.insert(s.meta.id.clone()));
        evidence.series.extend(new);
        evidence.topology.extend(batch.topology);
        if !evidence.provenance.contains(&batch.provenance) {
            evidence.provenance.push(batch.provenance);
        }
    }
    evidence.events = events.all;
    let mut seen = HashSet::new();
    let key = |edge: &Edge| (edge.from.clone(), edge.to.clone(), edge.kind.clone());
    evidence.topology.retain(|edge| seen.insert(key(edge)));
    evidence.topology.sort_by_key(key);
    evidence.sort();
    Ok(evidence)
}

/// What one raw file says, read into evidence that is there already: the batch that a store puts in
/// the place of what it had from the file before. As in [`evidence_of`], what is known is not said
/// twice: an event that the file shows too comes back with its mark `listed_in`.
pub fn with_file(mut evidence: Evidence, file: &RawFile) -> Result<Batch, BundleError> {
    let files = std::slice::from_ref(file);
    let mut read = files::read_each(files, evidence.window)?;
    let Some(mut batch) = read.pop() else {
        return Ok(Batch::default());
    };
    let before = |p: &&Provenance| p.query == file.path;
    let own: HashSet<&String> = evidence
        .provenance
        .iter()
        .filter(before)
        .flat_map(|p| &p.series)
        .collect();
    let others: HashSet<&String> = evidence
        .series
        .iter()
        .map(|s| &s.meta.id)
        .filter(|id| !own.contains(id))
        .collect();
    batch.series.retain(|s| !others.contains(&s.meta.id));
    let prefix = format!("{}#", file.path);
    let of_file = |id: &str| id.strip_prefix(&prefix).is_some_and(|l| !l.contains('#'));
    evidence.events.retain(|event| !of_file(&event.id));
    let known = evidence.events.len();
    let mut events = Merged::new(evidence.events.clone());
    for event in std::mem::take(&mut batch.events) {
        events.add(event);
    }
    let new = events.all.split_off(known);
    let changed = events.all.into_iter().zip(evidence.events);
    batch.events = changed
        .filter(|(now, before)| now != before)
        .map(|(now, _)| now)
        .chain(new)
        .collect();
    Ok(batch)
}

/// Leaves out of a bundle what its raw files say again when it is read, so that evidence that went
/// through a store can be exported as the bundle that it came from: events whose id names a raw
/// file, series and edges read from one, provenance of one, and the marks `listed_in`.
pub fn without_derived(mut bundle: Bundle) -> Result<Bundle, BundleError> {
    let derived = files::read_evidence(&bundle.files, bundle.header.window)?;
    let of_file = |id: &str| {
        !is_id(id)
            && id
                .rsplit_once('#')
                .is_some_and(|(path, _)| bundle.files.iter().any(|f| f.path == path))
    };
    bundle.events.retain(|event| !of_file(&event.id));
    for event in &mut bundle.events {
        event.attributes.remove(LISTED_IN);
    }
    let made = |what: &dyn Fn(&Batch) -> bool| derived.iter().any(what);
    bundle
        .series
        .retain(|series| !made(&|b| b.series.contains(series)));
    let edges: HashSet<_> = derived
        .iter()
        .flat_map(|b| &b.topology)
        .map(|e| (&e.from, &e.to, &e.kind))
        .collect();
    bundle
        .topology
        .retain(|e| !edges.contains(&(&e.from, &e.to, &e.kind)));
    let provenance = &mut bundle.header.provenance;
    provenance.retain(|p| !made(&|b| b.provenance == *p));
    Ok(bundle)
}

/// Whether somebody has said where the bundle's own series and events came from; what reading adds
/// about single files of the bundle does not count.
fn says_origin(provenance: &[Provenance]) -> bool {
    provenance
        .iter()
        .any(|p| !(p.source == "bundle" && p.query.starts_with("series/")))
}

/// The bundle itself as a source, where it does not name its own.
fn own_provenance(bundle: &Bundle) -> Provenance {
    Provenance {
        source: "bundle".into(),
        query: "series.jsonl, events.jsonl".into(),
        window: Some(bundle.header.window),
        series: bundle.series.iter().map(|s| s.meta.id.clone()).collect(),
        events: bundle.events.len(),
        ..Provenance::default()
    }
}

/// Events, and where to look for one that says the same.
struct Merged {
    all: Vec<Event>,
    by_object: HashMap<(EventKind, String), Vec<usize>>,
    ids: HashSet<String>,
}

impl Merged {
    fn new(events: Vec<Event>) -> Self {
        let mut merged = Self {
            all: Vec::with_capacity(events.len()),
            by_object: HashMap::new(),
            ids: HashSet::new(),
        };
        for event in events {
            merged.push(event);
        }
        merged
    }

    fn push(&mut self, event: Event) {
        let key = (event.kind.clone(), event.object.name.clone());
        self.by_object.entry(key).or_default().push(self.all.len());
        self.ids.insert(event.id.clone());
        self.all.push(event);
    }

    /// Adds an event of a raw file, or its confirmation of one that is there.
    fn add(&mut self, event: Event) {
        if self.ids.contains(&event.id) {
            return; // read before, and stored with its id
        }
        let key = (event.kind.clone(), event.object.name.clone());
        let found = self.by_object.get(&key).and_then(|candidates| {
            let same = |i: &&usize| {
                self.all
                    .get(**i)
                    .is_some_and(|other| is_same(other, &event))
            };
            candidates.iter().find(same).copied()
        });
        match found.and_then(|i| self.all.get_mut(i)) {
            Some(other) => confirm(other, &event),
            None => self.push(event),
        }
    }
}

/// Whether two events are one. For Terminating pods: the same pod, and the listing was not taken
/// after the other one had ended. For rollouts: the same revision, or times within a minute. For
/// the rest: times within two seconds.
fn is_same(known: &Event, new: &Event) -> bool {
    let agree = |a: &str, b: &str| a == b || a.is_empty() || b.is_empty();
    if new.object.name.is_empty()
        || !agree(&known.namespace, &new.namespace)
        || !agree(&known.cluster, &new.cluster)
        || !agree(&known.object.kind, &new.object.kind)
    {
        return false;
    }
    let near = |ms: i64| {
        let (Some(a), Some(b)) = (known.start, new.start) else {
            return false;
        };
        a.since(b).abs() <= ms
    };
    let fact = |name: &str| (known.attribute(name), new.attribute(name));
    match new.kind {
        EventKind::PodTerminating => {
            let seen = new.attribute_time("observed_at").or(new.start);
            let over = |end: Timestamp| seen.is_some_and(|seen| seen > end.plus(MINUTE));
            !known.end.is_some_and(over)
        }
        EventKind::Rollout => match fact("revision") {
            (Some(a), Some(b)) => a == b,
            _ => near(MINUTE),
        },
        EventKind::OomKill | EventKind::ContainerRestart => match fact("container") {
            (Some(a), Some(b)) => a == b && near(2 * SECOND),
            _ => near(2 * SECOND),
        },
        // Many messages and notes begin in one second: these are one where they say the same.
        EventKind::LogPattern => near(2 * SECOND) && known.title == new.title,
        _ => {
            let said = matches!(
                new.kind.as_str(),
                "k8s_warning" | "annotation" | "measurement"
            );
            near(2 * SECOND) && (known.title == new.title || !said)
        }
    }
}

/// Lets a known event say that a file shows it too. Where both are Terminating pods of unknown
/// start the bounds become tighter; a start that only the file knows is taken over.
fn confirm(known: &mut Event, new: &Event) {
    let derived = !is_id(&known.id);
    if derived && known.start.is_none() {
        known.start = new.start;
        let bound = |event: &Event, name| event.attribute_time(name);
        let earliest = bound(known, "start_earliest").max(bound(new, "start_earliest"));
        let latest = match (bound(known, "start_latest"), bound(new, "start_latest")) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        for (name, at) in [("start_earliest", earliest), ("start_latest", latest)] {
            match at.filter(|_| known.start.is_none()) {
                Some(at) => known.attributes.insert(name.into(), at.to_string().into()),
                None => known.attributes.remove(name),
            };
        }
        if known.start.is_some() {
            new.title.clone_into(&mut known.title);
        }
    }
    let listed = known
        .attributes
        .entry(LISTED_IN)
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(ids) = listed {
        let id = Value::from(new.id.clone());
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
}
