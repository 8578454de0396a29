//! How far a stream of one kind of object has been followed.

use super::{
    super::object::{Object, version_number},
    When,
};
use crate::kubernetes::part::Part;
use model::{Timestamp, Window, time::MINUTE};
use serde::{Deserialize, Serialize};

/// One kind of object of one namespace, or of all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    /// Kind.
    pub part: Part,
    /// Namespace; empty: all.
    pub namespace: String,
}

impl Stream {
    /// The key under which its position is remembered.
    pub fn key(&self) -> String {
        format!("watch/{}/{}", self.part.name(), self.namespace)
    }

    pub(super) fn of_key(key: &str) -> Option<Self> {
        let (part, namespace) = key.strip_prefix("watch/")?.split_once('/')?;
        Some(Self {
            part: Part::ALL.into_iter().find(|p| p.name() == part)?,
            namespace: namespace.to_owned(),
        })
    }

    /// `pods`, or `pods in shop`.
    pub fn shown(&self) -> String {
        self.in_namespace(self.part.name())
    }

    /// A name of the kind, with the namespace where it is one alone.
    pub(crate) fn in_namespace(&self, kind: &str) -> String {
        if self.namespace.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind} in {}", self.namespace)
        }
    }
}

/// What a stream tells.
#[derive(Clone, Debug)]
pub enum Told {
    /// A list begins: the state of the cluster as it was at some time since it was asked for.
    Begin {
        /// When it was asked for.
        asked_at: Timestamp,
    },
    /// An object of the list.
    Item(Object),
    /// The list is complete; the watch goes on from this version.
    End {
        /// Version of the list.
        version: String,
    },
    /// An object was added or changed.
    Applied(Object),
    /// An object was deleted; this was its last version.
    Deleted(Object),
    /// Nothing up to this version that was not told.
    Bookmark {
        /// The version.
        version: String,
    },
    /// Everything that happened until now was told.
    Current,
    /// The connection is lost. All that was told until now is all that happened up to the last word.
    Disconnected,
    /// The stream goes on. What it tells up to the version happened while it was away.
    Reconnected {
        /// The newest version when the stream went on; `None`: nobody asked, because it was not away
        /// for long enough to matter.
        caught_up_at: Option<u64>,
    },
    /// The newest version is older than what was told before: the cluster's state was put back, as a
    /// restore from a backup does. Versions count anew, and everything has to be listed.
    PutBack {
        /// The newest version now.
        version: u64,
    },
    /// The cluster does not let it be read.
    Refused {
        /// Why, and what to do.
        reason: String,
    },
    /// Something came that cannot be read.
    Unread {
        /// What.
        what: String,
    },
}

/// From where a stream goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The newest version that was told; `None`: it has to be listed.
    pub version: Option<String>,
    /// Up to when everything was told.
    pub current_until: Option<Timestamp>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    version: Option<String>,
    until: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(super) struct StreamState {
    now: Saved,
    /// As it was last remembered.
    saved: Saved,
    /// When the list under way was asked for, and when it began to come.
    listing: Option<(Timestamp, Timestamp)>,
    /// Up to which version the stream tells of the past, and the span in which that happened.
    behind: Option<(u64, When)>,
    /// Since when it may not be read, as far as that is written down, and why.
    refused: Option<(Timestamp, String)>,
}

/// A complete list.
pub(super) struct Listed {
    /// When what it no longer has went.
    pub(super) when: When,
    /// The span that was not watched.
    pub(super) unseen: Option<Window>,
    /// Nothing was ever listed before.
    pub(super) is_first: bool,
}

impl StreamState {
    pub(super) fn restore(saved: &str) -> Result<Self, serde_json::Error> {
        Ok(Self {
            now: serde_json::from_str(saved)?,
            ..Self::default()
        })
    }

    /// What has to be remembered, where that changed. Each word moves the time, which alone is worth
    /// remembering once a minute.
    pub(super) fn save(&mut self) -> Option<String> {
        let moved = match (self.now.until, self.saved.until) {
            (Some(now), Some(saved)) => now.since(saved) >= MINUTE,
            (now, saved) => now != saved,
        };
        if self.now.version == self.saved.version && !moved {
            return None;
        }
        self.saved.version.clone_from(&self.now.version);
        self.saved.until = self.now.until;
        serde_json::to_string(&self.now).ok()
    }

