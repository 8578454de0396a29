//! What may be asked of a link.

use super::pass;
use app::{ApiError, FieldError, backend::ShareDraft};
use model::share::RedactionRules;

/// Longest life of a link, days.
const MAX_DAYS: u32 = 3_650;
/// Most views that a link can be bounded by.
const MAX_VIEWS: u32 = 1_000_000;
/// Most patterns, and most names that are kept.
const MAX_WORDS: usize = 200;

/// Whether a link can be made like that.
pub(super) fn check(draft: &ShareDraft) -> Result<(), ApiError> {
    let mut wrong = Vec::new();
    if draft
        .expires_in_days
        .is_some_and(|days| days == 0 || days > MAX_DAYS)
    {
        wrong.push(FieldError::new(
            "days",
            format!("expected an expiry of 1 to {MAX_DAYS} days"),
        ));
    }
    if draft.max_views.is_some_and(|n| n == 0 || n > MAX_VIEWS) {
        wrong.push(FieldError::new(
            "views",
            format!("expected 1 to {MAX_VIEWS} views"),
        ));
    }
    let length = draft.password.as_ref().map(String::len);
    if length.is_some_and(|n| !(4..=pass::LONGEST).contains(&n)) {
        let most = pass::LONGEST;
        wrong.push(FieldError::new(
            "password",
            format!("expected 4 to {most} bytes; the longer, the harder to guess"),
        ));
    }
    let id = |lane: &String| {
        lane.chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    if draft
        .lane
        .as_ref()
        .is_some_and(|lane| lane.len() > 200 || !id(lane))
    {
        wrong.push(FieldError::new(
            "lane",
            "expected the id of a chart of the report",
        ));
    }
    if wrong.is_empty() {
        check_rules(&draft.rules)
    } else {
        Err(ApiError::Fields(wrong))
    }
}

/// Whether names can be hidden by these.
pub(super) fn check_rules(rules: &RedactionRules) -> Result<(), ApiError> {
    let words = [&rules.patterns, &rules.keep];
    if words.iter().any(|w| w.len() > MAX_WORDS) {
        return Err(ApiError::Invalid(format!(
            "at most {MAX_WORDS} further words, and as many that may be shown"
        )));
    }
    Ok(())
}
