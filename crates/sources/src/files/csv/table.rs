//! A table of text: its delimiter, its heading, its rows.

use super::cells::{TimeFormat, Value, value};
use crate::{BundleError, bundle::limits::MAX_LINE_BYTES};

/// Columns that are looked at.
pub(crate) const MAX_COLUMNS: usize = 1_000;
/// Rows that decide what a column is.
pub(crate) const LOOKED_AT: usize = 200;

/// The delimiter that gives most rows the same number of cells, two or more; `None` where the lines
/// are no table.
pub(crate) fn delimiter<'a>(lines: &(impl Iterator<Item = &'a str> + Clone)) -> Option<u8> {
    let mut best: Option<(usize, u8)> = None;
    for candidate in [b'\t', b';', b',', b'|'] {
        let mut counts: Vec<usize> = lines
            .clone()
            .take(50)
            .map(|line| cells_of(line, candidate))
            .collect();
        if counts.len() < 2 {
            return None;
        }
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
        let alike = counts.iter().filter(|n| **n == usual).count();
        if usual >= 2 && alike * 5 >= counts.len() * 4 && best.is_none_or(|(n, _)| alike > n) {
            best = Some((alike, candidate));
        }
    }
    best.map(|(_, delimiter)| delimiter)
}

/// Cells of a line, quotes heeded.
fn cells_of(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    let mut n = 1;
    for b in line.bytes() {
        if b == b'"' {
            quoted = !quoted;
        } else if b == delimiter && !quoted {
            n += 1;
        }
    }
    n
}

/// Rows with the lines they begin on.
pub(crate) fn rows<'a>(
    file: &'a str,
    text: &'a str,
    delimiter: u8,
) -> impl Iterator<Item = Result<(u64, csv::StringRecord), BundleError>> + 'a {
    let reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    reader.into_records().map(move |record| {
        let record = record.map_err(|e| {
            let line = e.position().map_or(1, csv::Position::line);
            BundleError::at(file, line, "a row of a table in UTF-8")
        })?;
        // The position is where the reader stood: in front of the empty lines before the row.
        let line = record.position().map_or(1, |at| {
            let rest = usize::try_from(at.byte())
                .ok()
                .and_then(|byte| text.get(byte..));
            let skipped = rest
                .unwrap_or("")
                .chars()
                .take_while(|c| matches!(c, '\r' | '\n'));
            at.line() + skipped.filter(|c| *c == '\n').count() as u64
        });
        if record.as_slice().len() > MAX_LINE_BYTES {
            return Err(BundleError::TooLarge {
                file: file.to_owned(),
                line: Some(line),
                limit: format!("{MAX_LINE_BYTES} bytes in a row"),
            });
        }
        Ok((line, record))
    })
}

/// What most cells of a column are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The first cells below the heading.
    pub(crate) cells: Vec<String>,
}

impl Column {
    /// Whether at least two in three cells that are not empty are times of that format.
    pub(crate) fn is_time(&self, format: TimeFormat) -> bool {
        self.mostly(|cell| format.read(cell).is_some())
    }

    /// Whether they are numbers.
    pub(crate) fn is_number(&self, decimal_comma: bool) -> bool {
        self.mostly(|cell| matches!(value(cell, decimal_comma), Value::Number(_)))
    }

    fn mostly(&self, good: impl Fn(&str) -> bool) -> bool {
        let filled = || {
            self.cells
                .iter()
                .filter(|cell| value(cell, false) != Value::Missing)
        };
        let all = filled().count();
        all > 0 && filled().filter(|cell| good(cell)).count() * 3 >= all * 2
    }
}

/// The columns, and whether the first row is a heading: none of its cells is a time or a number.
pub(crate) fn columns(first: &[csv::StringRecord]) -> (Vec<Column>, bool) {
    let plain = |cell: &str| {
        let epochs = TimeFormat::ALL.iter().any(|f| f.read(cell).is_some());
        !epochs
            && matches!(value(cell, true), Value::Text | Value::Missing)
            && !matches!(value(cell, false), Value::Number(_))
    };
    let headed = first
        .first()
        .is_some_and(|row| row.iter().all(plain) && row.iter().any(|cell| !cell.trim().is_empty()));
    let width = first.iter().map(csv::StringRecord::len).max().unwrap_or(0);
    let columns = (0..width.min(MAX_COLUMNS)).map(|i| {
        let name = first
            .first()
            .filter(|_| headed)
            .and_then(|row| row.get(i))
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let below = first.iter().skip(usize::from(headed)).take(LOOKED_AT);
        Column {
            name: name.map_or_else(|| format!("column {}", i + 1), str::to_owned),
            cells: below
                .filter_map(|row| row.get(i))
                .map(str::to_owned)
                .collect(),
        }
    });
    (columns.collect(), headed)
}
