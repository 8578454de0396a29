//! How far the review of each report is.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, sql},
    record::json,
};
use async_trait::async_trait;
use model::{IncidentId, review::Review};

/// Reviews by incident.
#[async_trait]
pub trait Reviews {
    /// The review of an incident's report with the count of its changes; a draft that was never
    /// changed (0) where there is none.
    async fn review(&self, incident: &IncidentId) -> Result<(Review, u64), StoreError>;

    /// Stores a review in the place of the one that was changed `known` times; `false`, and nothing is
    /// written, where somebody else has changed it since, or the incident is gone.
    async fn put_review(
        &self,
        incident: &IncidentId,
        review: &Review,
        known: u64,
    ) -> Result<bool, StoreError>;
}

const PUT: Sql = sql(
    "review",
    "INSERT INTO reviews (incident, revision, body)
     SELECT id, 1, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident) DO UPDATE SET revision = reviews.revision + 1, body = excluded.body
     WHERE reviews.revision = $2",
);
const OF_INCIDENT: Sql = sql(
    "review",
    "SELECT body, revision FROM reviews WHERE incident = $1",
);

#[async_trait]
impl Reviews for Database {
    async fn review(&self, incident: &IncidentId) -> Result<(Review, u64), StoreError> {
        let args = vec![incident.0.as_str().into()];
        match self.fetch_one(OF_INCIDENT, args).await? {
            Some(row) => Ok((row.json(0)?, row.int(1)?.unsigned_abs())),
            None => Ok((Review::default(), 0)),
        }
    }

    async fn put_review(
        &self,
        incident: &IncidentId,
        review: &Review,
        known: u64,
    ) -> Result<bool, StoreError> {
        let args = vec![
            incident.0.as_str().into(),
            i64::try_from(known).unwrap_or(i64::MAX).into(),
            json("review", review)?.into(),
        ];
        Ok(self.write(PUT, args).await? > 0)
    }
}
