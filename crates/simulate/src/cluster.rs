//! The cluster: nodes, and Deployments with their pods.

use crate::random::Random;
use model::{
    Edge, EdgeKind, Extra, Timestamp,
    time::DAY,
    topology::{aws_id, k8s_id},
};

/// Name of the cluster.
pub(crate) const CLUSTER: &str = "web-eu-west-1";
/// Id of the file system that the sites share.
pub(crate) const FILE_SYSTEM: &str = "fs-3a7c51f2";
/// The database of the sites.
pub(crate) const DATABASE: &str = "sites-mysql";
/// Letters of Kubernetes' generated names.
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Customer sites, by namespace: name, and pods in production.
const SITES: [(&str, usize); 12] = [
    ("alder-outdoor", 3),
    ("bramble-books", 2),
    ("copperkettle", 2),
    ("dockside-cycles", 3),
    ("elmfield-school", 2),
    ("foxglove-florist", 2),
    ("harbour-theatre", 3),
    ("larkrise-hotel", 2),
    ("millstone-bakery", 2),
    ("northgate-museum", 2),
    ("oakhurst-estates", 2),
    ("pennine-rail", 4),
];

/// Workloads that neither run PHP nor mount the file system: namespace, name, pods.
const PLATFORM: [(&str, &str, usize); 5] = [
    ("ingress-nginx", "nginx-ingress-controller", 4),
    ("search", "product-search", 3),
    ("mail", "mail-relay", 2),
    ("monitoring", "blackbox-exporter", 2),
    ("cert-manager", "cert-manager", 1),
];

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its name.
    pub name: String,
    /// Whether it is a spot instance.
    pub spot: bool,
}

/// A pod.
#[derive(Clone, Debug)]
pub(crate) struct Pod {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Node.
    pub node: String,
    /// Creation.
    pub created: Timestamp,
}

/// A Deployment with its pods.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Whether it runs PHP, and so mounts the file system (sessions, uploads, logs).
    pub php: bool,
    /// Revision of the Deployment.
    pub revision: i64,
    /// Image.
    pub image: String,
    /// Its pods.
    pub pods: Vec<Pod>,
}

impl Workload {
    /// Resource id.
    pub(crate) fn resource(&self) -> String {
        k8s_id(CLUSTER, &self.namespace, "Deployment", &self.name)
    }

    /// Whether a customer's visitors see it.
    pub(crate) fn is_production(&self) -> bool {
        self.php && self.name.ends_with("-production")
    }
}

/// Nodes and workloads.
pub(crate) struct Cluster {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Workloads.
    pub workloads: Vec<Workload>,
    /// PHP's version in new images.
    pub php_version: &'static str,
    /// Nodes that were replaced so far.
    replaced: usize,
    random: Random,
}

impl Cluster {
    /// The cluster as it stands at `at`, with pods of different ages.
    pub(crate) fn new(seed: u64, at: Timestamp, php_version: &'static str) -> Self {
        let mut random = Random::new(seed, "cluster");
        let nodes = (0..8).map(|i| new_node(&mut random, i, i >= 5)).collect();
        let mut cluster = Self {
            nodes,
            workloads: Vec::new(),
            php_version,
            replaced: 0,
            random,
        };
        for (site, pods) in SITES {
            cluster.deploy(site, &format!("{site}-production"), true, pods, at);
            cluster.deploy(site, &format!("{site}-staging"), true, 1, at);
        }
        for (namespace, name, pods) in PLATFORM {
            cluster.deploy(namespace, name, false, pods, at);
        }
        cluster
    }

    fn deploy(&mut self, namespace: &str, name: &str, php: bool, pods: usize, at: Timestamp) {
        let age = self.random.whole(DAY, 30 * DAY);
        let version = self.random.whole(10, 60);
        let mut workload = Workload {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            php,
            revision: self.random.whole(4, 90),
            image: image(name, php, self.php_version, version),
            pods: Vec::new(),
        };
        workload.pods = self.fresh_pods(&workload, pods, at.plus(-age));
        self.workloads.push(workload);
    }

