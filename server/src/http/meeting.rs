//! A meeting about an incident: one presents, others follow the same view.
//!
//! `GET /api/incidents/{id}/meeting/now` says whether there is one, `GET /api/incidents/{id}/meeting`
//! tells what is shown as server-sent events, `POST` there begins one, shows something and ends it.
//! What is shown is the address of a page of the incident: the section of its report, the span of its
//! timeline.
//!
//! Meetings live in the memory of the server, and no stream asks the database: what is noted in one is
//! a comment, and stays.

mod room;

use super::{
    AppState,
    problem::{Problem, of_api},
    session::Who,
};
use crate::{
    clock::Clock,
    random::{self, SystemRandom},
};
use app::backend::{Backend, Caller};
use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures::{Stream, stream};
use model::{IncidentId, bundle::sha256_hex};
use room::{MOST_FOLLOWERS, Shown, busy};
use serde::{Deserialize, Serialize};
use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, watch};

pub use room::Meetings;

/// Longest address of a view, in bytes.
const LONGEST_VIEW: usize = 4_000;
/// Shortest time between two events of a stream: somebody who drags a timeline shows many views.
const PAUSE: Duration = Duration::from_millis(150);
/// See the stream of changes (`timeline::live`): proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a browser whose stream has ended asks again.
const RETRY: Duration = Duration::from_secs(2);

/// The browser's part.
const SCRIPT: &str = include_str!("meeting.js");

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/meeting.js", get(script))
        .route("/api/incidents/{id}/meeting", get(follow).post(act))
        .route("/api/incidents/{id}/meeting/now", get(now))
}

/// The incident, where there is such a one and the caller may see it.
async fn incident(state: &AppState, who: &Caller, id: String) -> Result<IncidentId, Problem> {
    let good = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    let id = good
        .then_some(IncidentId(id))
        .ok_or_else(Problem::not_found)?;
    let revision = state.backend.revision(who, &id).await;
    revision.map_err(|e| of_api(&e))?;
    Ok(id)
}

async fn now(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    let id = incident(&state, &who, id).await?;
    Ok(Json(state.meetings.shown(&id, state.clock.now())))
}

/// What somebody does.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Act {
    Begin { view: String },
    Show { key: String, view: String },
    End { key: String },
}

/// What who begins to present is told.
#[derive(Serialize)]
struct Begun {
    key: String,
    #[serde(flatten)]
    shown: Shown,
}

async fn act(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    act: Result<Json<Act>, JsonRejection>,
) -> Result<Response, Problem> {
    // Before what is wrong with the call: who may not see the incident learns nothing of it.
    let id = incident(&state, &who, id).await?;
    let Json(act) = match act {
        Ok(act) => act,
        Err(wrong) => return Ok(wrong.into_response()),
    };
    let (meetings, now) = (&state.meetings, state.clock.now());
    match act {
        Act::Begin { view } => {
            let view = view_of(&id, view)?;
            let key = random::id(&SystemRandom).map_err(|error| {
                tracing::error!(%error, "the operating system gives no randomness");
                busy("The server has no randomness to begin a meeting with.".to_owned())
            })?;
            let presenter = state.backend.name_of(&who);
            let (shown, new) = meetings.begin(&id, presenter, view, key.clone(), now)?;
            if new {
                told(&state, &who, &id, true).await;
            }
            Ok(Json(Begun { key, shown }).into_response())
        }
        Act::Show { key, view } => {
            let shown = meetings.show(&id, &key, view_of(&id, view)?, now)?;
            Ok(Json(shown).into_response())
        }
        Act::End { key } => {
            meetings.end(&id, &key)?;
            told(&state, &who, &id, false).await;
            Ok(Json(Shown::default()).into_response())
        }
    }
}

async fn told(state: &AppState, who: &Caller, id: &IncidentId, began: bool) {
    // The meeting goes on, whatever becomes of its line in the log.
    if let Err(error) = state.backend.meeting_told(who, id, began).await {
        tracing::error!(%error, incident = %id, "a meeting is missing in the activity log");
    }
}

/// A view is a page of the incident that is met about, so that nobody is led anywhere else.
fn view_of(id: &IncidentId, view: String) -> Result<String, Problem> {
    let rest = view.strip_prefix(&format!("/incidents/{id}"));
    let inside = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let plain = view.bytes().all(|b| b.is_ascii_graphic()) && !view.contains(['\\', '"', '<', '>']);
    if inside && plain && !view.contains("..") && view.len() <= LONGEST_VIEW {
        Ok(view)
    } else {
        Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "This cannot be shown",
            format!(
                "Expected the address of a page of this incident, of at most {LONGEST_VIEW} bytes."
            ),
        ))
    }
}

