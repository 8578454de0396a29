//! Versions of reports: frozen once, never changed.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, sql},
    error::RecordError,
    record::json,
};
use async_trait::async_trait;
use model::{
    IncidentId, Timestamp,
    review::{Version, VersionInfo},
};

/// Versions by incident and number. There is no way to change one.
#[async_trait]
pub trait Versions {
    /// Stores a new version. [`StoreError::Conflict`] where the number is taken,
    /// [`StoreError::Missing`] where there is no such incident.
    async fn put_version(&self, incident: &IncidentId, version: &Version)
    -> Result<(), StoreError>;

    /// The version of that number, with its report.
    async fn version(
        &self,
        incident: &IncidentId,
        number: u32,
    ) -> Result<Option<Version>, StoreError>;

    /// The versions of an incident without their reports, the first one first.
    async fn versions(&self, incident: &IncidentId) -> Result<Vec<VersionInfo>, StoreError>;
}

const PUT: Sql = sql(
    "version",
    "INSERT INTO versions (incident, number, made_at, author, digest, body, said)
     SELECT id, $2, $3, $4, $5, $6, $7 FROM incidents WHERE id = $1 AND archive IS NULL",
);
const ONE: Sql = sql(
    "version",
    "SELECT number, made_at, author, digest, body, said FROM versions
     WHERE incident = $1 AND number = $2",
);
const OF_INCIDENT: Sql = sql(
    "version",
    "SELECT number, made_at, author, digest FROM versions WHERE incident = $1 ORDER BY number",
);

#[async_trait]
impl Versions for Database {
    async fn put_version(
        &self,
        incident: &IncidentId,
        version: &Version,
    ) -> Result<(), StoreError> {
        let args = vec![
            incident.0.as_str().into(),
            i64::from(version.number).into(),
            version.made_at.millis().into(),
            version.by.as_str().into(),
            version.digest.as_str().into(),
            json("version", &version.report)?.into(),
            json("version", &version.said)?.into(),
        ];
        let put = self.write_of(incident, PUT, args).await;
        put.map_err(|e| {
            if e.is_taken() {
                StoreError::conflict("version", version.number)
            } else {
                e
            }
        })
    }

    async fn version(
        &self,
        incident: &IncidentId,
        number: u32,
    ) -> Result<Option<Version>, StoreError> {
        let args = vec![incident.0.as_str().into(), i64::from(number).into()];
        let Some(row) = self.fetch_one(ONE, args).await? else {
            return Ok(None);
        };
        let info = info(&row)?;
        Ok(Some(Version {
            number: info.number,
            made_at: info.made_at,
            by: info.by,
            digest: info.digest,
            report: row.json(4)?,
            said: row.json(5)?,
        }))
    }

    async fn versions(&self, incident: &IncidentId) -> Result<Vec<VersionInfo>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let rows = self.driver.fetch(OF_INCIDENT, args).await?;
        rows.iter().map(info).collect()
    }
}

fn info(row: &Row) -> Result<VersionInfo, StoreError> {
    let number = row.int(0)?;
    let range = |_| row.damaged(RecordError::Range(number));
    Ok(VersionInfo {
        number: u32::try_from(number).map_err(range)?,
        made_at: Timestamp::from_millis(row.int(1)?),
        by: row.text(2)?.to_owned(),
        digest: row.text(3)?.to_owned(),
    })
}
