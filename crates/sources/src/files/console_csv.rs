//! A graph of the `CloudWatch` console, downloaded as CSV: rows that name the series (`Id`, `Label`,
//! `Full label`, `Statistic`, `Period`…), then a time and one value for each series. The console
//! writes times in UTC or in the reader's own zone, as it is set; where none is written it is asked.

use super::{
    clock::{Clock, Scale, Written},
    cloudwatch_label::describe,
    csv::{
        cells::{TimeFormat, Value, value},
        table,
    },
    passes::instants,
    reading::{Reading, period_s},
};
use crate::{BundleError, bundle::limits::MAX_SAMPLES};
use model::{Batch, Samples, Timestamp, Window, bundle::RawFile, words::count};
use std::collections::BTreeMap;

/// The `source` of what comes from the console.
pub(crate) const SOURCE: &str = "cloudwatch-csv";

/// First cells of rows that name series.
const KEYS: [&str; 15] = [
    "full label",
    "label",
    "id",
    "metric name",
    "metric",
    "statistic",
    "stat",
    "period",
    "unit",
    "region",
    "namespace",
    "dimensions",
    "timestamp",
    "y axis",
    "account id",
];
/// Rows that may stand before the first value.
const MAX_HEAD: usize = 40;

fn key(cell: &str) -> String {
    cell.trim()
        .trim_start_matches('\u{feff}')
        .to_ascii_lowercase()
}

/// Whether the beginning of a file is one: a known key first, and soon a row that begins with a time.
pub(crate) fn is_head<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let mut lines = lines.take(MAX_HEAD);
    let unquoted = |line: &'a str| line.split(',').next().map(|c| c.trim().trim_matches('"'));
    let first = lines.next().and_then(unquoted).map(key);
    // `timestamp` alone begins any table.
    first.is_some_and(|k| k != "timestamp" && KEYS.contains(&k.as_str()))
        && lines
            .filter_map(unquoted)
            .any(|cell| TimeFormat::YearFirst.read(cell).is_some())
}

/// Reads the download.
pub(crate) fn read(file: &RawFile, _window: Window) -> Result<Batch, BundleError> {
    let text = crate::bundle::text(&file.path, &file.content)?;
    let mut head: BTreeMap<String, csv::StringRecord> = BTreeMap::new();
    let mut times: Vec<Written> = Vec::new();
    // Values with the places of their times.
    let mut columns: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut reading = Reading::new(file, SOURCE);
    let clock = Clock::of(file);
    let (mut asked, mut strange, mut samples) = (false, 0, 0);
    for row in table::rows(&file.path, text, b',') {
        let (line, row) = row?;
        let first = row.get(0).unwrap_or("");
        let Some(at) = TimeFormat::YearFirst.read(first) else {
            if times.is_empty() && head.len() < MAX_HEAD {
                head.insert(key(first), row);
            } else {
                strange += 1;
            }
            continue;
        };
        if at.scale == Scale::Local && !asked {
            asked = true;
            reading.ask_zone(&clock);
        }
        let place = times.len();
        times.push(at);
        for (i, cell) in row.iter().skip(1).take(table::MAX_COLUMNS).enumerate() {
            if columns.len() <= i {
                columns.resize_with(i + 1, Vec::new);
            }
            if let (Value::Number(number), Some(column)) = (value(cell, false), columns.get_mut(i))
            {
                column.push((place, number));
                samples += 1;
            }
        }
        if samples > MAX_SAMPLES {
            return Err(BundleError::TooLarge {
                file: file.path.clone(),
                line: Some(line),
                limit: format!("{MAX_SAMPLES} samples"),
            });
        }
    }
    if times.is_empty() {
        let expected = "rows that begin with a time, below those that name the series";
        return Err(BundleError::file(&file.path, expected));
    }
    if asked && clock.zone.is_none() {
        reading.gap("its times are unknown: their time zone is not known");
    }
    if strange > 0 {
        reading.gap(&format!(
            "{} between the values without a time in front",
            count(strange, "row")
        ));
    }
    let (instants, passes) = instants(&clock, &times);
    let at = |place: usize| instants.get(place).copied().flatten();
    for (i, points) in columns.into_iter().enumerate() {
        let points = points
            .into_iter()
            .filter_map(|(place, value)| Some((at(place)?, value)));
        add(&mut reading, &head, i + 1, points.collect());
    }
    passes.tell(&mut reading, &clock);
    Ok(reading.finish())
}

fn add(
    reading: &mut Reading<'_>,
    head: &BTreeMap<String, csv::StringRecord>,
    column: usize,
    points: Vec<(Timestamp, f64)>,
) {
    let named = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            let cell = head.get(*key)?.get(column)?.trim();
            (!cell.is_empty()).then(|| cell.to_owned())
        })
    };
    let label = named(&["full label", "label", "metric name", "metric", "id"])
        .unwrap_or_else(|| format!("column {column}"));
    let samples = Samples::from_unordered(points);
    let mut meta = reading.meta(&label);
    describe(&label, &mut meta);
    // A full label names more than the label: the statistic may stand in either.
    if let Some(stat) = named(&["statistic", "stat"]) {
        meta.stat = stat;
    }
    if let Some(unit) = named(&["unit"]).filter(|unit| unit != "None") {
        meta.unit = unit;
    }
    if let Some(namespace) = named(&["namespace"]) {
        meta.namespace = namespace;
    }
    let period = named(&["period"]).and_then(|period| {
        let digits: String = period.chars().filter(char::is_ascii_digit).collect();
        digits
            .parse::<u32>()
            .ok()
            .filter(|s| *s > 0 && period.chars().all(|c| c.is_ascii_digit()))
    });
    meta.period_s = period.or_else(|| period_s(&samples));
    reading.series(meta, samples);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "\"Full label\",\"fs-0123456789abcdef0 BurstCreditBalance\",\"MetadataIOBytes Sum\"
\"Id\",m1,m2
\"Period\",60,60
\"Unit\",Bytes,Bytes
2020/05/22 03:00:00,0,\"1,234.5\"
2020/05/22 03:01:00,,7
";

    fn file(timezone: Option<&str>) -> RawFile {
        RawFile {
            path: "files/graph.csv".into(),
            timezone: timezone.map(str::to_owned),
            content: TEXT.into(),
            ..RawFile::default()
        }
    }

    #[test]
    fn series_are_named_by_the_rows_above() {
        assert!(is_head(TEXT.lines()));
        let batch = read(&file(Some("UTC")), Window::default()).unwrap();
        let [credits, io] = batch.series.as_slice() else {
            panic!("{batch:?}")
        };
        assert_eq!(credits.meta.name, "BurstCreditBalance");
        assert_eq!(
            credits.meta.resource.as_deref(),
            Some("aws:fs-0123456789abcdef0")
        );
        assert_eq!(
            (&*io.meta.stat, &*io.meta.unit, io.meta.period_s),
            ("Sum", "Bytes", Some(60))
        );
        assert_eq!(io.samples.values(), [1_234.5, 7.0]);
        assert_eq!(credits.samples.len(), 1);
    }

    #[test]
    fn times_without_a_zone_are_asked_about() {
        let batch = read(&file(None), Window::default()).unwrap();
        assert!(batch.series.is_empty());
        assert_eq!(batch.provenance.questions.len(), 1);
    }

    #[test]
    fn a_table_of_ids_is_none() {
        assert!(!is_head("id,time,value\n1,2020-05-22T03:00:00Z,2".lines()));
    }
}
