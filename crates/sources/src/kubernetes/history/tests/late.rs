//! Words that come late, of several lists at once, or after the cluster was put back.

use super::{at, event, pod, say, stream};
use crate::kubernetes::{
    cluster::told,
    history::{History, Stream, Told},
    part::Part,
};
use model::Event;
use serde_json::json;

/// A word of a stream of one namespace.
fn item(namespace: &str, name: &str, version: u32) -> Told {
    let object = json!({"metadata": {"namespace": namespace, "name": name, "uid": name,
        "resourceVersion": version.to_string(), "creationTimestamp": "2020-05-20T10:00:00Z"}});
    let line = json!({"type": "ADDED", "object": object}).to_string();
    match told(Part::Pods, &line) {
        Some(Told::Applied(object)) => Told::Item(object),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lists_of_two_namespaces_at_the_same_time_make_nothing_gone() {
    let mut history = History::new("c");
    let of = |namespace: &str| Stream {
        part: Part::Pods,
        namespace: namespace.to_owned(),
    };
    let (shop, cms) = (of("shop"), of("cms"));
    let begin = |time| Told::Begin { asked_at: at(time) };
    let end = |version: &str| Told::End {
        version: version.to_owned(),
    };
    for (stream, told) in [
        (&shop, begin("10:00:00")),
        (&shop, item("shop", "a", 1)),
        (&cms, begin("10:00:01")),
        (&cms, item("cms", "c", 2)),
        (&shop, item("shop", "b", 3)),
        (&shop, end("5")),
        (&cms, item("cms", "d", 4)),
        (&cms, end("5")),
    ] {
        history.observe(stream, at("10:00:02"), told);
    }
    let events = history.take(at("10:00:03")).batch.events;
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|e| e.end.is_none()), "{events:#?}");
    // What a later list of one namespace does not have is gone, and nothing of the other.
    for told in [begin("10:10:00"), item("shop", "a", 1), end("9")] {
        history.observe(&shop, at("10:10:01"), told);
    }
    let events = history.take(at("10:10:02")).batch.events;
    let gone: Vec<&str> = events.iter().map(|e| e.object.name.as_str()).collect();
    assert_eq!(gone, ["b"]);
}

#[test]
fn a_name_that_comes_back_with_another_uid_is_another_pod() {
    let mut history = History::new("c");
    let pod = |uid: &str, version: u32, created: &str| {
        json!({"metadata": {"namespace": "shop", "name": "db-0", "uid": uid,
            "resourceVersion": version.to_string(),
            "creationTimestamp": format!("2020-05-20T{created}Z")}})
    };
    say(
        &mut history,
        Part::Pods,
        "10:00:01",
        "ADDED",
        &pod("old", 1, "10:00:00"),
    );
    history.observe(&stream(Part::Pods), at("10:05:00"), Told::Disconnected);
    let up_to = Some(9);
    let told = Told::Reconnected {
        caught_up_at: up_to,
    };
    history.observe(&stream(Part::Pods), at("11:00:00"), told);
    say(
        &mut history,
        Part::Pods,
        "11:00:00",
        "ADDED",
        &pod("new", 8, "10:30:00"),
    );
    // Late words of the first one change nothing.
    say(
        &mut history,
        Part::Pods,
        "11:00:01",
        "MODIFIED",
        &pod("old", 2, "10:00:00"),
    );
    say(
        &mut history,
        Part::Pods,
        "11:00:01",
        "DELETED",
        &pod("old", 3, "10:00:00"),
    );
    let learned = history.take(at("11:00:02"));
    let (old, new) = (event(&learned, "pod-old"), event(&learned, "pod-new"));
    // It was there at 10:00:01, and not any more when the other one was made.
    assert_eq!(old.attribute_time("end_earliest"), Some(at("10:00:01")));
    assert_eq!(old.attribute_time("end_latest"), Some(at("10:30:00")));
    assert!(
        old.title
            .contains("gone between 2020-05-20 10:00 and 2020-05-20 10:30"),
        "{}",
        old.title
    );
    assert_eq!((new.start, new.end), (Some(at("10:30:00")), None));
    assert_eq!(learned.batch.events.len(), 2);
}

