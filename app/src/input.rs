//! Form texts to typed values: what people write is read here once, with an answer in words for
//! each input that cannot be used.

use crate::{
    ApiError, FieldError,
    backend::{AnnotationDraft, ExploreAsk, FileAnswer, NewIncident, OpenIncident, PullMetrics},
};
use model::{Timestamp, Window, bundle::Columns, time::DAY};

/// Longest window that a pull is made for. `CloudWatch` keeps metrics for 455 days.
pub const LONGEST_PULL_DAYS: i64 = 455;

/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 4_000;

/// Longest title, in characters.
pub const LONGEST_TITLE: usize = 200;

/// Reads an instant as people write it: `2020-05-22 03:00` (UTC), with seconds, a `T`, a `Z` or an
/// offset if they like, or epoch seconds.
///
/// # Errors
/// Says what was expected.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    let text = text.trim().trim_end_matches("UTC").trim_end();
    if text.is_empty() {
        return Err("a time is needed, such as 2020-05-22 03:00 (UTC)".into());
    }
    let mut iso = text.replacen(' ', "T", 1);
    let dated = iso.as_bytes().get(4) == Some(&b'-');
    if dated && iso.len() == "2020-05-22T03:00".len() {
        iso.push_str(":00");
    }
    if dated && iso.len() == "2020-05-22T03:00:00".len() {
        iso.push('Z');
    }
    iso.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        format!("'{shown}' is no time: write it like 2020-05-22 03:00 (UTC)")
    })
}

/// Collects the answers of several inputs.
#[derive(Default)]
struct Fields(Vec<FieldError>);

impl Fields {
    fn read<T>(&mut self, field: &str, value: Result<T, String>) -> Option<T> {
        value
            .map_err(|message| self.0.push(FieldError::new(field, message)))
            .ok()
    }

    fn text(&mut self, field: &str, value: &str, longest: usize, what: &str) -> Option<String> {
        let value = value.trim();
        let length = value.chars().count();
        let read = match length {
            0 => Err(format!("{what} is needed")),
            n if n > longest => Err(format!("{what} has {n} characters; at most {longest} fit")),
            _ => Ok(value.to_owned()),
        };
        self.read(field, read)
    }

    fn window(&mut self, start: &str, end: &str) -> Option<Window> {
        let start = self.read("start", instant(start));
        let end = self.read("end", instant(end));
        let window = Window::new(start?, end?).ok_or("the end must be later than the start".into());
        self.read("end", window)
    }
}

