//! One call of the API: who asks, how often it is tried, and what a refusal means in words.

use super::NAME;
use super::attempt::{Fault, Reply, What, date, read, refusal};
use super::config::{Base, PrometheusConfig, invalid};
use crate::http::{Answer, HttpClient, HttpError, Limits, Trust};
use crate::skew::{Skew, Ticking};
use crate::source::SourceError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use model::Timestamp;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;

/// How long a call is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Attempts of one call.
    pub attempts: u32,
    /// First wait between two attempts; it doubles each time.
    pub first_wait: Duration,
    /// Longest wait between two attempts, also where the server asks for more.
    pub longest_wait: Duration,
    /// Limits of one attempt.
    pub limits: Limits,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            limits: Limits::default(),
        }
    }
}

/// Attempts of a call that gets no answer in time: the next one hardly ever does better.
const SLOW_ATTEMPTS: u32 = 2;
/// Longest detail that is handed on.
const MAX_DETAIL: usize = 300;

/// Why a call gave nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// It asked for more than one answer holds: half of it may come.
    TooMuch(SourceError),
    /// Anything else.
    Other(SourceError),
}

impl Failure {
    pub(super) fn into_error(self) -> SourceError {
        match self {
            Self::TooMuch(error) | Self::Other(error) => error,
        }
    }
}

/// The API of one server.
pub(super) struct Api {
    http: HttpClient,
    base: Base,
    shown: String,
    headers: HeaderMap,
    /// What no message may hold.
    secrets: Vec<String>,
    patience: Patience,
    /// Ours, where the server's is compared with it.
    clock: Option<Ticking>,
    skew: Skew,
}

impl Api {
    /// Reads the files with secrets, anew each time.
    pub(super) async fn open(
        config: &PrometheusConfig,
        patience: Patience,
    ) -> Result<Self, SourceError> {
        config.validate()?;
        let base = config.base()?;
        let trust = match &config.ca_file {
            Some(path) => Trust::File(path),
            None if base.https => Trust::System,
            None => Trust::Nobody,
        };
        let http = HttpClient::through(trust, config.proxy()?, patience.limits).map_err(|e| {
            SourceError::Failed {
                name: NAME,
                action: "the preparation of TLS".into(),
                attempts: 1,
                detail: e.to_string(),
                cause: None,
            }
        })?;
        let mut headers = HeaderMap::new();
        let mut secrets: Vec<String> = config.headers.values().cloned().collect();
        for (name, value) in &config.headers {
            headers.insert(header_name(name)?, secret_header(value)?);
        }
        if let Some(path) = &config.bearer_token_file {
            let token = secret(path, "bearer_token_file").await?;
            headers.insert(
                header::AUTHORIZATION,
                secret_header(&format!("Bearer {token}"))?,
            );
            secrets.push(token);
        }
        if let Some(basic) = &config.basic_auth {
            let password = secret(&basic.password_file, "password_file").await?;
            let pair = STANDARD.encode(format!("{}:{password}", basic.username));
            headers.insert(
                header::AUTHORIZATION,
                secret_header(&format!("Basic {pair}"))?,
            );
            secrets.extend([password, pair]);
        }
        // A tenant's number would garble every figure of a message.
        secrets.retain(|secret| secret.len() >= 8);
        Ok(Self {
            http,
            base,
            shown: config.shown_url(),
            headers,
            secrets,
            patience,
            clock: None,
            skew: Skew::default(),
        })
    }

    /// Compares the server's clock with this one.
    pub(super) fn with_clock(self, clock: Ticking) -> Self {
        Self {
            clock: Some(clock),
            ..self
        }
    }

    /// How far the server's clock is ahead, as far as it has answered.
    pub(super) fn skew(&self) -> &Skew {
        &self.skew
    }

    fn now(&self) -> Option<Timestamp> {
        self.clock.as_ref().map(Ticking::now)
    }

    /// What a good answer says of the server's clock: it was written between question and answer, and a slow one
    /// is no clock that is off. What a gateway answers in the server's place says nothing of it.
    fn compare(&self, answer: &Answer, sent: Option<Timestamp>) {
        let told = (date(answer), sent, self.now());
        if let (Some(date), Some(sent), Some(received)) = told
            && answer.status.is_success()
        {
            self.skew.see(date, sent, received);
        }
    }

