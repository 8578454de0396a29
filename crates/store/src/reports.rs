//! The current report and the current analysis of an incident.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, Value, sql},
    record::json,
    revisions::Part,
};
use async_trait::async_trait;
use model::{Analysis, IncidentId, Report, Timestamp};

/// What was made of an incident's evidence; the last one counts.
#[async_trait]
pub trait Reports {
    /// Stores the report that was made at `at`, in the place of an older one.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn put_report(
        &self,
        incident: &IncidentId,
        report: &Report,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The report and when it was made.
    async fn report(
        &self,
        incident: &IncidentId,
    ) -> Result<Option<(Report, Timestamp)>, StoreError>;

    /// Stores the analysis that was made at `at`, in the place of an older one.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn put_analysis(
        &self,
        incident: &IncidentId,
        analysis: &Analysis,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The analysis.
    async fn analysis(&self, incident: &IncidentId) -> Result<Option<Analysis>, StoreError>;
}

const PUT_REPORT: Sql = sql(
    "report",
    "INSERT INTO reports (incident, made_at, body)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident) DO UPDATE SET made_at = excluded.made_at, body = excluded.body",
);
const REPORT: Sql = sql(
    "report",
    "SELECT body, made_at FROM reports WHERE incident = $1",
);
const PUT_ANALYSIS: Sql = sql(
    "analysis",
    "INSERT INTO analyses (incident, made_at, body)
     SELECT id, $2, $3 FROM incidents WHERE id = $1 AND archive IS NULL
     ON CONFLICT (incident) DO UPDATE SET made_at = excluded.made_at, body = excluded.body",
);
const ANALYSIS: Sql = sql("analysis", "SELECT body FROM analyses WHERE incident = $1");

#[async_trait]
impl Reports for Database {
    async fn put_report(
        &self,
        incident: &IncidentId,
        report: &Report,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let args = columns(incident, at, json("report", report)?);
        self.write_of(incident, PUT_REPORT, args).await
    }

    async fn report(
        &self,
        incident: &IncidentId,
    ) -> Result<Option<(Report, Timestamp)>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let row = self.fetch_one(REPORT, args).await?;
        row.map(|row| Ok((row.json(0)?, Timestamp::from_millis(row.int(1)?))))
            .transpose()
    }

    async fn put_analysis(
        &self,
        incident: &IncidentId,
        analysis: &Analysis,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let args = columns(incident, at, json("analysis", analysis)?);
        self.write_part_of(incident, Part::Evidence, PUT_ANALYSIS, args)
            .await
    }

    async fn analysis(&self, incident: &IncidentId) -> Result<Option<Analysis>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let row = self.fetch_one(ANALYSIS, args).await?;
        row.map(|row| row.json(0)).transpose()
    }
}

/// Columns in the order of both statements.
fn columns(incident: &IncidentId, at: Timestamp, body: String) -> Vec<Value> {
    vec![incident.0.as_str().into(), at.millis().into(), body.into()]
}
