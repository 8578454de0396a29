//! What crosses from the server to the browser.
//!
//! What can only be read is rendered on the server, by Leptos too, and crosses as finished HTML:
//! the browser puts it in as it is. What can be changed (notes, jobs, links) crosses as data and is
//! rendered on both sides. The lanes of a timeline the browser draws anew, on canvas, from what it asks
//! for itself (`browser`). So the module that it loads holds forms, lanes and no page that can only be read.

use model::incident::JobState;
use serde::{Deserialize, Serialize};

/// A page that can only be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Title of the document.
    pub title: String,
    /// Trusted HTML of our own views.
    pub html: String,
}

/// The page that makes an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewIncidentPage {
    /// The form for a pull, as trusted HTML.
    pub html: String,
    /// A day ago, as a form takes it.
    pub start: String,
    /// Now, likewise.
    pub end: String,
}

/// The page of an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IncidentPage {
    /// The incident's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Heading and notice, as trusted HTML.
    pub head: String,
    /// The answer in sentences, as trusted HTML.
    pub answer: String,
    /// Suspects and hypotheses, as trusted HTML.
    pub suspects: String,
    /// Lanes, drawn, as trusted HTML.
    pub lanes: String,
    /// Events, the first of them listed, as trusted HTML.
    pub events: String,
    /// Tables, as trusted HTML.
    pub tables: String,
    /// The newest job.
    pub job: Option<JobView>,
    /// Notes, in order of their start.
    pub notes: Vec<NoteView>,
    /// Raw files, with their forms, as trusted HTML.
    pub files: String,
    /// What it has of each source, as trusted HTML.
    pub coverage: String,
}

/// A raw file, with the form that says what it does not. The inputs hold what was said, or else the
/// proposals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileView {
    /// Its path.
    pub path: String,
    /// Kind, size, and what was read: `a log, 3.2 MB: 4 series, 4 events`.
    pub about: String,
    /// What could not be read.
    pub missing: Vec<String>,
    /// What has to be known: why it is asked.
    pub questions: Vec<String>,
    /// When it was taken, as the form takes it.
    pub observed_at: String,
    /// Zone of its times.
    pub timezone: String,
    /// Columns, where it is a table.
    pub columns: Option<ColumnsView>,
    /// What it measures and its unit, where it holds one series without a name.
    pub measures: Option<(String, String)>,
}

/// Columns of a table, as the form takes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnsView {
    /// The column of times.
    pub time: String,
    /// The columns of values, `; ` between them.
    pub values: String,
    /// Unit of the values.
    pub unit: String,
    /// How times are written.
    pub time_format: String,
    /// `yes`, `no` or empty.
    pub decimal_comma: String,
}

/// A job as shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub state: JobState,
    /// Steps done.
    pub done: u32,
    /// Steps in all; 0 while unknown.
    pub total: u32,
    /// What is being done, or how it ended.
    pub message: String,
    /// What did not come.
    pub missing: Vec<String>,
}

/// A note.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoteView {
    /// Its id.
    pub id: String,
    /// The same to be read, as trusted HTML.
    pub html: String,
    /// From when, as the form takes it: `2020-05-22 03:00`.
    pub start: String,
    /// Until when; empty: a point.
    pub end: String,
    /// Plain text.
    pub text: String,
    /// The series and events that it mentions.
    pub mentions: Vec<MentionView>,
}

/// A series or an event that a note mentions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MentionView {
    /// As the form sends it: `series:` or `event:`, and its id.
    pub value: String,
    /// What people call it.
    pub label: String,
}

/// What became of a save.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The revision that stands.
    pub revision: u64,
    /// The revision that has the very text that was sent: what is written on from there is based on
    /// it.
    pub written: u64,
    /// The text that stands.
    pub text: String,
    /// Places in it that hold two texts, because two people changed the same lines.
    pub conflicts: usize,
}

/// A text as it would stand in the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewView {
    /// Trusted HTML.
    pub html: String,
    /// References in it that mean nothing.
    pub unresolved: Vec<String>,
    /// Phrases that may be worth another look.
    pub remarks: Vec<Remark>,
}

/// A phrase that may be worth another look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The phrase.
    pub phrase: String,
    /// Why.
    pub reason: String,
    /// What may be said instead.
    pub suggestion: String,
}

