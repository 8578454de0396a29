//! What each incident was like, for finding those that are alike.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, sql},
    record::json,
};
use async_trait::async_trait;
use model::{IncidentId, analysis::recurrence::Fingerprint};

/// Fingerprints by incident.
#[async_trait]
pub trait Fingerprints {
    /// Stores the fingerprint that a version of the analysis made, in the place of an older one.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn put_fingerprint(
        &self,
        incident: &IncidentId,
        engine: &str,
        fingerprint: &Fingerprint,
    ) -> Result<(), StoreError>;

    /// Every fingerprint that this version of the analysis made, by incident.
    async fn fingerprints(
        &self,
        engine: &str,
    ) -> Result<Vec<(IncidentId, Fingerprint)>, StoreError>;
}

const PUT: Sql = sql(
    "fingerprint",
    "INSERT INTO fingerprints (incident, engine, body)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident) DO UPDATE SET engine = excluded.engine, body = excluded.body",
);
const ALL: Sql = sql(
    "fingerprint",
    "SELECT incident, body FROM fingerprints WHERE engine = $1 ORDER BY incident",
);

#[async_trait]
impl Fingerprints for Database {
    async fn put_fingerprint(
        &self,
        incident: &IncidentId,
        engine: &str,
        fingerprint: &Fingerprint,
    ) -> Result<(), StoreError> {
        let body = json("fingerprint", fingerprint)?;
        let args = vec![incident.0.as_str().into(), engine.into(), body.into()];
        self.write_of(incident, PUT, args).await
    }

    async fn fingerprints(
        &self,
        engine: &str,
    ) -> Result<Vec<(IncidentId, Fingerprint)>, StoreError> {
        let rows = self.driver.fetch(ALL, vec![engine.into()]).await?;
        rows.iter()
            .map(|row| Ok((IncidentId(row.text(0)?.to_owned()), row.json(1)?)))
            .collect()
    }
}
