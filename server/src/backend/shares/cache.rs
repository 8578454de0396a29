//! What links show, made once for each state of an incident and kept while it is asked for.

use super::show::Shown;
use app::backend::FileKind;
use axum::body::Bytes;
use model::{IncidentId, Timestamp, share::ShareLink};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};
use store::Revision;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

/// Bytes that everything that is kept may have together. The newest stays whatever it has.
const MOST_BYTES: usize = 64 << 20;
/// Links of which something is kept.
const MOST_LINKS: usize = 256;
/// After so long, milliseconds, a link is looked up again: another process may have revoked it.
const LOOKED_UP: i64 = 1_000;

/// What a link shows, with the state of the incident that it was made from.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) revision: Revision,
    /// The version that it shows; `None`: the draft.
    pub(super) version: Option<u32>,
    pub(super) shown: Shown,
    pngs: Mutex<BTreeMap<String, Bytes>>,
    files: Mutex<BTreeMap<FileKind, Bytes>>,
    /// One writes a file, whoever else asks waits for it.
    pub(super) writing: tokio::sync::Mutex<()>,
}

impl Made {
    pub(super) fn new(revision: Revision, version: Option<u32>, shown: Shown) -> Self {
        Self {
            revision,
            version,
            shown,
            pngs: Mutex::default(),
            files: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// A picture as PNG, where it was asked for before.
    pub(super) fn png(&self, lane: &str) -> Option<Bytes> {
        lock(&self.pngs).get(lane).cloned()
    }

    /// A file, where it was asked for before.
    pub(super) fn file(&self, kind: FileKind) -> Option<Bytes> {
        lock(&self.files).get(&kind).cloned()
    }

    pub(super) fn keep_file(&self, kind: FileKind, bytes: Bytes) {
        lock(&self.files).insert(kind, bytes);
    }

    pub(super) fn keep_png(&self, lane: &str, bytes: Bytes) {
        lock(&self.pngs).insert(lane.to_owned(), bytes);
    }
}

/// A link that anybody may open as often as they like, ready to be given out without the database.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) link: ShareLink,
    pub(super) made: Arc<Made>,
    looked_up: AtomicI64,
}

/// One place for each link: whoever finds it empty or out of date fills it, and everybody else who
/// asks for it waits.
pub(super) type Place = Arc<tokio::sync::Mutex<Option<Arc<Made>>>>;

/// What is kept.
#[derive(Debug)]
pub(in crate::backend) struct Cache {
    /// By the link's id, the last used at the end, each with its bytes.
    places: Mutex<Vec<(String, Place, usize)>>,
    /// By the hash of the token.
    ready: Mutex<HashMap<String, Arc<Ready>>>,
    /// Incidents that this process changes.
    changes: Mutex<Receiver<IncidentId>>,
}

impl Cache {
    pub(super) fn new(changes: Receiver<IncidentId>) -> Self {
        Self {
            places: Mutex::default(),
            ready: Mutex::default(),
            changes: Mutex::new(changes),
        }
    }

