//! What can go wrong with a store, and what to do about it.

use model::IncidentId;
use std::fmt;

/// Why a store could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The text names no database.
    #[error(
        "'{url}' is no database: {reason}; expected sqlite:PATH, sqlite::memory: or postgres://USER@HOST/NAME"
    )]
    Url {
        /// The text, without a password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database does not answer: not there, refused, too busy. Trying again may help.
    #[error(
        "the {backend} database does not answer ({source}): {}, and try again",
        to_do(backend)
    )]
    Unavailable {
        /// `sqlite` or `postgres`.
        backend: &'static str,
        /// What the driver says.
        #[source]
        source: sqlx::Error,
    },
    /// A later version of Lineup has changed the database.
    #[error(
        "the database was written by a newer lineup (it has migration {version}, which this one \
         does not know): start that version, or name another database"
    )]
    TooNew {
        /// Number of the unknown migration.
        version: i64,
    },
    /// The database could not be brought to this version's form. Nothing of the failed step stays.
    #[error(
        "the {backend} database could not be brought to this version's form ({source}): nothing of the \
         failed step stays; start the version that wrote it, or restore a copy"
    )]
    Migration {
        /// `sqlite` or `postgres`.
        backend: &'static str,
        /// What the driver says.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// Stored samples cannot be read back.
    #[error(
        "the samples of series '{series}' on {day} are damaged; restore the database or import the incident again"
    )]
    CorruptChunk {
        /// Series id.
        series: String,
        /// UTC day, `2020-05-22`.
        day: String,
        /// What is wrong with them.
        #[source]
        source: ChunkError,
    },
    /// A stored record cannot be read back.
    #[error("a stored {what} is damaged; restore the database or import the incident again")]
    CorruptRecord {
        /// Kind of record: `event`, `report`…
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: RecordError,
    },
    /// It is there already, with another content.
    #[error("{what} exists already")]
    Conflict {
        /// What: `incident 4f…`.
        what: String,
    },
    /// What the call is about is not there.
    #[error("{what} does not exist")]
    Missing {
        /// What: `incident 4f…`.
        what: String,
    },
    /// The record cannot be stored as it is.
    #[error("{what} cannot be stored: {reason}")]
    Invalid {
        /// What: `event id`.
        what: String,
        /// Why.
        reason: String,
    },
    /// No room is left where the database lives. Nothing of the call was stored.
    #[error(
        "the disk of the {backend} database is full ({source}): make room, nothing of this was stored"
    )]
    Full {
        /// `sqlite` or `postgres`.
        backend: &'static str,
        /// What the driver says.
        #[source]
        source: sqlx::Error,
    },
    /// Anything else that the database refused.
    #[error(
        "the {backend} database refused a statement ({source}): nothing of this was stored; if it \
         stays so, this is a fault of Lineup to report"
    )]
    Database {
        /// `sqlite` or `postgres`.
        backend: &'static str,
        /// What the driver says.
        #[source]
        source: sqlx::Error,
    },
    /// There is no such database, and the call was not to make one.
    #[error(
        "there is no database at '{path}': check the name (--database, LINEUP_DATABASE or `database` in \
         the configuration); `lineup serve` and `lineup import` make one"
    )]
    NoDatabase {
        /// Its path.
        path: String,
    },
    /// The file is something else.
    #[error("the file is no {backend} database ({source}): name another one")]
    NotADatabase {
        /// `sqlite`.
        backend: &'static str,
        /// What the driver says.
        #[source]
        source: sqlx::Error,
    },
    /// The folder or file of an SQLite database cannot be made.
    #[error(
        "the database file '{path}' cannot be made ({source}): name a file in a folder that can be \
         written"
    )]
    File {
        /// Its path.
        path: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

/// Why samples are no chunk, or the bytes of a chunk no samples.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkError {
    /// Written in a form that this version does not know.
    #[error("chunk format {0}, this version reads 1")]
    Format(u8),
    /// Fewer bytes than it says.
    #[error("it ends too early")]
    Short,
    /// The bytes are not those that were written.
    #[error("its checksum does not match")]
    Checksum,
    /// Not as many samples as it says.
    #[error("it holds {found} samples, expected {expected}")]
    Count {
        /// Samples in it.
        found: usize,
        /// Samples that the row speaks of.
        expected: usize,
    },
    /// Instants out of order or outside of the day, or values that are not finite.
    #[error("sample {0} is out of order, on another day or not finite")]
    Sample(usize),
    /// The codec gives up.
    #[error("the codec refuses it: {0}")]
    Codec(pco::errors::PcoError),
}

