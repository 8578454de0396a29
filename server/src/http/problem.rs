//! Errors outside the pages: RFC 9457 for programs; people are sent back to the form.

use app::{ApiError, FieldError};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
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
}

impl Problem {
    /// A problem, answered as `application/problem+json`.
    pub(super) fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: title.to_owned(),
            detail: detail.into(),
            field: None,
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let detail = match self.field {
            Some(field) => format!("{field}: {}", self.detail),
            None => self.detail,
        };
        let body = serde_json::json!({
            "type": "about:blank", "title": self.title, "status": self.status.as_u16(), "detail": detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, body.to_string()).into_response()
    }
}
