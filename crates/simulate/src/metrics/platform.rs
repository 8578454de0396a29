//! What stays as it is: the database and the nodes' processors.

use crate::{
    cluster::{CLUSTER, Cluster, DATABASE},
    random::{Noise, Random},
    recorder::{Metric, Recorder},
    traffic::visitors,
    zombies::InputOutput,
};
use model::{
    Timestamp,
    topology::{aws_id, k8s_id},
};

/// Records database and nodes.
pub(crate) fn record(recorder: &mut Recorder, seed: u64, times: &[Timestamp], cluster: &Cluster) {
    database(
        recorder,
        seed,
        times,
        "db.cpu",
        "CPUUtilization",
        "Percent",
        19.0,
        2,
    );
    database(
        recorder,
        seed,
        times,
        "db.connections",
        "DatabaseConnections",
        "Count",
        64.0,
        0,
    );
    database(
        recorder,
        seed,
        times,
        "db.read_latency",
        "ReadLatency",
        "Seconds",
        0.000_7,
        6,
    );
    for node in cluster.nodes.iter().take(3) {
        let id = format!("node.{}.cpu", short(&node.name));
        let metric = node_metric(&id, &node.name);
        let mut used = load(seed, &id, times, 27.0);
        for (_, percent) in &mut used {
            *percent = percent.min(100.0);
        }
        recorder.add(metric, 60, &used);
    }
}

/// `readdir` calls of the NFS clients on the busy nodes and on one more.
pub(crate) fn readdir(recorder: &mut Recorder, seed: u64, io: &InputOutput, cluster: &Cluster) {
    let quiet = cluster
        .nodes
        .iter()
        .find(|n| !io.by_node.contains_key(&n.name));
    let nodes = io.by_node.keys().chain(quiet.map(|n| &n.name));
    for node in nodes {
        let id = format!("node.{}.nfs_readdir", short(node));
        let usual = load(seed, &id, &io.times, 4.0);
        let values: Vec<_> = usual
            .iter()
            .enumerate()
            .map(|(i, (at, usual))| {
                let zombies = io.by_node.get(node).and_then(|v| v.get(i));
                (*at, usual + zombies.copied().unwrap_or(0.0))
            })
            .collect();
        let metric = Metric {
            id: &id,
            name: "node_nfs_requests_readdir_per_second",
            unit: "Count/Second",
            ..node_metric(&id, node)
        };
        recorder.add(metric, 60, &values);
    }
}

fn short(node: &str) -> &str {
    node.split('.').next().unwrap_or(node)
}

fn node_metric<'a>(id: &'a str, node: &'a str) -> Metric<'a> {
    Metric {
        id,
        name: "node_cpu_utilisation",
        source: "prometheus",
        namespace: "node-exporter",
        dimension: ("node", node),
        stat: "Average",
        unit: "Percent",
        resource: Some(k8s_id(CLUSTER, "", "Node", node)),
        places: 1,
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one line a metric in the table above"
)]
fn database(
    recorder: &mut Recorder,
    seed: u64,
    times: &[Timestamp],
    id: &str,
    name: &str,
    unit: &str,
    level: f64,
    places: u32,
) {
    let metric = Metric {
        id,
        name,
        source: "cloudwatch",
        namespace: "AWS/RDS",
        dimension: ("DBInstanceIdentifier", DATABASE),
        stat: "Average",
        unit,
        resource: Some(aws_id(DATABASE)),
        places,
    };
    recorder.add(metric, 60, &load(seed, id, times, level));
}

/// A level that follows the visitors, with bursts.
fn load(seed: u64, purpose: &str, times: &[Timestamp], level: f64) -> Vec<(Timestamp, f64)> {
    let mut noise = Noise::new(Random::new(seed, purpose), 0.75, 0.09, 0.005);
    times
        .iter()
        .map(|at| (*at, level * (0.5 + 0.5 * visitors(*at)) * noise.next()))
        .collect()
}
