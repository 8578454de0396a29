//! What a bundle and its raw files say together, and that nothing is said twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{
    Bundle, Event, EventKind, ObjectRef, Timestamp, Window,
    bundle::{BUNDLE_SCHEMA, IncidentHeader, RawFile},
};
use sources::{bundle::without_derived, evidence_of};

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn pod(id: &str, name: &str, start: &str, end: Option<&str>) -> Event {
    Event {
        id: id.into(),
        kind: EventKind::PodTerminating,
        start: Some(t(start)),
        end: end.map(t),
        cluster: "eu".into(),
        namespace: "shop".into(),
        object: ObjectRef {
            kind: "Pod".into(),
            name: name.into(),
        },
        ..Event::default()
    }
}

fn table(path: &str, observed_at: Option<&str>, names: &[&str]) -> RawFile {
    let row = |name: &&str| format!("shop {name} 0/2 Terminating 0 3d7h");
    let rows = names.iter().map(row).collect::<Vec<_>>().join("\n");
    RawFile {
        path: path.into(),
        observed_at: observed_at.map(t),
        content: rows.into_bytes(),
        ..RawFile::default()
    }
}

fn bundle(events: Vec<Event>, files: Vec<RawFile>) -> Bundle {
    let window = Window::new(t("2020-05-20T00:00:00Z"), t("2020-05-22T12:00:00Z")).unwrap();
    Bundle {
        header: IncidentHeader {
            schema: BUNDLE_SCHEMA.into(),
            window,
            ..IncidentHeader::default()
        },
        events,
        files,
        ..Bundle::default()
    }
}

#[test]
fn a_row_confirms_the_event_that_knows_more() {
    let known = vec![
        pod("still", "web-1", "2020-05-20T10:01:00Z", None),
        pod(
            "over",
            "web-2",
            "2020-05-20T10:01:00Z",
            Some("2020-05-20T10:02:00Z"),
        ),
    ];
    let file = table(
        "files/pods.txt",
        Some("2020-05-22T10:00:00Z"),
        &["web-1", "web-2", "web-3"],
    );
    let evidence = evidence_of(&bundle(known, vec![file])).unwrap();
    let still = evidence.event("still").unwrap();
    assert_eq!(
        still.attribute("listed_in").as_deref(),
        Some("[\"files/pods.txt#1\"]")
    );
    assert_eq!(still.start, Some(t("2020-05-20T10:01:00Z")));
    // The second had ended before the listing: another pod of that name. The third is new.
    let ids: Vec<&str> = evidence.events.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(
        ids,
        ["over", "still", "files/pods.txt#2", "files/pods.txt#3"]
    );
    let sources: Vec<&str> = evidence
        .provenance
        .iter()
        .map(|p| p.source.as_str())
        .collect();
    assert_eq!(sources, ["bundle", "kubectl-table"]);
}

#[test]
fn two_listings_of_one_pod_are_one_event_with_tighter_bounds() {
    let files = vec![
        table("files/a.txt", Some("2020-05-22T10:00:00Z"), &["web-1"]),
        table("files/b.txt", Some("2020-05-21T10:00:00Z"), &["web-1"]),
    ];
    let evidence = evidence_of(&bundle(Vec::new(), files)).unwrap();
    assert_eq!(evidence.events.len(), 1);
    let bounds = (
        Some(t("2020-05-19T02:00:00Z")),
        Some(t("2020-05-21T10:00:00Z")),
    );
    assert_eq!(evidence.events[0].start_bounds(), bounds);
    assert_eq!(evidence.events[0].id, "files/a.txt#1");
}

#[test]
fn evidence_that_went_through_a_store_exports_as_the_bundle_it_came_from() {
    let json = RawFile {
        path: "files/cluster.json".into(),
        observed_at: Some(t("2020-05-22T10:00:00Z")),
        content: include_bytes!("fixtures/cluster-v1.20.json").to_vec(),
        ..RawFile::default()
    };
    let csv = RawFile {
        path: "files/touch.csv".into(),
        content: b"timestamp,value\n1590000000,0.01\n1590000060,0.334\n".to_vec(),
        ..RawFile::default()
    };
    let known = vec![pod(
        "mine",
        "web-588cd5f7cd-g9fxt",
        "2020-05-20T10:01:10Z",
        None,
    )];
    let original = bundle(
        known,
        vec![json, csv, table("files/pods.txt", None, &["web-9"])],
    );
    let evidence = evidence_of(&original).unwrap();
    assert_eq!(
        evidence
            .event("mine")
            .unwrap()
            .attribute("listed_in")
            .map(|a| a.len() > 10),
        Some(true)
    );
    assert!(evidence.series("files_touch.csv").is_some());
    let stored = Bundle {
        header: IncidentHeader {
            provenance: evidence.provenance.clone(),
            ..original.header.clone()
        },
        series: evidence.series.clone(),
        events: evidence.events.clone(),
        topology: evidence.topology.clone(),
        ..original.clone()
    };
    // Even the stored form says everything once.
    assert_eq!(evidence_of(&stored).unwrap(), evidence);
    let exported = without_derived(stored).unwrap();
    assert_eq!(exported.digest(), original.digest());
    assert_eq!(evidence_of(&exported).unwrap(), evidence);
}

#[test]
fn a_file_without_its_time_is_asked_for_and_dates_nothing() {
    let evidence = evidence_of(&bundle(
        Vec::new(),
        vec![table("files/p.txt", None, &["web-1"])],
    ))
    .unwrap();
    assert_eq!(evidence.events[0].start_bounds(), (None, None));
    let gaps = &evidence.provenance[1].gaps;
    assert!(
        gaps.iter().any(|g| g.reason.contains("observed_at")),
        "{gaps:?}"
    );
}
