//! Sends what waits in the outbox, one after the other.

use super::{Outbox, message};
use crate::{
    clock::Clock,
    config::notify::{Notify, Resolved},
};
use axum::http::{HeaderValue, Request, StatusCode, header};
use model::{
    Timestamp,
    notice::{Notice, Outgoing},
    time::{DAY, HOUR, MINUTE, SECOND},
};
use sources::http::{Answer, HttpError, Limits};
use std::{sync::Arc, time::Duration};
use store::{Store, StoreError};

/// How long a receiver may take, and how much of its answer is read: chats answer `ok`.
pub const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(10),
    body_bytes: 64 << 10,
};
/// How long whoever takes a notice has it, milliseconds: longer than an attempt can last.
const HOLD: i64 = 2 * MINUTE;
/// First and longest wait after a failure, milliseconds; it doubles in between.
const BACKOFF: (i64, i64) = (30 * SECOND, HOUR);
/// After so long a notice is given up, milliseconds: a weekend.
const PATIENCE: i64 = 3 * DAY;
/// How often an idle sender looks for what has become due, or what another process kept.
const IDLE: Duration = Duration::from_secs(15);

/// Sends the notices of a database.
pub struct Sender {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    outbox: Outbox,
    receivers: Vec<Resolved>,
    link: Option<String>,
}

impl Sender {
    /// A sender to the receivers of the configuration. `variable` reads the environment.
    ///
    /// # Errors
    /// Names the receiver whose address or key cannot be had, and why; never the value.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        outbox: Outbox,
        config: &Notify,
        variable: impl Fn(&str) -> Option<String>,
        limits: Limits,
    ) -> Result<Self, String> {
        Ok(Self {
            store,
            clock,
            outbox,
            receivers: config.resolve(variable, limits)?,
            link: config.link.clone(),
        })
    }

    /// Sends until the process ends.
    pub async fn run(self) {
        loop {
            if let Err(error) = self.send_due().await {
                tracing::error!(%error, "notices: the database does not answer; trying again");
            }
            // A timeout here is an ordinary wake-up.
            let _ = tokio::time::timeout(IDLE, self.outbox.woken()).await;
        }
    }

    /// Tries everything that is due, once; how many that was.
    ///
    /// # Errors
    /// Where the database does not answer. What was taken by then is due again in two minutes.
    pub async fn send_due(&self) -> Result<u32, StoreError> {
        let mut tried = 0;
        let begun = self.clock.now();
        while let Some(outgoing) = self
            .store
            .take_notice(begun, self.clock.now().plus(HOLD))
            .await?
        {
            self.send(&outgoing).await?;
            tried += 1;
        }
        Ok(tried)
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let notice = &outgoing.notice;
        let receiver = self.receivers.iter().find(|r| r.name == notice.receiver);
        let Some(receiver) = receiver else {
            let gone = "no such receiver is configured any more";
            tracing::warn!(receiver = notice.receiver, "a notice is given up: {gone}");
            self.store.notice_failed(&notice.id, gone, None).await?;
            return Ok(());
        };
        let failure = match self.post(receiver, notice).await {
            Ok(answer) if answer.status.is_success() => {
                self.store.notice_sent(&notice.id, self.clock.now()).await?;
                return Ok(());
            }
            Ok(answer) => Failure::of(&answer),
            Err(error) => Failure::of_error(&error),
        };
        let now = self.clock.now();
        let next = next_at(notice.at, outgoing.attempts, now, failure.wait);
        let (name, why) = (&receiver.name, &failure.why);
        if next.is_some() {
            tracing::warn!(
                receiver = name,
                "a notice was not taken: {why}; it is tried again"
            );
        } else {
            tracing::error!(receiver = name, "a notice is given up: {why}");
        }
        self.store.notice_failed(&notice.id, why, next).await?;
        Ok(())
    }

    async fn post(&self, receiver: &Resolved, notice: &Notice) -> Result<Answer, HttpError> {
        let body = message::body(notice, receiver.format, self.link.as_deref());
        let at = self.clock.now().seconds();
        let mut request = Request::new(body.into_bytes());
        *request.method_mut() = axum::http::Method::POST;
        request.uri_mut().clone_from(&receiver.url);
        let signed = receiver
            .secret
            .as_ref()
            .map(|secret| message::signature(secret, at, request.body()));
        let headers = request.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        let agent = HeaderValue::from_static(concat!("lineup/", env!("CARGO_PKG_VERSION")));
        headers.insert(header::USER_AGENT, agent);
        let mut put = |name: &'static str, value: &str| {
            // Hexadecimal digits and words of our own: always a value of a header.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        put(message::DELIVERY, &notice.id);
        put(message::EVENT, notice.kind.as_str());
        put(message::TIMESTAMP, &at.to_string());
        if let Some(signature) = signed {
            put(message::SIGNATURE, &signature);
        }
        receiver.client.send(request).await
    }
}

/// Why an attempt failed, without the address and without what the receiver said, and how long it asked to wait.
struct Failure {
    why: String,
    wait: Option<i64>,
}

impl Failure {
    fn of(answer: &Answer) -> Self {
        let hint = match answer.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ": check its address and key",
            StatusCode::NOT_FOUND | StatusCode::GONE => ": check its address",
            status if status.is_redirection() => ": redirects are not followed",
            _ => "",
        };
        let wait = answer.retry_after();
        Self {
            why: format!("it answered {}{hint}", answer.status.as_u16()),
            wait: wait.and_then(|w| i64::try_from(w.as_millis()).ok()),
        }
    }

    fn of_error(error: &HttpError) -> Self {
        let why = match error {
            HttpError::TimedOut { limit } => {
                format!("no answer within {} s", limit.as_secs_f64())
            }
            HttpError::TooLarge { limit } => format!("its answer has more than {limit} bytes"),
            HttpError::Broken { .. } => "the connection broke off".to_owned(),
            HttpError::Unreachable { .. } => {
                "no connection: check address, network and proxy".to_owned()
            }
            other => other.to_string(),
        };
        Self { why, wait: None }
    }
}

/// When to try again after so many attempts; `None`: not any more.
fn next_at(
    begun: Timestamp,
    attempts: u32,
    now: Timestamp,
    asked: Option<i64>,
) -> Option<Timestamp> {
    if now.since(begun) > PATIENCE {
        return None;
    }
    let doubled = 1_i64 << attempts.saturating_sub(1).min(20);
    let wait = (BACKOFF.0 * doubled).min(BACKOFF.1);
    Some(now.plus(wait.max(asked.unwrap_or(0).min(BACKOFF.1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_end_after_three_days() {
        let begun = Timestamp::from_seconds(0);
        let wait = |attempts, asked| {
            let next = next_at(begun, attempts, begun, asked);
            next.map(|t| t.since(begun) / SECOND)
        };
        assert_eq!(wait(1, None), Some(30));
        assert_eq!(wait(2, None), Some(60));
        assert_eq!(wait(7, None), Some(1_920));
        assert_eq!(wait(8, None), Some(3_600));
        assert_eq!(wait(u32::MAX, None), Some(3_600));
        // What it asks for is done, within bounds.
        assert_eq!(wait(1, Some(90 * SECOND)), Some(90));
        assert_eq!(wait(2, Some(5 * SECOND)), Some(60));
        assert_eq!(wait(1, Some(i64::MAX)), Some(3_600));
        assert_eq!(next_at(begun, 1, begun.plus(PATIENCE + 1), None), None);
    }
}
