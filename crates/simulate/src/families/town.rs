//! The town of an incident: one application that people feel, others beside it, and the nodes that
//! they share.

use crate::random::Random;
use model::{
    Edge, EdgeKind, Extra,
    topology::{aws_id, k8s_id},
};

/// Letters of Kubernetes' generated names.
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";
/// Applications that people feel: namespace, and its services from the outermost inwards.
const APPLICATIONS: [(&str, [&str; 5]); 6] = [
    ("shop", ["storefront", "api", "cart", "catalog", "pricing"]),
    ("tickets", ["www", "booking", "seats", "events", "mailer"]),
    (
        "bank",
        ["portal", "gateway", "accounts", "transfers", "rates"],
    ),
    (
        "news",
        ["frontpage", "content", "articles", "images", "comments"],
    ),
    (
        "travel",
        ["site", "search-api", "offers", "hotels", "flights"],
    ),
    ("school", ["lms", "backend", "courses", "files", "grades"]),
];
/// Everything else that runs there.
const OTHERS: [(&str, &str); 10] = [
    ("warehouse", "stock-sync"),
    ("bi", "report-builder"),
    ("intranet", "wiki"),
    ("ml", "trainer"),
    ("ci", "runner"),
    ("crm", "crm-web"),
    ("payroll", "payroll"),
    ("logging", "log-shipper"),
    ("geo", "tile-server"),
    ("legacy", "soap-bridge"),
];

/// A service: a Deployment with its pods.
#[derive(Clone, Debug)]
pub(super) struct Service {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Pods: name and node.
    pub pods: Vec<(String, String)>,
}

/// Everything that runs.
pub(super) struct Town {
    /// Name of the cluster.
    pub cluster: String,
    /// The application that people feel: front, middle, and what the middle calls.
    pub services: Vec<Service>,
    /// Others, which have nothing to do with it.
    pub others: Vec<Service>,
    /// Nodes.
    pub nodes: Vec<String>,
    /// The application's database.
    pub database: String,
    /// The volume under it.
    pub volume: String,
    /// The application's file system.
    pub file_system: String,
    /// Which services of the application mount it.
    pub mounting: Vec<usize>,
    /// The others' own file system.
    pub other_file_system: String,
}

impl Town {
    pub(super) fn new(random: &mut Random) -> Self {
        let cluster = format!("prod-{}", random.letters("abcd", 2));
        let nodes: Vec<String> = (0..random.whole(4, 9))
            .map(|_| format!("ip-10-{}-{}", random.whole(0, 99), random.whole(0, 255)))
            .collect();
        let (namespace, names) = APPLICATIONS[random.index(APPLICATIONS.len())];
        let services = names
            .iter()
            .map(|name| service(random, &nodes, namespace, name))
            .collect();
        let count = random.whole(3, 6) as usize;
        let first = random.index(OTHERS.len());
        let others = (0..count)
            .map(|k| {
                let (namespace, name) = OTHERS[(first + k) % OTHERS.len()];
                service(random, &nodes, namespace, name)
            })
            .collect();
        let mounting = if random.chance(0.5) {
            vec![0, 1]
        } else {
            vec![1, 2, 3]
        };
        Self {
            database: format!("{namespace}-db"),
            volume: format!("vol-{}", random.letters("0123456789abcdef", 8)),
            file_system: format!("fs-{}", random.letters("0123456789abcdef", 8)),
            other_file_system: format!("fs-{}", random.letters("0123456789abcdef", 8)),
            cluster,
            services,
            others,
            nodes,
            mounting,
        }
    }

    /// Resource id of a service.
    pub(super) fn resource(&self, service: &Service) -> String {
        k8s_id(
            &self.cluster,
            &service.namespace,
            "Deployment",
            &service.name,
        )
    }

    /// Callers of a service of the application, the nearest first.
    pub(super) fn callers(service: usize) -> Vec<usize> {
        match service {
            0 => vec![],
            1 => vec![0],
            _ => vec![1, 0],
        }
    }

    /// What hangs together.
    pub(super) fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        let mut edge = |from: &str, kind: EdgeKind, to: &str| {
            edges.push(Edge {
                from: from.to_owned(),
                to: to.to_owned(),
                kind,
                extra: Extra::new(),
            });
        };
        let id = |k: usize| self.resource(&self.services[k]);
        edge(&id(0), EdgeKind::Calls, &id(1));
        for k in 2..self.services.len() {
            edge(&id(1), EdgeKind::Calls, &id(k));
        }
        for k in [1, 2] {
            edge(&id(k), EdgeKind::Calls, &aws_id(&self.database));
        }
        edge(
            &aws_id(&self.database),
            EdgeKind::Mounts,
            &aws_id(&self.volume),
        );
        for &k in &self.mounting {
            edge(&id(k), EdgeKind::Mounts, &aws_id(&self.file_system));
        }
        for (k, other) in self.others.iter().enumerate() {
            if k % 2 == 0 {
                let to = aws_id(&self.other_file_system);
                edge(&self.resource(other), EdgeKind::Mounts, &to);
            }
        }
        for service in self.services.iter().chain(&self.others) {
            for (pod, node) in &service.pods {
                let pod = k8s_id(&self.cluster, &service.namespace, "Pod", pod);
                edge(&self.resource(service), EdgeKind::Owns, &pod);
                let node = k8s_id(&self.cluster, "", "Node", node);
                edge(&pod, EdgeKind::RunsOn, &node);
            }
        }
        edges
    }
}

fn service(random: &mut Random, nodes: &[String], namespace: &str, name: &str) -> Service {
    let hash = random.letters(SAFE, 10);
    let pods = (0..random.whole(2, 4))
        .map(|_| {
            let pod = format!("{name}-{hash}-{}", random.letters(SAFE, 5));
            (pod, nodes[random.index(nodes.len())].clone())
        })
        .collect();
    Service {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        pods,
    }
}

/// Another name of a pod of the same service.
pub(super) fn pod_name(random: &mut Random, service: &str) -> String {
    format!(
        "{service}-{}-{}",
        random.letters(SAFE, 10),
        random.letters(SAFE, 5)
    )
}
