//! SQLite: one connection that writes, a few that read. In memory there is one for both.

#[cfg(test)]
mod full;
mod statements;
mod values;

use crate::{
    StoreError,
    database::without_password,
    driver::{Dialect, Driver, Row, Sql, Transaction, Value},
    error::is_full,
};
use async_trait::async_trait;
use sqlx::{
    Connection,
    sqlite::{
        Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
        SqliteSynchronous,
    },
};
use std::{path::Path, str::FromStr, time::Duration};

const NAME: &str = "sqlite";
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sqlite");

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);
/// Readers at the same time; a page asks a handful of questions.
const READERS: u32 = 4;
/// Bytes a page. A chunk has 1 to 6 KiB: with the default of 4 KiB about one fits each page, and
/// a fifth of the file is air.
const PAGE: u32 = 16_384;

struct SqliteDriver {
    readers: SqlitePool,
    writer: SqlitePool,
}

/// Whether a file that is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Make,
    Refuse,
}

/// Opens `sqlite:PATH` or `sqlite::memory:` and migrates it.
pub(crate) async fn open(url: &str, missing: Missing) -> Result<Box<dyn Driver>, StoreError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|e| StoreError::Url {
            url: without_password(url),
            reason: e.to_string(),
        })?
        .create_if_missing(missing == Missing::Make)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .page_size(PAGE)
        .synchronous(SqliteSynchronous::Normal);
    let driver = if url.contains(":memory:") || url.contains("mode=memory") {
        in_memory(options).await?
    } else {
        match missing {
            Missing::Make => make_file(options.get_filename()).await?,
            Missing::Refuse => there(options.get_filename()).await?,
        }
        on_disk(options.journal_mode(SqliteJournalMode::Wal)).await?
    };
    migrate(&driver.writer).await?;
    Ok(Box::new(driver))
}

async fn in_memory(options: SqliteConnectOptions) -> Result<SqliteDriver, StoreError> {
    // The database lives as long as its only connection.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(failed)?;
    Ok(SqliteDriver {
        readers: pool.clone(),
        writer: pool,
    })
}

async fn on_disk(options: SqliteConnectOptions) -> Result<SqliteDriver, StoreError> {
    let writer = pool()
        .max_connections(1)
        .acquire_timeout(BUSY * 3)
        .connect_with(options.clone())
        .await
        .map_err(failed)?;
    let readers = pool()
        .max_connections(READERS)
        .connect_lazy_with(options.pragma("query_only", "on"));
    Ok(SqliteDriver { readers, writer })
}

/// A pool that gives no connection to the next caller whose driver and database disagree about
/// whether a transaction is open; it closes that and opens another.
///
/// SQLite ends a transaction by itself on a full disk and on errors of reading and writing
/// (<https://www.sqlite.org/lang_transaction.html>, "Response To Errors Within A Transaction"). The
/// `ROLLBACK` that follows then fails, and the driver believes in an open transaction for as long as
/// the connection lives: no other one could begin.
fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new().after_release(|connection, _| {
        Box::pin(async {
            // The rollback of a transaction that was dropped is queued; this is answered after it.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

/// Looks whether the file is there: whoever only reads must not be told of an empty database where a
/// name was mistyped.
async fn there(path: &Path) -> Result<(), StoreError> {
    if tokio::fs::try_exists(path).await.unwrap_or(false) {
        return Ok(());
    }
    Err(StoreError::NoDatabase {
        path: path.display().to_string(),
    })
}

/// Makes the file before SQLite does, so that nobody but its owner can read evidence. SQLite gives
/// its log files the same mode.
async fn make_file(path: &Path) -> Result<(), StoreError> {
    let cannot = |source| StoreError::File {
        path: path.display().to_string(),
        source,
    };
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await.map_err(cannot)?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(path).await {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(cannot(e)),
    }
}

async fn migrate(writer: &SqlitePool) -> Result<(), StoreError> {
    use sqlx::migrate::MigrateError as M;
    let mut done = MIGRATIONS.run(writer).await;
    // SQLite has no lock for migrations: where several processes open a file at once, all but one
    // fail at a step, and find at the next look that it is done. Whoever fails does so because
    // another has committed, which happens once for the list of migrations and twice for each.
    for _ in 0..=2 * MIGRATIONS.iter().count() {
        match done {
            Err(M::Execute(e) | M::ExecuteMigration(e, _)) if !is_full(&e) => {
                done = MIGRATIONS.run(writer).await;
            }
            _ => break,
        }
    }
    done.map_err(|e| StoreError::of_migration(NAME, e))
}

fn failed(source: sqlx::Error) -> StoreError {
    StoreError::of(NAME, source)
}

#[async_trait]
impl Driver for SqliteDriver {
    fn name(&self) -> &'static str {
        NAME
    }

    fn dialect(&self) -> &'static Dialect {
        &statements::DIALECT
    }

    async fn fetch(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let rows = values::query(sql, args).fetch_all(&self.readers).await;
        values::rows(sql, &rows.map_err(failed)?)
    }

    async fn snapshot(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = self.readers.begin().await.map_err(failed)?;
        Ok(Box::new(SqliteTransaction { inner }))
    }

    async fn write(&self) -> Result<Box<dyn Transaction>, StoreError> {
        // A transaction that reads first and writes then fails at once when another process has
        // written in between; one that begins as a writer waits for its turn.
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        Ok(Box::new(SqliteTransaction {
            inner: begun.map_err(failed)?,
        }))
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

struct SqliteTransaction {
    inner: sqlx::Transaction<'static, Sqlite>,
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn fetch(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let rows = values::query(sql, args).fetch_all(&mut *self.inner).await;
        values::rows(sql, &rows.map_err(failed)?)
    }

    async fn execute(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64, StoreError> {
        let done = values::query(sql, args).execute(&mut *self.inner).await;
        Ok(done.map_err(failed)?.rows_affected())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.commit().await.map_err(failed)
    }
}
