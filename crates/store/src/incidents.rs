//! Incidents, and the import that makes one whole or not at all.

use crate::{
    StoreError, actions, annotations,
    database::Database,
    documents,
    driver::{Sql, Value, sql},
    evidence, judgements,
    record::{json, plain},
    revisions::Part,
};
use async_trait::async_trait;
use model::{
    ActionItem, Annotation, Batch, Document, Incident, IncidentId, Judgement, bundle::RawFile,
};

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The incident: the new one, or the one that holds the same bundle already.
    pub id: IncidentId,
    /// Whether anything was stored.
    pub new: bool,
}

/// What people said of an incident and the files that they handed in, on their way in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// Notes.
    pub annotations: &'a [Annotation],
    /// Decisions about suspects.
    pub judgements: &'a [Judgement],
    /// Action items.
    pub actions: &'a [ActionItem],
    /// What was written into the postmortem, with its history.
    pub document: Option<&'a Document>,
    /// Raw files. They may stand in a batch as well; here nobody has to copy them into one.
    pub files: &'a [RawFile],
}

/// What is to come in the place of an incident; `None`: it stays as it is.
pub type Change = dyn Fn(&Incident) -> Option<Incident> + Send + Sync;

/// Incidents by id.
#[async_trait]
pub trait Incidents {
    /// Stores a new incident without evidence. [`StoreError::Conflict`] where the id or the digest
    /// is taken.
    async fn create_incident(&self, incident: &Incident) -> Result<(), StoreError>;

    /// Stores an incident with all its evidence and all that people said in one transaction: after a
    /// crash there is all of it or none. An incident with the same [`Incident::digest`] is not stored
    /// again; its id comes back and nothing is written.
    async fn import_whole(
        &self,
        incident: &Incident,
        batches: &[Batch],
        said: Said<'_>,
    ) -> Result<Imported, StoreError>;

    /// [`Incidents::import_whole`] of what has notes alone.
    async fn import(
        &self,
        incident: &Incident,
        batches: &[Batch],
        annotations: &[Annotation],
    ) -> Result<Imported, StoreError> {
        let said = Said {
            annotations,
            ..Said::default()
        };
        self.import_whole(incident, batches, said).await
    }

    /// The incident of that id.
    async fn incident(&self, id: &IncidentId) -> Result<Option<Incident>, StoreError>;

    /// Every incident, the newest window first.
    async fn incidents(&self) -> Result<Vec<Incident>, StoreError>;

    /// Replaces what is known of an incident (not its evidence). [`StoreError::Missing`] where
    /// there is none of that id.
    async fn update_incident(&self, incident: &Incident) -> Result<(), StoreError>;

    /// Changes what is known of an incident as it is now, so that nothing that somebody else changes
    /// meanwhile is written over. `None` where nothing was written, or there is no such incident.
    async fn change_incident(
        &self,
        id: &IncidentId,
        change: &Change,
    ) -> Result<Option<Incident>, StoreError>;

    /// Removes an incident with everything that belongs to it; `false` where there was none.
    async fn delete_incident(&self, id: &IncidentId) -> Result<bool, StoreError>;
}

// `archive IS NULL`: an archive is kept among the incidents, and is none.
const INSERT: Sql = sql(
    "incident",
    "INSERT INTO incidents (id, digest, window_start, body) VALUES ($1, $2, $3, $4)",
);
/// Waits for another import of the same bundle, if there is one, and then does nothing; so it does
/// where the id is taken.
const INSERT_NEW: Sql = sql(
    "incident",
    "INSERT INTO incidents (id, digest, window_start, body) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING",
);
const BY_DIGEST: Sql = sql("incident", "SELECT id FROM incidents WHERE digest = $1");
const BY_ID: Sql = sql(
    "incident",
    "SELECT body FROM incidents WHERE id = $1 AND archive IS NULL",
);
const ALL: Sql = sql(
    "incident",
    "SELECT body FROM incidents WHERE archive IS NULL ORDER BY window_start DESC, id",
);
const UPDATE: Sql = sql(
    "incident",
    "UPDATE incidents SET digest = $2, window_start = $3, body = $4
     WHERE id = $1 AND archive IS NULL",
);
const DELETE: Sql = sql(
    "incident",
    "DELETE FROM incidents WHERE id = $1 AND archive IS NULL",
);

