//! Server functions of the postmortem: called by plain forms, by the editor's script and by pages that
//! the server renders, so the browser's module knows none of them.

use super::asking;
use crate::{
    ApiError,
    done::Done,
    page::{Page, PreviewView, RowForm, Saved},
};
use leptos::prelude::*;

/// An incident's report, with the section of `edit` in its editor. `form` is what the editor is: `text`
/// for the Markdown of a timeline.
#[server(prefix = "/api", endpoint = "report")]
pub async fn report(
    incident: String,
    #[server(default)] edit: String,
    #[server(default)] form: String,
) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let view = async {
        let id = asking::incident(incident)?;
        let document = backend.document(&who, &id).await?;
        let threads = backend.threads(&who, &id).await?;
        let editing = crate::input::Editing {
            section: edit,
            as_text: form == "text",
        };
        Ok(Page::report(&document, &editing, &threads))
    };
    asking::told(view.await)
}

/// Every state that a section of a report ever had.
#[server(prefix = "/api", endpoint = "section_history")]
pub async fn section_history(incident: String, section: String) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let view = async {
        let id = asking::incident(incident)?;
        let history = backend.section_history(&who, &id, &section).await?;
        Ok(Page::history(&history))
    };
    asking::told(view.await)
}

/// Saves what somebody wrote into a section, put together with what others saved since `revision`.
#[server(prefix = "/api", endpoint = "save_section")]
pub async fn save_section(
    incident: String,
    section: String,
    revision: u64,
    text: String,
    #[server(default)] draft: String,
    #[server(default)] title: String,
) -> Result<Saved, ApiError> {
    let (backend, who) = asking::backend()?;
    let saved = async {
        let id = asking::incident(incident.clone())?;
        let draft = crate::backend::SectionDraft {
            section: section.clone(),
            text,
            title: Some(title.trim().to_owned()).filter(|t| !t.is_empty()),
            revision,
            draft,
        };
        backend.save_section(&who, &id, draft).await
    };
    let saved = asking::told(saved.await)?;
    to_section(&incident, Done::SectionSaved, &section);
    Ok(saved)
}

/// Without JavaScript nobody shows the answer: the report does.
fn to_section(incident: &str, done: Done, place: &str) {
    asking::lead(&format!("/incidents/{incident}/report"), "", done, place);
}

/// Changes a section otherwise than by its text: `hide`, `show`, `up`, `down`, `take-draft`,
/// `keep-text`, `put-together`, or `restore` with a revision.
#[server(prefix = "/api", endpoint = "change_section")]
pub async fn change_section(
    incident: String,
    section: String,
    change: String,
    #[server(default)] revision: u64,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    // A section that is left out is found where it can be shown again.
    let (done, place) = match change.as_str() {
        "hide" => (Done::SectionHidden, "left-out"),
        "show" => (Done::SectionShown, section.as_str()),
        "up" => (Done::SectionUp, section.as_str()),
        "down" => (Done::SectionDown, section.as_str()),
        "take-draft" => (Done::DraftTaken, section.as_str()),
        "put-together" => (Done::PutTogether, section.as_str()),
        "restore" => (Done::Restored, section.as_str()),
        _ => (Done::TextKept, section.as_str()),
    };
    let changed = async {
        let id = asking::incident(incident.clone())?;
        let change = crate::input::section_change(&change, revision)?;
        backend.change_section(&who, &id, &section, change).await
    };
    asking::told(changed.await)?;
    to_section(&incident, done, place);
    Ok(())
}

/// Saves which rows of the timeline are shown, in which words and order.
#[server(prefix = "/api", endpoint = "arrange_timeline")]
pub async fn arrange_timeline(
    incident: String,
    revision: u64,
    #[server(default)] rows: Vec<RowForm>,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let arranged = async {
        let id = asking::incident(incident.clone())?;
        let window = backend.window(&who, &id).await?;
        let entries = crate::input::timeline(rows, window)?;
        let draft = crate::backend::TimelineDraft { revision, entries };
        backend.arrange_timeline(&who, &id, draft).await
    };
    asking::told(arranged.await)?;
    to_section(&incident, Done::TimelineSaved, "timeline");
    Ok(())
}

/// Lets the report follow another template.
#[server(prefix = "/api", endpoint = "choose_template")]
pub async fn choose_template(incident: String, template: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let chosen = async {
        let id = asking::incident(incident)?;
        backend.choose_template(&who, &id, &template).await
    };
    asking::did(chosen.await, Done::TemplateChosen, "h-template")
}

/// A text as it would stand in the report, with the reading aid's remarks.
#[server(prefix = "/api", endpoint = "preview_section")]
pub async fn preview_section(incident: String, text: String) -> Result<PreviewView, ApiError> {
    let (backend, who) = asking::backend()?;
    let shown = async {
        let id = asking::incident(incident)?;
        backend.preview_section(&who, &id, &text).await
    };
    asking::told(shown.await)
}
