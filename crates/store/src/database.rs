//! The one implementation of every aggregate, over either driver.

use crate::{
    Store, StoreError,
    driver::{Driver, Row, Sql, Value},
    revisions::{BACKLOG, Part},
};
use async_trait::async_trait;
use model::{IncidentId, source::SourceStatus};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast;

/// A store over SQLite or PostgreSQL.
pub(crate) struct Database {
    pub(crate) driver: Box<dyn Driver>,
    pub(crate) changed: broadcast::Sender<IncidentId>,
    /// States of sources, by name, that the database has not taken. No more than there are sources.
    said: Mutex<BTreeMap<String, SourceStatus>>,
}

impl Database {
    pub(crate) fn new(driver: Box<dyn Driver>) -> Self {
        Self {
            driver,
            changed: broadcast::Sender::new(BACKLOG),
            said: Mutex::default(),
        }
    }

    pub(crate) fn said(&self) -> MutexGuard<'_, BTreeMap<String, SourceStatus>> {
        // Every change is whole before the lock is given back.
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first row of a reading statement.
    pub(crate) async fn fetch_one(
        &self,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.driver.fetch(sql, args).await?.into_iter().next())
    }

    /// One writing statement in a transaction of its own; the number of rows written.
    pub(crate) async fn write(&self, sql: Sql, args: Vec<Value>) -> Result<u64, StoreError> {
        let mut tx = self.driver.write().await?;
        let written = tx.execute(sql, args).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// One writing statement about a part of an incident, which counts where it writes anything; the
    /// number of rows written.
    pub(crate) async fn write_part(
        &self,
        incident: &IncidentId,
        part: Part,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.driver.write().await?;
        let written = tx.execute(sql, args).await?;
        if written > 0 {
            Self::touch(&mut *tx, incident, part).await?;
        }
        tx.commit().await?;
        if written > 0 {
            self.tell(incident);
        }
        Ok(written)
    }

    /// [`Database::write_part`] of a statement that adds a record to an incident;
    /// [`StoreError::Missing`] where it finds none to add to.
    pub(crate) async fn write_part_of(
        &self,
        incident: &IncidentId,
        part: Part,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<(), StoreError> {
        match self.write_part(incident, part, sql, args).await {
            Ok(0) => Err(StoreError::missing("incident", incident)),
            Ok(_) => Ok(()),
            // It was deleted in between.
            Err(e) => Err(e.orphan_of(incident)),
        }
    }

    /// One statement that adds a record to an incident; [`StoreError::Missing`] where it finds none
    /// to add to.
    pub(crate) async fn write_of(
        &self,
        incident: &IncidentId,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<(), StoreError> {
        match self.write(sql, args).await {
            Ok(0) => Err(StoreError::missing("incident", incident)),
            Ok(_) => Ok(()),
            // It was deleted in between.
            Err(e) => Err(e.orphan_of(incident)),
        }
    }

    /// One writing statement that says what it wrote.
    pub(crate) async fn write_returning(
        &self,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        let mut tx = self.driver.write().await?;
        let rows = tx.fetch(sql, args).await?;
        tx.commit().await?;
        Ok(rows.into_iter().next())
    }
}

#[async_trait]
impl Store for Database {
    fn backend(&self) -> &'static str {
        self.driver.name()
    }

    async fn close(&self) {
        self.driver.close().await;
    }
}

/// The address without its password and its parameters (one of which may be a password), for
/// messages.
pub(crate) fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_show_no_password() {
        for (url, shown) in [
            ("postgres://lineup:s3cr@t@db/x", "postgres://lineup@db/x"),
            ("postgres://lineup@db/x", "postgres://lineup@db/x"),
            ("mysql://u:p@h/x?password=p", "mysql://u@h/x"),
            ("sqlite:/tmp/a.db", "sqlite:/tmp/a.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
