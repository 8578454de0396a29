//! A cluster with 100,000 pods is followed in less than 300 MiB. A binary of its own: the measure is
//! the largest size that this process ever had.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a broken double is a failed test, in helpers as well"
)]

use async_trait::async_trait;
use axum::body::Bytes;
use http_body_util::Full;
use kube::client::Body;
use model::Timestamp;
use sources::{
    kubernetes::cluster::{Cluster, ClusterConfig},
    source::{Cause, Keeper, Learned, SourceError, Watch},
};
use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

const PODS: usize = 100_000;
const LIMIT_MIB: usize = 300;

/// A pod of about 4 kB, half of it managed fields.
fn template() -> String {
    let fields: String = (0..30).fold(String::new(), |mut fields, i| {
        let _ = write!(
            fields,
            r#""f:field-{i}":{{"f:name":{{}},"f:value":{{".":{{}}}}}},"#
        );
        fields
    });
    let env: String = (0..15).fold(String::new(), |mut env, i| {
        let _ = write!(
            env,
            r#"{{"name":"SETTING_{i}","value":"value of setting {i}"}},"#
        );
        env
    });
    format!(
        r#"{{"metadata":{{"name":"web-588cd5f7cd-@","namespace":"shop-@","uid":"5d2f3c1a-0000-4000-8000-@",
        "resourceVersion":"1@","creationTimestamp":"2020-05-20T10:00:00Z","ownerReferences":[{{
        "apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-588cd5f7cd","uid":"x","controller":true}}],
        "managedFields":[{{"manager":"kubelet","operation":"Update","fieldsType":"FieldsV1",
        "time":"2020-05-20T10:00:00Z","fieldsV1":{{{fields}"f:last":{{}}}}}}]}},
        "spec":{{"nodeName":"ip-10-0-1-17.eu-west-1.compute.internal","containers":[{{"name":"app",
        "image":"registry.example.org/shop/web:1.2.3","env":[{env}{{"name":"LAST","value":""}}],
        "volumeMounts":[{{"name":"data","mountPath":"/data","subPath":"sites"}}]}}],
        "volumes":[{{"name":"data","persistentVolumeClaim":{{"claimName":"shared"}}}}]}},
        "status":{{"phase":"Running","startTime":"2020-05-20T10:00:01Z","conditions":[
        {{"type":"PodScheduled","status":"True","lastTransitionTime":"2020-05-20T10:00:01Z"}},
        {{"type":"Ready","status":"True","lastTransitionTime":"2020-05-20T10:00:09Z"}}],
        "containerStatuses":[{{"name":"app","image":"web","imageID":"sha256:0","ready":true,"restartCount":2,
        "lastState":{{"terminated":{{"exitCode":1,"reason":"Error","finishedAt":"2020-05-20T10:30:00Z"}}}}}}]}}}}"#
    )
}

/// A page of the list of pods; any other list is empty, and watches say nothing.
async fn answer(template: Arc<String>, uri: http::Uri) -> http::Response<Full<Bytes>> {
    let query = uri.query().unwrap_or("");
    if query.contains("watch=true") {
        return std::future::pending().await;
    }
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    let number = |name| value(name).and_then(|n| n.parse::<usize>().ok());
    let begin = number("continue").unwrap_or(0);
    let end = if uri.path() == "/api/v1/pods" {
        PODS.min(begin + number("limit").expect("lists are asked for in pages"))
    } else {
        0
    };
    let items: Vec<String> = (begin..end)
        .map(|i| template.replace('@', &format!("{i:012}")))
        .collect();
    let more = if end > 0 && end < PODS {
        end.to_string()
    } else {
        String::new()
    };
    let page = format!(
        r#"{{"metadata":{{"resourceVersion":"2000000","continue":"{more}"}},"items":[{}]}}"#,
        items.join(",")
    );
    http::Response::new(Full::new(Bytes::from(page)))
}

#[derive(Default)]
struct Counting {
    pods: AtomicUsize,
    states: AtomicUsize,
    all: Notify,
}

#[async_trait]
impl Keeper for Counting {
    async fn recall(&self) -> Result<Vec<(String, String)>, Cause> {
        Ok(Vec::new())
    }

    async fn keep(&self, learned: Learned) -> Result<(), Cause> {
        let pods = learned
            .batch
            .events
            .iter()
            .filter(|e| e.kind.as_str() == "k8s_pod")
            .count();
        self.states
            .fetch_add(learned.memory.len(), Ordering::Relaxed);
        if self.pods.fetch_add(pods, Ordering::Relaxed) + pods >= PODS {
            self.all.notify_one();
        }
        Ok(())
    }

    // Watches that stay silent are given up and asked again, which does not matter here.
    fn report(&self, _: &str, _: Result<String, &SourceError>) {}
}

/// The largest size that this process ever had, in MiB.
fn peak_mib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}

#[tokio::test]
async fn a_hundred_thousand_pods_fit_into_300_mib() {
    let template = Arc::new(template());
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let template = template.clone();
        async move { Ok::<_, std::io::Error>(answer(template, request.uri().clone()).await) }
    });
    let config = ClusterConfig {
        name: "large".into(),
        ..ClusterConfig::default()
    };
    let cluster = Cluster::with_client(
        config,
        kube::Client::new(service, "default"),
        "large".into(),
    );
    let keeper = Counting::default();
    let now = || Timestamp::from_seconds(1_590_000_000);
    let watching = cluster.watch(&keeper, &now);
    let done = tokio::time::timeout(Duration::from_mins(4), keeper.all.notified());
    tokio::select! {
        error = watching => panic!("{error}"),
        done = done => done.unwrap(),
    }
    assert!(keeper.states.load(Ordering::Relaxed) >= PODS);
    let peak = peak_mib();
    assert!(peak < LIMIT_MIB, "{peak} MiB");
}
