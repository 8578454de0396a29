//! The objects of one kind that are remembered.

use super::{pending::Pending, when::When};
use crate::kubernetes::{
    Listing,
    meta::{name, namespace},
    object::Object,
    volumes::Volumes,
};
use model::{Timestamp, topology::k8s_id};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, VecDeque};

/// How many objects that are gone are still known by their uid, so that a late word of one neither
/// brings it back nor is lost.
const GRAVES: usize = 512;

/// What one version of an object is seen as.
pub(crate) struct Sight<'a> {
    /// When the version came to be.
    pub(crate) when: When,
    /// It comes from a list, so that versions between it and the one before may have gone unseen.
    pub(crate) listed: bool,
    /// Nothing of the object was known before.
    pub(crate) first: bool,
    /// It is newer than every version seen before.
    pub(crate) newest: bool,
    /// The cluster.
    pub(crate) listing: &'a Listing,
    /// What is behind claims.
    pub(crate) volumes: &'a Volumes,
}

/// Which object it is.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) uid: &'a str,
    /// The cluster.
    pub(crate) listing: &'a Listing,
}

/// What is remembered of an object, and what is said of it.
pub(crate) trait Tracked: Default + Serialize + DeserializeOwned {
    /// Takes one version in; `true` where what is remembered changed. Versions may come late, and
    /// twice: what an older one says is added, never put in place of what is known.
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool;

    /// It is gone.
    fn gone(&mut self, about: &About<'_>, when: When, out: &mut Pending);
}

#[derive(Debug)]
struct Entry<S> {
    uid: Box<str>,
    version: u64,
    /// Number of the last list that had it.
    epoch: u32,
    state: S,
}

#[derive(Serialize, Deserialize)]
struct Saved<U, S> {
    u: U,
    v: u64,
    s: S,
}

struct Grave<S> {
    uid: Box<str>,
    version: u64,
    state: S,
}

/// All of one kind, by `namespace/name`.
pub(crate) struct Kept<S> {
    kind: &'static str,
    objects: BTreeMap<Box<str>, Entry<S>>,
    graves: VecDeque<Grave<S>>,
    /// Lists that were begun so far…
    begun: u32,
    /// …and the number of the last one by namespace (empty: of all). Several are under way at once.
    lists: BTreeMap<Box<str>, u32>,
}

impl<S: Tracked> Kept<S> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            objects: BTreeMap::new(),
            graves: VecDeque::new(),
            begun: 0,
            lists: BTreeMap::new(),
        }
    }

    pub(crate) fn restore(&mut self, key: &str, saved: &str) -> Result<(), serde_json::Error> {
        let saved: Saved<Box<str>, S> = serde_json::from_str(saved)?;
        let entry = Entry {
            uid: saved.u,
            version: saved.v,
            epoch: 0,
            state: saved.s,
        };
        self.objects.insert(key.into(), entry);
        Ok(())
    }

    /// A list begins of the namespace (empty: of all): whatever it will not have is gone.
    pub(crate) fn begin(&mut self, of: &str) {
        self.begun = self.begun.wrapping_add(1);
        self.lists.insert(of.into(), self.begun);
    }

    /// Versions count anew: whatever comes next is newer, and what was gone may be there again.
    pub(crate) fn put_back(&mut self, listing: &Listing, out: &mut Pending) {
        for (key, entry) in &mut self.objects {
            entry.version = 0;
            save(self.kind, key, entry, listing, out);
        }
        self.graves.clear();
    }

    /// Number of the last list that an object belongs into.
    fn epoch(&self, key: &str) -> u32 {
        let of = key.split_once('/').map_or("", |(namespace, _)| namespace);
        let list = self.lists.get(of).or_else(|| self.lists.get(""));
        list.copied().unwrap_or(0)
    }

    /// The list is complete. What it did not have of the namespace (empty: of all) is gone.
    pub(crate) fn end(&mut self, of: &str, when: When, listing: &Listing, out: &mut Pending) {
        let epoch = self.lists.get(of).copied().unwrap_or(0);
        let gone: Vec<Box<str>> = self
            .objects
            .iter()
            .filter(|(key, entry)| entry.epoch != epoch && lies_in(key, of))
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            self.bury(&key, when, listing, out);
        }
    }

    /// One version of an object.
    pub(crate) fn see(&mut self, object: &Object, mut sight: Sight<'_>, out: &mut Pending) {
        let (uid, version) = (object.uid(), object.version());
        let key = key_of(object);
        if let Some(grave) = self.graves.iter_mut().find(|grave| *grave.uid == *uid) {
            (sight.first, sight.newest) = (false, false);
            grave.state.see(object, &sight, out);
            return;
        }
        let epoch = self.epoch(&key);
        match self.objects.get_mut(&*key) {
            Some(entry) if *entry.uid == *uid => {
                entry.epoch = epoch;
                if version == entry.version && version != 0 {
                    return;
                }
                sight.first = false;
                sight.newest = version == 0 || version > entry.version;
                entry.version = entry.version.max(version);
                if entry.state.see(object, &sight, out) {
                    save(self.kind, &key, entry, sight.listing, out);
                }
                return;
            }
            // A late word of the one that had the name before.
            Some(entry) if version < entry.version => {
                S::default().see(object, &sight, out);
                return;
            }
            Some(_) => {
                let created =
                    crate::kubernetes::meta::time(object.meta().creation_timestamp.as_ref());
                let latest = created.unwrap_or(sight.when.latest).min(sight.when.latest);
                let when = When::between(sight.when.earliest, latest);
                self.bury(&key, when, sight.listing, out);
            }
            None => {}
        }
        let mut entry = Entry {
            uid: uid.into(),
            version,
            epoch,
            state: S::default(),
        };
        entry.state.see(object, &sight, out);
        save(self.kind, &key, &entry, sight.listing, out);
        self.objects.insert(key, entry);
    }

    /// An object was deleted; its last version comes with the word.
    pub(crate) fn delete(&mut self, object: &Object, sight: Sight<'_>, out: &mut Pending) {
        let uid = object.uid();
        if self.graves.iter().any(|grave| *grave.uid == *uid) {
            return;
        }
        let (when, listing) = (sight.when, sight.listing);
        let key = key_of(object);
        let other = self.objects.get(&*key).is_some_and(|e| *e.uid != *uid);
        if other {
            // The name has a new owner already.
            let mut state = S::default();
            state.see(object, &sight, out);
            state.gone(&about(&key, uid, listing), when, out);
            return;
        }
        self.see(object, sight, out);
        self.bury(&key, when, listing, out);
        if let Some(grave) = self.graves.back_mut().filter(|grave| *grave.uid == *uid) {
            grave.version = grave.version.max(object.version());
        }
    }

    fn bury(&mut self, key: &str, when: When, listing: &Listing, out: &mut Pending) {
        let Some(mut entry) = self.objects.remove(key) else {
            return;
        };
        entry
            .state
            .gone(&about(key, &entry.uid, listing), when, out);
        out.remember(memory_key(self.kind, key, listing), None);
        if self.graves.len() >= GRAVES {
            self.graves.pop_front();
        }
        self.graves.push_back(Grave {
            uid: entry.uid,
            version: entry.version,
            state: entry.state,
        });
    }

    pub(crate) fn get(&self, key: &str) -> Option<&S> {
        self.objects.get(key).map(|entry| &entry.state)
    }

    /// Changes what is remembered of one object by the closure, which says whether it did.
    pub(crate) fn change(
        &mut self,
        key: &str,
        listing: &Listing,
        out: &mut Pending,
        change: impl FnOnce(&About<'_>, &mut S, &mut Pending) -> bool,
    ) {
        if let Some(entry) = self.objects.get_mut(key) {
            let about = about(key, &entry.uid, listing);
            if change(&about, &mut entry.state, out) {
                save(self.kind, key, entry, listing, out);
            }
        }
    }

    /// Keys and states, those of a namespace (empty: of all).
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &S)> {
        self.objects
            .iter()
            .map(|(key, entry)| (&**key, &entry.state))
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }
}

