//! Errors outside the pages: RFC 9457 for programs, a small page for people, who are sent back to the
//! form where there is one.

use super::functions::came_from;
use app::{ApiError, FieldError};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::server_fn::error::ServerFnUrlError;
use store::StoreError;

/// What went wrong, in words that say what to do.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    title: String,
    detail: String,
    /// The input of a form that it is about.
    field: Option<&'static str>,
    /// Seconds after which another try may go well.
    retry_after_s: Option<u32>,
}

/// The page of a problem has the application's style, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";
/// Longest answer of a library that is made a problem of, bytes.
const LONGEST_TEXT: usize = 4_096;

impl Problem {
    /// A problem, answered as `application/problem+json`.
    pub(super) fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title.to_owned(),
            detail: detail.into(),
            field: None,
            retry_after_s: None,
        }
    }

    /// Lineup ran into a fault of its own; what the log says of it is said there already.
    pub(super) fn fault(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "A fault of Lineup itself",
            detail,
        )
    }

    /// Whether Lineup itself is to blame: no form has to be filled in otherwise.
    pub(super) fn is_fault(&self) -> bool {
        self.status == StatusCode::INTERNAL_SERVER_ERROR
    }

    /// Says when another try may go well.
    #[must_use]
    pub(super) fn again_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Nothing there.
    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Not found",
            "There is no such incident (any more).",
        )
    }

    /// About one input of the form.
    #[must_use]
    pub(super) fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// Sends the browser back to the page of the form, which says what is wrong where; `said` is what
    /// stood in its inputs.
    pub(super) fn back_to(&self, page: &str, form: &str, said: &[(&str, String)]) -> Response {
        let detail = format!("{} (nothing was stored)", self.detail.trim_end_matches('.'));
        let error = match self.field {
            Some(field) => ApiError::Fields(vec![FieldError::new(field, detail)]),
            None => ApiError::Invalid(detail),
        };
        let base = format!("http://localhost{page}");
        let Ok(mut address) = ServerFnUrlError::new(form, error).to_url(&base) else {
            return self.clone().into_response();
        };
        address.query_pairs_mut().extend_pairs(said);
        let query = address.query().unwrap_or_default();
        Redirect::to(&format!("{page}?{query}")).into_response()
    }
}

/// A problem of the database: its words go to the log.
pub(super) fn of_store(error: &StoreError) -> Problem {
    tracing::error!(%error, "the database could not answer");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "The database could not answer",
        "The server's log says why. Try again when it is mended.",
    )
}

/// What a call of the backend answered, for a form.
pub(super) fn of_api(error: &ApiError) -> Problem {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match error {
        ApiError::NotFound => Problem::not_found(),
        error => Problem::new(status, "This could not be done", error.to_string()),
    }
}

impl Problem {
    /// What it is about, in one text.
    fn text(&self) -> String {
        match self.field {
            Some(field) => format!("{field}: {}", self.detail),
            None => self.detail.clone(),
        }
    }

