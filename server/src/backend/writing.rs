//! Who may read and write the postmortem; each change is in the log.

use super::{ServerBackend, access::author_of};
use app::{
    ApiError,
    backend::{
        Caller, DocumentView, HistoryView, PreviewView, Saved, SectionChange, SectionDraft,
        TimelineDraft, Writing,
    },
};
use async_trait::async_trait;
use model::{IncidentId, review::activity::Deed};

#[async_trait]
impl Writing for ServerBackend {
    async fn document(&self, who: &Caller, id: &IncidentId) -> Result<DocumentView, ApiError> {
        self.may_look(who, id).await?;
        self.document_view(who, id).await
    }

    async fn save_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: SectionDraft,
    ) -> Result<Saved, ApiError> {
        self.may_change(who, id).await?;
        let section = draft.section.clone();
        let saved = self.section_saved(id, draft, who).await?;
        self.wrote(who, id, &section).await;
        Ok(saved)
    }

    async fn change_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        section: &str,
        change: SectionChange,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let deed = match change {
            SectionChange::TakeDraft | SectionChange::PutTogether => Deed::Redrafted,
            _ => Deed::Edited,
        };
        self.section_changed(id, section, change, who).await?;
        self.did(who, id, deed, section).await;
        Ok(())
    }

    async fn arrange_timeline(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: TimelineDraft,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        self.timeline_arranged(id, draft, &author_of(who)).await?;
        self.wrote(who, id, "timeline").await;
        Ok(())
    }

    async fn choose_template(
        &self,
        who: &Caller,
        id: &IncidentId,
        template: &str,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        self.template_chosen(id, template).await?;
        self.did(who, id, Deed::Edited, &format!("template {template}"))
            .await;
        Ok(())
    }

    async fn section_history(
        &self,
        who: &Caller,
        id: &IncidentId,
        section: &str,
    ) -> Result<HistoryView, ApiError> {
        self.may_look(who, id).await?;
        self.history_view(who, id, section).await
    }

    async fn preview_section(
        &self,
        who: &Caller,
        id: &IncidentId,
        text: &str,
    ) -> Result<PreviewView, ApiError> {
        self.may_look(who, id).await?;
        self.previewed(who, id, text).await
    }
}
