//! Stories of archives: recorded with what is remembered, and never taken for incidents.

use super::{
    place::{Place, stories},
    reports::report,
    sample::{annotation, batch, edge, event, id, incident, minute, provenance, series, window},
};
use model::{
    Analysis, Batch, Evidence, Gap, Incident, IncidentId, Window, incident::Job, share::ShareLink,
};
use std::sync::Arc;
use store::{Store, StoreError};

/// Keys and states; `None` forgets.
fn memory(of: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    let owned = |(key, state): &(&str, Option<&str>)| ((*key).into(), state.map(str::to_owned));
    of.iter().map(owned).collect()
}

async fn remembered(store: &Arc<dyn Store>, archive: &IncidentId) -> Vec<(String, String)> {
    store.recall(archive).await.unwrap()
}

async fn whole(store: &Arc<dyn Store>, archive: &IncidentId) -> Evidence {
    let wide = Window {
        start: minute(-1_000_000),
        end: minute(1_000_000),
    };
    store.evidence_between(archive, wide).await.unwrap()
}

fn is_missing<T: std::fmt::Debug>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Missing { .. }))
}

async fn each_source_has_one_archive(place: &Place) {
    let store = place.open().await;
    let asked = (0..6).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.archive("prod").await.unwrap() })
    });
    let mut ids = Vec::new();
    for asking in asked.collect::<Vec<_>>() {
        ids.push(asking.await.unwrap());
    }
    let other = store.archive("staging").await.unwrap();
    let store = place.open().await;
    let again = store.archive("prod").await.unwrap();
    assert!(ids.iter().all(|id| *id == again), "{ids:?}");
    assert_ne!(other, again);
    assert_eq!(again.0.len(), 32);
    for bad in ["", "a\0b", &"x".repeat(2_000)] {
        let refused = store.archive(bad).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
}

async fn what_is_recorded_comes_back_and_twice_changes_nothing(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let states = memory(&[("pod/a", Some("1 'quoted' \u{1f9df}")), ("pod/b", Some(""))]);
    store.record(&archive, &batch(), &states).await.unwrap();
    let before = whole(&store, &archive).await;
    let mut expected = batch().series;
    expected.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
    assert_eq!(before.series, expected);
    assert_eq!(before.events.len(), 2);
    assert_eq!(before.topology, batch().topology);
    assert_eq!(before.provenance[0].events, 2);
    let kept = [
        ("pod/a".to_owned(), "1 'quoted' \u{1f9df}".to_owned()),
        ("pod/b".to_owned(), String::new()),
    ];
    assert_eq!(remembered(&store, &archive).await, kept);

    store.record(&archive, &batch(), &states).await.unwrap();
    assert_eq!(whole(&store, &archive).await, before);
    assert_eq!(remembered(&store, &archive).await, kept);

    // The later word counts, also within one call.
    let later = memory(&[
        ("pod/a", None),
        ("pod/b", Some("x")),
        ("pod/c", Some("y")),
        ("pod/b", Some("2")),
        ("pod/c", None),
        ("never seen", None),
    ]);
    let further = Batch {
        series: vec![series("io", &[(1, 7.0), (5, 8.0)])],
        events: vec![event("e1", "said again")],
        topology: vec![edge("pod", "fs"), edge("db", "fs"), edge("db", "fs")],
        provenance: provenance("GetMetricData"),
        ..Batch::default()
    };
    store.record(&archive, &further, &later).await.unwrap();
    let store = place.open().await;
    let now = whole(&store, &archive).await;
    assert_eq!(now.series("io").unwrap().samples.len(), 5);
    assert_eq!(now.event("e1").unwrap().title, "said again");
    let order = [edge("pod", "fs"), edge("node", "fs"), edge("db", "fs")];
    assert_eq!(now.topology, order);
    assert_eq!((now.provenance.len(), now.provenance[0].events), (1, 2));
    let kept = [("pod/b".to_owned(), "2".to_owned())];
    assert_eq!(remembered(&store, &archive).await, kept);
}

async fn a_refused_record_leaves_neither_evidence_nor_memory(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let kept = memory(&[("cursor", Some("1"))]);
    store
        .record(&archive, &Batch::default(), &kept)
        .await
        .unwrap();
    let before = whole(&store, &archive).await;
    let nameless = Batch {
        events: vec![event("", "without an id")],
        ..batch()
    };
    for (batch, states) in [
        (nameless, memory(&[("cursor", Some("2"))])),
        (batch(), memory(&[("cursor", Some("2")), ("", Some("3"))])),
        (batch(), memory(&[("cursor", Some("a\0b"))])),
        (batch(), memory(&[("a\0b", None)])),
    ] {
        let refused = store.record(&archive, &batch, &states).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
        assert_eq!(whole(&store, &archive).await, before);
        let cursor = [("cursor".to_owned(), "1".to_owned())];
        assert_eq!(remembered(&store, &archive).await, cursor);
    }
}

