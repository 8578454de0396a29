//! The EKS audit log: from a real API server (moto) over HTTP, and on recorded answers for pages
//! that go wrong.

use crate::client::{REGION, answering, impatient};
use crate::server::{AwsServer, fresh};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::{
    FilterLogEventsError, FilterLogEventsOutput,
};
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use aws_smithy_mocks::mock;
use aws_smithy_types::error::ErrorMetadata;
use model::time::{DAY, HOUR, MINUTE};
use model::{EventKind, Timestamp, Window};
use serde_json::{Value, json};
use sources::eks_audit::{EksAudit, EksAuditConfig};
use sources::source::{Source, SourceError, Unattended};

const START: Timestamp = Timestamp::from_seconds(1_772_438_400);

fn window() -> Window {
    Window::new(START, START.plus(HOUR)).expect("forwards")
}

fn config(endpoint: &str) -> EksAuditConfig {
    EksAuditConfig {
        region: REGION.into(),
        endpoint: Some(endpoint.into()),
        cluster: "shop".into(),
        called: Some("shop-prod".into()),
        ..EksAuditConfig::default()
    }
}

fn source(server: &AwsServer) -> EksAudit {
    let endpoint = server.endpoint();
    EksAudit::with_client(
        config(&endpoint),
        impatient!(aws_sdk_cloudwatchlogs, &endpoint),
    )
}

/// An audit record as the API server writes it.
fn record(id: &str, minute: i64, user: &str, verb: &str, object: Value, code: u16) -> Value {
    let mut record = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
        "auditID": id, "stage": "ResponseComplete", "verb": verb, "user": {"username": user},
        "userAgent": "kubectl/v1.29", "responseStatus": {"code": code},
        "requestReceivedTimestamp": START.plus(minute * MINUTE).to_string()});
    record["objectRef"] = object;
    if code >= 400 {
        record["responseStatus"]["reason"] = "Forbidden".into();
    }
    record
}

fn put(server: &AwsServer, stream: &str, records: &[(i64, String)]) {
    let events: Vec<Value> = records
        .iter()
        .map(|(minute, text)| json!({"timestamp": START.plus(minute * MINUTE).millis(), "message": text}))
        .collect();
    server.control(
        "log",
        &json!({"group": "/aws/eks/shop/cluster", "stream": stream, "events": events}),
    );
}

fn object(resource: &str, name: &str) -> Value {
    json!({"resource": resource, "namespace": "web", "name": name, "apiVersion": "v1"})
}

#[tokio::test]
async fn the_audit_log_says_who_touched_which_workload() {
    let (server, _turn) = fresh().await;
    let nobody = source(server)
        .check()
        .await
        .expect_err("no such log")
        .to_string();
    assert!(
        nobody.contains("/aws/eks/shop/cluster") && nobody.contains("switch on 'audit'"),
        "{nobody}"
    );
    let mut evicted = object("pods", "cart-1");
    evicted["subresource"] = "eviction".into();
    let mut status = object("pods", "cart-1");
    status["subresource"] = "status".into();
    let node = json!({"resource": "nodes", "name": "node-a"});
    let argo = "system:serviceaccount:argocd:argocd-application-controller";
    let mut begun = record("a9", 8, "alice", "delete", object("pods", "cart-2"), 200);
    begun["stage"] = "RequestReceived".into();
    let mut made = record("a10", 9, "alice", "create", object("jobs", ""), 201);
    made["responseObject"] = json!({"metadata": {"name": "migrate-x7k2p"}});
    let records = [
        record("a1", 1, argo, "patch", object("deployments", "cart"), 200),
        record("a2", 2, "alice", "delete", object("pods", "cart-2"), 200),
        record("a3", 3, "alice", "create", evicted, 201),
        record("a4", 4, "bob", "delete", node, 403),
        record(
            "a5",
            5,
            "system:serviceaccount:kube-system:replicaset-controller",
            "create",
            object("pods", "cart-3"),
            201,
        ),
        record("a6", 5, "system:node:node-a", "patch", status, 200),
        record("a7", 6, "alice", "get", object("pods", "cart-3"), 200),
        record("a8", 7, "alice", "create", object("configmaps", "x"), 201),
        begun,
        made,
    ];
    let mut lines: Vec<(i64, String)> = (1..)
        .zip(records)
        .map(|(i, r)| (i, r.to_string()))
        .collect();
    lines.push((20, "not JSON".into()));
    put(server, "kube-apiserver-audit-abc", &lines);
    let source = source(server);
    assert_eq!(
        source.check().await.expect("it can be read"),
        format!("the audit log of shop in {REGION} can be read")
    );
    let batch = source
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("healthy");
    let told: Vec<(&str, &str, &str)> = batch
        .events
        .iter()
        .map(|e| (e.id.as_str(), e.object.kind.as_str(), e.title.as_str()))
        .collect();
    let title = format!("{argo} patched Deployment web/cart");
    assert_eq!(
        told,
        [
            ("eks-audit.a1", "Deployment", title.as_str()),
            ("eks-audit.a2", "Pod", "alice deleted Pod web/cart-2"),
            (
                "eks-audit.a3",
                "Pod",
                "alice created Pod web/cart-1 (eviction)"
            ),
            ("eks-audit.a4", "Node", "bob deleted Node node-a, refused"),
            (
                "eks-audit.a10",
                "Job",
                "alice created Job web/migrate-x7k2p"
            ),
        ]
    );
    let first = &batch.events[0];
    assert_eq!(first.kind, EventKind::ConfigChange);
    assert_eq!(first.start, Some(START.plus(MINUTE)));
    assert_eq!(
        first.resource().as_deref(),
        Some("k8s:shop-prod/web/Deployment/cart")
    );
    assert_eq!(first.attribute("user").as_deref(), Some(argo));
    assert_eq!(first.attribute("verb").as_deref(), Some("patch"));
    assert_eq!(
        batch.events[3].attribute("error").as_deref(),
        Some("Forbidden")
    );
    let said: Vec<&str> = batch
        .provenance
        .gaps
        .iter()
        .map(|g| g.reason.as_str())
        .collect();
    assert_eq!(said, ["1 line without an audit record: left out"]);
}

