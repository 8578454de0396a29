use super::*;
use crate::{Settings, stuck_pods};
use model::{Evidence, ObjectRef, Window, time::DAY};
use proptest::prelude::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_590_000_000 + minutes * 60)
}

fn node(kind: EventKind, name: &str, minute: i64, attributes: &[(&str, &str)]) -> Event {
    let mut event = Event {
        id: format!("{}-{name}-{minute}", kind.as_str()),
        kind,
        start: Some(at(minute)),
        object: ObjectRef {
            kind: "Node".into(),
            name: name.into(),
        },
        node: name.into(),
        ..Event::default()
    };
    for (key, value) in attributes {
        event.attributes.insert((*key).into(), (*value).into());
    }
    event
}

fn zombie(name: &str, minute: i64, end: Option<i64>) -> Event {
    Event {
        id: format!("zombie-{name}-{minute}"),
        kind: EventKind::PodTerminating,
        start: Some(at(minute)),
        end: end.map(at),
        namespace: "shop".into(),
        object: ObjectRef {
            kind: "Pod".into(),
            name: format!("web-{minute}"),
        },
        node: name.into(),
        ..Event::default()
    }
}

fn ranked(mut events: Vec<Event>, issues: &[&str]) -> Vec<NodeToRecycle> {
    events.sort_by_key(Event::at);
    let evidence = Evidence {
        window: Window {
            start: at(0),
            end: at(0).plus(2 * DAY),
        },
        events,
        ..Evidence::default()
    };
    let settings = Settings::default();
    let case = Case::of(&evidence, &settings, evidence.window.end);
    let stuck = stuck_pods::stuck_pods(&case);
    let issue = |id: &&str| KnownIssue {
        id: (*id).to_owned(),
        ..KnownIssue::default()
    };
    let issues: Vec<KnownIssue> = issues.iter().map(issue).collect();
    nodes_to_recycle(&case, &stuck, &issues)
}

fn names(nodes: &[NodeToRecycle]) -> Vec<&str> {
    nodes.iter().map(|n| n.node.as_str()).collect()
}

const OLD: [(&str, &str); 2] = [("kubelet", "v1.14.9-eks-1f0ca9"), ("kernel", "4.14.177")];
const NEW: [(&str, &str); 2] = [("kubelet", "v1.16.8"), ("kernel", "4.14.181")];

