//! What a raw file does not say.

use super::{Fields, LONGEST_NOTE, instant_within, optional};
use crate::{ApiError, backend::FileAnswer};
use model::{Window, bundle::Columns};

/// Longest list of the names of columns, bytes: a table may have a thousand.
const LONGEST_COLUMNS: usize = 100_000;

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
    /// The answer that the form gives; `window` puts a clock time alone on its day.
    ///
    /// # Errors
    /// [`ApiError::Fields`], one line an input.
    pub fn read(&self, window: Option<Window>) -> Result<FileAnswer, ApiError> {
        let mut fields = Fields::default();
        let observed_at = match optional(&self.observed_at) {
            None => Some(None),
            Some(text) => fields.read("observed_at", instant_within(&text, window).map(Some)),
        };
        let decimal_comma = match self.decimal_comma.trim() {
            "" => Some(None),
            "yes" => Some(Some(true)),
            "no" => Some(Some(false)),
            _ => fields.read("decimal_comma", Err("expected yes, no or nothing".into())),
        };
        for (field, text, longest) in [
            ("path", &self.path, LONGEST_NOTE),
            ("timezone", &self.timezone, LONGEST_NOTE),
            ("time", &self.time, LONGEST_NOTE),
            ("values", &self.values, LONGEST_COLUMNS),
            ("unit", &self.unit, LONGEST_NOTE),
            ("time_format", &self.time_format, LONGEST_NOTE),
        ] {
            if text.len() > longest {
                fields.read::<()>(field, Err(format!("at most {longest} bytes fit")));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_about_a_file_may_leave_everything_open() {
        let nothing = FileForm {
            path: "files/a".into(),
            timezone: " ".into(),
            ..FileForm::default()
        };
        let answer = nothing.read(None).unwrap();
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
        let columns = all.read(None).unwrap().columns.unwrap();
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
        let error = wrong.read(None).unwrap_err();
        for field in ["observed_at", "decimal_comma", "unit"] {
            assert!(error.field(field).is_some(), "{field}");
        }
    }
}