#[test]
fn bookmarks_move_the_position_on_and_never_back() {
    let mut history = History::new("c");
    let pods = stream(Part::Pods);
    let mark = |history: &mut History, version: &str, time: &str| {
        let version = version.to_owned();
        history.observe(&pods, at(time), Told::Bookmark { version });
        history.position(&pods)
    };
    say(&mut history, Part::Pods, "10:00:00", "ADDED", &pod(7, None));
    let moved = mark(&mut history, "9", "10:01:00");
    assert_eq!(moved.version.as_deref(), Some("9"));
    assert_eq!(moved.current_until, Some(at("10:01:00")));
    let back = mark(&mut history, "3", "10:02:00");
    assert_eq!(back.version.as_deref(), Some("9"));
    // One without a number of its own says nothing of the position.
    assert!(
        told(
            Part::Pods,
            r#"{"type":"BOOKMARK","object":{"metadata":{}}}"#
        )
        .is_none()
    );
}

#[test]
fn a_schedule_whose_versions_come_in_the_wrong_order_changed_twice() {
    let mut history = History::new("c");
    let cron = |generation: u32, schedule: &str| {
        json!({"metadata": {"namespace": "shop", "name": "report", "uid": "u",
            "resourceVersion": generation.to_string(), "generation": generation},
            "spec": {"schedule": schedule}})
    };
    say(
        &mut history,
        Part::CronJobs,
        "10:00:00",
        "ADDED",
        &cron(1, "@daily"),
    );
    say(
        &mut history,
        Part::CronJobs,
        "11:00:01",
        "MODIFIED",
        &cron(3, "* * * * *"),
    );
    say(
        &mut history,
        Part::CronJobs,
        "11:00:01",
        "MODIFIED",
        &cron(2, "@hourly"),
    );
    let learned = history.take(at("11:00:02"));
    let (first, second) = (
        event(&learned, "config-change-u-2"),
        event(&learned, "config-change-u-3"),
    );
    let between = |e: &Event| (e.attribute("from").unwrap(), e.attribute("to").unwrap());
    assert_eq!(between(&first), ("@daily".to_owned(), "@hourly".to_owned()));
    assert_eq!(
        between(&second),
        ("@hourly".to_owned(), "* * * * *".to_owned())
    );
    assert_eq!(second.title, "CronJob shop/report: @hourly -> * * * * *");
}

#[test]
fn a_scaling_that_is_told_before_the_version_it_began_from_is_told() {
    let mut history = History::new("c");
    let deployment = |generation: u32, replicas: u32| {
        json!({"metadata": {"namespace": "shop", "name": "web", "uid": "u",
            "resourceVersion": (10 + generation).to_string(), "generation": generation},
            "spec": {"replicas": replicas}})
    };
    for (generation, replicas) in [(3, 5), (2, 3), (2, 3)] {
        say(
            &mut history,
            Part::Deployments,
            "11:00:01",
            "MODIFIED",
            &deployment(generation, replicas),
        );
    }
    let learned = history.take(at("11:00:02"));
    assert_eq!(learned.batch.events.len(), 1);
    let scale = event(&learned, "scale-u-3");
    assert_eq!(scale.title, "Deployment shop/web scaled from 3 to 5");
    assert_eq!(scale.attribute("from").as_deref(), Some("3"));
    // A change of something else that comes late is no scaling.
    for (generation, replicas) in [(6, 2), (5, 2)] {
        say(
            &mut history,
            Part::Deployments,
            "11:00:03",
            "MODIFIED",
            &deployment(generation, replicas),
        );
    }
    let learned = history.take(at("11:00:04"));
    assert_eq!(learned.batch.events.len(), 1);
    let scale = event(&learned, "scale-u-6");
    assert_eq!(scale.title, "Deployment shop/web scaled down from 5 to 2");
}

