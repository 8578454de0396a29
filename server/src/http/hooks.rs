//! `POST /hooks/…`: what others report by themselves. Machines call these routes, so they need no
//! origin (`security`), but a token, or a signature of Amazon SNS. What is configured is there; the
//! rest answers 404, as if there were no such route.

use super::{
    AppState,
    problem::{Problem, of_store},
};
use crate::config::hooks::Hooks as HooksConfig;
use async_trait::async_trait;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{
    Batch, Event,
    bundle::sha256_hex,
    source::{SourceHealth, SourceStatus},
};
use sources::hooks::{
    HookError, MAX_BODY_BYTES, NAME, alertmanager, events,
    sns::{self, Opened, SnsWeb, Topic},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use store::{Archives, Collectors, StoreError};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, Semaphore};

/// The paths, which alone need no origin.
pub(super) const PATHS: [&str; 3] = ["/hooks/events", "/hooks/alertmanager", "/hooks/sns"];
/// Shortest token, characters: 128 bits in base64 without padding.
const MIN_TOKEN_CHARS: usize = 22;
/// Longest token, characters.
const MAX_TOKEN_CHARS: usize = 512;
/// Longest wait for a body: SNS waits 15 s for an answer, Alertmanager 10 s by default.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Certificates that are remembered; SNS changes its own every few months.
const MAX_CERTIFICATES: usize = 16;
/// Certificates that are fetched at the same time.
const MAX_FETCHES: usize = 4;

/// Where events that were told go, and what has to be remembered with them.
#[async_trait]
pub trait EventSink: Send + Sync + 'static {
    /// Everything that is remembered, by key.
    async fn recall(&self) -> Result<Vec<(String, String)>, StoreError>;

    /// What was told before of events with these ids.
    async fn known(&self, ids: &[&str]) -> Result<Vec<Event>, StoreError>;

    /// Keeps a batch and what is to be remembered, both or neither. An event that is known already
    /// by its id takes the place of the one before.
    async fn record(
        &self,
        batch: &Batch,
        memory: &[(String, Option<String>)],
    ) -> Result<(), StoreError>;
}

/// The archive named `hooks` of a store.
#[derive(Clone, Debug)]
pub struct HookArchive<S: ?Sized>(pub Arc<S>);

#[async_trait]
impl<S: Archives + Collectors + Send + Sync + ?Sized + 'static> EventSink for HookArchive<S> {
    async fn recall(&self) -> Result<Vec<(String, String)>, StoreError> {
        let archive = self.0.archive(NAME).await?;
        self.0.recall(&archive).await
    }

    async fn known(&self, ids: &[&str]) -> Result<Vec<Event>, StoreError> {
        let archive = self.0.archive(NAME).await?;
        self.0.events_by_id(&archive, ids).await
    }

    async fn record(
        &self,
        batch: &Batch,
        memory: &[(String, Option<String>)],
    ) -> Result<(), StoreError> {
        let kept = async {
            let archive = self.0.archive(NAME).await?;
            self.0.record(&archive, batch, memory).await?;
            self.0.put_status(&heard(batch)).await
        };
        let kept = kept.await;
        if let Err(error @ StoreError::Full { .. }) = &kept {
            let known = self.0.statuses().await.unwrap_or_default();
            let before = known.into_iter().find(|s| s.name == NAME);
            let before = before.unwrap_or_default();
            self.0.say_status(&refused(before, batch, error));
        }
        kept
    }
}

/// How the hooks are doing: the database has not taken what somebody told.
fn refused(before: SourceStatus, batch: &Batch, error: &StoreError) -> SourceStatus {
    SourceStatus {
        name: NAME.to_owned(),
        kind: NAME.to_owned(),
        health: SourceHealth::Stopped,
        message: format!("what came last was refused: {error}; its sender has to tell it again"),
        tried_at: batch.provenance.asked_at,
        ..before
    }
}

/// How the hooks are doing: somebody has just told something.
fn heard(batch: &Batch) -> SourceStatus {
    let at = batch.provenance.asked_at;
    let n = batch.events.len();
    SourceStatus {
        name: NAME.to_owned(),
        kind: NAME.to_owned(),
        health: SourceHealth::Good,
        message: format!("{n} event{} came last", if n == 1 { "" } else { "s" }),
        tried_at: at,
        succeeded_at: at,
        newest: batch.events.iter().filter_map(model::Event::at).max(),
        gaps: Vec::new(),
    }
}

/// What the routes work with.
pub struct Hooks {
    tokens: Vec<(String, String)>,
    topics: Vec<Topic>,
    sink: Option<Arc<dyn EventSink>>,
    web: Option<Arc<dyn SnsWeb>>,
    body_timeout: Duration,
    /// Certificates by address. Never held while anybody is asked.
    certificates: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Held while Amazon is asked for a certificate.
    fetches: Semaphore,
    /// Held while an alarm or alert is kept: what is known of it must not change between reading and
    /// writing.
    keeping: Mutex<()>,
}

