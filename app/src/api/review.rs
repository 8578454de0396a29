//! Server functions of the review: called by plain forms and by pages that the server renders, so the
//! browser's module knows none of them.

use super::asking;
use crate::{
    ApiError,
    done::Done,
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
    let (done, place) = match step.as_str() {
        "name" => (Done::ReviewersNamed, "h-reviewers"),
        "ask" => (Done::ReviewAsked, ""),
        "withdraw" => (Done::ReviewWithdrawn, ""),
        "approve" => (Done::Approved, ""),
        "publish" => (Done::Published, ""),
        _ => (Done::ReviewOpened, ""),
    };
    let taken = async {
        let id = asking::incident(incident)?;
        let step = input::review_step(&step, version, &in_name_of, &reviewers)?;
        backend.take_review_step(&who, &id, step).await
    };
    asking::did(taken.await, done, place)
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
    let thread_said = asking::told(said.await)?;
    let done = if thread.is_empty() {
        Done::Commented
    } else {
        Done::Replied
    };
    go_back(&incident, &back, done, &thread_said);
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
    let done = if resolved {
        Done::Resolved
    } else {
        Done::ThreadOpened
    };
    go_back(&incident, &back, done, &thread);
    Ok(())
}

/// After a plain form, to the thread on the page where the form stood: `report` or `review`. From anywhere
/// else the browser goes back to the page itself.
fn go_back(incident: &str, page: &str, done: Done, thread: &str) {
    if matches!(page, "report" | "review") {
        let path = format!("/incidents/{incident}/{page}");
        asking::lead(&path, "", done, &format!("thread-{thread}"));
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
    let place = format!("{incident}-{action}");
    let edited = async {
        let id = asking::incident(incident)?;
        let edit = input::action_edit(&title, &owner, &due, &link, &state)?;
        backend.edit_action(&who, &id, &action, edit).await
    };
    asking::did(edited.await, Done::ActionSaved, &place)
}
