//! The role in `docs/permissions/kubernetes.yaml` is what is asked for: no more, no less.

use crate::{
    api::Server,
    keeper::Memory,
    runs::{clock, collect, config},
};
use serde::Deserialize;
use sources::{kubernetes::cluster::Cluster, source::Source};
use std::{collections::BTreeSet, time::Duration};

const MANIFEST: &str = include_str!("../../../../docs/permissions/kubernetes.yaml");

#[derive(Deserialize)]
struct Object {
    kind: String,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    api_groups: Vec<String>,
    resources: Vec<String>,
    verbs: Vec<String>,
}

/// `pods`, `replicasets.apps`…
fn permitted() -> BTreeSet<String> {
    let objects: Vec<Object> = MANIFEST
        .split("\n---\n")
        .map(|document| serde_saphyr::from_str(document).unwrap())
        .collect();
    let kinds: Vec<&str> = objects.iter().map(|o| o.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["ServiceAccount", "ClusterRole", "ClusterRoleBinding"]
    );
    let mut all = BTreeSet::new();
    for rule in objects.iter().flat_map(|o| &o.rules) {
        assert_eq!(rule.verbs, ["list", "watch"]);
        for group in &rule.api_groups {
            all.extend(rule.resources.iter().map(|r| named(group, r)));
        }
    }
    all
}

fn named(group: &str, resource: &str) -> String {
    if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    }
}

#[tokio::test(start_paused = true)]
async fn the_role_permits_what_is_needed_and_what_is_asked_and_nothing_else() {
    let permitted = permitted();
    assert!(
        !permitted
            .iter()
            .any(|p| p.contains("secrets") || p.contains('*')),
        "{permitted:?}"
    );

    let server = Server::new(1, clock(0));
    let cluster = Cluster::with_client(config(), server.client(), "http://test".into());
    let needs: BTreeSet<String> = cluster
        .facts()
        .needs
        .iter()
        .map(|need| {
            need.permission
                .strip_prefix("list/watch ")
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(needs, permitted);

    // Core events are refused here, so that the other way to them is asked as well.
    server.state().missing.push("/api/v1/events");
    cluster.check().await.unwrap();
    let collector = collect(server.client(), &Memory::default(), &clock(0));
    tokio::time::sleep(Duration::from_mins(2)).await;
    collector.abort();
    let mut asked = BTreeSet::new();
    for (method, path) in &server.state().record.requests {
        assert_eq!(method, "GET");
        let path = path.split('?').next().unwrap();
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["version"] => {}
            ["api", "v1", resource] => drop(asked.insert(named("", resource))),
            ["apis", group, _, resource] => drop(asked.insert(named(group, resource))),
            other => panic!("asked for {other:?}"),
        }
    }
    assert_eq!(asked, permitted);
}
