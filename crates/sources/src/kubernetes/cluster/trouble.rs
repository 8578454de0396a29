//! What can go wrong between here and an API server, and what to do about it.

use super::NAME;
use crate::source::SourceError;
use kube::core::Status;
use std::{error::Error, fmt::Write as _};

/// Why an answer did not come, or is none.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The version asked for is no longer kept: list anew.
    Gone,
    /// Not permitted.
    Forbidden { detail: String },
    /// Nobody is logged in, or no longer.
    Unauthorized { detail: String },
    /// The server has no such kind.
    NotFound,
    /// Asked to come back later.
    TooMany { after_s: Option<u64> },
    /// The server failed.
    Server { status: u16, detail: String },
    /// No connection.
    Unreachable { detail: String },
    /// No answer in time.
    TimedOut { seconds: u64 },
    /// The answer broke off.
    Broken { detail: String },
    /// The answer is none of an API server.
    Malformed { detail: String },
    /// The answer is larger than anything that is read.
    TooLarge { limit: usize },
}

impl Trouble {
    /// From an answer that is no success.
    pub(crate) fn of_status(status: u16, retry_after: Option<u64>, body: &[u8]) -> Self {
        let said: Option<Status> = serde_json::from_slice(body).ok();
        let detail = said.map_or_else(String::new, |s| s.message);
        let detail = crate::kubernetes::meta::short(&detail, 300);
        match status {
            401 => Self::Unauthorized { detail },
            403 => Self::Forbidden { detail },
            404 => Self::NotFound,
            410 => Self::Gone,
            429 => Self::TooMany {
                after_s: retry_after,
            },
            _ => Self::Server { status, detail },
        }
    }

    /// From what the client library says. What a credential program printed can hold a token, so that
    /// of a failed login only the kind is kept.
    pub(crate) fn of_client(error: &kube::Error) -> Self {
        if let kube::Error::Api(status) = error {
            return Self::of_status(status.code, None, status.message.as_bytes());
        }
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(auth) = error.downcast_ref::<kube::client::AuthError>() {
                return Self::Unauthorized {
                    detail: login_failure(auth),
                };
            }
            cause = error.source();
        }
        Self::Unreachable {
            detail: causes(error),
        }
    }

    /// In words, for the part of the watch and the address that was asked.
    pub(crate) fn explain(self, part: &str, resource: &str, endpoint: &str) -> SourceError {
        let action = format!("list/watch {resource}");
        let failed = |detail: String| SourceError::Failed {
            name: NAME,
            action: format!("reading {part}"),
            attempts: 1,
            detail,
            cause: None,
        };
        match self {
            Self::Forbidden { detail } => SourceError::AccessDenied {
                name: NAME,
                action,
                detail: format!("{detail}; docs/permissions/kubernetes.yaml has the smallest role"),
                cause: None,
            },
            Self::Unauthorized { detail } => SourceError::NoCredentials {
                name: NAME,
                profile: String::new(),
                detail,
                hint: "log in again, or check the user of the kubeconfig's context",
            },
            Self::NotFound => SourceError::NotFound {
                name: NAME,
                what: resource.to_owned(),
                hint: "this cluster does not have that kind of object".to_owned(),
            },
            Self::TooMany { .. } => SourceError::Throttled {
                name: NAME,
                action,
                attempts: 1,
                cause: None,
            },
            Self::Unreachable { detail } => SourceError::Unreachable {
                name: NAME,
                endpoint: endpoint.to_owned(),
                detail,
                cause: None,
            },
            Self::TimedOut { seconds } => SourceError::TimedOut {
                name: NAME,
                action,
                seconds,
                attempts: 1,
                cause: None,
            },
            Self::Gone => {
                failed("the version is no longer kept; everything is listed anew".to_owned())
            }
            Self::Server { status, detail } => failed(format!(
                "the API server answered {status} {detail}; it is asked again"
            )),
            Self::Broken { detail } => failed(format!(
                "the answer broke off ({detail}); it is asked again"
            )),
            Self::Malformed { detail } => failed(format!(
                "the answer is none of a Kubernetes API server ({detail}): check the address in the kubeconfig, and proxies"
            )),
            Self::TooLarge { limit } => failed(format!("the answer is larger than {limit} bytes")),
        }
    }
}

fn login_failure(error: &kube::client::AuthError) -> String {
    use kube::client::AuthError as E;
    match error {
        // Its command line holds what the kubeconfig gives it in the environment.
        E::AuthExecRun { out, .. } => {
            format!(
                "the credential program of the kubeconfig ended with {}",
                out.status
            )
        }
        E::AuthExecStart(error) => format!("the credential program does not start: {error}"),
        E::ReadTokenFile(error, path) => format!("token file {}: {error}", path.display()),
        E::MissingCommand => "the kubeconfig names no credential program".to_owned(),
        _ => "the credentials of the kubeconfig cannot be used".to_owned(),
    }
}

/// A failure with its causes, which say more than it does.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            let _ = write!(text, ": {said}");
        }
        cause = error.source();
    }
    crate::kubernetes::meta::short(&text, 300)
}
