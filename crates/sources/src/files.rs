//! Loose files: what kind they are, known by their content, and what they say.
//!
//! Each kind has its reader in a file of its own below `files/`; `READERS` is the list. A reader
//! gives series, events, gaps, and questions where something has to be known that the file does
//! not say: what is not known stays unknown. A file that no reader knows is kept, and named in the
//! gaps of its provenance; it never makes the rest unusable.

mod clock;
mod cloudwatch_label;
mod console_csv;
mod csv;
mod encoding;
mod get_metric_data;
mod grafana;
mod kind;
mod kubelet_log;
mod kubernetes_files;
mod moments;
mod mountstats;
mod nfs;
mod nfsstat;
mod passes;
mod reading;
mod samples_csv;
mod touch;

pub use kind::FileKind;

use crate::{
    BundleError,
    bundle::limits::{MAX_EVENTS, MAX_SAMPLES},
};
use encoding::{Decoded, decode};
use kind::Head;
use model::{Batch, Event, Gap, Provenance, Timestamp, Window, bundle::RawFile};
use nfs::{Counters, Earlier};
use std::{borrow::Cow, collections::HashMap};

/// How one kind of file is known and read.
struct Reader {
    kind: FileKind,
    /// Whether a file that begins like this is one.
    is: fn(&Head<'_>) -> bool,
    /// Reads it. The window helps to propose answers, and decides nothing.
    read: fn(&RawFile, Window) -> Result<Batch, BundleError>,
    /// Of counters that may go on from file to file: how they are read together.
    counters: Option<Counters>,
}

const fn reader(
    kind: FileKind,
    is: fn(&Head<'_>) -> bool,
    read: fn(&RawFile, Window) -> Result<Batch, BundleError>,
) -> Reader {
    let counters = None;
    Reader {
        kind,
        is,
        read,
        counters,
    }
}

const fn counting(mut reader: Reader, counters: Counters) -> Reader {
    reader.counters = Some(counters);
    reader
}

/// Every reader, in the order in which they are asked: the first that knows a file reads it.
const READERS: [Reader; 12] = [
    reader(
        FileKind::KubectlJson,
        kind::kubectl_json,
        kubernetes_files::json,
    ),
    reader(
        FileKind::MetricData,
        kind::metric_data,
        get_metric_data::read,
    ),
    reader(FileKind::Grafana, kind::grafana, grafana::read),
    reader(FileKind::SeriesCsv, kind::samples, samples_csv::read),
    reader(FileKind::ConsoleCsv, kind::console, console_csv::read),
    reader(FileKind::KubeletLog, kind::log, kubelet_log::read),
    reader(
        FileKind::KubectlTable,
        kind::kubectl_table,
        kubernetes_files::table,
    ),
    reader(FileKind::Touch, kind::touch, touch::read),
    counting(
        reader(FileKind::Mountstats, kind::mountstats, mountstats::read),
        mountstats::COUNTERS,
    ),
    counting(
        reader(FileKind::Nfsstat, kind::nfsstat, nfsstat::read),
        nfsstat::COUNTERS,
    ),
    reader(FileKind::KubeletLog, kind::log_somewhere, kubelet_log::read),
    reader(FileKind::Table, kind::table, csv::read),
];

fn reader_of(content: &Decoded<'_>) -> Result<&'static Reader, FileKind> {
    if let Some(packed) = kind::packed(content.raw()) {
        return Err(packed);
    }
    let head = Head::of(content);
    READERS
        .iter()
        .find(|reader| (reader.is)(&head))
        .ok_or(if head.is_text() {
            FileKind::Text
        } else {
            FileKind::Binary
        })
}

/// What kind of file some bytes are.
pub fn kind_of(content: &[u8]) -> FileKind {
    reader_of(&decode(content)).map_or_else(|kind| kind, |reader| reader.kind)
}

/// Whether what a file of that content says depends on other files of its kind: counters go on from
/// file to file.
pub fn is_read_together(content: &[u8]) -> bool {
    reader_of(&decode(content)).is_ok_and(|reader| reader.counters.is_some())
}

/// The kind that a provenance's `source` stands for; `None` where it is none of a file.
pub fn kind_of_source(source: &str) -> Option<FileKind> {
    // Of a file that is not read the gap says why, and what it is.
    Some(match source {
        "kubernetes-json" => FileKind::KubectlJson,
        "kubectl-table" => FileKind::KubectlTable,
        "file" => FileKind::SeriesCsv,
        csv::SOURCE => FileKind::Table,
        console_csv::SOURCE => FileKind::ConsoleCsv,
        get_metric_data::SOURCE => FileKind::MetricData,
        grafana::SOURCE => FileKind::Grafana,
        kubelet_log::SOURCE => FileKind::KubeletLog,
        mountstats::SOURCE => FileKind::Mountstats,
        nfsstat::SOURCE => FileKind::Nfsstat,
        touch::SOURCE => FileKind::Touch,
        _ => return None,
    })
}

/// Whether a text names a time zone: `UTC`, an offset, or an IANA name.
pub fn is_zone(name: &str) -> bool {
    clock::zone(name.trim()).is_some()
}

/// The `source` of files that are kept and not read.
const UNREAD: &str = "unread";

/// Reads some bytes as one kind of file, whatever they look like: the way in for tests and fuzzing.
/// `None` for kinds that are not read.
pub fn read_as(
    kind: FileKind,
    file: &RawFile,
    window: Window,
) -> Option<Result<Batch, BundleError>> {
    let reader = READERS.iter().find(|reader| reader.kind == kind)?;
    Some(reader.apply(file, &decode(&file.content), window, None))
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
        all.provenance.questions.extend(batch.provenance.questions);
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
    let known: Vec<Known<'_>> = files.iter().map(Known::of).collect();
    let copies = copies(files, &known);
    let mut earlier = Earlier::default();
    for (known, _) in known.iter().zip(&copies).filter(|(_, copy)| copy.is_none()) {
        known.note(&mut earlier, window);
    }
    let (mut events, mut samples) = (0, 0);
    let mut batches = Vec::with_capacity(files.len());
    for ((file, known), copy) in files.iter().zip(&known).zip(&copies) {
        let mut batch = match copy {
            Some(other) => again(file, other),
            None => known.read(window, &earlier),
        };
        batch.provenance.window = Some(window);
        leave_out(&mut batch, file, window);
        events += batch.events.len();
        samples += batch.series.iter().map(|s| s.samples.len()).sum::<usize>();
        if samples > MAX_SAMPLES {
            return Err(BundleError::TooLarge {
                file: file.path.clone(),
                line: None,
                limit: format!("{MAX_SAMPLES} samples in all files together"),
            });
        }
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

/// A file, and who reads it.
struct Known<'a> {
    file: &'a RawFile,
    content: Decoded<'a>,
    reader: Result<&'static Reader, FileKind>,
}

impl<'a> Known<'a> {
    fn of(file: &'a RawFile) -> Self {
        let content = decode(&file.content);
        let reader = reader_of(&content);
        Self {
            file,
            content,
            reader,
        }
    }

    fn is_below_files(&self) -> bool {
        self.file.path.starts_with("files/")
    }

    /// Notes its counters for the files that go on where it stops.
    fn note(&self, earlier: &mut Earlier, window: Window) {
        if let Ok(reader) = self.reader
            && let Some(counters) = reader.counters
            && self.is_below_files()
        {
            earlier.note(counters, &as_text(self.file, &self.content), window);
        }
    }

    fn read(&self, window: Window, earlier: &Earlier) -> Batch {
        let reader = match self.reader {
            Ok(reader) => reader,
            Err(_) if self.file.content.is_empty() => return unread(self.file, "it is empty"),
            Err(kind) => return unread(self.file, &format!("it is {}", kind.label())),
        };
        if !self.is_below_files() {
            return unread(self.file, "it lies outside of files/");
        }
        reader
            .apply(self.file, &self.content, window, Some(earlier))
            .unwrap_or_else(|error| unread(self.file, &error.to_string()))
    }
}

impl Reader {
    fn apply(
        &self,
        file: &RawFile,
        content: &Decoded<'_>,
        window: Window,
        earlier: Option<&Earlier>,
    ) -> Result<Batch, BundleError> {
        // A log is read byte by byte; a copy of one would be as large as the log.
        let file = if self.kind == FileKind::KubeletLog && !content.is_wide() {
            Cow::Borrowed(file)
        } else {
            as_text(file, content)
        };
        let mut batch = match (self.counters, earlier) {
            (Some(counters), Some(earlier)) => counters.read(&file, window, earlier),
            _ => (self.read)(&file, window),
        }?;
        batch
            .provenance
            .gaps
            .extend(content.note().map(|reason| Gap {
                what: file.path.clone(),
                window: None,
                reason,
            }));
        Ok(batch)
    }
}

/// The file as its readers take it: UTF-8 without zeros, where it is text.
fn as_text<'a>(file: &'a RawFile, content: &Decoded<'_>) -> Cow<'a, RawFile> {
    match content.changed() {
        Some(text) => Cow::Owned(RawFile {
            path: file.path.clone(),
            observed_at: file.observed_at,
            timezone: file.timezone.clone(),
            columns: file.columns.clone(),
            content: text.as_bytes().to_vec(),
        }),
        None => Cow::Borrowed(file),
    }
}

/// Whether a file has the bytes of another one, and nobody says of it what is not said of the other.
pub fn is_copy(file: &RawFile, other: &RawFile) -> bool {
    (says_nothing(file) || is_said_alike(file, other)) && file.content == other.content
}

fn says_nothing(file: &RawFile) -> bool {
    file.observed_at.is_none() && file.timezone.is_none() && file.columns.is_none()
}

fn is_said_alike(file: &RawFile, other: &RawFile) -> bool {
    file.observed_at == other.observed_at
        && file.timezone == other.timezone
        && file.columns == other.columns
}

/// Of each file the one that is read in its place, where it is a copy: of those of which the same is said, the
/// first. A table is never one, since its name says what of: two may hold nothing but zeros.
fn copies<'a>(files: &'a [RawFile], known: &[Known<'_>]) -> Vec<Option<&'a RawFile>> {
    let is_told_by_name = |kind| {
        matches!(
            kind,
            FileKind::SeriesCsv | FileKind::ConsoleCsv | FileKind::Table
        )
    };
    let counts = |known: &Known<'_>| {
        known.is_below_files() && known.reader.is_ok_and(|r| !is_told_by_name(r.kind))
    };
    // Only files of one length are looked into, and each of them once.
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for file in files {
        *lengths.entry(file.content.len()).or_default() += 1;
    }
    let mut alike: HashMap<&[u8], Vec<&RawFile>> = HashMap::new();
    let candidates = || files.iter().zip(known).filter(|(_, known)| counts(known));
    for (file, _) in candidates().filter(|(f, _)| lengths.get(&f.content.len()) > Some(&1)) {
        alike.entry(&file.content).or_default().push(file);
    }
    alike.retain(|_, files| files.len() > 1);
    let in_place = |(file, known): (&RawFile, &Known<'_>)| {
        let others = alike
            .get(file.content.as_slice())
            .filter(|_| counts(known))?;
        let is_first = |other: &&&RawFile| {
            let said_alike = is_said_alike(file, other);
            (said_alike && other.path < file.path) || (!said_alike && says_nothing(file))
        };
        others.iter().find(is_first).copied()
    };
    if alike.is_empty() {
        return vec![None; files.len()];
    }
    files.iter().zip(known).map(in_place).collect()
}

/// A file that is kept and not read again.
fn again(file: &RawFile, other: &RawFile) -> Batch {
    kept(
        file,
        format!("the same as {}, byte for byte: read once", other.path),
    )
}

/// A file that is kept and not read.
fn unread(file: &RawFile, why: &str) -> Batch {
    kept(file, format!("kept, not read by this version: {why}"))
}

fn kept(file: &RawFile, reason: String) -> Batch {
    let gap = Gap {
        what: file.path.clone(),
        window: None,
        reason,
    };
    Batch {
        provenance: Provenance {
            source: UNREAD.into(),
            query: file.path.clone(),
            asked_at: file.observed_at,
            gaps: vec![gap],
            ..Provenance::default()
        },
        ..Batch::default()
    }
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
