//! Where a story takes place: an empty database of its own.

use super::postgres;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::{
    path::PathBuf,
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use store::Store;

/// An empty database.
pub(crate) struct Place {
    pub(crate) url: String,
    /// Folder of an SQLite database.
    folder: Option<tempfile::TempDir>,
    /// Schema of a PostgreSQL database, and the server it is on.
    schema: Option<(String, &'static str)>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            url: format!("sqlite:{}", folder.path().join("lineup.db").display()),
            folder: Some(folder),
            schema: None,
        }
    }

    pub(crate) async fn postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = postgres::url().unwrap_or_else(|reason| panic!("{reason}"));
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("story_{}_{n}", std::process::id());
        let mut admin = started(server).await;
        let make = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        sqlx::raw_sql(AssertSqlSafe(make))
            .execute(&mut admin)
            .await
            .expect("a schema of its own");
        let and = if server.contains('?') { '&' } else { '?' };
        Self {
            url: format!("{server}{and}options=-c%20search_path%3D{schema}"),
            folder: None,
            schema: Some((schema, server)),
        }
    }

    /// Opens the store; again, after the first time.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        store::open(&self.url).await.expect("the store opens")
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }

    /// The file of an SQLite database.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|f| f.path().join("lineup.db"))
    }

    /// Runs SQL behind the store's back.
    pub(crate) async fn meddle(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        if self.is_sqlite() {
            let mut c = SqliteConnection::connect(&self.url).await.expect("sqlite");
            sql.execute(&mut c).await.expect("raw SQL");
            c.close().await.expect("closed");
        } else {
            let mut c = PgConnection::connect(&self.url).await.expect("postgres");
            sql.execute(&mut c).await.expect("raw SQL");
            c.close().await.expect("closed");
        }
    }

    /// A number, asked for behind the store's back.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.is_sqlite() {
            let mut c = SqliteConnection::connect(&self.url).await.expect("sqlite");
            sqlx::query_scalar(sql)
                .fetch_one(&mut c)
                .await
                .expect("a number")
        } else {
            let mut c = PgConnection::connect(&self.url).await.expect("postgres");
            sqlx::query_scalar(sql)
                .fetch_one(&mut c)
                .await
                .expect("a number")
        }
    }

    /// Removes what lies outside of a temporary folder.
    pub(crate) async fn remove(self) {
        if let Some((schema, server)) = &self.schema {
            let mut admin = started(server).await;
            let drop = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
            // What fails here has failed the story already.
            let _ = sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut admin).await;
        }
    }
}

/// A connection, as soon as the server takes one.
async fn started(server: &str) -> PgConnection {
    let mut last = None;
    for _ in 0..300 {
        match PgConnection::connect(server).await {
            Ok(connection) => return connection,
            Err(e) => last = Some(e),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("PostgreSQL does not answer in 30 s: {last:?}; run scripts/postgres.sh")
}

/// Makes tests of stories: each a test of its own on SQLite, all together one test on PostgreSQL
/// (a test runner with a process for each test then starts one server for all of them).
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                let place = crate::conformance::place::Place::sqlite();
                super::$story(&place).await;
                place.remove().await;
            })+
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn postgres() {
            let mut failed = Vec::new();
            $({
                let told = tokio::spawn(async {
                    let place = crate::conformance::place::Place::postgres().await;
                    $story(&place).await;
                    place.remove().await;
                });
                if told.await.is_err() {
                    failed.push(stringify!($story));
                }
            })+
            assert!(failed.is_empty(), "on PostgreSQL these stories fail: {failed:?}");
        }
    };
}
pub(crate) use stories;
