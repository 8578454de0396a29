//! Persistent volumes: which file system is behind a claim.

use super::{
    Listing,
    meta::{edge, name, namespace},
};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use model::{
    Edge, EdgeKind,
    topology::{aws_id, k8s_id},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Driver name of the Amazon EFS CSI driver (kubernetes-sigs/aws-efs-csi-driver).
const EFS_DRIVER: &str = "efs.csi.aws.com";

/// What is behind a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backing {
    /// Resource id of the file system, or of the volume where it is none that is known.
    pub to: String,
    /// EFS access point, `fsap-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_point: Option<String>,
    /// Folder of the file system that is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Which volume each claim has, and what is behind each volume.
#[derive(Debug, Default)]
pub struct Volumes {
    by_volume: BTreeMap<String, Backing>,
    /// Volume of a claim, by the claim's namespace and name.
    by_claim: BTreeMap<(String, String), String>,
}

impl Volumes {
    /// From the volumes of a cluster, and its claims where they name their volume.
    pub fn new<'a>(
        volumes: impl Iterator<Item = &'a PersistentVolume>,
        claims: impl Iterator<Item = &'a PersistentVolumeClaim>,
        listing: &Listing,
    ) -> Self {
        let mut all = Self::default();
        for volume in volumes {
            all.set_volume(
                name(&volume.metadata),
                behind(volume, listing),
                claimed_by(volume),
            );
        }
        for claim in claims {
            let key = (namespace(&claim.metadata), name(&claim.metadata));
            all.set_claim(key, volume_of(claim));
        }
        all
    }

    /// Takes a volume in; the claim that the volume names counts where the claim itself is not
    /// known. `true` where that changed something.
    pub(crate) fn set_volume(
        &mut self,
        volume: &str,
        behind: Option<Backing>,
        claim: Option<(String, String)>,
    ) -> bool {
        let mut changed = false;
        if let Some(behind) = behind {
            changed = self.by_volume.get(volume) != Some(&behind);
            self.by_volume.insert(volume.to_owned(), behind);
        }
        if let Some(claim) = claim.filter(|claim| !self.by_claim.contains_key(claim)) {
            self.by_claim.insert(claim, volume.to_owned());
            changed = true;
        }
        changed
    }

    /// Takes a claim in; `true` where that changed something.
    pub(crate) fn set_claim(&mut self, claim: (&str, &str), volume: Option<&str>) -> bool {
        let Some(volume) = volume else { return false };
        let key = (claim.0.to_owned(), claim.1.to_owned());
        let before = self.by_claim.insert(key, volume.to_owned());
        before.as_deref() != Some(volume)
    }

    /// The file system behind a claim, where it is known.
    pub fn behind(&self, namespace: &str, claim: &str) -> Option<&Backing> {
        self.by_volume.get(self.volume(namespace, claim)?)
    }

    /// The volume of a claim, where it is known.
    pub(crate) fn volume(&self, namespace: &str, claim: &str) -> Option<&str> {
        let key = (namespace.to_owned(), claim.to_owned());
        self.by_claim.get(&key).map(String::as_str)
    }

    /// From each claim to its volume and to what is behind that, and from each volume to what is
    /// behind it.
    pub fn edges(&self, listing: &Listing) -> Vec<Edge> {
        let claims = self.by_claim.keys();
        claims
            .flat_map(|(namespace, claim)| self.edges_of((namespace, claim), listing))
            .chain(
                self.by_volume
                    .keys()
                    .filter_map(|volume| self.edge_behind(volume, listing)),
            )
            .collect()
    }

    /// The edges of one claim.
    pub(crate) fn edges_of(
        &self,
        (namespace, claim): (&str, &str),
        listing: &Listing,
    ) -> Vec<Edge> {
        let Some(volume) = self.volume(namespace, claim) else {
            return Vec::new();
        };
        let from = k8s_id(&listing.cluster, namespace, "PersistentVolumeClaim", claim);
        let to = volume_id(volume, listing);
        let mut edges = Vec::new();
        if let Some(behind) = self.by_volume.get(volume).filter(|b| b.to != to) {
            edges.push(mounts(from.clone(), behind));
        }
        edges.push(edge(from, EdgeKind::Mounts, to));
        edges
    }

    /// The edge from a volume to what is behind it.
    pub(crate) fn edge_behind(&self, volume: &str, listing: &Listing) -> Option<Edge> {
        let from = volume_id(volume, listing);
        let behind = self.by_volume.get(volume).filter(|b| b.to != from)?;
        Some(mounts(from, behind))
    }
}