/// Memory is written last: a database that refuses it stops a record at its end.
async fn a_failing_statement_takes_the_whole_record_back(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let refuse = if place.is_sqlite() {
        "CREATE TRIGGER refuse BEFORE INSERT ON memory
         BEGIN SELECT RAISE(ABORT, 'refused'); END"
    } else {
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON memory
         FOR EACH ROW EXECUTE FUNCTION refuse()"
    };
    place.meddle(refuse).await;
    let states = memory(&[("cursor", Some("1"))]);
    let refused = store.record(&archive, &batch(), &states).await;
    let as_expected = match &refused {
        Err(StoreError::Database { .. }) => place.is_sqlite(),
        Err(StoreError::Full { .. }) => !place.is_sqlite(),
        _ => false,
    };
    assert!(as_expected, "{refused:?}");
    for table in ["series", "chunks", "events", "edges", "files", "provenance"] {
        let left = place.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(left, 0, "{table}");
    }
    store.record(&archive, &batch(), &[]).await.unwrap();
}

async fn recorders_at_once_lose_nothing(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let tasks = (0..8).map(|part| {
        let (store, archive) = (store.clone(), archive.clone());
        tokio::spawn(async move {
            let points: Vec<_> = (0..200).map(|i| (i * 8 + part, i as f64)).collect();
            let batch = Batch {
                provenance: provenance("one question"),
                series: vec![series("io", &points)],
                events: vec![event(&format!("e{part}"), "")],
                ..Batch::default()
            };
            let states = memory(&[(&format!("part {part}"), Some("done"))]);
            store.record(&archive, &batch, &states).await.unwrap();
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let all = whole(&store, &archive).await;
    assert_eq!(all.series[0].samples.len(), 1_600);
    assert_eq!((all.provenance.len(), all.provenance[0].events), (1, 8));
    assert_eq!(remembered(&store, &archive).await.len(), 8);
}

async fn events_are_found_by_their_ids(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("hooks").await.unwrap();
    let other = store.archive("prod").await.unwrap();
    let batch = Batch {
        provenance: provenance("one question"),
        events: ["a", "b", "c"].map(|id| event(id, "")).to_vec(),
        ..Batch::default()
    };
    store.record(&archive, &batch, &[]).await.unwrap();
    let found = async |archive, ids: &[&str]| {
        let events = store.events_by_id(archive, ids).await.unwrap();
        events.into_iter().map(|e| e.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&archive, &["c", "x", "a"]).await, ["c", "a"]);
    assert!(found(&archive, &[]).await.is_empty());
    assert!(found(&other, &["a"]).await.is_empty());
}

async fn many_states_are_remembered_and_forgotten(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let key = |n: i32| format!("k8s:prod/shop/Pod/{n:05}");
    let states: Vec<_> = (0..2_500).map(|n| (key(n), Some(n.to_string()))).collect();
    let none = Batch::default();
    store.record(&archive, &none, &states).await.unwrap();
    let expected: Vec<_> = (0..2_500).map(|n| (key(n), n.to_string())).collect();
    assert_eq!(remembered(&store, &archive).await, expected);
    let gone: Vec<_> = (1..2_500).map(|n| (key(n), None)).collect();
    store.record(&archive, &none, &gone).await.unwrap();
    assert_eq!(remembered(&store, &archive).await, expected[..1]);
}

async fn an_archive_is_no_incident(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let archive = store.archive("prod").await.unwrap();
    store.record(&archive, &batch(), &[]).await.unwrap();
    let before = whole(&store, &archive).await;
    let posing = Incident {
        id: archive.clone(),
        digest: None,
        ..incident(2)
    };
    assert_eq!(store.incidents().await.unwrap(), [incident(1)]);
    assert_eq!(store.incident(&archive).await.unwrap(), None);
    assert_eq!(store.evidence(&archive).await.unwrap(), None);
    assert_eq!(store.files(&archive).await.unwrap(), []);
    assert!(!store.delete_incident(&archive).await.unwrap());
    assert!(is_missing(&store.update_incident(&posing).await));
    assert!(is_missing(&store.add_batch(&archive, &batch()).await));
    let note = annotation("n", 1, "");
    assert!(is_missing(&store.put_annotation(&archive, &note).await));
    let (report, analysis) = (report(""), Analysis::default());
    let at = minute(1);
    assert!(is_missing(&store.put_report(&archive, &report, at).await));
    let refused = store.put_analysis(&archive, &analysis, at).await;
    assert!(is_missing(&refused), "{refused:?}");
    let job = Job {
        id: "job".into(),
        incident: archive.clone(),
        ..Job::default()
    };
    assert!(is_missing(&store.enqueue(&job).await));
    let share = ShareLink {
        id: "share".into(),
        incident: archive.clone(),
        token_hash: "0".repeat(64),
        created_at: at,
        ..ShareLink::default()
    };
    assert!(is_missing(&store.put_share(&share).await));
    for taken in [
        store.create_incident(&posing).await,
        store.import(&posing, &[batch()], &[]).await.map(|_| ()),
    ] {
        assert!(
            matches!(taken, Err(StoreError::Conflict { .. })),
            "{taken:?}"
        );
    }
    assert_eq!(whole(&store, &archive).await, before);

    // What charts ask for is there of both.
    assert_eq!(store.series_list(&archive).await.unwrap().len(), 3);
    let io = store.samples(&archive, "io", window(1)).await.unwrap();
    assert_eq!(io.len(), 3);
    let zoom = store.pyramid(&archive, "io", window(3), 2).await.unwrap();
    assert_eq!(zoom.len(), 2);
}

async fn an_incident_is_no_archive(place: &Place) {
    let store = place.open().await;
    store.import(&incident(1), &[batch()], &[]).await.unwrap();
    let before = store.evidence(&id(1)).await.unwrap();
    let states = memory(&[("cursor", Some("1"))]);
    for other in [id(1), id(2), IncidentId("a\0b".into())] {
        assert!(is_missing(&store.record(&other, &batch(), &states).await));
        assert!(is_missing(&store.trim(&other, minute(9_999)).await));
        assert_eq!(remembered(&store, &other).await, []);
    }
    assert!(is_missing(&store.evidence_between(&id(2), window(1)).await));
    assert!(!store.delete_archive("").await.unwrap());
    assert_eq!(store.holdings().await.unwrap(), []);
    assert_eq!(store.evidence(&id(1)).await.unwrap(), before);
    // An incident may have the very id that an archive would get.
    let archive = store.archive("prod").await.unwrap();
    assert!(store.delete_archive("prod").await.unwrap());
    let first = Incident {
        id: archive,
        digest: None,
        ..incident(3)
    };
    store.create_incident(&first).await.unwrap();
    let refused = store.archive("prod").await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
}

async fn answers_to_one_question_have_one_provenance(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let gap = |what: &str, from, to, reason: &str| Gap {
        what: what.into(),
        window: Some(Window {
            start: minute(from),
            end: minute(to),
        }),
        reason: reason.into(),
    };
    let answer = |query: &str, from: i64, to: i64, gaps: &[Gap]| {
        let mut answer = Batch {
            provenance: provenance(query),
            series: vec![series("io", &[(from, 1.0)])],
            ..Batch::default()
        };
        answer.provenance.asked_at = Some(minute(to));
        answer.provenance.window = gap("", from, to, "").window;
        answer.provenance.gaps = gaps.to_vec();
        answer
    };
    let away = gap("", 20, 40, "no answer");
    let late = gap("io", 50, 60, "not there yet");
    let never = Gap {
        what: "StorageBytes".into(),
        window: None,
        reason: "no such metric".into(),
    };
    let first = [away.clone(), late.clone(), never.clone()];
    let other = answer("another", 0, 60, std::slice::from_ref(&away));
    let answers = [
        answer("one", 0, 60, &first),
        other,
        answer("one", 30, 55, std::slice::from_ref(&never)),
        answer("one", 100, 110, &[]),
    ];
    for answer in &answers {
        store.record(&archive, answer, &[]).await.unwrap();
    }
    let found = whole(&store, &archive).await.provenance;
    let queries: Vec<_> = found.iter().map(|p| p.query.as_str()).collect();
    assert_eq!(queries, ["one", "another"]);
    assert_eq!(found[0].window, gap("", 0, 110, "").window);
    assert_eq!(found[0].asked_at, Some(minute(110)));
    // What was filled went; what was said of a whole window speaks of that window only.
    let left = [
        gap("", 20, 30, "no answer"),
        gap("StorageBytes", 0, 60, "no such metric"),
        gap("io", 55, 60, "not there yet"),
    ];
    assert_eq!(found[0].gaps, left);
    assert_eq!(found[1].gaps, [away]);
    // In a window that only the other question was about.
    let early = Window {
        start: minute(-5),
        end: minute(0),
    };
    let none = store.evidence_between(&archive, early).await.unwrap();
    assert_eq!(none.provenance, []);
}

stories!(
    each_source_has_one_archive,
    what_is_recorded_comes_back_and_twice_changes_nothing,
    a_refused_record_leaves_neither_evidence_nor_memory,
    a_failing_statement_takes_the_whole_record_back,
    recorders_at_once_lose_nothing,
    events_are_found_by_their_ids,
    many_states_are_remembered_and_forgotten,
    an_archive_is_no_incident,
    an_incident_is_no_archive,
    answers_to_one_question_have_one_provenance,
);