    pub(super) fn position(&self) -> Position {
        Position {
            version: self.now.version.clone(),
            current_until: self.now.until,
        }
    }

    pub(super) fn begin(&mut self, asked_at: Timestamp, at: Timestamp) {
        self.listing = Some((asked_at, at));
        self.refused = None;
        // From the first list on everything that goes is missed.
        self.now.until = self.now.until.or(Some(asked_at));
    }

    pub(super) fn is_listing(&self) -> bool {
        self.listing.is_some()
    }

    /// When the changes happened that a list shows.
    pub(super) fn listed(&self) -> When {
        let at = self
            .listing
            .map(|(_, at)| at)
            .or(self.now.until)
            .unwrap_or_default();
        When::between(self.now.until, at)
    }

    pub(super) fn end(&mut self, version: &str) -> Option<Listed> {
        let (asked_at, at) = self.listing.take()?;
        let when = When::between(self.now.until, at);
        let known = self.now.version.is_some();
        let unseen = self
            .now
            .until
            .filter(|_| known)
            .and_then(|until| Window::new(until, at));
        self.now.version = Some(version.to_owned());
        self.now.until = Some(asked_at);
        self.behind = None;
        Some(Listed {
            when,
            unseen,
            is_first: !known,
        })
    }

    /// When a change of that version happened, that was told at `at`.
    pub(super) fn told(&mut self, version: u64, at: Timestamp) -> When {
        self.advance(version);
        match self.behind {
            Some((up_to, when)) if version <= up_to => when,
            _ => {
                self.now.until = self.now.until.max(Some(at));
                When::exact(at)
            }
        }
    }

    fn advance(&mut self, version: u64) {
        let known = self.now.version.as_deref().map_or(0, version_number);
        if version > known {
            self.now.version = Some(version.to_string());
        }
    }

    pub(super) fn bookmark(&mut self, version: &str, at: Timestamp) {
        if version_number(version) >= self.now.version.as_deref().map_or(0, version_number) {
            self.now.version = Some(version.to_owned());
        }
        let caught_up = |(up_to, when): (u64, When)| {
            // Bookmarks of old servers count the changes of one kind only, and stay below.
            version_number(version) >= up_to || at.since(when.latest) > MINUTE
        };
        if self.behind.is_none_or(caught_up) {
            self.behind = None;
            self.now.until = self.now.until.max(Some(at));
        }
    }

    pub(super) fn current(&mut self, at: Timestamp) {
        if self.behind.is_none() && self.listing.is_none() {
            self.now.until = self.now.until.max(Some(at));
        }
    }

    pub(super) fn disconnect(&mut self) {
        self.listing = None;
    }

    pub(super) fn reconnect(&mut self, caught_up_at: Option<u64>, at: Timestamp) {
        self.refused = None;
        let known = self.now.version.as_deref().map_or(0, version_number);
        match caught_up_at {
            Some(up_to) if up_to > known => {
                self.behind = Some((up_to, When::between(self.now.until, at)));
            }
            Some(_) => {
                self.behind = None;
                self.now.until = self.now.until.max(Some(at));
            }
            // What happened meanwhile has yet to be told: until then nothing is known of later times.
            None => {}
        }
    }

    /// `true` where that is news.
    pub(super) fn refuse(&mut self, reason: &str, at: Timestamp) -> bool {
        let since = self.refused.as_ref().map(|(since, _)| *since);
        self.refused = Some((since.unwrap_or(at), reason.to_owned()));
        since.is_none()
    }

    /// The span up to `until` that could not be read either and is not yet written down, and why;
    /// once a minute is enough.
    pub(super) fn still_refused(&mut self, until: Timestamp) -> Option<(Window, String)> {
        let (since, reason) = self.refused.as_mut()?;
        let span = Window::new(*since, until).filter(|span| span.millis() >= MINUTE)?;
        *since = until;
        Some((span, reason.clone()))
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }
}
