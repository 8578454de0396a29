//! Incidents as they were read at a revision, kept while they are looked at.
//!
//! Reading an incident of two weeks and composing its lanes takes a few hundred milliseconds; asking
//! for its revision takes one row. So what was read stays until the revision is another one, or until
//! other incidents need the room.

use super::{
    super::{ServerBackend, unavailable},
    events::Table,
    kind_name,
};
use crate::{case, compute, dossier::Dossier};
use app::{ApiError, backend::LaneRow};
use chart::{Content, Lane, LeftOut, Role};
use model::{Analysis, Annotation, Evidence, Incident, IncidentId, Samples};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use store::Revision;

/// Bytes that all kept incidents may have together, about. The newest one stays whatever it has.
const MOST_BYTES: usize = 256 << 20;
/// Incidents that are kept.
const MOST_INCIDENTS: usize = 16;
/// Samples up to which an incident is kept whole, about 130 MB: four times two weeks of 50 series at
/// a minute. Of what has more the samples stay in the database, and each question reads its zoom level.
const MOST_SAMPLES: usize = 4_000_000;
/// Bytes of a sample: an instant and a number, in the evidence and in its lane.
const SAMPLE_BYTES: usize = 32;
/// Bytes of an event with its line in the table and its mark in a lane, about: its texts, twice.
const EVENT_BYTES: usize = 2_048;

/// An incident with all that is read of it and made from it.
pub(in crate::backend) struct Known {
    pub(super) revision: Revision,
    pub(in crate::backend) facts: Arc<Facts>,
    pub(in crate::backend) annotations: Vec<Annotation>,
    /// Those that are shown by default, then the others.
    pub(super) lanes: Vec<KnownLane>,
    /// The place of the lane that shows an event.
    pub(super) lane_of: HashMap<String, usize>,
}

/// What does not depend on notes.
pub(in crate::backend) struct Facts {
    pub(in crate::backend) incident: Incident,
    /// Without samples, unless it is whole.
    pub(in crate::backend) evidence: Evidence,
    /// Whether samples are in memory, in the evidence and in the lanes.
    pub(in crate::backend) whole: bool,
    pub(in crate::backend) analysis: Analysis,
    pub(super) table: Table,
    /// Rank of the suspect that an event is part of.
    pub(super) suspects: HashMap<String, u32>,
}

/// A lane, composed.
pub(super) struct KnownLane {
    pub(super) lane: Lane,
    pub(super) default: bool,
    /// Why it is not shown by default.
    why: Option<String>,
}

impl KnownLane {
    pub(super) fn row(&self) -> LaneRow {
        let lane = &self.lane;
        LaneRow {
            id: lane.id.clone(),
            title: lane.title.clone(),
            unit: lane.unit.clone(),
            kind: kind_name(lane.kind),
            series: lane.series.clone(),
            default: self.default,
            summary: match &self.why {
                Some(why) => format!("Left out by default: {why}. {}", lane.summary),
                None => lane.summary.clone(),
            },
        }
    }
}

impl Known {
    /// About how much memory it takes.
    fn bytes(&self) -> usize {
        let evidence = &self.facts.evidence;
        let samples: usize = evidence.series.iter().map(|s| s.samples.len()).sum();
        samples * SAMPLE_BYTES + evidence.events.len() * EVENT_BYTES
    }
}

/// One place for each incident; whoever finds it empty or out of date reads the incident, and
/// everybody else who asks for it waits.
type Place = Arc<tokio::sync::Mutex<Option<Arc<Known>>>>;

/// Incidents that were read, the last used at the end.
#[derive(Default)]
pub(in crate::backend) struct KnownCache {
    places: Mutex<Vec<(IncidentId, Place, usize)>>,
}

impl KnownCache {
    /// The incident as it is now.
    pub(in crate::backend) async fn get(
        &self,
        backend: &ServerBackend,
        id: &IncidentId,
    ) -> Result<Arc<Known>, ApiError> {
        let stored = backend.store.revision(id);
        let revision = stored.await.map_err(|e| unavailable(&e))?;
        let revision = revision.ok_or(ApiError::NotFound)?;
        let place = self.place(id);
        let mut held = place.lock().await;
        if let Some(known) = &*held {
            // Another may have read a later one while this one waited.
            let before = known.revision;
            if before.evidence >= revision.evidence && before.notes >= revision.notes {
                return Ok(known.clone());
            }
        }
        let facts = held
            .take()
            .map(|known| (known.revision, known.facts.clone()));
        let known = Arc::new(read(backend, id, revision, facts).await?);
        *held = Some(known.clone());
        self.settle(id, known.bytes());
        Ok(known)
    }

    fn place(&self, id: &IncidentId) -> Place {
        let mut places = self.lock();
        let found = places.iter().position(|(of, ..)| of == id);
        let used = match found {
            Some(at) => places.remove(at),
            None => (id.clone(), Place::default(), 0),
        };
        let place = used.1.clone();
        places.push(used);
        place
    }