impl Hooks {
    /// No route is there.
    pub fn none() -> Arc<Self> {
        Arc::new(Self {
            tokens: Vec::new(),
            topics: Vec::new(),
            sink: None,
            web: None,
            body_timeout: BODY_TIMEOUT,
            certificates: Mutex::default(),
            fetches: Semaphore::new(MAX_FETCHES),
            keeping: Mutex::default(),
        })
    }

    /// What is configured; `web` is asked for nothing unless a topic is.
    ///
    /// # Errors
    /// Names the key of the configuration that makes no sense.
    pub fn new(
        config: &HooksConfig,
        sink: Arc<dyn EventSink>,
        web: Arc<dyn SnsWeb>,
    ) -> Result<Self, String> {
        let topics = config.validate()?;
        let tokens = config
            .tokens
            .iter()
            .map(|token| (token.name.clone(), token.sha256.to_ascii_lowercase()))
            .collect();
        Ok(Self {
            tokens,
            topics,
            sink: Some(sink),
            web: Some(web),
            body_timeout: BODY_TIMEOUT,
            certificates: Mutex::default(),
            fetches: Semaphore::new(MAX_FETCHES),
            keeping: Mutex::default(),
        })
    }

    /// With another limit to the wait for a body.
    #[must_use]
    pub fn with_body_timeout(mut self, limit: Duration) -> Self {
        self.body_timeout = limit;
        self
    }

    /// The name of the token that was shown. Every token is compared, each in constant time, so that
    /// time tells nothing of how near a guess was.
    fn sender(&self, headers: &HeaderMap) -> Result<&str, Problem> {
        if self.tokens.is_empty() {
            return Err(not_there());
        }
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(shown) = shown else {
            return Err(unauthorized("send the header Authorization: Bearer TOKEN"));
        };
        if !(MIN_TOKEN_CHARS..=MAX_TOKEN_CHARS).contains(&shown.len()) {
            return Err(unauthorized(
                "a token has 22 to 512 characters: make one with `openssl rand -hex 32`",
            ));
        }
        let hash = sha256_hex(shown.as_bytes());
        let mut found = None;
        for (name, sha256) in &self.tokens {
            if bool::from(hash.as_bytes().ct_eq(sha256.as_bytes())) {
                found = Some(name.as_str());
            }
        }
        found.ok_or_else(|| {
            unauthorized("no token of the configuration has the SHA-256 of this one")
        })
    }

    /// Opens a sealed message with the certificate of its address, which is remembered. A slow fetch
    /// keeps nobody waiting whose certificate is known.
    async fn open(&self, sealed: sns::Sealed, now: model::Timestamp) -> Result<Opened, Problem> {
        let url = sealed.certificate_url().clone();
        if let Some(known) = self.certificate(&url).await {
            return sealed.open(&known, now).map_err(|e| of_hook(&e));
        }
        // A stranger may name many addresses at Amazon's: no more than a few are asked at a time.
        let turn = self.fetches.acquire().await;
        // Who was before may have fetched it.
        if let Some(known) = self.certificate(&url).await {
            return sealed.open(&known, now).map_err(|e| of_hook(&e));
        }
        let fetched = self.get("the signing certificate", &url).await?;
        drop(turn);
        let opened = sealed.open(&fetched, now).map_err(|e| of_hook(&e))?;
        // Only one that has verified something is worth remembering.
        let mut certificates = self.certificates.lock().await;
        if certificates.len() >= MAX_CERTIFICATES {
            certificates.clear();
        }
        certificates.insert(url.as_str().to_owned(), fetched);
        Ok(opened)
    }

    async fn certificate(&self, url: &sns::SnsUrl) -> Option<Vec<u8>> {
        self.certificates.lock().await.get(url.as_str()).cloned()
    }

    async fn get(&self, what: &'static str, url: &sns::SnsUrl) -> Result<Vec<u8>, Problem> {
        let web = self.web.as_ref().ok_or_else(not_there)?;
        web.get(url).await.map_err(|reason| {
            of_hook(&HookError::Fetch {
                what,
                host: url.host().to_owned(),
                reason,
            })
        })
    }

    fn sink(&self) -> Result<&Arc<dyn EventSink>, Problem> {
        self.sink.as_ref().ok_or_else(not_there)
    }
}

type Parse = fn(&[u8], &str, model::Timestamp) -> Result<Batch, HookError>;

/// `POST /hooks/events`: lines of JSON, as in a bundle's `events.jsonl`.
pub(super) async fn events(State(state): State<AppState>, request: Request) -> Response {
    answer(told(&state, request, events::parse).await)
}

/// `POST /hooks/alertmanager`: the webhook of an Alertmanager.
pub(super) async fn alertmanager(State(state): State<AppState>, request: Request) -> Response {
    answer(alerted(&state, request).await)
}

