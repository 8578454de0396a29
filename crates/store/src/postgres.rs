//! PostgreSQL, or an engine that speaks its protocol.

mod statements;
mod values;

use crate::{
    StoreError,
    database::without_password,
    driver::{Dialect, Driver, Row, Sql, Transaction, Value},
};
use async_trait::async_trait;
use sqlx::{
    Connection,
    postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres},
};
use std::{str::FromStr, time::Duration};

const NAME: &str = "postgres";
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/postgres");

/// Connections a process; a server takes 100 by default, and several replicas share them.
const CONNECTIONS: u32 = 8;
/// How long a call waits for a connection before it says that the database is unavailable.
const WAIT: Duration = Duration::from_secs(10);

struct PostgresDriver {
    pool: PgPool,
}

/// Opens `postgres://…` and migrates it.
pub(crate) async fn open(url: &str) -> Result<Box<dyn Driver>, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|e| StoreError::Url {
            url: without_password(url),
            reason: e.to_string(),
        })?
        .application_name("lineup");
    // Tried without the pool first, which hides why it cannot connect until its patience ends.
    let connection = tokio::time::timeout(WAIT, PgConnection::connect_with(&options))
        .await
        .map_err(|_| failed(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))?
        .map_err(failed)?;
    connection.close().await.map_err(failed)?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(WAIT)
        .connect_lazy_with(options);
    MIGRATIONS
        .run(&pool)
        .await
        .map_err(|e| StoreError::of_migration(NAME, e))?;
    Ok(Box::new(PostgresDriver { pool }))
}

fn failed(source: sqlx::Error) -> StoreError {
    StoreError::of(NAME, source)
}

#[async_trait]
impl Driver for PostgresDriver {
    fn name(&self) -> &'static str {
        NAME
    }

    fn dialect(&self) -> &'static Dialect {
        &statements::DIALECT
    }

    async fn fetch(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        if values::unknown_to_postgres(&args) {
            return Ok(Vec::new());
        }
        let rows = values::query(sql, args).fetch_all(&self.pool).await;
        values::rows(sql, &rows.map_err(failed)?)
    }

    async fn snapshot(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let begun = self
            .pool
            .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await;
        Ok(Box::new(PostgresTransaction {
            inner: begun.map_err(failed)?,
        }))
    }

    async fn write(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = self.pool.begin().await.map_err(failed)?;
        Ok(Box::new(PostgresTransaction { inner }))
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

struct PostgresTransaction {
    inner: sqlx::Transaction<'static, Postgres>,
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn fetch(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        if values::unknown_to_postgres(&args) {
            return Ok(Vec::new());
        }
        let rows = values::query(sql, args).fetch_all(&mut *self.inner).await;
        values::rows(sql, &rows.map_err(failed)?)
    }

    async fn execute(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64, StoreError> {
        if values::unknown_to_postgres(&args) {
            return Ok(0);
        }
        let done = values::query(sql, args).execute(&mut *self.inner).await;
        Ok(done.map_err(failed)?.rows_affected())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.commit().await.map_err(failed)
    }
}