    /// The same for somebody who looks at it.
    fn page(&self, back: Option<&str>) -> Html<String> {
        let (title, text) = (escaped(&self.title), escaped(&self.text()));
        let back = back.map_or_else(String::new, |page| {
            let page = escaped(page);
            format!(
                "<p>The page you came from is as it was. Go back to it and try again.</p>\
                 <p><a class=\"button primary\" href=\"{page}\">Back to the page</a></p>"
            )
        });
        Html(format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Lineup</title>\
             <link rel=\"stylesheet\" href=\"/pkg/lineup.css\"></head><body><main class=\"page\">\
             <section class=\"problem\"><h1>{title}</h1><p>{text}</p>{back}\
             <p><a class=\"button\" href=\"/incidents\">All incidents</a></p></section></main></body></html>\n"
        ))
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::json!({
            "type": "about:blank", "title": self.title, "status": self.status.as_u16(), "detail": self.text(),
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, body.to_string()).into_response();
        if let Some(seconds) = self.retry_after_s {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Whether a browser asks for somebody who looks at the answer.
pub(super) fn is_person(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Makes one kind of answer of all that went wrong: the bare texts of libraries become problems, and
/// problems that somebody looks at become pages.
pub(super) async fn for_everybody(request: Request, next: Next) -> Response {
    let person = is_person(request.headers());
    let asked = format!("{} {}", request.method(), shown(request.uri().path()));
    // Whoever sent a form came from a page of ours, and wants to go on there.
    let sent = (request.method() == Method::POST).then(|| came_from(request.headers()));
    let back = sent.flatten();
    let back = back.as_deref();
    let mut response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) if person => problem,
        None if is_bare(response.headers()) => return bare(response, &asked, person, back).await,
        Some(_) | None => return response,
    };
    paged(&problem, response.headers(), back)
}

/// Whether nothing, or nothing but words, is in an answer.
fn is_bare(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    !headers.contains_key(header::CONTENT_ENCODING)
        && kind.is_none_or(|kind| kind.starts_with(b"text/plain"))
}

/// The path that was asked for, short enough to be shown.
fn shown(path: &str) -> String {
    path.chars().take(200).collect()
}

/// What to do about an answer that says nothing itself.
fn advice(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => {
            "the request cannot be read. Check the address: spaces, quotes and the like in it have to be \
             escaped (%20, %22)."
        }
        StatusCode::UNAUTHORIZED => "nobody is signed in. Sign in at /sign-in, then ask again.",
        StatusCode::FORBIDDEN => {
            "this is not allowed to you. Sign in as somebody who may, or ask an administrator for the role \
             or the team that it needs."
        }
        StatusCode::NOT_FOUND => {
            "there is nothing at this address. Check how it is written, or begin with the list of incidents \
             at /incidents."
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            "this address is asked in another way: the header Allow says in which."
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            "what was sent is too large. Send less, or in several parts."
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            "what was sent is of another kind than is read here. Check the header Content-Type."
        }
        status if status.is_server_error() => {
            "Lineup could not answer. The server's log says why; try again when that is mended."
        }
        _ => "this cannot be answered. Check the address and what was sent.",
    }
}

/// A problem out of an answer that is none; what its headers say stays.
async fn bare(response: Response, asked: &str, person: bool, back: Option<&str>) -> Response {
    let (parts, body) = response.into_parts();
    let text = axum::body::to_bytes(body, LONGEST_TEXT).await;
    let text = text.unwrap_or_default();
    let title = parts.status.canonical_reason().unwrap_or("Not possible");
    let detail = match String::from_utf8_lossy(&text).trim() {
        "" => format!("{asked}: {}", advice(parts.status)),
        text => format!("{asked}: {text}"),
    };
    let problem = Problem::new(parts.status, title, detail);
    if person {
        return paged(&problem, &parts.headers, back);
    }
    with_headers(problem.into_response(), &parts.headers)
}

fn paged(problem: &Problem, headers: &HeaderMap, back: Option<&str>) -> Response {
    let page = (problem.status, problem.page(back)).into_response();
    let mut response = with_headers(page, headers);
    let policy = HeaderValue::from_static(PAGE_POLICY);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// The answer with the headers of the one that it stands for, but for those of its body.
fn with_headers(mut response: Response, others: &HeaderMap) -> Response {
    let of_body = [
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        header::CONTENT_ENCODING,
        header::CONTENT_DISPOSITION,
        header::TRANSFER_ENCODING,
        header::ETAG,
    ];
    for (name, value) in others.iter().filter(|(name, _)| !of_body.contains(name)) {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_that_says_nothing_says_where_and_what_to_do() {
        for status in [400, 401, 403, 404, 405, 413, 415, 418, 500, 503] {
            let empty = StatusCode::from_u16(status).unwrap().into_response();
            let answer = bare(empty, "GET /api/x", false, None).await;
            assert_eq!(answer.status().as_u16(), status);
            let body = axum::body::to_bytes(answer.into_body(), LONGEST_TEXT).await;
            let said: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
            let detail = said["detail"].as_str().unwrap();
            assert!(detail.starts_with("GET /api/x: "), "{detail}");
            assert!(detail.len() > 50 && detail.ends_with('.'), "{detail}");
        }
    }

    #[test]
    fn the_page_of_a_problem_is_only_text() {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "A <b> & more", "x\"<script>");
        let Html(page) = problem.at("start").page(None);
        assert!(page.contains("A &lt;b&gt; &amp; more"), "{page}");
        assert!(page.contains("start: x&quot;&lt;script&gt;"), "{page}");
        assert!(!page.contains("Back to the page"), "{page}");
    }

    #[test]
    fn the_page_of_a_problem_leads_back_to_where_a_form_was_sent_from() {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Later", "x");
        let Html(page) = problem.page(Some("http://h/incidents/1?from=1&to=2"));
        let link = "href=\"http://h/incidents/1?from=1&amp;to=2\">Back to the page</a>";
        assert!(page.contains(link), "{page}");
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("h"));
        for (referer, expected) in [
            ("http://h/a?b=1", Some("http://h/a?b=1")),
            ("http://e/a", None),
        ] {
            headers.insert(header::REFERER, HeaderValue::from_static(referer));
            assert_eq!(came_from(&headers).as_deref(), expected);
        }
    }
}
