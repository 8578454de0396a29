//! What every source of evidence can do, how it reports progress, and how it fails.

use async_trait::async_trait;
use model::{Batch, Timestamp, Window, source::SourceFacts};
use std::error::Error;

/// A place that evidence comes from: one file of this crate each.
#[async_trait]
pub trait Source: Send + Sync {
    /// Short name, as in [`model::Provenance::source`]: `cloudwatch`.
    fn name(&self) -> &'static str;

    /// What it needs, what its clock means, how it is followed.
    fn facts(&self) -> SourceFacts;

    /// Tries the source with as little as possible, and says in one line what it can give.
    async fn check(&self) -> Result<String, SourceError>;

    /// Everything that the source has for the window, as of `now`.
    ///
    /// What comes is kept even when the rest fails: what did not come is named in the gaps of the
    /// batch's provenance. An error means that nothing came at all, or that the caller cancelled.
    async fn pull(
        &self,
        window: Window,
        now: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Batch, SourceError>;
}

/// A source that tells by itself what happens, as long as somebody listens.
#[async_trait]
pub trait Watch: Source {
    /// Listens and hands on what it learns, for as long as the future is polled: whoever wants it to
    /// end drops it, and nothing that was kept is lost. What goes wrong on the way is reported and
    /// tried again with back-off; the future ends only with what trying again cannot mend, such as
    /// a configuration that makes no sense, or a keeper that fails.
    async fn watch(&self, keeper: &dyn Keeper, now: &Now) -> SourceError;
}

/// The present, as the caller sees it: nothing in this crate reads a clock.
pub type Now = dyn Fn() -> Timestamp + Send + Sync;

/// What a watch learned in one go: kept all together or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// Events, series, edges, and where they came from. An event that is known already by its id
    /// takes the place of the one before (an interval that ended, a count that grew).
    pub batch: Batch,
    /// What the watch has to remember for its next run: key and state, `None` forgets the key. Where
    /// the key is an object, it is the object's resource id.
    pub memory: Vec<(String, Option<String>)>,
}

/// Who keeps what a watch learns, also over restarts.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// Everything that is remembered, by key.
    async fn recall(&self) -> Result<Vec<(String, String)>, Cause>;

    /// Keeps it: after this returns it is stored for good, and before that none of it is.
    async fn keep(&self, learned: Learned) -> Result<(), Cause>;

    /// How a part of the watch (`nodes`, `pods in shop`) is doing: `Ok` with what it has seen, `Err` with what
    /// went wrong and is being tried again.
    fn report(&self, part: &str, state: Result<String, &SourceError>);

    /// A part that a source need not have is not there: nothing is wrong with it, and nothing came of it, so that
    /// it is no sign that the source can be read.
    fn absent(&self, part: &str, message: String) {
        self.report(part, Ok(message));
    }
}

/// Whoever waits for a pull: is told how far it is, and can call it off.
pub trait Progress: Send + Sync {
    /// `done` of `total` steps are done (`total` is 0 while it is unknown); `message` says what is
    /// being done now.
    fn step(&self, done: u32, total: u32, message: &str);

    /// Whether the pull is to end. Asked between calls and several times a second during one.
    fn cancelled(&self) -> bool;
}

/// A listener that nobody listens to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unattended;

impl Progress for Unattended {
    fn step(&self, _done: u32, _total: u32, _message: &str) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// What the client library said, kept as the cause.
pub type Cause = Box<dyn Error + Send + Sync + 'static>;

/// What was said, where anything was.
fn after_colon(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(": {detail}")
    }
}

/// Why a source gave nothing, in words that say what to do. Never holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nobody is logged in.
    #[error(
        "{name}: no usable credentials{profile}{}; {hint}",
        after_colon(detail)
    )]
    NoCredentials {
        /// Source.
        name: &'static str,
        /// ` (profile x)`, or empty.
        profile: String,
        /// What the credential chain said; may be empty.
        detail: String,
        /// What to do. No cause is kept: it could hold what a credential process printed.
        hint: &'static str,
    },
    /// Somebody is logged in who may not do this.
    #[error(
        "{name}: access denied to {action}: allow that action to the identity that asks ({detail})"
    )]
    AccessDenied {
        /// Source.
        name: &'static str,
        /// The permission that is missing, e.g. `cloudwatch:GetMetricData`.
        action: String,
        /// What the service said.
        detail: String,
        /// What the client library said.
        #[source]
        cause: Option<Cause>,
    },
    /// No region was named.
    #[error("{name}: no region: name one, e.g. eu-central-1, or set one in the AWS profile")]
    RegionMissing {
        /// Source.
        name: &'static str,
    },
    /// Nothing answers there.
    #[error(
        "{name}: {endpoint} cannot be reached: check this address, network and proxy ({detail})"
    )]
    Unreachable {
        /// Source.
        name: &'static str,
        /// Address that was tried, without user information.
        endpoint: String,
        /// What the connection said.
        detail: String,
        /// What the client library said.
        #[source]
        cause: Option<Cause>,
    },
    /// The service asked to slow down, and kept asking.
    #[error(
        "{name}: {action} still throttled after {attempts} attempts: try again in a few minutes, or with a shorter window"
    )]
    Throttled {
        /// Source.
        name: &'static str,
        /// The call.
        action: String,
        /// Attempts made.
        attempts: u32,
        /// What the client library said.
        #[source]
        cause: Option<Cause>,
    },
    /// There is no such thing, or it has nothing for the window.
    #[error("{name}: {what} not found: {hint}")]
    NotFound {
        /// Source.
        name: &'static str,
        /// What was looked for.
        what: String,
        /// What to check.
        hint: String,
    },
    /// No answer in time.
    #[error(
        "{name}: {action} got no answer within {seconds} s, {attempts} attempts: check network and proxy"
    )]
    TimedOut {
        /// Source.
        name: &'static str,
        /// The call.
        action: String,
        /// Limit of one attempt, seconds.
        seconds: u64,
        /// Attempts made.
        attempts: u32,
        /// What the client library said.
        #[source]
        cause: Option<Cause>,
    },
    /// What was asked for makes no sense.
    #[error("{name}: {field} is '{value}': expected {expected}")]
    Invalid {
        /// Source.
        name: &'static str,
        /// Which setting or argument.
        field: &'static str,
        /// What it was.
        value: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// The service failed, or said something that nobody expected.
    #[error("{name}: {action} failed after {attempts} attempts: {detail}")]
    Failed {
        /// Source.
        name: &'static str,
        /// The call.
        action: String,
        /// Attempts made.
        attempts: u32,
        /// What the service said.
        detail: String,
        /// What the client library said.
        #[source]
        cause: Option<Cause>,
    },
    /// The caller called it off.
    #[error("{name}: cancelled")]
    Cancelled {
        /// Source.
        name: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_nothing_was_said_of_leave_no_stray_colon() {
        let said = |detail: &str| {
            let error = SourceError::NoCredentials {
                name: "kubernetes",
                profile: String::new(),
                detail: detail.to_owned(),
                hint: "log in again",
            };
            error.to_string()
        };
        let without = "kubernetes: no usable credentials; log in again";
        assert_eq!(said(""), without);
        let with = "kubernetes: no usable credentials: expired; log in again";
        assert_eq!(said("expired"), with);
    }
}
