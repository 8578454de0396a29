//! Archives: what a live source has given so far, kept apart from incidents. Incidents copy from
//! them what their window needs, so that an archive may forget and an incident never does.
//!
//! An archive is a row among the incidents with the source's name in `archive`, so that series,
//! chunks, events and edges are stored and read as an incident's. Whatever is about incidents asks
//! for rows without that name.

mod holdings;
mod trim;

use crate::{
    StoreError,
    database::Database,
    driver::{Column, Row, Sql, Value, sql},
    evidence::{self, AT_ONCE, Holder},
    provenance,
    record::{json, plain},
};
use async_trait::async_trait;
use model::{
    Batch, Event, Evidence, Incident, IncidentId, Timestamp, Window, bundle::sha256_hex,
    source::Holding,
};
use std::collections::BTreeMap;

/// One archive a source, by the source's name in the configuration.
#[async_trait]
pub trait Archives {
    /// The id under which a source's archive is kept, made at the first call. It goes wherever an
    /// incident's id goes (`samples`, `pyramid`, `series_list`), but no listing of incidents shows it.
    /// [`StoreError::Conflict`] where an incident has that id, which is made of the name.
    async fn archive(&self, source: &str) -> Result<IncidentId, StoreError>;

    /// Adds to an archive, in one transaction with what the source has to remember (key and state;
    /// `None` forgets the key). As [`crate::EvidenceStore::add_batch`], but the provenance joins the
    /// one of the same source and query (apart from the instants that the query names): the window
    /// and the query's instants grow to hold both, `events` counts each event once, gaps that the new
    /// batch fills go, the newest 1,000 gaps stay.
    ///
    /// A gap is filled, as far as the window of the new batch's provenance reaches, by a batch that
    /// has the series it names (by id or name); one that names nothing by any batch. So a batch must
    /// not state a window beyond what its source has looked at, and must state its gaps again.
    /// [`StoreError::Missing`] where there is no such archive.
    async fn record(
        &self,
        archive: &IncidentId,
        batch: &Batch,
        memory: &[(String, Option<String>)],
    ) -> Result<(), StoreError>;

    /// Everything that the source has to remember, by key.
    async fn recall(&self, archive: &IncidentId) -> Result<Vec<(String, String)>, StoreError>;

    /// What an archive or incident has inside a window: every series with its samples in it, events
    /// that touch it, all edges, of each provenance the part inside it with its gaps. The cost goes with the window,
    /// not with the age of the archive. (Events of an incident that was stored by a version before
    /// archives are all read.) [`StoreError::Missing`] where there is none of that id.
    async fn evidence_between(
        &self,
        holder: &IncidentId,
        window: Window,
    ) -> Result<Evidence, StoreError>;

    /// The events of an archive that have these ids, in the order of the ids; those that it has not are left
    /// out.
    async fn events_by_id(
        &self,
        archive: &IncidentId,
        ids: &[&str],
    ) -> Result<Vec<Event>, StoreError>;

    /// What is stored of each source, by name. Reads no samples but those of the first and the last
    /// day of each archive.
    async fn holdings(&self) -> Result<Vec<Holding>, StoreError>;

    /// Forgets whole days of samples, events that were over, and gaps, before an instant; edges that
    /// were not recorded since and whose `from` is no key that is remembered. Series without a
    /// sample left go too, and so does provenance of which nothing is left; other provenance begins
    /// at the instant from then on. Incidents keep their copies. The number of rows that went.
    /// [`StoreError::Missing`] where there is no such archive.
    ///
    /// Edges were recorded when their batch's provenance was asked; where it does not say when, they
    /// stay.
    async fn trim(&self, archive: &IncidentId, before: Timestamp) -> Result<u64, StoreError>;

    /// Removes an archive with all it holds; `false` where there is none of that source.
    async fn delete_archive(&self, source: &str) -> Result<bool, StoreError>;
}

const BY_SOURCE: Sql = sql("archive", "SELECT id FROM incidents WHERE archive = $1");
/// Does nothing where another process was first.
const INSERT: Sql = sql(
    "archive",
    "INSERT INTO incidents (id, window_start, body, archive) VALUES ($1, 0, $2, $3)
     ON CONFLICT DO NOTHING",
);
const DELETE: Sql = sql("archive", "DELETE FROM incidents WHERE archive = $1");
const EVENT: Sql = sql(
    "event",
    "SELECT body FROM events WHERE incident = $1 AND id = $2",
);
const MEMORY: Sql = sql("memory", "SELECT key, state FROM memory WHERE archive = $1");

/// The id of a source's archive: of the same form as an incident's, which is drawn at random.
fn id_of(source: &str) -> IncidentId {
    let mut id = sha256_hex(format!("archive of {source}").as_bytes());
    id.truncate(32);
    IncidentId(id)
}

