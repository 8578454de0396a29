//! What the pages need from the server, stated as one trait, and the plain data that it gives.
//!
//! `server` implements [`Backend`]; every call carries who is asking. Nothing here knows a
//! database or a source.

pub mod alarm;
mod covered;
pub mod document;
pub mod files;
pub mod judging;
pub mod overview;
pub mod people;
pub mod review;
pub mod sharing;
pub mod sources;
pub mod timeline;

use crate::ApiError;
pub use alarm::AlarmAnswer;
use async_trait::async_trait;
pub use document::{
    ChartRow, DocumentView, FigureRow, HistoryView, PreviewView, Remark, Saved, SectionChange,
    SectionDraft, SectionView, StateView, TemplateRow, TimelineDraft, TimelineRow, Words, Writing,
};
pub use files::{FileAnswer, FileRow};
pub use judging::{
    ActionChange, ActionDraft, AlarmText, BackTestAnswer, BackTestAsk, JudgementDraft, Judging,
    WhatIfAnswer, WhatIfAsk,
};
use model::{
    Analysis, Annotation, Document, Evidence, Incident, IncidentId, Judgement, incident::Job,
};
use model::{Timestamp, Window, bundle::RawFile};
use model::{action::TestedAction, analysis::recurrence::Earlier};
pub use overview::{CreditRow, IncidentRow, Origin, Overview, RolloutRow, SourceRow, ZombieRow};
pub use people::{Belongs, Member, People};
pub use review::{
    ActionEdit, ActionRow, ActionsAsk, ActionsView, ActivityPage, ChangedSection, CommentDraft,
    Comparison, Fate, NOBODY, PlacedThread, ReviewAsk, ReviewView, Reviewing, VersionView,
};
pub use sharing::{
    Entered, FileKind, NewShare, ShareAsk, ShareDraft, SharePage, ShareRow, ShareState,
    SharedBytes, Sharing, StandIn, Visit, Visited, Wanted,
};
pub use sources::{
    Coverage, ExploreAsk, Explored, MetricAsk, MetricPrice, MetricRow, MetricsFound, NotShown,
    OpenIncident, PullMetrics, SourceCard, SourcesView, Sourcing, WhyNotShown,
};
use std::collections::BTreeMap;
pub use timeline::{
    Compare, EventRow, EventsAsk, EventsPage, LaneRow, LanesAsk, LanesGiven, Revision,
};

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The person at the machine that the server runs on, where there are no accounts (the server
    /// listens on loopback then).
    LocalUser,
    /// Somebody who is signed in.
    Person(Member),
    /// Somebody who holds a share link: its token as it came in the address.
    Share(String),
    /// Somebody who is not signed in, where there are accounts.
    Nobody,
}

/// A note as somebody wrote it; `id` is that of the note it replaces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnnotationDraft {
    /// The note to replace, or to bring back where it was removed a moment ago; `None` makes a new one.
    pub id: Option<String>,
    /// From when.
    pub start: Timestamp,
    /// Until when; `None`: a point.
    pub end: Option<Timestamp>,
    /// Plain text, not empty.
    pub text: String,
    /// Ids of the series that it mentions.
    pub series: Vec<String>,
    /// Ids of the events that it mentions.
    pub events: Vec<String>,
}

/// A pull from `CloudWatch` into a new incident.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIncident {
    /// Title, not empty.
    pub title: String,
    /// First instant of the window.
    pub start: Timestamp,
    /// First instant after the window; later than `start`.
    pub end: Timestamp,
    /// AWS region, e.g. `eu-west-1`.
    pub region: String,
    /// What to fetch: the id of a [`PullKind`] and a resource of that kind, e.g. `efs` and
    /// `fs-0123456789abcdef0`.
    pub resources: Vec<(String, String)>,
    /// Profile of the AWS configuration; `None`: the SDK's default chain.
    pub profile: Option<String>,
    /// Another `CloudWatch` address, e.g. of a test server; `None`: AWS.
    pub endpoint: Option<String>,
    /// Whether a cost above the usual was agreed to.
    pub agreed: bool,
}

/// A kind of resource whose usual metrics can be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullKind {
    /// Id: `efs`.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What a resource has to look like.
    pub expected: &'static str,
    /// A resource of that kind.
    pub example: &'static str,
}

/// What a pull costs, before it is made, and what following the same would cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PullPrice {
    /// Metrics that are paid for: each statistic of each metric, in each call.
    pub metrics: u64,
    /// Calls.
    pub calls: u64,
    /// US dollars at most, where `open` is not set.
    pub usd: f64,
    /// US dollars a month for following the same live, likewise.
    pub usd_per_month: f64,
    /// Seconds between two polls of that.
    pub every_s: u32,
    /// Whether metrics by node or pod are asked for, which are counted once here: only the pull
    /// learns how many there are.
    pub open: bool,
    /// The lines of the configuration file that follow the same live.
    pub configuration: String,
}

