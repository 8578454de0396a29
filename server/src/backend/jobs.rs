//! Work on an incident, and what becomes of the incident where it is called off.

use super::{ServerBackend, unavailable};
use app::{ApiError, backend::Caller};
use model::{
    Incident, IncidentId,
    incident::{IncidentState, Job},
};

impl ServerBackend {
    /// Calls work off. The incident that it was for, or nothing here where the work is over.
    pub(super) async fn cancelled(&self, job: &str) -> Result<Option<IncidentId>, ApiError> {
        let cancelled = self.store.cancel_job(job, self.clock.now()).await;
        if !cancelled.map_err(|e| unavailable(&e))? {
            return Err(ApiError::NotFound);
        }
        self.settle_cancelled(job).await
    }

    /// The stored job.
    pub(super) async fn job_of(&self, id: &str) -> Result<Job, ApiError> {
        let job = self.store.job(id).await.map_err(|e| unavailable(&e))?;
        job.ok_or(ApiError::NotFound)
    }

    /// Work is its incident's.
    pub(super) async fn may_change_by_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        self.may_make(who)?;
        let job = self.job_of(id).await?;
        self.may_change(who, &job.incident).await
    }

    /// A job that was cancelled while it waited leaves an incident that nothing fills, unless other
    /// work is on its way. A closed one stays closed, and what others write meanwhile stays too.
    async fn settle_cancelled(&self, job: &str) -> Result<Option<IncidentId>, ApiError> {
        let Some(job) = self.store.job(job).await.map_err(|e| unavailable(&e))? else {
            return Ok(None);
        };
        let id = job.incident;
        let jobs = self.store.jobs(&id).await.map_err(|e| unavailable(&e))?;
        if jobs.iter().all(|job| job.state.is_over()) {
            self.collects_no_more(&id).await?;
        }
        Ok(Some(id))
    }

    /// Says that nothing fills an incident any more, where it says that something does.
    pub(super) async fn collects_no_more(&self, id: &IncidentId) -> Result<(), ApiError> {
        let settled = |incident: &Incident| {
            (incident.state == IncidentState::Collecting).then(|| Incident {
                state: IncidentState::Open,
                ..incident.clone()
            })
        };
        let changed = self.store.change_incident(id, &settled).await;
        changed.map(drop).map_err(|e| unavailable(&e))
    }
}
