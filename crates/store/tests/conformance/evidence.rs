//! Stories of batches: merging, replacing, never twice.

use super::{
    place::{Place, stories},
    sample::{START, batch, edge, event, id, incident, minute, provenance, series, window},
};
use model::{Batch, Evidence, Samples, Series, Timestamp, Window, time::DAY};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use std::sync::Arc;
use store::{Store, StoreError};

async fn opened(place: &Place) -> Arc<dyn Store> {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    store
}

async fn evidence(store: &Arc<dyn Store>) -> Evidence {
    store.evidence(&id(1)).await.unwrap().expect("the incident")
}

/// Instants and bits: -0.0 is not 0.0 here.
fn bits(samples: &Samples) -> Vec<(i64, u64)> {
    let bit = |(t, v): (Timestamp, f64)| (t.millis(), v.to_bits());
    samples.iter().map(bit).collect()
}

async fn evidence_comes_back_as_it_was(place: &Place) {
    let store = opened(place).await;
    store.add_batch(&id(1), &batch()).await.unwrap();
    let mut expected = Evidence {
        window: incident(1).window,
        impact: incident(1).impact,
        symptom: incident(1).symptom,
        series: batch().series,
        events: batch().events,
        topology: batch().topology,
        provenance: vec![batch().provenance],
    };
    expected.sort();
    let store = place.open().await;
    let back = evidence(&store).await;
    assert_eq!(back, expected);
    for (one, other) in back.series.iter().zip(&expected.series) {
        assert_eq!(bits(&one.samples), bits(&other.samples), "{}", one.meta.id);
    }
    assert_eq!(store.files(&id(1)).await.unwrap(), batch().files);
    let metas: Vec<_> = expected.series.into_iter().map(|s| s.meta).collect();
    assert_eq!(store.series_list(&id(1)).await.unwrap(), metas);
}

async fn what_is_not_there_is_said(place: &Place) {
    let store = place.open().await;
    let refused = store.add_batch(&id(1), &batch()).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    assert_eq!(store.evidence(&id(1)).await.unwrap(), None);
    assert_eq!(store.files(&id(1)).await.unwrap(), []);
    assert_eq!(store.series_list(&id(1)).await.unwrap(), []);
    store.create_incident(&incident(1)).await.unwrap();
    for series in ["io", "a\0b"] {
        let refused = store.samples(&id(1), series, window(1)).await;
        assert!(
            matches!(refused, Err(StoreError::Missing { .. })),
            "{refused:?}"
        );
        let refused = store.pyramid(&id(1), series, window(1), 10).await;
        assert!(
            matches!(refused, Err(StoreError::Missing { .. })),
            "{refused:?}"
        );
    }
    let empty = evidence(&store).await;
    assert_eq!((empty.series, empty.events), (vec![], vec![]));
}

async fn the_same_batch_twice_changes_nothing(place: &Place) {
    let store = opened(place).await;
    store.add_batch(&id(1), &batch()).await.unwrap();
    let before = evidence(&store).await;
    store.add_batch(&id(1), &batch()).await.unwrap();
    assert_eq!(evidence(&store).await, before);
    for (table, rows) in [
        ("series", 3),
        ("chunks", 4),
        ("events", 2),
        ("edges", 2),
        ("provenance", 1),
        ("files", 1),
    ] {
        let stored = place.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(stored, rows, "{table}");
    }
}

async fn the_later_word_counts(place: &Place) {
    let store = opened(place).await;
    store.add_batch(&id(1), &batch()).await.unwrap();
    let mut io = series("io", &[(1, 7.0), (2, 8.0), (1440, -1.5)]);
    io.meta.unit = "Bytes/Second".into();
    let mut file = batch().files.remove(0);
    file.content = b"new".to_vec();
    let later = Batch {
        provenance: provenance("asked again"),
        series: vec![io.clone()],
        events: vec![event("e1", "said twice"), event("e1", "and more")],
        topology: vec![edge("db", "fs"), edge("pod", "fs")],
        files: vec![file.clone()],
    };
    store.add_batch(&id(1), &later).await.unwrap();
    let now = evidence(&store).await;
    let merged = &now.series("io").unwrap();
    assert_eq!(merged.meta, io.meta);
    let expected = series(
        "io",
        &[
            (0, -0.0),
            (1, 7.0),
            (2, 8.0),
            (1439, f64::MAX),
            (1440, -1.5),
        ],
    );
    assert_eq!(bits(&merged.samples), bits(&expected.samples));
    assert_eq!(now.event("e1").unwrap().title, "and more");
    assert_eq!(now.event("e2").unwrap().title, "second");
    let order = [edge("pod", "fs"), edge("node", "fs"), edge("db", "fs")];
    assert_eq!(now.topology, order);
    assert_eq!(now.provenance, [batch().provenance, later.provenance]);
    assert_eq!(store.files(&id(1)).await.unwrap(), [file]);
}