/// Columns in the order of the statements.
fn columns(incident: &Incident) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        plain("incident id", &incident.id.0)?.into(),
        incident
            .digest
            .as_deref()
            .map(|digest| plain("incident digest", digest))
            .transpose()?
            .into(),
        incident.window.start.millis().into(),
        json("incident", incident)?.into(),
    ])
}

fn taken(incident: &Incident, error: StoreError) -> StoreError {
    if error.is_taken() {
        StoreError::conflict("incident", &incident.id)
    } else {
        error
    }
}

#[async_trait]
impl Incidents for Database {
    async fn create_incident(&self, incident: &Incident) -> Result<(), StoreError> {
        self.write_part(&incident.id, Part::Evidence, INSERT, columns(incident)?)
            .await
            .map(|_| ())
            .map_err(|e| taken(incident, e))
    }

    async fn import_whole(
        &self,
        incident: &Incident,
        batches: &[Batch],
        said: Said<'_>,
    ) -> Result<Imported, StoreError> {
        let mut tx = self.driver.write().await?;
        if tx.execute(INSERT_NEW, columns(incident)?).await? == 0 {
            let same = vec![incident.digest.as_deref().into()];
            let rows = tx.fetch(BY_DIGEST, same).await?;
            let row = rows
                .first()
                .ok_or_else(|| StoreError::conflict("incident", &incident.id))?;
            return Ok(Imported {
                id: IncidentId(row.text(0)?.to_owned()),
                new: false,
            });
        }
        for batch in batches {
            self.write_batch(&mut *tx, &incident.id, batch).await?;
        }
        for file in said.files {
            evidence::write_file(&mut *tx, &incident.id, file).await?;
        }
        for annotation in said.annotations {
            let args = annotations::columns(&incident.id, annotation)?;
            tx.execute(annotations::PUT, args).await?;
        }
        Self::touch(&mut *tx, &incident.id, Part::Evidence).await?;
        for judgement in said.judgements {
            let args = judgements::columns(&incident.id, judgement)?;
            tx.execute(judgements::PUT, args).await?;
        }
        for action in said.actions {
            let args = actions::columns(&incident.id, action)?;
            tx.execute(actions::PUT, args).await?;
        }
        if let Some(document) = said.document {
            documents::import(&mut *tx, &incident.id, document).await?;
        }
        tx.commit().await?;
        self.tell(&incident.id);
        Ok(Imported {
            id: incident.id.clone(),
            new: true,
        })
    }

    async fn incident(&self, id: &IncidentId) -> Result<Option<Incident>, StoreError> {
        let row = self.fetch_one(BY_ID, vec![id.0.as_str().into()]).await?;
        row.map(|row| row.json(0)).transpose()
    }

    async fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let rows = self.driver.fetch(ALL, Vec::new()).await?;
        rows.iter().map(|row| row.json(0)).collect()
    }

    async fn update_incident(&self, incident: &Incident) -> Result<(), StoreError> {
        let args = columns(incident)?;
        let updated = self.write_part(&incident.id, Part::Evidence, UPDATE, args);
        match updated.await.map_err(|e| taken(incident, e))? {
            0 => Err(StoreError::missing("incident", &incident.id)),
            _ => Ok(()),
        }
    }

    async fn change_incident(
        &self,
        id: &IncidentId,
        change: &Change,
    ) -> Result<Option<Incident>, StoreError> {
        let key = || vec![id.0.as_str().into()];
        let mut tx = self.driver.write().await?;
        // Nobody else writes it from here on.
        tx.fetch(self.driver.dialect().lock_incident, key()).await?;
        let rows = tx.fetch(BY_ID, key()).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let Some(changed) = change(&row.json(0)?) else {
            return Ok(None);
        };
        let updated = tx.execute(UPDATE, columns(&changed)?).await;
        updated.map_err(|e| taken(&changed, e))?;
        Self::touch(&mut *tx, id, Part::Evidence).await?;
        tx.commit().await?;
        self.tell(id);
        Ok(Some(changed))
    }

    async fn delete_incident(&self, id: &IncidentId) -> Result<bool, StoreError> {
        let args = vec![id.0.as_str().into()];
        let deleted = self.write_part(id, Part::Evidence, DELETE, args);
        Ok(deleted.await? > 0)
    }
}
