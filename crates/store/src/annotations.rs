//! Notes on the timeline.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, Value, sql},
    record::{json, plain},
    revisions::Part,
};
use async_trait::async_trait;
use model::{Annotation, IncidentId};

/// Notes by incident and id.
#[async_trait]
pub trait Annotations {
    /// Notes of an incident in order of their start, then of their id.
    async fn annotations(&self, incident: &IncidentId) -> Result<Vec<Annotation>, StoreError>;

    /// Stores a note, in the place of the one with the same id if there is one.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn put_annotation(
        &self,
        incident: &IncidentId,
        annotation: &Annotation,
    ) -> Result<(), StoreError>;

    /// Removes a note; `false` where there was none.
    async fn delete_annotation(&self, incident: &IncidentId, id: &str) -> Result<bool, StoreError>;
}

pub(crate) const PUT: Sql = sql(
    "annotation",
    "INSERT INTO annotations (incident, id, body)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident, id) DO UPDATE SET body = excluded.body",
);
const OF_INCIDENT: Sql = sql(
    "annotation",
    "SELECT body FROM annotations WHERE incident = $1",
);
const DELETE: Sql = sql(
    "annotation",
    "DELETE FROM annotations WHERE incident = $1 AND id = $2",
);

/// Columns in the order of [`PUT`].
pub(crate) fn columns(
    incident: &IncidentId,
    annotation: &Annotation,
) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        incident.0.as_str().into(),
        plain("annotation id", &annotation.id)?.into(),
        json("annotation", annotation)?.into(),
    ])
}

#[async_trait]
impl Annotations for Database {
    async fn annotations(&self, incident: &IncidentId) -> Result<Vec<Annotation>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(OF_INCIDENT, args).await?;
        let mut notes: Vec<Annotation> = rows
            .iter()
            .map(|row| row.json(0))
            .collect::<Result<_, _>>()?;
        notes.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        Ok(notes)
    }

    async fn put_annotation(
        &self,
        incident: &IncidentId,
        annotation: &Annotation,
    ) -> Result<(), StoreError> {
        let args = columns(incident, annotation)?;
        self.write_part_of(incident, Part::Notes, PUT, args).await
    }

    async fn delete_annotation(&self, incident: &IncidentId, id: &str) -> Result<bool, StoreError> {
        let args = vec![incident.0.as_str().into(), id.into()];
        let deleted = self.write_part(incident, Part::Notes, DELETE, args);
        Ok(deleted.await? > 0)
    }
}
