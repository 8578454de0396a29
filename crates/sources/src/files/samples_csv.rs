//! Samples with the header `timestamp,value`, as in a bundle's `series/`.

use super::{
    cloudwatch_label::describe,
    csv,
    reading::{Reading, period_s, series_id},
};
use crate::{
    BundleError,
    bundle::{limits::MAX_SAMPLES, parse_samples, text},
};
use model::{
    Batch, Samples, SeriesMeta, Window,
    bundle::{QuestionField, RawFile},
};

/// Reads the file into one series, named after it or as somebody says: a label such as
/// `fs-0123456789abcdef0 BurstCreditBalance Average` says what it measures, and of what.
pub(crate) fn read(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    let text = text(&file.path, &file.content)?;
    let table = match parse_samples(&file.path, text, MAX_SAMPLES) {
        Ok(table) => table,
        Err(fault @ BundleError::Malformed { .. }) => return as_any_table(file, window, fault),
        Err(fault) => return Err(fault),
    };
    let mut reading = Reading::new(file, "file");
    if let Some((line, row)) = table.cut {
        reading.gap(&format!(
            "the last row (line {line}) breaks off after '{row}' and is left out"
        ));
    }
    reading.series(meta(file, &table.samples), table.samples);
    Ok(reading.finish())
}

fn meta(file: &RawFile, samples: &Samples) -> SeriesMeta {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let mut meta = SeriesMeta {
        id: series_id(&file.path),
        name: name.strip_suffix(".csv").unwrap_or(name).to_owned(),
        period_s: period_s(samples),
        ..SeriesMeta::default()
    };
    if let Some(said) = &file.columns {
        // The one column of values, by the name that somebody gave it.
        if let Some(name) = said.values.first().filter(|name| !name.trim().is_empty()) {
            describe(name.trim(), &mut meta);
        }
        meta.unit.clone_from(&said.unit);
    }
    meta
}

/// Reads a file of which not every row is as it should be, as any other table is read: what cannot be
/// read in it is said, the rest counts. Where that gives nothing, the fault stands.
fn as_any_table(file: &RawFile, window: Window, fault: BundleError) -> Result<Batch, BundleError> {
    let plain = RawFile {
        columns: None,
        ..file.clone()
    };
    let Ok(mut table) = csv::read(&plain, window) else {
        return Err(fault);
    };
    let mut questions = table.provenance.questions.into_iter();
    let zone = questions.find(|question| question.field == QuestionField::Timezone);
    let series = table.series.pop();
    if (series.is_none() && zone.is_none()) || !table.series.is_empty() {
        return Err(fault);
    }
    let mut reading = Reading::new(file, "file");
    reading.gap(&format!("read as any table, since in {fault}"));
    for gap in &table.provenance.gaps {
        reading.gap_of(gap.window, &gap.reason);
    }
    if let Some(zone) = zone {
        reading.ask(zone.field, &zone.why, zone.proposal);
    }
    if let Some(series) = series {
        reading.series(meta(file, &series.samples), series.samples);
    }
    Ok(reading.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::bundle::Columns;

    #[test]
    fn what_a_series_measures_can_be_said() {
        let mut file = RawFile {
            path: "files/burst.csv".into(),
            content: b"timestamp,value\n2020-05-20T00:00:00Z,7\n".to_vec(),
            ..RawFile::default()
        };
        let window = Window::default();
        let meta = |file: &RawFile| read(file, window).unwrap().series.remove(0).meta;
        let before = meta(&file);
        assert_eq!((before.name.as_str(), before.unit.as_str()), ("burst", ""));
        file.columns = Some(Columns {
            values: vec!["fs-0123456789abcdef0 BurstCreditBalance Average".into()],
            unit: "Bytes".into(),
            ..Columns::default()
        });
        let said = meta(&file);
        assert_eq!(
            (said.name.as_str(), said.stat.as_str(), said.unit.as_str()),
            ("BurstCreditBalance", "Average", "Bytes")
        );
        assert_eq!(said.namespace, "AWS/EFS");
        assert_eq!(said.resource.as_deref(), Some("aws:fs-0123456789abcdef0"));
        assert_eq!(said.id, before.id, "notes and links go on pointing at it");
    }

    #[test]
    fn one_bad_row_is_said_and_the_others_count() {
        let file = RawFile {
            path: "files/burst.csv".into(),
            content: b"timestamp,value\n1590000000,7\n1590000060,much\n1590000120,6\n".to_vec(),
            ..RawFile::default()
        };
        let batch = read(&file, Window::default()).unwrap();
        let [series] = batch.series.as_slice() else {
            panic!("{batch:?}")
        };
        assert_eq!(series.samples.values(), [7.0, 6.0]);
        assert_eq!(series.meta.id, "files_burst.csv");
        assert_eq!(series.meta.name, "burst");
        let gaps: Vec<&str> = batch
            .provenance
            .gaps
            .iter()
            .map(|gap| gap.reason.as_str())
            .collect();
        assert_eq!(
            gaps,
            [
                "read as any table, since in files/burst.csv:3: expected a finite number or nothing, found 'much'",
                "1 cell holds no number, in line 3"
            ]
        );
    }

    #[test]
    fn a_file_without_a_row_that_can_be_read_keeps_its_fault() {
        let file = RawFile {
            path: "files/burst.csv".into(),
            content: b"timestamp,value\nyesterday,much\n".to_vec(),
            ..RawFile::default()
        };
        let fault = read(&file, Window::default()).unwrap_err().to_string();
        assert!(
            fault.starts_with("files/burst.csv:2: expected a time"),
            "{fault}"
        );
    }
}
