//! The one error that crosses from the server to the browser: small, typed, in words for people.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A field of a form that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Name of the form's input.
    pub field: String,
    /// What is wrong with it and what was expected.
    pub message: String,
}

impl FieldError {
    /// An error of the input called `field`.
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

const NOT_FOUND: &str = "there is nothing here (any more): it may have been deleted, or belong to a team \
                         that is not yours; look for it in the list of incidents";
const FORBIDDEN: &str = "this is not allowed to you: sign in as somebody who may, or ask an administrator \
                         for the role or the team that it needs";

/// Why a call gave nothing. Never carries the text of a database or of the operating system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(into = "Told", from = "Told")]
pub enum ApiError {
    /// There is no such thing, or not for this caller.
    #[error("{NOT_FOUND}")]
    NotFound,
    /// The caller may not do this.
    #[error("{FORBIDDEN}")]
    Forbidden,
    /// The input cannot be used; the text says why and what was expected.
    #[error("{0}")]
    Invalid(String),
    /// Several inputs of a form cannot be used.
    #[error("{}", listed(.0))]
    Fields(Vec<FieldError>),
    /// Something that is needed does not answer; the text says what to do.
    #[error("{0}")]
    Unavailable(String),
    /// Lineup ran into a fault of its own; the text says with what, and what became of it.
    #[error("{0}")]
    Fault(String),
}

/// An error as it travels: each says in words what to do, for programs that know nothing of its kinds.
#[derive(Serialize, Deserialize)]
enum Told {
    NotFound(String),
    Forbidden(String),
    Invalid(String),
    Fields(Vec<FieldError>),
    Unavailable(String),
    Fault(String),
}

impl From<ApiError> for Told {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::NotFound => Self::NotFound(NOT_FOUND.to_owned()),
            ApiError::Forbidden => Self::Forbidden(FORBIDDEN.to_owned()),
            ApiError::Invalid(text) => Self::Invalid(text),
            ApiError::Fields(fields) => Self::Fields(fields),
            ApiError::Unavailable(text) => Self::Unavailable(text),
            ApiError::Fault(text) => Self::Fault(text),
        }
    }
}

impl From<Told> for ApiError {
    fn from(told: Told) -> Self {
        match told {
            Told::NotFound(_) => Self::NotFound,
            Told::Forbidden(_) => Self::Forbidden,
            Told::Invalid(text) => Self::Invalid(text),
            Told::Fields(fields) => Self::Fields(fields),
            Told::Unavailable(text) => Self::Unavailable(text),
            Told::Fault(text) => Self::Fault(text),
        }
    }
}

fn listed(fields: &[FieldError]) -> String {
    let lines: Vec<String> = fields
        .iter()
        .map(|f| format!("{}: {}", f.field, f.message))
        .collect();
    lines.join("; ")
}

impl ApiError {
    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Forbidden => 403,
            Self::Invalid(_) | Self::Fields(_) => 400,
            Self::Unavailable(_) => 503,
            Self::Fault(_) => 500,
        }
    }

    /// What is wrong with one input, where the error names it.
    pub fn field(&self, name: &str) -> Option<String> {
        match self {
            Self::Fields(fields) => fields
                .iter()
                .find(|f| f.field == name)
                .map(|f| f.message.clone()),
            _ => None,
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Args(text) | ServerFnErrorErr::MissingArg(text) => {
                Self::Invalid(format!("the request is not complete: {text}"))
            }
            ServerFnErrorErr::Request(_) => Self::Unavailable(
                "The server does not answer. Check that Lineup is running, then try again.".into(),
            ),
            // On the server it is the request that could not be read, in the browser the answer.
            ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => {
                Self::Invalid("the request is no form in UTF-8".into())
            }
            ServerFnErrorErr::Deserialization(_) => Self::Unavailable(
                "The server's answer could not be read. Nothing is lost: what you have written is still \
                 here. Try again; where that does not help, Lineup may have been updated: copy your \
                 text, then load the page anew."
                    .into(),
            ),
            _ => Self::Unavailable("The server could not answer. Its log says why.".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire_and_names_its_fields() {
        let error = ApiError::Fields(vec![
            FieldError::new("start", "'x' is no time"),
            FieldError::new("title", "give it a title"),
        ]);
        assert_eq!(ApiError::de(error.ser()), error);
        assert_eq!(error.field("title").as_deref(), Some("give it a title"));
        assert_eq!(error.field("end"), None);
        assert_eq!(
            error.to_string(),
            "start: 'x' is no time; title: give it a title"
        );
    }

    #[test]
    fn what_is_refused_says_what_to_do_on_the_wire() {
        for (error, words) in [
            (ApiError::NotFound, "look for it in the list"),
            (ApiError::Forbidden, "ask an administrator"),
        ] {
            let body = error.ser();
            assert!(String::from_utf8_lossy(&body).contains(words), "{body:?}");
            assert_eq!(ApiError::de(body), error);
        }
    }

    #[test]
    fn the_text_of_the_transport_never_reaches_people() {
        let error = ApiError::from_server_fn_error(ServerFnErrorErr::ServerError(
            "sqlite: disk I/O error".into(),
        ));
        assert!(!error.to_string().contains("sqlite"));
    }
}
