//! Saved kubectl output of a small cluster, as two versions of Kubernetes print it, and tables as
//! people paste them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{Batch, Event, EventKind, Timestamp, Window, bundle::RawFile};
use proptest::prelude::*;
use sources::{
    files::{self, FileKind},
    kubernetes::{Listing, from_json, from_table},
};

const OLD: &str = include_str!("fixtures/cluster-v1.20.json");
const NEW: &str = include_str!("fixtures/cluster-v1.36.json");
/// The listing of the story "Hunting For Zombie Pods".
const ZOMBIES: &str = include_str!("fixtures/zombie-listing.txt");

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn listing() -> Listing {
    Listing {
        path: "files/cluster.json".into(),
        observed_at: Some(t("2020-05-22T10:00:00Z")),
        cluster: "shop-eu".into(),
    }
}

fn json(text: &str) -> Batch {
    from_json(text.as_bytes(), &listing()).unwrap()
}

fn all<'a>(batch: &'a Batch, kind: &str) -> Vec<&'a Event> {
    batch
        .events
        .iter()
        .filter(|e| e.kind.as_str() == kind)
        .collect()
}

fn one<'a>(batch: &'a Batch, kind: &str, object: &str) -> &'a Event {
    let found: Vec<_> = all(batch, kind)
        .into_iter()
        .filter(|e| e.object.name == object)
        .collect();
    assert_eq!(found.len(), 1, "{kind} {object}: {found:#?}");
    found[0]
}

fn rollout<'a>(batch: &'a Batch, name: &str, revision: &str) -> &'a Event {
    let of =
        |e: &&Event| e.object.name == name && e.attribute("revision").as_deref() == Some(revision);
    all(batch, "rollout").into_iter().find(of).unwrap()
}

#[test]
fn a_new_replica_set_is_a_rollout_with_its_images() {
    for text in [OLD, NEW] {
        let batch = json(text);
        let web = rollout(&batch, "web", "4");
        assert_eq!(web.start, Some(t("2020-05-20T10:00:07Z")));
        assert_eq!(
            (web.object.kind.as_str(), web.namespace.as_str()),
            ("Deployment", "shop")
        );
        assert_eq!(
            web.attribute("image").unwrap(),
            "registry.example.com/shop/php:7.4.6"
        );
        assert_eq!(
            web.attribute("image_before").unwrap(),
            "registry.example.com/shop/php:7.4.5"
        );
        assert_eq!(
            web.title,
            "Rollout of Deployment shop/web, revision 4: php:7.4.5 -> php:7.4.6"
        );
        let line: usize = web
            .id
            .strip_prefix("files/cluster.json#")
            .unwrap()
            .parse()
            .unwrap();
        let object: String = text.lines().skip(line - 1).take(12).collect();
        assert!(
            object.contains("ReplicaSet") && object.contains("\"4\""),
            "{object}"
        );
        // The oldest one kept has nothing to be compared with.
        assert_eq!(rollout(&batch, "web", "3").attribute("image_before"), None);
        // A restart changes the template and no image.
        let restart = rollout(&batch, "web", "5");
        assert_eq!(restart.attribute("change").as_deref(), Some("restart"));
        assert_eq!(
            restart.attribute("image"),
            restart.attribute("image_before")
        );
        assert_eq!(
            rollout(&batch, "jobs", "1").attribute("change").as_deref(),
            Some("created")
        );
    }
}

#[test]
fn a_rollback_is_dated_by_events_and_is_an_interval_without_them() {
    let old = json(OLD);
    let back = rollout(&old, "api", "4");
    assert_eq!(back.start, None);
    let bounds = (
        Some(t("2020-05-20T15:00:00Z")),
        Some(t("2020-05-20T16:31:00Z")),
    );
    assert_eq!(back.start_bounds(), bounds);
    assert_eq!(back.attribute("change").as_deref(), Some("rollback"));
    assert_eq!(
        back.attribute("image").unwrap(),
        "registry.example.com/shop/php:7.4.4"
    );
    assert_eq!(
        back.attribute("image_before").unwrap(),
        "registry.example.com/shop/php:7.4.6"
    );
    // Its first time, under its earlier number, is a rollout of its own.
    assert_eq!(
        rollout(&old, "api", "2").start,
        Some(t("2020-05-01T08:00:00Z"))
    );
    assert_eq!(all(&old, "rollout").len(), 7);

    let dated = json(NEW);
    let back = rollout(&dated, "api", "4");
    assert_eq!(back.start, Some(t("2020-05-20T16:30:00.123Z")));
    assert_eq!(back.attribute("scalings").as_deref(), Some("1"));

    // Without the history the order of the creations shows it too.
    let lost = NEW.replace("deployment.kubernetes.io/revision-history", "lost");
    let lost = json(&lost);
    assert_eq!(
        rollout(&lost, "api", "4").start,
        Some(t("2020-05-20T16:30:00.123Z"))
    );
    assert_eq!(all(&lost, "rollout").len(), 7);
}

