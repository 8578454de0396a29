//! Has this been seen before? Fingerprints are stored, so that a page compares hundreds of incidents in
//! milliseconds.

use super::{ServerBackend, unavailable};
use crate::{case, compute};
use app::{
    ApiError,
    backend::{Caller, Case},
};
use model::{
    ENGINE, Incident, IncidentId,
    analysis::recurrence::{ALIKE, Earlier, Fingerprint},
};
use std::collections::BTreeMap;

/// Incidents that are shown.
const SHOWN: usize = 5;
/// Incidents without a fingerprint of this version (of an older one, or imported by it) that are looked
/// at for one page: each is read whole. The next page goes on.
const AT_A_TIME: usize = 4;

impl ServerBackend {
    /// A case with the other incidents that it is like, of those that the caller may see.
    pub(super) async fn load_with_earlier(
        &self,
        who: &Caller,
        id: &IncidentId,
    ) -> Result<Case, ApiError> {
        let mut case = self.load(id).await?;
        let incidents = self.store.incidents().await.map_err(|e| unavailable(&e))?;
        let incidents = self.sight(who).await?.of(incidents);
        if incidents.len() < 2 {
            return Ok(case);
        }
        let known = self.fingerprints(id, &incidents).await?;
        Ok(compute::run(move || {
            case.earlier = alike(&case, incidents, &known);
            case
        })
        .await)
    }

    /// The fingerprints of all incidents but one.
    async fn fingerprints(
        &self,
        but: &IncidentId,
        incidents: &[Incident],
    ) -> Result<BTreeMap<IncidentId, Fingerprint>, ApiError> {
        let stored = self.store.fingerprints(ENGINE).await;
        let stored = stored.map_err(|e| unavailable(&e))?;
        let mut known: BTreeMap<IncidentId, Fingerprint> = stored.into_iter().collect();
        known.remove(but);
        let missing: Vec<&IncidentId> = incidents
            .iter()
            .map(|i| &i.id)
            .filter(|id| *id != but && !known.contains_key(*id))
            .take(AT_A_TIME)
            .collect();
        for id in missing {
            let loaded = case::load(&*self.store, id, self.clock.now()).await;
            let Some((_, dossier)) = loaded.map_err(|e| unavailable(&e))? else {
                continue;
            };
            let fingerprint = move || analysis::fingerprint(&dossier.evidence, &dossier.analysis);
            // A fault in one incident is no fault of the page of another.
            let Ok(made) = compute::attempt(fingerprint).await else {
                tracing::warn!(incident = %id, "not compared with others: its fingerprint failed");
                continue;
            };
            // It may have been deleted in between: then there is nothing to keep.
            if let Err(error) = self.store.put_fingerprint(id, ENGINE, &made).await {
                tracing::debug!(%error, "a fingerprint was not kept");
            }
            known.insert(id.clone(), made);
        }
        Ok(known)
    }
}

/// The other incidents that are alike enough to be worth a look.
fn alike(
    case: &Case,
    incidents: Vec<Incident>,
    known: &BTreeMap<IncidentId, Fingerprint>,
) -> Vec<Earlier> {
    let this = analysis::fingerprint(&case.evidence, &case.analysis);
    if this.features.is_empty() {
        return Vec::new();
    }
    let (others, prints): (Vec<Incident>, Vec<Fingerprint>) = incidents
        .into_iter()
        .filter_map(|i| known.get(&i.id).map(|print| (i, print.clone())))
        .unzip();
    analysis::similar(&this, &prints)
        .into_iter()
        .filter(|s| s.score >= ALIKE)
        .take(SHOWN)
        .filter_map(|likeness| {
            let other = others.get(likeness.index)?;
            Some(Earlier {
                incident: other.id.clone(),
                title: other.title.clone(),
                window: other.window,
                likeness,
            })
        })
        .collect()
}
