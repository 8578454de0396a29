//! Ready-made queries, as data. Metrics as their exporters' documentation names them:
//! kube-state-metrics 2, node exporter 1, blackbox exporter 0.2x, ingress-nginx 1.

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Series.
    Series,
    /// Series, and the instants at which the exporter of the preset was seen at all.
    Alive,
    /// `pod_terminating` events; the values are deletion timestamps, seconds since the epoch.
    Terminating,
    /// When the samples behind the answer to [`Role::Terminating`] were taken, seconds since the
    /// epoch: a range query repeats a sample that got no successor.
    Seen,
    /// Which pod runs on which node: edges.
    Placement,
}

/// One query of a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresetQuery {
    /// Id, part of the ids of its series.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// `PromQL`; `$__rate_interval` stands for the span that a `rate()` needs at the step of the call.
    pub query: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Statistic; empty: what was there at the instant.
    pub stat: &'static str,
    /// Label that names what the series measures, where it is there.
    pub resource_label: Option<&'static str>,
    /// What becomes of the answer.
    pub role: Role,
}

/// Queries that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Name in the configuration.
    pub name: &'static str,
    /// What it shows, and what it needs.
    pub title: &'static str,
    /// Its queries.
    pub queries: &'static [PresetQuery],
}

/// A query whose answer becomes series.
const fn series(
    id: &'static str,
    name: &'static str,
    unit: &'static str,
    query: &'static str,
) -> PresetQuery {
    PresetQuery {
        id,
        name,
        query,
        unit,
        stat: "",
        resource_label: None,
        role: Role::Series,
    }
}

impl PresetQuery {
    const fn counter(self) -> Self {
        Self {
            stat: "Counter",
            ..self
        }
    }

    const fn stat(self, stat: &'static str) -> Self {
        Self { stat, ..self }
    }

    const fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    const fn about(self, label: &'static str) -> Self {
        Self {
            resource_label: Some(label),
            ..self
        }
    }
}

