//! Freezing: copying what the configured sources have for a window into an incident, so that it stays
//! when they forget.

use super::{JobProgress, Worker};
use crate::{
    config::Freeze,
    registry::{Configured, Registry},
};
use model::{
    Batch, Evidence, Gap, IncidentId, Provenance, Timestamp, Window,
    incident::Job,
    time::{HOUR, MINUTE},
};
use serde::{Deserialize, Serialize};
use sources::source::{Progress, SourceError};
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};
use store::StoreError;

/// Kind of the jobs that freeze.
const KIND: &str = "freeze";

/// Parameters of a `freeze` job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeSpec {
    /// The window to copy, its margin included.
    pub window: Window,
    /// From when a source is copied, by its name, where it was copied up to then before.
    #[serde(default)]
    pub since: BTreeMap<String, Timestamp>,
    /// Until when each source was copied, by its name, once the job is done. A source that did not
    /// answer is missing.
    #[serde(default)]
    pub reached: BTreeMap<String, Timestamp>,
}

impl FreezeSpec {
    /// A window with its margin: causes lie before effects, and an end shows a little later. Never
    /// past `now`.
    pub fn of(window: Window, margin: Freeze, now: Timestamp) -> Self {
        let hours = |h: u32| i64::from(h) * HOUR;
        let start = window.start.plus(-hours(margin.before_hours));
        let end = window.end.plus(hours(margin.after_hours)).min(now);
        Self {
            window: Window {
                start,
                end: end.max(start),
            },
            since: BTreeMap::new(),
            reached: BTreeMap::new(),
        }
    }

    /// The parameters of a job, where it is a freeze.
    pub fn of_job(job: &Job) -> Option<Self> {
        if job.kind != KIND {
            return None;
        }
        serde_json::from_value(job.spec.clone()).ok()
    }

    /// Whether a job is about to copy all of this, but for what came within the last minute: who presses
    /// a button twice means it once.
    pub fn is_on_its_way(&self, job: &Job) -> bool {
        let Some(other) = Self::of_job(job).filter(|_| !job.state.is_over()) else {
            return false;
        };
        other.since.is_empty()
            && other.window.start <= self.window.start
            && other.window.end.plus(MINUTE) >= self.window.end
    }

    /// What is copied of a source.
    fn part_of(&self, source: &str) -> Window {
        let start = self.since.get(source).copied();
        let start = start.unwrap_or(self.window.start).min(self.window.end);
        Window {
            start: start.max(self.window.start),
            end: self.window.end,
        }
    }

    /// The longest part that a source is copied of, hours.
    fn hours(&self) -> i64 {
        let first = self.since.values().min();
        let start = first.map_or(self.window.start, |first| *first);
        self.window.end.since(start) / HOUR
    }
}

/// What a freeze brought.
#[derive(Default)]
pub(super) struct Frozen {
    pub(super) series: usize,
    pub(super) samples: usize,
    pub(super) events: usize,
    /// What did not come, one line each.
    pub(super) missing: Vec<String>,
    pub(super) cancelled: bool,
    /// Until when each source was copied.
    pub(super) reached: BTreeMap<String, Timestamp>,
    /// Instants of the samples of the source at hand, in order, by the ids of their series.
    times: BTreeMap<String, Vec<Timestamp>>,
    /// Ids of the events of the source at hand.
    events_at_hand: BTreeSet<String>,
}

impl Frozen {
    /// Takes note of an answer. What the archive has of a source, the source may answer again: it is one.
    fn note(&mut self, batch: &Batch) {
        for series in &batch.series {
            let times = self.times.entry(series.meta.id.clone()).or_default();
            times.extend_from_slice(series.samples.times());
            times.sort_unstable();
            times.dedup();
        }
        let ids = batch.events.iter().map(|event| event.id.clone());
        self.events_at_hand.extend(ids);
        for gap in &batch.provenance.gaps {
            let line = format!("{}: {}", batch.provenance.name, super::gap_line(gap));
            if !self.missing.contains(&line) {
                self.missing.push(line);
            }
        }
    }

    /// Counts what came of the source at hand, which is done.
    fn count(&mut self) {
        let times = mem::take(&mut self.times);
        self.series += times.len();
        self.samples += times.values().map(Vec::len).sum::<usize>();
        self.events += mem::take(&mut self.events_at_hand).len();
    }
}

