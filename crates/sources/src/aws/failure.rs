//! What the client library says, in words that say what to do. Nothing here ever holds a
//! credential.

use crate::source::{Cause, SourceError};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudwatch::config::http::HttpResponse;
use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};
use std::error::Error;

/// What an error message needs to know about the connection.
#[derive(Clone, Debug)]
pub(crate) struct Context<'a> {
    /// Name of the source.
    pub(crate) name: &'static str,
    /// Prefix of the service's permissions: `cloudwatch`.
    pub(crate) prefix: &'static str,
    /// Address that is asked, without user information.
    pub(crate) endpoint: &'a str,
    /// AWS profile, where one was named.
    pub(crate) profile: Option<&'a str>,
    /// Attempts that the client makes of one call.
    pub(crate) attempts: u32,
    /// Limit of one attempt, seconds.
    pub(crate) seconds: u64,
}

impl Context<'_> {
    fn profile(&self) -> String {
        self.profile
            .map(|p| format!(" (profile {p})"))
            .unwrap_or_default()
    }
}

/// Longest detail that is handed on.
const MAX_DETAIL: usize = 300;
const LOG_IN: &str = "log in (aws sso login, aws configure) or set AWS_PROFILE";
const LOG_IN_AGAIN: &str = "they have expired: log in again (aws sso login)";
const CHECK_KEYS: &str =
    "AWS does not accept them: check access key, secret and this machine's clock";
const NO_ANSWER: &str = "cut short, or no answer of AWS: check proxy and endpoint";
const THEIR_SIDE: &str = "an error on AWS's side: try again in a few minutes";
const REFUSED: &str = "AWS refused what was asked: check the source's settings";
const CHECK_CLOCK: &str = "this machine's clock is off by minutes: set it (NTP)";

/// The code of what the service answered; empty where it answered nothing.
pub(crate) fn code_of<E>(error: &SdkError<E, HttpResponse>) -> &str
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => service.err().code().unwrap_or_default(),
        _ => "",
    }
}

/// Explains why a call failed, after all its attempts.
pub(crate) fn explain<E>(
    error: SdkError<E, HttpResponse>,
    call: &str,
    context: &Context<'_>,
) -> SourceError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let why = Why::of(&error, context);
    why.with_cause(call.to_owned(), Box::new(error), context)
}

/// Why a call failed, before words and cause are put together.
enum Why {
    NoCredentials(String, &'static str),
    Denied(String),
    Throttled,
    TimedOut,
    Unreachable(String),
    /// Failed for good, or after all attempts.
    Failed {
        attempts: u32,
        detail: String,
    },
}

impl Why {
    fn of<E>(error: &SdkError<E, HttpResponse>, context: &Context<'_>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        if let Some(detail) = credentials_error(error) {
            return Self::NoCredentials(told_of_profile(detail, context), LOG_IN);
        }
        match error {
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                Self::Unreachable(chain(error))
            }
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or_default();
                let said = service.err().message().unwrap_or_default();
                let status = service.raw().status().as_u16();
                Self::by_code(code, status, shorten(&format!("{code} {said}")), context)
            }
            SdkError::ResponseError(_) => Self::Failed {
                attempts: context.attempts,
                detail: format!("{NO_ANSWER} ({})", chain(error)),
            },
            _ => Self::failed(chain(error)),
        }
    }

    /// After a single attempt: another would fail as well.
    fn failed(detail: String) -> Self {
        Self::Failed {
            attempts: 1,
            detail,
        }
    }

    fn by_code(code: &str, status: u16, detail: String, context: &Context<'_>) -> Self {
        // Codes differ between protocols and services: with and without "Exception".
        match code.trim_end_matches("Exception") {
            "Throttling"
            | "RequestLimitExceeded"
            | "TooManyRequests"
            | "RequestThrottled"
            | "LimitExceeded"
            | "SlowDown" => Self::Throttled,
            "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" | "AuthFailure" => {
                Self::Denied(detail)
            }
            "ExpiredToken" | "TokenRefreshRequired" => Self::NoCredentials(detail, LOG_IN_AGAIN),
            // The time in the signature is too far from AWS's own, also after the SDK corrected it
            // by the answer's date.
            "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => {
                Self::NoCredentials(detail, CHECK_CLOCK)
            }
            "InvalidClientTokenId"
            | "UnrecognizedClient"
            | "MissingAuthenticationToken"
            | "InvalidAccessKeyId" => Self::NoCredentials(detail, CHECK_KEYS),
            // The text of these repeats the signed request, session token included: it goes
            // nowhere.
            "SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignature" => {
                Self::NoCredentials(code.to_owned(), CHECK_KEYS)
            }
            // The library takes what it cannot read for an error of the service.
            _ if status < 400 => Self::failed(format!("{NO_ANSWER} (HTTP {status} {detail})")),
            _ if status == 429 => Self::Throttled,
            _ if status >= 500 => Self::Failed {
                attempts: context.attempts,
                detail: format!("HTTP {status} {detail}: {THEIR_SIDE}"),
            },
            _ => Self::failed(format!("HTTP {status} {detail}: {REFUSED}")),
        }
    }

    fn with_cause(self, action: String, cause: Cause, context: &Context<'_>) -> SourceError {
        let name = context.name;
        let cause = Some(cause);
        match self {
            // Without its cause, which could hold what a credential process printed.
            Self::NoCredentials(detail, hint) => SourceError::NoCredentials {
                name,
                profile: context.profile(),
                detail,
                hint,
            },
            Self::Denied(detail) => SourceError::AccessDenied {
                name,
                action: format!("{}:{action}", context.prefix),
                detail,
                cause,
            },
            Self::Throttled => SourceError::Throttled {
                name,
                action,
                attempts: context.attempts,
                cause,
            },
            Self::TimedOut => SourceError::TimedOut {
                name,
                action,
                seconds: context.seconds,
                attempts: context.attempts,
                cause,
            },
            Self::Unreachable(detail) => SourceError::Unreachable {
                name,
                endpoint: context.endpoint.to_owned(),
                detail,
                cause,
            },
            Self::Failed { attempts, detail } => SourceError::Failed {
                name,
                action,
                attempts,
                detail,
                cause,
            },
        }
    }
}

/// What the credential chain said, where it is what failed: providers, profiles and reasons. What
/// an external process printed is cut off, since nobody knows what that holds.
fn credentials_error(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(e) = next {
        if e.downcast_ref::<CredentialsError>().is_some() {
            return Some(shorten(&reasons(e)));
        }
        next = e.source();
    }
    None
}

/// What the library says of a profile that is nowhere, or has nothing to log in with.
const NOT_LOADED: &str = "the credential provider was not enabled";

/// The library's word for a profile without credentials names neither the profile nor the file.
fn told_of_profile(detail: String, context: &Context<'_>) -> String {
    match context.profile {
        Some(profile) if detail == NOT_LOADED => format!(
            "there is no profile '{profile}' in ~/.aws/config and ~/.aws/credentials, or it names no \
             credentials"
        ),
        _ => detail,
    }
}

/// What an error and its causes say, without repeats.
fn reasons(error: &(dyn Error + 'static)) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(e) = next {
        let said = e.to_string();
        let safe = said.split("Stderr").next().unwrap_or_default();
        if !out.iter().any(|o| o.contains(safe)) {
            out.push(safe.trim().to_owned());
        }
        next = e.source();
    }
    out.join(": ")
}

fn chain(error: &(dyn Error + 'static)) -> String {
    shorten(&reasons(error))
}

fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_DETAIL) {
        Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or_default()),
        None => line,
    }
}
