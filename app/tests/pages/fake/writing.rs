//! What it answers about the postmortem.

use super::super::writing::{document, history};
use super::Fake;
use app::{
    ApiError,
    backend::{
        Caller, DocumentView, HistoryView, PreviewView, Saved, SectionChange, SectionDraft,
        TimelineDraft, Writing,
    },
};
use async_trait::async_trait;
use model::IncidentId;

#[async_trait]
impl Writing for Fake {
    async fn document(&self, who: &Caller, id: &IncidentId) -> Result<DocumentView, ApiError> {
        self.asks(who, "report");
        let case = self.find(id)?;
        Ok(document(case.incident.clone()))
    }

    async fn save_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: SectionDraft,
    ) -> Result<Saved, ApiError> {
        self.asks(who, &format!("save {draft:?}"));
        self.find(id)?;
        Ok(Saved {
            revision: draft.revision + 1,
            written: draft.revision + 1,
            text: draft.text,
            conflicts: 0,
        })
    }

    async fn change_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        section: &str,
        change: SectionChange,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("change {section} {change:?}"));
        self.find(id).map(drop)
    }

    async fn arrange_timeline(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: TimelineDraft,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("arrange {}", draft.entries.len()));
        self.find(id).map(drop)
    }

    async fn choose_template(
        &self,
        who: &Caller,
        id: &IncidentId,
        template: &str,
    ) -> Result<(), ApiError> {
        self.asks(who, &format!("template {template}"));
        self.find(id).map(drop)
    }

    async fn section_history(
        &self,
        who: &Caller,
        id: &IncidentId,
        section: &str,
    ) -> Result<HistoryView, ApiError> {
        self.asks(who, &format!("history {section}"));
        let case = self.find(id)?;
        Ok(history(case.incident.clone(), section))
    }

    async fn preview_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        text: &str,
    ) -> Result<PreviewView, ApiError> {
        self.asks(who, &format!("preview {text}"));
        self.find(id)?;
        Ok(PreviewView::default())
    }
}
