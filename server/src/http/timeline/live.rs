//! `GET /api/incidents/{id}/live`: server-sent events, one `changed` whenever the incident's revision
//! is another one.
//!
//! The event's data is JSON, `{"revision":"12-3-5","evidence":12,"notes":3,"jobs":5}`; its id is the
//! revision. A browser that connects again says the last id that it had: where nothing has changed
//! since, nothing is sent, and where something has, one event says all of it. The first event of a
//! reader who says none is the revision as it is.

use super::{WHO, incident, query, refused, wrong};
use crate::http::{AppState, problem::Problem};
use app::backend::{Backend, Revision};
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
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Streams at the same time: a few people with a few tabs.
const MOST_STREAMS: usize = 64;
/// Shortest time between two events of a stream: a pull counts twice a second, and each event makes
/// a page fetch.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a comment says that the connection is alive. Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When a browser whose stream has ended asks again.
const RETRY: Duration = Duration::from_secs(3);

/// The open streams of a server.
#[derive(Debug)]
pub struct Streams {
    free: Arc<Semaphore>,
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
            ended: watch::Sender::new(false),
        }
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
    Path(id): Path<String>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = incident(id)?;
    query::nothing(asked.as_deref()).map_err(wrong)?;
    // Whether there is such an incident is said at once.
    let revision = state.backend.revision(&WHO, &id).await;
    revision.map_err(|e| refused(&e))?;
    let permit = state.streams.free.clone().try_acquire_owned();
    let permit = permit.map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many pages are open",
            format!(
                "{MOST_STREAMS} pages are kept up to date at the same time; close some of them."
            ),
        )
    })?;
    let known = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse().ok());
    let reader = Reader {
        backend: state.backend.clone(),
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
    id: IncidentId,
    /// What they know; `None`: nothing yet.
    known: Option<Revision>,
    ended: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
}

/// Ends with the server, and where the incident cannot be asked for any more (it was deleted, or the
/// database is away): the browser connects again, and is told then.
fn events(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((reader, true), |(mut reader, first)| async move {
        let mut ended = reader.ended.clone();
        let next = async {
            if !first {
                tokio::time::sleep(PAUSE).await;
            }
            match reader.known {
                Some(known) => reader.backend.changed(&WHO, &reader.id, known).await,
                None => reader.backend.revision(&WHO, &reader.id).await,
            }
        };
        let revision = tokio::select! {
            biased;
            // A sender that is gone is an end too.
            _ = ended.wait_for(|ended| *ended) => return None,
            next = next => next.ok()?,
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
