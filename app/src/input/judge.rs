//! What people decide out of its form: about a suspect, and what is to be done.

use super::{Fields, LONGEST_NOTE, LONGEST_TITLE, asked::Asked, back_test::back_test, optional};
use crate::{
    ApiError,
    backend::{ActionDraft, JudgementDraft},
};
use model::judgement::Ruling;

/// A decision about a suspect out of its form.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn judgement(suspect: &str, ruling: &str, reason: &str) -> Result<JudgementDraft, ApiError> {
    let mut fields = Fields::default();
    let ruling = match ruling {
        "cause" => Some(Ruling::Cause),
        "dismissed" => Some(Ruling::Dismissed),
        _ => fields.read("ruling", Err("expected cause or dismissed".into())),
    };
    let reason = if ruling == Some(Ruling::Cause) && reason.trim().is_empty() {
        Some(String::new())
    } else {
        fields.text("reason", reason, LONGEST_NOTE, "a reason")
    };
    match (ruling, reason) {
        (Some(ruling), Some(reason)) if fields.0.is_empty() => Ok(JudgementDraft {
            suspect: suspect.to_owned(),
            ruling,
            reason,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

/// An action item out of its form. `asked` holds the rule as in the address of its back-test.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn action(title: &str, owner: &str, asked: Asked<'_>) -> Result<ActionDraft, ApiError> {
    let rule = back_test(asked)?.rule;
    let mut fields = Fields::default();
    let title = fields.title(title);
    let owner = optional(owner).unwrap_or_default();
    if owner.chars().count() > LONGEST_TITLE {
        let message = format!("at most {LONGEST_TITLE} characters fit");
        fields.read::<()>("owner", Err(message));
    }
    match title {
        Some(title) if fields.0.is_empty() => Ok(ActionDraft {
            title,
            owner,
            alarm: rule,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_named() {
        assert!(
            judgement("e1", "dismissed", " ")
                .unwrap_err()
                .field("reason")
                .is_some()
        );
        assert!(
            judgement("e1", "guilty", "x")
                .unwrap_err()
                .field("ruling")
                .is_some()
        );
        assert_eq!(judgement("e1", "cause", "").unwrap().reason, "");
    }
}