#[tokio::test]
async fn audit_pages_are_followed_and_faults_outlasted() {
    let (server, _turn) = fresh().await;
    let lines: Vec<(i64, String)> = (0..50)
        .map(|i| {
            (
                i,
                record(
                    &format!("a{i}"),
                    i,
                    "alice",
                    "patch",
                    object("deployments", "cart"),
                    200,
                )
                .to_string(),
            )
        })
        .collect();
    put(server, "kube-apiserver-audit-a", &lines[..25]);
    put(server, "kube-apiserver-audit-b", &lines[25..]);
    let fault = json!({"operation": "FilterLogEvents", "times": 1, "status": 400, "code": "ThrottlingException"});
    server.control("behave", &json!({"faults": [fault]}));
    let batch = source(server)
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("healthy");
    assert_eq!(batch.events.len(), 50);
    assert_eq!(server.count("FilterLogEvents"), 2);
    let part = Window::new(START.plus(10 * MINUTE), START.plus(20 * MINUTE)).expect("forwards");
    let batch = source(server)
        .pull(part, START.plus(DAY), &Unattended)
        .await
        .expect("healthy");
    assert_eq!(batch.events.len(), 10, "the end is not part of a window");
}

fn line(id: &str, minute: i64) -> FilteredLogEvent {
    let text = record(
        id,
        minute,
        "alice",
        "patch",
        object("deployments", "cart"),
        200,
    );
    FilteredLogEvent::builder()
        .message(text.to_string())
        .timestamp(START.plus(minute * MINUTE).millis())
        .build()
}

#[tokio::test]
async fn audit_pages_that_fail_or_never_end_keep_what_came() {
    let page = |token: &'static str, minute: i64| {
        mock!(aws_sdk_cloudwatchlogs::Client::filter_log_events).then_output(move || {
            let events =
                FilterLogEventsOutput::builder().events(line(&format!("a{minute}"), minute));
            events.next_token(token).build()
        })
    };
    let empty = mock!(aws_sdk_cloudwatchlogs::Client::filter_log_events)
        .then_output(|| FilterLogEventsOutput::builder().next_token("t2").build());
    let expired = mock!(aws_sdk_cloudwatchlogs::Client::filter_log_events).then_error(|| {
        FilterLogEventsError::generic(
            ErrorMetadata::builder()
                .code("ExpiredTokenException")
                .build(),
        )
    });
    let (first, third) = (page("t1", 5), page("t3", 25));
    let rules = [&first, &empty, &third, &expired];
    let client = answering!(aws_sdk_cloudwatchlogs, rules, Sequential);
    let batch = EksAudit::with_client(config("http://127.0.0.1:1"), client)
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("three pages came");
    assert_eq!(batch.events.len(), 2, "an empty page is not the last");
    let gap = &batch.provenance.gaps[0];
    assert!(gap.reason.contains("log in again"), "{}", gap.reason);
    assert_eq!(
        gap.window,
        Window::new(START.plus(25 * MINUTE), START.plus(HOUR))
    );

    let (first, second) = (page("again", 5), page("again", 6));
    let client = answering!(aws_sdk_cloudwatchlogs, [&first, &second], Sequential);
    let batch = EksAudit::with_client(config("http://127.0.0.1:1"), client)
        .pull(window(), START.plus(DAY), &Unattended)
        .await
        .expect("a page came");
    let told = batch
        .provenance
        .gaps
        .iter()
        .any(|g| g.reason.contains("the same NextToken came twice"));
    assert!(told, "{:?}", batch.provenance.gaps);
}

#[tokio::test]
async fn a_cluster_without_a_name_is_refused() {
    let none: Vec<&aws_smithy_mocks::Rule> = Vec::new();
    for (cluster, namespaces, field) in [
        ("", vec![], "cluster is ''"),
        ("shop", vec!["a b".to_owned()], "namespaces is 'a b'"),
    ] {
        let config = EksAuditConfig {
            cluster: cluster.into(),
            namespaces,
            ..config("http://127.0.0.1:1")
        };
        let client = answering!(aws_sdk_cloudwatchlogs, none.clone(), Sequential);
        let error = EksAudit::with_client(config, client)
            .check()
            .await
            .expect_err(field);
        assert!(
            matches!(error, SourceError::Invalid { .. }) && error.to_string().contains(field),
            "{error}"
        );
    }
}