    /// Pods of a new `ReplicaSet`, each on another node while there are enough.
    fn fresh_pods(&mut self, workload: &Workload, count: usize, at: Timestamp) -> Vec<Pod> {
        let length = if self.random.chance(0.8) { 10 } else { 9 };
        let hash = self.random.letters(SAFE, length);
        let first = self.random.index(self.nodes.len());
        (0..count)
            .filter_map(|i| {
                let node = self.nodes.get((first + i * 3) % self.nodes.len())?;
                Some(Pod {
                    namespace: workload.namespace.clone(),
                    name: format!("{}-{hash}-{}", workload.name, self.random.letters(SAFE, 5)),
                    node: node.name.clone(),
                    created: at,
                })
            })
            .collect()
    }

    /// Replaces a workload's pods by a new revision; the old pods.
    pub(crate) fn replace(&mut self, index: usize, image: String, at: Timestamp) -> Vec<Pod> {
        let Some(mut workload) = self.workloads.get(index).cloned() else {
            return Vec::new();
        };
        workload.revision += 1;
        workload.image = image;
        let fresh = self.fresh_pods(&workload, workload.pods.len(), at);
        let old = std::mem::replace(&mut workload.pods, fresh);
        if let Some(slot) = self.workloads.get_mut(index) {
            *slot = workload;
        }
        old
    }

    /// A pod of an earlier revision of a workload, on that node.
    pub(crate) fn forgotten_pod(
        &mut self,
        index: usize,
        node: usize,
        at: Timestamp,
    ) -> Option<Pod> {
        let workload = self.workloads.get(index)?.clone();
        let mut pod = self.fresh_pods(&workload, 1, at).pop()?;
        pod.node.clone_from(&self.nodes.get(node)?.name);
        Some(pod)
    }

    /// Replaces a spot node that is not among `keep` by a new one; both names. Its pods come
    /// back on the new one.
    pub(crate) fn replace_spot(
        &mut self,
        at: Timestamp,
        keep: &[String],
    ) -> Option<(String, String)> {
        let slot = self
            .nodes
            .iter()
            .rposition(|n| n.spot && !keep.contains(&n.name))?;
        self.replaced += 1;
        let fresh = new_node(&mut self.random, self.nodes.len() + self.replaced, true);
        let node = self.nodes.get_mut(slot)?;
        let old = std::mem::replace(node, fresh.clone());
        for pod in self.workloads.iter_mut().flat_map(|w| &mut w.pods) {
            if pod.node == old.name {
                // The `ReplicaSet` makes a new pod there.
                let stem = pod.name.rsplit_once('-').map_or("", |(stem, _)| stem);
                pod.name = format!("{stem}-{}", self.random.letters(SAFE, 5));
                pod.node.clone_from(&fresh.name);
                pod.created = at;
            }
        }
        Some((old.name, fresh.name))
    }

    /// Moves a pod of that workload to one of these nodes, unless one is there already.
    pub(crate) fn settle(&mut self, name: &str, nodes: &[String]) {
        let workload = self.workloads.iter_mut().find(|w| w.name == name);
        let Some(pods) = workload.map(|w| &mut w.pods) else {
            return;
        };
        let there = pods.iter().any(|p| nodes.contains(&p.node));
        if let (false, Some(pod), Some(node)) = (there, pods.first_mut(), nodes.first()) {
            pod.node.clone_from(node);
        }
    }

