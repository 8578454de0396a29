//! The heart alone: what single words of a stream make of the history.

mod late;

use super::{History, Stream, Told};
use crate::{kubernetes::cluster::told, kubernetes::part::Part, source::Learned};
use model::{Event, EventKind, Timestamp};
use serde_json::{Value, json};

fn stream(part: Part) -> Stream {
    Stream {
        part,
        namespace: String::new(),
    }
}

fn at(text: &str) -> Timestamp {
    format!("2020-05-20T{text}Z").parse().unwrap()
}

fn say(history: &mut History, part: Part, time: &str, kind: &str, object: &Value) {
    let line = json!({"type": kind, "object": object}).to_string();
    history.observe(&stream(part), at(time), told(part, &line).unwrap());
}

fn event(learned: &Learned, id: &str) -> Event {
    let found = learned.batch.events.iter().find(|e| e.id == id);
    found.unwrap_or_else(|| panic!("no {id}")).clone()
}

fn pod(version: u32, deletion: Option<(&str, u32)>) -> Value {
    let mut pod = json!({"metadata": {"namespace": "shop", "name": "web-1", "uid": "u1",
        "resourceVersion": version.to_string(), "creationTimestamp": "2020-05-20T10:00:00Z"}});
    if let Some((time, grace)) = deletion {
        pod["metadata"]["deletionTimestamp"] = json!(format!("2020-05-20T{time}Z"));
        pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
        pod["metadata"]["finalizers"] = json!(["example.org/hold"]);
    }
    pod
}

#[test]
fn a_force_delete_of_a_stuck_pod_does_not_move_its_beginning() {
    let mut history = History::new("c");
    say(&mut history, Part::Pods, "10:00:01", "ADDED", &pod(1, None));
    say(
        &mut history,
        Part::Pods,
        "11:00:00",
        "MODIFIED",
        &pod(2, Some(("11:00:30", 30))),
    );
    let open = event(&history.take(at("11:00:01")), "pod-u1-terminating");
    assert_eq!((open.start, open.end), (Some(at("11:00:30")), None));
    assert_eq!(open.attributes["finalizers"], json!(["example.org/hold"]));
    say(
        &mut history,
        Part::Pods,
        "13:00:00",
        "MODIFIED",
        &pod(3, Some(("11:00:00", 0))),
    );
    say(
        &mut history,
        Part::Pods,
        "13:00:00",
        "DELETED",
        &pod(4, Some(("11:00:00", 0))),
    );
    let over = event(&history.take(at("13:00:01")), "pod-u1-terminating");
    assert_eq!(
        (over.start, over.end),
        (Some(at("11:00:30")), Some(at("13:00:00")))
    );
    assert_eq!(
        over.attribute("deletion_requested_at").as_deref(),
        Some("2020-05-20T11:00:00Z")
    );
    assert_eq!(
        over.attribute("deletionGracePeriodSeconds").as_deref(),
        Some("30")
    );
}

#[test]
fn a_pod_that_goes_within_its_grace_was_terminating_since_it_was_asked_to() {
    let mut history = History::new("c");
    say(
        &mut history,
        Part::Pods,
        "11:00:00",
        "ADDED",
        &pod(2, Some(("11:00:30", 30))),
    );
    say(
        &mut history,
        Part::Pods,
        "11:00:02",
        "MODIFIED",
        &pod(3, Some(("11:00:00", 0))),
    );
    say(
        &mut history,
        Part::Pods,
        "11:00:02",
        "DELETED",
        &pod(4, Some(("11:00:00", 0))),
    );
    let over = event(&history.take(at("11:00:03")), "pod-u1-terminating");
    assert_eq!(
        (over.start, over.end),
        (Some(at("11:00:00")), Some(at("11:00:02")))
    );
}

#[test]
fn what_a_list_no_longer_has_went_between_two_times_and_the_span_is_a_gap() {
    let mut history = History::new("c");
    let pods = stream(Part::Pods);
    let list = |history: &mut History, time: &str, version: &str| {
        history.observe(&pods, at(time), Told::Begin { asked_at: at(time) });
        if version == "5" {
            let line = json!({"type": "ADDED", "object": pod(1, None)}).to_string();
            let Some(Told::Applied(object)) = told(Part::Pods, &line) else {
                panic!()
            };
            history.observe(&pods, at(time), Told::Item(object));
        }
        let version = version.to_owned();
        history.observe(&pods, at(time), Told::End { version });
    };
    list(&mut history, "10:00:00", "5");
    // Over a restart as well.
    let memory: Vec<(String, String)> = history
        .take(at("10:00:01"))
        .memory
        .into_iter()
        .filter_map(|(k, v)| Some((k, v?)))
        .collect();
    assert!(memory.iter().any(|(key, _)| key == "k8s:c/shop/Pod/web-1"));
    let mut history = History::restore("c", &memory);
    assert_eq!(history.position(&pods).version.as_deref(), Some("5"));
    list(&mut history, "11:00:00", "9");
    let learned = history.take(at("11:00:01"));
    let gone = event(&learned, "pod-u1");
    assert_eq!(gone.attribute_time("end_earliest"), Some(at("10:00:00")));
    assert_eq!(gone.attribute_time("end_latest"), Some(at("11:00:00")));
    assert!(
        gone.title
            .ends_with("gone between 2020-05-20 10:00 and 2020-05-20 11:00")
    );
    let window = learned.batch.provenance.gaps[0].window.unwrap();
    assert_eq!((window.start, window.end), (at("10:00:00"), at("11:00:00")));
    assert!(
        learned
            .memory
            .contains(&("k8s:c/shop/Pod/web-1".to_owned(), None))
    );
}

