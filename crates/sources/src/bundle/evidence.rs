//! A bundle's evidence, with what its raw files say.

use super::{
    BundleError,
    merged::{LISTED_IN, Merged},
    path::is_id,
};
use crate::files;
use model::{
    Annotation, Batch, Bundle, Edge, Event, Evidence, Gap, Provenance, Series, bundle::RawFile,
    time::DAY,
};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

/// File of the notes.
const NOTES: &str = "annotations.jsonl";

/// The evidence of a bundle together with what its raw files say: events and series read out of
/// them, a line of provenance for each, and what could not be read.
///
/// What `events.jsonl` says already is not said twice: the event there stays as it is, and its
/// attribute `listed_in` names the row or object of the file that shows the same. Of two listings
/// that show the same one event is made, which says what both say.
pub fn evidence_of(bundle: &Bundle) -> Result<Evidence, BundleError> {
    let mut evidence = bundle.evidence();
    if !says_origin(&evidence.provenance) {
        evidence.provenance.insert(0, own_provenance(bundle));
    }
    if let Some(note) = notes_outside(bundle)
        && !evidence.provenance.contains(&note)
    {
        evidence.provenance.push(note);
    }
    let mut index = index_of(&evidence.series);
    let mut told = Vec::new();
    for mut batch in read_in_order(bundle)? {
        told.append(&mut batch.events);
        for series in own_ids(&mut batch, &evidence.series, &index) {
            index.insert(series.meta.id.clone(), evidence.series.len());
            evidence.series.push(series);
        }
        evidence.topology.extend(batch.topology);
        if !evidence.provenance.contains(&batch.provenance) {
            evidence.provenance.push(batch.provenance);
        }
    }
    let mut events = Merged::new(std::mem::take(&mut evidence.events));
    events.add_all(told);
    evidence.events = events.into_all();
    let mut seen = HashSet::new();
    let key = |edge: &Edge| (edge.from.clone(), edge.to.clone(), edge.kind.clone());
    evidence.topology.retain(|edge| seen.insert(key(edge)));
    evidence.topology.sort_by_key(key);
    evidence.sort();
    Ok(evidence)
}

/// What the raw files say, by their path, so that the order in which a store or a zip lists its files
/// changes nothing.
fn read_in_order(bundle: &Bundle) -> Result<Vec<Batch>, BundleError> {
    let mut batches = files::read_evidence(&bundle.files, bundle.header.window)?;
    batches.sort_by(|a, b| a.provenance.query.cmp(&b.provenance.query));
    Ok(batches)
}

/// Where a series of an id is.
type Index = HashMap<String, usize>;

fn index_of(series: &[Series]) -> Index {
    let ids = series.iter().map(|s| s.meta.id.clone());
    ids.zip(0..).collect()
}

/// The series of a batch that are not known to the last sample. One whose id another series has gets
/// `.2`, `.3`… behind it, so that neither is lost.
fn own_ids(batch: &mut Batch, all: &[Series], index: &Index) -> Vec<Series> {
    let mut taken: HashSet<String> = batch.series.iter().map(|s| s.meta.id.clone()).collect();
    let mut new = Vec::new();
    for mut series in std::mem::take(&mut batch.series) {
        let first = series.meta.id.clone();
        let mut n = 1;
        let is_known = loop {
            match index.get(&series.meta.id).and_then(|i| all.get(*i)) {
                Some(known) if *known == series => break true,
                None if n == 1 || taken.insert(series.meta.id.clone()) => break false,
                _ => n += 1,
            }
            let tail = format!(".{n}");
            let room = first.len().min(128 - tail.len());
            series.meta.id = first.get(..room).unwrap_or(&first).to_owned() + &tail;
        };
        let told = batch.provenance.series.iter_mut();
        for id in told.filter(|id| **id == first) {
            id.clone_from(&series.meta.id);
        }
        if !is_known {
            new.push(series);
        }
    }
    new
}