/// Who follows; what they leave behind is when they left.
struct Follower {
    backend: Arc<dyn Backend>,
    who: Caller,
    /// Of their session, where there are accounts.
    token: Option<String>,
    meetings: Arc<Meetings>,
    clock: Arc<dyn Clock>,
    id: IncidentId,
    shown: watch::Receiver<Shown>,
    ended: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
}

impl Follower {
    /// Whether they may still be told: they may be disabled by now, or signed out, and the incident may be
    /// private.
    async fn may_be_told(&mut self) -> bool {
        if let Some(token) = &self.token {
            match self.backend.caller(token).await {
                Ok(who) => self.who = who,
                Err(_) => return false,
            }
        }
        self.backend.revision(&self.who, &self.id).await.is_ok()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.meetings.left(&self.id, self.clock.now());
    }
}

async fn follow(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = incident(&state, &who, id).await?;
    let permit = state.meetings.free.clone().try_acquire_owned();
    let permit = permit.map_err(|_| {
        busy(format!(
            "{MOST_FOLLOWERS} people are in meetings at the same time: leave one first."
        ))
    })?;
    // Without a meeting there is nothing to follow: on this status an `EventSource` does not ask again.
    let Some(mut shown) = state.meetings.join(&id, state.clock.now()) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    // Whoever joins is told at once.
    shown.mark_changed();
    let follower = Follower {
        backend: state.backend.clone(),
        token: state.door.token(&headers).map(str::to_owned),
        who,
        meetings: state.meetings.clone(),
        clock: state.clock.clone(),
        id,
        shown,
        ended: state.streams.ended(),
        _permit: permit,
    };
    let beat = KeepAlive::new().interval(HEARTBEAT).text("alive");
    Ok(Sse::new(events(follower)).keep_alive(beat).into_response())
}

/// Ends with the meeting, after it has said so, and with the server.
fn events(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((follower, None), |(mut follower, told)| async move {
        let first = told.is_none();
        if told == Some(false) {
            return None;
        }
        let mut ended = follower.ended.clone();
        let next = async {
            if !first {
                tokio::time::sleep(PAUSE).await;
            }
            // A meeting that is gone without a word has ended too.
            follower.shown.changed().await.is_ok()
        };
        tokio::select! {
            biased;
            _ = ended.wait_for(|ended| *ended) => return None,
            told = next => if !told { return None },
        }
        if !follower.may_be_told().await {
            return None;
        }
        let shown = follower.shown.borrow_and_update().clone();
        Some((Ok(told_of(&shown)), (follower, Some(shown.on))))
    })
}

fn told_of(shown: &Shown) -> Event {
    let event = Event::default().event("shown").retry(RETRY);
    // Texts and numbers can always be written as JSON.
    event.data(serde_json::to_string(shown).unwrap_or_default())
}

static TAG: LazyLock<String> = LazyLock::new(|| format!("\"{}\"", sha256_hex(SCRIPT.as_bytes())));

/// `GET /meeting.js`, asked for again by its hash.
async fn script(headers: HeaderMap) -> Response {
    let out = [
        (header::ETAG, TAG.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
    ];
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == TAG.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, out).into_response();
    }
    (out, SCRIPT).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> IncidentId {
        IncidentId("a".repeat(32))
    }

    #[test]
    fn a_view_is_a_page_of_the_incident() {
        let base = format!("/incidents/{}", id());
        for good in [
            "",
            "/report#root-cause",
            "?from=1&to=2&hide=a,b#timeline",
            "/review",
        ] {
            assert!(view_of(&id(), format!("{base}{good}")).is_ok(), "{good}");
        }
        for bad in [
            String::new(),
            "https://evil.example/".into(),
            "//evil.example".into(),
            "javascript:alert(1)".into(),
            format!("{base}x"),
            format!("{base}/../../sources"),
            format!("{base}/\\evil"),
            format!("{base}?{}", "x".repeat(LONGEST_VIEW)),
            format!("/incidents/{}", "b".repeat(32)),
        ] {
            assert!(view_of(&id(), bad.clone()).is_err(), "{bad}");
        }
    }
}
