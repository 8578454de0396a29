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

#[cfg(feature = "ssr")]
use crate::done::Done;
use crate::{
    ApiError,
    page::{IncidentPage, JobView, Page},
};
pub use judging::*;
use leptos::prelude::*;
pub use sources::*;

mod judging;
pub mod people;

#[cfg(feature = "ssr")]
pub mod document;
#[cfg(feature = "ssr")]
pub mod review;
#[cfg(feature = "ssr")]
pub mod sharing;

#[cfg(feature = "ssr")]
mod asking {
    //! What a server function finds in its context.

    use crate::{
        ApiError,
        backend::{Backend, Caller},
        done::{DONE, Done, without_done},
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
        if result.is_ok() && is_plain_form() {
            forget_the_last();
        }
        result
    }

    /// What came of a plain form: where it did what it should, the browser goes back to the page that it
    /// stood on, at the element `place`, and that page says so.
    pub(super) fn did<T>(
        result: Result<T, ApiError>,
        done: Done,
        place: &str,
    ) -> Result<T, ApiError> {
        let result = told(result);
        if result.is_ok()
            && is_plain_form()
            && let Some((path, query)) = came_from()
        {
            lead(&path, &query, done, place);
        }
        result
    }

    /// Leads the browser of a plain form to a page of ours, at the element `place`, which says what was
    /// done.
    pub(super) fn lead(path: &str, query: &str, done: Done, place: &str) {
        // Places are ids, some of which a form has sent.
        let is_plain = place
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !is_plain_form() {
            return;
        }
        let rest = without_done(query);
        let and = if rest.is_empty() { "" } else { "&" };
        let mut to = format!("{path}?{rest}{and}{DONE}={}", done.code());
        if is_plain && !place.is_empty() {
            to = format!("{to}#{place}");
        }
        leptos_axum::redirect(&to);
    }

    /// What an earlier form has done is not said once more after this one.
    fn forget_the_last() {
        if let Some((path, query)) = came_from().filter(|(_, query)| query.contains(DONE)) {
            let rest = without_done(&query);
            let mark = if rest.is_empty() { "" } else { "?" };
            leptos_axum::redirect(&format!("{path}{mark}{rest}"));
        }
    }

    /// Path and query of the page that a form stood on; the server has seen to it that it is one of ours.
    fn came_from() -> Option<(String, String)> {
        let parts = use_context::<axum::http::request::Parts>()?;
        let from = parts.headers.get(axum::http::header::REFERER)?;
        let uri: axum::http::Uri = from.to_str().ok()?.parse().ok()?;
        // A path with two strokes in front would name another host.
        let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
        Some((path, uri.query().unwrap_or_default().to_owned()))
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
        let pairs: Vec<_> = form_urlencoded::parse(view.as_bytes())
            .into_owned()
            .collect();
        let view = crate::done::without_done(&view);
        let beside = beside(&*backend, &who, &case, &view).await?;
        let mut page = IncidentPage::of(&case, &view, &beside);
        page.head = Page::done(&pairs) + &page.head;
        Ok(page)
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
    // It is laid over the lanes of the view, and counted over them.
    let lanes = compare
        .as_ref()
        .map(|_| crate::timeline::shown(case, &view));
    let compared = match compare.zip(lanes.filter(|lanes| !lanes.is_empty())) {
        Some((compare, lanes)) => {
            let ask = backend::LanesAsk {
                window: Some(view.window(case.incident.window)),
                columns: COLUMNS,
                lanes,
                compare: Some(compare),
                over: Vec::new(),
            };
            Some(backend.lanes(who, id, ask).await?)
        }
        None => None,
    };
    Ok(crate::timeline::Beside { alarm, compared })
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

/// Copies what the configured sources have now into an incident.
#[server(prefix = "/api", endpoint = "freeze")]
pub async fn freeze(incident: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let frozen = async { backend.freeze(&who, &asking::incident(incident)?).await };
    asking::did(frozen.await, Done::Frozen, "h-coverage")
}

/// Closes an incident, or opens it again.
#[server(prefix = "/api", endpoint = "set_closed")]
pub async fn set_closed(incident: String, closed: bool) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let set = async {
        let id = asking::incident(incident)?;
        backend.set_closed(&who, &id, closed).await
    };
    let done = if closed { Done::Closed } else { Done::Opened };
    asking::did(set.await, done, "h-coverage")
}

/// Gives an incident another title.
#[server(prefix = "/api", endpoint = "rename")]
pub async fn rename(incident: String, title: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let renamed = async {
        let id = asking::incident(incident)?;
        backend.rename(&who, &id, &title).await
    };
    asking::did(renamed.await, Done::Renamed, "")
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