#[test]
fn zombies_come_first_then_known_issues_then_age() {
    let nodes = ranked(
        vec![
            node(EventKind::NodeAdded, "old", -90 * 1_440, &OLD),
            node(EventKind::NodeAdded, "older", -99 * 1_440, &OLD),
            node(EventKind::NodeAdded, "fine", -999 * 1_440, &NEW),
            node(EventKind::NodeAdded, "two", -1_440, &OLD),
            node(EventKind::NodeAdded, "one", -1_440, &NEW),
            zombie("two", 10, None),
            zombie("two", 20, None),
            zombie("one", 30, None),
            zombie("unknown", 40, None),
        ],
        &["kubernetes-64137", "kubernetes-110818"],
    );
    assert_eq!(names(&nodes), ["two", "one", "unknown", "older", "old"]);
    assert_eq!(
        nodes.iter().map(|n| n.rank).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(
        nodes[0].reasons,
        [
            "hosts 2 pods stuck in Terminating, the oldest for 1 d 23 h",
            "its kubelet v1.14.9-eks-1f0ca9 has kubernetes-64137; 1.15 has the fix",
            "up for 3 d",
        ]
    );
    assert_eq!(nodes[0].still_stuck, 2);
    assert_eq!(nodes[0].stuck.len(), 2);
    assert!(nodes[0].commands()[0].ends_with("cordon two"));
    let unknown = &nodes[2];
    assert_eq!(unknown.reasons[1], "since when it is up is unknown");
    assert_eq!(unknown.up_since, None);
}

#[test]
fn what_was_rebooted_or_left_since_is_done() {
    let nodes = ranked(
        vec![
            zombie("rebooted", 10, Some(505)),
            node(EventKind::NodeReboot, "rebooted", 500, &[]),
            zombie("left", 10, None),
            node(EventKind::NodeRemoved, "left", 500, &[]),
            // Rebooted, and it has some again.
            zombie("again", 10, Some(505)),
            node(EventKind::NodeReboot, "again", 500, &[]),
            zombie("again", 900, None),
            // Rebooted before: that did not help.
            node(EventKind::NodeReboot, "before", 5, &[]),
            zombie("before", 10, None),
            // They went by themselves.
            zombie("quiet", 10, Some(600)),
        ],
        &[],
    );
    assert_eq!(
        names(&nodes),
        ["again", "before", "quiet", "rebooted", "left"]
    );
    let done: Vec<bool> = nodes.iter().map(|n| n.done_at.is_some()).collect();
    assert_eq!(done, [false, false, false, true, true]);
    assert_eq!(nodes[0].still_stuck, 1);
    assert_eq!(nodes[3].done_at, Some(at(500)));
    assert!(nodes[3].commands().is_empty());
    assert!(nodes[4].reasons.last().unwrap().starts_with("it left at"));
}

#[test]
fn a_kernel_that_only_such_nodes_run_is_named() {
    let with = |kernel: &'static str| [("kernel", kernel)];
    let mut events = vec![
        node(EventKind::NodeAdded, "a", -10, &with("5.4.17")),
        node(EventKind::NodeAdded, "b", -10, &with("5.4.20")),
        zombie("a", 10, None),
    ];
    let reason = "its kernel 5.4.17 runs on nodes with stuck pods and on no other";
    let nodes = ranked(events.clone(), &[]);
    assert_eq!(names(&nodes), ["a"]);
    assert!(nodes[0].reasons.contains(&reason.to_owned()));
    // Another one runs it and hosts none: it tells nothing.
    events.push(node(EventKind::NodeAdded, "c", -10, &with("5.4.17")));
    let nodes = ranked(events, &[]);
    assert!(!nodes[0].reasons.contains(&reason.to_owned()));
}

#[test]
fn an_upgrade_of_the_kubelet_counts() {
    let change = [("what", "kubelet"), ("from", "v1.14.9"), ("to", "v1.15.0")];
    let events = vec![
        node(EventKind::NodeAdded, "a", -10, &OLD),
        node(EventKind::NodeAdded, "b", -10, &OLD),
        node(EventKind::ConfigChange, "b", 10, &change),
    ];
    let nodes = ranked(events, &["kubernetes-64137"]);
    assert_eq!(names(&nodes), ["a"]);
}

#[test]
fn nothing_is_listed_in_quiet() {
    let events = vec![
        node(EventKind::NodeAdded, "a", -10 * 1_440, &OLD),
        zombie("a", 10, Some(12)),
    ];
    assert_eq!(ranked(events, &[]), []);
}

proptest! {
    /// More zombies never make a node come later, and no node is listed twice.
    #[test]
    fn more_zombies_come_earlier(counts in prop::collection::vec(0_i64..5, 1..8)) {
        let mut events = Vec::new();
        for (k, count) in counts.iter().enumerate() {
            for n in 0..*count {
                events.push(zombie(&format!("node-{k}"), n, None));
            }
        }
        let nodes = ranked(events, &[]);
        let listed: Vec<u32> = nodes.iter().map(|n| n.still_stuck).collect();
        let mut sorted = listed.clone();
        sorted.sort_by_key(|n| Reverse(*n));
        prop_assert_eq!(&listed, &sorted);
        let distinct: BTreeSet<&str> = names(&nodes).into_iter().collect();
        prop_assert_eq!(distinct.len(), nodes.len());
        prop_assert_eq!(nodes.len(), counts.iter().filter(|c| **c > 0).count());
    }
}
