//! The living document: what people write into a postmortem, without a word of anybody's lost.

mod saving;
mod view;

use super::{ServerBackend, unavailable};
use crate::{compute, studied::Studied};
use app::{
    ApiError,
    backend::{Caller, Case, DocumentView, HistoryView, PreviewView, Remark, TemplateRow},
};
use model::{IncidentId, document::is_section_id};
use report::{Drafts, Part};

use view::{states_of, view};

/// Longest text of a section, bytes. A form of it still fits a call.
const LONGEST_TEXT: usize = 64 * 1024;

/// Drafts the report of a case and asks something of the drafts.
pub(crate) fn with_drafts<T>(case: &Case, ask: impl FnOnce(&Drafts<'_>) -> T) -> T {
    let studied = Studied::of(&case.evidence, &case.analysis, &case.judgements);
    let input = report::Input {
        title: &case.incident.title,
        notice: case.incident.notice.as_deref(),
        evidence: &case.evidence,
        analysis: &case.analysis,
        annotations: &case.annotations,
        said: report::Said {
            judgements: &case.judgements,
            actions: &case.actions,
            earlier: &case.earlier,
            alarms: &studied.alarms,
            supposed: &studied.supposed,
        },
        document: Some(&case.document),
    };
    ask(&Drafts::of(&input))
}

impl ServerBackend {
    pub(super) async fn document_view(
        &self,
        who: &Caller,
        id: &IncidentId,
    ) -> Result<DocumentView, ApiError> {
        let case = self.load_with_earlier(who, id).await?;
        let templates: Vec<TemplateRow> = self
            .templates
            .iter()
            .map(|t| TemplateRow {
                id: t.id.clone(),
                name: t.name.clone(),
                about: t.about.clone(),
            })
            .collect();
        Ok(compute::run(move || view(&case, templates)).await)
    }

    pub(super) async fn previewed(
        &self,
        who: &Caller,
        id: &IncidentId,
        text: &str,
    ) -> Result<PreviewView, ApiError> {
        check_text(text)?;
        let case = self.load_with_earlier(who, id).await?;
        let text = text.to_owned();
        let shown =
            compute::run(move || with_drafts(&case, |drafts| report::preview(drafts, &text))).await;
        let remark = |(phrase, reason, suggestion): (String, &str, &str)| Remark {
            phrase,
            reason: reason.to_owned(),
            suggestion: suggestion.to_owned(),
        };
        Ok(PreviewView {
            html: shown.html,
            unresolved: shown.unresolved,
            remarks: shown.remarks.into_iter().map(remark).collect(),
        })
    }

    /// A section of the document as it stands, with its draft.
    async fn part(&self, who: &Caller, id: &IncidentId, section: &str) -> Result<Part, ApiError> {
        if !is_section_id(section) {
            return Err(ApiError::NotFound);
        }
        let case = self.load_with_earlier(who, id).await?;
        let wanted = section.to_owned();
        let find = move |drafts: &Drafts<'_>| drafts.parts().into_iter().find(|p| p.id == wanted);
        let part = compute::run(move || with_drafts(&case, find)).await;
        part.ok_or(ApiError::NotFound)
    }

    pub(super) async fn history_view(
        &self,
        who: &Caller,
        id: &IncidentId,
        section: &str,
    ) -> Result<HistoryView, ApiError> {
        let part = self.part(who, id, section).await?;
        let incident = self.incident(id).await?;
        let history = self.store.section_history(id, section).await;
        let history = history.map_err(|e| unavailable(&e))?;
        let section = section.to_owned();
        Ok(compute::run(move || HistoryView {
            incident,
            title: part.title.clone(),
            states: states_of(&history),
            section,
        })
        .await)
    }
}

fn check_text(text: &str) -> Result<(), ApiError> {
    if text.len() > LONGEST_TEXT {
        return Err(ApiError::Invalid(format!(
            "the text has {} bytes, a section may have {LONGEST_TEXT}: nothing was saved",
            text.len()
        )));
    }
    Ok(())
}
