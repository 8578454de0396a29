//! What people wrote into a postmortem: section by section, over the draft that the analysis gives.
//!
//! Nothing of it is ever made by a program, and nothing that a program drafts goes over it: a section
//! without a text shows the draft, one with a text shows the text, and remembers which draft its
//! author had seen.

use crate::{Extra, Timestamp, bundle::sha256_hex};
use serde::{Deserialize, Serialize};

/// The people's part of one incident's postmortem.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Id of the template that it follows; empty: the default one.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub template: String,
    /// The template's sections as they were when it was chosen, so that the postmortem is the same
    /// wherever it is read and whatever becomes of the template; empty: those of the default one.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub layout: Vec<Placed>,
    /// Sections that people touched, as they stand.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub sections: Vec<DocumentSection>,
    /// How they stood before, the oldest first. Only in what is exported.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub history: Vec<DocumentSection>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A section's place in a template: the order of the list is the order of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The section's id: `[a-z0-9-]{1,64}`.
    pub id: String,
    /// Its heading; empty: the draft's own.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub title: String,
    /// What belongs into it, for who writes it: Markdown. Never part of a report.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub guide: String,
}

/// A section as somebody left it. Each save is one more of them; the one of the highest revision
/// stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DocumentSection {
    /// The section's id, e.g. `root-cause`.
    pub id: String,
    /// Its heading; empty: the template's.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub title: String,
    /// Whether it is left out of the report.
    #[serde(default)]
    pub hidden: bool,
    /// Its place among the sections, counted from 0; `None`: the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
    /// Markdown; figures are references (`{{credits.exhausted_at}}`). `None`: the draft stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// [`digest`] of the draft that the author had seen; empty: none.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub based_on: String,
    /// That draft, as Markdown, so that what is new in a later one can be shown.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub seen: String,
    /// What is done to the drafted rows, where the section is a timeline.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub entries: Vec<TimelineEntry>,
    /// Counts from 1 for each section.
    pub revision: u64,
    /// Who saved it.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub author: String,
    /// When.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// How it came about, where nobody wrote it as it is: `put together with revision 4`.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub note: String,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What somebody did to a row of the timeline, or a row of their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Id of the drafted row: the figure that is its time, e.g. `credits.balance.exhausted_at`. Any
    /// other id is a row of the author's own.
    pub id: String,
    /// Its time, where it is an own row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Its words, Markdown of one line; `None`: those of the draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it is left out.
    #[serde(default)]
    pub hidden: bool,
    /// Its place in the timeline, counted from 0; `None`: by its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
}

impl Document {
    /// What people did to the section of that id.
    pub fn section(&self, id: &str) -> Option<&DocumentSection> {
        self.sections.iter().find(|s| s.id == id)
    }

    /// Whether nobody did anything.
    pub fn is_empty(&self) -> bool {
        self.template.is_empty() && self.layout.is_empty() && self.sections.is_empty()
    }

    /// Every state of every section, those that stand included, by section and revision.
    pub fn states(&self) -> Vec<&DocumentSection> {
        let mut all: Vec<&DocumentSection> = self.history.iter().chain(&self.sections).collect();
        all.sort_by(|a, b| (&a.id, a.revision).cmp(&(&b.id, b.revision)));
        all.dedup_by(|a, b| a.id == b.id && a.revision == b.revision);
        all
    }
}

impl DocumentSection {
    /// The section that nobody touched yet.
    pub fn untouched(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::default()
        }
    }
}

/// What a draft is known by: SHA-256 of its Markdown, hexadecimal.
pub fn digest(draft: &str) -> String {
    sha256_hex(draft.as_bytes())
}

/// Whether a text may be the id of a section: `[a-z0-9-]{1,64}`.
pub fn is_section_id(id: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&id.len()) && id.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: &str, revision: u64) -> DocumentSection {
        DocumentSection {
            revision,
            ..DocumentSection::untouched(id)
        }
    }

    #[test]
    fn what_a_later_version_adds_is_kept() {
        let text = r#"{"template":null,"sections":[{"id":"summary","revision":2,"text":"a","mood":"good"}],"x":1}"#;
        let read: Document = serde_json::from_str(text).unwrap();
        assert_eq!(read.section("summary").unwrap().text.as_deref(), Some("a"));
        let back = serde_json::to_value(&read).unwrap();
        assert_eq!(back["sections"][0]["mood"], "good");
        assert_eq!(back["x"], 1);
    }

    #[test]
    fn states_are_in_order_and_each_is_there_once() {
        let document = Document {
            sections: vec![section("b", 2), section("a", 1)],
            history: vec![section("b", 1), section("b", 2)],
            ..Document::default()
        };
        let states: Vec<(&str, u64)> = document
            .states()
            .iter()
            .map(|s| (s.id.as_str(), s.revision))
            .collect();
        assert_eq!(states, [("a", 1), ("b", 1), ("b", 2)]);
    }

    #[test]
    fn ids_of_sections_are_plain() {
        for good in ["summary", "root-cause", "a1"] {
            assert!(is_section_id(good), "{good}");
        }
        let long = "x".repeat(65);
        for bad in ["", "Summary", "a b", "a/b", "é", &long] {
            assert!(!is_section_id(bad), "{bad}");
        }
    }
}