impl Worker {
    /// Copies what every source has. A source that fails leaves a gap that says why, and the others
    /// go on.
    pub(super) async fn freeze(
        &self,
        incident: &IncidentId,
        spec: &FreezeSpec,
        progress: &JobProgress,
    ) -> Result<Frozen, StoreError> {
        let registry = self.sources.registry();
        let all = registry.all();
        let mut frozen = Frozen::default();
        for (done, source) in all.iter().enumerate() {
            frozen.count();
            let (done, total) = (small(done), small(all.len()));
            progress.step(done, total, &format!("asking {}", source.name()));
            if progress.cancelled() {
                frozen.cancelled = true;
                break;
            }
            let window = spec.part_of(source.name());
            let archive = self.store.archive(source.name()).await?;
            let held = self.store.evidence_between(&archive, window).await?;
            for batch in batches(named(held, source.name(), &registry)) {
                self.take(incident, batch, &mut frozen).await?;
            }
            let answer = self.ask(source, window, progress).await;
            // Nothing in a window is an answer too.
            if matches!(answer, Ok(_) | Err(SourceError::NotFound { .. })) {
                frozen.reached.insert(source.name().to_owned(), window.end);
            }
            let batch = match answer {
                Ok(batch) => batch,
                Err(SourceError::Cancelled { .. }) => {
                    frozen.cancelled = true;
                    break;
                }
                Err(error) => nothing_came(source, window, &error, self.clock.now()),
            };
            let batch = named_batch(batch, source.name(), &registry);
            self.take(incident, batch, &mut frozen).await?;
        }
        // What hooks told belongs to no source that can be asked.
        for archive in self.unasked(&registry).await? {
            frozen.count();
            let id = self.store.archive(&archive).await?;
            let window = spec.part_of(&archive);
            let held = self.store.evidence_between(&id, window).await?;
            for batch in batches(named(held, &archive, &registry)) {
                self.take(incident, batch, &mut frozen).await?;
            }
            frozen.reached.insert(archive, window.end);
        }
        frozen.count();
        Ok(frozen)
    }

    async fn ask(
        &self,
        source: &Configured,
        window: Window,
        progress: &JobProgress,
    ) -> Result<Batch, SourceError> {
        let opened = source.open().await?;
        let quiet = Quiet(progress);
        opened.source().pull(window, self.clock.now(), &quiet).await
    }

    async fn take(
        &self,
        incident: &IncidentId,
        batch: Batch,
        frozen: &mut Frozen,
    ) -> Result<(), StoreError> {
        frozen.note(&batch);
        self.store.add_batch(incident, &batch).await
    }

    /// Archives of which no source is configured (any more).
    async fn unasked(&self, registry: &Registry) -> Result<Vec<String>, StoreError> {
        let holdings = self.store.holdings().await?;
        let names = holdings.into_iter().map(|h| h.name);
        Ok(names.filter(|name| registry.get(name).is_none()).collect())
    }
}

/// Hands on whether a job was cancelled, and keeps its own steps.
struct Quiet<'a>(&'a JobProgress);

impl Progress for Quiet<'_> {
    fn step(&self, _done: u32, _total: u32, _message: &str) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The batch that says why there is none.
fn nothing_came(source: &Configured, window: Window, error: &SourceError, now: Timestamp) -> Batch {
    Batch {
        provenance: Provenance {
            source: source.facts.kind.to_owned(),
            query: Provenance::everything(window),
            asked_at: Some(now),
            // Nothing is covered: the gap says which span is missing.
            window: None,
            gaps: vec![Gap {
                what: String::new(),
                window: Some(window),
                reason: error.to_string(),
            }],
            ..Provenance::default()
        },
        ..Batch::default()
    }
}

/// Evidence as batches, one for each provenance; the first carries everything.
fn batches(evidence: Evidence) -> Vec<Batch> {
    let mut provenance = evidence.provenance;
    // An answer fills what it has of the gaps before it: what nobody asked about comes after all.
    provenance.sort_by_key(Provenance::is_of_nothing);
    let mut provenance = provenance.into_iter();
    let Some(first) = provenance.next() else {
        return Vec::new();
    };
    let mut out = vec![Batch {
        provenance: first,
        series: evidence.series,
        events: evidence.events,
        topology: evidence.topology,
        files: Vec::new(),
    }];
    out.extend(provenance.map(|provenance| Batch {
        provenance,
        ..Batch::default()
    }));
    out
}

/// Evidence of one source, marked as its own.
pub(crate) fn named(mut evidence: Evidence, name: &str, registry: &Registry) -> Evidence {
    let prefix = prefix(name, registry);
    for series in &mut evidence.series {
        series.meta.id = with_prefix(prefix.as_deref(), &series.meta.id);
    }
    let inside = evidence.events.len();
    let answers = evidence.provenance.iter().filter(|p| !p.is_of_nothing());
    let one = answers.count() == 1;
    for provenance in &mut evidence.provenance {
        mark(provenance, name, prefix.as_deref());
        if provenance.is_of_nothing() {
            continue;
        }
        // An archive counts all that it was ever told; these are those of the window.
        provenance.events = if one {
            inside
        } else {
            provenance.events.min(inside)
        };
    }
    evidence
}

fn named_batch(mut batch: Batch, name: &str, registry: &Registry) -> Batch {
    let prefix = prefix(name, registry);
    for series in &mut batch.series {
        series.meta.id = with_prefix(prefix.as_deref(), &series.meta.id);
    }
    mark(&mut batch.provenance, name, prefix.as_deref());
    batch
}

fn mark(provenance: &mut Provenance, name: &str, prefix: Option<&str>) {
    name.clone_into(&mut provenance.name);
    for series in &mut provenance.series {
        *series = with_prefix(prefix, series);
    }
}

