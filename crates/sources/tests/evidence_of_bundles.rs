//! What a bundle and its raw files say together, and that nothing is said twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use model::{
    Annotation, Bundle, Event, EventKind, Evidence, ObjectRef, Samples, Series, SeriesMeta,
    Timestamp, Window,
    bundle::{BUNDLE_SCHEMA, IncidentHeader, RawFile},
};
use sources::{
    bundle::{read_zip, with_file, without_derived, write_zip},
    evidence_of,
};
use std::io::Cursor;

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

fn csv(path: &str, value: u32) -> RawFile {
    RawFile {
        path: path.into(),
        content: format!("timestamp,value\n1590000000,{value}\n").into_bytes(),
        ..RawFile::default()
    }
}

fn ids(evidence: &Evidence) -> Vec<&str> {
    evidence.series.iter().map(|s| s.meta.id.as_str()).collect()
}

/// The bundle that a store would export of this evidence.
fn exported(original: &Bundle, evidence: &Evidence) -> Bundle {
    without_derived(Bundle {
        header: IncidentHeader {
            provenance: evidence.provenance.clone(),
            ..original.header.clone()
        },
        series: evidence.series.clone(),
        events: evidence.events.clone(),
        topology: evidence.topology.clone(),
        ..original.clone()
    })
    .unwrap()
}

#[test]
fn files_whose_names_are_alike_are_both_kept() {
    let files = vec![
        csv("files/a b.csv", 1),
        csv("files/a_b.csv", 2),
        csv("files/a/b.csv", 3),
    ];
    let original = bundle(Vec::new(), files.clone());
    let evidence = evidence_of(&original).unwrap();
    assert_eq!(evidence.series.len(), 3, "{:?}", ids(&evidence));
    assert!(evidence.series("files_a_b.csv").is_some());
    // One by one, as they are uploaded, they get the same ids.
    let mut one_by_one = Vec::new();
    for file in &files {
        let read = with_file(
            &bundle(Vec::new(), Vec::new()).evidence(),
            file.clone(),
            Vec::new(),
        )
        .unwrap();
        one_by_one.extend(read.into_iter().flat_map(|batch| batch.series));
    }
    one_by_one.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
    assert_eq!(one_by_one, evidence.series);
}

#[test]
fn a_series_of_a_file_never_takes_the_place_of_a_bundles_own() {
    let mut own = Samples::default();
    own.push(t("2020-05-20T10:00:00Z"), 7.0);
    let own = Series {
        meta: SeriesMeta {
            id: "files_a.csv".into(),
            ..SeriesMeta::default()
        },
        samples: own,
    };
    let mut original = bundle(Vec::new(), vec![csv("files/a.csv", 1)]);
    original.series.push(own.clone());
    let evidence = evidence_of(&original).unwrap();
    assert_eq!(ids(&evidence), ["files_a.csv", "files_a.csv.2"]);
    assert_eq!(evidence.series[0], own);
    let told = evidence.provenance.last().unwrap();
    assert_eq!(told.series, ["files_a.csv.2"]);
    let again = exported(&original, &evidence);
    assert_eq!(again.digest(), original.digest());
    assert_eq!(evidence_of(&again).unwrap(), evidence);
}

#[test]
fn a_series_of_a_file_may_be_the_symptom() {
    let mut original = bundle(
        Vec::new(),
        vec![csv("files/site latency.csv", 1), csv("files/touch.csv", 2)],
    );
    let symptom = |id: &str, bundle: &mut Bundle| bundle.header.symptom = vec![id.to_owned()];
    let round = |bundle: &Bundle| {
        let mut out = Cursor::new(Vec::new());
        write_zip(bundle, &mut out).map_err(|e| e.to_string())?;
        read_zip(out).map_err(|e| e.to_string())
    };
    let all = evidence_of(&original).unwrap();
    for id in ids(&all) {
        symptom(id, &mut original);
        assert_eq!(round(&original).unwrap(), original);
        assert_eq!(evidence_of(&original).unwrap().symptom, [id]);
        let again = exported(&original, &evidence_of(&original).unwrap());
        assert_eq!(round(&again).unwrap().digest(), original.digest());
    }
    symptom("files_touched.csv", &mut original);
    let error = round(&original).unwrap_err();
    assert!(
        error.contains("a symptom that series.jsonl or a raw file has (files/ has files_"),
        "{error}"
    );
    assert!(
        error.ends_with("files_touch.csv), found 'files_touched.csv'"),
        "{error}"
    );
    // While a file waits for an answer nobody knows which series it will give.
    original.files.push(RawFile {
        path: "files/doubt.csv".into(),
        content: b"date,v\n03/04/2020,1\n03/05/2020,2\n".to_vec(),
        ..RawFile::default()
    });
    symptom("files_doubt.csv.v", &mut original);
    assert_eq!(round(&original).unwrap(), original);
}

