//! What others report by themselves, over HTTP: events of a deployment pipeline, alerts of an
//! Alertmanager, CloudWatch alarms through SNS.
//!
//! Everything here is pure: a body comes in, a batch goes out, and `now` is an argument. The routes,
//! and who may call them, are the server's. All of a body is taken or nothing.

pub mod alertmanager;
pub mod events;
pub mod sns;

use crate::bundle::BundleError;
use crate::http::HttpError;
use model::source::{Follow, SourceClock, SourceFacts, Stamp};
use model::{Batch, Event, Extra, Gap, Provenance, Timestamp, time::DAY};

/// Name of the archive in which it is kept.
pub const NAME: &str = "hooks";
/// What the hooks state of themselves, as a source does.
pub const FACTS: SourceFacts = SourceFacts {
    kind: NAME,
    title: "Hooks",
    needs: &[],
    clock: SourceClock {
        stamp: Stamp::Instant,
        delay_s: 0,
        skew_s: 0,
        kept: &[],
    },
    // They tell by themselves; nobody can be asked again.
    follow: Follow::Watch,
};
/// Largest body, bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// Longest text that is kept of a label or an annotation, characters.
const MAX_TEXT: usize = 1_000;
/// Longest title of an event, characters.
const MAX_TITLE: usize = 300;

/// Why a body was not taken, in words for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// A line is no event.
    #[error(transparent)]
    Line(#[from] BundleError),
    /// It is not what this route takes.
    #[error("{what}: expected {expected}")]
    Malformed {
        /// Which part of the body.
        what: String,
        /// What was expected, and what stands there instead.
        expected: String,
    },
    /// Whoever sent it is not who it says, or not who may.
    #[error("refused: {0}")]
    Refused(String),
    /// The certificate that signed it, or the confirmation, could not be had.
    #[error("{what} could not be fetched from {host}: {reason}; Amazon SNS will send it again")]
    Fetch {
        /// `the signing certificate`, `the confirmation`.
        what: &'static str,
        /// Host that was asked.
        host: String,
        /// Why.
        reason: FetchError,
    },
}

/// Why a fetch gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An answer that is none.
    #[error("it answered HTTP {0}")]
    Status(u16),
}

impl HookError {
    fn malformed(what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Malformed {
            what: what.into(),
            expected: expected.into(),
        }
    }
}

/// A batch of events that were told by themselves.
fn batch(source: &str, query: &str, events: Vec<Event>, gaps: Vec<Gap>, now: Timestamp) -> Batch {
    Batch {
        provenance: Provenance {
            source: source.to_owned(),
            query: query.to_owned(),
            asked_at: Some(now),
            gaps,
            events: events.len(),
            ..Provenance::default()
        },
        events,
        ..Batch::default()
    }
}

/// How far in the past something may lie that is told now, milliseconds: ten years.
const MAX_BEHIND: i64 = 3_660 * DAY;
/// How far in the future, for clocks that are not set alike.
const MAX_AHEAD: i64 = DAY;

/// Whether times may be those of something that is told now. One that is far off would stretch every
/// picture, and one in the future would never grow old.
fn plausible(
    what: &str,
    times: impl IntoIterator<Item = Timestamp>,
    now: Timestamp,
) -> Result<(), HookError> {
    for at in times {
        if !(-MAX_BEHIND..=MAX_AHEAD).contains(&at.since(now)) {
            let expected =
                format!("a time from ten years before now to a day after it ({now}), found {at}");
            return Err(HookError::malformed(what, expected));
        }
    }
    Ok(())
}

/// Sets an attribute to a text, cut where it is very long; an empty text sets nothing.
fn set(attributes: &mut Extra, name: &str, text: &str) {
    if !text.is_empty() {
        let text: String = text.chars().take(MAX_TEXT).collect();
        attributes.insert(name.to_owned(), text.into());
    }
}

/// A title, cut where it is longer than any page has room for.
fn title(text: &str) -> String {
    if text.chars().nth(MAX_TITLE).is_none() {
        return text.to_owned();
    }
    let kept = text.chars().take(MAX_TITLE - 1);
    kept.chain(['…']).collect()
}

/// The first hexadecimal digits of a SHA-256 that stand for some texts.
fn hash(parts: &[&str]) -> String {
    let digest = model::bundle::sha256_hex(parts.join("\u{0}").as_bytes());
    digest.get(..24).unwrap_or(&digest).to_owned()
}

/// What serde says of a body, without the body.
fn syntax(what: &str, error: &serde_json::Error) -> HookError {
    HookError::malformed(
        format!("line {}, column {}", error.line(), error.column()),
        format!("{what} as JSON, found {error}"),
    )
}