#[test]
fn a_terminating_pod_lasts_since_its_deletion_timestamp() {
    for text in [OLD, NEW] {
        let batch = json(text);
        let pod = one(&batch, "pod_terminating", "web-588cd5f7cd-g9fxt");
        assert_eq!(pod.start, Some(t("2020-05-20T10:01:10Z")));
        assert_eq!(pod.end, None);
        assert_eq!(pod.node, "ip-10-0-1-11.eu-west-1.compute.internal");
        assert_eq!(
            pod.attribute("deletionGracePeriodSeconds").as_deref(),
            Some("30")
        );
        assert_eq!(pod.attribute("claims").as_deref(), Some("[\"shared\"]"));
        let id = "k8s:shop-eu/shop/Pod/web-588cd5f7cd-g9fxt";
        let hangs_on = |to: &str| batch.topology.iter().any(|e| e.from == id && e.to == to);
        assert!(hangs_on("aws:fs-0123abcd"));
        assert!(hangs_on("k8s:shop-eu/shop/PersistentVolumeClaim/shared"));
        assert!(hangs_on(
            "k8s:shop-eu//Node/ip-10-0-1-11.eu-west-1.compute.internal"
        ));
        let owned =
            |from: &str, to: &str| batch.topology.iter().any(|e| e.from == from && e.to == to);
        assert!(owned("k8s:shop-eu/shop/ReplicaSet/web-588cd5f7cd", id));
        assert!(owned(
            "k8s:shop-eu/shop/Deployment/web",
            "k8s:shop-eu/shop/ReplicaSet/web-588cd5f7cd"
        ));
        assert!(owned(
            "k8s:shop-eu//Node/ip-10-0-1-11.eu-west-1.compute.internal",
            "aws:i-0aa11"
        ));
    }
}

#[test]
fn nodes_and_warnings_are_read_in_both_spellings_of_time() {
    for (text, rebooted) in [(OLD, "2020-05-22T09:11:30Z"), (NEW, "2020-05-22T09:11:30Z")] {
        let batch = json(text);
        let a = "ip-10-0-1-11.eu-west-1.compute.internal";
        let b = "ip-10-0-2-22.eu-west-1.compute.internal";
        let reboot = one(&batch, "node_reboot", a);
        assert_eq!(reboot.start, Some(t(rebooted)));
        assert_eq!((reboot.namespace.as_str(), reboot.node.as_str()), ("", a));
        let down = one(&batch, "node_not_ready", b);
        assert_eq!(
            (down.start, down.end),
            (Some(t("2020-05-22T09:40:00Z")), None)
        );
        // The event began it, NodeReady ended it; the condition, which knows the end alone, adds
        // nothing.
        let ended = one(&batch, "node_not_ready", a);
        assert_eq!(ended.start.unwrap().minute(), "2020-05-22 09:05");
        assert_eq!(ended.end, Some(t("2020-05-22T09:12:00Z")));
        assert_eq!(
            one(&batch, "node_added", b).start,
            Some(t("2020-05-20T23:00:00Z"))
        );

        let warnings = all(&batch, "k8s_warning");
        let kill = warnings
            .iter()
            .find(|e| e.attribute("reason").as_deref() == Some("FailedKillPod"))
            .unwrap();
        assert_eq!(
            kill.start.unwrap().seconds(),
            t("2020-05-20T10:03:11Z").seconds()
        );
        assert_eq!(kill.end, Some(t("2020-05-22T09:55:00Z")));
        assert_eq!(kill.attribute("count").as_deref(), Some("1312"));
        assert_eq!(kill.node, a);
        assert!(!kill.title.contains('\n') && kill.title.contains("error killing pod"));
    }
    let batch = json(NEW);
    let new_api = one(&batch, "k8s_warning", "web-797fbbbc6d-whjpp");
    assert_eq!(new_api.start, Some(t("2020-05-21T06:00:00.5Z")));
    assert_eq!(new_api.attribute("reporter").as_deref(), Some("kubelet"));
}

