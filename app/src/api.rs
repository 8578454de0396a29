//! Server functions, all below `/api`: thin, one call of the [`Backend`](crate::backend::Backend)
//! each. They are public addresses: who is asking and what they may do is the backend's first
//! question, never the page's.

#![allow(
    missing_docs,
    reason = "the server macro makes a struct of each function, whose fields are its arguments"
)]
#![allow(
    clippy::too_many_arguments,
    reason = "an argument of a server function is an input of its form"
)]

mod sources;

use crate::{
    ApiError,
    page::{IncidentPage, JobView, Page, PreviewView, RowForm, Saved},
};
use leptos::prelude::*;
pub use sources::*;

pub mod people;

#[cfg(feature = "ssr")]
pub mod review;

#[cfg(feature = "ssr")]
mod asking {
    //! What a server function finds in its context.

    use crate::{
        ApiError,
        backend::{Backend, Caller},
    };
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;
    use model::{IncidentId, Window};
    use std::sync::Arc;

    /// The backend, and who is asking.
    pub(super) fn backend() -> Result<(Arc<dyn Backend>, Caller), ApiError> {
        let backend = use_context::<Arc<dyn Backend>>();
        let caller = crate::backend::people::asking();
        backend
            .zip(caller)
            .ok_or_else(|| ApiError::Unavailable("The server is not ready yet.".into()))
    }

    /// Ids are 32 hexadecimal digits; anything else is the id of nothing.
    pub(super) fn incident(id: String) -> Result<IncidentId, ApiError> {
        let good = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
        if good {
            Ok(IncidentId(id))
        } else {
            Err(ApiError::NotFound)
        }
    }

    /// A role as a form names it.
    pub(super) fn role(text: &str) -> Result<model::person::Role, ApiError> {
        text.parse()
            .map_err(|e: model::person::NoRole| ApiError::Invalid(format!("role: {e}")))
    }

    /// A team as a form names it; empty is none.
    pub(super) fn team(id: String) -> Option<model::person::TeamId> {
        (!id.is_empty()).then_some(model::person::TeamId(id))
    }

    /// The window of an incident, where a time needs it.
    pub(super) async fn window(
        backend: &dyn Backend,
        who: &Caller,
        id: &IncidentId,
        needed: bool,
    ) -> Result<Option<Window>, ApiError> {
        if needed {
            backend.window(who, id).await.map(Some)
        } else {
            Ok(None)
        }
    }

    /// Gives the HTTP answer the status of the error. A form posted without JavaScript is answered
    /// by a redirect that carries the error, whose status must stay.
    pub(super) fn told<T>(result: Result<T, ApiError>) -> Result<T, ApiError> {
        if let Err(error) = &result
            && !is_plain_form()
            && let Some(response) = use_context::<ResponseOptions>()
            && let Ok(status) = axum::http::StatusCode::from_u16(error.status())
        {
            response.set_status(status);
        }
        result
    }

    /// Whether a browser without JavaScript posted a form.
    pub(super) fn is_plain_form() -> bool {
        use_context::<axum::http::request::Parts>().is_some_and(|parts| {
            let html = parts
                .headers
                .get(axum::http::header::ACCEPT)
                .and_then(|v| v.to_str().ok())
                .is_some_and(|v| v.contains("text/html"));
            parts.method == axum::http::Method::POST && html
        })
    }
}

/// The dashboard.
#[server(prefix = "/api", endpoint = "overview")]
pub async fn overview() -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.overview(&who).await.map(Page::overview))
}

/// All incidents.
#[server(prefix = "/api", endpoint = "incidents")]
pub async fn incidents() -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.incidents(&who).await.map(Page::incidents))
}

/// An incident's page, charts drawn; `view` is the query of its address.
#[server(prefix = "/api", endpoint = "timeline")]
pub async fn timeline(
    incident: String,
    #[server(default)] view: String,
) -> Result<IncidentPage, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let case = backend.case(&who, &id).await?;
        let beside = beside(&*backend, &who, &case, &view).await?;
        Ok(IncidentPage::of(&case, &view, &beside))
    };
    asking::told(page.await)
}

