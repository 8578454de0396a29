//! What the interactive timeline fetches: `GET /api/incidents/{id}/lanes`, `/lanes/list`, `/events`,
//! `/alarm`, `/others` and `/live`.
//!
//! Answers carry the incident's revision as their `ETag`, and are asked for again each time
//! (`no-cache`): as long as nothing has changed the answer is an empty 304, for which one row is read.

pub mod live;
mod query;

use super::{
    AppState,
    problem::{Problem, of_api},
    session::Who,
};
use crate::compute;
use app::{
    ApiError,
    backend::{Backend, Caller, Compare, Revision},
};
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use model::{ENGINE, IncidentId};
use serde::Serialize;
use tower_http::{CompressionLevel, compression::CompressionLayer};

/// How hard brotli and gzip try with lanes: from here on a slice becomes little smaller and takes
/// several times as long, and somebody is waiting for it while they drag.
const QUALITY: CompressionLevel = CompressionLevel::Precise(3);

/// Says of a comparison what was laid over how many lanes, or why nothing was.
const COMPARED: HeaderName = HeaderName::from_static("lineup-compared");

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/incidents/{id}/lanes", get(lanes))
        .layer(CompressionLayer::new().quality(QUALITY))
        .route("/api/incidents/{id}/lanes/list", get(list))
        .route("/api/incidents/{id}/events", get(events))
        .route("/api/incidents/{id}/alarm", get(alarm))
        .route("/api/incidents/{id}/others", get(others))
        .route("/api/incidents/{id}/live", get(live::live))
}

/// Ids are 32 hexadecimal digits; anything else is the id of nothing.
fn incident(id: String) -> Result<IncidentId, Problem> {
    let good = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    if good {
        Ok(IncidentId(id))
    } else {
        Err(Problem::not_found())
    }
}

/// A question that cannot be answered: what, where, and what to do.
fn wrong(detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "The question could not be read",
        detail,
    )
}

fn refused(error: &ApiError) -> Problem {
    match error {
        ApiError::Invalid(detail) => wrong(detail.as_str()),
        error => of_api(error),
    }
}

/// `GET …/lanes`: a slice as bytes ([`chart::Slice::encode`]). A lane of events that was asked for by name and
/// has nothing (any more) is not in it; a name that no lane can have is refused.
async fn lanes(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = incident(id)?;
    let ask = query::lanes(query.as_deref()).map_err(wrong)?;
    let backend = &*state.backend;
    let mut tag = tag(backend, &who, &id).await?;
    if let Some(Compare::Incident(other)) = &ask.compare {
        if *other == id {
            return Err(wrong(
                "compare: this is the incident itself; expected the id of another one",
            ));
        }
        // The other incident may change too, or come or go.
        let other = backend.revision(&who, other).await;
        tag.push_str(&other.map_or_else(|_| String::new(), |r| format!("/{}", content(r))));
    }
    if knows(&headers, &tag) {
        return Ok(unchanged(&tag));
    }
    let given = backend.lanes(&who, &id, ask).await;
    let given = given.map_err(|e| refused(&e))?;
    let slice = given.slice;
    let bytes = compute::run(move || slice.encode()).await;
    let kind = (header::CONTENT_TYPE, "application/octet-stream");
    let mut response = ([kind], bytes).into_response();
    if let Some(said) = given.compared.as_deref().and_then(ascii) {
        response.headers_mut().insert(COMPARED, said);
    }
    tagged(response.headers_mut(), &tag);
    Ok(response)
}

/// `GET …/lanes/list`: every lane that there is.
async fn list(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = incident(id)?;
    query::nothing(query.as_deref()).map_err(wrong)?;
    let tag = tag(&*state.backend, &who, &id).await?;
    if knows(&headers, &tag) {
        return Ok(unchanged(&tag));
    }
    let rows = state.backend.lane_list(&who, &id).await;
    json(&rows.map_err(|e| refused(&e))?, &tag)
}