#[test]
fn a_condition_alone_says_until_when_a_node_was_not_ready() {
    let without = OLD.replace("\"NodeNotReady\"", "\"Other\"");
    let batch = json(&without);
    let node = one(
        &batch,
        "node_not_ready",
        "ip-10-0-1-11.eu-west-1.compute.internal",
    );
    assert_eq!(
        (node.start, node.end),
        (None, Some(t("2020-05-22T09:12:00Z")))
    );
    let bounds = (
        Some(t("2020-05-04T06:00:00Z")),
        Some(t("2020-05-22T09:12:00Z")),
    );
    assert_eq!(node.start_bounds(), bounds);
}

#[test]
fn restarts_kills_jobs_and_scalings_have_their_kinds() {
    for text in [OLD, NEW] {
        let batch = json(text);
        let pod = "web-6d9f5c4b77-2zk7p";
        let kill = one(&batch, "oom_kill", pod);
        assert_eq!(kill.start, Some(t("2020-05-21T08:00:00Z")));
        assert_eq!(kill.attribute("exit_code").as_deref(), Some("137"));
        let restart = one(&batch, "container_restart", pod);
        assert_eq!(restart.start, Some(t("2020-05-21T09:30:00Z")));
        assert_eq!(
            restart.attribute("waiting").as_deref(),
            Some("CrashLoopBackOff")
        );
        assert!(restart.id.starts_with(kill.id.as_str()) && restart.id.ends_with(".2"));
        let job = one(&batch, "job_run", "sitemap-1590111000");
        assert_eq!(job.start, Some(t("2020-05-22T01:30:01Z")));
        assert_eq!(job.end, Some(t("2020-05-22T01:33:20Z")));
        // The scalings of the rollout at 12:00 are part of it; the one at 03:10 is not.
        let scale = one(&batch, "scale", "web");
        assert_eq!(scale.start.unwrap().minute(), "2020-05-22 03:10");
        assert_eq!(scale.attribute("to").as_deref(), Some("6"));
    }
    assert_eq!(
        rollout(&json(OLD), "web", "5")
            .attribute("scalings")
            .as_deref(),
        Some("2")
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_kept() {
    let reasons: Vec<String> = json(OLD)
        .provenance
        .gaps
        .into_iter()
        .map(|g| g.reason)
        .collect();
    let named = |part: &str| reasons.iter().any(|r| r.contains(part));
    assert!(
        named("Pod shop/half-written cannot be read"),
        "{reasons:#?}"
    );
    assert!(
        named("ConfigMap 1") && named("in the file only (2): Pulled 1, Scheduled 1"),
        "{reasons:#?}"
    );
    for (text, says) in [
        (
            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\n\"items\":[",
            "files/cluster.json:2: expected JSON",
        ),
        ("{}", "expected JSON as kubectl prints it"),
        ("", "expected JSON as kubectl prints it"),
    ] {
        let error = from_json(text.as_bytes(), &listing())
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{error}");
    }
}

fn reasons(batch: &Batch) -> Vec<String> {
    let gaps = batch.provenance.gaps.iter();
    gaps.map(|gap| gap.reason.clone()).collect()
}

/// A list of pods in Terminating as kubectl prints it.
fn terminating(names: &[&str]) -> String {
    let items: Vec<serde_json::Value> = names
        .iter()
        .map(|name| {
            serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop",
                "name": name, "deletionTimestamp": "2020-05-20T10:00:00Z"},
                "spec": {"volumes": [{"name": "x", "configMap": {"items": [{"key": "k", "path": "p"}]}}]}})
        })
        .collect();
    let list =
        serde_json::json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {}});
    serde_json::to_string_pretty(&list)
        .unwrap()
        .replace("\n  ", "\n    ")
}

fn names(batch: &Batch) -> Vec<&str> {
    let events = batch.events.iter();
    events.map(|event| event.object.name.as_str()).collect()
}

