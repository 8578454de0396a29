//! A cluster's state as its API server keeps it: objects, versions, and the log of changes that
//! watches are served from.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A seeded generator (`SplitMix64`, Steele et al. 2014): the same seed, the same run.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// Once in `n` times.
    pub(crate) fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let i = self.below(from.len() as u64) as usize;
        from.get(i)
    }
}

/// One change, as a watch tells it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) kind: &'static str,
    pub(crate) object: Value,
}

/// Namespace and name.
pub(crate) type Key = (String, String);

/// All objects of one plural.
#[derive(Debug, Default)]
pub(crate) struct Collection {
    pub(crate) objects: BTreeMap<Key, Value>,
    pub(crate) log: Vec<Change>,
    /// Changes up to this version are no longer told.
    pub(crate) compacted: u64,
}

/// A cluster's state.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) version: u64,
    pub(crate) collections: BTreeMap<String, Collection>,
}

impl World {
    /// Writes an object; its version is the one returned.
    pub(crate) fn put(&mut self, plural: &str, mut object: Value) -> u64 {
        self.version += 1;
        let version = self.version;
        object["metadata"]["resourceVersion"] = json!(version.to_string());
        let key = key(&object);
        let collection = self.collections.entry(plural.to_owned()).or_default();
        let known = collection.objects.insert(key, object.clone());
        collection.log.push(Change {
            version,
            kind: if known.is_some() { "MODIFIED" } else { "ADDED" },
            object,
        });
        version
    }

    /// Deletes an object; the watch tells its last state with the version of the deletion.
    pub(crate) fn delete(&mut self, plural: &str, key: &Key) -> u64 {
        self.version += 1;
        let version = self.version;
        let collection = self.collections.entry(plural.to_owned()).or_default();
        if let Some(mut object) = collection.objects.remove(key) {
            object["metadata"]["resourceVersion"] = json!(version.to_string());
            collection.log.push(Change {
                version,
                kind: "DELETED",
                object,
            });
        }
        version
    }

    pub(crate) fn get(&self, plural: &str, key: &Key) -> Option<&Value> {
        self.collections.get(plural)?.objects.get(key)
    }

    /// Forgets the changes of everything until now, as a restart of an API server does.
    pub(crate) fn compact(&mut self) {
        let version = self.version;
        for collection in self.collections.values_mut() {
            collection.compacted = version;
        }
    }
}

fn key(object: &Value) -> Key {
    let field = |name| object["metadata"][name].as_str().unwrap_or("").to_owned();
    (field("namespace"), field("name"))
}
