//! Claims and volumes: which file system a pod mounts.

use super::{
    kept::{About, Sight, Tracked},
    pending::Pending,
    when::When,
};
use crate::kubernetes::{
    meta,
    object::{Content, Object},
    volumes::{self, Backing, Volumes},
};
use serde::{Deserialize, Serialize};

/// What is remembered of a claim: its volume.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ClaimState {
    volume: Option<String>,
}

impl Tracked for ClaimState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Claim(claim) = &object.content else {
            return false;
        };
        let volume = volumes::volume_of(claim).map(str::to_owned);
        if volume.is_none() || volume == self.volume || !(sight.newest || sight.first) {
            return false;
        }
        self.volume = volume;
        let meta = &claim.metadata;
        let key = (
            meta::namespace(meta).to_owned(),
            meta::name(meta).to_owned(),
        );
        out.claims.insert(key);
        true
    }

    fn gone(&mut self, _: &About<'_>, _: When, _: &mut Pending) {}
}

impl ClaimState {
    pub(crate) fn join(&self, key: &str, volumes: &mut Volumes) {
        if let Some(key) = key.split_once('/') {
            volumes.set_claim(key, self.volume.as_deref());
        }
    }
}

/// What is remembered of a volume: what is behind it, and whose it is.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VolumeState {
    behind: Option<Backing>,
    claim: Option<(String, String)>,
}

impl Tracked for VolumeState {
    fn see(&mut self, object: &Object, sight: &Sight<'_>, out: &mut Pending) -> bool {
        let Content::Volume(volume) = &object.content else {
            return false;
        };
        let now = Self {
            behind: volumes::behind(volume, sight.listing),
            claim: volumes::claimed_by(volume),
        };
        if now == *self || !(sight.newest || sight.first) {
            return false;
        }
        *self = now;
        if let Some(behind) = &self.behind {
            let from = meta::resource(sight.listing, "PersistentVolume", &volume.metadata);
            if from != behind.to {
                out.edge(volumes::mounts(from, behind));
            }
        }
        if let Some(claim) = &self.claim {
            out.claims.insert(claim.clone());
        }
        true
    }

    fn gone(&mut self, _: &About<'_>, _: When, _: &mut Pending) {}
}

impl VolumeState {
    pub(crate) fn join(&self, key: &str, volumes: &mut Volumes) {
        let name = key.split_once('/').map_or(key, |(_, name)| name);
        volumes.set_volume(name, self.behind.clone(), self.claim.clone());
    }
}