#[test]
fn a_file_that_comes_late_changes_what_those_after_it_say() {
    let nfsstat = |path: &str, at: &str, n: u64| RawFile {
        path: path.into(),
        observed_at: Some(t(at)),
        content: format!("Client nfs v4:\nread readdir\n10 {n}\n").into_bytes(),
        ..RawFile::default()
    };
    let later = nfsstat("files/later.txt", "2020-05-22T10:10:00Z", 69_000);
    let earlier = nfsstat("files/earlier.txt", "2020-05-22T10:00:00Z", 9_000);
    let first = evidence_of(&bundle(Vec::new(), vec![later.clone()])).unwrap();
    let read = with_file(&first, earlier.clone(), vec![later.clone()]).unwrap();
    let paths: Vec<&str> = read
        .iter()
        .map(|batch| batch.files[0].path.as_str())
        .collect();
    assert_eq!(paths, ["files/earlier.txt", "files/later.txt"]);
    assert!(
        read[1].events[0].title.contains("100 a second"),
        "{:?}",
        read[1].events
    );
    // What is in a bundle together says the same.
    let both = evidence_of(&bundle(Vec::new(), vec![later, earlier])).unwrap();
    for batch in &read {
        assert!(both.provenance.contains(&batch.provenance));
        assert!(batch.series.iter().all(|s| both.series.contains(s)));
    }
}

#[test]
fn notes_far_outside_of_the_window_are_kept_and_said() {
    let note = |id: &str, start: &str| Annotation {
        id: id.into(),
        start: t(start),
        ..Annotation::default()
    };
    let mut original = bundle(Vec::new(), Vec::new());
    original.annotations = vec![
        note("a", "2020-05-19T12:00:00Z"),
        note("b", "2002-05-20T12:00:00Z"),
        note("c", "2020-06-20T12:00:00Z"),
    ];
    let evidence = evidence_of(&original).unwrap();
    let said = &evidence.provenance[1].gaps[0].reason;
    assert!(
        said.starts_with("2 notes lie more than a day outside of the window (2002-05-20"),
        "{said}"
    );
    let again = exported(&original, &evidence);
    assert_eq!(evidence_of(&again).unwrap(), evidence);
    original.annotations.truncate(1);
    assert_eq!(evidence_of(&original).unwrap().provenance.len(), 1);
}

fn file(path: &str, observed_at: &str, content: &str) -> RawFile {
    RawFile {
        path: path.into(),
        observed_at: Some(t(observed_at)),
        content: content.into(),
        ..RawFile::default()
    }
}

/// The events of some files, which are the same whatever the files are called; as a store has them too.
fn events_of(mut files: Vec<RawFile>) -> Vec<Event> {
    let read = |files: Vec<RawFile>| {
        let original = bundle(Vec::new(), files);
        let evidence = evidence_of(&original).unwrap();
        let stored = Bundle {
            events: evidence.events.clone(),
            ..original
        };
        assert_eq!(evidence_of(&stored).unwrap().events, evidence.events);
        evidence.events
    };
    let events = read(files.clone());
    let paths: Vec<String> = files.iter().map(|f| f.path.clone()).collect();
    for (file, path) in files.iter_mut().zip(paths.into_iter().rev()) {
        file.path = path;
    }
    let said = |events: &[Event]| -> Vec<String> {
        let without_ids = |event: &Event| {
            let mut event = event.clone();
            event.id.clear();
            event.attributes.remove("listed_in");
            serde_json::to_string(&event).unwrap()
        };
        let mut said: Vec<String> = events.iter().map(without_ids).collect();
        said.sort();
        said
    };
    assert_eq!(said(&read(files)), said(&events));
    events
}