/// Columns of the pictures that the server draws.
#[cfg(feature = "ssr")]
const COLUMNS: u32 = 960;

/// What the view asks for beside the case: a threshold that is tried, and what is compared with.
#[cfg(feature = "ssr")]
async fn beside(
    backend: &dyn crate::backend::Backend,
    who: &crate::backend::Caller,
    case: &crate::backend::Case,
    address: &str,
) -> Result<crate::timeline::Beside, ApiError> {
    use crate::{backend, view};
    let (view, _) = view::query::read(address);
    let id = &case.incident.id;
    let alarm = match view.alarm.clone() {
        Some(alarm) => backend.alarm(who, id, alarm).await?,
        None => None,
    };
    let compare = view.compare.as_ref().map(|compare| match compare {
        view::Compare::Shift(ms) => backend::Compare::Shift(*ms),
        view::Compare::Incident(id) => backend::Compare::Incident(model::IncidentId(id.clone())),
    });
    let compared = match compare {
        Some(compare) => {
            let ask = backend::LanesAsk {
                window: Some(view.window(case.incident.window)),
                columns: COLUMNS,
                lanes: Vec::new(),
                compare: Some(compare),
            };
            Some(backend.lanes(who, id, ask).await?)
        }
        None => None,
    };
    Ok(crate::timeline::Beside { alarm, compared })
}

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
    back_to_section(&incident, &section);
    Ok(saved)
}

/// Without JavaScript nobody shows the answer: the report does.
#[cfg(feature = "ssr")]
fn back_to_section(incident: &str, section: &str) {
    if asking::is_plain_form() {
        leptos_axum::redirect(&format!("/incidents/{incident}/report#{section}"));
    }
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
    let changed = async {
        let id = asking::incident(incident.clone())?;
        let change = crate::input::section_change(&change, revision)?;
        backend.change_section(&who, &id, &section, change).await
    };
    asking::told(changed.await)?;
    back_to_section(&incident, &section);
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
    back_to_section(&incident, "timeline");
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
    asking::told(chosen.await)
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

/// Adds a note, or replaces the one called `annotation`. Times as people write them, in UTC; `mentions`
/// are `series:` or `event:` and an id each.
#[server(prefix = "/api", endpoint = "save_annotation")]
pub async fn save_annotation(
    incident: String,
    #[server(default)] annotation: String,
    start: String,
    #[server(default)] end: String,
    text: String,
    #[server(default)] mentions: Vec<String>,
) -> Result<String, ApiError> {
    let (backend, who) = asking::backend()?;
    let saved = async {
        let id = asking::incident(incident)?;
        let clock = [&start, &end]
            .into_iter()
            .any(|t| crate::input::is_clock(t));
        let window = asking::window(&*backend, &who, &id, clock).await?;
        let mut draft = crate::input::annotation(&annotation, &start, &end, &text, window)?;
        (draft.series, draft.events) = crate::input::mentions(&mentions)?;
        let note = backend.put_annotation(&who, &id, draft).await?;
        Ok(note.id)
    };
    asking::told(saved.await)
}

/// Removes a note.
#[server(prefix = "/api", endpoint = "delete_annotation")]
pub async fn delete_annotation(incident: String, annotation: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let deleted = async {
        let id = asking::incident(incident)?;
        backend.delete_annotation(&who, &id, &annotation).await
    };
    asking::told(deleted.await)
}

/// The page that shares; `asked` are the pairs of its address.
#[server(prefix = "/api", endpoint = "share_page")]
pub async fn share_page(
    incident: String,
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let ask = crate::input::share_ask(&asked)?;
        Ok(Page::share(&backend.share_page(&who, &id, ask).await?))
    };
    asking::told(page.await)
}

