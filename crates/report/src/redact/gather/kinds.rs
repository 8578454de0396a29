//! Kinds of names: what each is called, which rule asks for it, and what tells it.

use model::share::RedactionRules;

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// A namespace.
    Namespace,
    /// A Deployment, or anything else that has a name in a cluster.
    Workload,
    /// A pod.
    Pod,
    /// A node or an instance.
    Node,
    /// A host, an address, a database, a load balancer.
    Host,
    /// A cluster.
    Cluster,
    /// An account.
    Account,
    /// A file system or a volume.
    FileSystem,
    /// An image, without its tag.
    Image,
    /// A person.
    Person,
    /// What somebody asked to be hidden.
    Hidden,
}

impl NameKind {
    /// What a stand-in of that kind begins with.
    pub(in crate::redact) const fn word(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Workload => "app",
            Self::Pod => "pod",
            Self::Node => "node",
            Self::Host => "host",
            Self::Cluster => "cluster",
            Self::Account => "account",
            Self::FileSystem => "fs",
            Self::Image => "image",
            Self::Person => "person",
            Self::Hidden => "hidden",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Workload => "workload",
            Self::Pod => "pod",
            Self::Node => "node",
            Self::Host => "host",
            Self::Cluster => "cluster",
            Self::Account => "account",
            Self::FileSystem => "file system",
            Self::Image => "image",
            Self::Person => "person",
            Self::Hidden => "further word",
        }
    }

    pub(super) fn is_wanted(self, rules: &RedactionRules) -> bool {
        match self {
            Self::Namespace => rules.namespaces,
            Self::Workload => rules.workloads,
            Self::Pod => rules.pods,
            Self::Node => rules.nodes,
            Self::Host => rules.hosts,
            Self::Cluster => rules.clusters,
            Self::Account => rules.accounts,
            Self::FileSystem => rules.file_systems,
            Self::Image => rules.images,
            Self::Person => rules.people,
            Self::Hidden => true,
        }
    }
}

/// Namespaces that every cluster has.
const EVERYWHERE: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// Fewest digits of a number that is a name: shorter ones would tear figures apart.
const NUMBER: usize = 6;

/// What a dimension, label or attribute of that name holds, in the spellings of `CloudWatch`,
/// Prometheus and Kubernetes.
pub(super) fn kind_of(key: &str) -> Option<NameKind> {
    let plain: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Some(match plain.as_str() {
        "namespace"
        | "exportednamespace"
        | "kubernetesnamespace"
        | "k8snamespacename"
        | "kubenamespace" => NameKind::Namespace,
        "pod" | "podname" | "exportedpod" | "kubernetespodname" | "k8spodname" => NameKind::Pod,
        "node"
        | "nodename"
        | "exportednode"
        | "kubernetesnode"
        | "k8snodename"
        | "instanceid"
        | "nodegroup"
        | "autoscalinggroupname" => NameKind::Node,
        "host"
        | "hostname"
        | "instance"
        | "server"
        | "site"
        | "url"
        | "target"
        | "endpoint"
        | "domain"
        | "address"
        | "ip"
        | "loadbalancer"
        | "loadbalancername"
        | "targetgroup"
        | "dbinstanceidentifier"
        | "dbclusteridentifier"
        | "cacheclusterid"
        | "queuename"
        | "topicname"
        | "tablename"
        | "bucketname"
        | "functionname"
        | "apiname"
        | "brokername"
        | "sourceipaddress" => NameKind::Host,
        "cluster" | "clustername" | "k8sclustername" => NameKind::Cluster,
        "account" | "accountid" | "awsaccount" | "awsaccountid" | "owneraccount"
        | "recipientaccountid" => NameKind::Account,
        "filesystemid" | "filesystem" | "volumeid" | "persistentvolumeclaim" => {
            NameKind::FileSystem
        }
        "deployment" | "statefulset" | "daemonset" | "replicaset" | "cronjob" | "jobname"
        | "workload" | "service" | "servicename" | "app" | "application" | "container"
        | "containername" | "ownername" => NameKind::Workload,
        "image" | "imagebefore" | "containerimage" => NameKind::Image,
        "user" | "username" | "author" | "owner" | "actor" | "email" | "by" | "changedby" => {
            NameKind::Person
        }
        _ => return None,
    })
}

/// Whether a name tells nothing, or would tear every text apart: a single character, a short
/// number, what every cluster has.
pub(in crate::redact) fn is_trivial(name: &str) -> bool {
    let mut letters = name.chars().filter(|c| c.is_alphanumeric());
    let number = name
        .chars()
        .all(|c| c.is_ascii_digit() || ".,:-".contains(c));
    let digits = name.chars().filter(char::is_ascii_digit).count();
    letters.next().is_none()
        || name.chars().count() < 2
        || (number && digits < NUMBER && name.parse::<std::net::IpAddr>().is_err())
        || EVERYWHERE.contains(&name)
}

/// Whether a word could be taken for a stand-in.
pub(super) fn is_like_a_stand_in(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let kinds = [
        NameKind::Namespace,
        NameKind::Workload,
        NameKind::Pod,
        NameKind::Node,
        NameKind::Host,
        NameKind::Cluster,
        NameKind::Account,
        NameKind::FileSystem,
        NameKind::Image,
        NameKind::Person,
        NameKind::Hidden,
    ];
    kinds.iter().any(|kind| {
        lower
            .strip_prefix(kind.word())
            .is_some_and(|rest| !rest.is_empty() && rest.len() <= 12)
    })
}