#[test]
fn one_restart_in_six_listings_is_one_restart() {
    let listing = |n: i64| {
        let text = format!(
            "NAMESPACE NAME READY STATUS RESTARTS AGE\nshop web-a 1/1 Running 1 ({}m ago) 2d\n",
            5 + 10 * n
        );
        let at = t("2020-05-22T10:00:00Z").plus(n * 10 * 60_000);
        file(&format!("files/p{n}.txt"), &at.to_string(), &text)
    };
    let mut files: Vec<RawFile> = (0..6).map(listing).collect();
    let events = events_of(files.clone());
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].at(), Some(t("2020-05-22T09:55:00Z")));
    // The next one is another one, though it may have been in the same minute.
    let again = "NAMESPACE NAME READY STATUS RESTARTS AGE\nshop web-a 1/1 Running 2 (65m ago) 2d\n";
    files.push(file("files/q.txt", "2020-05-22T11:00:00Z", again));
    assert_eq!(events_of(files).len(), 2);
}

/// A List with one Kubernetes object after another.
fn list(items: &str) -> String {
    format!(r#"{{"kind":"List","apiVersion":"v1","items":[{items}]}}"#)
}

#[test]
fn what_a_later_listing_says_of_an_event_counts_whatever_the_files_are_called() {
    let warning = |last: &str, count: u32| {
        list(&format!(
            r#"{{"kind":"Event","apiVersion":"v1","metadata":{{"name":"e","namespace":"s"}},"involvedObject":{{"kind":"Pod","namespace":"s","name":"w"}},"reason":"FailedMount","message":"x","type":"Warning","firstTimestamp":"2020-05-22T03:00:00Z","lastTimestamp":"{last}","count":{count}}}"#
        ))
    };
    let (early, late) = ("2020-05-22T04:00:00Z", "2020-05-22T05:00:00Z");
    let events = events_of(vec![
        file("files/a.json", "2020-05-22T04:30:00Z", &warning(early, 5)),
        file("files/b.json", "2020-05-22T05:30:00Z", &warning(late, 9)),
    ]);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].end, Some(t(late)));
    assert_eq!(events[0].attribute("count").as_deref(), Some("9"));
    assert_eq!(events[0].attribute_time("last_seen"), Some(t(late)));
}

#[test]
fn a_node_that_one_listing_shows_away_and_another_back_was_away_once() {
    let node = |status: &str, since: &str| {
        list(&format!(
            r#"{{"kind":"Node","apiVersion":"v1","metadata":{{"name":"n1","creationTimestamp":"2020-05-01T03:00:00Z"}},"status":{{"conditions":[{{"type":"Ready","status":"{status}","lastTransitionTime":"{since}"}}]}}}}"#
        ))
    };
    let seen = "2020-05-22T04:30:00Z";
    let away = file(
        "files/a.json",
        seen,
        &node("Unknown", "2020-05-22T04:10:00Z"),
    );
    let back = node("True", "2020-05-22T05:00:00Z");
    let events = events_of(vec![
        away.clone(),
        file("files/b.json", "2020-05-22T05:30:00Z", &back),
    ]);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].start, Some(t("2020-05-22T04:10:00Z")));
    assert_eq!(events[0].end, Some(t("2020-05-22T05:00:00Z")));
    // It may have been back for a while before that.
    assert_eq!(events[0].attribute_time("end_earliest"), Some(t(seen)));
    // One that was back before it was away is another one.
    let before = node("True", "2020-05-22T02:00:00Z");
    let earlier = file("files/b.json", "2020-05-22T02:30:00Z", &before);
    assert_eq!(events_of(vec![away, earlier]).len(), 2);
}

#[test]
fn the_end_of_a_time_away_belongs_to_the_last_one() {
    let node = |seen: &str, status: &str, since: &str| {
        let text = list(&format!(
            r#"{{"kind":"Node","apiVersion":"v1","metadata":{{"name":"n1","creationTimestamp":"2020-05-01T03:00:00Z"}},"status":{{"conditions":[{{"type":"Ready","status":"{status}","lastTransitionTime":"2020-05-22T{since}:00Z"}}]}}}}"#
        ));
        (format!("2020-05-22T{seen}:00Z"), text)
    };
    let listings = [
        node("04:30", "Unknown", "04:10"),
        node("04:55", "False", "04:50"),
        node("05:30", "True", "05:00"),
    ];
    let files = ["files/a.json", "files/b.json", "files/c.json"];
    let files = files.iter().zip(&listings);
    let events = events_of(
        files
            .map(|(path, (at, text))| file(path, at, text))
            .collect(),
    );
    let spans: Vec<_> = events.iter().map(|e| (e.start, e.end)).collect();
    let expected = [("04:10", None), ("04:50", Some("05:00"))].map(|(start, end)| {
        let at = |time: &str| t(&format!("2020-05-22T{time}:00Z"));
        (Some(at(start)), end.map(at))
    });
    assert_eq!(spans, expected);
}

