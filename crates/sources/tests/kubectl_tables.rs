//! Tables of kubectl besides that of pods: events, nodes, workloads, histories; and what of them is not
//! known. Laid out as kubectl prints them, and with their spaces lost as from a web page.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests are tests too"
)]

use model::{Batch, Event, Timestamp};
use proptest::prelude::*;
use sources::{
    files::{self, FileKind},
    kubernetes::{Listing, from_table},
};

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn listing() -> Listing {
    Listing {
        path: "files/kubectl.txt".into(),
        observed_at: Some(t("2026-05-22T10:00:00Z")),
        cluster: String::new(),
    }
}

fn read(text: &str) -> Batch {
    from_table(text, &listing()).unwrap()
}

/// As a web page gives it: one space between words.
fn collapsed(text: &str) -> String {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(|l| line(l) + "\n").collect()
}

fn one<'a>(batch: &'a Batch, kind: &str, object: &str) -> &'a Event {
    let is = |e: &&Event| e.kind.as_str() == kind && e.object.name == object;
    let found: Vec<&Event> = batch.events.iter().filter(is).collect();
    assert_eq!(found.len(), 1, "{kind} {object}: {:#?}", batch.events);
    found[0]
}

fn between(from: &str, to: &str) -> (Option<Timestamp>, Option<Timestamp>) {
    (Some(t(from)), Some(t(to)))
}

fn says(batch: &Batch, part: &str) -> bool {
    batch
        .provenance
        .gaps
        .iter()
        .any(|g| g.reason.contains(part))
}

const EVENTS: &str = "\
NAMESPACE   LAST SEEN   TYPE      REASON              OBJECT                MESSAGE
shop        5m          Warning   FailedMount         pod/web-1             Unable to mount volumes for pod \"web-1\": timeout
shop        <unknown>   Warning   FailedKillPod       pod/web-2             error killing pod
shop        30s         Normal    Pulled              pod/web-1             Container image already present
shop        12m         Normal    ScalingReplicaSet   deployment/web        Scaled up replica set web-5d8bc6f4c9 to 3
default     45m         Normal    NodeNotReady        node/ip-10-0-0-7      Node ip-10-0-0-7 status is now: NodeNotReady
default     40m         Normal    NodeReady           node/ip-10-0-0-7      Node ip-10-0-0-7 status is now: NodeReady
default     20m         Normal    NodeNotReady        node/ip-10-0-0-8      Node ip-10-0-0-8 status is now: NodeNotReady
";

#[test]
fn events_stand_where_they_were_last_seen() {
    for text in [EVENTS.to_owned(), collapsed(EVENTS)] {
        assert_eq!(files::kind_of(text.as_bytes()), FileKind::KubectlTable);
        let batch = read(&text);
        assert_eq!(batch.events.len(), 5, "{:#?}", batch.events);
        let mount = one(&batch, "k8s_warning", "web-1");
        assert_eq!(
            (mount.namespace.as_str(), mount.object.kind.as_str()),
            ("shop", "Pod")
        );
        assert_eq!((mount.start, mount.end), (None, None));
        // 5m is anything below 6 minutes.
        let bounds = between("2026-05-22T09:54:00Z", "2026-05-22T09:55:00Z");
        assert_eq!(mount.start_bounds(), bounds);
        assert!(
            mount.title.contains("last seen 5 min before the listing"),
            "{}",
            mount.title
        );
        assert!(
            mount
                .attribute("message")
                .unwrap()
                .ends_with("\"web-1\": timeout")
        );
        assert_eq!(mount.id, "files/kubectl.txt#2");
        // Without an age only that it was before the listing.
        let kill = one(&batch, "k8s_warning", "web-2");
        assert_eq!(kill.start_bounds(), (None, Some(t("2026-05-22T10:00:00Z"))));
        let scale = one(&batch, "scale", "web");
        assert_eq!(scale.start, None);
        assert_eq!(
            scale.start_bounds(),
            between("2026-05-22T09:47:00Z", "2026-05-22T09:48:00Z")
        );
        assert_eq!(scale.attribute("to").as_deref(), Some("3"));
        // It was ready again; of the other one nothing says so.
        let over = one(&batch, "node_not_ready", "ip-10-0-0-7");
        assert_eq!(over.end, Some(t("2026-05-22T09:20:00Z")));
        assert_eq!(
            over.attribute_time("end_earliest"),
            Some(t("2026-05-22T09:19:00Z"))
        );
        assert_eq!(
            (over.namespace.as_str(), over.node.as_str()),
            ("", "ip-10-0-0-7")
        );
        assert_eq!(one(&batch, "node_not_ready", "ip-10-0-0-8").end, None);
        assert!(says(&batch, "first time only with `-o wide`"));
    }
}

#[test]
fn of_two_rows_of_one_age_nobody_knows_which_came_first() {
    let text = EVENTS.replace("40m", "45m");
    assert_eq!(one(&read(&text), "node_not_ready", "ip-10-0-0-7").end, None);
}

