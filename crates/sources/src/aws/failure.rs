//! What the client library says, in words that say what to do. Nothing here ever holds a
//! credential.

use crate::source::SourceError;
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
    if let Some(detail) = credentials_error(&error) {
        return no_credentials(detail, LOG_IN, context);
    }
    let action = call.to_owned();
    match &error {
        SdkError::TimeoutError(_) => timed_out(action, error, context),
        SdkError::DispatchFailure(failure) => {
            if failure.is_io() || failure.is_timeout() {
                SourceError::Unreachable {
                    name: context.name,
                    endpoint: context.endpoint.to_owned(),
                    detail: chain(&error),
                    cause: Some(Box::new(error)),
                }
            } else {
                failed(action, 1, chain(&error), error, context)
            }
        }
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default().to_owned();
            let status = service.raw().status().as_u16();
            let said = service.err().message().unwrap_or_default();
            let detail = shorten(&format!("{code} {said}"));
            by_code(&code, status, action, detail, error, context)
        }
        SdkError::ResponseError(_) => {
            let detail = format!("{NO_ANSWER} ({})", chain(&error));
            failed(action, context.attempts, detail, error, context)
        }
        _ => failed(action, 1, chain(&error), error, context),
    }
}

fn by_code<E>(
    code: &str,
    status: u16,
    action: String,
    detail: String,
    error: SdkError<E, HttpResponse>,
    context: &Context<'_>,
) -> SourceError
where
    E: Error + Send + Sync + 'static,
{
    // Codes differ between protocols and services: with and without "Exception".
    match code.trim_end_matches("Exception") {
        "Throttling"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "RequestThrottled"
        | "LimitExceeded"
        | "SlowDown" => throttled(action, error, context),
        "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" | "AuthFailure" => {
            SourceError::AccessDenied {
                name: context.name,
                action: format!("{}:{action}", context.prefix),
                detail,
                cause: Some(Box::new(error)),
            }
        }
        "ExpiredToken" | "TokenRefreshRequired" => no_credentials(detail, LOG_IN_AGAIN, context),
        // The time in the signature is too far from AWS's own, also after the SDK corrected it by
        // the answer's date.
        "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => {
            no_credentials(detail, CHECK_CLOCK, context)
        }
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "MissingAuthenticationToken"
        | "InvalidAccessKeyId" => no_credentials(detail, CHECK_KEYS, context),
        // The text of these repeats the signed request, session token included: it goes nowhere.
        "SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignature" => {
            no_credentials(code.to_owned(), CHECK_KEYS, context)
        }
        // The library takes what it cannot read for an error of the service.
        _ if status < 400 => {
            let detail = format!("{NO_ANSWER} (HTTP {status} {detail})");
            failed(action, 1, detail, error, context)
        }
        _ if status == 429 => throttled(action, error, context),
        _ if status >= 500 => failed(
            action,
            context.attempts,
            format!("HTTP {status} {detail}"),
            error,
            context,
        ),
        _ => failed(action, 1, format!("HTTP {status} {detail}"), error, context),
    }
}

fn no_credentials(detail: String, hint: &'static str, context: &Context<'_>) -> SourceError {
    SourceError::NoCredentials {
        name: context.name,
        profile: context.profile(),
        detail,
        hint,
    }
}

fn throttled<E>(
    action: String,
    error: SdkError<E, HttpResponse>,
    context: &Context<'_>,
) -> SourceError
where
    E: Error + Send + Sync + 'static,
{
    SourceError::Throttled {
        name: context.name,
        action,
        attempts: context.attempts,
        cause: Some(Box::new(error)),
    }
}

fn timed_out<E>(
    action: String,
    error: SdkError<E, HttpResponse>,
    context: &Context<'_>,
) -> SourceError
where
    E: Error + Send + Sync + 'static,
{
    SourceError::TimedOut {
        name: context.name,
        action,
        seconds: context.seconds,
        attempts: context.attempts,
        cause: Some(Box::new(error)),
    }
}

fn failed<E>(
    action: String,
    attempts: u32,
    detail: String,
    error: SdkError<E, HttpResponse>,
    context: &Context<'_>,
) -> SourceError
where
    E: Error + Send + Sync + 'static,
{
    SourceError::Failed {
        name: context.name,
        action,
        attempts,
        detail,
        cause: Some(Box::new(error)),
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