/// All there are.
pub const PRESETS: [Preset; 5] = [
    Preset {
        name: "kube-state",
        title: "Kubernetes objects by kube-state-metrics: Terminating pods, rollouts, nodes, restarts",
        queries: &[
            series(
                "kube.pods",
                "Pods",
                "Count",
                "count by (cluster) (kube_pod_info)",
            )
            .role(Role::Alive),
            series(
                "kube.terminating",
                "kube_pod_deletion_timestamp",
                "Seconds",
                "kube_pod_deletion_timestamp",
            )
            .role(Role::Terminating),
            series(
                "kube.terminating_seen",
                "kube_pod_deletion_timestamp",
                "Seconds",
                "timestamp(kube_pod_deletion_timestamp)",
            )
            .role(Role::Seen),
            series(
                "kube.terminating_nodes",
                "kube_pod_info",
                "",
                // Only of pods that are being deleted: one series a pod of a large cluster is a lot.
                "kube_pod_info and on (cluster, namespace, pod, uid) kube_pod_deletion_timestamp",
            )
            .role(Role::Placement),
            series(
                "kube.generation",
                "Deployment generation",
                "",
                "kube_deployment_metadata_generation",
            ),
            series(
                "kube.observed_generation",
                "Deployment generation observed",
                "",
                "kube_deployment_status_observed_generation",
            ),
            series(
                "kube.replicas_wanted",
                "Replicas wanted",
                "Count",
                "kube_deployment_spec_replicas",
            ),
            series(
                "kube.replicas_available",
                "Replicas available",
                "Count",
                "kube_deployment_status_replicas_available",
            ),
            series(
                "kube.replicas_updated",
                "Replicas updated",
                "Count",
                "kube_deployment_status_replicas_updated",
            ),
            series(
                "kube.node_ready",
                "Node ready",
                "",
                "kube_node_status_condition{condition=\"Ready\",status=\"true\"}",
            )
            .about("node"),
            series(
                "kube.node_pressure",
                "Node condition",
                "",
                "kube_node_status_condition{condition!=\"Ready\",status=\"true\"}",
            )
            .about("node"),
            series(
                "kube.restarts",
                "Container restarts",
                "Count",
                // Those that never restarted say nothing.
                "kube_pod_container_status_restarts_total > 0",
            )
            .counter(),
        ],
    },
    Preset {
        name: "nfs-client",
        title: "NFS client of each node by node exporter: calls by method, retransmissions",
        queries: &[
            series(
                "nfs.requests",
                "NFS calls",
                "Count",
                "node_nfs_requests_total > 0",
            )
            .counter()
            .about("node"),
            series("nfs.rpcs", "NFS RPCs", "Count", "node_nfs_rpcs_total")
                .counter()
                .about("node"),
            series(
                "nfs.retransmissions",
                "NFS retransmissions",
                "Count",
                "node_nfs_rpc_retransmissions_total",
            )
            .counter()
            .about("node"),
        ],
    },
    Preset {
        name: "nfs-mounts",
        title: "NFS by mount and operation by node exporter with --collector.mountstats",
        queries: &[
            series(
                "nfs.mount_requests",
                "NFS calls by mount",
                "Count",
                "node_mountstats_nfs_operations_requests_total > 0",
            )
            .counter()
            .about("node"),
            series(
                "nfs.mount_request_time",
                "NFS time of calls",
                "Seconds",
                "node_mountstats_nfs_operations_request_time_seconds_total > 0",
            )
            .counter()
            .about("node"),
            series(
                "nfs.mount_queue_time",
                "NFS time in queue",
                "Seconds",
                "node_mountstats_nfs_operations_queue_time_seconds_total > 0",
            )
            .counter()
            .about("node"),
            series(
                "nfs.mount_read",
                "NFS bytes read",
                "Bytes",
                "node_mountstats_nfs_total_read_bytes_total",
            )
            .counter()
            .about("node"),
            series(
                "nfs.mount_written",
                "NFS bytes written",
                "Bytes",
                "node_mountstats_nfs_total_write_bytes_total",
            )
            .counter()
            .about("node"),
        ],
    },
    Preset {
        name: "blackbox",
        title: "Probes from outside by blackbox exporter: success and duration",
        queries: &[
            series(
                "probe.duration",
                "Probe duration",
                "Seconds",
                "probe_duration_seconds",
            )
            .about("instance"),
            series("probe.success", "Probe success", "", "probe_success").about("instance"),
        ],
    },
    Preset {
        name: "ingress-nginx",
        title: "Requests through ingress-nginx: latency, number, 5xx",
        queries: &[
            series(
                "ingress.latency_p50",
                "Ingress latency",
                "Seconds",
                "histogram_quantile(0.5, sum by (le, cluster, namespace, exported_namespace, ingress) \
                 (rate(nginx_ingress_controller_request_duration_seconds_bucket[$__rate_interval])))",
            )
            .stat("p50")
            .about("ingress"),
            series(
                "ingress.latency_p99",
                "Ingress latency",
                "Seconds",
                "histogram_quantile(0.99, sum by (le, cluster, namespace, exported_namespace, ingress) \
                 (rate(nginx_ingress_controller_request_duration_seconds_bucket[$__rate_interval])))",
            )
            .stat("p99")
            .about("ingress"),
            series(
                "ingress.requests",
                "Ingress requests",
                "Count/Second",
                "sum by (cluster, namespace, exported_namespace, ingress) \
                 (rate(nginx_ingress_controller_requests[$__rate_interval]))",
            )
            .about("ingress"),
            series(
                "ingress.errors",
                "Ingress 5xx",
                "Count/Second",
                "sum by (cluster, namespace, exported_namespace, ingress) \
                 (rate(nginx_ingress_controller_requests{status=~\"5..\"}[$__rate_interval]))",
            )
            .about("ingress"),
        ],
    },
];

/// Their names, for messages.
pub(super) const NAMES: &str = "one of kube-state, nfs-client, nfs-mounts, blackbox, ingress-nginx";

/// The preset of that name.
pub fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// Whether some preset has a query of that id.
pub(super) fn has_query(id: &str) -> bool {
    let queries = PRESETS.iter().flat_map(|preset| preset.queries);
    queries.into_iter().any(|query| query.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_ids_are_each_there_once_and_named_in_messages() {
        let mut ids = BTreeSet::new();
        for preset in PRESETS {
            assert!(NAMES.contains(preset.name), "{}", preset.name);
            assert_eq!(find(preset.name), PRESETS.iter().find(|p| **p == preset));
            for query in preset.queries {
                assert!(ids.insert(query.id), "{} is there twice", query.id);
                assert!(has_query(query.id));
            }
        }
        assert_eq!(NAMES.split(", ").count(), PRESETS.len());
        assert_eq!(find("nothing"), None);
    }
}
