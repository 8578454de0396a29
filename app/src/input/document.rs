//! What the forms of a report send.

use crate::{ApiError, FieldError, backend::SectionChange, page::RowForm};
use model::{Window, document::TimelineEntry};

/// Which section of a report is in its editor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editing {
    /// Its id; empty: none.
    pub section: String,
    /// Whether a timeline is edited as Markdown rather than row by row.
    pub as_text: bool,
}

/// Prefix of the ids of rows that people add to a timeline.
const OWN_ROW: &str = "own-";

/// A change of a section by its name.
pub(crate) fn section_change(change: &str, revision: u64) -> Result<SectionChange, ApiError> {
    Ok(match change {
        "hide" => SectionChange::Hide,
        "show" => SectionChange::Show,
        "up" => SectionChange::Up,
        "down" => SectionChange::Down,
        "take-draft" => SectionChange::TakeDraft,
        "keep-text" => SectionChange::KeepText,
        "put-together" => SectionChange::PutTogether,
        "restore" if revision > 0 => SectionChange::Restore(revision),
        _ => {
            return Err(ApiError::Invalid(
                "expected hide, show, up, down, take-draft, keep-text, put-together, or restore with \
                 a revision"
                    .into(),
            ));
        }
    })
}

/// What somebody did to the rows of a timeline: those that are as they were drafted are left out.
pub(crate) fn timeline(rows: Vec<RowForm>, window: Window) -> Result<Vec<TimelineEntry>, ApiError> {
    let mut entries: Vec<TimelineEntry> = Vec::new();
    for (n, row) in rows.into_iter().enumerate() {
        let own = row.id.is_empty() || row.id.starts_with(OWN_ROW);
        let text = row.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if own && text.is_empty() && row.at.trim().is_empty() {
            continue;
        }
        let field = |name: &str, message: String| {
            ApiError::Fields(vec![FieldError::new(
                &format!("row {} {name}", n + 1),
                message,
            )])
        };
        let place = match row.place.trim() {
            "" => None,
            number => match number.parse::<u32>() {
                Ok(place) if place >= 1 => Some(place - 1),
                _ => {
                    let wrong = format!("expected a place such as 3, found '{number}'");
                    return Err(field("place", wrong));
                }
            },
        };
        let at = if own {
            let at = super::instant_within(&row.at, Some(window)).map_err(|e| field("time", e))?;
            if text.is_empty() {
                return Err(field("text", "say what happened then".into()));
            }
            Some(at)
        } else {
            None
        };
        let reworded = own || text != row.was.split_whitespace().collect::<Vec<_>>().join(" ");
        let id = if row.id.is_empty() {
            // The same words at the same time are the same row, whoever sends the form twice.
            let seed = format!("{}{text}", at.unwrap_or_default());
            let digest = model::bundle::sha256_hex(seed.as_bytes());
            format!("{OWN_ROW}{}", digest.chars().take(12).collect::<String>())
        } else {
            row.id
        };
        if reworded || !row.shown || place.is_some() {
            entries.push(TimelineEntry {
                id,
                at,
                text: reworded.then_some(text),
                hidden: !row.shown,
                place,
            });
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    fn window() -> Window {
        Window {
            start: Timestamp::from_seconds(1_590_000_000),
            end: Timestamp::from_seconds(1_590_086_400),
        }
    }

    fn row(id: &str, text: &str) -> RowForm {
        RowForm {
            id: id.into(),
            shown: true,
            was: "draft".into(),
            text: text.into(),
            ..RowForm::default()
        }
    }

    #[test]
    fn only_what_somebody_touched_is_kept() {
        let rows = vec![
            row("a", " draft "),
            RowForm {
                shown: false,
                ..row("b", "draft")
            },
            row("c", "other\nwords"),
            RowForm {
                place: "1".into(),
                ..row("d", "draft")
            },
            RowForm {
                at: "2020-05-21 03:00".into(),
                ..row("", "we called them")
            },
            row("", ""),
        ];
        let entries = timeline(rows, window()).unwrap();
        let ids: Vec<&str> = entries.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(ids.len(), 4, "{ids:?}");
        assert!(entries[0].hidden && entries[0].text.is_none());
        assert_eq!(entries[1].text.as_deref(), Some("other words"));
        assert_eq!(entries[2].place, Some(0));
        assert!(entries[3].id.starts_with(OWN_ROW) && entries[3].at.is_some());
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said() {
        for (bad, part) in [
            (
                RowForm {
                    place: "first".into(),
                    ..row("a", "draft")
                },
                "row 1 place",
            ),
            (
                RowForm {
                    at: "soon".into(),
                    ..row("", "x")
                },
                "row 1 time",
            ),
            (
                RowForm {
                    at: "2020-05-21 03:00".into(),
                    ..row("", " ")
                },
                "row 1 text",
            ),
        ] {
            let error = timeline(vec![bad], window()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn changes_have_names() {
        assert_eq!(section_change("up", 0), Ok(SectionChange::Up));
        assert_eq!(section_change("restore", 3), Ok(SectionChange::Restore(3)));
        assert!(section_change("restore", 0).is_err());
        assert!(section_change("delete", 0).is_err());
    }
}
