//! A table of text: its delimiter, its heading, its rows.

use super::cells::{TimeFormat, Value, measured, split_unit, value};
use crate::{BundleError, bundle::limits::MAX_LINE_BYTES};

/// Columns that are looked at.
pub(crate) const MAX_COLUMNS: usize = 1_000;
/// Rows that decide what a column is.
pub(crate) const LOOKED_AT: usize = 200;

/// The delimiter that gives most rows the same number of cells, two or more; `None` where the lines
/// are no table.
pub(crate) fn delimiter<'a>(lines: &(impl Iterator<Item = &'a str> + Clone)) -> Option<u8> {
    if let Some(said) = lines.clone().next().and_then(said_delimiter) {
        return Some(said);
    }
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

/// `sep=;`, which Excel reads and writes above a table: its delimiter.
fn said_delimiter(line: &str) -> Option<u8> {
    let line = line.trim_start_matches('\u{feff}').trim_matches(['"', ' ']);
    match line.as_bytes() {
        [key @ .., delimiter @ (b'\t' | b';' | b',' | b'|')] => {
            key.eq_ignore_ascii_case(b"sep=").then_some(*delimiter)
        }
        _ => None,
    }
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

/// Rows with the lines they begin on, without the line that names the delimiter.
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
    let first = text.lines().find(|line| !line.trim().is_empty());
    let said = first.and_then(said_delimiter).is_some();
    let records = reader.into_records().skip(usize::from(said));
    records.map(move |record| {
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

    /// Whether they are numbers, bare or of one unit.
    pub(crate) fn is_number(&self, decimal_comma: bool) -> bool {
        self.mostly(|cell| is_number(cell, decimal_comma)) || self.unit(decimal_comma).is_some()
    }

    /// The unit of numbers that say it themselves, such as `12.3 ms`: the one that they are read in.
    pub(crate) fn unit(&self, decimal_comma: bool) -> Option<&'static str> {
        let unit_of = |cell: &str| measured(cell, decimal_comma).map(|(_, unit)| unit);
        let unit = self.cells.iter().find_map(|cell| unit_of(cell))?;
        self.mostly(|cell| unit_of(cell) == Some(unit))
            .then_some(unit)
    }

    /// A cell, where most are numbers with something behind them that is no unit this program knows.
    pub(crate) fn strange_unit(&self, decimal_comma: bool) -> Option<&str> {
        let strange = |cell: &str| {
            let (number, unit) = split_unit(cell);
            !unit.is_empty() && is_number(number, decimal_comma)
        };
        let example = self.cells.iter().find(|cell| strange(cell))?;
        self.mostly(strange).then_some(example.as_str())
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

fn is_number(cell: &str, decimal_comma: bool) -> bool {
    matches!(value(cell, decimal_comma), Value::Number(_))
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
