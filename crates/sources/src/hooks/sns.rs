//! `POST /hooks/sns`: CloudWatch alarms through Amazon SNS.
//!
//! A topic's ARN in the configuration is what alone permits anything: messages of other topics are
//! refused, and the only host that is ever asked, for the certificate that signed a message and to
//! confirm a subscription, is that topic's own region's, over https and without redirects
//! ("Verifying the signatures of Amazon SNS messages", Amazon SNS Developer Guide).

mod alarm;
mod certificate;
mod topic;

pub use alarm::{Alarm, AlarmState, keep};
pub use topic::{BadTopic, SnsUrl, Topic};

use super::{FetchError, HookError, syntax};
use crate::http::{HttpClient, Limits};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certificate::Certificate;
use http::Request;
use model::Timestamp;
use model::time::{HOUR, MINUTE, span_text};
use serde::Deserialize;
use std::time::Duration;

/// Oldest message that is taken: SNS gives up sending one again after an hour (its default delivery
/// policy for HTTP), so what is older was recorded by somebody else.
pub const MAX_AGE_MS: i64 = HOUR;
/// How far this machine's clock may be behind that of Amazon.
pub const MAX_AHEAD_MS: i64 = 15 * MINUTE;
/// Largest certificate or confirmation, bytes.
const MAX_FETCH_BYTES: usize = 64 << 10;

/// Who gets certificates and confirms subscriptions; tests have their own.
#[async_trait]
pub trait SnsWeb: Send + Sync + 'static {
    /// The body at an address of SNS.
    async fn get(&self, url: &SnsUrl) -> Result<Vec<u8>, FetchError>;
}

/// [`SnsWeb`] over the network: https, no redirects, small answers.
#[derive(Clone, Debug)]
pub struct SnsHttp(HttpClient);

impl SnsHttp {
    /// Prepares the client. Asks nobody.
    pub fn new() -> Result<Self, crate::http::HttpError> {
        HttpClient::https_only(Limits {
            connect: Duration::from_secs(5),
            // SNS itself waits 15 s for the answer to its message.
            answer: Duration::from_secs(10),
            body_bytes: MAX_FETCH_BYTES,
        })
        .map(Self)
    }
}

#[async_trait]
impl SnsWeb for SnsHttp {
    async fn get(&self, url: &SnsUrl) -> Result<Vec<u8>, FetchError> {
        let request = Request::get(url.as_str())
            .body(Vec::new())
            .map_err(|_| FetchError::Status(0))?;
        let answer = self.0.send(request).await?;
        match answer.status.as_u16() {
            200 => Ok(answer.body),
            status => Err(FetchError::Status(status)),
        }
    }
}

/// What SNS posts, as it is written; see "HTTP/HTTPS subscription confirmation JSON format" and its
/// neighbours in the Amazon SNS Developer Guide.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "MessageId")]
    id: String,
    topic_arn: String,
    #[serde(rename = "Message")]
    text: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(rename = "SubscribeURL", default)]
    subscribe_url: Option<String>,
}

/// A message of a configured topic, recent, whose signature is not verified yet.
#[derive(Clone, Debug)]
pub struct Sealed {
    message: Message,
    topic: Topic,
    certificate: SnsUrl,
    signature: Vec<u8>,
}

/// What a verified message asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Opened {
    /// The topic wants to know whether its messages are wanted: getting this address says yes.
    Confirm(SnsUrl),
    /// An alarm changed its state.
    Alarm(Box<Alarm>),
    /// The subscription ended. Nothing to do.
    Ended,
}

/// Reads a body. Refuses a topic that is not configured, an old message, an address that is not of
/// the topic's own SNS.
pub fn read(body: &[u8], topics: &[Topic], now: Timestamp) -> Result<Sealed, HookError> {
    let message: Message = serde_json::from_slice(body).map_err(|e| {
        syntax(
            "a message of Amazon SNS (with raw message delivery switched off)",
            &e,
        )
    })?;
    let topic = topics
        .iter()
        .find(|topic| topic.arn() == message.topic_arn)
        .ok_or_else(|| {
            let arn: String = message.topic_arn.chars().take(300).collect();
            HookError::Refused(format!(
                "the topic {arn} is not among sns_topics of the configuration"
            ))
        })?;
    check_age(&message.timestamp, now)?;
    let certificate = topic.certificate_url(&message.signing_cert_url)?;
    let signature = STANDARD
        .decode(&message.signature)
        .map_err(|_| HookError::malformed("Signature", "base64"))?;
    Ok(Sealed {
        topic: topic.clone(),
        certificate,
        signature,
        message,
    })
}

fn check_age(text: &str, now: Timestamp) -> Result<(), HookError> {
    let at: Timestamp = text
        .parse()
        .map_err(|_| HookError::malformed("Timestamp", "a time in RFC 3339"))?;
    let age = now.since(at);
    if age > MAX_AGE_MS {
        return Err(HookError::Refused(format!(
            "the message is {} old, more than an hour: if it was just sent, this machine's clock \
             is wrong",
            span_text(age)
        )));
    }
    if -age > MAX_AHEAD_MS {
        return Err(HookError::Refused(format!(
            "the message is from {} ahead: this machine's clock is wrong",
            span_text(age.abs())
        )));
    }
    Ok(())
}

impl Sealed {
    /// Where the certificate is that signed it.
    pub fn certificate_url(&self) -> &SnsUrl {
        &self.certificate
    }

    /// Verifies the signature with the certificate (PEM) from [`Self::certificate_url`].
    pub fn open(self, certificate: &[u8], now: Timestamp) -> Result<Opened, HookError> {
        let text = self.text_to_sign()?;
        Certificate::read(certificate, now)?.verify(
            &self.message.signature_version,
            text.as_bytes(),
            &self.signature,
        )?;
        let message = self.message;
        match message.kind.as_str() {
            "SubscriptionConfirmation" => {
                let url = message.subscribe_url.unwrap_or_default();
                let token = message.token.unwrap_or_default();
                Ok(Opened::Confirm(self.topic.confirmation(&url, &token)?))
            }
            "Notification" => alarm::read(&message.text).map(|a| Opened::Alarm(Box::new(a))),
            _ => Ok(Opened::Ended),
        }
    }

    /// The text that SNS signs: names and values of some fields, a line each, in the order of names.
    fn text_to_sign(&self) -> Result<String, HookError> {
        let m = &self.message;
        let missing = |name: &str| HookError::malformed(name, "a text, found none");
        let mut fields = vec![("Message", m.text.as_str()), ("MessageId", &m.id)];
        match m.kind.as_str() {
            "Notification" => {
                fields.extend(m.subject.as_deref().map(|s| ("Subject", s)));
                fields.push(("Timestamp", &m.timestamp));
            }
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                let url = m.subscribe_url.as_deref();
                let token = m.token.as_deref();
                fields.push(("SubscribeURL", url.ok_or_else(|| missing("SubscribeURL"))?));
                fields.push(("Timestamp", &m.timestamp));
                fields.push(("Token", token.ok_or_else(|| missing("Token"))?));
            }
            other => {
                let found: String = other.chars().take(40).collect();
                let expected = format!(
                    "Notification, SubscriptionConfirmation or UnsubscribeConfirmation, found '{found}'"
                );
                return Err(HookError::malformed("Type", expected));
            }
        }
        fields.extend([("TopicArn", m.topic_arn.as_str()), ("Type", &m.kind)]);
        let lines = fields.into_iter().flat_map(|(k, v)| [k, "\n", v, "\n"]);
        Ok(lines.collect())
    }
}
