//! Templates: which sections a postmortem has, in which order, what they are called, and what belongs
//! into each. Three come with the program; a team's own are folders of the same form.
//!
//! A template is a folder: `template.toml` with the sections, and for each section that needs it a
//! file `SECTION.md` with words for who writes it.

use crate::sections::SECTIONS;
use model::document::{Document, Placed, is_section_id};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The file that makes a folder a template.
pub const TEMPLATE_FILE: &str = "template.toml";
/// Id of the template that holds where nobody chose another.
pub const DEFAULT: &str = "default";
/// Most sections of a template.
const MOST_SECTIONS: usize = 60;
/// Longest name of a template and heading of a section, characters.
const LONGEST_TITLE: usize = 120;

/// A template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// What it is known by: the name of its folder.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whom it is for, in one line.
    pub about: String,
    /// Its sections in order.
    pub sections: Vec<Placed>,
}

/// Why a folder is no template. Says the file and the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The folder's name cannot be an id.
    #[error("'{0}': the folder of a template needs a name of a-z, 0-9 and '-', at most 64")]
    Name(String),
    /// A file that must be there is not.
    #[error("{0}: expected this file, which every template has")]
    Missing(String),
    /// What a file says cannot be used.
    #[error("{file}: {key}: {reason}")]
    Key {
        /// Path of the file as the folder has it.
        file: String,
        /// The key.
        key: String,
        /// What is wrong with it and what was expected.
        reason: String,
    },
    /// A file is no TOML of the form that is expected.
    #[error("{file}: {reason}")]
    Form {
        /// Path of the file.
        file: String,
        /// What the parser says, the line and the key included.
        reason: String,
    },
    /// A file that belongs to no section.
    #[error("{file}: {TEMPLATE_FILE} has no section '{section}' that this could belong to")]
    Stray {
        /// Path of the file.
        file: String,
        /// The section that it would be for.
        section: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    about: String,
    #[serde(default, rename = "section")]
    sections: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    #[serde(default)]
    title: String,
    /// A section that the analysis drafts nothing for: it is the team's own.
    #[serde(default)]
    own: bool,
}

impl Template {
    /// Reads a template out of the files of its folder: names and contents. Files with other endings
    /// than `.md` and [`TEMPLATE_FILE`] are none of its business.
    ///
    /// # Errors
    /// Names the file and the key, and what was expected.
    pub fn read(id: &str, files: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        if !is_section_id(id) {
            return Err(TemplateError::Name(id.to_owned()));
        }
        let path = |name: &str| format!("{id}/{name}");
        let main = path(TEMPLATE_FILE);
        let text = files
            .get(TEMPLATE_FILE)
            .ok_or_else(|| TemplateError::Missing(main.clone()))?;
        let file: File = toml::from_str(text).map_err(|e| TemplateError::Form {
            file: main.clone(),
            reason: one_line(&e.to_string()),
        })?;
        let wrong = |key: String, reason: String| TemplateError::Key {
            file: main.clone(),
            key,
            reason,
        };
        titled("name", &file.name, true).map_err(|r| wrong("name".into(), r))?;
        if file.sections.is_empty() || file.sections.len() > MOST_SECTIONS {
            let found = file.sections.len();
            let reason = format!("expected 1 to {MOST_SECTIONS} sections, found {found}");
            return Err(wrong("section".into(), reason));
        }
        let mut seen = BTreeSet::new();
        for (n, entry) in file.sections.iter().enumerate() {
            let key = |name: &str| format!("section[{n}].{name}");
            check(entry).map_err(|reason| wrong(key("id"), reason))?;
            titled("title", &entry.title, false).map_err(|r| wrong(key("title"), r))?;
            if !seen.insert(entry.id.as_str()) {
                let reason = format!("'{}' is there already: each section once", entry.id);
                return Err(wrong(key("id"), reason));
            }
        }
        let guides = files
            .iter()
            .filter_map(|(name, text)| Some((name.strip_suffix(".md")?, text)));
        for (section, _) in guides.clone() {
            if !seen.contains(section) && section != "README" {
                return Err(TemplateError::Stray {
                    file: path(&format!("{section}.md")),
                    section: section.to_owned(),
                });
            }
        }
        let guides: BTreeMap<&str, &String> = guides.collect();
        let placed = |entry: &Entry| Placed {
            id: entry.id.clone(),
            title: entry.title.trim().to_owned(),
            guide: guides
                .get(entry.id.as_str())
                .map(|g| g.trim().to_owned())
                .unwrap_or_default(),
        };
        Ok(Self {
            id: id.to_owned(),
            name: file.name.trim().to_owned(),
            about: file.about.trim().to_owned(),
            sections: file.sections.iter().map(placed).collect(),
        })
    }

    /// The document as it follows this template: what people wrote stays.
    #[must_use]
    pub fn chosen(&self, document: &Document) -> Document {
        Document {
            template: self.id.clone(),
            layout: self.sections.clone(),
            ..document.clone()
        }
    }
}

