//! What people do with an incident as a whole: another title, away with it, its pull once more.

use super::{ServerBackend, requests, unavailable};
use app::ApiError;
use model::{
    Incident, IncidentId,
    incident::{IncidentState, Job, JobState},
};

impl ServerBackend {
    pub(super) async fn renamed(&self, id: &IncidentId, title: &str) -> Result<(), ApiError> {
        let title = requests::check_title(title)?;
        let change = move |incident: &Incident| {
            Some(Incident {
                title: title.clone(),
                ..incident.clone()
            })
        };
        let changed = self.store.change_incident(id, &change).await;
        changed
            .map_err(|e| unavailable(&e))?
            .ok_or(ApiError::NotFound)?;
        self.refresh_report(id).await
    }

    /// What still runs for it is cancelled first, so that nothing is written to an incident that is
    /// gone.
    pub(super) async fn deleted(&self, id: &IncidentId) -> Result<(), ApiError> {
        self.incident(id).await?;
        let now = self.clock.now();
        for job in self.store.jobs(id).await.map_err(|e| unavailable(&e))? {
            if !job.state.is_over() {
                self.store
                    .cancel_job(&job.id, now)
                    .await
                    .map_err(|e| unavailable(&e))?;
            }
        }
        let there = self
            .store
            .delete_incident(id)
            .await
            .map_err(|e| unavailable(&e))?;
        self.cache.forget(id);
        if there {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    /// Queues the same work again. A closed incident is asked for no more.
    pub(super) async fn tried_again(&self, id: &str) -> Result<IncidentId, ApiError> {
        let job = self.store.job(id).await.map_err(|e| unavailable(&e))?;
        let job = job.ok_or(ApiError::NotFound)?;
        if !matches!(job.state, JobState::Failed | JobState::Cancelled) {
            return Err(ApiError::Invalid(
                "only a pull that failed or was cancelled is made again".into(),
            ));
        }
        let mut incident = self.incident(&job.incident).await?;
        if incident.state == IncidentState::Closed {
            return Err(ApiError::Invalid(
                "the incident is closed: open it again first".into(),
            ));
        }
        let now = self.clock.now();
        let again = Job {
            id: self.new_id()?,
            incident: job.incident,
            kind: job.kind,
            spec: job.spec,
            message: "waiting to try again".to_owned(),
            created_at: now,
            updated_at: now,
            ..Job::default()
        };
        self.store
            .enqueue(&again)
            .await
            .map_err(|e| unavailable(&e))?;
        incident.state = IncidentState::Collecting;
        self.store
            .update_incident(&incident)
            .await
            .map_err(|e| unavailable(&e))?;
        self.worker.wake();
        Ok(again.incident)
    }
}
