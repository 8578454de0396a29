//! The dashboard reads every incident; what it needs of each is kept in memory.

use super::{ServerBackend, access::Sight, unavailable};
use app::{ApiError, backend::Case};
use model::{Incident, IncidentId, Samples};
use std::{collections::BTreeMap, sync::Mutex};

/// Cases without their samples, by incident. A case is read again when its incident has changed
/// (a pull ends by changing its state).
#[derive(Default)]
pub(super) struct CaseCache {
    cases: Mutex<BTreeMap<IncidentId, Case>>,
}

impl CaseCache {
    /// All cases that somebody may see, samples reduced to the last of each series.
    pub(super) async fn all(
        &self,
        backend: &ServerBackend,
        sight: &Sight,
    ) -> Result<Vec<Case>, ApiError> {
        let incidents = backend
            .store
            .incidents()
            .await
            .map_err(|e| unavailable(&e))?;
        let incidents = sight.of(incidents);
        let mut cases = Vec::with_capacity(incidents.len());
        for incident in incidents {
            cases.push(match self.known(&incident) {
                Some(case) => case,
                None => self.read(backend, &incident.id).await?,
            });
        }
        Ok(cases)
    }

    /// Reads a case again when it is asked for next: its evidence has changed, its incident has not.
    pub(super) fn forget(&self, id: &IncidentId) {
        if let Ok(mut cases) = self.cases.lock() {
            cases.remove(id);
        }
    }

    fn known(&self, incident: &Incident) -> Option<Case> {
        let cases = self.cases.lock().ok()?;
        cases
            .get(&incident.id)
            .filter(|case| case.incident == *incident)
            .cloned()
    }

    async fn read(&self, backend: &ServerBackend, id: &IncidentId) -> Result<Case, ApiError> {
        let mut case = backend.load_once(id).await?;
        for series in &mut case.evidence.series {
            let last: Vec<_> = series.samples.iter().next_back().into_iter().collect();
            series.samples = Samples::from_unordered(last);
        }
        if let Ok(mut cases) = self.cases.lock() {
            cases.insert(id.clone(), case.clone());
        }
        Ok(case)
    }
}
