//! The PetShop data set: a case of it becomes a bundle.
//!
//! PetShop (Hardt et al. 2024, arXiv 2311.04806; `amazon-science/petshop-root-cause-analysis`) is
//! a real application on AWS with injected faults: metrics of each service at 5 minutes, the call
//! graph, and the command that caused each fault. A case is a folder with
//!
//! - `metrics.csv`: `timestamp` and a column `node|metric|statistic` for each series; an empty
//!   value is a gap; a timestamp is the start of its period;
//! - `query.json`: the series that the alarm watched, and when it went off;
//! - `events.json`: changes around that time. One is true; the others may be made up for scoring,
//!   and never belong on a page (see [`EventChoice`]).
//!
//! Beside the call graph may lie `normal.csv`, the same metrics in normal operation at another
//! time. Its rows are moved to just before the case, so that there is a normal level to compare
//! with; the bundle's notice and provenance say so.

use crate::bundle::{BundleError, limits::MAX_TITLE_CHARS};
use model::bundle::{BUNDLE_SCHEMA, IncidentHeader};
use model::time::{HOUR, SECOND};
use model::{
    Bundle, Edge, EdgeKind, Event, EventKind, Extra, Impact, ObjectRef, Provenance, Timestamp,
    Window,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod table;

use table::Table;

/// Name of the source.
pub const NAME: &str = "petshop";
/// Where the data come from, and whose they are.
pub const ATTRIBUTION: &str = "PetShop dataset, Copyright Amazon.com, Inc. or its affiliates, \
     licensed CC BY 4.0 (https://github.com/amazon-science/petshop-root-cause-analysis)";
/// Length of a period, seconds.
const PERIOD_S: u32 = 300;
/// How much of normal operation the window shows before the case, milliseconds: enough to see a
/// normal level. The rest lies before the window, for the analysis.
const SHOWN_BEFORE: i64 = 2 * HOUR;

/// Rows of normal operation taken over: the last day, for a normal level and its daily course.
const NORMAL_ROWS: usize = 288;

/// Which events of a case to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventChoice {
    /// None of them.
    None,
    /// Only the change that really happened, as this `labels.json` names it.
    TrueOnly(PathBuf),
    /// Every candidate, made-up ones included. For scoring only: never to be shown.
    All,
}

#[derive(Deserialize)]
struct Query {
    target_node: String,
    target_metric: String,
    target_stat: String,
    alarm_time: Timestamp,
}

#[derive(Deserialize)]
struct Candidate {
    id: String,
    time: Timestamp,
    kind: String,
    service: String,
    #[serde(default)]
    title: String,
}

#[derive(Clone, Deserialize)]
struct Label {
    true_event: String,
    #[serde(default)]
    command: String,
    #[serde(default)]
    source: String,
}

/// A file of a case.
#[derive(Clone, Debug, Default)]
pub struct CaseFile {
    /// What it is called in messages.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl CaseFile {
    fn read(path: &Path) -> Result<Self, BundleError> {
        let name = path.display().to_string();
        match std::fs::read(path) {
            Ok(content) => Ok(Self { name, content }),
            Err(e) => Err(BundleError::io(name, e)),
        }
    }

    fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, BundleError> {
        serde_json::from_slice(&self.content).map_err(|e| {
            let expected = format!("a PetShop file ({e})");
            BundleError::at(&self.name, e.line() as u64, expected)
        })
    }
}

/// The files of a case, and those beside the call graph.
#[derive(Clone, Debug, Default)]
pub struct CaseFiles {
    /// What the case is called.
    pub case: String,
    /// `metrics.csv`.
    pub metrics: CaseFile,
    /// `query.json`.
    pub query: CaseFile,
    /// `graph.csv`.
    pub graph: CaseFile,
    /// `normal.csv`, where there is one.
    pub normal: Option<CaseFile>,
    /// `events.json`, where events are taken.
    pub events: Option<CaseFile>,
    /// `labels.json`, where only the change that really happened is taken.
    pub labels: Option<CaseFile>,
}

