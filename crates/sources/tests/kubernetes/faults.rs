//! Each row of `docs/faults/kubernetes.md`: the fault, and what the user sees.

use crate::{
    api::{Fault, Server, Weather},
    keeper::Memory,
    life::Life,
    runs::{clock, collect, config},
};
use async_trait::async_trait;
use model::{Timestamp, Window};
use serde_json::json;
use sources::{
    kubernetes::cluster::{Cluster, ClusterConfig, contexts},
    source::{Cause, Keeper, Learned, Source, SourceError, Unattended, Watch},
};
use std::{io::Write, time::Duration};

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// A pod without anything to it.
fn pod(name: &str) -> serde_json::Value {
    json!({"metadata": {"namespace": "shop", "name": name, "uid": format!("uid-{name}"),
                        "creationTimestamp": "2020-05-20T18:00:00Z"}})
}

/// Lets a collector meet the faults with pods, and shows that it gets over them: what it said went
/// wrong, and what was kept.
async fn meets(faults: &[Fault]) -> (String, Memory, Server) {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.change(|s| s.world.put("pods", pod("early")));
    server.fault("pods", faults);
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(400).await;
    server.change(|s| s.world.put("pods", pod("late")));
    pause(400).await;
    collector.abort();
    for name in ["early", "late"] {
        assert!(
            memory
                .kept()
                .events
                .contains_key(&format!("pod-uid-{name}")),
            "{name}"
        );
    }
    assert!(memory.last_report("pods").unwrap().is_ok());
    let said = memory.first_error("pods").unwrap_or_default();
    (said, memory, server)
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_a_timeout() {
    let (said, ..) = meets(&[Fault::Silent]).await;
    assert!(
        said.contains("list pods got no answer within 60 s"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_is_asked_again() {
    let (said, ..) = meets(&[Fault::Status(500, None), Fault::Status(503, None)]).await;
    assert!(said.contains("the API server answered 500"), "{said}");
    assert!(said.contains("asked again"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_overloaded_is_left_alone_for_as_long_as_it_says() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.fault("pods", &[Fault::Status(429, Some(90))]);
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    let asked = || {
        let state = server.state();
        state
            .record
            .requests
            .iter()
            .filter(|(_, p)| p.starts_with("/api/v1/pods?"))
            .count()
    };
    pause(85).await;
    assert_eq!(asked(), 1);
    pause(10).await;
    assert!(asked() > 1);
    collector.abort();
    let said = memory.first_error("pods").unwrap();
    assert!(said.contains("throttled"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_cut_off_counts_for_nothing() {
    let (said, ..) = meets(&[Fault::Truncated]).await;
    assert!(said.contains("the answer broke off"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_breaks_in_a_line_goes_on_where_it_was() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(5).await;
    server.fault("pods", &[Fault::Status(500, None), Fault::BrokenLine]);
    server.change(|s| s.weather.away = true);
    pause(1).await;
    server.change(|s| {
        s.weather.away = false;
        s.world.put("pods", pod("one"));
        s.world.put("pods", pod("two"))
    });
    pause(300).await;
    collector.abort();
    assert!(memory.kept().events.contains_key("pod-uid-two"));
    assert!(
        memory.kept().gaps.iter().all(|gap| gap.what != "pods"),
        "nothing was missed"
    );
    assert!(server.state().record.needless.is_empty());
    assert!(memory.first_error("pods").is_some());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_ends_is_a_timeout() {
    let (said, ..) = meets(&[Fault::Drip]).await;
    assert!(said.contains("no answer within 60 s"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_something_else_is_said_to_be_that() {
    let (said, ..) = meets(&[Fault::WrongContent]).await;
    assert!(said.contains("none of a Kubernetes API server"), "{said}");
    assert!(
        said.contains("check the address in the kubeconfig"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_address_that_answers_404_to_everything_is_no_cluster() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.state().missing.push("/");
    let cluster = Cluster::with_client(config(), server.client(), "http://test".into());
    let tried = cluster.check().await.unwrap_err().to_string();
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    collector.abort();
    let pods = memory.last_report("pods").unwrap().unwrap_err();
    for said in [&tried, &pods] {
        assert!(said.contains("asking http://test failed"), "{said}");
        assert!(
            said.contains("check the address in the kubeconfig"),
            "{said}"
        );
    }
    assert_eq!(
        pods,
        memory.last_report("deployments").unwrap().unwrap_err(),
        "said alike of all, so that it is said once"
    );
    let at = now();
    let window = Window::new(at.plus(-3_600_000), at).unwrap();
    let pulled = cluster.pull(window, at, &Unattended).await.unwrap_err();
    assert!(
        !matches!(pulled, SourceError::NotFound { .. }),
        "no answer about a window: {pulled}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_asks_for_a_login() {
    let (said, ..) = meets(&[Fault::Status(401, None)]).await;
    assert!(said.contains("no usable credentials"), "{said}");
    assert!(said.contains("log in again"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_names_the_address() {
    let (said, ..) = meets(&[Fault::Refused]).await;
    assert!(said.contains("http://test cannot be reached"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn an_expired_page_begins_the_list_anew() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    for i in 0..1_200 {
        server.change(|s| s.world.put("pods", pod(&format!("p{i}"))));
    }
    server.fault("pods", &[Fault::Slow, Fault::ContinueGone]);
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    collector.abort();
    let kept = memory.kept();
    assert_eq!(
        kept.events
            .values()
            .filter(|e| e.kind.as_str() == "k8s_pod")
            .count(),
        1_200
    );
    assert!(kept.events.values().all(|e| e.end.is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_gone_leaves_a_gap_and_bounds() {
    for fault in [Fault::Status(410, None), Fault::GoneInside] {
        let now = clock(0);
        let server = Server::new(7, now.clone());
        server.change(|s| s.world.put("pods", pod("early")));
        let memory = Memory::default();
        let collector = collect(server.client(), &memory, &now);
        pause(30).await;
        server.change(|s| s.weather.away = true);
        pause(3_600).await;
        server.fault("pods", &[Fault::Status(500, None), fault]);
        server.change(|s| {
            s.world.delete("pods", &("shop".into(), "early".into()));
            s.weather = Weather::default();
            s.world.compact();
        });
        pause(300).await;
        collector.abort();
        let kept = memory.kept();
        let gone = &kept.events["pod-uid-early"];
        let from = gone.attribute_time("end_earliest").unwrap();
        let to = gone.attribute_time("end_latest").unwrap();
        assert!(to.since(from) > 3_500_000, "{gone:?}");
        assert!(gone.title.contains("gone between"), "{}", gone.title);
        let gap = kept.gaps.iter().find(|g| g.what == "pods").unwrap();
        assert!(gap.window.unwrap().millis() > 3_500_000);
        assert!(
            gap.reason.contains("were not watched from"),
            "{}",
            gap.reason
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_a_server_loses_nothing_that_it_still_has() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.change(|s| s.world.put("pods", pod("early")));
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    server.change(|s| s.weather.away = true);
    pause(1_800).await;
    server.change(|s| {
        s.world.put("pods", pod("short"));
        s.world.delete("pods", &("shop".into(), "short".into()))
    });
    pause(1_800).await;
    server.change(|s| s.weather.away = false);
    pause(120).await;
    collector.abort();
    let kept = memory.kept();
    let short = &kept.events["pod-uid-short"];
    // It came and went while nobody listened: the watch tells that it did, and not when.
    assert!(short.attribute_time("end_earliest").is_some(), "{short:?}");
    assert!(kept.gaps.iter().all(|gap| gap.what != "pods"));
    drop(kept);
    let said = memory.first_error("pods").unwrap();
    assert!(
        said.contains("broke off") || said.contains("cannot be reached"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_named_and_the_rest_goes_on() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.state().forbidden = ["nodes".to_owned(), "applications".to_owned()].into();
    server.change(|s| s.world.put("pods", pod("early")));
    server.change(|s| {
        s.world.put(
            "events",
            json!({
        "metadata": {"namespace": "default", "name": "n.1", "uid": "e1"}, "type": "Normal",
        "involvedObject": {"kind": "Node", "name": "n1"}, "reason": "NodeNotReady",
        "firstTimestamp": "2020-05-20T18:00:00Z", "lastTimestamp": "2020-05-20T18:00:00Z"}),
        )
    });
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(60).await;
    collector.abort();
    let said = memory.first_error("nodes").unwrap();
    assert!(said.contains("access denied to list nodes"), "{said}");
    assert!(said.contains("docs/permissions/kubernetes.yaml"), "{said}");
    assert!(memory.last_report("applications").unwrap().is_ok());
    let kept = memory.kept();
    assert!(kept.gaps.iter().any(|gap| gap.what == "nodes"));
    assert!(kept.events.contains_key("pod-uid-early"));
    // Then what events say of nodes counts.
    assert_eq!(kept.events["event-e1"].kind, model::EventKind::NodeNotReady);
}

#[tokio::test(start_paused = true)]
async fn events_are_read_where_the_server_has_them_and_once() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.state().missing.push("/api/v1/events");
    server.change(|s| {
        s.world.put(
            "events",
            json!({
        "metadata": {"namespace": "shop", "name": "w.1", "uid": "e1"}, "type": "Warning",
        "regarding": {"kind": "Pod", "namespace": "shop", "name": "web-1"}, "reason": "FailedMount",
        "note": "Unable to mount", "eventTime": "2020-05-20T18:00:00.000000Z",
        "reportingController": "kubelet"}),
        )
    });
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(60).await;
    collector.abort();
    let kept = memory.kept();
    assert_eq!(kept.events.len(), 1);
    let event = &kept.events["event-e1"];
    assert_eq!(event.start, Some("2020-05-20T18:00:00Z".parse().unwrap()));
    assert_eq!(
        event.attribute("message").as_deref(),
        Some("Unable to mount")
    );
}

#[tokio::test(start_paused = true)]
async fn clocks_that_differ_are_said_and_corrected() {
    let (now, theirs) = (clock(0), clock(-120_000));
    let server = Server::new(7, now.clone());
    server.state().skew_ms = Some(-120_000);
    server.change(|s| s.world.put("pods", pod("early")));
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    server.change(|s| s.world.delete("pods", &("shop".into(), "early".into())));
    let gone_at = theirs();
    pause(5).await;
    collector.abort();
    let said = memory.last_report("pods").unwrap().unwrap();
    assert!(
        said.contains("the API server's clock is") && said.contains("behind this machine's"),
        "{said}"
    );
    let kept = memory.kept();
    assert!(
        kept.gaps
            .iter()
            .any(|gap| gap.what == "clock" && gap.reason.contains("NTP"))
    );
    let end = kept.events["pod-uid-early"].end.unwrap();
    assert!(end.since(gone_at).abs() <= 1_500, "{end} is not {gone_at}");
}

#[tokio::test(start_paused = true)]
async fn words_twice_and_in_the_wrong_order_change_nothing() {
    let (_, memory, _) = meets(&[Fault::Slow, Fault::Jumbled]).await;
    assert!(
        memory
            .kept()
            .events
            .values()
            .all(|event| event.end.is_none())
    );
}

#[tokio::test(start_paused = true)]
async fn streaming_lists_are_not_asked_for() {
    let (_, _, server) = meets(&[]).await;
    let asked = &server.state().record.requests;
    assert!(
        asked
            .iter()
            .all(|(_, path)| !path.contains("sendInitialEvents"))
    );
    assert!(
        asked
            .iter()
            .any(|(_, path)| path.contains("allowWatchBookmarks=true"))
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_is_named_and_the_others_are_kept() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.change(|s| {
        let mut odd = pod("odd");
        odd["spec"] = json!("text");
        s.world.put("pods", odd);
        s.world.put("pods", pod("good"))
    });
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(10).await;
    collector.abort();
    let kept = memory.kept();
    assert!(kept.events.contains_key("pod-uid-good"));
    let gap = kept.gaps.iter().find(|gap| gap.what == "pods").unwrap();
    assert!(
        gap.reason
            .contains("Pod shop/odd cannot be read and is left out"),
        "{}",
        gap.reason
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_ends_the_watch_and_says_so() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.change(|s| s.world.put("pods", pod("early")));
    let memory = Memory::default();
    memory.kept().fails = true;
    let collector = collect(server.client(), &memory, &now);
    let said = tokio::time::timeout(Duration::from_mins(1), collector)
        .await
        .unwrap()
        .unwrap();
    assert!(said.contains("keeping what was learned"), "{said}");
    assert!(said.contains("the disk is full"), "{said}");
    // Once there is room again everything is learned after all.
    memory.kept().fails = false;
    let collector = collect(server.client(), &memory, &now);
    pause(10).await;
    collector.abort();
    assert!(memory.kept().events.contains_key("pod-uid-early"));
}

/// A keeper that never comes back, as with a database that is away.
struct Stuck;

#[async_trait]
impl Keeper for Stuck {
    async fn recall(&self) -> Result<Vec<(String, String)>, Cause> {
        Ok(Vec::new())
    }

    async fn keep(&self, _: Learned) -> Result<(), Cause> {
        std::future::pending().await
    }

    fn report(&self, _: &str, _: Result<String, &SourceError>) {}
}

#[tokio::test(start_paused = true)]
async fn reading_goes_on_while_a_keeper_keeps_but_not_for_ever() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    for i in 0..10_000 {
        server.change(|s| s.world.put("pods", pod(&format!("p{i}"))));
    }
    let cluster = Cluster::with_client(config(), server.client(), "http://test".into());
    let watching = cluster.watch(&Stuck, &*now);
    let ended = tokio::time::timeout(Duration::from_mins(10), watching).await;
    assert!(ended.is_err(), "{ended:?}");
    let state = server.state();
    let requests = state.record.requests.iter();
    let pages = requests.filter(|(_, path)| path.starts_with("/api/v1/pods?"));
    let pages = pages.count();
    // 20 pages have all; 2 fill what is handed on at once, and 8 what may wait meanwhile.
    assert!((9..=12).contains(&pages), "{pages}");
}

#[tokio::test(start_paused = true)]
async fn a_pull_gives_the_window_and_names_what_may_not_be_read() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    let _life = Life::begin(&server, now.clone(), 3);
    server.state().forbidden = ["persistentvolumes".to_owned()].into();
    let cluster = Cluster::with_client(config(), server.client(), "http://test".into());
    let at = now();
    let window = Window::new(at.plus(-60_000), at.plus(60_000)).unwrap();
    let batch = cluster.pull(window, at, &Unattended).await.unwrap();
    assert!(
        batch
            .events
            .iter()
            .any(|e| e.kind == model::EventKind::Rollout)
    );
    assert!(
        batch
            .provenance
            .gaps
            .iter()
            .any(|g| g.what == "persistentvolumes")
    );
    let old = Window::new(Timestamp::from_seconds(1), Timestamp::from_seconds(2)).unwrap();
    assert!(
        cluster
            .pull(old, at, &Unattended)
            .await
            .unwrap()
            .events
            .is_empty()
    );
    let said = cluster.check().await.unwrap();
    assert!(said.contains("v1.36.0 at http://test"), "{said}");
    assert!(
        said.contains("may not list persistentvolumes: allow it"),
        "{said}"
    );
    server.change(|s| s.weather.away = true);
    let error = cluster.pull(window, at, &Unattended).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_pull_keeps_the_pods_that_were_there_before_the_window_and_still_are() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    let at = now();
    let created = at.plus(-86_400_000).to_string();
    let pod = json!({"metadata": {"namespace": "shop", "name": "web-1", "uid": "old",
        "creationTimestamp": created}, "status": {"phase": "Running"}});
    server.change(|s| s.world.put("pods", pod));
    let cluster = Cluster::with_client(config(), server.client(), "http://test".into());
    let ids = async |from: i64, to: i64| {
        let window = Window::new(at.plus(from), at.plus(to)).unwrap();
        let batch = cluster.pull(window, at, &Unattended).await.unwrap();
        let ids = batch.events.into_iter().map(|e| e.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(-60_000, 60_000).await, ["pod-old"]);
    assert!(
        ids(-96_400_000, -90_000_000).await.is_empty(),
        "before it was created"
    );
}

#[tokio::test]
async fn a_credential_program_that_fails_is_named_and_its_words_are_not() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let kubeconfig = "
apiVersion: v1
kind: Config
current-context: first
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users:
  - name: u
    user:
      exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: ['-c', 'echo secret-token; echo secret-token >&2; exit 3'], interactiveMode: Never}
contexts:
  - {name: other, context: {cluster: c, user: u}}
  - {name: first, context: {cluster: c, user: u}}
";
    file.write_all(kubeconfig.as_bytes()).unwrap();
    assert_eq!(contexts(Some(file.path())).unwrap(), ["first", "other"]);
    let config = ClusterConfig {
        name: "c".into(),
        kubeconfig: Some(file.path().into()),
        ..ClusterConfig::default()
    };
    let error = match Cluster::connect(config.clone()).await {
        Err(error) => error.to_string(),
        Ok(cluster) => cluster.check().await.unwrap_err().to_string(),
    };
    assert!(error.contains("no usable credentials"), "{error}");
    assert!(
        error.contains("the credential program of the kubeconfig ended with exit status: 3"),
        "{error}"
    );
    assert!(!error.contains("secret-token"), "{error}");

    let context = Some("nowhere".into());
    let error = Cluster::connect(ClusterConfig { context, ..config })
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("context 'nowhere' not found"), "{error}");
    assert!(error.contains("the kubeconfig has other, first"), "{error}");
}
