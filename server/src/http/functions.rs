//! `POST /api/NAME`: the server functions, whose framework answers every fault of a client as one of the
//! server. Here it is told apart: an unknown function is 404, another method 405, another form of body
//! 415, a body too large 413, and one that cannot be read 400.

use super::{
    AppState, MAX_CALL_BYTES,
    problem::Problem,
    provide,
    signed::{self, joined, pairs, without},
};
use app::ApiError;
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use leptos::server_fn::{
    axum::server_fn_paths,
    error::{FromServerFnError, SERVER_FN_ERROR_HEADER},
};
use leptos_axum::handle_server_fns_with_context;

/// What the functions take.
const FORM: &str = "application/x-www-form-urlencoded";

pub(super) async fn call(State(state): State<AppState>, request: Request) -> Response {
    match readable(request).await {
        Ok(request) => {
            let answer = handle_server_fns_with_context(move || provide(&state), request);
            with_status(answer.await.into_response()).await
        }
        Err(answer) => answer,
    }
}

/// The request, whole, where there is such a function and it can read it.
async fn readable(request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path();
    let methods: Vec<Method> = server_fn_paths()
        .filter(|(of, _)| *of == path)
        .map(|(_, method)| method)
        .collect();
    if methods.is_empty() {
        let detail = "There is no such function: nothing was done.";
        let problem = Problem::new(StatusCode::NOT_FOUND, "Not found", detail);
        return Err(problem.into_response());
    }
    if !methods.contains(&parts.method) {
        return Err(other_method(&methods));
    }
    let body = whole(body).await.map_err(IntoResponse::into_response)?;
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.map(|kind| kind.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let is_form = kind.is_none_or(|kind| kind.split(';').next().is_some_and(|k| k.trim() == FORM));
    if !is_form && !body.is_empty() {
        let detail = format!("Expected a body of the type {FORM}: nothing was done.");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "Not a form", detail).into_response());
    }
    come_from_here(&mut parts.headers);
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn other_method(methods: &[Method]) -> Response {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let names = names.join(", ");
    let detail = format!("This is called by {names}: nothing was done.");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Another method", detail);
    let mut answer = problem.into_response();
    if let Ok(allowed) = HeaderValue::from_str(&names) {
        answer.headers_mut().insert(header::ALLOW, allowed);
    }
    answer
}

async fn whole(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, MAX_CALL_BYTES).await.map_err(|error| {
        if is_too_long(&error) {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "This is too large",
                format!("A form may have {MAX_CALL_BYTES} bytes: nothing was done."),
            )
        } else {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "The form broke off",
                "Nothing was done. Send it again.",
            )
        }
    })
}

/// Whether the limit is what ended a body.
pub(super) fn is_too_long(error: &axum::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = next {
        if e.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        next = e.source();
    }
    false
}

/// A plain form is answered by sending the browser back to where the request says that it came from.
/// That must be one of our own pages: without what an earlier refusal left in its address, and where
/// the request names another site or none, the first page.
fn come_from_here(headers: &mut HeaderMap) {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let Some(host) = host.map(str::to_owned) else {
        return;
    };
    let said = headers.get(header::REFERER).and_then(|v| v.to_str().ok());
    let own = said.and_then(|said| own_page(said, &host));
    let place = own.unwrap_or_else(|| format!("http://{host}/"));
    if let Ok(place) = HeaderValue::from_str(&place) {
        headers.insert(header::REFERER, place);
    }
}

/// The page of ours that a request says it comes from.
pub(super) fn came_from(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    own_page(text(header::REFERER)?, text(header::HOST)?)
}

fn own_page(said: &str, host: &str) -> Option<String> {
    let uri: Uri = said.parse().ok()?;
    let scheme = uri
        .scheme_str()
        .filter(|s| matches!(*s, "http" | "https"))?;
    let authority = uri.authority()?.as_str();
    if !authority.eq_ignore_ascii_case(host) {
        return None;
    }
    let rest = without(&pairs(uri.query().unwrap_or_default()), &signed::LEFT);
    Some(joined(
        &format!("{scheme}://{authority}{}", uri.path()),
        &rest,
    ))
}

/// The framework answers with 500 whatever it could not read; the error inside knows better.
async fn with_status(answer: Response) -> Response {
    let failed = answer.status() == StatusCode::INTERNAL_SERVER_ERROR;
    if !failed || !answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_CALL_BYTES).await else {
        return (parts, Body::empty()).into_response();
    };
    let error = ApiError::de(bytes.clone());
    parts.status = StatusCode::from_u16(error.status()).unwrap_or(parts.status);
    (parts, Body::from(bytes)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_gone_back_to() {
        let host = "127.0.0.1:3000";
        let own = "http://127.0.0.1:3000/incidents/1?title=a+b";
        assert_eq!(own_page(own, host).as_deref(), Some(own));
        let refused = format!("{own}&__path=%2Fapi%2Frename&__err=eyJ9&__sig=00");
        assert_eq!(own_page(&refused, host).as_deref(), Some(own));
        for foreign in [
            "http://evil.example/",
            "http://127.0.0.1:3000.evil.example/",
            "http://127.0.0.1:3000@evil.example/",
            "http://127.0.0.1:4000/",
            "javascript:alert(1)",
            "//evil.example/",
            "/incidents",
            "",
        ] {
            assert_eq!(own_page(foreign, host), None, "{foreign}");
        }
    }
}