/// Makes a share link and sends the browser to the page that shows it, once. `rules` are the pairs of
/// the preview's address: what was looked at is what is shared.
#[server(prefix = "/api", endpoint = "make_share")]
pub async fn make_share(
    incident: String,
    #[server(default)] rules: String,
    #[server(default)] lane: String,
    #[server(default)] days: String,
    #[server(default)] password: String,
    #[server(default)] views: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let made = async {
        let id = asking::incident(incident)?;
        let draft = crate::input::share_draft(&rules, &lane, &days, &password, &views)?;
        let shown = crate::input::share_query(draft.version, &draft.rules);
        let made = backend.share(&who, &id, draft).await?;
        Ok(format!(
            "/incidents/{id}/share?{shown}&made={}",
            made.share.id
        ))
    };
    leptos_axum::redirect(&asking::told(made.await)?);
    Ok(())
}

/// Revokes a share link.
#[server(prefix = "/api", endpoint = "revoke_share")]
pub async fn revoke_share(
    share: String,
    #[server(default)] incident: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.revoke_share(&who, &share).await)?;
    if asking::is_plain_form() && asking::incident(incident.clone()).is_ok() {
        leptos_axum::redirect(&format!("/incidents/{incident}/report#share"));
    }
    Ok(())
}

/// Copies what the configured sources have now into an incident.
#[server(prefix = "/api", endpoint = "freeze")]
pub async fn freeze(incident: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let frozen = async { backend.freeze(&who, &asking::incident(incident)?).await };
    asking::told(frozen.await)
}

/// Closes an incident, or opens it again.
#[server(prefix = "/api", endpoint = "set_closed")]
pub async fn set_closed(incident: String, closed: bool) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let set = async {
        let id = asking::incident(incident)?;
        backend.set_closed(&who, &id, closed).await
    };
    asking::told(set.await)
}

/// Gives an incident another title.
#[server(prefix = "/api", endpoint = "rename")]
pub async fn rename(incident: String, title: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let renamed = async {
        let id = asking::incident(incident)?;
        backend.rename(&who, &id, &title).await
    };
    asking::told(renamed.await)
}

/// Deletes an incident, once that was confirmed, and sends the browser to the others.
#[server(prefix = "/api", endpoint = "delete_incident")]
pub async fn delete_incident(
    incident: String,
    #[server(default)] confirmed: bool,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let deleted = async {
        let id = asking::incident(incident)?;
        if !confirmed {
            return Err(ApiError::Invalid(
                "nothing was deleted: tick the box that says so first".into(),
            ));
        }
        backend.delete_incident(&who, &id).await
    };
    asking::told(deleted.await)?;
    leptos_axum::redirect("/incidents");
    Ok(())
}

/// Says what a raw file does not say, and reads it again. Everything as people write it; empty means
/// unknown. `values` are names of columns with `;` between them.
#[server(prefix = "/api", endpoint = "answer_file")]
pub async fn answer_file(
    incident: String,
    path: String,
    #[server(default)] observed_at: String,
    #[server(default)] timezone: String,
    #[server(default)] time: String,
    #[server(default)] values: String,
    #[server(default)] unit: String,
    #[server(default)] time_format: String,
    #[server(default)] decimal_comma: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let answered = async {
        let id = asking::incident(incident)?;
        let form = crate::input::FileForm {
            path,
            observed_at,
            timezone,
            time,
            values,
            unit,
            time_format,
            decimal_comma,
        };
        let clock = crate::input::is_clock(&form.observed_at);
        let window = asking::window(&*backend, &who, &id, clock).await?;
        backend.answer_file(&who, &id, form.read(window)?).await
    };
    asking::told(answered.await)
}

