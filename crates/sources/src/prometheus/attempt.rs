//! What came of one attempt: a good answer, or what was wrong and whether to try again.

use super::answer::Envelope;
use crate::http::{Answer, HttpError};
use crate::skew::http_date;
use http::{StatusCode, header};
use model::Timestamp;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A good answer.
#[derive(Debug)]
pub(super) struct Reply<T> {
    pub(super) data: T,
    pub(super) warnings: Vec<String>,
    pub(super) partial: bool,
    /// Whether it is a VictoriaMetrics, which says so in a header of its own.
    pub(super) victoria: bool,
}

/// One attempt that failed.
pub(super) struct Fault {
    pub(super) what: What,
    /// Whether another attempt may do better.
    pub(super) again: bool,
    /// How long the server asks to wait.
    pub(super) wait: Option<Duration>,
}

/// What was wrong with it.
pub(super) enum What {
    Http(HttpError),
    Unauthorized,
    Forbidden,
    NotThere,
    Throttled,
    TooMuch(String),
    Said(String),
}

impl Fault {
    pub(super) fn last(what: What) -> Self {
        Self {
            what,
            again: false,
            wait: None,
        }
    }
}

/// Reads a good status, whose content may still be anything.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<Reply<T>, Fault> {
    let kind = answer.header(header::CONTENT_TYPE).unwrap_or("json");
    if !kind.contains("json") {
        let kind: String = kind.chars().take(60).collect();
        return Err(Fault::last(What::Said(format!(
            "it answers with {kind} instead of JSON, as a log-in page or another program does: \
             check url and credentials"
        ))));
    }
    let envelope: Envelope<T> = serde_json::from_slice(&answer.body).map_err(|e| {
        if e.is_eof() {
            let detail = format!("the JSON breaks off after {} bytes", answer.body.len());
            let what = What::Said(detail);
            return Fault {
                what,
                again: true,
                wait: None,
            };
        }
        Fault::last(What::Said(format!(
            "the JSON is not that of the query API: {e}"
        )))
    })?;
    match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => Ok(Reply {
            data,
            warnings: envelope.warnings.unwrap_or_default(),
            partial: envelope.is_partial == Some(true),
            victoria: answer.headers.contains_key("x-server-hostname"),
        }),
        (status, _) => Err(Fault::last(What::Said(format!(
            "status {status} without data: {}",
            said(envelope.error_type.as_deref(), envelope.error.as_deref())
        )))),
    }
}

/// What a bad status means.
pub(super) fn refusal(answer: &Answer) -> Fault {
    let status = answer.status;
    let body: Option<Envelope<serde::de::IgnoredAny>> = serde_json::from_slice(&answer.body).ok();
    let words = body.map_or_else(String::new, |b| {
        said(b.error_type.as_deref(), b.error.as_deref())
    });
    let wait = answer.retry_after();
    let again = |what| Fault {
        what,
        again: true,
        wait,
    };
    match status {
        StatusCode::UNAUTHORIZED => Fault::last(What::Unauthorized),
        StatusCode::FORBIDDEN => Fault::last(What::Forbidden),
        StatusCode::NOT_FOUND => Fault::last(What::NotThere),
        StatusCode::TOO_MANY_REQUESTS => again(What::Throttled),
        StatusCode::PAYLOAD_TOO_LARGE => Fault::last(What::TooMuch("HTTP 413".into())),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if is_too_much(&words) => {
            Fault::last(What::TooMuch(words))
        }
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if !words.is_empty() => {
            Fault::last(What::Said(format!(
                "the server refuses the query ({words}): correct it in the configuration"
            )))
        }
        _ if status.is_redirection() => Fault::last(What::Said(format!(
            "HTTP {}: it redirects to {}; name that address as url if it is the right one",
            status.as_u16(),
            answer
                .header(header::LOCATION)
                .map_or_else(|| "nowhere".to_owned(), place)
        ))),
        _ if status.is_server_error() => again(What::Said(format!(
            "HTTP {} {words}: see the server's own log, or ask for a shorter window",
            status.as_u16()
        ))),
        _ => Fault::last(What::Said(format!("HTTP {} {words}", status.as_u16()))),
    }
}

/// Scheme and host of an address: the rest may hold a ticket.
fn place(location: &str) -> String {
    let shown = crate::http::without_user(location);
    let end = shown
        .match_indices('/')
        .nth(2)
        .map_or(shown.len(), |(i, _)| i);
    let end = shown.find('?').map_or(end, |query| query.min(end));
    shown.get(..end).unwrap_or_default().to_owned()
}

/// Whether half of it may be answered: Prometheus ("exceeded maximum resolution of 11,000 points",
/// "query processing would load too many samples into memory"), VictoriaMetrics ("too many points",
/// "not enough memory"), Mimir ("the query time range exceeds the limit").
fn is_too_much(words: &str) -> bool {
    [
        "exceeded maximum resolution",
        "too many samples",
        "too many points",
        "not enough memory",
        "exceeds the limit",
    ]
    .iter()
    .any(|sign| words.contains(sign))
}

fn said(kind: Option<&str>, text: Option<&str>) -> String {
    match (kind.unwrap_or_default(), text.unwrap_or_default()) {
        ("", text) => text.to_owned(),
        (kind, "") => kind.to_owned(),
        (kind, text) => format!("{kind}: {text}"),
    }
}

/// The server's clock, whole seconds.
pub(super) fn date(answer: &Answer) -> Option<Timestamp> {
    answer.header(header::DATE).and_then(http_date)
}
