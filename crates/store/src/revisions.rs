//! Revisions: how often the parts of an incident have changed, told without reading them.
//!
//! Every write of an incident counts in its own transaction ([`Database::touch`]), so that whoever
//! has read a revision and then reads the incident never has less than that revision says.

use crate::{
    StoreError,
    database::Database,
    driver::{Row, Sql, Transaction, sql},
};
use async_trait::async_trait;
use model::IncidentId;
use tokio::sync::broadcast;

/// How often each part of an incident has changed since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The incident itself, its evidence and its analysis.
    pub evidence: u64,
    /// What people noted.
    pub notes: u64,
    /// Its jobs, how far they are included.
    pub jobs: u64,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Evidence,
    Notes,
    Jobs,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Notes => "notes",
            Self::Jobs => "jobs",
        }
    }
}

/// Revisions by incident.
#[async_trait]
pub trait Revisions {
    /// The revision of an incident: one row by its key; `None` where there is no such incident.
    async fn revision(&self, incident: &IncidentId) -> Result<Option<Revision>, StoreError>;

    /// The revisions of all incidents, by id, with one question.
    async fn revisions(&self) -> Result<Vec<(IncidentId, Revision)>, StoreError>;

    /// Incidents as they are changed through this store, each after it is written. What another
    /// process writes is not told: its [`Revisions::revision`] says so to who asks. A receiver that
    /// lags behind has to take it that everything has changed.
    fn changes(&self) -> broadcast::Receiver<IncidentId>;
}

/// Changes that a receiver may be behind: a freeze writes a batch for each source.
pub(crate) const BACKLOG: usize = 256;

const REVISION: Sql = sql(
    "revision",
    "SELECT (SELECT revision FROM revisions WHERE incident = id AND part = 'evidence'),
            (SELECT revision FROM revisions WHERE incident = id AND part = 'notes'),
            (SELECT revision FROM revisions WHERE incident = id AND part = 'jobs')
     FROM incidents WHERE id = $1 AND archive IS NULL",
);
const REVISIONS: Sql = sql(
    "revision",
    "SELECT (SELECT revision FROM revisions WHERE incident = id AND part = 'evidence'),
            (SELECT revision FROM revisions WHERE incident = id AND part = 'notes'),
            (SELECT revision FROM revisions WHERE incident = id AND part = 'jobs'),
            id
     FROM incidents WHERE archive IS NULL ORDER BY id",
);
const TOUCH: Sql = sql(
    "revision",
    "INSERT INTO revisions (incident, part, revision) VALUES ($1, $2, 1)
     ON CONFLICT (incident, part) DO UPDATE SET revision = revisions.revision + 1",
);

impl Database {
    /// Counts a change, in the transaction that makes it.
    pub(crate) async fn touch(
        tx: &mut dyn Transaction,
        incident: &IncidentId,
        part: Part,
    ) -> Result<(), StoreError> {
        let args = vec![incident.0.as_str().into(), part.name().into()];
        tx.execute(TOUCH, args).await.map(drop)
    }

    /// Tells who listens that an incident has changed, after the commit.
    pub(crate) fn tell(&self, incident: &IncidentId) {
        // That nobody listens is no failure.
        let _ = self.changed.send(incident.clone());
    }
}

#[async_trait]
impl Revisions for Database {
    async fn revision(&self, incident: &IncidentId) -> Result<Option<Revision>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        let row = self.fetch_one(REVISION, args).await?;
        row.as_ref().map(revision).transpose()
    }

    async fn revisions(&self) -> Result<Vec<(IncidentId, Revision)>, StoreError> {
        let rows = self.driver.fetch(REVISIONS, Vec::new()).await?;
        let one = |row: &Row| Ok((IncidentId(row.text(3)?.to_owned()), revision(row)?));
        rows.iter().map(one).collect()
    }

    fn changes(&self) -> broadcast::Receiver<IncidentId> {
        self.changed.subscribe()
    }
}

fn revision(row: &Row) -> Result<Revision, StoreError> {
    // A part that was never counted has no row.
    let count = |column| Ok::<_, StoreError>(row.maybe_int(column)?.unwrap_or(0).unsigned_abs());
    Ok(Revision {
        evidence: count(0)?,
        notes: count(1)?,
        jobs: count(2)?,
    })
}