/// A row of the timeline as the form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowForm {
    /// The figure that is its time, or the id of a row of somebody's own.
    #[serde(default)]
    pub id: String,
    /// Whether it is shown: a box that is not ticked sends nothing.
    #[serde(default)]
    pub shown: bool,
    /// The words that it had when the form was made.
    #[serde(default)]
    pub was: String,
    /// Its words.
    #[serde(default)]
    pub text: String,
    /// Its time, where it is an own row, as people write it.
    #[serde(default)]
    pub at: String,
    /// Its place, counted from 1; empty: by its time.
    #[serde(default)]
    pub place: String,
}

#[cfg(feature = "ssr")]
mod of {
    use super::{ColumnsView, FileView, JobView, MentionView, NoteView};
    use crate::backend::FileRow;
    use model::{Annotation, Timestamp, bundle::Columns, incident::Job};

    impl JobView {
        /// A job without its parameters.
        pub fn of(job: &Job) -> Self {
            Self {
                id: job.id.clone(),
                state: job.state,
                done: job.done,
                total: job.total,
                message: job.message.clone(),
                missing: job.missing.clone(),
            }
        }
    }

    impl NoteView {
        /// A note with its times as the form takes them; `html` is the same to be read, given when it was.
        pub fn of(
            note: &Annotation,
            mentions: Vec<MentionView>,
            html: impl FnOnce(String) -> String,
        ) -> Self {
            let start = exact(note.start);
            let end = note.end.map(exact).unwrap_or_default();
            let when = if end.is_empty() {
                start.clone()
            } else {
                format!("{start} to {end}")
            };
            Self {
                id: note.id.clone(),
                html: html(when),
                mentions,
                start,
                end,
                text: note.text.clone(),
            }
        }
    }

    /// To the minute where that is all of it, else in full: editing a note never moves it.
    fn exact(at: Timestamp) -> String {
        if at.floor_to(model::time::MINUTE) == at {
            at.minute()
        } else {
            at.to_string()
        }
    }

    impl FileView {
        /// A file with its form filled in.
        pub fn of(row: &FileRow) -> Self {
            let plural = |n: usize, what: &str| {
                format!(
                    "{n} {what}{}",
                    if n == 1 || what == "series" { "" } else { "s" }
                )
            };
            let read = match (row.series, row.events) {
                (0, 0) => "nothing read".to_owned(),
                (series, events) => {
                    format!("{}, {}", plural(series, "series"), plural(events, "event"))
                }
            };
            let file = &row.proposed;
            let columns = file.columns.clone().unwrap_or_default();
            Self {
                path: row.file.path.clone(),
                about: format!("{}, {}: {read}", row.kind, size(row.bytes)),
                missing: row.missing.clone(),
                questions: row.questions.iter().map(|q| q.why.clone()).collect(),
                observed_at: file.observed_at.map(exact).unwrap_or_default(),
                timezone: file.timezone.clone().unwrap_or_default(),
                measures: row.is_one_series.then(|| {
                    let name = columns.values.first().cloned().unwrap_or_default();
                    (name, columns.unit.clone())
                }),
                columns: row.is_table.then(|| ColumnsView::of(columns)),
            }
        }
    }

    impl ColumnsView {
        fn of(columns: Columns) -> Self {
            Self {
                time: columns.time,
                values: columns.values.join("; "),
                unit: columns.unit,
                time_format: columns.time_format,
                decimal_comma: match columns.decimal_comma {
                    Some(true) => "yes".into(),
                    Some(false) => "no".into(),
                    None => String::new(),
                },
            }
        }
    }

    /// Bytes as people say them, in steps of a thousand.
    fn size(bytes: u64) -> String {
        match bytes {
            0..1_000 => format!("{bytes} bytes"),
            1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
            _ => format!("{:.1} MB", bytes as f64 / 1e6),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn editing_a_note_never_moves_it() {
            for text in ["2020-05-22T03:00:00Z", "2020-05-22T03:00:07.250Z"] {
                let at: Timestamp = text.parse().unwrap();
                assert_eq!(crate::input::instant(&exact(at)), Ok(at));
            }
        }
    }
}