#[test]
fn a_row_that_lacks_namespace_and_node_gets_them_and_is_no_pod_of_another_namespace() {
    let json = |namespace: &str, node: &str| {
        list(&format!(
            r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"web-0","namespace":"{namespace}","deletionTimestamp":"2020-05-22T04:00:00Z"}},"spec":{{"nodeName":"{node}"}}}}"#
        ))
    };
    let row = "NAME READY STATUS RESTARTS AGE\nweb-0 0/1 Terminating 0 2d\n";
    let at = "2020-05-22T05:00:00Z";
    let events = events_of(vec![
        file("files/a.txt", at, row),
        file("files/b.json", at, &json("shop", "n1")),
        file("files/c.json", at, &json("test", "n2")),
    ]);
    let mut where_: Vec<_> = events
        .iter()
        .map(|e| (e.namespace.as_str(), e.node.as_str()))
        .collect();
    where_.sort_unstable();
    assert_eq!(where_, [("shop", "n1"), ("test", "n2")]);
}

#[test]
fn a_pod_that_is_deleted_again_is_another_one_of_that_name() {
    let json = |deleted: &str| {
        list(&format!(
            r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"web-0","namespace":"shop","deletionGracePeriodSeconds":30,"deletionTimestamp":"2020-05-22T{deleted}Z"}},"spec":{{"nodeName":"n1"}}}}"#
        ))
    };
    let row = |age: &str| {
        format!("NAMESPACE NAME READY STATUS RESTARTS AGE\nshop web-0 0/1 Terminating 0 {age}\n")
    };
    let at = |time: &str| format!("2020-05-22T{time}Z");
    let first = file("files/a.json", &at("10:05:00"), &json("10:00:30"));
    for (n, seen, text) in [
        (2, "11:57:00", json("11:55:00")),
        (2, "11:57:00", row("5m")),
        // The same one: it is older than that, or its grace period is not over yet.
        (1, "11:57:00", row("3d")),
        (1, "11:57:00", json("10:00:30")),
        (1, "10:00:10", row("3d")),
        (1, "11:57:00", json("09:59:00")),
    ] {
        let events = events_of(vec![first.clone(), file("files/b", &at(seen), &text)]);
        assert_eq!(events.len(), n, "{text}: {events:?}");
    }
}

#[test]
fn notes_of_one_file_and_tables_with_other_names_are_not_the_same() {
    let notes = r#"[{"time":1590120000000,"text":"deployed","tags":["svc:a"]},{"time":1590120000500,"text":"deployed","tags":["svc:b"]}]"#;
    let zeros = "timestamp,value\n1590120000,0\n1590120060,0\n";
    let at = "2020-05-22T10:00:00Z";
    let files = vec![
        file("files/notes.json", at, notes),
        file("files/errors-a.csv", at, zeros),
        file("files/errors-b.csv", at, zeros),
    ];
    let evidence = evidence_of(&bundle(Vec::new(), files)).unwrap();
    assert_eq!((evidence.events.len(), evidence.series.len()), (2, 2));
}

#[test]
fn a_file_with_the_bytes_of_another_one_is_read_once() {
    let notes = r#"[{"time":1590120000000,"text":"deployed"},{"time":1590120000000,"timeEnd":1590120060000,"text":"deployed"}]"#;
    let mut files = vec![
        file("files/a.json", "2020-05-22T10:00:00Z", notes),
        file("files/b.json", "2020-05-22T10:00:00Z", notes),
    ];
    let evidence = evidence_of(&bundle(Vec::new(), files.clone())).unwrap();
    assert_eq!(evidence.events.len(), 2, "{:?}", evidence.events);
    let said = evidence.provenance.iter().flat_map(|p| &p.gaps);
    let said: Vec<&str> = said.map(|g| g.reason.as_str()).collect();
    assert_eq!(said, ["the same as files/a.json, byte for byte: read once"]);
    // The one that somebody has said something of is read.
    files[0].observed_at = None;
    let evidence = evidence_of(&bundle(Vec::new(), files)).unwrap();
    let ids: Vec<&str> = evidence.events.iter().map(|e| e.id.as_str()).collect();
    assert!(
        ids.iter().all(|id| id.starts_with("files/b.json")),
        "{ids:?}"
    );
}