#[test]
fn wide_events_say_their_first_time_their_count_and_their_kubelet() {
    let wide = "\
LAST SEEN   TYPE      REASON    OBJECT      SUBOBJECT             SOURCE             MESSAGE                                  FIRST SEEN   COUNT   NAME
5m          Warning   BackOff   pod/web-1   spec.containers{web}  kubelet, node-a    Back-off restarting failed container     2h           23      web-1.16
7m          Warning   Failed    pod/web-3                         kubelet, node-b    Error: no such image                     7m           1       web-3.17
";
    let batch = read(wide);
    let back_off = one(&batch, "container_restart", "web-1");
    assert_eq!(
        back_off.start_bounds(),
        between("2026-05-22T07:00:00Z", "2026-05-22T08:00:00Z")
    );
    assert_eq!(back_off.end, Some(t("2026-05-22T09:55:00Z")));
    assert_eq!(back_off.attribute("count").as_deref(), Some("23"));
    assert_eq!(back_off.node, "node-a");
    let message = back_off.attribute("message").unwrap();
    assert_eq!(message, "Back-off restarting failed container");
    let once = one(&batch, "k8s_warning", "web-3");
    assert_eq!((once.end, once.node.as_str()), (None, "node-b"));

    // `kubectl events` says both in one cell.
    let short = "\
LAST SEEN             TYPE      REASON    OBJECT      MESSAGE
5m (x23 over 2h)      Warning   BackOff   Pod/web-1   Back-off restarting failed container
";
    for text in [short.to_owned(), collapsed(short)] {
        let batch = read(&text);
        let again = one(&batch, "container_restart", "web-1");
        assert_eq!(again.start_bounds(), back_off.start_bounds());
        assert_eq!(
            (again.end, again.attribute("count")),
            (back_off.end, Some("23".into()))
        );
    }
}

#[test]
fn nodes_say_when_they_joined_and_how_they_stand() {
    let wide = "\
NAME          STATUS                        ROLES    AGE    VERSION               INTERNAL-IP   EXTERNAL-IP   OS-IMAGE         KERNEL-VERSION                  CONTAINER-RUNTIME
ip-10-0-0-7   Ready                         <none>   3d7h   v1.14.7-eks-1861c5    10.0.0.7      <none>        Amazon Linux 2   4.14.165-133.209.amzn2.x86_64   docker://18.9.9
ip-10-0-0-8   NotReady,SchedulingDisabled   <none>   35d    v1.14.7-eks-1861c5    10.0.0.8      <none>        Amazon Linux 2   4.14.165-133.209.amzn2.x86_64   docker://18.9.9
";
    assert_eq!(files::kind_of(wide.as_bytes()), FileKind::KubectlTable);
    let batch = read(wide);
    assert_eq!(batch.events.len(), 4, "{:#?}", batch.events);
    let added = one(&batch, "node_added", "ip-10-0-0-7");
    assert_eq!(
        added.start_bounds(),
        between("2026-05-19T02:00:00Z", "2026-05-19T03:00:00Z")
    );
    assert_eq!(
        added.attribute("kubelet").as_deref(),
        Some("v1.14.7-eks-1861c5")
    );
    let kernel = added.attribute("kernel");
    assert_eq!(kernel.as_deref(), Some("4.14.165-133.209.amzn2.x86_64"));
    let down = one(&batch, "node_not_ready", "ip-10-0-0-8");
    assert_eq!(down.start, None);
    assert_eq!(
        down.start_bounds(),
        between("2026-04-16T10:00:00Z", "2026-05-22T10:00:00Z")
    );
    one(&batch, "k8s_node_condition", "ip-10-0-0-8");
    // With its spaces lost the kernel cannot be told from what stands before it.
    let batch = read(&collapsed(wide));
    assert_eq!(
        one(&batch, "node_added", "ip-10-0-0-7").attribute("kernel"),
        None
    );
    assert!(says(&batch, "neither since when one was not ready"));
}