/// Makes a bundle of the case in `case_dir`, with the call graph in `graph_csv` and, where there
/// is one beside the graph, the normal operation in `normal.csv`.
///
/// `lineup convert petshop CASE_DIR --graph graph.csv --labels labels.json -o OUT.zip` writes it.
pub fn convert(
    case_dir: &Path,
    graph_csv: &Path,
    events: &EventChoice,
) -> Result<Bundle, BundleError> {
    let case = case_dir.file_name();
    let normal_csv = graph_csv.with_file_name("normal.csv");
    let read_where = |there: bool, path: &Path| there.then(|| CaseFile::read(path)).transpose();
    convert_files(&CaseFiles {
        case: case.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        query: CaseFile::read(&case_dir.join("query.json"))?,
        metrics: CaseFile::read(&case_dir.join("metrics.csv"))?,
        graph: CaseFile::read(graph_csv)?,
        normal: read_where(normal_csv.exists(), &normal_csv)?,
        events: read_where(*events != EventChoice::None, &case_dir.join("events.json"))?,
        labels: match events {
            EventChoice::TrueOnly(labels) => Some(CaseFile::read(labels)?),
            EventChoice::None | EventChoice::All => None,
        },
    })
}

/// [`convert`] of files that are read already.
///
/// # Errors
/// The file and the line that is not what the data set's format says.
pub fn convert_files(files: &CaseFiles) -> Result<Bundle, BundleError> {
    let case = &files.case;
    let query: Query = files.query.json()?;
    let metrics = Table::read(&files.metrics)?;
    let normal = match &files.normal {
        Some(normal) => Some(Table::read(normal)?.last_rows(NORMAL_ROWS)),
        None => None,
    };
    let label = match &files.labels {
        Some(labels) => Some(label_of(labels, case)?),
        None => None,
    };
    let moved = normal.as_ref().map(|n| Moved::before(n, &metrics));
    let series = table::series(&metrics, normal.as_ref().zip(moved.map(|m| m.by_ms)));
    let watched = table::column_name(&query.target_node, &query.target_metric, &query.target_stat);
    let symptom = series.get(&watched).map(|s| s.meta.id.clone());
    let symptom = symptom.ok_or_else(|| {
        BundleError::file(
            &files.metrics.name,
            format!("samples in the column '{watched}', which query.json names"),
        )
    })?;
    let period = i64::from(PERIOD_S) * SECOND;
    let shown_before = if moved.is_some() { SHOWN_BEFORE } else { 0 };
    let window = Window {
        start: metrics.first().plus(-shown_before),
        end: metrics.last().plus(period),
    };
    let events = match &files.events {
        Some(events) => chosen(events, label.as_ref())?,
        None => Vec::new(),
    };
    Ok(Bundle {
        header: IncidentHeader {
            schema: BUNDLE_SCHEMA.into(),
            title: title(case, &query),
            window,
            impact: Some(Impact {
                start: query.alarm_time,
                end: None,
            }),
            symptom: vec![symptom],
            notice: Some(notice(&metrics, moved.as_ref())),
            provenance: provenance(
                &metrics,
                moved.as_ref(),
                label.as_ref(),
                &series,
                events.len(),
            ),
            ..IncidentHeader::default()
        },
        series: series.into_values().collect(),
        topology: edges(&files.graph)?,
        events,
        ..Bundle::default()
    })
}

/// What the case is called, as long as a bundle takes it.
fn title(case: &str, query: &Query) -> String {
    let title = format!(
        "PetShop {case}: {} of {}",
        query.target_metric, query.target_node
    );
    let plain = title.chars().filter(|c| !c.is_control());
    plain.take(MAX_TITLE_CHARS).collect()
}

/// Normal operation, moved in time to end where the case begins.
#[derive(Clone, Copy)]
struct Moved {
    /// When it was measured.
    measured: Window,
    /// By how much its rows are moved.
    by_ms: i64,
}

impl Moved {
    fn before(normal: &Table, case: &Table) -> Self {
        let period = i64::from(PERIOD_S) * SECOND;
        let end = normal.last().plus(period);
        Self {
            measured: Window {
                start: normal.first(),
                end,
            },
            by_ms: case.first().since(end),
        }
    }
}