    /// Makes room by letting go of those that were not used for longest.
    fn settle(&self, id: &IncidentId, bytes: usize) {
        let mut places = self.lock();
        for (_, _, known) in places.iter_mut().filter(|(of, ..)| of == id) {
            *known = bytes;
        }
        let too_many = |places: &[(IncidentId, Place, usize)]| {
            let all: usize = places.iter().map(|(.., bytes)| bytes).sum();
            places.len() > MOST_INCIDENTS || all > MOST_BYTES
        };
        while places.len() > 1 && too_many(&places) {
            places.remove(0);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(IncidentId, Place, usize)>> {
        // The list is whole between any two of its operations.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads an incident; what has not changed of it is `before`.
async fn read(
    backend: &ServerBackend,
    id: &IncidentId,
    revision: Revision,
    before: Option<(Revision, Arc<Facts>)>,
) -> Result<Known, ApiError> {
    let same = before.filter(|(r, facts)| r.evidence == revision.evidence && facts.whole);
    if let Some((_, facts)) = same {
        let notes = backend.store.annotations(id).await;
        let notes = crate::dossier::in_order(notes.map_err(|e| unavailable(&e))?);
        return Ok(compute::run(move || known(revision, facts, notes)).await);
    }
    let loaded = case::load(&*backend.store, id, backend.clock.now()).await;
    let loaded = loaded.map_err(|e| unavailable(&e))?;
    let (incident, dossier) = loaded.ok_or(ApiError::NotFound)?;
    Ok(compute::run(move || made(revision, incident, dossier, MOST_SAMPLES)).await)
}

/// Composes what was read; an incident with more samples than `most` is kept without them.
pub(super) fn made(revision: Revision, incident: Incident, dossier: Dossier, most: usize) -> Known {
    let (evidence, analysis) = (dossier.evidence, dossier.analysis);
    let samples: usize = evidence.series.iter().map(|s| s.samples.len()).sum();
    let mut suspects = HashMap::new();
    for suspect in &analysis.suspects {
        for event in &suspect.events {
            suspects.entry(event.clone()).or_insert(suspect.rank);
        }
    }
    let facts = Facts {
        table: Table::of(&evidence.events),
        whole: samples <= most,
        incident,
        evidence,
        analysis,
        suspects,
    };
    if facts.whole {
        return known(revision, Arc::new(facts), dossier.annotations);
    }
    let (mut lanes, lane_of) = composed(&facts, &dossier.annotations);
    for lane in &mut lanes {
        forget_samples(&mut lane.lane);
    }
    let mut facts = facts;
    for series in &mut facts.evidence.series {
        series.samples = Samples::default();
    }
    Known {
        revision,
        facts: Arc::new(facts),
        annotations: dossier.annotations,
        lanes,
        lane_of,
    }
}

fn known(revision: Revision, facts: Arc<Facts>, annotations: Vec<Annotation>) -> Known {
    let (lanes, lane_of) = composed(&facts, &annotations);
    Known {
        revision,
        facts,
        annotations,
        lanes,
        lane_of,
    }
}

/// All lanes, and which of them shows which event.
fn composed(facts: &Facts, notes: &[Annotation]) -> (Vec<KnownLane>, HashMap<String, usize>) {
    let (evidence, analysis) = (&facts.evidence, &facts.analysis);
    let composed = chart::compose(evidence, analysis, notes);
    let mut taken: BTreeSet<String> = composed.lanes.iter().map(|l| l.id.clone()).collect();
    let mut lanes: Vec<KnownLane> = composed
        .lanes
        .into_iter()
        .map(|lane| KnownLane {
            lane,
            default: true,
            why: None,
        })
        .collect();
    for LeftOut { series, reason, .. } in composed.more {
        let lane = chart::lane_of(&series, evidence, analysis, notes);
        lanes.extend(lane.map(|lane| KnownLane {
            lane: with_free_id(lane, &mut taken),
            default: false,
            why: Some(reason),
        }));
    }
    let mut lane_of = HashMap::new();
    for (place, lane) in lanes.iter().enumerate() {
        for event in &lane.lane.events {
            lane_of.entry(event.clone()).or_insert(place);
        }
    }
    (lanes, lane_of)
}

/// Two series whose ids differ in a character that an HTML id cannot have must not share a lane's.
fn with_free_id(mut lane: Lane, taken: &mut BTreeSet<String>) -> Lane {
    let base = lane.id.clone();
    let mut n = 2;
    while !taken.insert(lane.id.clone()) {
        lane.id = format!("{base}-{n}");
        n += 1;
    }
    lane
}

fn forget_samples(lane: &mut Lane) {
    if let Content::Metric(plot) = &mut lane.content {
        let measured = plot.curves.iter_mut().filter(|c| c.role == Role::Measured);
        for curve in measured {
            curve.points = Vec::new();
        }
    }
}
