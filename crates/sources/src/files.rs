//! Loose files: what kind they are, known by their content, and what they say.
//!
//! A file that this version cannot read is kept, and named in the gaps of its provenance; it never
//! makes the rest unusable.

use crate::{
    BundleError,
    bundle::{
        is_header,
        limits::{MAX_EVENTS, MAX_SAMPLES},
        parse_samples, text,
    },
    kubernetes::{self, Listing, looks_like_json},
};
use model::{
    Batch, Event, Gap, Provenance, Series, SeriesMeta, Timestamp, Window, bundle::RawFile,
};
use std::collections::BTreeMap;

/// Lines at the beginning of a file that decide what it is.
const LINES_LOOKED_AT: usize = 5_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// JSON of Kubernetes objects, as `kubectl get … -o json` prints it.
    KubectlJson,
    /// The plain table of `kubectl get pods`.
    KubectlTable,
    /// Samples with the header `timestamp,value`.
    SeriesCsv,
    /// Output of `nfsstat`; kept, not read by this version.
    Nfsstat,
    /// A log of the kubelet; kept, not read by this version.
    KubeletLog,
    /// Any other text; kept, not read.
    Text,
    /// No text at all; kept, not read.
    Binary,
}

impl FileKind {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::KubectlJson => "Kubernetes objects as JSON",
            Self::KubectlTable => "a table of kubectl get pods",
            Self::SeriesCsv => "samples as timestamp,value",
            Self::Nfsstat => "output of nfsstat",
            Self::KubeletLog => "a log of the kubelet",
            Self::Text => "text of unknown kind",
            Self::Binary => "bytes of unknown kind",
        }
    }
}

/// What kind of file some bytes are.
pub fn kind_of(content: &[u8]) -> FileKind {
    let Ok(text) = text("", content) else {
        return FileKind::Binary;
    };
    if text.contains('\0') {
        return FileKind::Binary;
    }
    // Also where it breaks off: reading it says on which line.
    let broken = || text.contains("\"apiVersion\"") && text.contains("\"kind\"");
    if text.trim_start().starts_with(['{', '[']) && (looks_like_json(text) || broken()) {
        return FileKind::KubectlJson;
    }
    let mut lines = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LINES_LOOKED_AT);
    if lines.clone().next().is_some_and(is_header) {
        return FileKind::SeriesCsv;
    }
    if lines.clone().any(kubernetes::table::is_row) {
        return FileKind::KubectlTable;
    }
    if lines
        .clone()
        .any(|line| line.starts_with("Client rpc stats") || line.starts_with("Client nfs"))
    {
        return FileKind::Nfsstat;
    }
    if lines.any(is_kubelet) {
        return FileKind::KubeletLog;
    }
    FileKind::Text
}

/// `kubelet[3851]: W0526 14:51:59.491441 …` from the journal, or klog's own header.
fn is_kubelet(line: &str) -> bool {
    let klog = |text: &str| {
        let mut bytes = text.bytes();
        matches!(bytes.next(), Some(b'I' | b'W' | b'E' | b'F'))
            && bytes.by_ref().take(4).all(|b| b.is_ascii_digit())
            && bytes.next() == Some(b' ')
            && bytes.next().is_some_and(|b| b.is_ascii_digit())
    };
    line.contains("kubelet[") || klog(line)
}

/// Reads raw files, all into one batch. Events and series have ids made of the path; those that
/// do not touch the window are left out and counted in the gaps.
pub fn read_all(files: &[RawFile], window: Window) -> Result<Batch, BundleError> {
    let mut all = Batch::default();
    let mut queries = Vec::new();
    for batch in read_each(files, window)? {
        queries.push(batch.provenance.query);
        all.provenance.gaps.extend(batch.provenance.gaps);
        all.provenance.series.extend(batch.provenance.series);
        all.series.extend(batch.series);
        all.events.extend(batch.events);
        all.topology.extend(batch.topology);
        all.files.extend(batch.files);
    }
    all.provenance.source = "files".into();
    all.provenance.query = queries.join(", ");
    all.provenance.window = Some(window);
    all.provenance.events = all.events.len();
    Ok(all)
}

/// Reads raw files, each into a batch of its own, with the file in it.
pub fn read_each(files: &[RawFile], window: Window) -> Result<Vec<Batch>, BundleError> {
    let mut batches = read_evidence(files, window)?;
    for (batch, file) in batches.iter_mut().zip(files) {
        batch.files = vec![file.clone()];
    }
    Ok(batches)
}