#[test]
fn a_listing_that_breaks_off_keeps_what_is_whole_before() {
    let whole = terminating(&["a", "b", "c"]);
    assert_eq!(names(&json(&whole)), ["a", "b", "c"]);
    let lines = |part: &str| part.matches('\n').count() + 1;
    // In the middle of the third, between two, and behind the last.
    let third = whole.rfind("\"Pod\"").unwrap();
    let second = whole.find("\"b\"").unwrap();
    let between = second + whole[second..].find("},\n").unwrap();
    let between = between + whole[between..].find("        {").unwrap();
    let cut = &whole[..third];
    let batch = json(cut);
    assert_eq!(names(&batch), ["a", "b"]);
    let said = reasons(&batch).join("\n");
    assert!(
        said.contains(&format!(
            "line {}: the listing breaks off here, after {} bytes: the 2 whole objects before that are kept, the one that begins on line",
            lines(cut),
            cut.len()
        )),
        "{said}"
    );
    assert!(said.contains("save the listing again, and whole"), "{said}");
    assert!(!names(&json(&whole[..between])).is_empty());
    let behind = whole.rfind("],").unwrap();
    let batch = json(&whole[..behind]);
    assert_eq!(names(&batch), ["a", "b", "c"]);
    assert!(
        reasons(&batch)
            .iter()
            .any(|r| r.contains("breaks off here"))
    );
    // Straight from the API, on one line, with the kind in front.
    let flat = r#"{"kind":"PodList","items":[{"metadata":{"name":"a","deletionTimestamp":"2020-05-20T10:00:00Z"}},{"metadata":{"na"#;
    assert_eq!(names(&json(flat)), ["a"]);
    // Wherever it is cut, what was whole is there, and that something is missing is said.
    for at in (0..whole.len()).step_by(7) {
        match from_json(&whole.as_bytes()[..at], &listing()) {
            Ok(batch) => {
                let n = batch.events.len();
                assert!(names(&batch) == ["a", "b", "c"][..n], "{at}");
                assert!(
                    reasons(&batch).iter().any(|r| r.contains("breaks off")),
                    "{at}"
                );
            }
            Err(error) => assert!(
                at < second && error.to_string().contains("expected JSON"),
                "{error}"
            ),
        }
    }
}

#[test]
fn an_object_that_is_damaged_is_left_out_and_said() {
    let whole = terminating(&["a", "b", "c"]);
    let named = whole.find("\"b\"").unwrap();
    // A quotation mark that is lost makes a string of everything behind it; a bracket that is lost
    // moves everything; a letter between them is no JSON.
    for (bad, with) in [
        ("\"b\"", "\"b "),
        ("\"b\"", "}b\""),
        ("\"b\",", "\"b\"\u{7f}"),
    ] {
        let text = whole.replacen(bad, with, 1);
        let batch = json(&text);
        assert_eq!(names(&batch), ["a", "c"], "{with}");
        // An item stands six blanks in.
        let before = whole[..named].rfind("\n      {\n").unwrap();
        let line = whole[..before].matches('\n').count() + 2;
        let said = format!("line {line}: the object that begins here is damaged and left out");
        assert!(
            reasons(&batch).iter().any(|r| r.starts_with(&said)),
            "{:#?}",
            reasons(&batch)
        );
    }
    // Documents one after another.
    let pod = |name: &str| {
        format!(
            "{{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {{\"name\": \"{name}\", \"deletionTimestamp\": \"2020-05-20T10:00:00Z\"}}}}\n"
        )
    };
    let text = [pod("a"), pod("b").replace(':', ""), pod("c")].concat();
    assert_eq!(names(&json(&text)), ["a", "c"]);
}

