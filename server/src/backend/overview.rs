//! The dashboard reads every incident and the window on the live sources; what it needs of each is kept
//! in memory until its revision is another one, and the dashboard itself until any of them is.

use super::{ServerBackend, access::Sight, timeline::Measured, unavailable};
use crate::compute;
use app::{
    ApiError,
    backend::{Case, IncidentRow, Overview},
};
use model::{IncidentId, Samples, Timestamp, source::Holding, time::MINUTE};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store::Revision;

/// How old the window on the live sources may be where nothing was recorded since, milliseconds.
const FRESH: i64 = MINUTE;

/// What an incident was when it was read: what its jobs do is no part of the dashboard.
type Version = (IncidentId, u64, u64);

/// Cases without their samples, by incident.
#[derive(Default)]
pub(super) struct CaseCache {
    cases: Mutex<BTreeMap<IncidentId, (Version, Arc<Case>)>>,
    /// Whoever finds it out of date makes it anew, and everybody else who asks waits.
    live: tokio::sync::Mutex<Option<Live>>,
    made: Mutex<Option<Made>>,
}

/// The window on the live sources, as it was made.
struct Live {
    at: Timestamp,
    holdings: Vec<Holding>,
    case: Option<Arc<Case>>,
}

/// The dashboard, and what it was made of.
struct Made {
    of: Vec<Version>,
    live: Option<Arc<Case>>,
    overview: Overview,
}

impl CaseCache {
    /// The dashboard as of now, with the incidents that somebody may see.
    pub(super) async fn overview(
        &self,
        backend: &ServerBackend,
        sight: &Sight,
    ) -> Result<Overview, ApiError> {
        let now = backend.clock.now();
        let (of, cases) = self.all(backend, sight).await?;
        let live = self.live(backend, now).await?;
        if let Some(known) = self.known(&of, live.as_ref()) {
            return Ok(Overview { now, ..known });
        }
        let window = live.clone();
        let overview = compute::run(move || Overview::of(&cases, window.as_deref(), now)).await;
        *locked(&self.made) = Some(Made {
            of,
            live,
            overview: overview.clone(),
        });
        Ok(overview)
    }

    fn known(&self, of: &[Version], live: Option<&Arc<Case>>) -> Option<Overview> {
        let made = locked(&self.made);
        let made = made.as_ref()?;
        let same_live = match (made.live.as_ref(), live) {
            (Some(before), Some(now)) => Arc::ptr_eq(before, now),
            (before, now) => before.is_none() && now.is_none(),
        };
        (same_live && made.of == of).then(|| made.overview.clone())
    }

    /// Incidents as they are listed, those that somebody may see.
    pub(super) async fn rows(
        &self,
        backend: &ServerBackend,
        sight: &Sight,
    ) -> Result<Vec<IncidentRow>, ApiError> {
        let (_, cases) = self.all(backend, sight).await?;
        Ok(Overview::rows(&cases))
    }

    /// Incidents that one can be compared with, of those that somebody may see: both have an onset, by which
    /// they are laid on each other, and a series that measures the same.
    pub(super) async fn comparable(
        &self,
        backend: &ServerBackend,
        sight: &Sight,
        id: &IncidentId,
    ) -> Result<Vec<IncidentRow>, ApiError> {
        let (_, mut cases) = self.all(backend, sight).await?;
        let own = cases.iter().position(|case| case.incident.id == *id);
        let own = cases.swap_remove(own.ok_or(ApiError::NotFound)?);
        if own.analysis.driver.is_none() {
            return Ok(Vec::new());
        }
        Ok(compute::run(move || {
            let series = Measured::of(&own.evidence);
            let onset = |case: &Arc<Case>| case.analysis.driver.is_some();
            cases.retain(|case| onset(case) && series.are_in(&case.evidence));
            Overview::rows(&cases)
        })
        .await)
    }

    /// All cases that somebody may see, samples reduced to the last of each series.
    async fn all(
        &self,
        backend: &ServerBackend,
        sight: &Sight,
    ) -> Result<(Vec<Version>, Vec<Arc<Case>>), ApiError> {
        let revisions = backend.store.revisions().await;
        let revisions = revisions.map_err(|e| unavailable(&e))?;
        let there: BTreeSet<IncidentId> = revisions.iter().map(|(id, _)| id.clone()).collect();
        locked(&self.cases).retain(|id, _| there.contains(id));
        let mut versions = Vec::with_capacity(revisions.len());
        let mut cases = Vec::with_capacity(revisions.len());
        for (id, revision) in revisions.into_iter().filter(|(id, _)| sight.sees(id)) {
            let Revision {
                evidence, notes, ..
            } = revision;
            let version = (id, evidence, notes);
            let known = locked(&self.cases).get(&version.0).cloned();
            let case = match known.filter(|(of, _)| *of == version) {
                Some((_, case)) => case,
                None => match self.read(backend, &version).await {
                    Ok(case) => case,
                    // It was deleted in between.
                    Err(ApiError::NotFound) => continue,
                    Err(error) => return Err(error),
                },
            };
            versions.push(version);
            cases.push(case);
        }
        Ok((versions, cases))
    }

    async fn live(
        &self,
        backend: &ServerBackend,
        now: Timestamp,
    ) -> Result<Option<Arc<Case>>, ApiError> {
        let holdings = backend.store.holdings().await;
        let holdings = holdings.map_err(|e| unavailable(&e))?;
        let mut kept = self.live.lock().await;
        if let Some(live) = &*kept
            && live.holdings == holdings
            && (0..FRESH).contains(&now.since(live.at))
        {
            return Ok(live.case.clone());
        }
        let case = backend.live_case().await?.map(Arc::new);
        *kept = Some(Live {
            at: now,
            holdings,
            case: case.clone(),
        });
        Ok(case)
    }

    /// Reads a case again when it is asked for next.
    pub(super) fn forget(&self, id: &IncidentId) {
        locked(&self.cases).remove(id);
    }

    async fn read(
        &self,
        backend: &ServerBackend,
        version: &Version,
    ) -> Result<Arc<Case>, ApiError> {
        // The revision was read first, so that what is read now is never older than it says.
        let mut case = backend.load_once(&version.0).await?;
        for series in &mut case.evidence.series {
            let last: Vec<_> = series.samples.iter().next_back().into_iter().collect();
            series.samples = Samples::from_unordered(last);
        }
        let case = Arc::new(case);
        let kept = (version.clone(), case.clone());
        locked(&self.cases).insert(version.0.clone(), kept);
        Ok(case)
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is inside is whole between any two of its operations.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
