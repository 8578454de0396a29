//! Windows on the live sources, and incidents out of them.

use super::{Fields, LONGEST_TITLE, instant};
use crate::{
    ApiError,
    backend::{ExploreAsk, OpenIncident},
};

/// A window on the live sources out of its form. Both times empty: the backend's own choice.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn explore(start: &str, end: &str, words: &str) -> Result<ExploreAsk, ApiError> {
    let mut fields = Fields::default();
    let window = if start.trim().is_empty() && end.trim().is_empty() {
        None
    } else {
        fields.window(start, end)
    };
    if fields.0.is_empty() {
        let words = words.trim().chars().take(LONGEST_TITLE).collect();
        Ok(ExploreAsk { window, words })
    } else {
        Err(ApiError::Fields(fields.0))
    }
}

/// A new incident out of its form; an empty `end`: it is still going on.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn open_incident(title: &str, start: &str, end: &str) -> Result<OpenIncident, ApiError> {
    let mut fields = Fields::default();
    let title = fields.title(title);
    let span = if end.trim().is_empty() {
        fields
            .read("start", instant(start))
            .map(|start| (start, None))
    } else {
        fields.window(start, end).map(|w| (w.start, Some(w.end)))
    };
    match (title, span) {
        (Some(title), Some((start, end))) => Ok(OpenIncident { title, start, end }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}
