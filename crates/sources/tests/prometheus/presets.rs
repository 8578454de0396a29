//! The presets, on real servers: each query is understood, and what it is for comes of it.

use crate::put::{START, at, both, by_name, every_minute, pull, source, window};
use crate::servers::Sample;
use model::EventKind;

/// Pods as kube-state-metrics shows them: `web-1` was deleted at minute 10 and vanished at minute 40,
/// `web-2` is still there at the end, `web-3` runs on.
fn pods() -> Vec<Sample> {
    let deleted = (START + 600) as f64;
    let name = |metric: &str, pod: &str, more: &str| {
        format!("{metric}{{namespace=\"shop\",pod=\"{pod}\",uid=\"{pod}\"{more}}}")
    };
    let mut samples = Vec::new();
    for (pod, until) in [("web-1", 40), ("web-2", 90), ("web-3", 90)] {
        let info = name("kube_pod_info", pod, ",node=\"node-1\"");
        samples.extend(every_minute(&info, 0..until, |_| 1.0));
        if pod != "web-3" {
            let deletion = name("kube_pod_deletion_timestamp", pod, "");
            samples.extend(every_minute(&deletion, 10..until, |_| deleted));
        }
    }
    samples
}

#[tokio::test]
async fn terminating_pods_become_events_with_their_nodes() {
    for (name, server) in both(&pods()) {
        let batch = pull(&source(&server, &["kube-state"], &[]), window(0, 90)).await;
        assert_eq!(batch.events.len(), 2, "{name}: {:?}", batch.provenance.gaps);
        let event = |pod: &str| {
            let found = batch.events.iter().find(|e| e.object.name == pod);
            found.unwrap_or_else(|| panic!("{name}: {pod}"))
        };
        let gone = event("web-1");
        assert_eq!(gone.kind, EventKind::PodTerminating);
        assert_eq!(gone.start, Some(at(10)), "{name}");
        assert_eq!(gone.node, "node-1", "{name}");
        assert_eq!(gone.resource().as_deref(), Some("k8s:prod/shop/Pod/web-1"));
        // The truth lies between the last sample and the first look without one, which is some
        // minutes late where the server repeats samples.
        assert_eq!(gone.attribute_time("end_earliest"), Some(at(39)), "{name}");
        let end = gone.end.expect("it vanished while others were seen");
        assert_eq!(gone.attribute_time("end_latest"), Some(end), "{name}");
        assert!(at(40) <= end && end <= at(45), "{name}: {end}");
        assert_eq!(event("web-2").end, None, "{name}: it is still there");
        let edge = batch
            .topology
            .iter()
            .find(|e| e.from == "k8s:prod/shop/Pod/web-1");
        assert_eq!(
            edge.map(|e| e.to.as_str()),
            Some("k8s:prod//Node/node-1"),
            "{name}"
        );
        let pods = by_name(&batch, "kube.pods");
        assert_eq!(pods.samples.value_at(at(5), 0), Some(3.0), "{name}");
        // What this cluster does not have is named and is no health.
        let absent = &batch.provenance.absent;
        let named = |id: &str| absent.iter().any(|a| a.starts_with(&format!("{id} (")));
        assert!(
            named("kube.node_ready") && named("kube.generation"),
            "{name}"
        );
        // As of minute 30 both are there.
        let early = pull(&source(&server, &["kube-state"], &[]), window(0, 30)).await;
        assert!(early.events.iter().all(|e| e.end.is_none()), "{name}");
        assert!(
            early.events.iter().any(|e| e.id == gone.id),
            "{name}: one event, grown"
        );
    }
}

#[tokio::test]
async fn every_preset_is_understood() {
    let bucket = |le: &str| {
        format!(
            "nginx_ingress_controller_request_duration_seconds_bucket{{ingress=\"web\",namespace=\"shop\",le=\"{le}\"}}"
        )
    };
    let mut samples = Vec::new();
    for (le, part) in [("0.1", 0.5), ("1", 0.99), ("+Inf", 1.0)] {
        samples.extend(every_minute(&bucket(le), 0..60, |m| {
            m as f64 * 600.0 * part
        }));
    }
    for (status, a_minute) in [("200", 590.0), ("503", 10.0)] {
        let series = format!(
            "nginx_ingress_controller_requests{{ingress=\"web\",namespace=\"shop\",status=\"{status}\"}}"
        );
        samples.extend(every_minute(&series, 0..60, |m| m as f64 * a_minute));
    }
    samples.extend(every_minute(
        "probe_success{instance=\"https://shop\"}",
        0..60,
        |_| 1.0,
    ));
    samples.extend(every_minute(
        "node_nfs_requests_total{method=\"ReadDirPlus\",proto=\"3\",instance=\"10.0.0.1:9100\"}",
        0..60,
        |m| (m * 6_000) as f64,
    ));
    let presets = [
        "kube-state",
        "nfs-client",
        "nfs-mounts",
        "blackbox",
        "ingress-nginx",
    ];
    for (name, server) in both(&samples) {
        let batch = pull(&source(&server, &presets, &[]), window(0, 60)).await;
        assert_eq!(batch.provenance.gaps, [], "{name}");
        let value = |id: &str| by_name(&batch, id).samples.value_at(at(50), 0);
        let near = |id: &str, wanted: f64| {
            let got = value(id).unwrap_or_else(|| panic!("{name}: {id}"));
            assert!(
                (got - wanted).abs() < wanted * 0.02,
                "{name}: {id} is {got}"
            );
        };
        near("ingress.latency_p50", 0.1);
        near("ingress.latency_p99", 1.0);
        near("ingress.requests", 10.0);
        near("ingress.errors", 1.0 / 6.0);
        assert_eq!(
            by_name(&batch, "ingress.requests").meta.resource.as_deref(),
            Some("k8s:prod/shop/Ingress/web")
        );
        assert_eq!(
            by_name(&batch, "probe.success").meta.resource.as_deref(),
            Some("instance:https://shop")
        );
        let nfs = &by_name(&batch, "nfs.requests").meta;
        assert_eq!(
            (nfs.stat.as_str(), nfs.resource.as_deref()),
            ("Counter", Some("instance:10.0.0.1:9100"))
        );
    }
}