fn notice(case: &Table, moved: Option<&Moved>) -> String {
    let moved = moved.map_or_else(String::new, |moved| {
        format!(
            " All samples before {} UTC are normal operation measured from {} to {} UTC and moved \
             here to compare with.",
            case.first().minute(),
            moved.measured.start.minute(),
            moved.measured.end.minute(),
        )
    });
    format!(
        "Real measurements of a demonstration application on AWS with an injected fault. \
         {ATTRIBUTION}; changed: converted to a bundle, values rounded to 6 digits, the change's \
         time and kind derived from the published command.{moved}"
    )
}

fn provenance(
    case: &Table,
    moved: Option<&Moved>,
    label: Option<&Label>,
    series: &BTreeMap<String, model::Series>,
    events: usize,
) -> Vec<Provenance> {
    let period = i64::from(PERIOD_S) * SECOND;
    let place = label.map(|l| l.source.as_str()).filter(|s| !s.is_empty());
    let ids: Vec<String> = series.values().map(|s| s.meta.id.clone()).collect();
    let measured = Provenance {
        source: NAME.into(),
        query: format!("{ATTRIBUTION}: {}", place.unwrap_or("metrics of one case")),
        window: Window::new(case.first(), case.last().plus(period)),
        resolution_s: Some(PERIOD_S),
        series: ids.clone(),
        events,
        ..Provenance::default()
    };
    let normal = moved.map(|moved| Provenance {
        source: NAME.into(),
        query: format!(
            "{ATTRIBUTION}: normal operation, moved by {} s",
            moved.by_ms / SECOND
        ),
        window: Some(moved.measured),
        resolution_s: Some(PERIOD_S),
        series: ids,
        ..Provenance::default()
    });
    std::iter::once(measured).chain(normal).collect()
}

fn chosen(events: &CaseFile, label: Option<&Label>) -> Result<Vec<Event>, BundleError> {
    let candidates: Vec<Candidate> = events.json()?;
    let Some(label) = label else {
        return Ok(candidates.into_iter().map(|c| event(c, "")).collect());
    };
    let found = candidates.into_iter().find(|c| c.id == label.true_event);
    let found = found.ok_or_else(|| {
        BundleError::file(
            &events.name,
            format!("the event '{}' that labels.json names", label.true_event),
        )
    })?;
    Ok(vec![event(found, &label.command)])
}

fn event(candidate: Candidate, command: &str) -> Event {
    let mut attributes = Extra::new();
    attributes.insert("resource".into(), candidate.service.clone().into());
    if !command.is_empty() {
        attributes.insert("command".into(), command.into());
    }
    Event {
        id: candidate.id,
        kind: match candidate.kind.as_str() {
            "deploy" => EventKind::Rollout,
            "job" => EventKind::JobRun,
            "config_change" => EventKind::ConfigChange,
            _ => EventKind::Other(candidate.kind),
        },
        start: Some(candidate.time),
        title: candidate.title,
        object: ObjectRef {
            kind: "Service".into(),
            name: candidate.service,
        },
        source: NAME.into(),
        attributes,
        ..Event::default()
    }
}

fn label_of(labels: &CaseFile, case: &str) -> Result<Label, BundleError> {
    let mut all: BTreeMap<String, Label> = labels.json()?;
    all.remove(case)
        .ok_or_else(|| BundleError::file(&labels.name, format!("an entry '{case}'")))
}

fn edges(graph: &CaseFile) -> Result<Vec<Edge>, BundleError> {
    let file = graph.name.as_str();
    let mut reader = csv::Reader::from_reader(graph.content.as_slice());
    let mut out = Vec::new();
    for row in reader.deserialize() {
        let (from, to): (String, String) = row.map_err(|e| table::csv_error(file, e))?;
        out.push(Edge {
            from,
            to,
            kind: EdgeKind::Calls,
            extra: Extra::new(),
        });
    }
    Ok(out)
}
