//! What visitors feel: response times by the ingress and by a probe from outside, request rate,
//! errors; and the time to touch a file on the mount and on the local disk.

use crate::{
    cluster::{CLUSTER, Cluster},
    random::{Noise, Random},
    recorder::{Metric, Recorder},
    traffic::visitors,
    zombies::InputOutput,
};
use model::{Timestamp, topology::k8s_id};
use std::collections::BTreeSet;

/// Latency of one small operation on the mount, undisturbed, seconds.
const OPERATION: f64 = 0.012;
/// What a demand of twice the permitted throughput adds to each operation, seconds.
const QUEUE: f64 = 0.136;
/// Requests a second at which one node's NFS client begins to queue noticeably.
const KNEE: f64 = 2_240.0;

/// A site whose latency is watched.
pub(crate) struct Site {
    /// Workload.
    name: &'static str,
    /// Namespace.
    namespace: &'static str,
    /// Operations on the mount, one after another, for a median request.
    operations: f64,
    /// Everything else a median request takes, seconds.
    own: f64,
}

/// The sites that are watched: two that lean on the mount, one that hardly does, and the search,
/// which does not mount it at all.
const WATCHED: [Site; 4] = [
    site("alder-outdoor-production", "alder-outdoor", 2.6, 0.11),
    site("harbour-theatre-production", "harbour-theatre", 3.4, 0.16),
    site("pennine-rail-production", "pennine-rail", 0.5, 0.09),
    site("product-search", "search", 0.0, 0.05),
];

const fn site(name: &'static str, namespace: &'static str, operations: f64, own: f64) -> Site {
    Site {
        name,
        namespace,
        operations,
        own,
    }
}

/// Ids of the series in which people feel the incident.
pub(crate) const SYMPTOM: [&str; 2] = ["site.alder-outdoor.p95", "site.harbour-theatre.p95"];

/// First minute of an hour in which the slower pages of a watched site take a fifth longer than
/// before, on average.
pub(crate) fn felt_at(io: &InputOutput, cluster: &Cluster) -> Option<Timestamp> {
    const HOUR: usize = 60;
    let felt = |site: &Site| {
        let operation = operation_latency(io, &nodes_of(cluster, site.name));
        let usual = site.own * 2.3 + site.operations * 1.5 * OPERATION;
        let slow = |hour: &[f64]| {
            let mean = hour.iter().sum::<f64>() / HOUR as f64;
            site.operations * 1.5 * (mean - OPERATION) > 0.2 * usual
        };
        io.times
            .get(operation.windows(HOUR).position(slow)?)
            .copied()
    };
    WATCHED.iter().filter_map(felt).min()
}

/// Seconds that one operation takes in each minute on the busiest of the given nodes, without
/// noise.
pub(crate) fn operation_latency(io: &InputOutput, nodes: &BTreeSet<String>) -> Vec<f64> {
    (0..io.minutes.len())
        .map(|i| {
            let queue = match io.minutes.get(i) {
                Some(m) if m.throttled() => QUEUE * (m.pressure - 1.0).max(0.0),
                _ => 0.0,
            };
            let busy: f64 = nodes
                .iter()
                .filter_map(|node| io.by_node.get(node)?.get(i))
                .map(|rate| {
                    let square = (rate / KNEE) * (rate / KNEE);
                    square * square * square
                })
                .fold(0.0, f64::max);
            OPERATION * (1.0 + busy) + queue
        })
        .collect()
}

/// Nodes on which a workload runs.
pub(crate) fn nodes_of(cluster: &Cluster, name: &str) -> BTreeSet<String> {
    cluster
        .find(name)
        .and_then(|i| cluster.workloads.get(i))
        .map(|w| w.pods.iter().map(|p| p.node.clone()).collect())
        .unwrap_or_default()
}

/// Records latencies, rates and errors of the sites.
pub(crate) fn record(recorder: &mut Recorder, seed: u64, io: &InputOutput, cluster: &Cluster) {
    for site in &WATCHED {
        let operation = operation_latency(io, &nodes_of(cluster, site.name));
        let short = site.name.trim_end_matches("-production");
        // p95: a slower page with half as many operations again.
        let p95 = latency(
            seed,
            &format!("{short} p95"),
            io,
            &operation,
            site,
            2.3,
            1.5,
        );
        let id = format!("site.{short}.p95");
        recorder.add(
            seconds(&id, "http_request_duration_seconds", "p95", site),
            60,
            &p95,
        );
        if SYMPTOM.contains(&id.as_str()) {
            let p50 = latency(
                seed,
                &format!("{short} p50"),
                io,
                &operation,
                site,
                1.0,
                1.0,
            );
            let id = format!("site.{short}.p50");
            recorder.add(
                seconds(&id, "http_request_duration_seconds", "p50", site),
                60,
                &p50,
            );
            let probe = latency(
                seed,
                &format!("{short} probe"),
                io,
                &operation,
                site,
                1.2,
                1.1,
            );
            let mut metric = seconds("", "probe_duration_seconds", "Average", site);
            let id = format!("probe.{short}");
            metric.id = &id;
            metric.source = "blackbox";
            recorder.add(metric, 60, &probe);
        }
        requests(recorder, seed, io, site, short);
    }
    errors(recorder, seed, io);
    touches(recorder, seed, io);
}

