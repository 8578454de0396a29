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
            ..AnnotationDraft::default()
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

/// Most series and events that a note mentions.
const MOST_MENTIONS: usize = 50;

/// What a note mentions: ids of series and of events, each once. `series:` or `event:` and an id each.
///
/// # Errors
/// [`ApiError::Fields`] about the text.
pub fn mentions(list: &[String]) -> Result<(Vec<String>, Vec<String>), ApiError> {
    let (mut series, mut events) = (Vec::new(), Vec::new());
    let wrong = |message: String| {
        let mut fields = Fields::default();
        fields.read::<()>("text", Err(message));
        ApiError::Fields(fields.0)
    };
    if list.len() > MOST_MENTIONS {
        return Err(wrong(format!(
            "{} mentions are too many: {MOST_MENTIONS} at most",
            list.len()
        )));
    }
    for mention in list {
        let (into, id) = match mention.split_once(':') {
            Some(("series", id)) => (&mut series, id),
            Some(("event", id)) => (&mut events, id),
            _ => return Err(wrong("a mention is of a series or an event".into())),
        };
        if !into.iter().any(|known| known == id) {
            into.push(id.to_owned());
        }
    }
    Ok((series, events))
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

    #[test]
    fn mentions_are_told_apart_and_counted_once() {
        let list = ["series:a:b", "event:files/x.txt#3", "series:a:b"].map(String::from);
        let (series, events) = mentions(&list).unwrap();
        assert_eq!(
            (series, events),
            (vec!["a:b".to_owned()], vec!["files/x.txt#3".to_owned()])
        );
        let bad = mentions(&["pod:x".to_owned()]).unwrap_err();
        assert!(bad.field("text").is_some());
        assert!(mentions(&vec!["series:a".to_owned(); MOST_MENTIONS + 1]).is_err());
    }
}