fn optional(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A note out of its form. `id` is empty for a new one.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn annotation(
    id: &str,
    start: &str,
    end: &str,
    text: &str,
) -> Result<AnnotationDraft, ApiError> {
    let mut fields = Fields::default();
    let start = fields.read("start", instant(start));
    let end = match optional(end) {
        None => Some(None),
        Some(end) => fields.read("end", instant(&end).map(Some)),
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

/// A window on the live sources out of its form. Both times empty: the backend's own choice.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn explore(start: &str, end: &str, words: &str) -> Result<ExploreAsk, ApiError> {
    let mut fields = Fields::default();
    let window = if start.trim().is_empty() && end.trim().is_empty() {
        None
    } else {
        fields.window(start, end)
    };
    if fields.0.is_empty() {
        let words = words.trim().chars().take(LONGEST_TITLE).collect();
        Ok(ExploreAsk { window, words })
    } else {
        Err(ApiError::Fields(fields.0))
    }
}

/// A new incident out of its form; an empty `end`: it is still going on.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn open_incident(title: &str, start: &str, end: &str) -> Result<OpenIncident, ApiError> {
    let mut fields = Fields::default();
    let title = fields.text("title", title, LONGEST_TITLE, "a title");
    let span = if end.trim().is_empty() {
        fields
            .read("start", instant(start))
            .map(|start| (start, None))
    } else {
        fields.window(start, end).map(|w| (w.start, Some(w.end)))
    };
    match (title, span) {
        (Some(title), Some((start, end))) => Ok(OpenIncident { title, start, end }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

/// A pull of chosen metrics out of its form.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn pull_metrics(
    source: String,
    title: &str,
    start: &str,
    end: &str,
    choices: Vec<String>,
    statistics: &str,
    agreed: bool,
) -> Result<PullMetrics, ApiError> {
    let mut fields = Fields::default();
    let title = fields.text("title", title, LONGEST_TITLE, "a title");
    let window = fields.window(start, end);
    if choices.is_empty() {
        fields.read::<()>("choices", Err("choose at least one metric".into()));
    }
    match (title, window) {
        (Some(title), Some(window)) if fields.0.is_empty() => Ok(PullMetrics {
            source,
            title,
            window,
            choices,
            statistics: statistics
                .split([',', ' '])
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            agreed,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

/// The texts of the form that asks `CloudWatch`.
#[derive(Clone, Debug, Default)]
pub struct PullForm {
    /// Title.
    pub title: String,
    /// First instant of the window.
    pub start: String,
    /// First instant after it.
    pub end: String,
    /// AWS region.
    pub region: String,
    /// File system id.
    pub file_system_id: String,
    /// Profile; empty: the default chain.
    pub profile: String,
    /// Endpoint; empty: AWS.
    pub endpoint: String,
}

impl PullForm {
    /// The pull that the form asks for.
    ///
    /// # Errors
    /// [`ApiError::Fields`], one line an input.
    pub fn read(&self) -> Result<NewIncident, ApiError> {
        let mut fields = Fields::default();
        let title = fields.text("title", &self.title, LONGEST_TITLE, "a title");
        let window = fields.window(&self.start, &self.end);
        if let Some(window) = window
            && window.millis() > LONGEST_PULL_DAYS * DAY
        {
            let message = format!("CloudWatch keeps metrics for {LONGEST_PULL_DAYS} days at most");
            fields.read::<()>("end", Err(message));
        }
        let region = fields.read("region", region(&self.region));
        let file_system_id = fields.read("file_system_id", file_system(&self.file_system_id));
        let endpoint = fields.read("endpoint", endpoint(&self.endpoint));
        match (title, window, region, file_system_id, endpoint) {
            (Some(title), Some(window), Some(region), Some(file_system_id), Some(endpoint))
                if fields.0.is_empty() =>
            {
                Ok(NewIncident {
                    title,
                    start: window.start,
                    end: window.end,
                    region,
                    file_system_id,
                    profile: optional(&self.profile),
                    endpoint,
                })
            }
            _ => Err(ApiError::Fields(fields.0)),
        }
    }
}

/// The texts of the form that says what a file does not.
#[derive(Clone, Debug, Default)]
pub struct FileForm {
    /// Path of the file.
    pub path: String,
    /// When it was taken.
    pub observed_at: String,
    /// Zone of its times.
    pub timezone: String,
    /// The column of times.
    pub time: String,
    /// The columns of values, `;` between them.
    pub values: String,
    /// Unit of the values.
    pub unit: String,
    /// How times are written.
    pub time_format: String,
    /// `yes`, `no`, or empty for unknown.
    pub decimal_comma: String,
}

impl FileForm {
    /// The answer that the form gives.
    ///
    /// # Errors
    /// [`ApiError::Fields`], one line an input.
    pub fn read(&self) -> Result<FileAnswer, ApiError> {
        let mut fields = Fields::default();
        let observed_at = match optional(&self.observed_at) {
            None => Some(None),
            Some(text) => fields.read("observed_at", instant(&text).map(Some)),
        };
        let decimal_comma = match self.decimal_comma.trim() {
            "" => Some(None),
            "yes" => Some(Some(true)),
            "no" => Some(Some(false)),
            _ => fields.read("decimal_comma", Err("expected yes, no or nothing".into())),
        };
        for (field, text) in [
            ("path", &self.path),
            ("timezone", &self.timezone),
            ("time", &self.time),
            ("values", &self.values),
            ("unit", &self.unit),
            ("time_format", &self.time_format),
        ] {
            if text.len() > LONGEST_NOTE {
                fields.read::<()>(field, Err(format!("at most {LONGEST_NOTE} bytes fit")));
            }
        }
        match (observed_at, decimal_comma) {
            (Some(observed_at), Some(decimal_comma)) if fields.0.is_empty() => Ok(FileAnswer {
                path: self.path.clone(),
                observed_at,
                timezone: optional(&self.timezone),
                columns: self.columns(decimal_comma),
            }),
            _ => Err(ApiError::Fields(fields.0)),
        }
    }

    fn columns(&self, decimal_comma: Option<bool>) -> Option<Columns> {
        let text = |text: &str| text.trim().to_owned();
        let columns = Columns {
            time: text(&self.time),
            values: self
                .values
                .split(';')
                .map(text)
                .filter(|name| !name.is_empty())
                .collect(),
            unit: text(&self.unit),
            time_format: text(&self.time_format),
            decimal_comma,
        };
        (columns != Columns::default()).then_some(columns)
    }
}

fn region(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.len() >= 5 && text.contains('-') && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("an AWS region is needed, such as eu-west-1".into())
    }
}

fn file_system(text: &str) -> Result<String, String> {
    let text = text.trim();
    let good = text
        .strip_prefix("fs-")
        .is_some_and(|id| id.len() >= 4 && id.chars().all(|c| c.is_ascii_alphanumeric()));
    if good {
        Ok(text.to_owned())
    } else {
        Err("an EFS file system id is needed, such as fs-0123456789abcdef0".into())
    }
}

fn endpoint(text: &str) -> Result<Option<String>, String> {
    match optional(text) {
        Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
            Err("an address with http:// or https:// is needed, or nothing for AWS".into())
        }
        endpoint => Ok(endpoint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let at = Timestamp::from_seconds(1_590_116_400);
        for text in [
            "2020-05-22 03:00",
            " 2020-05-22T03:00 ",
            "2020-05-22 03:00:00",
            "2020-05-22 03:00 UTC",
            "2020-05-22T03:00:00Z",
            "2020-05-22T05:00:00+02:00",
            "1590116400",
        ] {
            assert_eq!(instant(text), Ok(at), "{text}");
        }
        for text in ["", "22/05/2020", "2020-05-22", "2020-13-40 99:99", "soon"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_input_of_a_pull_that_cannot_be_used_is_named() {
        let error = PullForm::default().read().unwrap_err();
        for field in ["title", "start", "end", "region", "file_system_id"] {
            assert!(error.field(field).is_some(), "{field}");
        }
        assert_eq!(error.field("endpoint"), None);
        let form = PullForm {
            title: "Slow sites".into(),
            start: "2020-05-19 00:00".into(),
            end: "2020-05-23 00:00".into(),
            region: "eu-west-1".into(),
            file_system_id: "fs-0123456789abcdef0".into(),
            profile: " ".into(),
            endpoint: "http://127.0.0.1:5000".into(),
        };
        let request = form.read().unwrap();
        assert_eq!(request.profile, None);
        assert_eq!(request.endpoint.as_deref(), Some("http://127.0.0.1:5000"));
        let reversed = PullForm {
            end: "2020-05-18 00:00".into(),
            endpoint: "file:///etc/passwd".into(),
            ..form
        };
        let error = reversed.read().unwrap_err();
        assert!(error.field("end").unwrap().contains("later"));
        assert!(error.field("endpoint").is_some());
    }

    #[test]
    fn an_answer_about_a_file_may_leave_everything_open() {
        let nothing = FileForm {
            path: "files/a".into(),
            timezone: " ".into(),
            ..FileForm::default()
        };
        let answer = nothing.read().unwrap();
        assert_eq!(
            (answer.observed_at, answer.timezone, answer.columns),
            (None, None, None)
        );
        let all = FileForm {
            observed_at: "2020-05-22 03:00".into(),
            timezone: "UTC".into(),
            time: "when".into(),
            values: "a; b;".into(),
            decimal_comma: "yes".into(),
            ..nothing.clone()
        };
        let columns = all.read().unwrap().columns.unwrap();
        assert_eq!(
            (columns.values.len(), columns.decimal_comma),
            (2, Some(true))
        );
        let wrong = FileForm {
            observed_at: "soon".into(),
            decimal_comma: "maybe".into(),
            unit: "x".repeat(LONGEST_NOTE + 1),
            ..nothing
        };
        let error = wrong.read().unwrap_err();
        for field in ["observed_at", "decimal_comma", "unit"] {
            assert!(error.field(field).is_some(), "{field}");
        }
    }

    #[test]
    fn a_note_is_a_point_or_a_range_and_says_something() {
        let point = annotation("", "2020-05-22 03:00", "", " alerts begin ").unwrap();
        assert_eq!((point.id, point.end), (None, None));
        assert_eq!(point.text, "alerts begin");
        let range = annotation("a1", "2020-05-22 03:00", "2020-05-22 04:00", "x").unwrap();
        assert_eq!(range.id.as_deref(), Some("a1"));
        let error = annotation("", "2020-05-22 03:00", "2020-05-22 03:00", "").unwrap_err();
        assert!(error.field("end").is_some() && error.field("text").is_some());
        let long = "é".repeat(LONGEST_NOTE + 1);
        assert!(annotation("", "2020-05-22 03:00", "", &long).is_err());
    }
}