/// `GET …/events`: part of the events.
async fn events(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = incident(id)?;
    let ask = query::events(query.as_deref()).map_err(wrong)?;
    let tag = tag(&*state.backend, &who, &id).await?;
    if knows(&headers, &tag) {
        return Ok(unchanged(&tag));
    }
    let page = state.backend.events(&who, &id, ask).await;
    json(&page.map_err(|e| refused(&e))?, &tag)
}

/// `GET …/alarm`: what a threshold would have done, as the panel that stands below its lane. The
/// question is the query of the page itself, so that the links of the panel keep the rest of it.
async fn alarm(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    RawQuery(asked): RawQuery,
) -> Result<Response, Problem> {
    let id = incident(id)?;
    let (view, _) = app::view::query::read(asked.as_deref().unwrap_or_default());
    let alarm = view.alarm.clone().ok_or_else(|| {
        wrong("alarm: expected above:<number>:<series> or below:<number>:<series>")
    })?;
    let answer = state.backend.alarm(&who, &id, alarm).await;
    let answer = answer
        .map_err(|e| refused(&e))?
        .ok_or_else(|| wrong("alarm: there is no such series in this incident"))?;
    let page = app::page::Page::alarm(&answer, &view);
    let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
    let policy = (header::CACHE_CONTROL, "private, no-cache");
    Ok(([kind, policy], page.html).into_response())
}

/// An incident that another can be compared with.
#[derive(Serialize)]
struct OtherRow {
    id: String,
    title: String,
    start: String,
}

/// `GET …/others`: the incidents that this one can be compared with, the newest first.
async fn others(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    RawQuery(asked): RawQuery,
) -> Result<Response, Problem> {
    let id = incident(id)?;
    query::nothing(asked.as_deref()).map_err(wrong)?;
    let rows = state.backend.comparable(&who, &id).await;
    let rows = rows.map_err(|e| refused(&e))?.into_iter();
    let rows: Vec<OtherRow> = rows
        .map(|row| OtherRow {
            id: row.id.0,
            title: row.title,
            start: row.window.start.date(),
        })
        .collect();
    Ok(axum::Json(rows).into_response())
}

/// The tag of everything that is made of an incident as it is now, by this version.
async fn tag(backend: &dyn Backend, who: &Caller, id: &IncidentId) -> Result<String, Problem> {
    let revision = backend.revision(who, id).await;
    let revision = revision.map_err(|e| refused(&e))?;
    Ok(format!("{ENGINE}/{}", content(revision)))
}

/// Without the jobs, which nothing of this is made from.
fn content(revision: Revision) -> String {
    format!("{}-{}", revision.evidence, revision.notes)
}

/// Weak: the same in meaning, however it is compressed.
fn entity(tag: &str) -> String {
    format!("W/\"{tag}\"")
}

fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let entity = entity(tag);
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    known
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|known| known.trim() == entity)
}

fn tagged(headers: &mut HeaderMap, tag: &str) {
    // An engine's version and numbers are letters of a header.
    if let Ok(value) = HeaderValue::from_str(&entity(tag)) {
        headers.insert(header::ETAG, value);
    }
    let policy = HeaderValue::from_static("private, no-cache");
    headers.insert(header::CACHE_CONTROL, policy);
}

fn unchanged(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    tagged(response.headers_mut(), tag);
    response
}

fn json(of: &impl Serialize, tag: &str) -> Result<Response, Problem> {
    let body = serde_json::to_vec(of).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The answer could not be written",
            "The server's log says why.",
        )
    })?;
    let mut response = ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    tagged(response.headers_mut(), tag);
    Ok(response)
}

/// A sentence as a header: what is no plain letter there becomes a question mark.
fn ascii(text: &str) -> Option<HeaderValue> {
    let plain = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
    HeaderValue::from_str(&text.chars().map(plain).collect::<String>()).ok()
}