#[test]
fn boots_and_versions_of_a_node_are_told_however_they_came() {
    let node = |version: u32| {
        let (boot, kubelet) = [("a", "v1"), ("b", "v1"), ("c", "v2")][version as usize - 1];
        json!({"metadata": {"name": "n1", "uid": "n", "resourceVersion": version.to_string(),
                            "creationTimestamp": "2020-05-19T10:00:00Z"},
            "status": {"nodeInfo": {"bootID": boot, "kubeletVersion": kubelet, "kernelVersion": "5",
                "architecture": "", "containerRuntimeVersion": "", "kubeProxyVersion": "",
                "machineID": "", "operatingSystem": "", "osImage": "", "systemUUID": ""}}})
    };
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [3, 2, 1], [2, 3, 1]] {
        let mut history = History::new("c");
        for version in order {
            say(
                &mut history,
                Part::Nodes,
                "11:00:00",
                "MODIFIED",
                &node(version),
            );
        }
        let learned = history.take(at("11:00:01"));
        let from = |id: &str| event(&learned, id).attribute("from").unwrap();
        assert_eq!(
            (from("boot-b"), from("boot-c")),
            ("a".to_owned(), "b".to_owned())
        );
        assert_eq!(from("node-n-kubelet-v2-3"), "v1");
        let told = learned
            .batch
            .events
            .iter()
            .filter(|e| e.id != "node-n-added");
        assert_eq!(told.count(), 3, "{order:?}");
    }
}

#[test]
fn what_flux_applied_is_told_in_order_however_it_came() {
    let mut history = History::new("c");
    let applied = |version: u32, revision: &str| {
        json!({"metadata": {"namespace": "shop", "name": "shop", "uid": "u",
            "resourceVersion": version.to_string()},
            "status": {"lastAppliedRevision": revision}})
    };
    say(
        &mut history,
        Part::Kustomizations,
        "10:00:00",
        "ADDED",
        &applied(1, "a"),
    );
    say(
        &mut history,
        Part::Kustomizations,
        "11:00:00",
        "MODIFIED",
        &applied(5, "c"),
    );
    say(
        &mut history,
        Part::Kustomizations,
        "11:00:00",
        "MODIFIED",
        &applied(3, "b"),
    );
    say(
        &mut history,
        Part::Kustomizations,
        "12:00:00",
        "MODIFIED",
        &applied(7, "a"),
    );
    let learned = history.take(at("12:00:01"));
    // What was there at first was there before anybody looked.
    let first = event(&learned, "flux-u-a");
    assert_eq!(
        (first.start, first.start_bounds().1),
        (None, Some(at("10:00:00")))
    );
    let before = |id: &str| event(&learned, id).attribute("revision_before").unwrap();
    assert_eq!(before("flux-u-b"), "a");
    assert_eq!(before("flux-u-c"), "b");
    // The same revision once more is another application.
    assert_eq!(before("flux-u-a-7"), "c");
    assert_eq!(learned.batch.events.len(), 4);
}

#[test]
fn an_older_helm_controller_tells_the_last_revision_only() {
    let mut history = History::new("c");
    let release = json!({"metadata": {"namespace": "shop", "name": "db", "uid": "u", "resourceVersion": "1"},
        "status": {"lastAppliedRevision": "1.4.0"}});
    say(
        &mut history,
        Part::HelmReleases,
        "10:00:00",
        "ADDED",
        &release,
    );
    let learned = history.take(at("10:00:01"));
    let event = event(&learned, "flux-u-1.4.0");
    assert_eq!(event.object.kind, "HelmRelease");
    assert_eq!(event.attribute("revision").as_deref(), Some("1.4.0"));
    assert_eq!(event.start, None);
}

#[test]
fn a_cluster_that_was_put_back_is_learned_anew() {
    let mut history = History::new("c");
    let pods = stream(Part::Pods);
    say(
        &mut history,
        Part::Pods,
        "10:00:00",
        "ADDED",
        &pod(700, None),
    );
    history.take(at("10:00:01"));
    history.observe(&pods, at("11:00:00"), Told::PutBack { version: 40 });
    // A version below every one before it is news all the same.
    say(
        &mut history,
        Part::Pods,
        "11:00:01",
        "MODIFIED",
        &pod(41, Some(("11:00:30", 30))),
    );
    let learned = history.take(at("11:00:02"));
    let open = event(&learned, "pod-u1-terminating");
    assert_eq!(open.attributes["finalizers"], json!(["example.org/hold"]));
    let gap = &learned.batch.provenance.gaps[0];
    assert!(
        gap.reason.contains("went back from 700 to 40"),
        "{}",
        gap.reason
    );
}
