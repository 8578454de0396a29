//! Server functions of the review: called by plain forms and by pages that the server renders, so the
//! browser's module knows none of them.

use super::asking;
use crate::{
    ApiError,
    input::{self, AnchorForm, Asked},
    page::Page,
};
use leptos::prelude::*;

/// The page of a review, with what its address asks to be compared.
#[server(prefix = "/api", endpoint = "review")]
pub async fn review(
    incident: String,
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let compare = input::comparison(Asked(&asked))?;
        let view = backend.review(&who, &id, compare).await?;
        Ok(Page::review(&view))
    };
    asking::told(page.await)
}

/// Takes a step of a review: `name`, `ask`, `withdraw`, `approve`, `publish` or `reopen`.
#[server(prefix = "/api", endpoint = "review_step")]
pub async fn review_step(
    incident: String,
    step: String,
    #[server(default)] version: u32,
    #[server(default)] in_name_of: String,
    #[server(default)] reviewers: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let taken = async {
        let id = asking::incident(incident)?;
        let step = input::review_step(&step, version, &in_name_of, &reviewers)?;
        backend.take_review_step(&who, &id, step).await
    };
    asking::told(taken.await)
}

/// A frozen version of a report.
#[server(prefix = "/api", endpoint = "version")]
pub async fn version(incident: String, number: String) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let number = number.parse().map_err(|_| ApiError::NotFound)?;
        let view = backend.version(&who, &id, number).await?;
        Ok(Page::version(&view))
    };
    asking::told(page.await)
}

/// Says something: an answer in `thread`, or a new thread `about` something (see [`AnchorForm`]), or
/// about what the address `view` shows. `back` is where the form stood: `report` or `review`.
#[server(prefix = "/api", endpoint = "comment")]
pub async fn comment(
    incident: String,
    text: String,
    #[server(default)] thread: String,
    #[server(default)] about: String,
    #[server(default)] start: String,
    #[server(default)] end: String,
    #[server(default)] lane: String,
    #[server(default)] view: String,
    #[server(default)] back: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let said = async {
        let id = asking::incident(incident.clone())?;
        let form = AnchorForm {
            about,
            start,
            end,
            lane,
        };
        let in_meeting = !view.is_empty();
        let anchor = if in_meeting {
            input::anchor_of_view(&view)
        } else if thread.is_empty() {
            let window = asking::window(&*backend, &who, &id, form.needs_window()).await?;
            form.read(window)?
        } else {
            form.read(None).unwrap_or_default()
        };
        let draft = input::comment(&thread, anchor, &text, in_meeting)?;
        backend.comment(&who, &id, draft).await
    };
    asking::told(said.await)?;
    go_back(&incident, &back);
    Ok(())
}

/// Resolves a thread, or opens it again.
#[server(prefix = "/api", endpoint = "resolve")]
pub async fn resolve(
    incident: String,
    thread: String,
    resolved: bool,
    #[server(default)] back: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let done = async {
        let id = asking::incident(incident.clone())?;
        backend.resolve(&who, &id, &thread, resolved).await
    };
    asking::told(done.await)?;
    go_back(&incident, &back);
    Ok(())
}

/// After a plain form, to the place on the page where it stood: `report#SECTION` or
/// `review#threads`; anywhere else the browser goes back to the page itself.
fn go_back(incident: &str, back: &str) {
    let (page, place) = back.split_once('#').unwrap_or((back, ""));
    let plain = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    if asking::is_plain_form() && matches!(page, "report" | "review") && plain(place) {
        leptos_axum::redirect(&format!("/incidents/{incident}/{page}#{place}"));
    }
}

/// The activity log of an incident; of the steps before `before` where the address says one.
#[server(prefix = "/api", endpoint = "activity")]
pub async fn activity(
    incident: String,
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let before = Asked(&asked).get("before").parse().ok();
        let page = backend.activity(&who, &id, before).await?;
        Ok(Page::activity(&page))
    };
    asking::told(page.await)
}

/// Action items of all incidents, as the address asks for them.
#[server(prefix = "/api", endpoint = "actions")]
pub async fn actions(#[server(default)] asked: Vec<(String, String)>) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let view = backend
        .all_actions(&who, input::actions(Asked(&asked)))
        .await;
    asking::told(view.map(|view| Page::actions(&view)))
}

/// Changes an action item.
#[server(prefix = "/api", endpoint = "edit_action")]
pub async fn edit_action(
    incident: String,
    action: String,
    title: String,
    #[server(default)] owner: String,
    #[server(default)] due: String,
    #[server(default)] link: String,
    #[server(default)] state: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let edited = async {
        let id = asking::incident(incident)?;
        let edit = input::action_edit(&title, &owner, &due, &link, &state)?;
        backend.edit_action(&who, &id, &action, edit).await
    };
    asking::told(edited.await)
}
