//! What people do with an incident as a whole: another title, away with it, its pull once more.

use super::{ServerBackend, requests, unavailable};
use app::ApiError;
use model::{
    Incident, IncidentId,
    bundle::sha256_hex,
    incident::{IncidentState, Job, JobState},
};
use store::StoreError;

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

    /// Queues the same work again, and once only: of two quick clicks the second finds it queued, and is
    /// told `None`. A closed incident is asked for no more.
    pub(super) async fn tried_again(&self, id: &str) -> Result<Option<IncidentId>, ApiError> {
        let job = self.job_of(id).await?;
        if !matches!(job.state, JobState::Failed | JobState::Cancelled) {
            return Err(ApiError::Invalid(
                "only a pull that failed or was cancelled is made again".into(),
            ));
        }
        let now = self.clock.now();
        let again = Job {
            id: id_of_again(id),
            incident: job.incident,
            kind: job.kind,
            spec: job.spec,
            message: "waiting to try again".to_owned(),
            created_at: now,
            updated_at: now,
            ..Job::default()
        };
        if self.known_job(&again.id).await?.is_some() {
            return Ok(None);
        }
        self.collects_again(&again.incident).await?;
        match self.store.enqueue(&again).await {
            Ok(()) => {
                self.worker.wake();
                Ok(Some(again.incident))
            }
            Err(StoreError::Conflict { .. }) => {
                self.settle_queued_twice(&again).await?;
                Ok(None)
            }
            Err(error) => {
                self.collects_no_more(&again.incident).await?;
                Err(unavailable(&error))
            }
        }
    }

    async fn known_job(&self, id: &str) -> Result<Option<Job>, ApiError> {
        self.store.job(id).await.map_err(|e| unavailable(&e))
    }

    /// Another click was quicker, by how much nobody knows: what it queued may be done already.
    async fn settle_queued_twice(&self, job: &Job) -> Result<(), ApiError> {
        let known = self.known_job(&job.id).await?;
        if known.is_none_or(|job| job.state.is_over()) {
            self.collects_no_more(&job.incident).await?;
        }
        Ok(())
    }

    /// Says that an incident is being filled, before the work is queued: a quicker worker would say
    /// that it is done, and be written over. Looks whether it is closed as it is now.
    async fn collects_again(&self, id: &IncidentId) -> Result<(), ApiError> {
        let collecting = |incident: &Incident| {
            (incident.state != IncidentState::Closed).then(|| Incident {
                state: IncidentState::Collecting,
                ..incident.clone()
            })
        };
        let changed = self.store.change_incident(id, &collecting).await;
        if changed.map_err(|e| unavailable(&e))?.is_none() {
            self.incident(id).await?;
            return Err(ApiError::Invalid(
                "the incident is closed: open it again first".into(),
            ));
        }
        Ok(())
    }
}

/// The id of the job that does the work of another once more: made of the other's, so that the database
/// refuses a second one.
fn id_of_again(job: &str) -> String {
    let mut id = sha256_hex(format!("again {job}").as_bytes());
    id.truncate(32);
    id
}
