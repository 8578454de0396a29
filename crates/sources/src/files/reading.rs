//! What a reader makes of one file, put together.

use super::clock::Clock;
use crate::bundle::limits::MAX_EVENTS;
use model::{
    Batch, Event, Gap, Provenance, Samples, Series, SeriesMeta, Window,
    bundle::{Question, QuestionField, RawFile, sha256_hex},
};
use std::collections::{BTreeMap, HashSet};

/// A batch in the making. Ids, provenance, gaps and questions come out alike for every reader.
pub(crate) struct Reading<'a> {
    pub(crate) file: &'a RawFile,
    batch: Batch,
    ids: HashSet<String>,
    left_out: u64,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(file: &'a RawFile, source: &str) -> Self {
        Self {
            file,
            batch: Batch {
                provenance: Provenance {
                    source: source.to_owned(),
                    query: file.path.clone(),
                    asked_at: file.observed_at,
                    ..Provenance::default()
                },
                ..Batch::default()
            },
            ids: HashSet::new(),
            left_out: 0,
        }
    }

    /// What the provenance calls the kind of file.
    pub(crate) fn source(&self) -> &str {
        &self.batch.provenance.source
    }

    /// Something that is missing, in words.
    pub(crate) fn gap(&mut self, reason: &str) {
        self.gap_of(None, reason);
    }

    /// Something that is missing within a span.
    pub(crate) fn gap_of(&mut self, window: Option<Window>, reason: &str) {
        self.batch.provenance.gaps.push(Gap {
            what: self.file.path.clone(),
            window,
            reason: reason.to_owned(),
        });
    }

    /// Something that has to be known, with the most likely answer.
    pub(crate) fn ask(&mut self, field: QuestionField, why: &str, proposal: String) {
        self.batch.provenance.questions.push(Question {
            path: self.file.path.clone(),
            field,
            why: why.to_owned(),
            proposal,
        });
    }

    /// Asks for the time zone where it is not known. Servers run in UTC unless somebody changed
    /// that; the container images of AWS, Google and Microsoft all do.
    pub(crate) fn ask_zone(&mut self, clock: &Clock) {
        self.ask_zone_since(
            clock,
            "its times name no zone: on which clock were they written?",
        );
    }

    /// As [`Reading::ask_zone`], for a reason of its own.
    pub(crate) fn ask_zone_since(&mut self, clock: &Clock, unknown: &str) {
        let why = match &clock.bad_zone {
            Some(bad) => format!("'{bad}' is no time zone: expected an IANA name or an offset"),
            None if clock.zone.is_some() => return,
            None => unknown.to_owned(),
        };
        self.ask(QuestionField::Timezone, &why, "UTC".to_owned());
    }

    /// Asks when the file was taken, where that is not known.
    pub(crate) fn ask_observed(&mut self, why: &str, proposal: String) {
        if self.file.observed_at.is_none() {
            self.ask(QuestionField::ObservedAt, why, proposal);
        }
    }

    /// An event that stands on a line: its id is `<path>#<line>`, as in every listing.
    pub(crate) fn event(&mut self, line: u64, mut event: Event) {
        if self.batch.events.len() >= MAX_EVENTS {
            self.left_out += 1;
            return;
        }
        let first = format!("{}#{line}", self.file.path);
        let mut id = first.clone();
        let mut n = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{first}.{n}");
            n += 1;
        }
        event.id = id;
        event.source.clone_from(&self.batch.provenance.source);
        self.batch.events.push(event);
    }

    /// A series; without samples it is none.
    pub(crate) fn series(&mut self, mut meta: SeriesMeta, samples: Samples) {
        if samples.is_empty() {
            return;
        }
        let first = meta.id.clone();
        let mut n = 2;
        while !self.ids.insert(meta.id.clone()) {
            let tail = format!(".{n}");
            let room = 128 - tail.len();
            meta.id = first.get(..room).unwrap_or(&first).to_owned() + &tail;
            n += 1;
        }
        meta.source.clone_from(&self.batch.provenance.source);
        meta.dimensions
            .entry("file".into())
            .or_insert_with(|| self.file.path.clone());
        self.batch.provenance.series.push(meta.id.clone());
        self.batch.series.push(Series { meta, samples });
    }

    /// A descriptor of a series of this file.
    pub(crate) fn meta(&self, name: &str) -> SeriesMeta {
        SeriesMeta {
            id: self.id_of(name),
            name: name.to_owned(),
            dimensions: BTreeMap::new(),
            ..SeriesMeta::default()
        }
    }

    /// The id of a series of that name.
    pub(crate) fn id_of(&self, name: &str) -> String {
        let name = safe(name);
        let name = name.get(..60.min(name.len())).unwrap_or("");
        let base = series_id(&self.file.path);
        let keep = base.len().saturating_sub(127 - name.len());
        format!("{}.{name}", base.get(keep..).unwrap_or(""))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batch.series.is_empty() && self.batch.events.is_empty()
    }

    pub(crate) fn finish(mut self) -> Batch {
        if self.left_out > 0 {
            let n = self.left_out;
            self.gap(&format!(
                "{n} events beyond the first {MAX_EVENTS} are left out"
            ));
        }
        let steps = self.batch.series.iter().filter_map(|s| s.meta.period_s);
        let provenance = &mut self.batch.provenance;
        provenance.resolution_s = steps.max();
        provenance.events = self.batch.events.len();
        self.batch
    }
}

/// The id that stands for a file: `files_a.csv` for `files/a.csv`. Where a path has more than an id can
/// hold (blanks, folders, letters of other scripts) or is too long, what is left of it could be another
/// path's too: some digits of its SHA-256 follow, so that no two files share an id, whichever else there
/// are.
pub(crate) fn series_id(path: &str) -> String {
    let id = safe(path);
    let name = path.strip_prefix("files/").unwrap_or("/");
    if id.len() <= 128 && name == safe(name) {
        return id;
    }
    let digest = sha256_hex(path.as_bytes());
    let digest = digest.get(..8).unwrap_or(&digest);
    // The end of a long path tells files apart better than its beginning.
    let keep = id.len().saturating_sub(128 - 1 - digest.len());
    format!("{}-{digest}", id.get(keep..).unwrap_or(""))
}

/// A name as part of an id: what an id cannot hold becomes `_`.
fn safe(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '_'
        }
    };
    name.chars().map(safe).collect()
}

/// A period in whole seconds out of the usual distance of samples.
pub(crate) fn period_s(samples: &Samples) -> Option<u32> {
    let step = samples.step_ms()?;
    u32::try_from(step / 1_000).ok().filter(|s| *s > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_paths_share_an_id() {
        assert_eq!(series_id("files/touch.csv"), "files_touch.csv");
        assert_eq!(series_id("files/a_b.csv"), "files_a_b.csv");
        let long = |end: char| format!("files/{}{end}.csv", "x".repeat(200));
        let paths = [
            "files/a_b.csv".to_owned(),
            "files/a b.csv".to_owned(),
            "files/a/b.csv".to_owned(),
            "files/a\u{e4}b.csv".to_owned(),
            "files/a\u{f6}b.csv".to_owned(),
            long('1'),
            long('2'),
        ];
        let ids: BTreeSet<String> = paths.iter().map(|path| series_id(path)).collect();
        assert_eq!(ids.len(), paths.len(), "{ids:?}");
        assert!(ids.iter().all(|id| crate::bundle::is_id(id)), "{ids:?}");
    }
}