/// Why a row is no record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A column is missing or of another type.
    #[error("column {column} is no {expected}")]
    Column {
        /// Number of the column in the statement, from 0.
        column: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// The JSON in it is not what it should be.
    #[error("its JSON does not read")]
    Json(#[from] serde_json::Error),
    /// A number is out of its range.
    #[error("{0} is out of range")]
    Range(i64),
}

impl StoreError {
    pub(crate) fn missing(what: &str, id: impl fmt::Display) -> Self {
        Self::Missing {
            what: format!("{what} {id}"),
        }
    }

    pub(crate) fn corrupt_chunk(series: &str, day: i64, source: ChunkError) -> Self {
        Self::CorruptChunk {
            series: series.to_owned(),
            day: crate::chunk::start_of(day).date(),
            source,
        }
    }

    pub(crate) fn conflict(what: &str, id: impl fmt::Display) -> Self {
        Self::Conflict {
            what: format!("{what} {id}"),
        }
    }

    /// Sorts a driver's error into the kinds that a caller can act upon.
    pub(crate) fn of(backend: &'static str, source: sqlx::Error) -> Self {
        match kind_of(&source) {
            Kind::Unavailable => Self::Unavailable { backend, source },
            Kind::Full => Self::Full { backend, source },
            Kind::Foreign => Self::NotADatabase { backend, source },
            Kind::Other => Self::Database { backend, source },
        }
    }

    /// The same for an error during a migration.
    pub(crate) fn of_migration(backend: &'static str, source: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError as M;
        match source {
            M::VersionMissing(version) => Self::TooNew { version },
            M::Execute(source) | M::ExecuteMigration(source, _)
                if !matches!(kind_of(&source), Kind::Other) =>
            {
                Self::of(backend, source)
            }
            source => Self::Migration { backend, source },
        }
    }

    /// Whether the database said that a key is taken.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::Database { source: sqlx::Error::Database(e), .. } if e.is_unique_violation())
    }

    /// Whether the database said that a record belongs to something that is not there.
    pub(crate) fn is_orphan(&self) -> bool {
        matches!(self, Self::Database { source: sqlx::Error::Database(e), .. } if e.is_foreign_key_violation())
    }

    /// [`StoreError::Missing`] where the database said that the record's incident is not there.
    pub(crate) fn orphan_of(self, incident: &IncidentId) -> Self {
        if self.is_orphan() {
            Self::missing("incident", incident)
        } else {
            self
        }
    }
}

/// Whether the database says that no room is left.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    matches!(kind_of(error), Kind::Full)
}

/// What to look at where a database does not answer.
fn to_do(backend: &str) -> &'static str {
    if backend == "sqlite" {
        "check that its folder is there and can be written, and that no other program holds the file"
    } else {
        "check that its server runs and takes this login"
    }
}

enum Kind {
    Unavailable,
    Full,
    Foreign,
    Other,
}

/// SQLite's primary result codes are the low byte of the extended ones
/// (<https://www.sqlite.org/rescode.html>): 5 busy, 6 locked, 13 full, 14 cannot open, 26 not a database. One of
/// the extended ones is a full disk too: 4874, no room for the memory that connections share. PostgreSQL's
/// classes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>): 08 connection,
/// 53100 disk full, 53300 too many connections, 57P0x shutdown, 3D000 no such database, 28 login.
fn kind_of(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(e) if e.kind() == std::io::ErrorKind::StorageFull => Kind::Full,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Kind::Unavailable,
        sqlx::Error::Database(e) => match e.code().as_deref() {
            Some("53100") => Kind::Full,
            Some(code) if code.len() == 5 => {
                let gone = ["08", "28", "57P", "3D000", "53300"];
                if gone.iter().any(|prefix| code.starts_with(prefix)) {
                    Kind::Unavailable
                } else {
                    Kind::Other
                }
            }
            Some(code) => match code.parse::<u32>().map(|c| (c & 0xff, c)) {
                Ok((13, _) | (_, 4874)) => Kind::Full,
                Ok((5 | 6 | 14, _)) => Kind::Unavailable,
                Ok((26, _)) => Kind::Foreign,
                _ => Kind::Other,
            },
            None => Kind::Other,
        },
        _ => Kind::Other,
    }
}
