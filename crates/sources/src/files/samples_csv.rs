//! Samples with the header `timestamp,value`, as in a bundle's `series/`.

use super::reading::{Reading, period_s, series_id};
use crate::{
    BundleError,
    bundle::{limits::MAX_SAMPLES, parse_samples, text},
};
use model::{Batch, SeriesMeta, Window, bundle::RawFile};

/// Reads the file into one series, named after it.
pub(crate) fn read(file: &RawFile, _window: Window) -> Result<Batch, BundleError> {
    let text = text(&file.path, &file.content)?;
    let table = parse_samples(&file.path, text, MAX_SAMPLES)?;
    let mut reading = Reading::new(file, "file");
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let meta = SeriesMeta {
        id: series_id(&file.path),
        name: name.strip_suffix(".csv").unwrap_or(name).to_owned(),
        period_s: period_s(&table.samples),
        ..SeriesMeta::default()
    };
    if let Some((line, row)) = table.cut {
        reading.gap(&format!(
            "the last row (line {line}) breaks off after '{row}' and is left out"
        ));
    }
    reading.series(meta, table.samples);
    Ok(reading.finish())
}