/// Ids of all series that the raw files give, as [`evidence_of`] calls them, and whether some file waits
/// for an answer before it gives all of its own.
pub(super) fn derived_ids(bundle: &Bundle) -> Result<(Vec<String>, bool), BundleError> {
    let mut index = index_of(&bundle.series);
    let mut series = bundle.series.clone();
    let own = series.len();
    let mut waiting = false;
    for mut batch in read_in_order(bundle)? {
        waiting |= !batch.provenance.questions.is_empty();
        for new in own_ids(&mut batch, &series, &index) {
            index.insert(new.meta.id.clone(), series.len());
            series.push(new);
        }
    }
    let ids = series.into_iter().skip(own).map(|s| s.meta.id);
    Ok((ids.collect(), waiting))
}

/// What one raw file says, read into evidence that is there already: batches that a store puts in the
/// place of what it had from their files before, each with its file in it, the file's own first. As in
/// [`evidence_of`], what is known is not said twice: an event that the file shows too comes back with
/// its mark `listed_in`.
///
/// `others` are the other raw files, where [`files::is_read_together`] says that they matter: counters
/// go on from file to file, so that one more file changes what those after it say.
///
/// The files are taken, and never copied: one may be hundreds of megabytes.
pub fn with_file(
    evidence: &Evidence,
    file: RawFile,
    others: Vec<RawFile>,
) -> Result<Vec<Batch>, BundleError> {
    let mut together = vec![file];
    if let [file] = together.as_slice()
        && files::is_read_together(&file.content)
    {
        let (path, kind) = (file.path.clone(), files::kind_of(&file.content));
        let others = others.into_iter();
        together.extend(
            others.filter(|other| other.path != path && files::kind_of(&other.content) == kind),
        );
    }
    let read = files::read_evidence(&together, evidence.window)?;
    Ok(read
        .into_iter()
        .zip(together)
        .map(|(batch, file)| Batch {
            files: vec![file],
            ..batch
        })
        .map(|batch| instead(evidence, batch))
        .collect())
}

/// The raw files that share an event with one or with one that does, itself left out: one event says what all
/// of them say, so that none of them can be read again alone.
pub fn sharing_events(evidence: &Evidence, path: &str) -> BTreeSet<String> {
    let files_of = |event: &'_ Event| -> BTreeSet<String> {
        let listed = event.attributes.get(LISTED_IN).and_then(Value::as_array);
        let others = listed.into_iter().flatten().filter_map(Value::as_str);
        let ids = std::iter::once(event.id.as_str()).chain(others);
        ids.filter_map(file_of).map(str::to_owned).collect()
    };
    let shared: BTreeSet<BTreeSet<String>> = evidence.events.iter().map(files_of).collect();
    let mut sharing = BTreeSet::from([path.to_owned()]);
    loop {
        let known = sharing.len();
        for paths in shared.iter().filter(|paths| paths.len() > 1) {
            if !paths.is_disjoint(&sharing) {
                sharing.extend(paths.iter().cloned());
            }
        }
        if sharing.len() == known {
            break;
        }
    }
    sharing.remove(path);
    sharing
}

/// The raw file that an event's id names; `None`: it is of none.
fn file_of(id: &str) -> Option<&str> {
    let (path, _) = id.rsplit_once('#').filter(|_| !is_id(id))?;
    Some(path)
}

/// Evidence without the events of some raw files.
pub fn without_events_of(mut evidence: Evidence, paths: &BTreeSet<String>) -> Evidence {
    let of_one = |id: &str| file_of(id).is_some_and(|path| paths.contains(path));
    evidence.events.retain(|event| !of_one(&event.id));
    evidence
}

/// Adds what [`with_file`] gave to evidence, as a store does.
pub fn take_in(evidence: &mut Evidence, batch: &Batch) {
    let path = &batch.provenance.query;
    evidence.provenance.retain(|p| p.query != *path);
    evidence.provenance.push(batch.provenance.clone());
    let ids: HashSet<&String> = batch.series.iter().map(|s| &s.meta.id).collect();
    evidence.series.retain(|s| !ids.contains(&s.meta.id));
    evidence.series.extend(batch.series.iter().cloned());
    let ids: HashSet<&String> = batch.events.iter().map(|e| &e.id).collect();
    evidence.events.retain(|e| !ids.contains(&e.id));
    evidence.events.extend(batch.events.iter().cloned());
}

