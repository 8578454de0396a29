//! What labels say: which series it is, and what it measures.

use model::topology::k8s_id;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The labels of a series, the metric's name among them as `__name__`.
pub(super) type Labels = BTreeMap<String, String>;

/// The label of the metric's name.
pub(super) const METRIC: &str = "__name__";

/// Labels that name an object of Kubernetes, the kind, and whether it lives in a namespace; the
/// first that is there counts. `pod` stands last but for the node: where it is not `exported_pod`,
/// it may be the exporter's own.
const OBJECTS: [(&str, &str, bool); 11] = [
    ("exported_pod", "Pod", true),
    ("deployment", "Deployment", true),
    ("statefulset", "StatefulSet", true),
    ("daemonset", "DaemonSet", true),
    ("replicaset", "ReplicaSet", true),
    ("job_name", "Job", true),
    ("cronjob", "CronJob", true),
    ("persistentvolumeclaim", "PersistentVolumeClaim", true),
    ("ingress", "Ingress", true),
    ("pod", "Pod", true),
    ("node", "Node", false),
];

fn get<'a>(labels: &'a Labels, name: &str) -> Option<&'a str> {
    labels
        .get(name)
        .map(String::as_str)
        .filter(|v| !v.is_empty())
}

/// The cluster: the series' own word, else the configuration's.
pub(super) fn cluster<'a>(labels: &'a Labels, configured: &'a str) -> &'a str {
    get(labels, "cluster").unwrap_or(configured)
}

/// The namespace of what is measured: Prometheus renames an exporter's label to `exported_namespace`
/// where the scrape has one of its own (`honor_labels: false`).
pub(super) fn namespace(labels: &Labels) -> &str {
    get(labels, "exported_namespace")
        .or_else(|| get(labels, "namespace"))
        .unwrap_or_default()
}

/// The pod that is measured.
pub(super) fn pod(labels: &Labels) -> Option<&str> {
    get(labels, "exported_pod").or_else(|| get(labels, "pod"))
}

/// The node that is measured, or runs what is measured.
pub(super) fn node(labels: &Labels) -> Option<&str> {
    get(labels, "exported_node").or_else(|| get(labels, "node"))
}

/// The unique id of the pod.
pub(super) fn uid(labels: &Labels) -> Option<&str> {
    get(labels, "uid")
}

/// Resource id of what a series measures. A label that the query names comes first, and where a
/// series does not have it, what was scraped.
pub(super) fn resource(
    labels: &Labels,
    label: Option<&str>,
    configured_cluster: &str,
) -> Option<String> {
    let scraped = || Some(format!("instance:{}", get(labels, "instance")?));
    let of = |(name, kind, namespaced): &(&str, &str, bool)| {
        let value = get(labels, name)?;
        let namespace = if *namespaced { namespace(labels) } else { "" };
        let cluster = cluster(labels, configured_cluster);
        Some(k8s_id(cluster, namespace, kind, value))
    };
    match label {
        Some(label) => OBJECTS
            .iter()
            .find(|(name, ..)| *name == label)
            .and_then(of)
            .or_else(|| Some(format!("{label}:{}", get(labels, label)?)))
            .or_else(scraped),
        None => OBJECTS.iter().find_map(of).or_else(scraped),
    }
}

/// 16 hexadecimal digits that stand for these labels: the first 64 bits of a SHA-256, so that of the
/// 10,000 series of a bundle two fall together once in 10^11 bundles.
pub(super) fn hash(labels: &Labels) -> String {
    let mut hasher = Sha256::new();
    for (name, value) in labels {
        hasher.update(name);
        // No label holds a byte that UTF-8 does not have.
        hasher.update([0xff]);
        hasher.update(value);
        hasher.update([0xff]);
    }
    let digest = hasher.finalize();
    model::bundle::hex(digest.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        let owned = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn resources_follow_the_conventions() {
        for (pairs, label, id) in [
            (
                &[("namespace", "shop"), ("pod", "web-1"), ("instance", "i")][..],
                None,
                Some("k8s:prod/shop/Pod/web-1"),
            ),
            (
                &[("cluster", "b"), ("namespace", "shop"), ("pod", "web-1")],
                None,
                Some("k8s:b/shop/Pod/web-1"),
            ),
            // The exporter's own pod and namespace are not what is measured.
            (
                &[
                    ("namespace", "monitoring"),
                    ("pod", "ksm"),
                    ("exported_namespace", "shop"),
                    ("deployment", "web"),
                ],
                None,
                Some("k8s:prod/shop/Deployment/web"),
            ),
            (
                &[
                    ("namespace", "monitoring"),
                    ("pod", "ksm"),
                    ("exported_namespace", "shop"),
                    ("exported_pod", "web-1"),
                ],
                None,
                Some("k8s:prod/shop/Pod/web-1"),
            ),
            (
                &[("pod", "exporter"), ("node", "n1"), ("instance", "i")],
                Some("node"),
                Some("k8s:prod//Node/n1"),
            ),
            (
                &[("pod", "exporter"), ("instance", "10.0.0.1:9100")],
                Some("node"),
                Some("instance:10.0.0.1:9100"),
            ),
            (
                &[("volume", "v1"), ("pod", "x")],
                Some("volume"),
                Some("volume:v1"),
            ),
            (&[("instance", "x")], None, Some("instance:x")),
            (&[("job", "x"), ("pod", "")], None, None),
        ] {
            assert_eq!(
                resource(&labels(pairs), label, "prod").as_deref(),
                id,
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn labels_that_differ_in_their_cut_differ_in_their_hash() {
        let a = hash(&labels(&[("a", "bc")]));
        assert_eq!(a, hash(&labels(&[("a", "bc")])));
        assert_eq!(a.len(), 16);
        for other in [&[("ab", "c")][..], &[("a", "b"), ("c", "")], &[]] {
            assert_ne!(a, hash(&labels(other)), "{other:?}");
        }
    }
}
