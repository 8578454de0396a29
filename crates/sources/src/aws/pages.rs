//! Following pages: from token to token, and never in a circle.

use super::failure::Context;
use crate::source::SourceError;
use std::collections::BTreeSet;

/// The tokens of one listing so far.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    seen: BTreeSet<String>,
}

impl Pages {
    /// The token of the next page, `None` after the last one. A token that was there before means
    /// pages without end: an error, since nobody knows what of them is new.
    pub(crate) fn next(
        &mut self,
        token: Option<&str>,
        call: &str,
        context: &Context<'_>,
    ) -> Result<Option<String>, SourceError> {
        let Some(token) = token.filter(|t| !t.is_empty()) else {
            return Ok(None);
        };
        if self.seen.insert(token.to_owned()) {
            return Ok(Some(token.to_owned()));
        }
        Err(SourceError::Failed {
            name: context.name,
            action: call.to_owned(),
            attempts: 1,
            detail: "the same NextToken came twice: its pages never end".into(),
            cause: None,
        })
    }
}