#[test]
fn workloads_say_when_they_were_made_and_what_they_lacked() {
    let text = "\
NAMESPACE   NAME                  READY   UP-TO-DATE   AVAILABLE   AGE
shop        deployment.apps/web   2/3     3            2           10d
shop        deployment.apps/api   1/1     1            1           3h

NAMESPACE   NAME                             DESIRED   CURRENT   READY   AGE   CONTAINERS   IMAGES         SELECTOR
shop        replicaset.apps/web-5d8bc6f4c9   3         3         2       50m   web          shop/web:1.8   app=web
shop        replicaset.apps/web-797fbbbc6d   0         0         0       10d   web          shop/web:1.7   app=web
shop        replicaset.apps/alone            1         1         1       10d   web          shop/web:1.7   app=web

NAMESPACE   NAME                  READY   AGE
shop        statefulset.apps/db   0/1     25h

NAMESPACE   NAME     DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE
logs        agent    4         4         4       4            4           <none>          2y10d

NAMESPACE   NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE
shop        web    ClusterIP   10.0.0.9     <none>        80/TCP    10d
";
    for text in [text.to_owned(), collapsed(text)] {
        let batch = read(&text);
        let rollouts = |name: &str| {
            let of = |e: &&Event| e.kind.as_str() == "rollout" && e.object.name == name;
            batch.events.iter().filter(of).count()
        };
        // Those of its ReplicaSets tell more than the Deployment's own age.
        assert_eq!((rollouts("web"), rollouts("api")), (2, 1));
        assert_eq!(
            (rollouts("alone"), rollouts("db"), rollouts("agent")),
            (0, 1, 1)
        );
        let is_new = |e: &&Event| e.attribute("replica_set").as_deref() == Some("web-5d8bc6f4c9");
        let new = batch.events.iter().find(is_new).unwrap();
        assert_eq!(
            new.start_bounds(),
            between("2026-05-22T09:09:00Z", "2026-05-22T09:10:00Z")
        );
        assert_eq!(new.attribute("image").as_deref(), Some("shop/web:1.8"));
        assert_eq!(
            (new.namespace.as_str(), new.object.kind.as_str()),
            ("shop", "Deployment")
        );
        let lacking = one(&batch, "k8s_warning", "web");
        assert_eq!(lacking.start, Some(t("2026-05-22T10:00:00Z")));
        assert!(
            lacking.title.contains("2 of 3 pods ready"),
            "{}",
            lacking.title
        );
        assert!(one(&batch, "k8s_warning", "db").title.contains("0 of 1"));
        // What is not read is said.
        assert!(says(
            &batch,
            "1 row of a table that this version does not read (NAMESPACE NAME TYPE"
        ));
    }
}

#[test]
fn a_history_has_revisions_and_no_times() {
    let text = "\
$ kubectl rollout history deployment/web
deployment.apps/web
REVISION  CHANGE-CAUSE
1         <none>
2         kubectl set image deployment/web web=shop/web:1.8

";
    assert_eq!(files::kind_of(text.as_bytes()), FileKind::KubectlTable);
    let batch = read(text);
    assert_eq!(batch.events.len(), 2);
    let second = &batch.events[1];
    assert_eq!(
        (second.object.kind.as_str(), second.object.name.as_str()),
        ("Deployment", "web")
    );
    assert_eq!(second.attribute("revision").as_deref(), Some("2"));
    let cause = second.attribute("change_cause").unwrap();
    assert_eq!(cause, "kubectl set image deployment/web web=shop/web:1.8");
    assert_eq!(
        second.start_bounds(),
        (None, Some(t("2026-05-22T10:00:00Z")))
    );
    assert!(says(&batch, "no times"));
    // A history of nobody knows what is said.
    let error = from_table("REVISION  CHANGE-CAUSE\n1  <none>\n", &listing());
    assert!(error.is_err());
}

#[test]
fn without_the_time_of_the_listing_no_table_dates_anything() {
    let unknown = Listing {
        observed_at: None,
        ..listing()
    };
    let nodes = "NAME   STATUS   ROLES   AGE   VERSION\na   NotReady   <none>   3d   v1.30.1\n";
    let workloads = "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb   0/3   3   0   10d\n";
    for text in [EVENTS, nodes, workloads] {
        let batch = from_table(text, &unknown).unwrap();
        assert!(batch.events.len() > 1);
        for event in &batch.events {
            let dated = (event.start, event.end, event.start_bounds());
            assert_eq!(dated, (None, None, (None, None)), "{event:#?}");
        }
        assert!(says(&batch, "nothing in it can be dated"));
    }
}

#[test]
fn tables_that_are_not_read_are_refused_by_name() {
    let text = "NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb    ClusterIP   10.0.0.9     <none>        80/TCP    10d\n";
    let error = from_table(text, &listing()).unwrap_err().to_string();
    assert!(
        error.contains("of pods, events, nodes, deployments"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn any_rows_below_any_header_are_read_or_refused(
        header in "(NAMESPACE {1,3})?(LAST SEEN {1,3}TYPE {1,3}REASON {1,3}OBJECT {1,3}MESSAGE|NAME {1,3}STATUS {1,3}ROLES {1,3}AGE {1,3}VERSION|NAME {1,3}READY {1,3}AGE|NAME {1,3}DESIRED {1,3}CURRENT {1,3}READY {1,3}AGE)",
        rows in prop::collection::vec("([a-zä0-9/.-]{1,8} {1,4}){0,3}([0-9]{1,12}[smhdy]|<unknown>|Warning|Normal|[0-9]/[0-9]| {1,8}|\\(x[0-9]{1,3} over [0-9]h\\)|v1|pod/ö){0,8}.{0,9}", 0..6),
    ) {
        let text = format!("{header}\n{}\n", rows.join("\n"));
        if let Ok(batch) = from_table(&text, &listing()) {
            for event in &batch.events {
                prop_assert!(event.start.zip(event.end).is_none_or(|(a, b)| a <= b));
                let (earliest, latest) = event.start_bounds();
                prop_assert!(earliest.zip(latest).is_none_or(|(a, b)| a <= b));
                prop_assert!(event.end.zip(earliest).is_none_or(|(end, from)| end >= from));
            }
        }
    }
}
