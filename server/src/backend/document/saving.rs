//! Saving what somebody wrote or arranged, together with what others saved since.

use super::{check_text, with_drafts};
use crate::backend::{ServerBackend, access::author_of, unavailable};
use crate::compute;
use app::{
    ApiError, FieldError,
    backend::{Caller, Saved, SectionChange, SectionDraft, TimelineDraft},
};
use model::{IncidentId, document::DocumentSection};
use report::{Part, Written};
use store::StoreError;

/// Longest heading of a section, characters.
const LONGEST_TITLE: usize = 120;
/// Most rows of a timeline that somebody touched.
const MOST_ROWS: usize = 500;
/// How often a save is tried again that somebody else was quicker than.
const TRIES: usize = 8;

impl ServerBackend {
    pub(in crate::backend) async fn section_saved(
        &self,
        id: &IncidentId,
        draft: SectionDraft,
        who: &Caller,
    ) -> Result<Saved, ApiError> {
        let author = &author_of(who);
        check_text(&draft.text)?;
        let title = draft.title.as_deref().map(checked_title).transpose()?;
        let part = self.part(who, id, &draft.section).await?;
        let text = report::normal_text(&draft.text);
        for _ in 0..TRIES {
            let now = self.section_now(id, &draft.section).await?;
            let base = self.base_of(id, &draft, &now, &part).await?;
            let states = Save {
                now: &now,
                base: &base,
                part: &part,
                draft: &draft,
                text: &text,
                title: title.as_deref(),
            }
            .states(author);
            let Some(last) = states.last().cloned() else {
                return Ok(saved(&now, now.revision, &part));
            };
            let states: Vec<DocumentSection> = states
                .into_iter()
                .map(|s| DocumentSection {
                    at: Some(self.clock.now()),
                    ..s
                })
                .collect();
            if self.added(id, &states).await? {
                let written = states.first().map_or(last.revision, |s| s.revision);
                return Ok(saved(&last, written, &part));
            }
        }
        Err(busy())
    }

    /// The text that the author began from.
    async fn base_of(
        &self,
        id: &IncidentId,
        draft: &SectionDraft,
        now: &DocumentSection,
        part: &Part,
    ) -> Result<String, ApiError> {
        let state = if draft.revision == now.revision {
            Some(now.clone())
        } else {
            let at = self.store.section_at(id, &draft.section, draft.revision);
            at.await.map_err(|e| unavailable(&e))?
        };
        let text = state.as_ref().and_then(|s| s.text.clone());
        Ok(text.unwrap_or_else(|| {
            // They began from a draft: this one, or the one that somebody else saw too.
            if draft.draft == part.digest || now.based_on != draft.draft {
                part.draft.clone()
            } else {
                now.seen.clone()
            }
        }))
    }

    async fn section_now(
        &self,
        id: &IncidentId,
        section: &str,
    ) -> Result<DocumentSection, ApiError> {
        let document = self.store.document(id).await;
        let document = document.map_err(|e| unavailable(&e))?;
        let now = document.section(section).cloned();
        Ok(now.unwrap_or_else(|| DocumentSection::untouched(section)))
    }

    /// Adds states; `false` where somebody else was quicker.
    async fn added(&self, id: &IncidentId, states: &[DocumentSection]) -> Result<bool, ApiError> {
        match self.store.add_sections(id, states).await {
            Ok(()) => {
                self.cache.forget(id);
                Ok(true)
            }
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(StoreError::Missing { .. }) => Err(ApiError::NotFound),
            Err(e) => Err(unavailable(&e)),
        }
    }

    pub(in crate::backend) async fn section_changed(
        &self,
        id: &IncidentId,
        section: &str,
        change: SectionChange,
        who: &Caller,
    ) -> Result<(), ApiError> {
        let author = &author_of(who);
        if matches!(change, SectionChange::Up | SectionChange::Down) {
            return self.moved(id, section, &change, author).await;
        }
        let part = self.part(who, id, section).await?;
        let restored = match change {
            SectionChange::Restore(revision) => {
                let at = self.store.section_at(id, section, revision).await;
                Some(at.map_err(|e| unavailable(&e))?.ok_or(ApiError::NotFound)?)
            }
            _ => None,
        };
        for _ in 0..TRIES {
            let now = self.section_now(id, section).await?;
            let next = DocumentSection {
                revision: now.revision + 1,
                author: author.to_owned(),
                at: Some(self.clock.now()),
                ..changed(now, &change, restored.as_ref(), &part, author)
            };
            if self.added(id, &[next]).await? {
                return Ok(());
            }
        }
        Err(busy())
    }

