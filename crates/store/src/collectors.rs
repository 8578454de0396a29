//! How collectors share the work, and how their sources are doing.

use crate::{
    StoreError,
    database::Database,
    driver::{Sql, sql},
    record::{json, plain},
};
use async_trait::async_trait;
use model::{Timestamp, source::SourceStatus};

/// Leases and states, by the source's name in the configuration.
#[async_trait]
pub trait Collectors {
    /// Takes or prolongs the lease `name` for `holder` until `until`. `false` where another holder's
    /// lease has not run out at `now`. At `until` it has run out.
    async fn hold_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Gives the lease back, where it is the holder's.
    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError>;

    /// Keeps how a source is doing. Where the database takes nothing (a full disk), the state is
    /// kept as by [`Collectors::say_status`], beside the error.
    async fn put_status(&self, status: &SourceStatus) -> Result<(), StoreError>;

    /// Says how a source is doing without the database, which may be what is wrong: only this
    /// process knows it, until a state is written that is newer.
    fn say_status(&self, status: &SourceStatus);

    /// How every source is doing that was ever asked, by name: what was last written, or what this
    /// process has said since.
    async fn statuses(&self) -> Result<Vec<SourceStatus>, StoreError>;
}

/// One statement, so that of two processes one is second: it waits for the row of the first.
const HOLD: Sql = sql(
    "lease",
    "INSERT INTO leases (name, holder, until_ms) VALUES ($1, $2, $4)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
     WHERE leases.holder = excluded.holder OR leases.until_ms <= $3
     RETURNING holder",
);
const RELEASE: Sql = sql(
    "lease",
    "DELETE FROM leases WHERE name = $1 AND holder = $2",
);
const PUT_STATUS: Sql = sql(
    "source state",
    "INSERT INTO source_states (name, body) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET body = excluded.body",
);
const STATUSES: Sql = sql("source state", "SELECT body FROM source_states");

#[async_trait]
impl Collectors for Database {
    async fn hold_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let args = vec![
            plain("lease name", name)?.into(),
            plain("lease holder", holder)?.into(),
            now.millis().into(),
            until.millis().into(),
        ];
        Ok(self.write_returning(HOLD, args).await?.is_some())
    }

    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let args = vec![name.into(), holder.into()];
        self.write(RELEASE, args).await.map(|_| ())
    }

    async fn put_status(&self, status: &SourceStatus) -> Result<(), StoreError> {
        let args = vec![
            plain("source name", &status.name)?.into(),
            json("source state", status)?.into(),
        ];
        let written = self.write(PUT_STATUS, args).await;
        if written.is_ok() {
            self.said().remove(&status.name);
        } else {
            self.say_status(status);
        }
        written.map(|_| ())
    }

    fn say_status(&self, status: &SourceStatus) {
        self.said().insert(status.name.clone(), status.clone());
    }

    async fn statuses(&self) -> Result<Vec<SourceStatus>, StoreError> {
        let rows = self.driver.fetch(STATUSES, Vec::new()).await?;
        let mut statuses: Vec<SourceStatus> = rows
            .iter()
            .map(|row| row.json(0))
            .collect::<Result<_, _>>()?;
        for said in self.said().values() {
            match statuses.iter_mut().find(|s| s.name == said.name) {
                // Another process that shares the database may have written since.
                Some(written) if written.tried_at > said.tried_at => {}
                Some(written) => said.clone_into(written),
                None => statuses.push(said.clone()),
            }
        }
        // Not by the database, whose order of texts depends on its locale.
        statuses.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(statuses)
    }
}
