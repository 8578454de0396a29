//! From a [`Bundle`] to files. What is written can be read again: the same rules are checked.

use super::{
    BundleError, check, fields,
    limits::{MAX_FILES, MAX_TOTAL_BYTES},
    lines::{Fields, unclean},
    manifest, read, samples,
    tree::too_large,
};
use model::{Bundle, Extra, bundle::BUNDLE_SCHEMA};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// The files of a bundle, manifest included.
pub(crate) fn files(bundle: &Bundle) -> Result<Files, BundleError> {
    check_all(bundle)?;
    let mut files = Files::new();
    let mut header = bundle.header.clone();
    header.schema = BUNDLE_SCHEMA.into();
    let index_extra = header.extra.remove(read::INDEX_EXTRA);
    let header = to_value("incident.json", &header, &fields::INCIDENT)?;
    files.insert("incident.json".into(), pretty("incident.json", &header)?);
    let metas = bundle.series.iter().map(|s| &s.meta);
    jsonl(&mut files, "series.jsonl", metas, &fields::SERIES, true)?;
    jsonl(
        &mut files,
        "events.jsonl",
        bundle.events.iter(),
        &fields::EVENT,
        true,
    )?;
    let edges = bundle.topology.iter();
    jsonl(&mut files, "topology.jsonl", edges, &fields::EDGE, false)?;
    let notes = bundle.annotations.iter();
    jsonl(
        &mut files,
        "annotations.jsonl",
        notes,
        &fields::ANNOTATION,
        false,
    )?;
    for series in &bundle.series {
        let csv = samples::write(&series.samples);
        files.insert(format!("series/{}.csv", series.meta.id), csv.into_bytes());
    }
    if let Some(report) = &bundle.report_md {
        files.insert("report.md".into(), report.clone().into_bytes());
    }
    if let Some(figures) = &bundle.figures {
        files.insert("figures.json".into(), pretty("figures.json", figures)?);
    }
    raw_files(&mut files, bundle, index_extra.as_ref())?;
    let sums = manifest::of(&files)?;
    files.insert(manifest::FILE.into(), sums);
    within_limits(&files)?;
    Ok(files)
}

fn check_all(bundle: &Bundle) -> Result<(), BundleError> {
    read::check_header(&bundle.header, |_| 1)?;
    check::series(
        (1..)
            .zip(bundle.series.iter().map(|s| &s.meta))
            .collect::<Vec<_>>()
            .into_iter(),
    )?;
    let total = bundle.series.iter().map(|s| s.samples.len()).sum();
    check::samples("series", total)?;
    check::events((1..).zip(&bundle.events).collect::<Vec<_>>().into_iter())?;
    check::edges((1..).zip(&bundle.topology).collect::<Vec<_>>().into_iter())?;
    check::annotations(
        (1..)
            .zip(&bundle.annotations)
            .collect::<Vec<_>>()
            .into_iter(),
    )?;
    check::files(&bundle.files)?;
    read::check_symptom(bundle, |_| 1)
}

fn within_limits(files: &Files) -> Result<(), BundleError> {
    if files.len() > MAX_FILES {
        return Err(too_large(
            "bundle",
            format!("{MAX_FILES} files in a bundle"),
        ));
    }
    let mut total = 0;
    for (path, content) in files {
        let size = content.len() as u64;
        total += size;
        check::size(path, size)?;
        if total > MAX_TOTAL_BYTES {
            return Err(too_large(
                path,
                format!("{MAX_TOTAL_BYTES} bytes in a bundle"),
            ));
        }
    }
    Ok(())
}

fn to_value<T: Serialize>(file: &str, value: &T, known: &Fields) -> Result<Value, BundleError> {
    let mut value = serde_json::to_value(value).map_err(|e| unwritable(file, &e))?;
    unclean(&mut value, known);
    Ok(value)
}

fn unwritable(file: &str, e: &serde_json::Error) -> BundleError {
    BundleError::file(file, format!("content that JSON can hold ({e})"))
}

fn pretty(file: &str, value: &Value) -> Result<Vec<u8>, BundleError> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|e| unwritable(file, &e))?;
    json.push(b'\n');
    Ok(json)
}

/// Writes a file of lines; an empty one only where the format wants the file in any case.
fn jsonl<'a, T: Serialize + 'a>(
    files: &mut Files,
    file: &str,
    items: impl Iterator<Item = &'a T>,
    known: &Fields,
    always: bool,
) -> Result<(), BundleError> {
    let mut out = Vec::new();
    for item in items {
        let value = to_value(file, item, known)?;
        serde_json::to_writer(&mut out, &value).map_err(|e| unwritable(file, &e))?;
        out.push(b'\n');
    }
    if always || !out.is_empty() {
        files.insert(file.to_owned(), out);
    }
    Ok(())
}

fn raw_files(
    files: &mut Files,
    bundle: &Bundle,
    index_extra: Option<&Value>,
) -> Result<(), BundleError> {
    let mut index = Vec::new();
    for file in &bundle.files {
        let mut line = to_value("files/index.jsonl", file, &fields::INDEX)?;
        let extra = index_extra
            .and_then(|all| all.get(&file.path))
            .and_then(Value::as_object);
        if let (Value::Object(line), Some(extra)) = (&mut line, extra) {
            let new = extra.iter().filter(|(key, _)| !line.contains_key(*key));
            let new: Extra = new
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            line.extend(new);
        }
        serde_json::to_writer(&mut index, &line)
            .map_err(|e| unwritable("files/index.jsonl", &e))?;
        index.push(b'\n');
        files.insert(file.path.clone(), file.content.clone());
    }
    if !index.is_empty() {
        files.insert("files/index.jsonl".into(), index);
    }
    Ok(())
}
