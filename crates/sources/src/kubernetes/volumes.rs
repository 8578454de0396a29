//! Persistent volumes: which file system is behind a claim.

use super::{
    Listing,
    meta::{edge, name, namespace, resource},
};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use model::{
    Edge, EdgeKind,
    topology::{aws_id, k8s_id},
};
use std::collections::BTreeMap;

/// Driver name of the Amazon EFS CSI driver (kubernetes-sigs/aws-efs-csi-driver).
const EFS_DRIVER: &str = "efs.csi.aws.com";

/// Resource id of what is behind each claim, by the claim's namespace and name.
#[derive(Debug, Default)]
pub struct Volumes {
    by_claim: BTreeMap<(String, String), String>,
}

impl Volumes {
    /// From the volumes of a cluster, and its claims where they name their volume.
    pub fn new<'a>(
        volumes: impl Iterator<Item = &'a PersistentVolume>,
        claims: impl Iterator<Item = &'a PersistentVolumeClaim>,
    ) -> Self {
        let mut by_claim = BTreeMap::new();
        let mut by_volume = BTreeMap::new();
        for volume in volumes {
            let Some(spec) = &volume.spec else { continue };
            let Some(behind) = behind(volume) else {
                continue;
            };
            if let Some(claim) = &spec.claim_ref {
                let key = (claim.namespace.clone(), claim.name.clone());
                let key = (key.0.unwrap_or_default(), key.1.unwrap_or_default());
                by_claim.insert(key, behind.clone());
            }
            by_volume.insert(name(&volume.metadata), behind);
        }
        for claim in claims {
            let bound = claim.spec.as_ref().and_then(|s| s.volume_name.as_deref());
            if let Some(behind) = bound.and_then(|volume| by_volume.get(volume)) {
                let meta = &claim.metadata;
                let key = (namespace(meta).to_owned(), name(meta).to_owned());
                by_claim.insert(key, behind.clone());
            }
        }
        Self { by_claim }
    }

    /// Resource id of the file system behind a claim, where it is known.
    pub fn behind(&self, namespace: &str, claim: &str) -> Option<&str> {
        let key = (namespace.to_owned(), claim.to_owned());
        self.by_claim.get(&key).map(String::as_str)
    }

    /// One edge from each claim to what is behind it.
    pub fn edges(&self, listing: &Listing) -> Vec<Edge> {
        self.by_claim
            .iter()
            .map(|((namespace, name), behind)| {
                let kind = "PersistentVolumeClaim";
                let claim = k8s_id(&listing.cluster, namespace, kind, name);
                edge(claim, EdgeKind::Mounts, behind.clone())
            })
            .collect()
    }
}

/// The file system behind a volume: EFS through its CSI driver or NFS, any other NFS server, any
/// other CSI volume.
fn behind(volume: &PersistentVolume) -> Option<String> {
    let spec = volume.spec.as_ref()?;
    if let Some(nfs) = &spec.nfs {
        return Some(nfs_id(&nfs.server, &nfs.path));
    }
    let csi = spec.csi.as_ref()?;
    if csi.driver == EFS_DRIVER {
        // The handle is `fs-…`, `fs-…:/path` or `fs-…::fsap-…` (the driver's README).
        let file_system = csi.volume_handle.split(':').next().unwrap_or("");
        return Some(aws_id(file_system));
    }
    Some(resource(
        &Listing::default(),
        "PersistentVolume",
        &volume.metadata,
    ))
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
