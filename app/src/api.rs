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

use crate::{
    ApiError,
    page::{IncidentPage, JobView, NewIncidentPage, Page, ReportPage},
};
use leptos::prelude::*;

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
        let caller = use_context::<Caller>();
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
    let case = async { backend.case(&who, &asking::incident(incident)?).await }.await;
    asking::told(case.map(|case| IncidentPage::of(&case, &view)))
}

/// An incident's report with its share links.
#[server(prefix = "/api", endpoint = "report")]
pub async fn report(incident: String) -> Result<ReportPage, ApiError> {
    let (backend, who) = asking::backend()?;
    let view = async {
        let id = asking::incident(incident)?;
        let case = backend.case(&who, &id).await?;
        let html = backend.report_html(&who, &id).await?;
        let shares = backend.shares(&who, &id).await?;
        Ok(ReportPage::of(&case, html, &shares))
    };
    asking::told(view.await)
}

/// Adds a note, or replaces the one called `annotation`. Times as people write them, in UTC.
#[server(prefix = "/api", endpoint = "save_annotation")]
pub async fn save_annotation(
    incident: String,
    #[server(default)] annotation: String,
    start: String,
    #[server(default)] end: String,
    text: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let saved = async {
        let id = asking::incident(incident)?;
        let clock = [&start, &end]
            .into_iter()
            .any(|t| crate::input::is_clock(t));
        let window = asking::window(&*backend, &who, &id, clock).await?;
        let draft = crate::input::annotation(&annotation, &start, &end, &text, window)?;
        backend.put_annotation(&who, &id, draft).await.map(drop)
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

/// Makes a share link and answers with its path, once and never again. `days` 0: it opens until it
/// is revoked.
#[server(prefix = "/api", endpoint = "create_share")]
pub async fn create_share(incident: String, days: u32) -> Result<String, ApiError> {
    let (backend, who) = asking::backend()?;
    let share = async {
        let id = asking::incident(incident)?;
        backend
            .create_share(&who, &id, (days > 0).then_some(days))
            .await
    };
    let path = asking::told(share.await.map(|made| made.link_path))?;
    if asking::is_plain_form() {
        // Without JavaScript nobody shows the answer: the page that it opens has it for an address.
        leptos_axum::redirect(&path);
    }
    Ok(path)
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
pub async fn revoke_share(share: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.revoke_share(&who, &share).await)
}

/// The form for a pull, with the price of what `asked` (the pairs of the page's address) asks for.
#[server(prefix = "/api", endpoint = "new_pull")]
pub async fn new_pull(
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<NewIncidentPage, ApiError> {
    let (backend, who) = asking::backend()?;
    let end = backend.now().floor_to(model::time::MINUTE);
    let (start, end) = (end.plus(-model::time::DAY).minute(), end.minute());
    let form = crate::input::PullForm::of_query(&asked);
    let price = match form.as_ref().map(crate::input::PullForm::read) {
        None => None,
        Some(Ok(request)) => Some(backend.price_pull(&who, &request).await),
        Some(Err(error)) => Some(Err(error)),
    };
    // What is wrong with an input is said beside it; the page itself is all right.
    let form = form.unwrap_or_else(|| crate::input::PullForm {
        start: start.clone(),
        end: end.clone(),
        ..crate::input::PullForm::default()
    });
    let page = Page::new_pull(&backend.pull_kinds(), &form, price);
    Ok(NewIncidentPage {
        html: page.html,
        start,
        end,
    })
}

/// Makes an incident, queues the pull that fills it and sends the browser there.
#[server(prefix = "/api", endpoint = "start_pull")]
pub async fn start_pull(
    title: String,
    start: String,
    end: String,
    region: String,
    #[server(default)] resources: std::collections::BTreeMap<String, String>,
    #[server(default)] profile: String,
    #[server(default)] endpoint: String,
    #[server(default)] agreed: bool,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let form = crate::input::PullForm {
        title,
        start,
        end,
        region,
        resources,
        profile,
        endpoint,
        agreed,
    };
    let started = async { backend.start_pull(&who, form.read()?).await };
    let id = asking::told(started.await)?;
    leptos_axum::redirect(&format!("/incidents/{id}"));
    Ok(())
}

/// Every configured source.
#[server(prefix = "/api", endpoint = "sources")]
pub async fn sources() -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.sources(&who).await.map(|view| Page::sources(&view)))
}

/// Tries a source now; what it says.
#[server(prefix = "/api", endpoint = "test_source")]
pub async fn test_source(name: String) -> Result<String, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.test_source(&who, &name).await)
}

/// A window on the live sources. Empty times: the last six hours.
#[server(prefix = "/api", endpoint = "explore")]
pub async fn explore(start: String, end: String, words: String) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let ask = crate::input::explore(&start, &end, &words)?;
        let explored = backend.explore(&who, ask).await?;
        Ok(Page::explore(&explored, &words))
    };
    asking::told(page.await)
}

/// Makes an incident out of what the configured sources have and sends the browser there. An empty
/// end: it is still going on.
#[server(prefix = "/api", endpoint = "open_incident")]
pub async fn open_incident(
    title: String,
    start: String,
    #[server(default)] end: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let opened = async {
        let request = crate::input::open_incident(&title, &start, &end)?;
        backend.open_incident(&who, request).await
    };
    let id = asking::told(opened.await)?;
    leptos_axum::redirect(&format!("/incidents/{id}"));
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

/// Metrics of a source by text.
#[server(prefix = "/api", endpoint = "metrics")]
pub async fn metrics(source: String, text: String) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let ask = crate::backend::MetricAsk {
        source,
        text: text.trim().to_owned(),
    };
    asking::told(backend.find_metrics(&who, ask).await.map(Page::metrics))
}

/// Pulls chosen metrics into a new incident and sends the browser there.
#[server(prefix = "/api", endpoint = "pull_metrics")]
pub async fn pull_metrics(
    source: String,
    title: String,
    start: String,
    end: String,
    #[server(default)] choices: Vec<String>,
    #[server(default)] statistics: String,
    #[server(default)] agreed: bool,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let pulled = async {
        let request =
            crate::input::pull_metrics(source, &title, &start, &end, choices, &statistics, agreed)?;
        backend.pull_metrics(&who, request).await
    };
    let id = asking::told(pulled.await)?;
    leptos_axum::redirect(&format!("/incidents/{id}"));
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
                let answer = backend.what_if(&who, &id, ask).await?;
                Ok(Page::what_if(&answer, asked, wrong.as_ref()))
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
                let answer = backend.back_test(&who, &id, ask).await?;
                Ok(Page::back_test(&answer, asked, wanted, wrong.as_ref()))
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