    /// What is ready for a token. Once a second the caller that finds it so gets nothing, and looks the
    /// link up; the others are not kept waiting meanwhile.
    pub(super) fn ready(&self, token_hash: &str, now: Timestamp) -> Option<Arc<Ready>> {
        self.heed_changes();
        let ready = lock(&self.ready).get(token_hash).cloned()?;
        if !ready.link.is_open(now) {
            return None;
        }
        let before = ready.looked_up.load(Ordering::Relaxed);
        let old = now.millis().saturating_sub(before) >= LOOKED_UP;
        let first = old
            && ready
                .looked_up
                .compare_exchange(before, now.millis(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        (!first).then_some(ready)
    }

    pub(super) fn make_ready(&self, link: ShareLink, made: Arc<Made>, now: Timestamp) {
        let mut ready = lock(&self.ready);
        if ready.len() >= MOST_LINKS {
            ready.clear();
        }
        let entry = Ready {
            made,
            looked_up: AtomicI64::new(now.millis()),
            link,
        };
        ready.insert(entry.link.token_hash.clone(), Arc::new(entry));
    }

    /// A token that opens nothing any more.
    pub(super) fn forget_token(&self, token_hash: &str) {
        lock(&self.ready).remove(token_hash);
    }

    /// A link that opens nothing any more.
    pub(super) fn forget(&self, link: &str) {
        lock(&self.ready).retain(|_, ready| ready.link.id != link);
        lock(&self.places).retain(|(id, ..)| id != link);
    }

    /// What an incident's links show was published or opened again.
    pub(in crate::backend) fn forget_incident(&self, incident: &IncidentId) {
        lock(&self.ready).retain(|_, ready| ready.link.incident != *incident);
    }

    /// What this process has changed is looked up again at once.
    fn heed_changes(&self) {
        let mut changes = lock(&self.changes);
        loop {
            match changes.try_recv() {
                Ok(incident) => {
                    self.forget_incident(&incident);
                }
                Err(TryRecvError::Lagged(_)) => lock(&self.ready).clear(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    pub(super) fn place(&self, link: &str) -> Place {
        let mut places = lock(&self.places);
        let found = places.iter().position(|(of, ..)| of == link);
        let used = match found {
            Some(at) => places.remove(at),
            None => (link.to_owned(), Place::default(), 0),
        };
        let place = used.1.clone();
        places.push(used);
        place
    }

    /// Makes room by letting go of what was not used for longest.
    pub(super) fn settle(&self, link: &str, bytes: usize) {
        let mut gone = Vec::new();
        let mut places = lock(&self.places);
        for (_, _, known) in places.iter_mut().filter(|(of, ..)| of == link) {
            *known = bytes;
        }
        let too_many = |places: &[(String, Place, usize)]| {
            let all: usize = places.iter().map(|(.., bytes)| bytes).sum();
            places.len() > MOST_LINKS || all > MOST_BYTES
        };
        while places.len() > 1 && too_many(&places) {
            gone.push(places.remove(0).0);
        }
        drop(places);
        if !gone.is_empty() {
            lock(&self.ready).retain(|_, ready| !gone.contains(&ready.link.id));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept is whole between any two of its operations.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::broadcast::channel;

    fn made() -> Arc<Made> {
        Arc::new(Made::new(Revision::default(), None, Shown::default()))
    }

    fn link(id: &str) -> ShareLink {
        ShareLink {
            id: id.into(),
            token_hash: format!("hash of {id}"),
            incident: IncidentId("one".into()),
            ..ShareLink::default()
        }
    }

    #[test]
    fn a_link_is_looked_up_once_a_second_by_one() {
        let (_changes, receiver) = channel(4);
        let cache = Cache::new(receiver);
        let at = Timestamp::from_millis;
        assert!(cache.ready("hash of a", at(0)).is_none());
        cache.make_ready(link("a"), made(), at(0));
        assert!(cache.ready("hash of a", at(999)).is_some());
        assert!(cache.ready("hash of a", at(1_000)).is_none());
        assert!(
            cache.ready("hash of a", at(1_000)).is_some(),
            "the others go on"
        );
        cache.forget("a");
        assert!(cache.ready("hash of a", at(1_001)).is_none());
    }

    #[test]
    fn what_is_changed_is_looked_up_at_once() {
        let (changes, receiver) = channel(4);
        let cache = Cache::new(receiver);
        let now = Timestamp::from_millis(0);
        cache.make_ready(link("a"), made(), now);
        changes.send(IncidentId("another".into())).unwrap();
        assert!(cache.ready("hash of a", now).is_some());
        changes.send(IncidentId("one".into())).unwrap();
        assert!(cache.ready("hash of a", now).is_none());
        cache.make_ready(link("a"), made(), now);
        for _ in 0..9 {
            changes.send(IncidentId("another".into())).unwrap();
        }
        assert!(
            cache.ready("hash of a", now).is_none(),
            "too many to follow"
        );
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let (_changes, receiver) = channel(4);
        let cache = Cache::new(receiver);
        let now = Timestamp::from_millis(0);
        for id in ["a", "b", "c"] {
            cache.place(id);
            cache.make_ready(link(id), made(), now);
            cache.place("a");
            cache.settle(id, MOST_BYTES / 2);
        }
        let left: Vec<bool> = ["a", "b", "c"]
            .iter()
            .map(|id| cache.ready(&format!("hash of {id}"), now).is_some())
            .collect();
        assert_eq!(left, [true, false, true]);
    }
}
