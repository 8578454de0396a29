//! What the interactive timeline asks for. Lanes are composed once for each revision of an incident
//! and kept ([`known`]); a question only cuts the samples that its columns can show.

mod alarm;
mod compare;
mod events;
mod known;
mod stored;

use super::{ServerBackend, unavailable};
use crate::compute;
use app::{
    ApiError,
    backend::{EventsAsk, EventsPage, LaneRow, LanesAsk, LanesGiven, Revision},
};
use chart::{Lane, LaneKind, Slice};
pub(super) use compare::Measured;
use known::Known;
pub(super) use known::KnownCache;
use model::{IncidentId, Window};
use std::{sync::Arc, time::Duration};
use tokio::sync::broadcast::error::RecvError;

/// How often a waiting reader looks for what another process has written.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl ServerBackend {
    pub(super) async fn revision_of(&self, id: &IncidentId) -> Result<Revision, ApiError> {
        let revision = self.store.revision(id).await.map_err(|e| unavailable(&e))?;
        let told = |r: store::Revision| Revision {
            evidence: r.evidence,
            notes: r.notes,
            jobs: r.jobs,
        };
        revision.map(told).ok_or(ApiError::NotFound)
    }

    /// Told at once of what this process writes.
    pub(super) async fn changed_from(
        &self,
        id: &IncidentId,
        known: Revision,
    ) -> Result<Revision, ApiError> {
        // Listening comes before looking: what is written in between is told.
        let mut changes = self.store.changes();
        loop {
            let now = self.revision_of(id).await?;
            if now != known {
                return Ok(now);
            }
            let told = async {
                loop {
                    match changes.recv().await {
                        Ok(other) if other != *id => {}
                        Ok(_) | Err(RecvError::Lagged(_)) => break,
                        // The store lives as long as this backend.
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            };
            // A timeout here is an ordinary look.
            let _ = tokio::time::timeout(LOOK_AGAIN, told).await;
        }
    }

    pub(super) async fn lanes_of(
        &self,
        id: &IncidentId,
        ask: LanesAsk,
    ) -> Result<LanesGiven, ApiError> {
        let known = self.known.get(self, id).await?;
        let window = ask.window.unwrap_or(known.facts.incident.window);
        let chosen = chosen(&known, &ask.lanes)?;
        let mut lanes = self.cut(&known, &chosen, window, ask.columns).await?;
        let compared = match ask.compare {
            Some(with) => Some(
                self.compare(&known, (&mut lanes, &ask.over), window, ask.columns, with)
                    .await?,
            ),
            None => None,
        };
        let slice = Slice {
            window,
            columns: ask.columns,
            lanes,
        };
        Ok(LanesGiven { slice, compared })
    }

    /// What a picture of a window can show of lanes, by their places.
    async fn cut(
        &self,
        known: &Arc<Known>,
        places: &[usize],
        window: Window,
        columns: u32,
    ) -> Result<Vec<Lane>, ApiError> {
        let facts = &known.facts;
        if !facts.whole {
            let mut out = Vec::with_capacity(places.len());
            for lane in places.iter().filter_map(|place| known.lanes.get(*place)) {
                let series = &facts.evidence.series;
                let id = &facts.incident.id;
                let filled = stored::filled(&*self.store, id, series, &lane.lane, window, columns);
                let filled = filled.await.map_err(|e| unavailable(&e))?;
                out.push(filled.slice(window, columns));
            }
            return Ok(out);
        }
        let (known, places) = (known.clone(), places.to_vec());
        Ok(compute::run(move || {
            let lanes = places.iter().filter_map(|place| known.lanes.get(*place));
            lanes.map(|l| l.lane.slice(window, columns)).collect()
        })
        .await)
    }

    pub(super) async fn lane_rows(&self, id: &IncidentId) -> Result<Vec<LaneRow>, ApiError> {
        let known = self.known.get(self, id).await?;
        Ok(known.lanes.iter().map(known::KnownLane::row).collect())
    }

    pub(super) async fn event_page(
        &self,
        id: &IncidentId,
        ask: EventsAsk,
    ) -> Result<EventsPage, ApiError> {
        let known = self.known.get(self, id).await?;
        Ok(compute::run(move || events::page(&known, &ask)).await)
    }
}

/// Places of the lanes of those ids, in their order; of those shown by default without any. A lane of
/// events that has nothing (any more) is left out: whoever asks may have seen it a moment ago.
fn chosen(known: &Known, ids: &[String]) -> Result<Vec<usize>, ApiError> {
    let all = known.lanes.iter().enumerate();
    if ids.is_empty() {
        let default = all.filter(|(_, lane)| lane.default);
        return Ok(default.map(|(place, _)| place).collect());
    }
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        let found = all.clone().find(|(_, lane)| lane.lane.id == *id);
        match found {
            Some((place, _)) => places.push(place),
            None if chart::is_event_lane(id) => {}
            None => {
                let shown: String = id.chars().take(100).collect();
                return Err(ApiError::Invalid(format!(
                    "lanes: '{shown}' is no lane of this incident; the list is at \
                     /api/incidents/{}/lanes/list",
                    known.facts.incident.id
                )));
            }
        }
    }
    Ok(places)
}

const fn kind_name(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Metric => "metric",
        LaneKind::Events => "events",
    }
}
