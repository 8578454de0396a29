//! Some namespaces only, kinds that may be read in part, versions that expire: what goes on, and what
//! is said.

use crate::{
    api::{Fault, Server},
    keeper::Memory,
    runs::{clock, collect, collect_from, config},
};
use model::Window;
use serde_json::{Value, json};
use sources::{
    kubernetes::cluster::{Cluster, ClusterConfig},
    source::{Source, Unattended},
};
use std::time::Duration;

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn pod(namespace: &str, name: &str) -> Value {
    json!({"metadata": {"namespace": namespace, "name": name, "uid": format!("uid-{name}"),
                        "creationTimestamp": "2020-05-20T18:00:00Z"}})
}

fn two_namespaces() -> ClusterConfig {
    ClusterConfig {
        namespaces: vec!["shop".into(), "cms".into()],
        ..config()
    }
}

#[tokio::test(start_paused = true)]
async fn long_lists_of_several_namespaces_at_once_lose_nothing() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    for i in 0..1_300 {
        server.change(|s| {
            s.world.put("pods", pod("shop", &format!("shop-{i}")));
            s.world.put("pods", pod("cms", &format!("cms-{i}")));
            s.world.put("pods", pod("other", &format!("other-{i}")))
        });
    }
    let memory = Memory::default();
    let collector = collect_from(two_namespaces(), server.client(), &memory, &now);
    pause(30).await;
    server.change(|s| s.world.delete("pods", &("cms".into(), "cms-7".into())));
    pause(30).await;
    collector.abort();
    let kept = memory.kept();
    let pods = || {
        kept.events
            .values()
            .filter(|e| e.kind.as_str() == "k8s_pod")
    };
    assert_eq!(pods().count(), 2_600);
    let gone: Vec<&str> = pods()
        .filter(|e| e.end.is_some())
        .map(|e| e.object.name.as_str())
        .collect();
    assert_eq!(gone, ["cms-7"]);
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_may_be_read_in_one_namespace_only_is_said_of_the_other() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.state().forbidden = ["pods in cms".to_owned()].into();
    server.change(|s| s.world.put("pods", pod("shop", "early")));
    let memory = Memory::default();
    let collector = collect_from(two_namespaces(), server.client(), &memory, &now);
    pause(30).await;
    assert!(memory.last_report("pods in shop").unwrap().is_ok());
    let said = memory.last_report("pods in cms").unwrap().unwrap_err();
    for part in [
        "access denied to list pods in cms",
        "User \"lineup\" cannot list",
        "allow list and watch of pods in the namespace cms (a Role there, bound to Lineup's account)",
        "docs/permissions/kubernetes.yaml",
        "until then nothing is known of: pods: scheduled",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let whats: Vec<String> = memory.kept().gaps.iter().map(|g| g.what.clone()).collect();
    assert!(whats.contains(&"pods in cms".to_owned()), "{whats:?}");
    assert!(!whats.contains(&"pods in shop".to_owned()), "{whats:?}");
    // Permitted after all, it is read without a restart.
    server.change(|s| s.forbidden.clear());
    server.change(|s| s.world.put("pods", pod("cms", "late")));
    pause(90).await;
    collector.abort();
    assert!(memory.last_report("pods in cms").unwrap().is_ok());
    assert!(memory.kept().events.contains_key("pod-uid-late"));
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_may_be_listed_and_not_watched_is_said_to_be_that() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.state().forbidden = ["watch pods".to_owned()].into();
    server.change(|s| s.world.put("pods", pod("shop", "early")));
    let cluster = Cluster::with_client(config(), server.client(), "http://test".into());
    let said = cluster.check().await.unwrap();
    assert!(said.contains("may not watch pods: allow it"), "{said}");
    assert!(said.contains("applications.argoproj.io"), "{said}");
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    collector.abort();
    let said = memory.last_report("pods").unwrap().unwrap_err();
    assert!(said.contains("access denied to watch pods"), "{said}");
    assert!(
        said.contains("in all namespaces, or name those that may be read"),
        "{said}"
    );
    assert!(memory.kept().events.contains_key("pod-uid-early"));
}

