//! What people set out to do.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, Value, sql},
    record::{json, plain},
    revisions::Part,
};
use async_trait::async_trait;
use model::{ActionItem, IncidentId};

/// Action items by incident and id.
#[async_trait]
pub trait Actions {
    /// Action items of an incident in order of their making, then of their id.
    async fn actions(&self, incident: &IncidentId) -> Result<Vec<ActionItem>, StoreError>;

    /// Action items of every incident, each with its incident, in the same order within one.
    async fn all_actions(&self) -> Result<Vec<(IncidentId, ActionItem)>, StoreError>;

    /// Stores an action item, in the place of the one with the same id if there is one.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn put_action(
        &self,
        incident: &IncidentId,
        action: &ActionItem,
    ) -> Result<(), StoreError>;

    /// Removes an action item; `false` where there was none.
    async fn delete_action(&self, incident: &IncidentId, id: &str) -> Result<bool, StoreError>;
}

pub(crate) const PUT: Sql = sql(
    "action item",
    "INSERT INTO actions (incident, id, body)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident, id) DO UPDATE SET body = excluded.body",
);
const OF_INCIDENT: Sql = sql(
    "action item",
    "SELECT body FROM actions WHERE incident = $1",
);
const ALL: Sql = sql("action item", "SELECT incident, body FROM actions");
const DELETE: Sql = sql(
    "action item",
    "DELETE FROM actions WHERE incident = $1 AND id = $2",
);

/// Columns in the order of [`PUT`].
pub(crate) fn columns(
    incident: &IncidentId,
    action: &ActionItem,
) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        incident.0.as_str().into(),
        plain("action item id", &action.id)?.into(),
        json("action item", action)?.into(),
    ])
}

#[async_trait]
impl Actions for Database {
    async fn actions(&self, incident: &IncidentId) -> Result<Vec<ActionItem>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(OF_INCIDENT, args).await?;
        let mut all: Vec<ActionItem> = rows
            .iter()
            .map(|row| row.json(0))
            .collect::<Result<_, _>>()?;
        all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(all)
    }

    async fn all_actions(&self) -> Result<Vec<(IncidentId, ActionItem)>, StoreError> {
        let rows = self.driver.fetch(ALL, Vec::new()).await?;
        let mut all: Vec<(IncidentId, ActionItem)> = rows
            .iter()
            .map(|row| Ok::<_, StoreError>((IncidentId(row.text(0)?.to_owned()), row.json(1)?)))
            .collect::<Result<_, _>>()?;
        all.sort_by(|(i, a), (j, b)| (i, a.created_at, &a.id).cmp(&(j, b.created_at, &b.id)));
        Ok(all)
    }

    async fn put_action(
        &self,
        incident: &IncidentId,
        action: &ActionItem,
    ) -> Result<(), StoreError> {
        let args = columns(incident, action)?;
        self.write_part_of(incident, Part::Notes, PUT, args).await
    }

    async fn delete_action(&self, incident: &IncidentId, id: &str) -> Result<bool, StoreError> {
        let args = vec![incident.0.as_str().into(), id.into()];
        let deleted = self.write_part(incident, Part::Notes, DELETE, args);
        Ok(deleted.await? > 0)
    }
}
