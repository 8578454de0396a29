//! Reading the labelled data.

use crate::Outcome;
use model::{Samples, Series, SeriesMeta, Timestamp};
use serde_json::{Map, Value};
use std::{fs, path::Path};

/// A JSON object of one label a case.
pub(crate) fn labels(path: &Path) -> Outcome<Map<String, Value>> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

/// Every column of a table whose first column is epoch seconds.
pub(crate) fn columns(path: &Path) -> Outcome<Vec<Series>> {
    let mut reader = csv::Reader::from_path(path)?;
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(String::from).collect();
    let mut points: Vec<Vec<(Timestamp, f64)>> = vec![Vec::new(); names.len()];
    for row in reader.records() {
        let row = row?;
        let at: Timestamp = row.get(0).unwrap_or("").parse()?;
        for (cell, column) in row.iter().skip(1).zip(&mut points) {
            if let Ok(value) = cell.parse() {
                column.push((at, value));
            }
        }
    }
    Ok(names
        .into_iter()
        .zip(points)
        .map(|(name, points)| Series {
            meta: SeriesMeta {
                id: name.clone(),
                name,
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(points),
        })
        .collect())
}

/// The first column.
pub(crate) fn series(path: &Path) -> Outcome<Series> {
    columns(path)?
        .into_iter()
        .next()
        .ok_or_else(|| "no column".into())
}