/// Ids of series are unique within one source only. Where several sources are of one kind, the name
/// of the source goes before them.
fn prefix(name: &str, registry: &Registry) -> Option<String> {
    let kind = registry.get(name)?.facts.kind;
    let alike = registry.all().iter().filter(|s| s.facts.kind == kind);
    (alike.count() > 1).then(|| format!("{name}."))
}

/// Longest id of a series.
const LONGEST_ID: usize = 128;

fn with_prefix(prefix: Option<&str>, id: &str) -> String {
    let Some(prefix) = prefix else {
        return id.to_owned();
    };
    let full = format!("{prefix}{id}");
    if full.len() <= LONGEST_ID {
        return full;
    }
    // Ids are ASCII. What does not fit is told apart by its digest.
    let digest = model::bundle::sha256_hex(full.as_bytes());
    let kept = LONGEST_ID - 17;
    format!(
        "{}-{}",
        full.get(..kept).unwrap_or_default(),
        digest.get(..16).unwrap_or_default()
    )
}

/// A new job that freezes a window into an incident.
pub fn freeze_job(id: String, incident: &IncidentId, spec: &FreezeSpec, now: Timestamp) -> Job {
    Job {
        id,
        incident: incident.clone(),
        kind: KIND.to_owned(),
        spec: serde_json::to_value(spec).unwrap_or_default(),
        message: format!("waiting to copy {} h", spec.hours()),
        created_at: now,
        updated_at: now,
        ..Job::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Event, Samples, Series, SeriesMeta, incident::JobState};

    #[test]
    fn the_margin_lies_around_the_window_and_never_in_the_future() {
        let at = |h: i64| Timestamp::from_seconds(1_590_000_000 + h * 3_600);
        let window = Window {
            start: at(0),
            end: at(6),
        };
        let spec = FreezeSpec::of(window, Freeze::default(), at(6));
        assert_eq!(spec.window.start, at(-24));
        assert_eq!(spec.window.end, at(6));
        let later = FreezeSpec::of(window, Freeze::default(), at(100));
        assert_eq!(later.window.end, at(7));
    }

    #[test]
    fn what_is_on_its_way_already_is_not_asked_for_again() {
        let at = Timestamp::from_seconds;
        let spec = |start, end| FreezeSpec {
            window: Window {
                start: at(start),
                end: at(end),
            },
            since: BTreeMap::new(),
            reached: BTreeMap::new(),
        };
        let job = |spec: &FreezeSpec, state| Job {
            state,
            ..freeze_job(String::new(), &IncidentId::default(), spec, at(0))
        };
        let waiting = job(&spec(1_000, 2_000), JobState::Queued);
        assert!(spec(1_000, 2_060).is_on_its_way(&waiting));
        assert!(!spec(1_000, 2_061).is_on_its_way(&waiting));
        assert!(!spec(999, 2_000).is_on_its_way(&waiting));
        let done = job(&spec(1_000, 2_000), JobState::Done);
        assert!(!spec(1_000, 2_000).is_on_its_way(&done));
        let mut newest = spec(1_000, 2_000);
        newest.since.insert("prod".into(), at(1_900));
        let newest = job(&newest, JobState::Running);
        assert!(!spec(1_000, 2_000).is_on_its_way(&newest));
    }

    #[test]
    fn what_the_archive_and_the_source_both_have_counts_once() {
        let batch = |ids: &[&str], seconds: std::ops::Range<i64>| {
            let points = seconds.map(|s| (Timestamp::from_seconds(s), 1.0));
            let samples = Samples::from_unordered(points.collect());
            let series = |id: &&str| Series {
                meta: SeriesMeta {
                    id: (*id).to_owned(),
                    ..SeriesMeta::default()
                },
                samples: samples.clone(),
            };
            Batch {
                series: ids.iter().map(series).collect(),
                events: vec![Event {
                    id: "reboot".to_owned(),
                    ..Event::default()
                }],
                provenance: Provenance {
                    name: "prod".to_owned(),
                    gaps: vec![Gap {
                        what: "load".to_owned(),
                        window: None,
                        reason: "HTTP 500".to_owned(),
                    }],
                    ..Provenance::default()
                },
                ..Batch::default()
            }
        };
        let mut frozen = Frozen::default();
        frozen.note(&batch(&["load"], 0..10));
        frozen.note(&batch(&["load", "errors"], 5..15));
        frozen.count();
        let counted = (frozen.series, frozen.samples, frozen.events);
        assert_eq!(counted, (2, 25, 1));
        assert_eq!(frozen.missing, ["prod: load: HTTP 500"]);
        // What another source has is another.
        frozen.note(&batch(&["load"], 0..10));
        frozen.count();
        let counted = (frozen.series, frozen.samples, frozen.events);
        assert_eq!(counted, (3, 35, 2));
    }

    #[test]
    fn a_long_id_stays_an_id_and_stays_unique() {
        let long = "x".repeat(128);
        let one = with_prefix(Some("prod."), &long);
        let two = with_prefix(Some("prod."), &format!("{}y", "x".repeat(127)));
        assert_eq!(one.len(), 128);
        assert_ne!(one, two);
        assert_eq!(with_prefix(None, "a"), "a");
    }
}
