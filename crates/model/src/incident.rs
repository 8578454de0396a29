//! What people make of evidence: incidents, notes, links, jobs.

use crate::{Extra, Timestamp, Window};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Id of an incident in one installation: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub String);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When people felt it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// From when.
    pub start: Timestamp,
    /// Until when; `None`: still going on.
    #[serde(default)]
    pub end: Option<Timestamp>,
}

/// How far an incident has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Evidence is still being fetched.
    Collecting,
    /// Evidence is there; nobody has closed it.
    #[default]
    Open,
    /// Closed.
    Closed,
}

/// An incident: a window with a title, to which evidence, notes and a report belong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Id in this installation.
    pub id: IncidentId,
    /// Title.
    pub title: String,
    /// The window that is looked at.
    pub window: Window,
    /// When people felt it.
    #[serde(default)]
    pub impact: Option<Impact>,
    /// Ids of series that show what people felt.
    #[serde(default)]
    pub symptom: Vec<String>,
    /// How far it has come.
    #[serde(default)]
    pub state: IncidentState,
    /// Whether it is still going on: the sources are asked again and the window grows until it is
    /// closed.
    #[serde(default)]
    pub live: bool,
    /// What every page and report must say about the evidence: that it is a simulation, or whose
    /// data it is.
    #[serde(default)]
    pub notice: Option<String>,
    /// When it was made in this installation.
    pub created_at: Timestamp,
    /// SHA-256 (hexadecimal) of the bundle it was imported from, see [`crate::Bundle::digest`].
    #[serde(default)]
    pub digest: Option<String>,
    /// Fields of `incident.json` that this version does not know.
    #[serde(default)]
    pub extra: Extra,
}

/// A note on the timeline, at a point or over a range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Id, unique within the incident; `[A-Za-z0-9._-]{1,128}`.
    pub id: String,
    /// Who wrote it.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub author: String,
    /// From when.
    pub start: Timestamp,
    /// Until when; `None`: a point.
    #[serde(default)]
    pub end: Option<Timestamp>,
    /// The note: plain text.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub text: String,
    /// Series it is about.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub series: Vec<String>,
    /// Events it is about.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub events: Vec<String>,
    /// When it was written.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// State of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waiting to be taken.
    #[default]
    Queued,
    /// Being worked on.
    Running,
    /// Finished; `message` and `missing` say what came and what did not.
    Done,
    /// Given up; `message` says why.
    Failed,
    /// Cancelled by a person.
    Cancelled,
}

impl JobState {
    /// Whether nothing more will happen.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// Long work on an incident, such as a pull. Survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Id, 32 lower-case hexadecimal digits.
    pub id: String,
    /// The incident it works for.
    pub incident: IncidentId,
    /// What kind of work: `pull`.
    pub kind: String,
    /// Its parameters; no secrets.
    pub spec: serde_json::Value,
    /// How far it is.
    pub state: JobState,
    /// Steps done.
    pub done: u32,
    /// Steps in all; 0 while unknown.
    pub total: u32,
    /// What is being done, or how it ended.
    pub message: String,
    /// What did not come.
    #[serde(default)]
    pub missing: Vec<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it last moved; a running job that has not moved for a minute may be taken over.
    pub updated_at: Timestamp,
}
