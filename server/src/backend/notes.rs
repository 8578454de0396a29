//! Notes at an incident: written, changed, taken away.

use super::{ServerBackend, access::author_of, requests, unavailable};
use app::{
    ApiError,
    backend::{AnnotationDraft, Caller},
};
use model::{Annotation, IncidentId, review::activity::Deed};

impl ServerBackend {
    /// Keeps a note, a new one or one with other words.
    pub(super) async fn note_put(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: AnnotationDraft,
    ) -> Result<Annotation, ApiError> {
        let incident = self.incident(id).await?;
        requests::check_note(&draft, &incident, self.clock.now())?;
        let notes = self
            .store
            .annotations(id)
            .await
            .map_err(|e| unavailable(&e))?;
        let old = match &draft.id {
            Some(note) => Some(
                notes
                    .into_iter()
                    .find(|a| a.id == *note)
                    .or_else(|| self.removed.find(id, note))
                    .ok_or(ApiError::NotFound)?,
            ),
            None => None,
        };
        let note = Annotation {
            start: draft.start,
            end: draft.end,
            text: draft.text.trim().to_owned(),
            series: draft.series,
            events: draft.events,
            ..match old {
                Some(old) => old,
                None => Annotation {
                    id: format!("note-{}", self.new_id()?),
                    author: author_of(who),
                    created_at: Some(self.clock.now()),
                    ..Annotation::default()
                },
            }
        };
        self.store
            .put_annotation(id, &note)
            .await
            .map_err(|e| unavailable(&e))?;
        self.refresh_report(id).await?;
        let deed = if draft.id.is_some() {
            Deed::NoteChanged
        } else {
            Deed::Noted
        };
        self.did(who, id, deed, &note.text).await;
        Ok(note)
    }

    /// Takes a note away, which can be undone for a while.
    pub(super) async fn note_removed(
        &self,
        who: &Caller,
        id: &IncidentId,
        annotation: &str,
    ) -> Result<(), ApiError> {
        let notes = self.store.annotations(id).await;
        let notes = notes.map_err(|e| unavailable(&e))?;
        if !self
            .store
            .delete_annotation(id, annotation)
            .await
            .map_err(|e| unavailable(&e))?
        {
            return Err(ApiError::NotFound);
        }
        let note = notes.into_iter().find(|n| n.id == annotation);
        let text = note.as_ref().map(|n| n.text.clone()).unwrap_or_default();
        if let Some(note) = note {
            self.removed.keep(id, note);
        }
        self.refresh_report(id).await?;
        self.did(who, id, Deed::NoteRemoved, &text).await;
        Ok(())
    }
}
