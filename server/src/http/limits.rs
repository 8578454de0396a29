//! Every request is answered: in bounded time, and also where its handler runs into a fault.

use super::problem::Problem;
use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use std::{any::Any, time::Duration};
use tower_http::catch_panic::CatchPanicLayer;

/// How long an answer may take to begin. The slowest pages take seconds; who waits for longer has
/// gone.
pub const DEADLINE: Duration = Duration::from_mins(1);
/// The same for uploads, whose time is mostly that of the line that they come over.
pub const UPLOAD_DEADLINE: Duration = Duration::from_mins(30);

/// How long answers may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// For everything but uploads.
    pub pages: Duration,
    /// For uploads.
    pub uploads: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            pages: DEADLINE,
            uploads: UPLOAD_DEADLINE,
        }
    }
}

/// Puts the limits around all routes.
pub(super) fn around<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    deadlines: Deadlines,
) -> Router<S> {
    routes
        .layer(middleware::from_fn_with_state(deadlines, in_time))
        .layer(CatchPanicLayer::custom(fault))
}

async fn in_time(State(deadlines): State<Deadlines>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    // The route and not the address, which may hold the token of a share link.
    let route = route.map_or_else(String::new, |route| route.as_str().to_owned());
    let uploads = ["/import", "/incidents/{id}/files"].contains(&route.as_str());
    let within = if uploads && request.method() == Method::POST {
        deadlines.uploads
    } else {
        deadlines.pages
    };
    if let Ok(answer) = tokio::time::timeout(within, next.run(request)).await {
        return answer;
    }
    let seconds = within.as_secs();
    tracing::warn!(route, seconds, "gave up: no answer in time");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "This takes too long",
        format!(
            "There was no answer within {seconds} s. Try again; what was sent may have been stored."
        ),
    )
    .again_after(30)
    .into_response()
}

/// The answer where a handler panicked. The panic itself is in the log already.
fn fault(_: Box<dyn Any + Send>) -> Response {
    Problem::fault("It is in the server's log. What was sent may not have been stored.")
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::header, routing::get};
    use tower::ServiceExt as _;

    fn routes() -> Router {
        let broken = || async {
            assert_eq!(1, 2, "a fault that a test plays");
        };
        let routes = Router::new()
            .route("/broken", get(broken))
            .route("/slow", get(std::future::pending::<()>))
            .route("/fine", get(|| async { "fine" }));
        around(routes, Deadlines::default())
            .layer(middleware::from_fn(super::super::problem::for_everybody))
    }

    async fn ask(path: &str, accept: &str) -> (u16, String, String) {
        let request = axum::http::Request::get(path).header(header::ACCEPT, accept);
        let request = request.body(Body::empty()).unwrap();
        let answer = routes().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap();
        let kind = kind.to_owned();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
        let body = String::from_utf8(body.unwrap().into()).unwrap();
        (status, kind, body)
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_and_a_deadline_are_answers() {
        let (status, kind, body) = ask("/broken", "*/*").await;
        assert_eq!((status, &*kind), (500, "application/problem+json"));
        assert!(body.contains("A fault of Lineup itself"), "{body}");
        let (status, kind, body) = ask("/broken", "text/html").await;
        assert_eq!((status, &*kind), (500, "text/html; charset=utf-8"));
        assert!(body.contains("<h1>A fault of Lineup itself</h1>"), "{body}");
        let (status, _, body) = ask("/slow", "text/html").await;
        assert_eq!(status, 503);
        assert!(body.contains("no answer within 60 s"), "{body}");
        let (status, _, body) = ask("/fine", "text/html").await;
        assert_eq!((status, &*body), (200, "fine"));
        // What a library answers in bare words.
        let (status, kind, _) = ask("/nowhere", "*/*").await;
        assert_eq!((status, &*kind), (404, "application/problem+json"));
    }
}
