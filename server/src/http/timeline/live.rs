//! `GET /api/incidents/{id}/live`: server-sent events, one `changed` whenever the incident's revision
//! is another one.
//!
//! The event's data is JSON, `{"revision":"12-3-5","evidence":12,"notes":3,"jobs":5}`; its id is the
//! revision. A browser that connects again says the last id that it had: where nothing has changed
//! since, nothing is sent, and where something has, one event says all of it. The first event of a
//! reader who says none is the revision as it is.

use super::{incident, query, refused, wrong};
use crate::http::{AppState, problem::Problem, session::Who};
use app::backend::{Backend, Caller, Revision};
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, stream};
use model::IncidentId;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Streams at the same time: a few people with a few tabs.
const MOST_STREAMS: usize = 64;
/// Shortest time between two events of a stream: a pull counts twice a second, and each event makes
/// a page fetch.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a comment says that the connection is alive. Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a page that found no room may ask again, seconds.
const AGAIN_S: u32 = 30;
/// How often a stream asks whether its session still holds: who was signed out is told nothing more
/// after that.
const ASK_AGAIN: Duration = Duration::from_secs(10);
/// When a browser whose stream has ended asks again.
const RETRY: Duration = Duration::from_secs(3);

/// The open streams of a server.
#[derive(Debug)]
pub struct Streams {
    free: Arc<Semaphore>,
    /// Whether the last one was refused, which is said when it begins and not each time.
    full: AtomicBool,
    ended: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self::at_most(MOST_STREAMS)
    }
}

impl Streams {
    /// Room for so many.
    pub fn at_most(streams: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(streams)),
            full: AtomicBool::new(false),
            ended: watch::Sender::new(false),
        }
    }

    fn permit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if let Ok(permit) = self.free.clone().try_acquire_owned() {
            self.full.store(false, Ordering::Relaxed);
            return Ok(permit);
        }
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::warn!("more pages are open than can be kept up to date; some are not");
        }
        let problem = Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many pages are open",
            format!(
                "{MOST_STREAMS} pages are kept up to date at the same time; close some of them."
            ),
        );
        Err(problem.again_after(AGAIN_S))
    }

    /// Becomes true when the server stops.
    pub(in crate::http) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.subscribe()
    }

    /// Ends them all, and every one that is opened from now on: a server that stops waits for its
    /// answers to end, and a stream would never.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }
}

pub(super) async fn live(
    State(state): State<AppState>,
    Who(who): Who,
    Path(id): Path<String>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = incident(id)?;
    query::nothing(asked.as_deref()).map_err(wrong)?;
    // Whether there is such an incident is said at once.
    let revision = state.backend.revision(&who, &id).await;
    revision.map_err(|e| refused(&e))?;
    let permit = state.streams.permit()?;
    let known = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse().ok());
    let reader = Reader {
        token: state.door.token(&headers).map(str::to_owned),
        backend: state.backend.clone(),
        who,
        id,
        known,
        ended: state.streams.ended.subscribe(),
        _permit: permit,
    };
    let beat = KeepAlive::new().interval(HEARTBEAT).text("alive");
    Ok(Sse::new(events(reader)).keep_alive(beat).into_response())
}

/// Who reads a stream.
struct Reader {
    backend: Arc<dyn Backend>,
    who: Caller,
    /// Of their session, where there are accounts.
    token: Option<String>,
    id: IncidentId,
    /// What they know; `None`: nothing yet.
    known: Option<Revision>,
    ended: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    /// What comes next: the revision as soon as it is another one than they know. `None` where they may
    /// not be told any more.
    async fn next(&mut self) -> Option<Revision> {
        loop {
            if let Some(token) = &self.token {
                self.who = self.backend.caller(token).await.ok()?;
            }
            let Some(known) = self.known else {
                return self.backend.revision(&self.who, &self.id).await.ok();
            };
            let changed = self.backend.changed(&self.who, &self.id, known);
            // That nothing has changed for so long is no end.
            if let Ok(changed) = tokio::time::timeout(ASK_AGAIN, changed).await {
                return changed.ok();
            }
        }
    }
}

/// Ends with the session and with the server, and where the incident cannot be asked for any more (it was deleted, or the
/// database is away): the browser connects again, and is told then.
fn events(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((reader, true), |(mut reader, first)| async move {
        let mut ended = reader.ended.clone();
        let next = async {
            if !first {
                tokio::time::sleep(PAUSE).await;
            }
            reader.next().await
        };
        let revision = tokio::select! {
            biased;
            // A sender that is gone is an end too.
            _ = ended.wait_for(|ended| *ended) => return None,
            next = next => next?,
        };
        reader.known = Some(revision);
        Some((Ok(changed(revision)), (reader, false)))
    })
}

fn changed(revision: Revision) -> Event {
    let text = revision.to_string();
    let data = serde_json::json!({
        "revision": text, "evidence": revision.evidence, "notes": revision.notes, "jobs": revision.jobs,
    });
    Event::default()
        .event("changed")
        .id(text)
        .retry(RETRY)
        .data(data.to_string())
}