/// `POST /hooks/sns`: CloudWatch alarms through Amazon SNS.
pub(super) async fn sns(State(state): State<AppState>, request: Request) -> Response {
    answer(notified(&state, request).await)
}

async fn told(state: &AppState, request: Request, parse: Parse) -> Result<(), Problem> {
    let (sender, batch) = parsed(state, request, parse).await?;
    keep(&state.hooks, sender, &batch).await
}

/// As [`told`], and what is known to be over stays so.
async fn alerted(state: &AppState, request: Request) -> Result<(), Problem> {
    let hooks = &state.hooks;
    let (sender, mut batch) = parsed(state, request, alertmanager::parse).await?;
    let _one_at_a_time = hooks.keeping.lock().await;
    let ids: Vec<&str> = batch.events.iter().map(|alert| alert.id.as_str()).collect();
    let known = hooks.sink()?.known(&ids).await;
    let known = known.map_err(|error| of_store(&error))?;
    alertmanager::keep_ends(&mut batch.events, &known, state.clock.now());
    keep(hooks, sender, &batch).await
}

/// Who sent a body, and what it says.
async fn parsed(
    state: &AppState,
    request: Request,
    parse: Parse,
) -> Result<(&str, Batch), Problem> {
    let hooks = &state.hooks;
    // Before the body: a stranger may not make the server read a megabyte.
    let sender = hooks.sender(request.headers())?;
    let body = body(request.into_body(), hooks.body_timeout).await?;
    let batch = parse(&body, sender, state.clock.now()).map_err(|e| of_hook(&e))?;
    Ok((sender, batch))
}

async fn keep(hooks: &Hooks, sender: &str, batch: &Batch) -> Result<(), Problem> {
    let stored = hooks.sink()?.record(batch, &[]).await;
    stored.map_err(|error| of_store(&error))?;
    tracing::info!(
        sender,
        events = batch.events.len(),
        "took what was reported"
    );
    Ok(())
}

async fn notified(state: &AppState, request: Request) -> Result<(), Problem> {
    let hooks = &state.hooks;
    if hooks.topics.is_empty() {
        return Err(not_there());
    }
    let sink = hooks.sink()?;
    let body = body(request.into_body(), hooks.body_timeout).await?;
    let now = state.clock.now();
    let sealed = sns::read(&body, &hooks.topics, now).map_err(|e| of_hook(&e))?;
    match hooks.open(sealed, now).await? {
        Opened::Confirm(url) => {
            hooks.get("the confirmation", &url).await?;
            tracing::info!(
                host = url.host(),
                "confirmed the subscription of an SNS topic"
            );
        }
        Opened::Alarm(alarm) => {
            let _one_at_a_time = hooks.keeping.lock().await;
            let known = sink.recall().await.map_err(|error| of_store(&error))?;
            let key = alarm.key();
            let remembered = known.iter().find(|(k, _)| *k == key);
            let (batch, memory) = sns::keep(&alarm, remembered.map(|(_, v)| v.as_str()), now);
            if !batch.events.is_empty() {
                let stored = sink.record(&batch, &memory).await;
                stored.map_err(|error| of_store(&error))?;
            }
        }
        Opened::Ended => tracing::warn!("the subscription of an SNS topic ended"),
    }
    Ok(())
}

/// The body, bounded in size and time.
async fn body(body: Body, limit: Duration) -> Result<Vec<u8>, Problem> {
    let read = tokio::time::timeout(limit, axum::body::to_bytes(body, MAX_BODY_BYTES));
    match read.await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(error)) if super::functions::is_too_long(&error) => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is too large",
            format!("A body may have {MAX_BODY_BYTES} bytes: send it in parts."),
        )),
        Ok(Err(_)) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "The body broke off",
            "Nothing was stored. Send it again.",
        )),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "The body did not come in time",
            format!(
                "Nothing was stored. It has to come within {} s.",
                limit.as_secs().max(1)
            ),
        )),
    }
}

fn answer(result: Result<(), Problem>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => {
            let mut response = problem.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                let scheme = HeaderValue::from_static("Bearer");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, scheme);
            }
            response
        }
    }
}

fn not_there() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "Not found",
        "This hook is not configured: see docs/hooks.md.",
    )
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "Who is this?", detail)
}

/// What a body was refused for. A fetch that failed is worth another try, which SNS makes for 5xx.
fn of_hook(error: &HookError) -> Problem {
    let (status, title) = match error {
        HookError::Line(sources::BundleError::TooLarge { .. }) => {
            (StatusCode::PAYLOAD_TOO_LARGE, "This is too large")
        }
        HookError::Line(_) | HookError::Malformed { .. } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "This is not what the hook takes; nothing was stored",
        ),
        HookError::Refused(_) => (StatusCode::FORBIDDEN, "Refused; nothing was stored"),
        HookError::Fetch { .. } => (StatusCode::BAD_GATEWAY, "Amazon SNS could not be asked"),
    };
    tracing::warn!(%error, "did not take what was reported");
    Problem::new(status, title, error.to_string())
}
