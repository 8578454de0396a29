//! Every file can be read; the right issues come, and none in quiet.

use super::{Issue, files::FILES, known_issues};
use crate::{Settings, case::Case, stuck_pods};
use model::{
    Event, EventKind, Evidence, ObjectRef, Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, HOUR, MINUTE},
};
use std::collections::BTreeSet;

/// Numbers of the issues that the story and its relatives name.
const NAMED: [&str; 8] = [
    "kubernetes/kubernetes/issues/64137",
    "kubernetes/kubernetes/issues/70324",
    "kubernetes/kubernetes/issues/71584",
    "kubernetes/kubernetes/issues/110818",
    "kubernetes/kubernetes/issues/123960",
    "kubernetes/kubernetes/issues/51835",
    "kubernetes-sigs/aws-efs-csi-driver/issues/112",
    "kubernetes-sigs/aws-efs-csi-driver/issues/401",
];

#[test]
fn every_file_is_an_issue_with_links_symptoms_and_a_workaround() {
    let issues: Vec<Issue> = FILES
        .iter()
        .map(|text| serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}")))
        .collect();
    assert!(issues.len() >= 20);
    let ids: BTreeSet<&str> = issues.iter().map(|i| i.id.as_str()).collect();
    assert_eq!(ids.len(), issues.len(), "ids are unique");
    for issue in &issues {
        let id = &issue.id;
        assert!(!id.is_empty() && !issue.title.is_empty(), "{id}");
        assert!(issue.workaround.len() > 20, "{id}");
        assert!(!issue.links.is_empty(), "{id}");
        assert!(
            issue.links.iter().all(|l| l.starts_with("https://")),
            "{id}"
        );
        assert!(!issue.logs.is_empty(), "{id}");
        for words in &issue.logs {
            assert!(!words.is_empty(), "{id}");
            for word in words {
                assert!(
                    word.len() >= 3 && *word == word.to_lowercase(),
                    "{id}: {word}"
                );
            }
        }
        let quiet = issue.when.is_empty() || issue.when.contains(&super::Circumstance::StuckPods);
        assert!(quiet, "{id}: circumstances that a quiet window may have");
    }
    let links: Vec<&String> = issues.iter().flat_map(|i| &i.links).collect();
    for named in NAMED {
        assert!(links.iter().any(|l| l.ends_with(named)), "{named}");
    }
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_590_278_400).plus(minutes * MINUTE)
}

fn evidence() -> Evidence {
    let efs = SeriesMeta {
        id: "balance".into(),
        name: "BurstCreditBalance".into(),
        namespace: "AWS/EFS".into(),
        ..SeriesMeta::default()
    };
    Evidence {
        window: Window {
            start: at(0),
            end: at(0).plus(2 * DAY),
        },
        series: vec![Series {
            meta: efs,
            samples: Samples::from_unordered((0..2_880).map(|i| (at(i), 1e12)).collect()),
        }],
        ..Evidence::default()
    }
}

fn event(id: &str, kind: EventKind, object: &str, minute: i64) -> Event {
    Event {
        id: id.into(),
        kind,
        start: Some(at(minute)),
        namespace: "shop".into(),
        object: ObjectRef {
            kind: "Pod".into(),
            name: object.into(),
        },
        ..Event::default()
    }
}

fn found(evidence: &Evidence) -> Vec<(String, Vec<String>, String)> {
    let settings = Settings::default();
    let case = Case::of(evidence, &settings, evidence.window.end);
    let stuck = stuck_pods::stuck_pods(&case);
    known_issues(&case, &stuck)
        .into_iter()
        .map(|k| (k.id, k.matched, k.why))
        .collect()
}

fn jobs(evidence: &mut Evidence) {
    for hour in 0..48 {
        let job = event(
            &format!("job-{hour}"),
            EventKind::JobRun,
            "report",
            hour * 60,
        );
        evidence.events.push(job);
    }
}

#[test]
fn a_quiet_window_has_none() {
    let mut quiet = evidence();
    jobs(&mut quiet);
    quiet
        .events
        .push(event("roll", EventKind::Rollout, "web", 900));
    assert_eq!(found(&quiet), []);
}

#[test]
fn the_log_of_the_recurrence_names_the_unmounts_of_subpaths_first() {
    let mut again = evidence();
    jobs(&mut again);
    let pod = "web-56dc6d7dbd-wccmq";
    again
        .events
        .push(event("zombie", EventKind::PodTerminating, pod, 600));
    let mut log = event("log", EventKind::LogPattern, pod, 602);
    log.title = "kubelet: Unmount skipped because path does not exist".into();
    again.events.push(log);
    let all = found(&again);
    let ids: Vec<&str> = all.iter().map(|(id, _, _)| id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "kubernetes-110818",
            "kubernetes-139535",
            "kubernetes-51835",
            "aws-efs-csi-driver-112",
            "aws-efs-csi-driver-401",
            "kubernetes-64137",
            "kubernetes-70324",
        ]
    );
    assert_eq!(all[0].1, ["log"]);
    assert_eq!(all[3].1, ["zombie"]);
    assert!(all[5].2.contains("unknown"), "{}", all[5].2);
}

#[test]
fn a_kubelet_that_has_the_fix_is_none_of_it() {
    let mut fixed = evidence();
    jobs(&mut fixed);
    fixed
        .events
        .push(event("zombie", EventKind::PodTerminating, "web-1", 600));
    let mut node = event("node", EventKind::NodeAdded, "node-1", 5);
    node.attributes.insert("kubelet".into(), "v1.14.9".into());
    fixed.events.push(node.clone());
    let named = |evidence: &Evidence| found(evidence).iter().any(|f| f.0 == "kubernetes-64137");
    assert!(named(&fixed));
    node.attributes.insert("kubelet".into(), "v1.29.1".into());
    fixed.events.pop();
    fixed.events.push(node);
    assert!(!named(&fixed));
}

#[test]
fn templates_of_log_series_count_while_they_are_written() {
    let mut log = evidence();
    let mut meta = SeriesMeta {
        id: "kubelet.ab12".into(),
        name: "inotify_add_watch".into(),
        ..SeriesMeta::default()
    };
    meta.dimensions.insert(
        "template".into(),
        "inotify_add_watch /sys/fs/cgroup/devices/*: no space left on device".into(),
    );
    let mut series = Series {
        meta,
        samples: Samples::from_unordered(vec![(at(60), 3.0)]),
    };
    log.series.push(series.clone());
    let ids: Vec<String> = found(&log).into_iter().map(|f| f.0).collect();
    assert!(ids.contains(&"kubernetes-70324".to_owned()), "{ids:?}");
    series.samples = Samples::from_unordered(vec![(at(0).plus(-HOUR), 3.0)]);
    log.series.pop();
    log.series.push(series);
    assert_eq!(found(&log), []);
}
