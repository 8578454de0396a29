//! The postmortem as people write it: what a page shows and what it sends.

use super::Caller;
use crate::ApiError;
pub use crate::page::{PreviewView, Remark, Saved};
use async_trait::async_trait;
use model::{Incident, IncidentId, Timestamp, document::TimelineEntry};

/// The document, for the page that it is written on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocumentView {
    /// The incident.
    pub incident: Incident,
    /// Notice, heading and contents, as trusted HTML of our own report crate.
    pub head: String,
    /// Every figure with its evidence, likewise.
    pub appendix: String,
    /// Sections in order, hidden and empty ones too.
    pub sections: Vec<SectionView>,
    /// Id of the template that it follows.
    pub template: String,
    /// Templates that can be chosen.
    pub templates: Vec<TemplateRow>,
    /// Every figure that a text may refer to.
    pub figures: Vec<FigureRow>,
    /// Every chart that a text may refer to.
    pub charts: Vec<ChartRow>,
    /// The rows of the timeline, those that are left out included.
    pub rows: Vec<TimelineRow>,
}

/// A section of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SectionView {
    /// Its id.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What belongs into it: Markdown.
    pub guide: String,
    /// The section as trusted HTML; empty where it is hidden or says nothing.
    pub html: String,
    /// Whether it is left out of the report.
    pub hidden: bool,
    /// Whose words it has.
    pub words: Words,
    /// Who saved it last; empty: nobody.
    pub author: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Revision that a save has to name.
    pub revision: u64,
    /// The Markdown that somebody begins to edit.
    pub text: String,
    /// What the draft is known by.
    pub digest: String,
    /// Whether it holds two texts for one place.
    pub conflict: bool,
    /// References in it that mean nothing (any more).
    pub unresolved: Vec<String>,
    /// What is new in the draft since the text was written, as trusted HTML.
    pub offered: Option<String>,
}

/// Whose words a section has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Words {
    /// Those of the draft.
    #[default]
    Drafted,
    /// Those of the draft, in rows that people arranged.
    Arranged,
    /// Those of people.
    Written,
}

/// A template that can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateRow {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whom it is for.
    pub about: String,
}

/// A figure that a text may refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FigureRow {
    /// Its id, as it stands between double braces.
    pub id: String,
    /// How it is written.
    pub text: String,
    /// What it was made from, in a few words.
    pub evidence: String,
}

/// A chart that a text may refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartRow {
    /// Id of its lane.
    pub id: String,
    /// What it is called.
    pub title: String,
}

/// A row of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimelineRow {
    /// The figure that is its time, or the id of a row that somebody added.
    pub id: String,
    /// Its time as it is shown.
    pub at: String,
    /// Its words as Markdown, as they stand.
    pub text: String,
    /// Whether it is left out.
    pub hidden: bool,
    /// Whether somebody added it.
    pub own: bool,
    /// Where somebody put it, counted from 0.
    pub place: Option<u32>,
}

/// A section as somebody wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectionDraft {
    /// The section's id.
    pub section: String,
    /// Markdown.
    pub text: String,
    /// Its heading; `None`: as it is.
    pub title: Option<String>,
    /// The revision that it is based on; 0: nobody had saved any.
    pub revision: u64,
    /// What the draft was known by that the author saw.
    pub draft: String,
}

/// What becomes of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionChange {
    /// It is left out of the report.
    Hide,
    /// It is in the report.
    Show,
    /// It changes places with the one before it.
    Up,
    /// It changes places with the one behind it.
    Down,
    /// The draft stands again. What was written stays in the history.
    TakeDraft,
    /// The text stays; this draft is offered no more.
    KeepText,
    /// What is new in the draft is put into the text.
    PutTogether,
    /// The text of a revision stands again.
    Restore(u64),
}

/// The timeline as somebody arranged it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineDraft {
    /// The revision that it is based on.
    pub revision: u64,
    /// What is done to its rows.
    pub entries: Vec<TimelineEntry>,
}

/// Every state of a section, the newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryView {
    /// The incident.
    pub incident: Incident,
    /// The section's id.
    pub section: String,
    /// Its heading.
    pub title: String,
    /// Its states.
    pub states: Vec<StateView>,
}

/// A state of a section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateView {
    /// Its revision.
    pub revision: u64,
    /// Who saved it.
    pub author: String,
    /// When.
    pub at: Option<Timestamp>,
    /// How it came about.
    pub note: String,
    /// Whether the draft stood then.
    pub is_draft: bool,
    /// What is other than in the state before, as trusted HTML of insertions and deletions.
    pub difference: String,
    /// Whether it is the one that stands.
    pub stands: bool,
}

/// The postmortem as people write it, section by section. Like [`super::Backend`], every call says who is asking.
#[async_trait]
pub trait Writing {
    /// The postmortem as it is written, section by section.
    async fn document(&self, who: &Caller, id: &IncidentId) -> Result<DocumentView, ApiError>;

    /// Saves what somebody wrote into a section. Whatever others saved since the revision that it is
    /// based on is kept: both are put together, and where both changed the same lines both stay.
    async fn save_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: SectionDraft,
    ) -> Result<Saved, ApiError>;

    /// Changes a section otherwise than by its text.
    async fn change_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        section: &str,
        change: SectionChange,
    ) -> Result<(), ApiError>;

    /// Saves which rows of the timeline are shown, in which words and order.
    async fn arrange_timeline(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: TimelineDraft,
    ) -> Result<(), ApiError>;

    /// Lets the postmortem follow another template. No word is lost.
    async fn choose_template(
        &self,
        who: &Caller,
        id: &IncidentId,
        template: &str,
    ) -> Result<(), ApiError>;

    /// Every state that a section ever had.
    async fn section_history(
        &self,
        who: &Caller,
        id: &IncidentId,
        section: &str,
    ) -> Result<HistoryView, ApiError>;

    /// A text as it would stand in the report.
    async fn preview_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        text: &str,
    ) -> Result<PreviewView, ApiError>;
}