fn check(entry: &Entry) -> Result<(), String> {
    let id = &entry.id;
    if !is_section_id(id) {
        return Err(format!(
            "expected letters a-z, digits and '-', at most 64, found '{id}'"
        ));
    }
    let drafted = SECTIONS.iter().any(|s| s.id == id);
    if drafted && entry.own {
        return Err(format!(
            "'{id}' is a section that Lineup drafts: take 'own' away, or call yours otherwise"
        ));
    }
    if !drafted && !entry.own {
        let known: Vec<&str> = SECTIONS.iter().map(|s| s.id).collect();
        return Err(format!(
            "Lineup drafts no section '{id}': expected one of {}; a section of your own needs own = true",
            known.join(", ")
        ));
    }
    Ok(())
}

fn titled(what: &str, text: &str, needed: bool) -> Result<(), String> {
    let count = text.trim().chars().count();
    if (needed && count == 0) || count > LONGEST_TITLE || text.contains(char::is_control) {
        return Err(format!(
            "expected a {what} of one line and at most {LONGEST_TITLE} characters"
        ));
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// A template that comes with the program, with its files.
type Embedded = (&'static str, &'static [(&'static str, &'static str)]);

macro_rules! embedded {
    ($id:literal: $($file:literal),+) => {
        ($id, &[$(($file, include_str!(concat!("../templates/", $id, "/", $file)))),+])
    };
}

const EMBEDDED: [Embedded; 3] = [
    embedded!("default": "template.toml", "summary.md", "impact.md", "detection.md", "timeline.md",
        "root-cause.md", "contributing.md", "unknown.md", "went-well.md", "actions.md"),
    embedded!("short": "template.toml", "summary.md"),
    embedded!("executive": "template.toml", "summary.md", "risk.md"),
];

/// The templates that come with the program, the default one first.
pub fn embedded() -> Vec<Template> {
    let read = |(id, files): &Embedded| {
        let files = files
            .iter()
            .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
        // A test reads them all.
        Template::read(id, &files.collect()).ok()
    };
    EMBEDDED.iter().filter_map(read).collect()
}

/// The sections of the default template.
pub(crate) fn default_layout() -> Vec<Placed> {
    embedded()
        .into_iter()
        .find(|t| t.id == DEFAULT)
        .map(|t| t.sections)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
        owned.collect()
    }

    fn refused(pairs: &[(&str, &str)]) -> String {
        Template::read("ours", &files(pairs))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_comes_with_the_program_can_be_read_and_the_default_has_every_draft() {
        for (id, pairs) in EMBEDDED {
            Template::read(id, &files(pairs)).unwrap();
        }
        let default: Vec<String> = default_layout().into_iter().map(|p| p.id).collect();
        let drafted: Vec<&str> = SECTIONS.iter().map(|s| s.id).collect();
        assert_eq!(default, drafted);
        assert_eq!(embedded().len(), 3);
    }

    #[test]
    fn a_team_has_sections_titles_and_words_of_its_own() {
        let toml = "name = \"Payments\"\n[[section]]\nid = \"summary\"\ntitle = \"Kurzfassung\"\n\
                    [[section]]\nid = \"customers\"\ntitle = \"What customers were told\"\nown = true\n";
        let read = files(&[
            ("template.toml", toml),
            ("customers.md", "Who told them, and **when**?\n"),
            ("README.md", "About this folder."),
            ("logo.svg", "<svg/>"),
        ]);
        let template = Template::read("payments", &read).unwrap();
        assert_eq!(template.name, "Payments");
        assert_eq!(template.sections[0].title, "Kurzfassung");
        assert_eq!(template.sections[1].guide, "Who told them, and **when**?");
        let document = template.chosen(&Document::default());
        assert_eq!(document.layout, template.sections);
    }

    #[test]
    fn errors_name_the_file_and_the_key() {
        let one = "name = \"x\"\n[[section]]\nid = \"summary\"\n";
        for (pairs, parts) in [
            (vec![], vec!["ours/template.toml"]),
            (
                vec![("template.toml", "nome = \"x\"")],
                vec!["ours/template.toml", "nome"],
            ),
            (
                vec![("template.toml", "name = \"x\"")],
                vec!["ours/template.toml", "section", "found 0"],
            ),
            (
                vec![(
                    "template.toml",
                    "name = \"x\"\n[[section]]\nid = \"sumary\"",
                )],
                vec!["section[0].id", "sumary", "own = true"],
            ),
            (
                vec![(
                    "template.toml",
                    "name = \"x\"\n[[section]]\nid = \"summary\"\nown = true",
                )],
                vec!["section[0].id", "take 'own' away"],
            ),
            (
                vec![(
                    "template.toml",
                    "name = \" \"\n[[section]]\nid = \"summary\"",
                )],
                vec!["ours/template.toml: name"],
            ),
            (
                vec![(
                    "template.toml",
                    "name = \"x\"\n[[section]]\nid = \"summary\"\n[[section]]\nid = \"summary\"",
                )],
                vec!["section[1].id", "already"],
            ),
            (
                vec![("template.toml", one), ("impact.md", "x")],
                vec!["ours/impact.md", "impact"],
            ),
        ] {
            let error = refused(&pairs);
            assert_eq!(error.lines().count(), 1);
            for part in parts {
                assert!(error.contains(part), "{part}: {error}");
            }
        }
        let bad = Template::read("../x", &files(&[("template.toml", one)]));
        assert!(matches!(bad, Err(TemplateError::Name(_))));
    }
}