#[tokio::test(start_paused = true)]
async fn of_two_places_the_one_that_is_forbidden_is_named() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    // A newer server has no batch/v1beta1 at all: that is not what has to be mended.
    server.state().missing.push("/apis/batch/v1beta1");
    server.state().forbidden = ["cronjobs".to_owned()].into();
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    collector.abort();
    let said = memory.last_report("cronjobs").unwrap().unwrap_err();
    assert!(
        said.contains("access denied to list cronjobs.batch"),
        "{said}"
    );
    assert!(
        said.contains("until then nothing is known of: schedules of jobs"),
        "{said}"
    );
    // What need not be there is no error, and said to be absent.
    let said = memory.last_report("kustomizations").unwrap().unwrap();
    assert!(
        said.contains("this cluster has no kustomizations.kustomize.toolkit.fluxcd.io"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pull_lists_anew_where_a_page_has_expired() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    for i in 0..1_200 {
        server.change(|s| s.world.put("pods", pod("shop", &format!("p{i}"))));
    }
    server.fault("pods", &[Fault::Slow, Fault::ContinueGone]);
    let cluster = Cluster::with_client(config(), server.client(), "http://test".into());
    let at = now();
    let window = Window::new(at.plus(-3_600_000), at.plus(60_000)).unwrap();
    let batch = cluster.pull(window, at, &Unattended).await.unwrap();
    let pods = batch.events.iter().filter(|e| e.kind.as_str() == "k8s_pod");
    assert_eq!(pods.count(), 1_200);
    assert!(batch.provenance.gaps.iter().all(|g| g.what != "pods"));
    // Each time anew, it is a gap, and what came until then is there.
    let again = [Fault::Slow, Fault::ContinueGone].repeat(3);
    server.fault("pods", &again);
    let batch = cluster.pull(window, at, &Unattended).await.unwrap();
    let pods = batch.events.iter().filter(|e| e.kind.as_str() == "k8s_pod");
    assert_eq!(pods.count(), 500);
    assert!(batch.events.iter().all(|e| e.end.is_none()));
    assert!(batch.provenance.gaps.iter().any(|g| g.what == "pods"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_always_says_gone_is_left_alone() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.fault("pods", &[Fault::Slow, Fault::GoneInside].repeat(400));
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(300).await;
    collector.abort();
    let state = server.state();
    let asked = state.record.requests.iter();
    let asked = asked
        .filter(|(_, path)| path.starts_with("/api/v1/pods?"))
        .count();
    assert!((10..60).contains(&asked), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_was_restored_from_a_backup_is_listed_anew() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.change(|s| s.world.version = 90_000);
    server.change(|s| s.world.put("pods", pod("shop", "early")));
    server.change(|s| s.world.put("pods", pod("shop", "lost")));
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    server.change(|s| s.weather.away = true);
    pause(600).await;
    server.change(|s| {
        // An etcd of long ago: without one of the two, and with lower versions.
        s.world.version = 500;
        s.world.collections.clear();
        s.world.put("pods", pod("shop", "early"));
        s.weather.away = false;
    });
    pause(120).await;
    server.change(|s| s.world.put("pods", pod("shop", "late")));
    server.change(|s| s.world.delete("pods", &("shop".into(), "early".into())));
    pause(30).await;
    collector.abort();
    let kept = memory.kept();
    assert!(kept.events["pod-uid-lost"].title.contains("gone between"));
    assert!(kept.events.contains_key("pod-uid-late"));
    assert!(kept.events["pod-uid-early"].end.is_some());
    let said = |part: &str| {
        kept.gaps
            .iter()
            .any(|g| g.what == "pods" && g.reason.contains(part))
    };
    assert!(
        said("the cluster's count of changes went back from 90002 to 501"),
        "{:#?}",
        kept.gaps
    );
    assert!(said("were not watched from"));
}

#[tokio::test(start_paused = true)]
async fn a_list_of_version_0_is_followed_all_the_same() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.change(|s| s.world.version = 0);
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    server.change(|s| s.world.put("pods", pod("shop", "late")));
    pause(30).await;
    collector.abort();
    assert!(memory.kept().events.contains_key("pod-uid-late"));
    assert!(memory.last_report("pods").unwrap().is_ok());
}