    /// Index of the workload of that name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.workloads.iter().position(|w| w.name == name)
    }

    /// Indices of the workloads that run PHP.
    pub(crate) fn php(&self) -> Vec<usize> {
        (0..self.workloads.len())
            .filter(|&i| self.workloads.get(i).is_some_and(|w| w.php))
            .collect()
    }

    /// What hangs together, as the cluster stands now.
    pub(crate) fn topology(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        let mut edge = |from: String, kind: EdgeKind, to: String| {
            edges.push(Edge {
                from,
                to,
                kind,
                extra: Extra::new(),
            });
        };
        let ingress = k8s_id(
            CLUSTER,
            "ingress-nginx",
            "Deployment",
            "nginx-ingress-controller",
        );
        let search = k8s_id(CLUSTER, "search", "Deployment", "product-search");
        for workload in &self.workloads {
            let id = workload.resource();
            for pod in &workload.pods {
                let pod_id = k8s_id(CLUSTER, &pod.namespace, "Pod", &pod.name);
                let node_id = k8s_id(CLUSTER, "", "Node", &pod.node);
                edge(id.clone(), EdgeKind::Owns, pod_id.clone());
                edge(pod_id, EdgeKind::RunsOn, node_id);
            }
            if workload.php {
                edge(id.clone(), EdgeKind::Mounts, aws_id(FILE_SYSTEM));
                edge(id.clone(), EdgeKind::Calls, aws_id(DATABASE));
            }
            if workload.is_production() {
                edge(ingress.clone(), EdgeKind::Calls, id.clone());
                if workload.namespace == "alder-outdoor" {
                    edge(id, EdgeKind::Calls, search.clone());
                }
            }
        }
        edges
    }
}

/// An image's reference: sites are built on a PHP base, whose version is part of the tag.
pub(crate) fn image(name: &str, php: bool, php_version: &str, build: i64) -> String {
    if php {
        format!("registry.example.com/sites/{name}:php{php_version}-b{build}")
    } else {
        format!("registry.example.com/platform/{name}:1.{build}.0")
    }
}

fn new_node(random: &mut Random, slot: usize, spot: bool) -> Node {
    // One /24 for each node that ever was keeps the addresses apart.
    let (subnet, host) = (16 + slot, random.whole(11, 249));
    Node {
        name: format!("ip-10-20-{subnet}-{host}.eu-west-1.compute.internal"),
        spot,
    }
}

/// Age in `kubectl`'s words, as `duration.HumanDuration` of Kubernetes' apimachinery writes it.
pub(crate) fn age_text(ms: i64) -> String {
    let s = ms.max(0) / 1000;
    let (m, h, d) = (s / 60, s / 3600, s / 86_400);
    let two = |a: i64, x: &str, b: i64, y: &str| match b {
        0 => format!("{a}{x}"),
        _ => format!("{a}{x}{b}{y}"),
    };
    match () {
        () if s < 120 => format!("{s}s"),
        () if m < 10 => two(m, "m", s % 60, "s"),
        () if m < 180 => format!("{m}m"),
        () if h < 8 => two(h, "h", m % 60, "m"),
        () if h < 48 => format!("{h}h"),
        () if h < 192 => two(d, "d", h % 24, "h"),
        () => format!("{}d", ms / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::HOUR;

    #[test]
    fn ages_read_as_kubectl_writes_them() {
        let hours = |h| age_text(h * HOUR);
        assert_eq!(
            [
                hours(25),
                hours(79),
                hours(35 * 24),
                hours(3),
                age_text(90_000)
            ],
            ["25h", "3d7h", "35d", "3h", "90s"]
        );
    }

    #[test]
    fn a_replaced_node_has_another_name_and_its_pods_come_back() {
        let at = Timestamp::from_seconds(1_590_000_000);
        let mut cluster = Cluster::new(3, at.plus(-DAY), "7.4.5");
        for _ in 0..3 {
            let names: Vec<String> = cluster.nodes.iter().map(|n| n.name.clone()).collect();
            let (old, new) = cluster.replace_spot(at, &[]).unwrap();
            assert!(
                names.contains(&old) && !names.contains(&new),
                "{old}, {new}"
            );
            let mut pods = cluster.workloads.iter().flat_map(|w| &w.pods);
            assert!(pods.all(|p| p.node != old));
        }
    }

    #[test]
    fn production_pods_run_on_two_nodes_at_least() {
        let cluster = Cluster::new(3, Timestamp::from_seconds(1_590_000_000), "7.4.5");
        for workload in cluster.workloads.iter().filter(|w| w.is_production()) {
            let mut nodes: Vec<_> = workload.pods.iter().map(|p| &p.node).collect();
            nodes.sort();
            nodes.dedup();
            assert!(nodes.len() >= 2, "{}", workload.name);
        }
    }
}
