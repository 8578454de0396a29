//! The activity log of each incident.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, sql},
    record::json,
};
use async_trait::async_trait;
use model::{IncidentId, review::activity};

/// Steps by incident. A step that was written down stays, until its incident is deleted.
#[async_trait]
pub trait Activity {
    /// Writes a step down. [`StoreError::Missing`] where there is no such incident.
    async fn record_activity(
        &self,
        incident: &IncidentId,
        step: &activity::Activity,
    ) -> Result<(), StoreError>;

    /// At most so many steps of an incident, the newest first, each with its number, which rises with
    /// every step; only those with a number below `before` where it is given.
    async fn activity(
        &self,
        incident: &IncidentId,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<(i64, activity::Activity)>, StoreError>;
}

const RECORD: Sql = sql(
    "activity",
    "INSERT INTO activity (incident, body)
     SELECT id, $2 FROM incidents WHERE id = $1 AND archive IS NULL",
);
const LATEST: Sql = sql(
    "activity",
    "SELECT seq, body FROM activity WHERE incident = $1 AND seq < $2
     ORDER BY seq DESC LIMIT $3",
);

#[async_trait]
impl Activity for Database {
    async fn record_activity(
        &self,
        incident: &IncidentId,
        step: &activity::Activity,
    ) -> Result<(), StoreError> {
        let args = vec![incident.0.as_str().into(), json("activity", step)?.into()];
        self.write_of(incident, RECORD, args).await
    }

    async fn activity(
        &self,
        incident: &IncidentId,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<(i64, activity::Activity)>, StoreError> {
        let args = vec![
            incident.0.as_str().into(),
            before.unwrap_or(i64::MAX).into(),
            i64::from(most).into(),
        ];
        let rows = self.driver.fetch(LATEST, args).await?;
        rows.iter()
            .map(|row| Ok((row.int(0)?, row.json(1)?)))
            .collect()
    }
}
