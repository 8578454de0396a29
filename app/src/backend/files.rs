//! Raw files of an incident, as the pages show them and ask about them.

use model::{
    Timestamp,
    bundle::{Columns, Question, RawFile},
};

/// A raw file: what it is, what was read from it, what is missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRow {
    /// The file without its bytes, with what was said about it.
    pub file: RawFile,
    /// The same, with the proposals of the questions where nothing was said.
    pub proposed: RawFile,
    /// Its length in bytes.
    pub bytes: u64,
    /// What people call its kind.
    pub kind: String,
    /// Number of series that were read from it.
    pub series: usize,
    /// Number of events that were read from it.
    pub events: usize,
    /// What could not be read, in words.
    pub missing: Vec<String>,
    /// What has to be known to read all of it.
    pub questions: Vec<Question>,
    /// Whether it is a table, whose columns can be chosen.
    pub is_table: bool,
    /// Whether it holds one series without a name: what it measures can be said.
    pub is_one_series: bool,
}

/// What somebody says about a file. What is `None` is taken back: it is unknown again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileAnswer {
    /// Its path.
    pub path: String,
    /// When it was taken.
    pub observed_at: Option<Timestamp>,
    /// Zone of the times in it.
    pub timezone: Option<String>,
    /// Which columns hold what.
    pub columns: Option<Columns>,
}
