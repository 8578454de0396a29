//! What can go wrong between here and an API server, and what to do about it.

use super::NAME;
use crate::{
    kubernetes::{
        history::Stream,
        part::{NEEDS, Resource},
    },
    source::SourceError,
};
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

    /// In words, for what was tried.
    pub(crate) fn explain(self, tried: Tried<'_>) -> SourceError {
        let Tried {
            part,
            action,
            resource,
            endpoint,
            advice,
            is_everywhere,
        } = tried;
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
                detail: format!("{detail}; {advice}"),
                cause: None,
            },
            Self::Unauthorized { detail } => SourceError::NoCredentials {
                name: NAME,
                profile: String::new(),
                detail,
                hint: "log in again, or check the user of the kubeconfig's context",
            },
            // No answer about a window, which [`SourceError::NotFound`] may be.
            Self::NotFound if is_everywhere => SourceError::Failed {
                name: NAME,
                action: format!("asking {endpoint}"),
                attempts: 1,
                detail: "the server answers 404 for what every Kubernetes has: check the address in the \
                         kubeconfig, and proxies"
                    .to_owned(),
                cause: None,
            },
            Self::NotFound => SourceError::NotFound {
                name: NAME,
                what: resource,
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
            Self::Server { status, detail } => {
                let answer = format!("{status} {detail}");
                let answer = answer.trim_end();
                failed(format!(
                    "the API server answered {answer}; it is asked again"
                ))
            }
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

/// What was tried, in words.
pub(crate) struct Tried<'a> {
    /// What is read: `pods in shop`.
    part: String,
    /// The verb with it: `list pods in shop`.
    action: String,
    /// `replicasets.apps`.
    resource: String,
    /// The server that was asked.
    endpoint: &'a str,
    /// What to do where it is not permitted.
    advice: String,
    /// Whether every Kubernetes has it: a server that does not is none.
    is_everywhere: bool,
}

impl<'a> Tried<'a> {
    /// Reading a stream: `verb` is `list` or `watch`.
    pub(crate) fn reading(
        verb: &str,
        resource: &Resource,
        stream: &Stream,
        endpoint: &'a str,
    ) -> Self {
        let name = resource.shown();
        let part = stream.in_namespace(&name);
        Self {
            action: format!("{verb} {part}"),
            advice: advice(&name, stream),
            is_everywhere: !stream.part.is_extension(),
            resource: name,
            part,
            endpoint,
        }
    }

    /// Asking which version the server is of.
    pub(crate) fn version(endpoint: &'a str) -> Self {
        Self {
            part: "the version".to_owned(),
            action: "get /version".to_owned(),
            resource: "/version".to_owned(),
            endpoint,
            advice: "every user may ask for it where nobody forbade it".to_owned(),
            is_everywhere: true,
        }
    }
}

/// What to permit, where, and what is not seen until then.
fn advice(name: &str, stream: &Stream) -> String {
    let place = match (stream.namespace.as_str(), stream.part.is_namespaced()) {
        ("", true) => " in all namespaces, or name those that may be read as namespaces".to_owned(),
        ("", false) => String::new(),
        (namespace, _) => {
            format!(" in the namespace {namespace} (a Role there, bound to Lineup's account)")
        }
    };
    let permission = format!("list/watch {name}");
    let need = NEEDS.iter().find(|need| need.permission == permission);
    let unseen = need.map_or_else(String::new, |need| {
        format!("; until then nothing is known of: {}", need.purpose)
    });
    format!(
        "allow list and watch of {name}{place}: docs/permissions/kubernetes.yaml has the smallest role{unseen}"
    )
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
