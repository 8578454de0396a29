//! The portable form of an incident, in memory. Reading and writing files is `sources`' work.

use crate::{
    ActionItem, Annotation, Document, Edge, Event, Evidence, Extra, Impact, Judgement, Provenance,
    Series, SeriesMeta, Timestamp, Window,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The `schema` field of `incident.json`.
pub const BUNDLE_SCHEMA: &str = "lineup.bundle/1";

/// `incident.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IncidentHeader {
    /// Always [`BUNDLE_SCHEMA`].
    pub schema: String,
    /// Title.
    pub title: String,
    /// The window that is looked at.
    pub window: Window,
    /// When people felt it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// Ids of series that show what people felt.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub symptom: Vec<String>,
    /// What every page and report must say about the evidence (a simulation, whose data it is).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Where the evidence came from, batch by batch.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub provenance: Vec<Provenance>,
    /// What people decided about suspects.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub judgements: Vec<Judgement>,
    /// What people set out to do.
    #[serde(
        default,
        deserialize_with = "crate::event::null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub actions: Vec<ActionItem>,
    /// What people wrote into the postmortem, with its history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A raw file of `files/`, with its line in `files/index.jsonl`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RawFile {
    /// Path below the bundle, e.g. `files/pods.txt`.
    pub path: String,
    /// When it was taken; unknown where the index does not say.
    #[serde(default)]
    pub observed_at: Option<Timestamp>,
    /// Time zone of the times in it (IANA name or offset); unknown where the index does not say.
    #[serde(default)]
    pub timezone: Option<String>,
    /// Which columns of a table hold what; unknown where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Columns>,
    /// Its bytes.
    #[serde(skip)]
    pub content: Vec<u8>,
}

/// Which columns of a table hold times and values, and how they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The column of times: its heading, or its number counted from 1.
    #[serde(default)]
    pub time: String,
    /// The columns of values, by heading or number. Empty: all others that hold numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Unit of the values, such as `Seconds` or `Bytes`; empty where nobody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// How times are written: `rfc3339`, `epoch_s`, `epoch_ms`, `epoch_us`, `y-m-d`, `d/m/y`,
    /// `m/d/y`. Empty: as the content shows, where that leaves no doubt.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_format: String,
    /// Whether `1,5` is one and a half; otherwise as the content shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal_comma: Option<bool>,
}

/// What a question about a raw file is about: a field of [`RawFile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionField {
    /// [`RawFile::observed_at`]: when it was taken. Years follow from it.
    ObservedAt,
    /// [`RawFile::timezone`]: the zone of times that name none.
    Timezone,
    /// [`RawFile::columns`]: which columns hold what, and how times are written.
    Columns,
}

/// Something that a raw file does not say and that nobody may guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The file.
    pub path: String,
    /// What is asked for.
    pub field: QuestionField,
    /// Why it is asked, for people.
    pub why: String,
    /// The most likely answer, as a form takes it: RFC 3339 for a time, an IANA name or an offset
    /// for a zone, JSON of [`Columns`] for columns. Empty where there is none.
    #[serde(default)]
    pub proposal: String,
}

/// A bundle: everything that travels between two installations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bundle {
    /// `incident.json`.
    pub header: IncidentHeader,
    /// `series.jsonl` and `series/<id>.csv`.
    pub series: Vec<Series>,
    /// `topology.jsonl`.
    pub topology: Vec<Edge>,
    /// `events.jsonl`. Events read out of `files` are added by `sources`, never written here.
    pub events: Vec<Event>,
    /// `annotations.jsonl`.
    pub annotations: Vec<Annotation>,
    /// `report.md`.
    pub report_md: Option<String>,
    /// `figures.json`, as it came.
    pub figures: Option<serde_json::Value>,
    /// `files/*`.
    pub files: Vec<RawFile>,
}

impl Bundle {
    /// SHA-256 (hexadecimal) over what the bundle says: header without provenance, series, events,
    /// topology, annotations and raw files, whatever their order. Two equal bundles are one
    /// incident; report and figures are made from the rest and do not count.
    pub fn digest(&self) -> String {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let header = IncidentHeader {
            provenance: Vec::new(),
            ..self.header.clone()
        };
        parts.push(part("header", &header, &[]));
        parts.extend(self.series.iter().map(series_part));
        parts.extend(self.events.iter().map(|e| part("event", e, &[])));
        parts.extend(self.topology.iter().map(|e| part("edge", e, &[])));
        parts.extend(self.annotations.iter().map(|a| part("annotation", a, &[])));
        parts.extend(self.files.iter().map(|f| part("file", f, &f.content)));
        parts.sort();
        hex(&parts
            .iter()
            .fold(Sha256::new(), Digest::chain_update)
            .finalize())
    }

    /// The evidence of the bundle, in its order.
    pub fn evidence(&self) -> Evidence {
        let mut evidence = Evidence {
            window: self.header.window,
            impact: self.header.impact,
            symptom: self.header.symptom.clone(),
            series: self.series.clone(),
            events: self.events.clone(),
            topology: self.topology.clone(),
            provenance: self.header.provenance.clone(),
        };
        evidence.sort();
        evidence
    }
}

fn series_part(series: &Series) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(series.samples.len() * 16);
    for (t, v) in series.samples.iter() {
        bytes.extend_from_slice(&t.millis().to_le_bytes());
        bytes.extend_from_slice(&v.to_bits().to_le_bytes());
    }
    part::<SeriesMeta>("series", &series.meta, &bytes)
}

/// Hash of one part: what it is, its JSON, its bytes; lengths keep the three apart.
fn part<T: Serialize>(what: &str, value: &T, bytes: &[u8]) -> Vec<u8> {
    // Sorted keys: the same digest whatever order a file, or a feature of the JSON library, gives.
    let mut json = serde_json::to_value(value).unwrap_or_default();
    json.sort_all_objects();
    let json = json.to_string();
    Sha256::new()
        .chain_update(what)
        .chain_update((json.len() as u64).to_le_bytes())
        .chain_update(json.as_bytes())
        .chain_update(bytes)
        .finalize()
        .to_vec()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
            use std::fmt::Write;
            // Writing to a String cannot fail.
            let _ = write!(out, "{b:02x}");
            out
        })
}

/// SHA-256 of some bytes, lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