    /// Posts a form, as long queries need.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply<T>, Failure> {
        self.call(Method::POST, path, form).await
    }

    /// Gets, where the API takes nothing else.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply<T>, Failure> {
        self.call(Method::GET, path, form).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply<T>, Failure> {
        let mut wait = self.patience.first_wait;
        let mut attempt = 1;
        loop {
            let fault = match self.attempt(&method, path, form).await {
                Ok(reply) => return Ok(reply),
                Err(fault) => fault,
            };
            let slow = matches!(fault.what, What::Http(HttpError::TimedOut { .. }));
            let most = if slow {
                self.patience.attempts.min(SLOW_ATTEMPTS)
            } else {
                self.patience.attempts
            };
            let pause = fault.wait.unwrap_or(wait);
            if !fault.again || attempt >= most || pause > self.patience.longest_wait {
                return Err(self.explain(fault.what, path, attempt));
            }
            tokio::time::sleep(pause).await;
            wait = (wait * 2).min(self.patience.longest_wait);
            attempt += 1;
        }
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply<T>, Fault> {
        let request = self
            .request(method, path, form)
            .map_err(|detail| Fault::last(What::Said(detail)))?;
        let sent = self.now();
        let answer = self.http.send(request).await.map_err(|e| match e {
            HttpError::TooLarge { limit } => Fault::last(What::TooMuch(format!(
                "an answer of more than {} MiB",
                limit >> 20
            ))),
            e => Fault {
                again: true,
                wait: None,
                what: What::Http(e),
            },
        })?;
        self.compare(&answer, sent);
        if answer.status.is_success() {
            read(&answer)
        } else {
            Err(refusal(&answer))
        }
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Request<Vec<u8>>, String> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut url = format!("{}/{path}", self.base.url);
        let body = if method == Method::POST {
            form
        } else {
            if !form.is_empty() {
                url.push('?');
                url.push_str(&form);
            }
            String::new()
        };
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .body(body.into_bytes())
            .map_err(|e| format!("no request can be made of it: {e}"))?;
        let headers = request.headers_mut();
        headers.extend(self.headers.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("lineup"));
        if method == Method::POST {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, kind);
        }
        Ok(request)
    }

    fn explain(&self, what: What, path: &str, attempts: u32) -> Failure {
        let action = path.to_owned();
        let failed = |detail: &str| SourceError::Failed {
            name: NAME,
            action: action.clone(),
            attempts,
            detail: self.scrub(detail),
            cause: None,
        };
        Failure::Other(match what {
            What::TooMuch(detail) => return Failure::TooMuch(failed(&detail)),
            What::Said(detail) => failed(&detail),
            What::Http(HttpError::TimedOut { limit }) => SourceError::TimedOut {
                name: NAME,
                action,
                seconds: limit.as_secs().max(1),
                attempts,
                cause: None,
            },
            What::Http(HttpError::Unreachable { detail }) => SourceError::Unreachable {
                name: NAME,
                endpoint: self.shown.clone(),
                detail: self.scrub(&detail),
                cause: None,
            },
            What::Http(error) => failed(&error.to_string()),
            What::Throttled => SourceError::Throttled {
                name: NAME,
                action,
                attempts,
                cause: None,
            },
            // No answer about a window, which [`SourceError::NotFound`] may be.
            What::NotThere => failed(&format!(
                "there is no query API at {}/{path}: check url: below it must lie /api/v1, so a path such as \
                 /prometheus (Mimir) or /select/0/prometheus (VictoriaMetrics cluster) may be missing",
                self.base.url
            )),
            // What the server says of these may repeat the token: it goes nowhere.
            What::Unauthorized => SourceError::NoCredentials {
                name: NAME,
                profile: String::new(),
                detail: format!("{} answers HTTP 401", self.shown),
                hint: "the token or password is missing, wrong or expired: renew the file that \
                       bearer_token_file or basic_auth names",
            },
            What::Forbidden => SourceError::AccessDenied {
                name: NAME,
                action,
                detail: format!("{} answers HTTP 403", self.shown),
                cause: None,
            },
        })
    }

    /// One line, without secrets, not too long.
    fn scrub(&self, text: &str) -> String {
        let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for secret in &self.secrets {
            line = line.replace(secret.as_str(), "…");
        }
        match line.char_indices().nth(MAX_DETAIL) {
            Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or_default()),
            None => line,
        }
    }
}

fn header_name(name: &str) -> Result<HeaderName, SourceError> {
    name.parse()
        .map_err(|_| invalid("headers", name, "a header's name"))
}

/// A header that the debug output of the client leaves out.
fn secret_header(value: &str) -> Result<HeaderValue, SourceError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| invalid("headers", "a value", "visible ASCII on one line"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The secret in a file; the file's name may be said, its content never.
async fn secret(path: &Path, field: &'static str) -> Result<String, SourceError> {
    let unusable = |detail: String| SourceError::NoCredentials {
        name: NAME,
        profile: String::new(),
        detail: format!("{field} {}: {detail}", path.display()),
        hint: "name a file that this user may read and that holds one line",
    };
    let text = tokio::fs::read_to_string(path)
        .await
        .map_err(|e| unusable(e.to_string()))?;
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(unusable("expected one line".to_owned()));
    }
    Ok(text.to_owned())
}
