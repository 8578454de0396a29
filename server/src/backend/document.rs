//! The living document: what people write into a postmortem, without a word of anybody's lost.

use super::{ServerBackend, access::author_of, unavailable};
use crate::{compute, studied::Studied};
use app::{
    ApiError, FieldError,
    backend::{
        Caller, Case, ChartRow, DocumentView, FigureRow, HistoryView, PreviewView, Remark, Saved,
        SectionChange, SectionDraft, SectionView, StateView, TemplateRow, TimelineDraft,
        TimelineRow, Words,
    },
};
use model::{
    Document, IncidentId,
    document::{DocumentSection, is_section_id},
};
use report::{Drafts, Part, Written};
use store::StoreError;

/// Longest text of a section, bytes. A form of it still fits a call.
const LONGEST_TEXT: usize = 64 * 1024;
/// Longest heading of a section, characters.
const LONGEST_TITLE: usize = 120;
/// Most rows of a timeline that somebody touched.
const MOST_ROWS: usize = 500;
/// How often a save is tried again that somebody else was quicker than.
const TRIES: usize = 8;

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

    pub(super) async fn section_saved(
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

    pub(super) async fn section_changed(
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

    pub(super) async fn timeline_arranged(
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

    pub(super) async fn template_chosen(
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

fn view(case: &Case, templates: Vec<TemplateRow>) -> DocumentView {
    with_drafts(case, |drafts| {
        let parts = drafts.parts();
        let report = drafts.report();
        let mut html = report::html_parts(&report);
        let sections = parts.into_iter().map(|part| {
            let at = html.sections.iter().position(|(id, _)| *id == part.id);
            let html = at
                .map(|n| html.sections.swap_remove(n).1)
                .unwrap_or_default();
            section_view(part, html)
        });
        let sections = sections.collect();
        let figures = drafts.figures().iter().map(|f| FigureRow {
            id: f.id.clone(),
            text: f.text.clone(),
            evidence: few(&f.evidence),
        });
        let charts = drafts.charts().into_iter().map(|c| ChartRow {
            id: c.id,
            title: c.title,
        });
        let rows = drafts.timeline().into_iter().map(|r| TimelineRow {
            id: r.id,
            at: r.at,
            text: r.text,
            hidden: r.hidden,
            own: r.own,
            place: r.place,
        });
        DocumentView {
            incident: case.incident.clone(),
            head: html.head,
            appendix: html.figures,
            sections,
            template: template_of(&case.document),
            templates,
            figures: figures.collect(),
            charts: charts.collect(),
            rows: rows.collect(),
        }
    })
}

fn template_of(document: &Document) -> String {
    if document.template.is_empty() {
        report::templates::DEFAULT.to_owned()
    } else {
        document.template.clone()
    }
}

fn section_view(part: Part, html: String) -> SectionView {
    let touched = part.written.clone().unwrap_or_default();
    SectionView {
        html,
        hidden: part.hidden,
        words: match (part.is_written(), touched.entries.is_empty()) {
            (true, _) => Words::Written,
            (false, false) => Words::Arranged,
            (false, true) => Words::Drafted,
        },
        author: touched.author,
        at: touched.at,
        revision: part.revision(),
        text: part.text().to_owned(),
        conflict: part.has_conflict(),
        unresolved: part.unresolved(),
        offered: part.offered(),
        digest: part.digest,
        guide: part.guide,
        title: part.title,
        id: part.id,
    }
}

/// A few names of evidence.
fn few(evidence: &[String]) -> String {
    let shown: Vec<&str> = evidence.iter().take(3).map(String::as_str).collect();
    let more = evidence.len().saturating_sub(shown.len());
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}

fn states_of(history: &[DocumentSection]) -> Vec<StateView> {
    let text = |s: &DocumentSection| s.text.clone().unwrap_or_else(|| s.seen.clone());
    let mut before = history.iter().skip(1);
    history
        .iter()
        .enumerate()
        .map(|(n, state)| {
            let older = before.next();
            let old = older.map_or_else(|| state.seen.clone(), text);
            StateView {
                revision: state.revision,
                author: state.author.clone(),
                at: state.at,
                note: state.note.clone(),
                is_draft: state.text.is_none(),
                difference: report::difference_html(&old, &text(state)),
                stands: n == 0,
            }
        })
        .collect()
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