#[test]
fn a_reboot_is_dated_by_the_machine_and_told_once() {
    let node = |version: u32, boot: &str, heartbeat: &str| {
        json!({"metadata": {"name": "n1", "uid": "n", "resourceVersion": version.to_string(),
                            "creationTimestamp": "2020-05-19T10:00:00Z"},
            "spec": {"taints": [{"key": "aws-node-termination-handler/spot-itn", "effect": "NoExecute",
                                 "timeAdded": "2020-05-20T11:30:00Z"}]},
            "status": {"nodeInfo": {"bootID": boot, "kubeletVersion": "v1", "kernelVersion": "5",
                "architecture": "", "containerRuntimeVersion": "", "kubeProxyVersion": "",
                "machineID": "", "operatingSystem": "", "osImage": "", "systemUUID": ""},
                "conditions": [{"type": "Ready", "status": "True",
                    "lastTransitionTime": "2020-05-19T10:00:00Z",
                    "lastHeartbeatTime": format!("2020-05-20T{heartbeat}Z")}]}})
    };
    let mut history = History::new("c");
    say(
        &mut history,
        Part::Nodes,
        "11:00:00",
        "ADDED",
        &node(1, "a", "11:00:00"),
    );
    say(
        &mut history,
        Part::Nodes,
        "11:40:00",
        "MODIFIED",
        &node(2, "b", "11:40:00"),
    );
    let learned = history.take(at("11:40:01"));
    let reboot = event(&learned, "boot-b");
    assert_eq!(reboot.kind, EventKind::NodeReboot);
    assert_eq!(
        reboot.start_bounds(),
        (Some(at("11:00:00")), Some(at("11:40:00")))
    );
    let spot = learned
        .batch
        .events
        .iter()
        .find(|e| e.kind.as_str() == "node_interruption")
        .unwrap();
    assert_eq!(spot.start, Some(at("11:30:00")));
    // The kubelet's event tells when, of the same boot.
    say(
        &mut history,
        Part::Events,
        "11:40:02",
        "ADDED",
        &json!({
        "metadata": {"namespace": "default", "name": "n1.1", "uid": "e1", "resourceVersion": "3"},
        "involvedObject": {"kind": "Node", "name": "n1"}, "type": "Warning", "reason": "Rebooted",
        "message": "Node n1 has been rebooted, boot id: b",
        "firstTimestamp": "2020-05-20T11:39:30Z", "lastTimestamp": "2020-05-20T11:39:30Z"}),
    );
    let learned = history.take(at("11:40:03"));
    assert_eq!(learned.batch.events.len(), 1);
    assert_eq!(event(&learned, "boot-b").start, Some(at("11:39:30")));
}

#[test]
fn words_of_one_twice_and_late_change_nothing() {
    let mut history = History::new("c");
    say(
        &mut history,
        Part::Pods,
        "11:00:00",
        "MODIFIED",
        &pod(2, Some(("11:00:30", 30))),
    );
    say(&mut history, Part::Pods, "11:00:00", "ADDED", &pod(1, None));
    say(
        &mut history,
        Part::Pods,
        "11:05:00",
        "DELETED",
        &pod(4, Some(("11:00:30", 30))),
    );
    let whole = history.take(at("11:05:01"));
    say(
        &mut history,
        Part::Pods,
        "11:06:00",
        "DELETED",
        &pod(4, Some(("11:00:30", 30))),
    );
    say(
        &mut history,
        Part::Pods,
        "11:06:00",
        "MODIFIED",
        &pod(3, Some(("11:00:30", 30))),
    );
    let later = history.take(at("11:06:01"));
    for late in later.batch.events {
        assert_eq!(event(&whole, &late.id), late);
    }
    assert!(
        later
            .memory
            .iter()
            .all(|(key, _)| key.starts_with("watch/"))
    );
}
