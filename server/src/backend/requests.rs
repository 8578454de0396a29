//! What a caller asked for, checked once more on this side: server functions are public addresses,
//! whatever the form in the browser has checked before.

use app::{ApiError, FieldError, backend::AnnotationDraft, input::LONGEST_NOTE};

/// A note needs a text of a bearable length and an end that is not before its start.
pub(super) fn check_note(draft: &AnnotationDraft) -> Result<(), ApiError> {
    let mut wrong = Vec::new();
    let length = draft.text.trim().chars().count();
    if length == 0 {
        wrong.push(FieldError::new("text", "write what the note says"));
    } else if length > LONGEST_NOTE {
        wrong.push(FieldError::new(
            "text",
            format!("{length} characters are too many: {LONGEST_NOTE} at most"),
        ));
    }
    if draft.end.is_some_and(|end| end < draft.start) {
        wrong.push(FieldError::new("end", "the end lies before the start"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ApiError::Fields(wrong))
    }
}
