//! Notes on an incident.

use super::{Fields, LONGEST_NOTE, instant_within, optional};
use crate::{ApiError, backend::AnnotationDraft};
use model::Window;

/// A note out of its form. `id` is empty for a new one; `window` puts a clock time alone on its day.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn annotation(
    id: &str,
    start: &str,
    end: &str,
    text: &str,
    window: Option<Window>,
) -> Result<AnnotationDraft, ApiError> {
    let mut fields = Fields::default();
    let start = fields.read("start", instant_within(start, window));
    let end = match optional(end) {
        None => Some(None),
        Some(end) => fields.read("end", instant_within(&end, window).map(Some)),
    };
    let text = fields.text("text", text, LONGEST_NOTE, "a note");
    if let (Some(start), Some(Some(end))) = (start, end)
        && end <= start
    {
        let message = "the end must be later than the start; leave it empty for a point in time";
        fields.read::<()>("end", Err(message.into()));
    }
    match (start, end, text) {
        (Some(start), Some(end), Some(text)) if fields.0.is_empty() => Ok(AnnotationDraft {
            id: optional(id),
            start,
            end,
            text,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_a_point_or_a_range_and_says_something() {
        let point = annotation("", "2020-05-22 03:00", "", " alerts begin ", None).unwrap();
        assert_eq!((point.id, point.end), (None, None));
        assert_eq!(point.text, "alerts begin");
        let range = annotation("a1", "2020-05-22 03:00", "2020-05-22 04:00", "x", None).unwrap();
        assert_eq!(range.id.as_deref(), Some("a1"));
        let error = annotation("", "2020-05-22 03:00", "2020-05-22 03:00", "", None).unwrap_err();
        assert!(error.field("end").is_some() && error.field("text").is_some());
        let long = "é".repeat(LONGEST_NOTE + 1);
        assert!(annotation("", "2020-05-22 03:00", "", &long, None).is_err());
    }
}
