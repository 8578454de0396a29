//! The queue of long work. It lives in the database, so that it survives a restart and several
//! processes can share it.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, sql},
    record::{json, plain},
    revisions::Part,
};
use async_trait::async_trait;
use model::{
    IncidentId, Timestamp,
    incident::{Job, JobState},
};

/// Jobs by id.
#[async_trait]
pub trait Jobs {
    /// Stores a new job. [`StoreError::Conflict`] where the id is taken, [`StoreError::Missing`]
    /// where there is no such incident.
    async fn enqueue(&self, job: &Job) -> Result<(), StoreError>;

    /// Takes the oldest job that is queued, or that is running but has not moved since
    /// `stale_before` (its worker died): it is running from `now` on, and nobody else gets it.
    async fn take_job(
        &self,
        now: Timestamp,
        stale_before: Timestamp,
    ) -> Result<Option<Job>, StoreError>;

    /// Stores how far a job is. A cancelled job stays cancelled: `false`, and nothing is written.
    /// [`StoreError::Missing`] where there is no such job.
    async fn update_job(&self, job: &Job) -> Result<bool, StoreError>;

    /// Cancels a job that is not over; `false` where there is none such.
    async fn cancel_job(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// The job of that id.
    async fn job(&self, id: &str) -> Result<Option<Job>, StoreError>;

    /// Jobs of an incident in order of their making.
    async fn jobs(&self, incident: &IncidentId) -> Result<Vec<Job>, StoreError>;

    /// Removes those of these jobs of an incident that are over; how many there were.
    async fn remove_jobs(&self, incident: &IncidentId, ids: &[&str]) -> Result<u64, StoreError>;
}

// State and times are columns, and the columns are right: `body` may be older.
const INSERT: Sql = sql(
    "job",
    "INSERT INTO jobs (id, incident, state, created_at, updated_at, body)
     SELECT $1, id, $3, $4, $5, $6 FROM incidents WHERE id = $2 AND archive IS NULL",
);
const UPDATE: Sql = sql(
    "job",
    "UPDATE jobs SET state = $2, updated_at = $3, body = $4
     WHERE id = $1 AND state <> 'cancelled'",
);
const CANCEL: Sql = sql(
    "job",
    "UPDATE jobs SET state = 'cancelled', updated_at = $2
     WHERE id = $1 AND state IN ('queued', 'running') RETURNING incident",
);
const BY_ID: Sql = sql(
    "job",
    "SELECT body, state, updated_at FROM jobs WHERE id = $1",
);
const OF_INCIDENT: Sql = sql(
    "job",
    "SELECT body, state, updated_at FROM jobs WHERE incident = $1 ORDER BY created_at, id",
);
const REMOVE: Sql = sql(
    "job",
    "DELETE FROM jobs
     WHERE id = $1 AND incident = $2 AND state NOT IN ('queued', 'running')",
);

fn job(row: &Row) -> Result<Job, StoreError> {
    let state = serde_json::from_value(row.text(1)?.into()).map_err(|e| row.damaged(e.into()))?;
    Ok(Job {
        state,
        updated_at: Timestamp::from_millis(row.int(2)?),
        ..row.json(0)?
    })
}

/// The state as the statements above write it.
const fn state_text(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "queued",
        JobState::Running => "running",
        JobState::Done => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    }
}

#[async_trait]
impl Jobs for Database {
    async fn enqueue(&self, job: &Job) -> Result<(), StoreError> {
        let args = vec![
            plain("job id", &job.id)?.into(),
            job.incident.0.as_str().into(),
            state_text(job.state).into(),
            job.created_at.millis().into(),
            job.updated_at.millis().into(),
            json("job", job)?.into(),
        ];
        let added = self.write_part_of(&job.incident, Part::Jobs, INSERT, args);
        match added.await {
            Err(e) if e.is_taken() => Err(StoreError::conflict("job", &job.id)),
            done => done,
        }
    }

    async fn take_job(
        &self,
        now: Timestamp,
        stale_before: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let args = vec![now.millis().into(), stale_before.millis().into()];
        let mut tx = self.driver.write().await?;
        let rows = tx.fetch(self.driver.dialect().take_job, args).await?;
        let taken = rows.first().map(job).transpose();
        // A job that cannot be read is taken all the same, or it would come first for ever.
        if let Ok(Some(job)) = &taken {
            Self::touch(&mut *tx, &job.incident, Part::Jobs).await?;
        }
        tx.commit().await?;
        if let Ok(Some(job)) = &taken {
            self.tell(&job.incident);
        }
        taken
    }

    async fn update_job(&self, job: &Job) -> Result<bool, StoreError> {
        let args = vec![
            job.id.as_str().into(),
            state_text(job.state).into(),
            job.updated_at.millis().into(),
            json("job", job)?.into(),
        ];
        let updated = self.write_part(&job.incident, Part::Jobs, UPDATE, args);
        if updated.await? > 0 {
            return Ok(true);
        }
        match self.job(&job.id).await? {
            Some(_) => Ok(false),
            None => Err(StoreError::missing("job", &job.id)),
        }
    }

    async fn cancel_job(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let args = vec![id.into(), at.millis().into()];
        let mut tx = self.driver.write().await?;
        let rows = tx.fetch(CANCEL, args).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        let incident = IncidentId(row.text(0)?.to_owned());
        Self::touch(&mut *tx, &incident, Part::Jobs).await?;
        tx.commit().await?;
        self.tell(&incident);
        Ok(true)
    }

    async fn job(&self, id: &str) -> Result<Option<Job>, StoreError> {
        let row = self.fetch_one(BY_ID, vec![id.into()]).await?;
        row.as_ref().map(job).transpose()
    }

    async fn jobs(&self, incident: &IncidentId) -> Result<Vec<Job>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(OF_INCIDENT, args).await?;
        rows.iter().map(job).collect()
    }

    async fn remove_jobs(&self, incident: &IncidentId, ids: &[&str]) -> Result<u64, StoreError> {
        let mut tx = self.driver.write().await?;
        let mut removed = 0;
        for id in ids {
            let args = vec![(*id).into(), incident.0.as_str().into()];
            removed += tx.execute(REMOVE, args).await?;
        }
        if removed > 0 {
            Self::touch(&mut *tx, incident, Part::Jobs).await?;
        }
        tx.commit().await?;
        if removed > 0 {
            self.tell(incident);
        }
        Ok(removed)
    }
}