fn volume_id(volume: &str, listing: &Listing) -> String {
    k8s_id(&listing.cluster, "", "PersistentVolume", volume)
}

/// An edge to a file system, which says which access point and folder of it.
pub(crate) fn mounts(from: String, behind: &Backing) -> Edge {
    let mut edge = edge(from, EdgeKind::Mounts, behind.to.clone());
    let mut say = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            edge.extra.insert(key.to_owned(), value.clone().into());
        }
    };
    say("access_point", &behind.access_point);
    say("path", &behind.path);
    edge
}

/// The volume that a claim names.
pub(crate) fn volume_of(claim: &PersistentVolumeClaim) -> Option<&str> {
    let bound = claim.spec.as_ref()?.volume_name.as_deref()?;
    (!bound.is_empty()).then_some(bound)
}

/// Namespace and name of the claim that a volume names.
pub(crate) fn claimed_by(volume: &PersistentVolume) -> Option<(String, String)> {
    let claim = volume.spec.as_ref()?.claim_ref.as_ref()?;
    Some((claim.namespace.clone()?, claim.name.clone()?))
}

/// What is behind a volume: EFS through its CSI driver or NFS, any other NFS server, any other CSI
/// volume.
pub(crate) fn behind(volume: &PersistentVolume, listing: &Listing) -> Option<Backing> {
    let spec = volume.spec.as_ref()?;
    if let Some(nfs) = &spec.nfs {
        return Some(Backing {
            to: nfs_id(&nfs.server, &nfs.path),
            access_point: None,
            path: Some(nfs.path.clone()).filter(|path| path != "/"),
        });
    }
    let csi = spec.csi.as_ref()?;
    if csi.driver != EFS_DRIVER {
        return Some(Backing {
            to: volume_id(name(&volume.metadata), listing),
            ..Backing::default()
        });
    }
    // The handle is `fs-…`, `fs-…:/path` or `fs-…:[/path]:fsap-…` (the driver's README).
    let mut parts = csi.volume_handle.splitn(3, ':');
    let mut part = || {
        parts
            .next()
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
    };
    let (file_system, path, access_point) = (part().unwrap_or_default(), part(), part());
    Some(Backing {
        to: aws_id(&file_system),
        access_point,
        path: path.filter(|path| path != "/"),
    })
}

/// Resource id of an NFS export; EFS is known by its DNS name
/// `<file system>.efs.<region>.amazonaws.com`.
pub(crate) fn nfs_id(server: &str, path: &str) -> String {
    let mut parts = server.split('.');
    // One Zone file systems have the availability zone in front of the id.
    let id = parts.by_ref().find(|part| part.starts_with("fs-"));
    match (id, parts.next()) {
        (Some(id), Some("efs")) => aws_id(id),
        _ => format!("nfs:{server}:{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efs_is_known_by_its_name_in_the_dns() {
        for (server, id) in [
            ("fs-0123abcd.efs.eu-west-1.amazonaws.com", "aws:fs-0123abcd"),
            (
                "eu-west-1a.fs-0123abcd.efs.eu-west-1.amazonaws.com",
                "aws:fs-0123abcd",
            ),
            ("10.0.0.7", "nfs:10.0.0.7:/x"),
            ("fs-01.example.org", "nfs:fs-01.example.org:/x"),
        ] {
            assert_eq!(nfs_id(server, "/x"), id);
        }
    }
}