    async fn moved(
        &self,
        id: &IncidentId,
        section: &str,
        change: &SectionChange,
        author: &str,
    ) -> Result<(), ApiError> {
        for _ in 0..TRIES {
            let case = self.load(id).await?;
            let order: Vec<(String, bool)> = compute::run(move || {
                with_drafts(&case, |drafts| {
                    let parts = drafts.parts().into_iter();
                    parts.map(|p| (p.id, p.hidden)).collect()
                })
            })
            .await;
            let at = order.iter().position(|(id, _)| id == section);
            let at = at.ok_or(ApiError::NotFound)?;
            // Sections that are left out are no neighbours that anybody sees.
            let shown = |(_, (_, hidden)): &(usize, &(String, bool))| !hidden;
            let other = match change {
                SectionChange::Up => order.iter().enumerate().take(at).rfind(shown),
                _ => order.iter().enumerate().skip(at + 1).find(shown),
            };
            let Some((to, (other, _))) = other else {
                return Ok(());
            };
            let mut states = Vec::new();
            for (id_of, place) in [(section, to), (other.as_str(), at)] {
                let now = self.section_now(id, id_of).await?;
                states.push(DocumentSection {
                    revision: now.revision + 1,
                    order: Some(place as u32),
                    author: author.to_owned(),
                    at: Some(self.clock.now()),
                    note: "moved".to_owned(),
                    ..now
                });
            }
            if self.added(id, &states).await? {
                return Ok(());
            }
        }
        Err(busy())
    }

    pub(in crate::backend) async fn timeline_arranged(
        &self,
        id: &IncidentId,
        draft: TimelineDraft,
        author: &str,
    ) -> Result<(), ApiError> {
        const SECTION: &str = "timeline";
        if draft.entries.len() > MOST_ROWS {
            return Err(ApiError::Invalid(format!(
                "a timeline may have {MOST_ROWS} rows that somebody touched: leave some as they are"
            )));
        }
        for entry in &draft.entries {
            check_text(entry.text.as_deref().unwrap_or_default())?;
        }
        self.incident(id).await?;
        for _ in 0..TRIES {
            let now = self.section_now(id, SECTION).await?;
            let entries = if draft.revision == now.revision {
                draft.entries.clone()
            } else {
                let base = self.store.section_at(id, SECTION, draft.revision).await;
                let base = base.map_err(|e| unavailable(&e))?.unwrap_or_default();
                report::merge_entries(&base.entries, &now.entries, &draft.entries)
            };
            if entries == now.entries {
                return Ok(());
            }
            let next = DocumentSection {
                entries,
                revision: now.revision + 1,
                author: author.to_owned(),
                at: Some(self.clock.now()),
                note: "rows arranged".to_owned(),
                ..now
            };
            if self.added(id, &[next]).await? {
                return Ok(());
            }
        }
        Err(busy())
    }

    pub(in crate::backend) async fn template_chosen(
        &self,
        id: &IncidentId,
        template: &str,
    ) -> Result<(), ApiError> {
        let template = self.templates.iter().find(|t| t.id == template);
        let template = template.ok_or_else(|| {
            ApiError::Invalid("there is no such template: choose one of the list".into())
        })?;
        let document = self.store.document(id).await;
        let document = template.chosen(&document.map_err(|e| unavailable(&e))?);
        match self.store.put_template(id, &document).await {
            Ok(()) => {
                self.cache.forget(id);
                Ok(())
            }
            Err(StoreError::Missing { .. }) => Err(ApiError::NotFound),
            Err(e) => Err(unavailable(&e)),
        }
    }
}

/// A save on its way.
struct Save<'a> {
    /// The section as it stands.
    now: &'a DocumentSection,
    /// The text that the author began from.
    base: &'a str,
    part: &'a Part,
    draft: &'a SectionDraft,
    text: &'a str,
    title: Option<&'a str>,
}

