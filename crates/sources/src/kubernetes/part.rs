//! The kinds of objects that are read from a live cluster, and where its API has them.

use model::source::Need;

/// One kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Nodes.
    Nodes,
    /// Persistent volumes.
    Volumes,
    /// Persistent volume claims.
    Claims,
    /// Deployments.
    Deployments,
    /// Stateful sets.
    StatefulSets,
    /// Daemon sets.
    DaemonSets,
    /// Replica sets: the revisions of Deployments.
    ReplicaSets,
    /// The revisions of stateful and daemon sets.
    ControllerRevisions,
    /// Pods.
    Pods,
    /// Cron jobs.
    CronJobs,
    /// Jobs.
    Jobs,
    /// Events of the API.
    Events,
    /// Applications of Argo CD.
    Applications,
    /// Kustomizations of Flux.
    Kustomizations,
    /// Helm releases of Flux.
    HelmReleases,
    /// The revisions of Helm's own releases, which it keeps in secrets; of these the metadata alone,
    /// and only where the configuration says so.
    HelmRevisions,
}

/// Where an API server has a kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// API group, empty for the core.
    pub group: &'static str,
    /// Version.
    pub version: &'static str,
    /// Plural, as in the path and in RBAC rules.
    pub plural: &'static str,
    /// Only objects with these labels are asked for, and of them nothing but the metadata.
    pub only_labels: Option<&'static str>,
}

const fn resource(group: &'static str, version: &'static str, plural: &'static str) -> Resource {
    Resource {
        group,
        version,
        plural,
        only_labels: None,
    }
}

impl Resource {
    /// Path of the collection: of one namespace, or of all where that is empty.
    pub fn path(&self, namespace: &str) -> String {
        let Self {
            group,
            version,
            plural,
            ..
        } = self;
        let api = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        if namespace.is_empty() {
            format!("{api}/{plural}")
        } else {
            format!("{api}/namespaces/{namespace}/{plural}")
        }
    }
}

impl Resource {
    /// `replicasets.apps`, as permissions name it.
    pub fn shown(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }
}

impl Part {
    /// Every kind. Nodes come first: what events say of nodes counts only where nodes themselves
    /// may not be read.
    pub const ALL: [Self; 16] = [
        Self::Nodes,
        Self::Volumes,
        Self::Claims,
        Self::Deployments,
        Self::StatefulSets,
        Self::DaemonSets,
        Self::ReplicaSets,
        Self::ControllerRevisions,
        Self::Pods,
        Self::CronJobs,
        Self::Jobs,
        Self::Events,
        Self::Applications,
        Self::Kustomizations,
        Self::HelmReleases,
        Self::HelmRevisions,
    ];