#[test]
fn listings_are_read_in_the_encodings_that_shells_write() {
    let whole = terminating(&["a", "b"]);
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(
        whole
            .replace('\n', "\r\n")
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    let marked = format!("\u{feff}{whole}").into_bytes();
    for bytes in [&wide, &marked] {
        let batch = from_json(bytes, &listing()).unwrap();
        assert_eq!(names(&batch), ["a", "b"]);
        assert!(reasons(&batch).iter().all(|r| !r.contains("no text")));
    }
    // One that breaks off in the middle of a letter.
    wide.truncate(wide.len() - 401);
    assert_eq!(names(&from_json(&wide, &listing()).unwrap()), ["a"]);

    let at = whole.find("\"b\"").unwrap();
    for byte in [0, 0xE9] {
        let mut bytes = whole.clone().into_bytes();
        bytes[at + 1] = byte;
        let batch = from_json(&bytes, &listing()).unwrap();
        assert_eq!(names(&batch), ["a", "\u{fffd}"]);
        let said = reasons(&batch).join("\n");
        let line = whole[..at].matches('\n').count() + 1;
        assert!(
            said.contains(&format!("line {line}: 1 byte is no text")),
            "{said}"
        );
    }
}

#[test]
fn what_became_of_pods_after_the_listing_is_said_to_be_unknown() {
    let batch = json(&terminating(&["a", "b"]));
    let said = reasons(&batch).join("\n");
    let open = "the listing was taken at 2020-05-22 10:00: what became of its 2 pods in Terminating after that is not known";
    assert!(said.contains(open), "{said}");
    let tabled = table(ZOMBIES);
    assert!(
        reasons(&tabled)
            .iter()
            .any(|r| r.contains("its 8 pods in Terminating after that"))
    );
    let undated = Listing::default();
    let batch = from_json(terminating(&["a"]).as_bytes(), &undated).unwrap();
    assert!(
        reasons(&batch)
            .iter()
            .any(|r| r.starts_with("the listing was taken at an unknown time"))
    );
    assert!(batch.events[0].attribute("observed_at").is_none());
}

#[test]
fn single_objects_lists_of_one_kind_and_several_documents_are_read() {
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n",
        "deletionTimestamp":"2020-05-20T10:00:00Z"}}"#;
    let bare = pod.replace(r#""apiVersion":"v1","kind":"Pod","#, "");
    for text in [
        pod.to_owned(),
        format!("{pod}\n{pod}").replacen("\"a\"", "\"b\"", 1),
        format!(r#"{{"apiVersion":"v1","kind":"PodList","items":[{bare}]}}"#),
        format!(r#"{{"type":"MODIFIED","object":{pod}}}"#),
        format!("[{pod}]"),
    ] {
        let batch = json(&text);
        assert_eq!(one(&batch, "pod_terminating", "a").namespace, "n", "{text}");
        assert_eq!(
            files::kind_of(text.as_bytes()),
            FileKind::KubectlJson,
            "{text}"
        );
    }
}

fn table(text: &str) -> Batch {
    let listing = Listing {
        path: "files/pods.txt".into(),
        ..listing()
    };
    from_table(text, &listing).unwrap()
}

#[test]
fn the_listing_of_the_story_gives_eight_pods_of_unknown_start() {
    // As in the terminal, and as from a web page.
    let pasted = ZOMBIES.replace("     ", "\u{a0} \u{a0}\u{2009} ");
    let windows = ZOMBIES.replace('\n', "\r\n");
    let header = format!("NAMESPACE   NAME  READY  STATUS  RESTARTS   AGE\n{ZOMBIES}");
    for text in [ZOMBIES, &pasted, &windows, &header] {
        let batch = table(text);
        assert_eq!(batch.events.len(), 8);
        assert!(
            batch
                .events
                .iter()
                .all(|e| e.kind == EventKind::PodTerminating)
        );
        assert!(
            batch
                .events
                .iter()
                .all(|e| e.start.is_none() && e.end.is_none())
        );
        let first = &batch.events[0];
        assert_eq!(first.namespace, "************");
        assert_eq!(first.object.name, "************-staging-797fbbbc6d-whjpp");
        assert!(
            first.title.contains("at most 25 h before the listing"),
            "{}",
            first.title
        );
        // 25h is anything below 26 hours.
        let bounds = (
            Some(t("2020-05-21T08:00:00Z")),
            Some(t("2020-05-22T10:00:00Z")),
        );
        assert_eq!(first.start_bounds(), bounds);
        assert_eq!(files::kind_of(text.as_bytes()), FileKind::KubectlTable);
    }
    assert_eq!(table(ZOMBIES).events[0].id, "files/pods.txt#2");
}

#[test]
fn without_the_time_of_the_listing_nothing_is_dated_and_it_is_asked_for() {
    let listing = Listing {
        path: "files/pods.txt".into(),
        ..Listing::default()
    };
    let batch = from_table(ZOMBIES, &listing).unwrap();
    assert!(
        batch
            .events
            .iter()
            .all(|e| e.start_bounds() == (None, None))
    );
    assert!(
        batch
            .provenance
            .gaps
            .iter()
            .any(|g| g.reason.contains("observed_at"))
    );
    let error = from_table("nothing\nof the sort\n", &listing)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("files/pods.txt: expected a table"),
        "{error}"
    );
}

#[test]
fn wide_tables_without_namespaces_and_lines_between_are_read() {
    let text = "me@host:~$ kubectl get pods -n shop -o wide\n\
        NAME  READY  STATUS  RESTARTS  AGE  IP  NODE  NOMINATED NODE  READINESS GATES\n\
        web-1\t2/2\tRunning\t5 (3d7h ago)\t10d\t10.0.0.7\tnode-a\t<none>\t<none>\n\
        web-2 0/2 Terminating 0 5m30s <none> node-b <none> <none>\n\
        what is this?\n";
    let batch = table(text);
    let pod = one(&batch, "pod_terminating", "web-2");
    assert_eq!((pod.node.as_str(), pod.namespace.as_str()), ("node-b", ""));
    assert!(
        pod.title.contains("at most 5 min 30 s before the listing"),
        "{}",
        pod.title
    );
    let restart = one(&batch, "container_restart", "web-1");
    let bounds = (
        Some(t("2020-05-19T02:00:00Z")),
        Some(t("2020-05-19T03:00:00Z")),
    );
    assert_eq!(restart.start_bounds(), bounds);
    assert!(
        batch
            .provenance
            .gaps
            .iter()
            .any(|g| g.reason.contains("line 5: 'what is this?'"))
    );
}

#[test]
fn files_are_known_by_what_is_in_them() {
    for (content, kind) in [
        (OLD.as_bytes(), FileKind::KubectlJson),
        (
            &b"\xef\xbb\xbfTimestamp,Value\r\n1,2\r\n"[..],
            FileKind::SeriesCsv,
        ),
        (
            b"Client rpc stats:\ncalls      retrans    authrefrsh\n",
            FileKind::Nfsstat,
        ),
        (
            b"kubelet[3851]: W0526 14:51:59.491441    3851 mount_helper_common.go:36] x",
            FileKind::KubeletLog,
        ),
        (b"{\"a\":1}", FileKind::Text),
        (b"", FileKind::Text),
        (b"\xff\xfe\x00", FileKind::Binary),
    ] {
        assert_eq!(files::kind_of(content), kind);
    }
}

#[test]
fn files_outside_the_window_or_of_unknown_kind_are_named() {
    let file = |path: &str, content: &str| RawFile {
        path: path.into(),
        observed_at: Some(t("2020-05-22T10:00:00Z")),
        content: content.into(),
        ..RawFile::default()
    };
    let raw = [
        file("files/cluster.json", OLD),
        file(
            "files/a b.csv",
            "timestamp,value\n1590000000,1\n1590000060,2\n15900",
        ),
        file("files/nfsstat.txt", "Client nfs v4:\n"),
        file("files/bad.csv", "timestamp,value\n1590000000,NaN\n"),
    ];
    let window = Window::new(t("2020-05-20T00:00:00Z"), t("2020-05-22T12:00:00Z")).unwrap();
    let batch = files::read_all(&raw, window).unwrap();
    assert!(
        batch
            .events
            .iter()
            .all(|e| e.at().is_none_or(|at| at >= window.start) || e.end.is_none())
    );
    assert_eq!(all(&batch, "rollout").len(), 5);
    let series = &batch.series[0];
    assert_eq!(
        (series.meta.id.as_str(), series.samples.len()),
        ("files_a_b.csv-69debdb6", 2)
    );
    assert_eq!(series.meta.period_s, Some(60));
    let reasons: Vec<&str> = batch
        .provenance
        .gaps
        .iter()
        .map(|g| g.reason.as_str())
        .collect();
    let named = |part: &str| reasons.iter().any(|r| r.contains(part));
    assert!(
        named("events outside of the window") && named("breaks off after '15900'"),
        "{reasons:#?}"
    );
    assert!(
        named(
            "kept, not read by this version: files/nfsstat.txt: expected a table of `nfsstat -c`"
        ),
        "{reasons:#?}"
    );
    assert!(
        named("kept, not read by this version: files/bad.csv:2: expected a finite number"),
        "{reasons:#?}"
    );
    assert_eq!(batch.files.len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_a_table_or_refused(text in "([a-z*]{1,4}[ \u{a0}\t]{1,2}){0,2}([0-9]/[0-9] Terminating [0-9]{1,12} [0-9]{1,20}[smhdy]{1,2}|.{0,30}\n){0,6}") {
        let _ = from_table(&text, &Listing { observed_at: Some(t("2020-05-22T10:00:00Z")), ..Listing::default() });
    }

    #[test]
    fn any_bytes_have_a_kind_and_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let window = Window::new(t("2020-05-20T00:00:00Z"), t("2020-05-22T12:00:00Z")).unwrap();
        let file = RawFile { path: "files/x".into(), content: bytes, ..RawFile::default() };
        prop_assert!(files::read_all(&[file], window).is_ok());
    }

    #[test]
    fn a_damaged_listing_is_read_or_refused(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = NEW.as_bytes().to_vec();
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(error) = from_json(&bytes, &listing()) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