/// Everything about one incident that its pages are made from. Stays on the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// The incident.
    pub incident: Incident,
    /// Its evidence, raw files read.
    pub evidence: Evidence,
    /// The analysis of that evidence.
    pub analysis: Analysis,
    /// Notes, in order of their start.
    pub annotations: Vec<Annotation>,
    /// Jobs, the newest first.
    pub jobs: Vec<Job>,
    /// What it has of each source.
    pub coverage: Vec<Coverage>,
    /// Whether any source is configured that it can be frozen from.
    pub freezable: bool,
    /// What asking the sources costs.
    pub asking: Asking,
    /// Raw files, by path.
    pub files: Vec<FileRow>,
    /// What people decided about suspects, in order of time.
    pub judgements: Vec<Judgement>,
    /// What people set out to do, in order of time.
    pub actions: Vec<TestedAction>,
    /// The definitions of their alarms, by the item's id.
    pub definitions: BTreeMap<String, Vec<AlarmText>>,
    /// Other incidents of this installation that are like it, the most alike first; empty where
    /// nobody asked.
    pub earlier: Vec<Earlier>,
    /// Whose it is; `None` where there are no accounts.
    pub belongs: Option<Belongs>,
    /// What people wrote into the postmortem.
    pub document: Document,
}

/// What asking the configured sources costs, US dollars; `None`: nothing is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asking {
    /// Once, for the incident's window with its margin.
    pub once: Option<f64>,
    /// An hour of an incident that is going on: its newest part is asked for every minute, besides what
    /// following the sources costs.
    pub going_on: Option<f64>,
}

/// What the pages need. Every call says who is asking, and the implementation decides whether
/// they may: what is not theirs answers [`ApiError::NotFound`] or [`ApiError::Forbidden`].
#[async_trait]
pub trait Backend:
    Judging + People + Reviewing + Sharing + Sourcing + Writing + Send + Sync + 'static
{
    /// The dashboard. [`Overview::of`] makes it from the cases.
    async fn overview(&self, who: &Caller) -> Result<Overview, ApiError>;

    /// All incidents, the newest window first. [`IncidentRow::of`] makes a row.
    async fn incidents(&self, who: &Caller) -> Result<Vec<IncidentRow>, ApiError>;

    /// Everything about one incident.
    async fn case(&self, who: &Caller, id: &IncidentId) -> Result<Case, ApiError>;

    /// Adds a note, or replaces the one that the draft names.
    async fn put_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: AnnotationDraft,
    ) -> Result<Annotation, ApiError>;

    /// Removes a note.
    async fn delete_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        annotation: &str,
    ) -> Result<(), ApiError>;

    /// Copies what the configured sources have now for an incident's window into it.
    async fn freeze(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError>;

    /// Closes an incident, or opens it again. A closed one is asked for no more.
    async fn set_closed(&self, who: &Caller, id: &IncidentId, closed: bool)
    -> Result<(), ApiError>;

    /// Gives an incident another title.
    async fn rename(&self, who: &Caller, id: &IncidentId, title: &str) -> Result<(), ApiError>;

    /// Deletes an incident with its evidence, notes, links and jobs. There is no way back.
    async fn delete_incident(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError>;

    /// The window of an incident.
    async fn window(&self, who: &Caller, id: &IncidentId) -> Result<Window, ApiError>;

    /// The present.
    fn now(&self) -> Timestamp;

    /// Adds raw files to an incident, reads them and analyses again. A file whose path is taken gets
    /// another one.
    async fn add_files(
        &self,
        who: &Caller,
        id: &IncidentId,
        files: Vec<RawFile>,
    ) -> Result<(), ApiError>;

    /// Reads a raw file again with what is said about it, in the place of what it had given, and
    /// analyses again.
    async fn answer_file(
        &self,
        who: &Caller,
        id: &IncidentId,
        answer: FileAnswer,
    ) -> Result<(), ApiError>;

    /// A job as it stands.
    async fn job(&self, who: &Caller, id: &str) -> Result<Job, ApiError>;

    /// Does the work of a job that failed or was cancelled once more, as it was asked for.
    async fn retry_job(&self, who: &Caller, id: &str) -> Result<(), ApiError>;

    /// Cancels a job that is not over.
    async fn cancel_job(&self, who: &Caller, id: &str) -> Result<(), ApiError>;

    /// How far an incident has come; cheap, so that it can be asked before everything else.
    async fn revision(&self, who: &Caller, id: &IncidentId) -> Result<Revision, ApiError>;

    /// Waits until the incident's revision is another than `known`, and gives it.
    async fn changed(
        &self,
        who: &Caller,
        id: &IncidentId,
        known: Revision,
    ) -> Result<Revision, ApiError>;

    /// Lanes of a window, with as many samples as a picture of so many columns can show.
    async fn lanes(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: LanesAsk,
    ) -> Result<LanesGiven, ApiError>;

    /// The incidents that one can be compared with, the newest first: those that have an onset as it has, and
    /// a series that measures the same as one of its own.
    async fn comparable(&self, who: &Caller, id: &IncidentId)
    -> Result<Vec<IncidentRow>, ApiError>;

    /// Every lane that there is, those that are shown by default first.
    async fn lane_list(&self, who: &Caller, id: &IncidentId) -> Result<Vec<LaneRow>, ApiError>;

    /// Part of the events.
    async fn events(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: EventsAsk,
    ) -> Result<EventsPage, ApiError>;
}
