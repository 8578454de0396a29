//! What must hold between the parts of a bundle; the same when reading and when writing.

use super::{
    BundleError,
    limits::{
        MAX_ANNOTATIONS, MAX_EDGES, MAX_EVENTS, MAX_FILE_BYTES, MAX_JSON_BYTES, MAX_JSONL_BYTES,
        MAX_SAMPLES, MAX_SERIES, MAX_TITLE_CHARS,
    },
    path::{ID_FORM, check_path, is_id},
    samples::shorten,
};
use model::{
    Annotation, Document, Edge, Event, SeriesMeta, Timestamp,
    bundle::{IncidentHeader, RawFile},
    document::is_section_id,
};
use std::collections::{HashMap, HashSet};

/// A value and the line it stands on.
pub(crate) type Numbered<T> = (u64, T);

/// Ids of one kind, each once.
struct Ids<'a> {
    file: &'a str,
    seen: HashMap<String, u64>,
}

impl<'a> Ids<'a> {
    fn of(file: &'a str) -> Self {
        let seen = HashMap::new();
        Self { file, seen }
    }

    fn add(&mut self, line: u64, id: &str) -> Result<(), BundleError> {
        if !is_id(id) {
            let expected = format!("{ID_FORM}, found '{}'", shorten(id));
            return Err(BundleError::at(self.file, line, expected));
        }
        match self.seen.insert(id.to_owned(), line) {
            None => Ok(()),
            Some(first) => {
                let expected = format!("an id of its own, found '{id}' of line {first} again");
                Err(BundleError::at(self.file, line, expected))
            }
        }
    }
}

/// The title: one line of a bearable length. One that is longer is not cut, since nobody would know.
pub(crate) fn title(header: &IncidentHeader, line: u64) -> Result<(), BundleError> {
    const FILE: &str = "incident.json";
    let title = &header.title;
    let length = title.chars().count();
    if length > MAX_TITLE_CHARS {
        let expected = format!("a title of at most {MAX_TITLE_CHARS} characters, found {length}");
        return Err(BundleError::at(FILE, line, expected));
    }
    if title.chars().any(char::is_control) {
        let shown = shorten(&title.escape_debug().to_string());
        let expected = format!("a title in one line without control characters, found '{shown}'");
        return Err(BundleError::at(FILE, line, expected));
    }
    Ok(())
}

/// Decisions and action items of the header: each with a name of its own that a database can hold.
pub(crate) fn decisions(
    header: &IncidentHeader,
    line: impl Fn(&str) -> u64,
) -> Result<(), BundleError> {
    const FILE: &str = "incident.json";
    count(FILE, header.judgements.len(), MAX_ANNOTATIONS, "judgements")?;
    count(FILE, header.actions.len(), MAX_ANNOTATIONS, "actions")?;
    let mut seen = HashSet::new();
    for judgement in &header.judgements {
        let suspect = judgement.suspect.as_str();
        let bytes = suspect.len();
        let fits = (1..=MAX_SUSPECT_BYTES).contains(&bytes) && !suspect.contains('\0');
        if !fits || !seen.insert(suspect) {
            let expected = format!(
                "judgements of suspects of their own, of 1 to {MAX_SUSPECT_BYTES} bytes, found '{}'",
                shorten(suspect)
            );
            return Err(BundleError::at(FILE, line("judgements"), expected));
        }
    }
    let mut ids = Ids::of(FILE);
    for action in &header.actions {
        ids.add(line("actions"), &action.id)?;
    }
    header
        .document
        .as_ref()
        .map_or(Ok(()), |d| document(d, line("document")))
}

/// What people wrote: sections that a database can hold, each revision once.
fn document(document: &Document, line: u64) -> Result<(), BundleError> {
    const FILE: &str = "incident.json";
    let states = document.sections.len() + document.history.len();
    count(
        FILE,
        states,
        MAX_ANNOTATIONS,
        "states of the document's sections",
    )?;
    let mut seen = HashSet::new();
    for state in document.sections.iter().chain(&document.history) {
        let revision = state.revision;
        let counts = revision > 0 && i64::try_from(revision).is_ok();
        if !is_section_id(&state.id) || !counts || !seen.insert((state.id.as_str(), revision)) {
            let expected = format!(
                "sections of the document with an id of a-z, 0-9 and '-' and a revision of their own \
                 from 1 on, found revision {revision} of '{}'",
                shorten(&state.id)
            );
            return Err(BundleError::at(FILE, line, expected));
        }
    }
    Ok(())
}

/// The id of an event out of a file is the file's path and a line.
const MAX_SUSPECT_BYTES: usize = 1_024;

