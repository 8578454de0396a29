//! Errors outside the pages: RFC 9457 for programs, a small page for people.

use app::ApiError;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use store::StoreError;

/// What went wrong, in words that say what to do.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    title: String,
    detail: String,
    html: bool,
}

impl Problem {
    /// A problem, answered as `application/problem+json`.
    pub(super) fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title.to_owned(),
            detail: detail.into(),
            html: false,
        }
    }

    /// Nothing there.
    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Not found",
            "There is no such incident (any more).",
        )
    }

    /// Answered as a page, for a form that a person sent.
    #[must_use]
    pub(super) fn into_page(mut self) -> Self {
        self.html = true;
        self
    }

    fn page(&self) -> String {
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} · Lineup</title><link rel=\"stylesheet\" href=\"/pkg/lineup.css\">\
             </head><body><main class=\"page\" id=\"main\"><h1>{title}</h1>\
             <p role=\"alert\" data-testid=\"problem\">{detail}</p>\
             <p>Nothing was stored.</p>\
             <p><a href=\"/incidents/new\">Back to the form</a></p></main></body></html>",
            title = escape(&self.title),
            detail = escape(&self.detail),
        )
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        if self.html {
            let headers = [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/html; charset=utf-8"),
                ),
                (
                    header::CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static(policy),
                ),
            ];
            return (self.status, headers, self.page()).into_response();
        }
        let body = serde_json::json!({
            "type": "about:blank", "title": self.title, "status": self.status.as_u16(), "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, body.to_string()).into_response()
    }
}

fn escape(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_file_name_is_only_text() {
        let problem =
            Problem::new(StatusCode::BAD_REQUEST, "Bad", "<script>alert(1)</script>").into_page();
        assert!(!problem.page().contains("<script"));
        assert!(problem.page().contains("&lt;script&gt;"));
    }
}