    /// Where the API has it, the one to prefer first: an older server has it elsewhere.
    pub const fn resources(self) -> &'static [Resource] {
        const EVENTS: &str = "events.k8s.io";
        const FLUX: &str = "kustomize.toolkit.fluxcd.io";
        const HELM: &str = "helm.toolkit.fluxcd.io";
        match self {
            Self::Nodes => const { &[resource("", "v1", "nodes")] },
            Self::Volumes => const { &[resource("", "v1", "persistentvolumes")] },
            Self::Claims => const { &[resource("", "v1", "persistentvolumeclaims")] },
            Self::Deployments => const { &[resource("apps", "v1", "deployments")] },
            Self::StatefulSets => const { &[resource("apps", "v1", "statefulsets")] },
            Self::DaemonSets => const { &[resource("apps", "v1", "daemonsets")] },
            Self::ReplicaSets => const { &[resource("apps", "v1", "replicasets")] },
            Self::ControllerRevisions => const { &[resource("apps", "v1", "controllerrevisions")] },
            Self::Pods => const { &[resource("", "v1", "pods")] },
            // Kubernetes 1.20 has no batch/v1 for cron jobs.
            Self::CronJobs => {
                const {
                    &[
                        resource("batch", "v1", "cronjobs"),
                        resource("batch", "v1beta1", "cronjobs"),
                    ]
                }
            }
            Self::Jobs => const { &[resource("batch", "v1", "jobs")] },
            // Both show the very same objects, so that reading one of them is enough.
            Self::Events => {
                const {
                    &[
                        resource("", "v1", "events"),
                        resource(EVENTS, "v1", "events"),
                    ]
                }
            }
            Self::Applications => const { &[resource("argoproj.io", "v1alpha1", "applications")] },
            Self::Kustomizations => {
                const {
                    &[
                        resource(FLUX, "v1", "kustomizations"),
                        resource(FLUX, "v1beta2", "kustomizations"),
                    ]
                }
            }
            Self::HelmReleases => {
                const {
                    &[
                        resource(HELM, "v2", "helmreleases"),
                        resource(HELM, "v2beta1", "helmreleases"),
                    ]
                }
            }
            Self::HelmRevisions => {
                const {
                    &[Resource {
                        only_labels: Some("owner=helm"),
                        ..resource("", "v1", "secrets")
                    }]
                }
            }
        }
    }

    /// Kind of its objects.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Nodes => "Node",
            Self::Volumes => "PersistentVolume",
            Self::Claims => "PersistentVolumeClaim",
            Self::Deployments => "Deployment",
            Self::StatefulSets => "StatefulSet",
            Self::DaemonSets => "DaemonSet",
            Self::ReplicaSets => "ReplicaSet",
            Self::ControllerRevisions => "ControllerRevision",
            Self::Pods => "Pod",
            Self::CronJobs => "CronJob",
            Self::Jobs => "Job",
            Self::Events => "Event",
            Self::Applications => "Application",
            Self::Kustomizations => "Kustomization",
            Self::HelmReleases => "HelmRelease",
            Self::HelmRevisions => "Secret",
        }
    }

    /// Name of the part, as in [`crate::source::Keeper::report`]: the plural.
    pub fn name(self) -> &'static str {
        self.resources().first().map_or("", |r| r.plural)
    }

    /// Whether its objects lie in namespaces.
    pub const fn is_namespaced(self) -> bool {
        !matches!(self, Self::Nodes | Self::Volumes)
    }

    /// Whether a cluster need not have it at all: where it does not, nothing is missing.
    pub const fn is_extension(self) -> bool {
        matches!(
            self,
            Self::Applications | Self::Kustomizations | Self::HelmReleases
        )
    }
}

/// What a cluster has to permit, for [`model::source::SourceFacts::needs`]. A test compares it with
/// `docs/permissions/kubernetes.yaml` and with what is asked. The permission for
/// [`Part::HelmRevisions`] is not among them: nobody is asked for it who has not asked for it.
pub const NEEDS: &[Need] = &[
    need(
        "list/watch pods",
        "pods: scheduled, ready, restarted, terminating, gone",
        false,
    ),
    need(
        "list/watch events",
        "warnings, before the cluster forgets them",
        false,
    ),
    need(
        "list/watch nodes",
        "reboots, versions, pressure, nodes that are not ready",
        true,
    ),
    need(
        "list/watch persistentvolumes",
        "which file system a pod mounts",
        true,
    ),
    need(
        "list/watch persistentvolumeclaims",
        "which file system a pod mounts",
        true,
    ),
    need(
        "list/watch replicasets.apps",
        "rollouts of Deployments",
        false,
    ),
    need(
        "list/watch deployments.apps",
        "who rolled out, and scaling",
        true,
    ),
    need(
        "list/watch statefulsets.apps",
        "who rolled out, and scaling",
        true,
    ),
    need("list/watch daemonsets.apps", "who rolled out", true),
    need(
        "list/watch controllerrevisions.apps",
        "rollouts of StatefulSets and DaemonSets",
        true,
    ),
    need("list/watch jobs.batch", "runs of jobs", true),
    need("list/watch cronjobs.batch", "schedules of jobs", true),
    need(
        "list/watch events.events.k8s.io",
        "warnings, where core events may not be read",
        true,
    ),
    need(
        "list/watch applications.argoproj.io",
        "what Argo CD deployed",
        true,
    ),
    need(
        "list/watch kustomizations.kustomize.toolkit.fluxcd.io",
        "what Flux applied",
        true,
    ),
    need(
        "list/watch helmreleases.helm.toolkit.fluxcd.io",
        "what Flux released",
        true,
    ),
];

const fn need(permission: &'static str, purpose: &'static str, optional: bool) -> Need {
    Need {
        permission,
        purpose,
        optional,
    }
}