impl Save<'_> {
    /// The states that it adds: none where nothing is new; the text as it was sent; and what comes of
    /// it together with what others saved since.
    fn states(&self, author: &str) -> Vec<DocumentSection> {
        let (now, text) = (self.now, self.text);
        let title = self
            .title
            .map_or_else(|| now.title.clone(), |t| self.own_title(t));
        let same_title = title == now.title;
        let untouched = now.text.is_none() && text == report::normal_text(&self.part.draft);
        let same_text = now.text.as_deref() == Some(text) || untouched;
        if same_text && same_title {
            return Vec::new();
        }
        let seen = self.seen();
        let sent = DocumentSection {
            title,
            text: if untouched {
                None
            } else {
                Some(text.to_owned())
            },
            based_on: seen.0,
            seen: seen.1,
            revision: now.revision + 1,
            author: author.to_owned(),
            note: String::new(),
            ..now.clone()
        };
        let theirs = now.text.as_deref().unwrap_or(self.base);
        if self.draft.revision == now.revision || theirs == self.base || same_text {
            return vec![sent];
        }
        let merged = report::merge(
            self.base,
            Written {
                author: &now.author,
                text: theirs,
            },
            Written { author, text },
        );
        if merged.text == text {
            return vec![sent];
        }
        let together = DocumentSection {
            text: Some(merged.text),
            revision: sent.revision + 1,
            note: format!(
                "put together with revision {} of {}",
                now.revision, now.author
            ),
            ..sent.clone()
        };
        let beside = format!("written beside revision {}", now.revision);
        vec![
            DocumentSection {
                note: beside,
                ..sent
            },
            together,
        ]
    }

    /// A heading that is the template's is nobody's own.
    fn own_title(&self, title: &str) -> String {
        if title == self.part.title && self.now.title.is_empty() {
            String::new()
        } else {
            title.to_owned()
        }
    }

    /// The draft that the author saw: its digest and its text, as far as that is known.
    fn seen(&self) -> (String, String) {
        let (now, part) = (self.now, self.part);
        if self.draft.draft == part.digest || self.draft.draft.is_empty() {
            // Of a text that stands, what its first author had not taken in is still to be offered.
            if now.text.is_some() && !now.based_on.is_empty() {
                return (now.based_on.clone(), now.seen.clone());
            }
            return (part.digest.clone(), part.draft.clone());
        }
        if now.based_on == self.draft.draft {
            return (now.based_on.clone(), now.seen.clone());
        }
        (self.draft.draft.clone(), now.seen.clone())
    }
}

/// What stands after a save.
fn saved(now: &DocumentSection, written: u64, part: &Part) -> Saved {
    let text = now.text.clone().unwrap_or_else(|| part.draft.clone());
    let conflicts = text.lines().filter(|l| l.starts_with("<<<<<<< ")).count();
    Saved {
        revision: now.revision,
        written,
        text,
        conflicts,
    }
}

/// A section after a change that is not its text.
fn changed(
    now: DocumentSection,
    change: &SectionChange,
    restored: Option<&DocumentSection>,
    part: &Part,
    author: &str,
) -> DocumentSection {
    let (digest, draft) = (part.digest.clone(), part.draft.clone());
    match change {
        SectionChange::Hide | SectionChange::Show => {
            let hidden = *change == SectionChange::Hide;
            let note = if hidden { "left out" } else { "shown again" };
            DocumentSection {
                hidden,
                note: note.to_owned(),
                ..now
            }
        }
        SectionChange::TakeDraft => DocumentSection {
            text: None,
            entries: Vec::new(),
            based_on: digest,
            seen: draft,
            note: "the draft taken over".to_owned(),
            ..now
        },
        SectionChange::KeepText => DocumentSection {
            based_on: digest,
            seen: draft,
            note: "kept, with the new draft seen".to_owned(),
            ..now
        },
        SectionChange::PutTogether => {
            let text = now.text.as_deref().unwrap_or(&now.seen);
            let merged = report::merge(
                &now.seen,
                Written {
                    author: "the new draft",
                    text: &draft,
                },
                Written { author, text },
            );
            DocumentSection {
                text: Some(merged.text),
                based_on: digest,
                seen: draft,
                note: "put together with the new draft".to_owned(),
                ..now
            }
        }
        SectionChange::Restore(revision) => match restored {
            Some(old) => DocumentSection {
                text: old.text.clone(),
                entries: old.entries.clone(),
                based_on: old.based_on.clone(),
                seen: old.seen.clone(),
                title: old.title.clone(),
                note: format!("restored from revision {revision}"),
                ..now
            },
            None => now,
        },
        SectionChange::Up | SectionChange::Down => now,
    }
}

fn checked_title(title: &str) -> Result<String, ApiError> {
    let title = title.trim();
    if title.chars().count() > LONGEST_TITLE || title.contains(char::is_control) {
        let wrong = format!("expected one line of at most {LONGEST_TITLE} characters");
        return Err(ApiError::Fields(vec![FieldError::new("title", wrong)]));
    }
    Ok(title.to_owned())
}

fn busy() -> ApiError {
    ApiError::Unavailable(
        "Others save this section all the time. Nothing of yours was saved; try again.".into(),
    )
}
