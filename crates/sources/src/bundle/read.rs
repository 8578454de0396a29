//! From files to a [`Bundle`].

use super::{
    BundleError, check,
    check::{Numbered, series_id},
    evidence::derived_ids,
    fields,
    limits::{MAX_ANNOTATIONS, MAX_EDGES, MAX_EVENTS, MAX_FILES, MAX_SAMPLES, MAX_SERIES},
    lines::{Fields, line_with, lines, parse, syntax, text, typed},
    manifest,
    path::{ID_FORM, is_dotted_samples, is_id},
    samples::{self, shorten},
    tree::Tree,
};
use model::{
    Bundle, Event, Extra, Gap, Provenance, Series, SeriesMeta, Timestamp,
    bundle::{BUNDLE_SCHEMA, Columns, IncidentHeader, RawFile},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Where fields of `files/index.jsonl` that this version does not know are kept, by path.
pub(crate) const INDEX_EXTRA: &str = "files/index.jsonl";

/// Reads a bundle out of its files.
pub(crate) fn bundle(tree: Tree) -> Result<Bundle, BundleError> {
    let mut files = tree.files;
    for (path, content) in &files {
        check::size(path, content.len() as u64)?;
    }
    let manifest = files.remove(manifest::FILE);
    if let Some(sums) = &manifest {
        manifest::check(sums, &mut files)?;
    }
    let (mut header, header_text) = header(&mut files)?;
    let metas = jsonl::<SeriesMeta>(&mut files, "series.jsonl", &fields::SERIES, MAX_SERIES)?;
    check::series(metas.iter().map(|(line, meta)| (*line, meta)))?;
    let events = events(&mut files)?;
    let edges = jsonl(&mut files, "topology.jsonl", &fields::EDGE, MAX_EDGES)?;
    check::edges(edges.iter().map(|(line, edge)| (*line, edge)))?;
    let notes = jsonl(
        &mut files,
        "annotations.jsonl",
        &fields::ANNOTATION,
        MAX_ANNOTATIONS,
    )?;
    check::annotations(notes.iter().map(|(line, note)| (*line, note)))?;
    if manifest.is_none() {
        let named: BTreeSet<&str> = metas.iter().map(|(_, meta)| meta.id.as_str()).collect();
        files.retain(|path, _| {
            !is_dotted_samples(path) || series_id(path).is_some_and(|id| named.contains(id))
        });
    }
    let series = all_samples(&mut files, metas, &mut header)?;
    let report_md = match files.remove("report.md") {
        Some(content) => Some(text("report.md", &content)?.to_owned()),
        None => None,
    };
    let figures = figures(&mut files)?;
    let files = raw_files(files, &mut header)?;
    let bundle = Bundle {
        header,
        series,
        topology: values(edges),
        events,
        annotations: values(notes),
        report_md,
        figures,
        files,
    };
    check_symptom(&bundle, |id| line_with(&header_text, &format!("\"{id}\"")))?;
    Ok(bundle)
}

fn values<T>(items: Vec<Numbered<T>>) -> Vec<T> {
    items.into_iter().map(|(_, value)| value).collect()
}

/// The lines of `events.jsonl`, checked.
pub(crate) fn events(files: &mut Files) -> Result<Vec<Event>, BundleError> {
    let events = jsonl(files, "events.jsonl", &fields::EVENT, MAX_EVENTS)?;
    check::events(events.iter().map(|(line, event)| (*line, event)))?;
    Ok(values(events))
}

fn header(files: &mut Files) -> Result<(IncidentHeader, String), BundleError> {
    const FILE: &str = "incident.json";
    let Some(content) = files.remove(FILE) else {
        return Err(BundleError::file(FILE, "this file, which every bundle has"));
    };
    let json = text(FILE, &content)?;
    let value: Value =
        serde_json::from_str(json).map_err(|e| syntax(FILE, 1, "the incident", &e))?;
    // The schema first: a later version may have other fields altogether.
    if value.get("schema").and_then(Value::as_str) != Some(BUNDLE_SCHEMA) {
        let found = value
            .get("schema")
            .map_or("none".into(), ToString::to_string);
        let expected = format!("schema \"{BUNDLE_SCHEMA}\", found {}", shorten(&found));
        return Err(BundleError::at(
            FILE,
            line_with(json, "\"schema\""),
            expected,
        ));
    }
    let line = |field: &str| line_with(json, &format!("\"{field}\""));
    let header: IncidentHeader = typed(FILE, line, value, &fields::INCIDENT)?;
    check_header(&header, line)?;
    check::title(&header, line("title"))?;
    Ok((header, json.to_owned()))
}

/// Order of the header's times.
pub(crate) fn check_header(
    header: &IncidentHeader,
    line: impl Fn(&str) -> u64,
) -> Result<(), BundleError> {
    const FILE: &str = "incident.json";
    let window = header.window;
    if window.start >= window.end {
        let (start, end) = (window.start, window.end);
        let expected = format!("a window that starts before it ends, found {start} to {end}");
        return Err(BundleError::at(FILE, line("window"), expected));
    }
    if let Some((start, end)) = header.impact.and_then(|i| Some((i.start, i.end?)))
        && end < start
    {
        let expected = format!("an impact that starts before it ends, found {start} to {end}");
        return Err(BundleError::at(FILE, line("impact"), expected));
    }
    check::decisions(header, line)
}

/// Every symptom is a series of the bundle or one that its raw files give. While a file waits for an
/// answer, nobody can say which it will give.
pub(crate) fn check_symptom(
    bundle: &Bundle,
    line: impl Fn(&str) -> u64,
) -> Result<(), BundleError> {
    let unknown = |id: &&String| !bundle.series.iter().any(|s| s.meta.id == **id);
    let unknown: Vec<&String> = bundle.header.symptom.iter().filter(unknown).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let (derived, waiting) = derived_ids(bundle)?;
    let Some(id) = unknown.into_iter().find(|id| !derived.contains(id)) else {
        return Ok(());
    };
    if waiting {
        return Ok(());
    }
    let some: Vec<&str> = derived.iter().take(5).map(String::as_str).collect();
    let from_files = match (some.is_empty(), derived.len() > some.len()) {
        (true, _) => String::new(),
        (false, more) => format!(
            " (files/ has {}{})",
            some.join(", "),
            if more { "…" } else { "" }
        ),
    };
    let expected = format!(
        "a symptom that series.jsonl or a raw file has{from_files}, found '{}'",
        shorten(id)
    );
    Err(BundleError::at("incident.json", line(id), expected))
}

/// The lines of a `.jsonl` file; none where it is absent. Stops at the limit.
fn jsonl<T: DeserializeOwned>(
    files: &mut Files,
    file: &str,
    known: &Fields,
    limit: usize,
) -> Result<Vec<Numbered<T>>, BundleError> {
    let Some(content) = files.remove(file) else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for line in lines(file, text(file, &content)?) {
        let (number, json) = line?;
        if out.len() >= limit {
            return Err(BundleError::TooLarge {
                file: file.to_owned(),
                line: Some(number),
                limit: format!("{limit} lines with content"),
            });
        }
        out.push((number, parse(file, number, json, known)?));
    }
    Ok(out)
}

/// The samples of every descriptor, and nothing else below `series/`.
fn all_samples(
    files: &mut Files,
    metas: Vec<Numbered<SeriesMeta>>,
    header: &mut IncidentHeader,
) -> Result<Vec<Series>, BundleError> {
    let mut total = 0;
    let mut all = Vec::with_capacity(metas.len());
    for (line, meta) in metas {
        let file = format!("series/{}.csv", meta.id);
        let Some(content) = files.remove(&file) else {
            let expected = format!("the file {file}, which is not in the bundle");
            return Err(BundleError::at("series.jsonl", line, expected));
        };
        let table = samples::parse(&file, text(&file, &content)?, MAX_SAMPLES - total)?;
        if let Some((line, row)) = table.cut {
            note_cut(header, &file, line, &row);
        }
        total += table.samples.len();
        all.push(Series {
            meta,
            samples: table.samples,
        });
    }
    let Some((file, id)) = files.keys().find_map(|path| Some((path, series_id(path)?))) else {
        return Ok(all);
    };
    let expected = if is_id(id) {
        format!("a line with the id '{id}' in series.jsonl, which has none")
    } else {
        format!("a name made of {ID_FORM}")
    };
    Err(BundleError::file(file, expected))
}

/// Says in the provenance that a last row was left out.
fn note_cut(header: &mut IncidentHeader, file: &str, line: u64, row: &str) {
    header.provenance.push(Provenance {
        source: "bundle".into(),
        query: file.to_owned(),
        gaps: vec![Gap {
            what: file.to_owned(),
            window: None,
            reason: format!("the last row (line {line}) breaks off after '{row}' and is left out"),
        }],
        ..Provenance::default()
    });
}

fn figures(files: &mut Files) -> Result<Option<Value>, BundleError> {
    const FILE: &str = "figures.json";
    let Some(content) = files.remove(FILE) else {
        return Ok(None);
    };
    serde_json::from_str(text(FILE, &content)?)
        .map(Some)
        .map_err(|e| syntax(FILE, 1, "the figures", &e))
}

#[derive(Deserialize)]
struct IndexLine {
    path: String,
    #[serde(default)]
    observed_at: Option<Timestamp>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    columns: Option<Columns>,
    #[serde(flatten)]
    extra: Extra,
}

/// What is left: the files of the index in its order, then the others.
fn raw_files(mut files: Files, header: &mut IncidentHeader) -> Result<Vec<RawFile>, BundleError> {
    const FILE: &str = "files/index.jsonl";
    let index: Vec<Numbered<IndexLine>> = jsonl(&mut files, FILE, &fields::INDEX, MAX_FILES)?;
    let mut out = Vec::with_capacity(files.len());
    let mut extras = Extra::new();
    for (line, entry) in index {
        // The path may be given from the bundle's top or from `files/`.
        let below = format!("files/{}", entry.path);
        let found = files
            .remove_entry(&entry.path)
            .or_else(|| files.remove_entry(&below));
        let Some((path, content)) = found else {
            let expected = "a path below the bundle's top, each once, found";
            let expected = format!("{expected} '{}'", shorten(&entry.path));
            return Err(BundleError::at(FILE, line, expected));
        };
        if !entry.extra.is_empty() {
            extras.insert(path.clone(), Value::Object(entry.extra));
        }
        out.push(RawFile {
            path,
            observed_at: entry.observed_at,
            timezone: entry.timezone,
            columns: entry.columns,
            content,
        });
    }
    if !extras.is_empty() {
        header
            .extra
            .insert(INDEX_EXTRA.into(), Value::Object(extras));
    }
    out.extend(files.into_iter().map(|(path, content)| RawFile {
        path,
        content,
        ..RawFile::default()
    }));
    Ok(out)
}
