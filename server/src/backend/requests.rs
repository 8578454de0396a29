//! What a caller asked for, checked once more on this side: server functions are public addresses,
//! whatever the form in the browser has checked before.

use app::{
    ApiError, FieldError,
    backend::{ActionDraft, ActionEdit, AnnotationDraft, JudgementDraft},
    input::{LONGEST_NOTE, LONGEST_TITLE},
};
use model::{Incident, Timestamp, incident::IncidentState, judgement::Ruling};

/// A title of a bearable length, in one line.
pub(super) fn check_title(title: &str) -> Result<String, ApiError> {
    app::input::title(title)
        .map_err(|message| ApiError::Fields(vec![FieldError::new("title", message)]))
}

/// A note needs a text of a bearable length, an end that is not before its start, and a time that the
/// incident is about: outside of it no axis has a place for it.
pub(super) fn check_note(
    draft: &AnnotationDraft,
    incident: &Incident,
    now: Timestamp,
) -> Result<(), ApiError> {
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
    let window = incident.window;
    let going_on = incident.live && incident.state != IncidentState::Closed;
    let end = if going_on {
        window.end.max(now)
    } else {
        window.end
    };
    let outside = |field, at: Timestamp| {
        FieldError::new(
            field,
            format!(
                "{} lies outside of the incident's window, {} to {} UTC",
                at.minute(),
                window.start.minute(),
                end.minute()
            ),
        )
    };
    if draft.start > end {
        wrong.push(outside("start", draft.start));
    } else if draft.end.unwrap_or(draft.start) < window.start {
        let field = if draft.end.is_some() { "end" } else { "start" };
        wrong.push(outside(field, draft.end.unwrap_or(draft.start)));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ApiError::Fields(wrong))
    }
}

/// A dismissal needs a reason, and every reason a bearable length.
pub(super) fn check_judgement(draft: &JudgementDraft) -> Result<(), ApiError> {
    let length = draft.reason.trim().chars().count();
    let message = if length > LONGEST_NOTE {
        format!("{length} characters are too many: {LONGEST_NOTE} at most")
    } else if length == 0 && draft.ruling == Ruling::Dismissed {
        "write why it is not the cause".to_owned()
    } else {
        return Ok(());
    };
    Err(ApiError::Fields(vec![FieldError::new("reason", message)]))
}

/// An action item says what is to be done, in a line.
pub(super) fn check_action(draft: &ActionDraft) -> Result<(), ApiError> {
    told(lines_wrong(&draft.title, &draft.owner))
}

/// As [`check_action`]; and a tracker's address is one that a link may lead to.
pub(super) fn check_edit(edit: &ActionEdit) -> Result<(), ApiError> {
    let mut wrong = lines_wrong(&edit.title, &edit.owner);
    if !edit.link.is_empty() && !edit.link.starts_with("https://") {
        wrong.push(FieldError::new(
            "link",
            "expected an address that begins with https://",
        ));
    }
    told(wrong)
}

fn lines_wrong(title: &str, owner: &str) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if title.trim().is_empty() {
        wrong.push(FieldError::new("title", "write what is to be done"));
    }
    for (field, text) in [("title", title), ("owner", owner)] {
        let length = text.trim().chars().count();
        if length > LONGEST_TITLE {
            wrong.push(FieldError::new(
                field,
                format!("{length} characters are too many: {LONGEST_TITLE} at most"),
            ));
        }
    }
    wrong
}

fn told(wrong: Vec<FieldError>) -> Result<(), ApiError> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ApiError::Fields(wrong))
    }
}