fn latency(
    seed: u64,
    purpose: &str,
    io: &InputOutput,
    operation: &[f64],
    site: &Site,
    own: f64,
    operations: f64,
) -> Vec<(Timestamp, f64)> {
    let mut noise = Noise::new(Random::new(seed, purpose), 0.6, 0.07, 0.01);
    let mut wait = Noise::new(
        Random::new(seed, &format!("{purpose} wait")),
        0.7,
        0.09,
        0.0,
    );
    io.times
        .iter()
        .zip(operation)
        .map(|(at, op)| {
            let load = 0.9 + 0.1 * visitors(*at);
            let computing = site.own * own * load * noise.next();
            (
                *at,
                computing + site.operations * operations * op * wait.next(),
            )
        })
        .collect()
}

fn requests(recorder: &mut Recorder, seed: u64, io: &InputOutput, site: &Site, short: &str) {
    let mut noise = Noise::new(
        Random::new(seed, &format!("{short} requests")),
        0.8,
        0.08,
        0.004,
    );
    let rate = 9.0 / (site.own * 10.0);
    let values: Vec<_> = io
        .times
        .iter()
        .map(|at| (*at, rate * visitors(*at) * noise.next()))
        .collect();
    let id = format!("site.{short}.requests");
    let mut metric = seconds(&id, "http_requests_per_second", "Average", site);
    metric.unit = "Count/Second";
    metric.places = 2;
    recorder.add(metric, 60, &values);
}

fn errors(recorder: &mut Recorder, seed: u64, io: &InputOutput) {
    let mut random = Random::new(seed, "5xx");
    let values: Vec<_> = io
        .times
        .iter()
        .map(|at| {
            (
                *at,
                if random.chance(0.02) {
                    random.heavy().floor()
                } else {
                    0.0
                },
            )
        })
        .collect();
    recorder.add(
        Metric {
            id: "ingress.5xx",
            name: "http_responses_5xx",
            source: "prometheus",
            namespace: "ingress-nginx",
            dimension: ("controller", "nginx-ingress-controller"),
            stat: "Sum",
            unit: "Count",
            resource: Some(k8s_id(
                CLUSTER,
                "ingress-nginx",
                "Deployment",
                "nginx-ingress-controller",
            )),
            places: 0,
        },
        60,
        &values,
    );
}

/// A touch of a file, process start included (10 ms), on the mount and on local disk.
fn touches(recorder: &mut Recorder, seed: u64, io: &InputOutput) {
    let everywhere: BTreeSet<String> = io.by_node.keys().cloned().collect();
    let operation = operation_latency(io, &everywhere);
    for (id, path, on_mount) in [
        ("touch.efs", "/srv/app/shared", 1.0),
        ("touch.local", "/srv/app/source", 0.0),
    ] {
        let mut noise = Noise::new(Random::new(seed, id), 0.4, 0.06, 0.01);
        let values: Vec<_> = io
            .times
            .iter()
            .zip(&operation)
            .map(|(at, op)| (*at, (0.010 + on_mount * op) * noise.next()))
            .collect();
        let resource =
            (on_mount > 0.5).then(|| model::topology::aws_id(crate::cluster::FILE_SYSTEM));
        let metric = Metric {
            id,
            name: "touch_seconds",
            source: "probe",
            namespace: "",
            dimension: ("path", path),
            stat: "Average",
            unit: "Seconds",
            resource,
            places: 3,
        };
        recorder.add(metric, 60, &values);
    }
}

fn seconds<'a>(id: &'a str, name: &'a str, stat: &'a str, site: &'a Site) -> Metric<'a> {
    Metric {
        id,
        name,
        source: "prometheus",
        namespace: site.namespace,
        dimension: ("service", site.name),
        stat,
        unit: "Seconds",
        resource: Some(k8s_id(CLUSTER, site.namespace, "Deployment", site.name)),
        places: 3,
    }
}