/// As [`read_each`], without the files themselves.
pub(crate) fn read_evidence(files: &[RawFile], window: Window) -> Result<Vec<Batch>, BundleError> {
    let mut events = 0;
    let mut batches = Vec::with_capacity(files.len());
    for file in files {
        let mut batch = read_one(file);
        batch.provenance.window = Some(window);
        leave_out(&mut batch, file, window);
        events += batch.events.len();
        if events > MAX_EVENTS {
            return Err(BundleError::TooLarge {
                file: file.path.clone(),
                line: None,
                limit: format!("{MAX_EVENTS} events in all files together"),
            });
        }
        batches.push(batch);
    }
    Ok(batches)
}

fn read_one(file: &RawFile) -> Batch {
    let listing = Listing {
        path: file.path.clone(),
        observed_at: file.observed_at,
        cluster: String::new(),
    };
    let kind = kind_of(&file.content);
    if !file.path.starts_with("files/") && !matches!(kind, FileKind::Binary) {
        return unread(file, "it lies outside of files/");
    }
    let read = match kind {
        FileKind::KubectlJson => kubernetes::from_json(&file.content, &listing),
        FileKind::KubectlTable => {
            text(&file.path, &file.content).and_then(|t| kubernetes::from_table(t, &listing))
        }
        FileKind::SeriesCsv => text(&file.path, &file.content).and_then(|t| series(file, t)),
        other => return unread(file, &format!("it is {}", other.label())),
    };
    match read {
        Ok(mut batch) => {
            if kind == FileKind::KubectlJson && file.observed_at.is_none() {
                batch.provenance.gaps.push(Gap {
                    what: file.path.clone(),
                    window: None,
                    reason: "when the listing was taken is not known: say it as observed_at".into(),
                });
            }
            batch
        }
        Err(error) => unread(file, &error.to_string()),
    }
}

/// A file that is kept and not read.
fn unread(file: &RawFile, why: &str) -> Batch {
    let gap = Gap {
        what: file.path.clone(),
        window: None,
        reason: format!("kept, not read by this version: {why}"),
    };
    Batch {
        provenance: Provenance {
            source: "file".into(),
            query: file.path.clone(),
            asked_at: file.observed_at,
            gaps: vec![gap],
            ..Provenance::default()
        },
        ..Batch::default()
    }
}

fn series(file: &RawFile, text: &str) -> Result<Batch, BundleError> {
    let table = parse_samples(&file.path, text, MAX_SAMPLES)?;
    let step = table.samples.step_ms().map(|ms| ms / 1000);
    let period_s = step.and_then(|s| u32::try_from(s).ok()).filter(|s| *s > 0);
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let meta = SeriesMeta {
        id: series_id(&file.path),
        name: name.strip_suffix(".csv").unwrap_or(name).to_owned(),
        source: "file".into(),
        dimensions: BTreeMap::from([("file".to_owned(), file.path.clone())]),
        period_s,
        ..SeriesMeta::default()
    };
    let cut = table.cut.map(|(line, row)| Gap {
        what: meta.id.clone(),
        window: None,
        reason: format!("the last row (line {line}) breaks off after '{row}' and is left out"),
    });
    Ok(Batch {
        provenance: Provenance {
            source: "file".into(),
            query: file.path.clone(),
            asked_at: file.observed_at,
            resolution_s: period_s,
            gaps: cut.into_iter().collect(),
            series: vec![meta.id.clone()],
            ..Provenance::default()
        },
        series: vec![Series {
            meta,
            samples: table.samples,
        }],
        ..Batch::default()
    })
}

/// A path as an id: what an id cannot hold becomes `_`.
fn series_id(path: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || ".-".contains(c) {
            c
        } else {
            '_'
        }
    };
    let id: String = path.chars().map(safe).collect();
    // The end of a long path tells files apart better than its beginning.
    id.get(id.len().saturating_sub(128)..)
        .unwrap_or(&id)
        .to_owned()
}

/// Leaves out events that do not touch the window, and says how many.
fn leave_out(batch: &mut Batch, file: &RawFile, window: Window) {
    let (inside, outside): (Vec<Event>, Vec<Event>) = batch
        .events
        .drain(..)
        .partition(|event| can_touch(event, window));
    batch.events = inside;
    batch.provenance.events = batch.events.len();
    let times: Vec<Timestamp> = outside.iter().filter_map(Event::at).collect();
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
        return;
    };
    let (n, from, to) = (outside.len(), first.minute(), last.minute());
    batch.provenance.gaps.push(Gap {
        what: file.path.clone(),
        window: None,
        reason: format!("events outside of the window are left out ({n}, from {from} to {to})"),
    });
}

/// Whether an event touches the window, or can do so as far as its unknown start goes.
fn can_touch(event: &Event, window: Window) -> bool {
    if event.start.is_some() {
        return event.touches(window);
    }
    let (earliest, latest) = event.start_bounds();
    let lasts = event.kind.is_interval();
    let over = event.end.is_some_and(|end| end < window.start)
        || (!lasts && latest.is_some_and(|latest| latest < window.start));
    !over && earliest.is_none_or(|earliest| earliest < window.end)
}
