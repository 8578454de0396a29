//! How fast a watch is taken in: one JSON line of a watch to what is handed on.
//!
//! `cargo bench -p sources --bench watch`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::Timestamp;
use serde_json::json;
use sources::kubernetes::{
    cluster::told,
    history::{History, Stream},
    part::Part,
};
use std::hint::black_box;

/// Lines in one go: each pod is added, becomes ready, restarts, is deleted and goes.
const PODS: u32 = 400;

/// What a pod of an ordinary Deployment looks like, managed fields and all: about 6 kB.
fn pod(i: u32, version: u32, restarts: u32, deleting: bool) -> serde_json::Value {
    let fields: serde_json::Map<String, serde_json::Value> = (0..40)
        .map(|n| {
            (
                format!("f:field-{n}"),
                json!({"f:name": {}, "f:value": {".": {}}}),
            )
        })
        .collect();
    let env: Vec<_> = (0..20)
        .map(|n| json!({"name": format!("SETTING_{n}"), "value": format!("value of setting {n}")}))
        .collect();
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("web-588cd5f7cd-{i:05}"), "namespace": "shop",
            "uid": format!("5d2f3c1a-0000-4000-8000-{i:012}"), "resourceVersion": version.to_string(),
            "creationTimestamp": "2020-05-20T10:00:00Z", "labels": {"app": "web"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": true,
                                 "name": "web-588cd5f7cd", "uid": "x"}],
            "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsType": "FieldsV1",
                               "time": "2020-05-20T10:00:00Z", "fieldsV1": {"f:status": fields}}],
        },
        "spec": {
            "nodeName": format!("ip-10-0-1-{}.eu-west-1.compute.internal", i % 250),
            "containers": [{"name": "app", "image": "registry.example.org/shop/web:1.2.3", "env": env,
                            "volumeMounts": [{"name": "data", "mountPath": "/data", "subPath": "sites"}]}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "shared"}}],
        },
        "status": {
            "phase": "Running", "startTime": "2020-05-20T10:00:01Z",
            "conditions": [
                {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2020-05-20T10:00:01Z"},
                {"type": "Ready", "status": "True", "lastTransitionTime": "2020-05-20T10:00:09Z"}],
            "containerStatuses": [{"name": "app", "image": "registry.example.org/shop/web:1.2.3",
                "imageID": "sha256:0", "ready": true, "restartCount": restarts,
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error",
                                             "finishedAt": "2020-05-20T10:30:00Z"}}}],
        },
    });
    if deleting {
        pod["metadata"]["deletionTimestamp"] = json!("2020-05-20T11:00:30Z");
        pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    }
    pod
}

fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    let mut version = 1_000;
    for step in 0..5 {
        for i in 0..PODS {
            version += 1;
            let kind = ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"][step];
            let object = pod(i, version, u32::from(step > 1), step > 2);
            lines.push(json!({"type": kind, "object": object}).to_string());
        }
    }
    lines
}

fn watch(c: &mut Criterion) {
    let lines = lines();
    let stream = Stream {
        part: Part::Pods,
        namespace: String::new(),
    };
    let mut group = c.benchmark_group("watch");
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("line to learned", |b| {
        b.iter(|| {
            let mut history = History::new("shop-eu");
            let mut events = 0;
            for (i, line) in (0..).zip(&lines) {
                let at = Timestamp::from_seconds(1_590_000_000 + i);
                if let Some(told) = told(stream.part, line) {
                    history.observe(&stream, at, told);
                }
                if history.pending() >= 500 {
                    events += history.take(at).batch.events.len();
                }
            }
            black_box(events)
        });
    });
    group.finish();
}

criterion_group!(benches, watch);
criterion_main!(benches);