fn save<S: Tracked>(kind: &str, key: &str, entry: &Entry<S>, listing: &Listing, out: &mut Pending) {
    let saved = Saved {
        u: &entry.uid,
        v: entry.version,
        s: &entry.state,
    };
    // Plain data with text keys always becomes JSON.
    if let Ok(saved) = serde_json::to_string(&saved) {
        out.remember(memory_key(kind, key, listing), Some(saved));
    }
}

fn about<'a>(key: &'a str, uid: &'a str, listing: &'a Listing) -> About<'a> {
    let (namespace, name) = key.split_once('/').unwrap_or(("", key));
    About {
        namespace,
        name,
        uid,
        listing,
    }
}

fn key_of(object: &Object) -> Box<str> {
    let meta = object.meta();
    format!("{}/{}", namespace(meta), name(meta)).into_boxed_str()
}

fn memory_key(kind: &str, key: &str, listing: &Listing) -> String {
    let (namespace, name) = key.split_once('/').unwrap_or(("", key));
    k8s_id(&listing.cluster, namespace, kind, name)
}

fn lies_in(key: &str, namespace: &str) -> bool {
    namespace.is_empty() || key.split_once('/').is_some_and(|(of, _)| of == namespace)
}

/// The earlier of what is known and what is said; `true` where that changed something.
pub(crate) fn earliest(known: &mut Option<Timestamp>, said: Option<Timestamp>) -> bool {
    let better = said.filter(|said| known.is_none_or(|known| *said < known));
    if better.is_some() {
        *known = better;
    }
    better.is_some()
}
