//! What people decide about suspects.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, Value, sql},
    record::{json, plain},
    revisions::Part,
};
use async_trait::async_trait;
use model::{IncidentId, Judgement};

/// Decisions by incident and suspect.
#[async_trait]
pub trait Judgements {
    /// Decisions of an incident in order of their making, then of their suspect.
    async fn judgements(&self, incident: &IncidentId) -> Result<Vec<Judgement>, StoreError>;

    /// Stores a decision, in the place of the one about the same suspect if there is one.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn put_judgement(
        &self,
        incident: &IncidentId,
        judgement: &Judgement,
    ) -> Result<(), StoreError>;

    /// Takes a decision back; `false` where there was none.
    async fn delete_judgement(
        &self,
        incident: &IncidentId,
        suspect: &str,
    ) -> Result<bool, StoreError>;
}

pub(crate) const PUT: Sql = sql(
    "judgement",
    "INSERT INTO judgements (incident, suspect, body)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident, suspect) DO UPDATE SET body = excluded.body",
);
const OF_INCIDENT: Sql = sql(
    "judgement",
    "SELECT body FROM judgements WHERE incident = $1",
);
const DELETE: Sql = sql(
    "judgement",
    "DELETE FROM judgements WHERE incident = $1 AND suspect = $2",
);

/// Columns in the order of [`PUT`].
pub(crate) fn columns(
    incident: &IncidentId,
    judgement: &Judgement,
) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        incident.0.as_str().into(),
        plain("suspect of a judgement", &judgement.suspect)?.into(),
        json("judgement", judgement)?.into(),
    ])
}

#[async_trait]
impl Judgements for Database {
    async fn judgements(&self, incident: &IncidentId) -> Result<Vec<Judgement>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(OF_INCIDENT, args).await?;
        let mut all: Vec<Judgement> = rows
            .iter()
            .map(|row| row.json(0))
            .collect::<Result<_, _>>()?;
        all.sort_by(|a, b| (a.at, &a.suspect).cmp(&(b.at, &b.suspect)));
        Ok(all)
    }

    async fn put_judgement(
        &self,
        incident: &IncidentId,
        judgement: &Judgement,
    ) -> Result<(), StoreError> {
        let args = columns(incident, judgement)?;
        self.write_part_of(incident, Part::Notes, PUT, args).await
    }

    async fn delete_judgement(
        &self,
        incident: &IncidentId,
        suspect: &str,
    ) -> Result<bool, StoreError> {
        let args = vec![incident.0.as_str().into(), suspect.into()];
        let deleted = self.write_part(incident, Part::Notes, DELETE, args);
        Ok(deleted.await? > 0)
    }
}