/// A page that asks something of an incident: `what-if` or `back-test`, with the pairs of its address.
#[server(prefix = "/api", endpoint = "study")]
pub async fn study(
    incident: String,
    study: String,
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let asked = crate::input::Asked(&asked);
        match study.as_str() {
            "what-if" => {
                // What is wrong with an input is said beside it; the page itself is all right.
                let (ask, wrong) = match crate::input::what_if(asked) {
                    Ok(ask) => (ask, None),
                    Err(error) => (crate::backend::WhatIfAsk::default(), Some(error)),
                };
                match backend.what_if(&who, &id, ask).await {
                    Ok(answer) => Ok(Page::what_if(&answer, asked, wrong.as_ref())),
                    // As little is asked of a name that the incident does not know.
                    Err(unknown @ ApiError::Fields(_)) => {
                        let nothing = crate::backend::WhatIfAsk::default();
                        let answer = backend.what_if(&who, &id, nothing).await?;
                        Ok(Page::what_if(&answer, asked, Some(&unknown)))
                    }
                    Err(error) => Err(error),
                }
            }
            "back-test" => {
                let (ask, wrong) = match crate::input::back_test(asked) {
                    Ok(ask) => (ask, None),
                    Err(error) => {
                        let nothing = crate::input::back_test(crate::input::Asked(&[]))?;
                        (nothing, Some(error))
                    }
                };
                let wanted = ask.false_per_week;
                match backend.back_test(&who, &id, ask).await {
                    Ok(answer) => {
                        let wrong = wrong.or_else(|| answer.remark());
                        Ok(Page::back_test(&answer, asked, wanted, wrong.as_ref()))
                    }
                    Err(unknown @ ApiError::Fields(_)) => {
                        let nothing = crate::input::back_test(crate::input::Asked(&[]))?;
                        let answer = backend.back_test(&who, &id, nothing).await?;
                        Ok(Page::back_test(&answer, asked, wanted, Some(&unknown)))
                    }
                    Err(error) => Err(error),
                }
            }
            _ => Err(ApiError::NotFound),
        }
    };
    asking::told(page.await)
}

/// Decides about a suspect: `cause`, or `dismissed` with a reason.
#[server(prefix = "/api", endpoint = "judge")]
pub async fn judge(
    incident: String,
    suspect: String,
    ruling: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let judged = async {
        let id = asking::incident(incident)?;
        let draft = crate::input::judgement(&suspect, &ruling, &reason)?;
        backend.judge(&who, &id, draft).await
    };
    asking::told(judged.await)
}

/// Takes a decision about a suspect back.
#[server(prefix = "/api", endpoint = "take_back")]
pub async fn take_back(incident: String, suspect: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let taken = async {
        let id = asking::incident(incident)?;
        backend.take_back(&who, &id, &suspect).await
    };
    asking::told(taken.await)
}

/// Takes an action item on the list, with the alarm that `alarm` holds as its back-test's address
/// does.
#[server(prefix = "/api", endpoint = "add_action")]
pub async fn add_action(
    incident: String,
    title: String,
    #[server(default)] owner: String,
    #[server(default)] alarm: std::collections::BTreeMap<String, String>,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let added = async {
        let id = asking::incident(incident)?;
        let asked: Vec<(String, String)> = alarm.into_iter().collect();
        let draft = crate::input::action(&title, &owner, crate::input::Asked(&asked))?;
        backend.add_action(&who, &id, draft).await
    };
    asking::told(added.await)
}

/// Ticks an action item off (`done`), opens it again (`open`) or takes it off the list (`remove`).
#[server(prefix = "/api", endpoint = "change_action")]
pub async fn change_action(
    incident: String,
    action: String,
    change: String,
) -> Result<(), ApiError> {
    use crate::backend::ActionChange;
    let (backend, who) = asking::backend()?;
    let changed = async {
        let id = asking::incident(incident)?;
        let change = match change.as_str() {
            "done" => ActionChange::Done,
            "open" => ActionChange::Open,
            "remove" => ActionChange::Remove,
            _ => {
                let wrong = "expected done, open or remove".to_owned();
                return Err(ApiError::Invalid(wrong));
            }
        };
        backend.change_action(&who, &id, &action, change).await
    };
    asking::told(changed.await)
}

/// A job as it stands.
#[server(prefix = "/api", endpoint = "job")]
pub async fn job(id: String) -> Result<JobView, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.job(&who, &id).await.map(|job| JobView::of(&job)))
}

/// Does the work of a job that failed once more.
#[server(prefix = "/api", endpoint = "retry_job")]
pub async fn retry_job(id: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.retry_job(&who, &id).await)
}

/// Cancels a job.
#[server(prefix = "/api", endpoint = "cancel_job")]
pub async fn cancel_job(id: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.cancel_job(&who, &id).await)
}
