//! Telling people outside of Lineup: of published reports, and of action items that were given to them.
//!
//! What is to be told is kept in the database together with what it tells of ([`Outbox`]), and sent from there
//! ([`Sender`]): a restart loses nothing, and of several processes one sends. A receiver is told at least
//! once, and twice only where its answer did not come: every message of a notice has the same id.
//! Nothing is sent but to the receivers that are configured ([`crate::config::notify`]).

mod message;
mod sender;

pub use message::{DELIVERY, EVENT, SIGNATURE, TIMESTAMP, signature};
pub use sender::{LIMITS, Sender};

use crate::config::notify::Notify;
use model::{
    ActionItem, Incident, Timestamp,
    bundle::sha256_hex,
    notice::{Notice, NoticeKind},
};
use std::sync::Arc;
use store::{Store, StoreError};

/// What is to be told goes in here.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    receivers: Arc<[Receiver]>,
    wake: Arc<tokio::sync::Notify>,
}

/// Who is told what.
#[derive(Clone, Debug)]
struct Receiver {
    name: String,
    events: Vec<NoticeKind>,
    private: bool,
}

/// A version of a report that was published.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Number of the version.
    pub version: u32,
    /// Whether only some may know of the incident.
    pub private: bool,
    /// When it was published.
    pub at: Timestamp,
}

/// Tells of a version that was published: to be called after it is stored. The same version is told once,
/// however often this is called.
///
/// # Errors
/// Where the database does not take it.
pub async fn published(
    store: &dyn Store,
    outbox: &Outbox,
    what: Published<'_>,
) -> Result<(), StoreError> {
    let notices = outbox.of_published(what);
    if store.put_notices(&notices).await? > 0 {
        outbox.wake();
    }
    Ok(())
}

impl Outbox {
    /// For the receivers of the configuration.
    pub fn of(config: &Notify) -> Self {
        let receivers = config.to.iter().map(|to| Receiver {
            name: to.name.clone(),
            events: to.events.clone(),
            private: to.private,
        });
        Self {
            receivers: receivers.collect(),
            wake: Arc::default(),
        }
    }

    /// Tells the sender that something waits.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Until something waits.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    fn to(&self, kind: NoticeKind, private: bool) -> impl Iterator<Item = &Receiver> {
        self.receivers
            .iter()
            .filter(move |r| r.events.contains(&kind) && (r.private || !private))
    }

    fn of_published(&self, what: Published<'_>) -> Vec<Notice> {
        let incident = &what.incident.id;
        let notice = |to: &Receiver| Notice {
            id: id(&[
                "published",
                &to.name,
                &incident.0,
                &what.version.to_string(),
            ]),
            receiver: to.name.clone(),
            kind: NoticeKind::Published,
            incident: incident.clone(),
            title: what.incident.title.clone(),
            path: format!("/incidents/{incident}/report"),
            owner: String::new(),
            due: None,
            version: Some(what.version),
            at: what.at,
        };
        let to = self.to(NoticeKind::Published, what.private);
        to.map(notice).collect()
    }

    /// What is to be told of an action item as it is now: nothing where it has the owner that it had before.
    /// To be stored with the item ([`store::Notices::put_action_telling`]).
    pub fn of_assigned(
        &self,
        incident: &Incident,
        item: &ActionItem,
        before: Option<&ActionItem>,
        private: bool,
        at: Timestamp,
    ) -> Vec<Notice> {
        let owner = item.owner.trim();
        if owner.is_empty() || before.is_some_and(|b| b.owner.trim() == owner) {
            return Vec::new();
        }
        let when = at.millis().to_string();
        let notice = |to: &Receiver| Notice {
            id: id(&["assigned", &to.name, &incident.id.0, &item.id, owner, &when]),
            receiver: to.name.clone(),
            kind: NoticeKind::Assigned,
            incident: incident.id.clone(),
            title: item.title.clone(),
            path: format!("/incidents/{}#h-actions", incident.id),
            owner: owner.to_owned(),
            due: item.due,
            version: None,
            at,
        };
        let to = self.to(NoticeKind::Assigned, private);
        to.map(notice).collect()
    }
}

/// An id of what is told to whom.
fn id(parts: &[&str]) -> String {
    sha256_hex(parts.join("\n").as_bytes())
}
