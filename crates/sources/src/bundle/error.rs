//! What is wrong with a bundle, in one line.

use std::{fmt::Write as _, io};

/// Why a bundle or a loose file cannot be used. The text is one line: the file, the line where
/// there is one, and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Content that is not what the format says.
    #[error("{}: expected {expected}", place(file, *line))]
    Malformed {
        /// Path below the bundle's top.
        file: String,
        /// Line, counted from 1; `None` where the whole file is meant.
        line: Option<u64>,
        /// What was expected, and what stands there instead.
        expected: String,
    },
    /// More than this program takes in.
    #[error("{}: too large: expected at most {limit}", place(file, *line))]
    TooLarge {
        /// Path below the bundle's top.
        file: String,
        /// Line, counted from 1; `None` where the whole file is meant.
        line: Option<u64>,
        /// The limit, with its unit.
        limit: String,
    },
    /// The operating system refused to read or write.
    #[error("{}: {reason}", place(file, None))]
    Io {
        /// Path as it was given.
        file: String,
        /// What it said.
        reason: io::Error,
    },
}

impl BundleError {
    /// Something in a line of a file is not what the format says.
    pub fn at(file: &str, line: u64, expected: impl Into<String>) -> Self {
        Self::Malformed {
            file: file.to_owned(),
            line: Some(line),
            expected: expected.into(),
        }
    }

    /// A file as a whole is not what the format says.
    pub fn file(file: &str, expected: impl Into<String>) -> Self {
        Self::Malformed {
            file: file.to_owned(),
            line: None,
            expected: expected.into(),
        }
    }

    /// The operating system refused.
    pub fn io(file: impl Into<String>, reason: io::Error) -> Self {
        Self::Io {
            file: file.into(),
            reason,
        }
    }
}

/// `file` or `file:line`; control characters of a hostile name are written out, so that the
/// message stays one line.
fn place(file: &str, line: Option<u64>) -> String {
    let mut out: String = file.escape_debug().take(300).collect();
    if let Some(line) = line {
        // Writing to a String cannot fail.
        let _ = write!(out, ":{line}");
    }
    out
}