#[async_trait]
impl Archives for Database {
    async fn archive(&self, source: &str) -> Result<IncidentId, StoreError> {
        let source = plain("source name", source)?;
        let id = |text: &str| IncidentId(text.to_owned());
        if let Some(row) = self.fetch_one(BY_SOURCE, vec![source.into()]).await? {
            return row.text(0).map(id);
        }
        let holder = Incident {
            id: id_of(source),
            title: source.to_owned(),
            ..Incident::default()
        };
        let body = json("archive", &holder)?;
        let args = vec![holder.id.0.as_str().into(), body.into(), source.into()];
        let mut tx = self.driver.write().await?;
        tx.execute(INSERT, args).await?;
        let rows = tx.fetch(BY_SOURCE, vec![source.into()]).await?;
        let row = rows
            .first()
            .ok_or_else(|| StoreError::conflict("incident", &holder.id))?;
        let made = row.text(0).map(id)?;
        tx.commit().await?;
        Ok(made)
    }

    async fn record(
        &self,
        archive: &IncidentId,
        batch: &Batch,
        memory: &[(String, Option<String>)],
    ) -> Result<(), StoreError> {
        let mut tx = self.driver.write().await?;
        self.lock(&mut *tx, archive, Holder::Archive).await?;
        let told_at = batch.provenance.asked_at;
        // Rows of what is remembered are made while the database is at work on the batch.
        let making = async { Remembered::of(memory) };
        let writing = self.write_content(&mut *tx, archive, batch, told_at);
        let (new, remembered) = tokio::join!(writing, making);
        provenance::keep(&mut *tx, (archive, Holder::Archive), batch, new?).await?;
        let Remembered { kept, gone } = remembered?;
        let dialect = self.driver.dialect();
        for (sql, tables) in [(dialect.remember, kept), (dialect.forget, gone)] {
            for table in tables {
                let args = vec![archive.0.as_str().into(), table];
                tx.execute(sql, args).await?;
            }
        }
        tx.commit().await
    }

    async fn recall(&self, archive: &IncidentId) -> Result<Vec<(String, String)>, StoreError> {
        let args = vec![archive.0.as_str().into()];
        let rows = self.driver.fetch(MEMORY, args).await?;
        let text = |row: &Row, column| row.text(column).map(str::to_owned);
        let memory = rows.iter().map(|r| Ok((text(r, 0)?, text(r, 1)?)));
        let mut memory: Vec<_> = memory.collect::<Result<_, StoreError>>()?;
        // Not by the database, whose order of texts depends on its locale.
        memory.sort();
        Ok(memory)
    }

    async fn evidence_between(
        &self,
        holder: &IncidentId,
        window: Window,
    ) -> Result<Evidence, StoreError> {
        let mut tx = self.driver.snapshot().await?;
        evidence::between(&mut *tx, holder, window).await
    }

    async fn events_by_id(
        &self,
        archive: &IncidentId,
        ids: &[&str],
    ) -> Result<Vec<Event>, StoreError> {
        let mut tx = self.driver.snapshot().await?;
        let mut events = Vec::new();
        for id in ids {
            let args = vec![archive.0.as_str().into(), (*id).into()];
            if let Some(row) = tx.fetch(EVENT, args).await?.first() {
                events.push(row.json(0)?);
            }
        }
        Ok(events)
    }

    async fn holdings(&self) -> Result<Vec<Holding>, StoreError> {
        let mut tx = self.driver.snapshot().await?;
        holdings::all(&mut *tx).await
    }

    async fn trim(&self, archive: &IncidentId, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.driver.write().await?;
        self.lock(&mut *tx, archive, Holder::Archive).await?;
        let gone = trim::before(&mut *tx, archive, before).await?;
        tx.commit().await?;
        Ok(gone)
    }

    async fn delete_archive(&self, source: &str) -> Result<bool, StoreError> {
        Ok(self.write(DELETE, vec![source.into()]).await? > 0)
    }
}

/// What a source has to remember, in tables as the statements take them.
struct Remembered {
    /// Key and state.
    kept: Vec<Value>,
    /// Keys that are forgotten.
    gone: Vec<Value>,
}

impl Remembered {
    /// Of several states of a key the last counts.
    fn of(memory: &[(String, Option<String>)]) -> Result<Self, StoreError> {
        let mut last: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for (key, state) in memory {
            let state = state.as_deref();
            if state.is_some_and(|state| state.contains('\0')) {
                return Err(StoreError::Invalid {
                    what: "state to remember".to_owned(),
                    reason: "it holds the character U+0000".to_owned(),
                });
            }
            last.insert(plain("key to remember", key)?, state);
        }
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        for (key, state) in last {
            match state {
                Some(state) => kept.push((key, state)),
                None => gone.push(key),
            }
        }
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let gone = gone
            .chunks(AT_ONCE)
            .map(|keys| vec![Column::Texts(owned(keys))]);
        let kept = kept.chunks(AT_ONCE).map(|some| {
            let (keys, states): (Vec<&str>, Vec<&str>) = some.iter().copied().unzip();
            vec![Column::Texts(owned(&keys)), Column::Texts(owned(&states))]
        });
        Ok(Self {
            kept: kept.map(Value::Table).collect(),
            gone: gone.map(Value::Table).collect(),
        })
    }
}
