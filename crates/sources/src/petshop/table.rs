//! PetShop's tables: a row for each period, a column `node|metric|statistic` for each series.

use super::{CaseFile, NAME, PERIOD_S};
use crate::bundle::BundleError;
use model::{Samples, Series, SeriesMeta, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Longest id that a bundle takes.
const MAX_ID: usize = 128;
/// Longest part of an id that names metric and statistic.
const MAX_TAIL: usize = 80;
/// Room for a dash and the number that tells equal ids apart.
const COUNTED: usize = 8;

/// A table with at least one row, in order of time.
pub(super) struct Table {
    times: Vec<Timestamp>,
    columns: BTreeMap<String, Vec<Option<f64>>>,
}

impl Table {
    pub(super) fn read(table: &CaseFile) -> Result<Self, BundleError> {
        let file = table.name.as_str();
        let mut reader = csv::Reader::from_reader(table.content.as_slice());
        let head = reader.headers().map_err(|e| csv_error(file, e))?.clone();
        if head.get(0) != Some("timestamp") {
            return Err(BundleError::at(
                file,
                1,
                "the first column to be 'timestamp'",
            ));
        }
        let mut times: Vec<Timestamp> = Vec::new();
        let mut columns: Vec<Vec<Option<f64>>> = vec![Vec::new(); head.len().saturating_sub(1)];
        for row in reader.records() {
            let row = row.map_err(|e| csv_error(file, e))?;
            let line = row.position().map_or(0, csv::Position::line);
            let at: Timestamp = row
                .get(0)
                .unwrap_or_default()
                .parse()
                .map_err(|e| BundleError::at(file, line, format!("a time first ({e})")))?;
            if times.last().is_some_and(|last| *last >= at) {
                return Err(BundleError::at(file, line, "times in rising order"));
            }
            times.push(at);
            for (column, value) in columns.iter_mut().zip(row.iter().skip(1)) {
                column.push(number(file, line, value)?);
            }
        }
        if times.is_empty() {
            return Err(BundleError::file(file, "at least one row"));
        }
        let names = head.iter().skip(1).map(str::to_owned);
        Ok(Self {
            times,
            columns: names.zip(columns).collect(),
        })
    }

    /// The table with at most its last rows.
    pub(super) fn last_rows(mut self, rows: usize) -> Self {
        let cut = self.times.len().saturating_sub(rows.max(1));
        self.times.drain(..cut);
        for values in self.columns.values_mut() {
            values.drain(..cut);
        }
        self
    }

    pub(super) fn first(&self) -> Timestamp {
        self.times.first().copied().unwrap_or_default()
    }

    pub(super) fn last(&self) -> Timestamp {
        self.times.last().copied().unwrap_or_default()
    }

    fn samples(&self, column: &str, by_ms: i64) -> Vec<(Timestamp, f64)> {
        let values = self.columns.get(column).into_iter().flatten();
        let points = self.times.iter().zip(values);
        points
            .filter_map(|(t, v)| Some((t.plus(by_ms), (*v)?)))
            .collect()
    }
}

fn number(file: &str, line: u64, value: &str) -> Result<Option<f64>, BundleError> {
    if value.is_empty() {
        return Ok(None);
    }
    let parsed = value.parse::<f64>().ok().filter(|v| v.is_finite());
    parsed.map(Some).ok_or_else(|| {
        let value: String = value.chars().take(40).collect();
        BundleError::at(file, line, format!("a number or nothing, not '{value}'"))
    })
}

/// The series of a case by their column, with the rows of normal operation moved before it.
/// A column without any sample in the case is left out: it says nothing about it.
pub(super) fn series(case: &Table, normal: Option<(&Table, i64)>) -> BTreeMap<String, Series> {
    let mut taken = BTreeSet::new();
    let mut out = BTreeMap::new();
    for column in case.columns.keys() {
        let own = case.samples(column, 0);
        let Some(meta) = meta(column, &mut taken).filter(|_| !own.is_empty()) else {
            continue;
        };
        let mut points = match normal {
            Some((table, by_ms)) => table.samples(column, by_ms),
            None => Vec::new(),
        };
        points.extend(own);
        let samples = Samples::from_unordered(points);
        out.insert(column.clone(), Series { meta, samples });
    }
    out
}

/// The column of a series.
pub(super) fn column_name(node: &str, metric: &str, stat: &str) -> String {
    format!("{node}|{metric}|{stat}")
}

/// What a column measures; `None` where its name is not `node|metric|statistic`, none of them empty.
fn meta(column: &str, taken: &mut BTreeSet<String>) -> Option<SeriesMeta> {
    let mut parts = column.rsplitn(3, '|');
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let (stat, metric, node) = (part()?, part()?, part()?);
    Some(SeriesMeta {
        id: id(node, metric, stat, taken),
        name: format!("{node} {metric}"),
        source: NAME.into(),
        namespace: "PetShop".into(),
        dimensions: BTreeMap::from([("node".to_owned(), node.to_owned())]),
        stat: stat.to_owned(),
        unit: match metric {
            "latency" => "Seconds",
            "availability" => "Percent",
            "requests" => "Count",
            _ => "",
        }
        .to_owned(),
        period_s: Some(PERIOD_S),
        resource: Some(node.to_owned()),
        extra: model::Extra::new(),
    })
}

/// An id that a bundle takes, no id twice: `AWS::Lambda` and `AWS/Lambda` are both `AWS_Lambda`.
fn id(node: &str, metric: &str, stat: &str, taken: &mut BTreeSet<String>) -> String {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let words = |text: &str| {
        let words = text.split(|c| !good(c)).filter(|w| !w.is_empty());
        words.collect::<Vec<_>>().join("_")
    };
    // Only ASCII is left, so that bytes are characters.
    let mut tail = format!(".{}.{}", words(metric), words(stat));
    tail.truncate(MAX_TAIL);
    let room = MAX_ID.saturating_sub(tail.len() + COUNTED);
    let mut node = words(node);
    node.truncate(room);
    let mut id = format!("{node}{tail}");
    let mut count = 2;
    while !taken.insert(id.clone()) {
        id = format!("{node}-{count}{tail}");
        count += 1;
    }
    id
}

pub(super) fn csv_error(file: &str, error: csv::Error) -> BundleError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(reason) => BundleError::io(file, reason),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => BundleError::at(file, line, format!("{expected_len} columns, not {len}")),
        csv::ErrorKind::Utf8 { .. } => BundleError::at(file, line, "text in UTF-8"),
        csv::ErrorKind::Deserialize { err, .. } => {
            BundleError::at(file, line, format!("the columns from,to ({err})"))
        }
        _ => BundleError::at(file, line, "a CSV table"),
    }
}