fn count(file: &str, found: usize, limit: usize, what: &str) -> Result<(), BundleError> {
    if found <= limit {
        return Ok(());
    }
    Err(BundleError::TooLarge {
        file: file.to_owned(),
        line: None,
        limit: format!("{limit} {what}"),
    })
}

/// Size of a file of the format itself.
pub(crate) fn size(path: &str, bytes: u64) -> Result<(), BundleError> {
    let limit = match path {
        "incident.json" | "figures.json" | "manifest.json" => MAX_JSON_BYTES,
        own if is_own_file(own) && series_id(own).is_none() => MAX_JSONL_BYTES,
        _ => MAX_FILE_BYTES,
    };
    if bytes <= limit {
        return Ok(());
    }
    Err(BundleError::TooLarge {
        file: path.to_owned(),
        line: None,
        limit: format!("{} MiB in this file", limit >> 20),
    })
}

fn in_order(
    file: &str,
    line: u64,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
) -> Result<(), BundleError> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => {
            let expected = format!("an end not before the start {start}, found {end}");
            Err(BundleError::at(file, line, expected))
        }
        _ => Ok(()),
    }
}

/// Descriptors of series.
pub(crate) fn series<'a>(
    items: impl ExactSizeIterator<Item = Numbered<&'a SeriesMeta>>,
) -> Result<(), BundleError> {
    const FILE: &str = "series.jsonl";
    count(FILE, items.len(), MAX_SERIES, "series")?;
    let mut ids = Ids::of(FILE);
    for (line, meta) in items {
        ids.add(line, &meta.id)?;
        if meta.period_s == Some(0) {
            let expected = "a period_s of at least 1 second or none";
            return Err(BundleError::at(FILE, line, expected));
        }
    }
    Ok(())
}

/// Samples of all series together.
pub(crate) fn samples(file: &str, total: usize) -> Result<(), BundleError> {
    count(file, total, MAX_SAMPLES, "samples in all series together")
}

/// Events.
pub(crate) fn events<'a>(
    items: impl ExactSizeIterator<Item = Numbered<&'a Event>>,
) -> Result<(), BundleError> {
    const FILE: &str = "events.jsonl";
    count(FILE, items.len(), MAX_EVENTS, "events")?;
    let mut ids = Ids::of(FILE);
    for (line, event) in items {
        ids.add(line, &event.id)?;
        in_order(FILE, line, event.start, event.end)?;
    }
    Ok(())
}

/// Annotations.
pub(crate) fn annotations<'a>(
    items: impl ExactSizeIterator<Item = Numbered<&'a Annotation>>,
) -> Result<(), BundleError> {
    const FILE: &str = "annotations.jsonl";
    count(FILE, items.len(), MAX_ANNOTATIONS, "annotations")?;
    let mut ids = Ids::of(FILE);
    for (line, note) in items {
        ids.add(line, &note.id)?;
        in_order(FILE, line, Some(note.start), note.end)?;
    }
    Ok(())
}

/// Edges.
pub(crate) fn edges<'a>(
    items: impl ExactSizeIterator<Item = Numbered<&'a Edge>>,
) -> Result<(), BundleError> {
    const FILE: &str = "topology.jsonl";
    count(FILE, items.len(), MAX_EDGES, "edges")?;
    for (line, edge) in items {
        if edge.from.trim().is_empty() || edge.to.trim().is_empty() {
            let expected = "an edge with resource ids in 'from' and 'to'";
            return Err(BundleError::at(FILE, line, expected));
        }
    }
    Ok(())
}

/// Names that belong to the format itself.
pub(crate) fn is_own_file(path: &str) -> bool {
    matches!(
        path,
        "incident.json"
            | "series.jsonl"
            | "topology.jsonl"
            | "events.jsonl"
            | "annotations.jsonl"
            | "report.md"
            | "figures.json"
            | "files/index.jsonl"
            | "manifest.json"
    ) || series_id(path).is_some()
}

/// The id in `series/<id>.csv`.
pub(crate) fn series_id(path: &str) -> Option<&str> {
    let name = path.strip_prefix("series/")?.strip_suffix(".csv")?;
    (!name.contains('/')).then_some(name)
}

/// Raw files, before they are written.
pub(crate) fn files(files: &[RawFile]) -> Result<(), BundleError> {
    let mut seen = HashSet::new();
    for file in files {
        check_path(&file.path)?;
        if is_own_file(&file.path) || super::path::is_litter(&file.path) {
            let expected = "a raw file below files/, found a name of the format itself";
            return Err(BundleError::file(&file.path, expected));
        }
        if !seen.insert(&file.path) {
            return Err(BundleError::file(
                &file.path,
                "each name once, found it twice",
            ));
        }
    }
    Ok(())
}
