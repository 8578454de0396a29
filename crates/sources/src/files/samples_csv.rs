//! Samples with the header `timestamp,value`, as in a bundle's `series/`.

use super::{
    cloudwatch_label::describe,
    reading::{Reading, period_s, series_id},
};
use crate::{
    BundleError,
    bundle::{limits::MAX_SAMPLES, parse_samples, text},
};
use model::{Batch, SeriesMeta, Window, bundle::RawFile};

/// Reads the file into one series, named after it or as somebody says: a label such as
/// `fs-0123456789abcdef0 BurstCreditBalance Average` says what it measures, and of what.
pub(crate) fn read(file: &RawFile, _window: Window) -> Result<Batch, BundleError> {
    let text = text(&file.path, &file.content)?;
    let table = parse_samples(&file.path, text, MAX_SAMPLES)?;
    let mut reading = Reading::new(file, "file");
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let mut meta = SeriesMeta {
        id: series_id(&file.path),
        name: name.strip_suffix(".csv").unwrap_or(name).to_owned(),
        period_s: period_s(&table.samples),
        ..SeriesMeta::default()
    };
    if let Some(said) = &file.columns {
        // The one column of values, by the name that somebody gave it.
        if let Some(name) = said.values.first().filter(|name| !name.trim().is_empty()) {
            describe(name.trim(), &mut meta);
        }
        meta.unit.clone_from(&said.unit);
    }
    if let Some((line, row)) = table.cut {
        reading.gap(&format!(
            "the last row (line {line}) breaks off after '{row}' and is left out"
        ));
    }
    reading.series(meta, table.samples);
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
}