/// What a store puts in the place of what it had from a file.
fn instead(evidence: &Evidence, mut batch: Batch) -> Batch {
    let path = batch.provenance.query.clone();
    let before = |p: &&Provenance| p.query == path;
    let own: HashSet<&String> = evidence
        .provenance
        .iter()
        .filter(before)
        .flat_map(|p| &p.series)
        .collect();
    let index: Index = index_of(&evidence.series)
        .into_iter()
        .filter(|(id, _)| !own.contains(id))
        .collect();
    batch.series = own_ids(&mut batch, &evidence.series, &index);
    let of_file = |id: &str| file_of(id) == Some(path.as_str());
    let kept = evidence.events.iter().filter(|event| !of_file(&event.id));
    let kept: Vec<Event> = kept.cloned().collect();
    let known = kept.len();
    let mut events = Merged::new(kept.clone());
    events.add_all(std::mem::take(&mut batch.events));
    let mut all = events.into_all();
    let new = all.split_off(known);
    let changed = all.into_iter().zip(kept);
    batch.events = changed
        .filter(|(now, before)| now != before)
        .map(|(now, _)| now)
        .chain(new)
        .collect();
    batch
}

/// Leaves out of a bundle what its raw files say again when it is read, so that evidence that went
/// through a store can be exported as the bundle that it came from: events whose id names a raw
/// file, series and edges read from one, provenance of one, and the marks `listed_in`.
pub fn without_derived(mut bundle: Bundle) -> Result<Bundle, BundleError> {
    let mut derived = read_in_order(&bundle)?;
    let of_file =
        |id: &str| file_of(id).is_some_and(|path| bundle.files.iter().any(|f| f.path == path));
    bundle.events.retain(|event| !of_file(&event.id));
    for event in &mut bundle.events {
        event.attributes.remove(LISTED_IN);
    }
    // What a file says again is known to the last sample, under its id or the one that it got.
    let index = index_of(&bundle.series);
    let mut again: HashSet<String> = HashSet::new();
    for batch in &mut derived {
        let new = own_ids(batch, &bundle.series, &index);
        let new: HashSet<String> = new.into_iter().map(|s| s.meta.id).collect();
        let told = batch.provenance.series.iter();
        again.extend(told.filter(|id| !new.contains(*id)).cloned());
    }
    bundle
        .series
        .retain(|series| !again.contains(&series.meta.id));
    let edges: HashSet<_> = derived
        .iter()
        .flat_map(|b| &b.topology)
        .map(|e| (&e.from, &e.to, &e.kind))
        .collect();
    bundle
        .topology
        .retain(|e| !edges.contains(&(&e.from, &e.to, &e.kind)));
    let provenance = &mut bundle.header.provenance;
    provenance.retain(|p| !derived.iter().any(|b| b.provenance == *p));
    Ok(bundle)
}

/// How far outside of the window a note may lie without a word: a cause may be a day older.
const NOTES_NEAR_MS: i64 = DAY;

/// Says of notes that lie far outside of the window that they are kept, and not on its time axis.
fn notes_outside(bundle: &Bundle) -> Option<Provenance> {
    let window = bundle.header.window;
    let (from, to) = (
        window.start.plus(-NOTES_NEAR_MS),
        window.end.plus(NOTES_NEAR_MS),
    );
    let far = |note: &&Annotation| note.start > to || note.end.unwrap_or(note.start) < from;
    let far: Vec<&Annotation> = bundle.annotations.iter().filter(far).collect();
    let first = far.iter().map(|note| note.start).min()?;
    let last = far.iter().map(|note| note.start).max()?;
    let (count, notes) = (
        far.len(),
        if far.len() == 1 {
            "note lies"
        } else {
            "notes lie"
        },
    );
    Some(Provenance {
        source: "bundle".into(),
        query: NOTES.into(),
        gaps: vec![Gap {
            what: NOTES.into(),
            window: None,
            reason: format!(
                "{count} {notes} more than a day outside of the window ({} to {}): kept, and not on \
                 its time axis; are the dates right?",
                first.minute(),
                last.minute()
            ),
        }],
        ..Provenance::default()
    })
}

/// Whether somebody has said where the bundle's own series and events came from; what reading adds
/// about single files of the bundle does not count.
fn says_origin(provenance: &[Provenance]) -> bool {
    provenance
        .iter()
        .any(|p| !(p.source == "bundle" && (p.query.starts_with("series/") || p.query == NOTES)))
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