async fn incidents_share_nothing(place: &Place) {
    let store = opened(place).await;
    store.create_incident(&incident(2)).await.unwrap();
    store.add_batch(&id(1), &batch()).await.unwrap();
    let before = evidence(&store).await;
    let other = Batch {
        series: vec![series("io", &[(0, 1.0)])],
        events: vec![event("e1", "another incident's")],
        ..Batch::default()
    };
    store.add_batch(&id(2), &other).await.unwrap();
    assert_eq!(evidence(&store).await, before);
    let theirs = store.evidence(&id(2)).await.unwrap().unwrap();
    assert_eq!(
        bits(&theirs.series[0].samples),
        bits(&other.series[0].samples)
    );
    assert_eq!(theirs.events, other.events);
}

async fn samples_of_a_window_are_those_inside(place: &Place) {
    let store = opened(place).await;
    let points: Vec<_> = (-100..4_000).map(|m| (m, m as f64)).collect();
    let all = series("io", &points);
    let batch = Batch {
        series: vec![all.clone()],
        ..Batch::default()
    };
    store.add_batch(&id(1), &batch).await.unwrap();
    for (from, to) in [
        (0, 1),
        (-100, 0),
        (1439, 1441),
        (1440, 2880),
        (100, 3_000),
        (5_000, 6_000),
    ] {
        let window = Window {
            start: minute(from),
            end: minute(to),
        };
        let back = store.samples(&id(1), "io", window).await.unwrap();
        let (times, values) = all.samples.inside(window);
        assert_eq!((back.times(), back.values()), (times, values));
    }
}

async fn writers_at_once_lose_nothing(place: &Place) {
    let store = opened(place).await;
    let tasks: Vec<_> = (0..8)
        .map(|part| {
            let store = store.clone();
            tokio::spawn(async move {
                let points: Vec<_> = (0..200).map(|i| (i * 8 + part, i as f64)).collect();
                let batch = Batch {
                    provenance: provenance(&format!("part {part}")),
                    series: vec![series("io", &points)],
                    topology: vec![edge("pod", &format!("fs{part}"))],
                    ..Batch::default()
                };
                store.add_batch(&id(1), &batch).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let all = evidence(&store).await;
    assert_eq!(all.series[0].samples.len(), 1_600);
    assert_eq!((all.provenance.len(), all.topology.len()), (8, 8));
}

async fn many_events_fit(place: &Place) {
    let store = opened(place).await;
    let events = (0..2_500).map(|n| event(&format!("files/log#{n:05}"), "line"));
    let batch = Batch {
        events: events.collect(),
        ..Batch::default()
    };
    store.add_batch(&id(1), &batch).await.unwrap();
    assert_eq!(evidence(&store).await.events, batch.events);
}

/// Two days and a bit, at irregular times, written in this order.
fn any_writes() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let value = prop_oneof![
        any::<f64>().prop_filter("finite", |v| v.is_finite()),
        (-9..9_i64).prop_map(|v| v as f64),
    ];
    prop::collection::vec((-DAY / 4..2 * DAY, value), 1..400)
}

async fn batches_split_anyhow_give_the_same(place: &Place) {
    let store = place.open().await;
    let mut runner = TestRunner::new(Config::default());
    let cases = (any_writes(), prop::collection::vec(1..60_usize, 1..12));
    for n in 1..=24 {
        let (writes, cuts) = cases.new_tree(&mut runner).unwrap().current();
        let points: Vec<_> = writes.iter().map(|(ms, v)| (START.plus(*ms), *v)).collect();
        let incident = model::Incident {
            digest: None,
            ..incident(n)
        };
        store.create_incident(&incident).await.unwrap();
        let mut rest = points.as_slice();
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let (part, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            rest = later;
            let batch = Batch {
                series: vec![Series {
                    meta: series("io", &[]).meta,
                    samples: Samples::from_unordered(part.to_vec()),
                }],
                ..Batch::default()
            };
            store.add_batch(&incident.id, &batch).await.unwrap();
        }
        let stored = store.evidence(&incident.id).await.unwrap().unwrap();
        let whole = Samples::from_unordered(points);
        assert_eq!(
            bits(&stored.series[0].samples),
            bits(&whole),
            "{writes:?} {cuts:?}"
        );
        assert_eq!(stored.provenance.len(), 1);
    }
}

stories!(
    evidence_comes_back_as_it_was,
    what_is_not_there_is_said,
    the_same_batch_twice_changes_nothing,
    the_later_word_counts,
    incidents_share_nothing,
    samples_of_a_window_are_those_inside,
    writers_at_once_lose_nothing,
    many_events_fit,
    batches_split_anyhow_give_the_same,
);
