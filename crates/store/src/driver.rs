//! What the aggregates need of a database: four types of values, statements, transactions. Two
//! implementations on typed pools: [`crate::sqlite`] and [`crate::postgres`].

use crate::{StoreError, error::RecordError};
use async_trait::async_trait;
use serde::de::DeserializeOwned;

/// A value on its way in or out. The type is part of an empty value, as PostgreSQL asks for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
    /// Several records on their way in, column by column, all of the same length. PostgreSQL takes an
    /// array for each, which it need not parse, in as many placeholders; SQLite takes one text of
    /// JSON, an array of arrays, or of values where there is one column.
    Table(Vec<Column>),
}

/// A column of a table on its way in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    Texts(Vec<String>),
    MaybeTexts(Vec<Option<String>>),
    Ints(Vec<Option<i64>>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(Some(value))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Blob(value)
    }
}

/// A row of an answer. `None` stands for NULL.
#[derive(Debug)]
pub(crate) struct Row {
    /// Kind of record, for errors.
    pub(crate) what: &'static str,
    pub(crate) values: Vec<Option<Value>>,
}

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.maybe_int(column)?
            .ok_or_else(|| self.wrong(column, "number"))
    }

    pub(crate) fn maybe_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.values.get(column) {
            Some(None) => Ok(None),
            Some(Some(Value::Int(value))) => Ok(*value),
            _ => Err(self.wrong(column, "number")),
        }
    }

    pub(crate) fn real(&self, column: usize) -> Result<f64, StoreError> {
        match self.values.get(column) {
            Some(Some(Value::Real(Some(value)))) => Ok(*value),
            _ => Err(self.wrong(column, "real number")),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.values.get(column) {
            Some(Some(Value::Text(Some(value)))) => Ok(value),
            _ => Err(self.wrong(column, "text")),
        }
    }

    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.values.get(column) {
            Some(None) => Ok(None),
            Some(Some(Value::Text(value))) => Ok(value.as_deref()),
            _ => Err(self.wrong(column, "text")),
        }
    }

    pub(crate) fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        self.maybe_blob(column)?
            .ok_or_else(|| self.wrong(column, "blob"))
    }

    pub(crate) fn maybe_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.values.get(column) {
            Some(None) => Ok(None),
            Some(Some(Value::Blob(value))) => Ok(value.as_deref()),
            _ => Err(self.wrong(column, "blob")),
        }
    }

    /// A column that holds JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T, StoreError> {
        serde_json::from_str(self.text(column)?).map_err(|e| self.damaged(e.into()))
    }

    /// A number of things, which is never negative.
    pub(crate) fn count(&self, column: usize) -> Result<usize, StoreError> {
        let n = self.int(column)?;
        usize::try_from(n).map_err(|_| self.damaged(RecordError::Range(n)))
    }

    pub(crate) fn damaged(&self, source: RecordError) -> StoreError {
        StoreError::CorruptRecord {
            what: self.what,
            source,
        }
    }

    fn wrong(&self, column: usize, expected: &'static str) -> StoreError {
        self.damaged(RecordError::Column { column, expected })
    }
}

/// One statement: what it is about (for errors) and its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    pub(crate) what: &'static str,
    pub(crate) text: &'static str,
}

/// A constant statement about a kind of record.
pub(crate) const fn sql(what: &'static str, text: &'static str) -> Sql {
    Sql { what, text }
}

/// The statements whose text cannot be the same on both databases.
pub(crate) struct Dialect {
    /// `$1` incident or archive: finds it with its `archive`, and keeps other writers of the same
    /// out until the end of the transaction. (SQLite has one writer at a time anyway.)
    pub(crate) lock_incident: Sql,
    /// `$1` incident, `$2` table of id, event, from, until, reach and bytes, each id once:
    /// stores events, the new in the place of the old. Where there is no `known_events`, the answer is
    /// how many there were not before.
    pub(crate) put_events: Sql,
    /// `$1` incident, `$2` table of ids, each once: how many of them are events already.
    pub(crate) known_events: Option<Sql>,
    /// `$1` incident, `$2` when, `$3` table of digest, edge and origin, each digest once: appends the
    /// edges that are new, and notes of all that they were told again.
    pub(crate) put_edges: Sql,
    /// `$1` archive, `$2` table of key and state, each key once: remembers them.
    pub(crate) remember: Sql,
    /// `$1` archive, `$2` table of keys: forgets them.
    pub(crate) forget: Sql,
    /// `$1` now, `$2` stale before: takes a job.
    pub(crate) take_job: Sql,
}

/// A database behind typed pools.
#[async_trait]
pub(crate) trait Driver: Send + Sync {
    /// `sqlite` or `postgres`.
    fn name(&self) -> &'static str;

    fn dialect(&self) -> &'static Dialect;

    /// One reading statement.
    async fn fetch(&self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError>;

    /// A transaction that only reads, all of it as of one moment.
    async fn snapshot(&self) -> Result<Box<dyn Transaction>, StoreError>;

    /// A transaction that writes. Dropped without a commit, nothing of it stays.
    async fn write(&self) -> Result<Box<dyn Transaction>, StoreError>;

    async fn close(&self);
}

/// Statements that count all together or not at all.
#[async_trait]
pub(crate) trait Transaction: Send {
    async fn fetch(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError>;

    /// Number of rows written.
    async fn execute(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64, StoreError>;

    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
