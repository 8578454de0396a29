//! Stories of forgetting: an archive loses what is old, and nothing else does.

use super::{
    place::{Place, stories},
    sample::{START, batch, edge, event, id, incident, minute, provenance, series, window},
};
use model::{
    Batch, Event, EventKind, Evidence, Gap, Timestamp, Window, source::Holding, time::DAY,
};
use store::StoreError;

fn day(n: i64) -> Timestamp {
    START.plus(n * DAY)
}

fn span(from: i64, to: i64) -> Option<Window> {
    Window::new(minute(from), minute(to))
}

/// Ten days of a series, an older one that ended, events of all sorts, edges and gaps.
fn ten_days() -> Batch {
    let points: Vec<_> = (0..10 * 24).map(|h| (h * 60, h as f64)).collect();
    let lasting = |id: &str, from: i64, to: Option<i64>| Event {
        kind: EventKind::PodTerminating,
        start: Some(minute(from)),
        end: to.map(minute),
        ..event(id, "")
    };
    let gap = |window| Gap {
        what: "pods".into(),
        window,
        reason: "nobody listened".into(),
    };
    Batch {
        provenance: model::Provenance {
            asked_at: Some(day(1)),
            window: span(0, 10 * 1440),
            gaps: vec![
                gap(span(60, 120)),
                gap(span(5_000, 6_000)),
                gap(span(9_000, 9_060)),
            ],
            series: vec!["io".into(), "gone".into()],
            ..provenance("watch")
        },
        series: vec![series("io", &points), series("gone", &[(1, 1.0), (2, 2.0)])],
        events: vec![
            event("old", ""),
            lasting("over", 20, Some(5_759)),
            lasting("over just then", 20, Some(5_760)),
            lasting("open", 30, None),
            Event {
                start: None,
                ..event("whenever", "")
            },
            Event {
                start: None,
                end: Some(minute(50)),
                ..event("over, begun whenever", "")
            },
            lasting("new", 9_000, Some(9_001)),
        ],
        topology: vec![
            edge("forgotten pod", "fs"),
            edge("remembered pod", "fs"),
            edge("pod told of again", "fs"),
        ],
        ..Batch::default()
    }
}

fn names(evidence: &Evidence) -> Vec<&str> {
    let mut names: Vec<_> = evidence.events.iter().map(|e| e.id.as_str()).collect();
    names.sort_unstable();
    names
}

async fn what_is_old_and_over_goes(place: &Place) {
    let store = place.open().await;
    store
        .import(&incident(1), &[ten_days()], &[])
        .await
        .unwrap();
    let frozen = store.evidence(&id(1)).await.unwrap();
    let archive = store.archive("prod").await.unwrap();
    let other = store.archive("staging").await.unwrap();
    let states = [("remembered pod".to_owned(), Some("1".to_owned()))];
    store.record(&archive, &ten_days(), &states).await.unwrap();
    store.record(&other, &ten_days(), &[]).await.unwrap();
    let again = Batch {
        topology: vec![edge("pod told of again", "fs")],
        provenance: model::Provenance {
            asked_at: Some(day(4)),
            window: span(0, 60),
            gaps: Vec::new(),
            ..provenance("another question")
        },
        ..Batch::default()
    };
    store.record(&archive, &again, &[]).await.unwrap();
    // Told late of what was known earlier: the later word counts.
    let late = Batch {
        provenance: model::Provenance {
            asked_at: Some(day(0)),
            ..again.provenance.clone()
        },
        ..again.clone()
    };
    store.record(&archive, &late, &[]).await.unwrap();
    let beside = store.evidence_between(&other, window(10)).await.unwrap();

    // The fourth day's noon would be the fourth day's start for samples.
    assert_eq!(
        store.trim(&archive, day(4)).await.unwrap(),
        5 + 1 + 3 + 1 + 1
    );
    let left = store.evidence_between(&archive, window(10)).await.unwrap();
    assert_eq!(left.series.len(), 1);
    let times = left.series[0].samples.times();
    assert_eq!((times[0], times.len()), (day(4), 6 * 24));
    assert_eq!(names(&left), ["new", "open", "over just then", "whenever"]);
    let edges = [
        edge("remembered pod", "fs"),
        edge("pod told of again", "fs"),
    ];
    assert_eq!(left.topology, edges);
    assert_eq!(left.provenance.len(), 1);
    let kept = &left.provenance[0];
    assert_eq!(kept.window, Window::new(day(4), day(10)));
    assert_eq!(kept.series, ["io"]);
    let gaps: Vec<_> = kept.gaps.iter().map(|gap| gap.window).collect();
    assert_eq!(gaps, [span(5_760, 6_000), span(9_000, 9_060)]);

    // Nothing is left to forget, and nothing else forgot.
    assert_eq!(store.trim(&archive, day(4)).await.unwrap(), 0);
    assert_eq!(store.evidence(&id(1)).await.unwrap(), frozen);
    assert_eq!(
        store.evidence_between(&other, window(10)).await.unwrap(),
        beside
    );
}

async fn a_day_of_samples_goes_whole_or_not(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    store.record(&archive, &ten_days(), &[]).await.unwrap();
    store.trim(&archive, day(4).plus(DAY / 2)).await.unwrap();
    let left = store.samples(&archive, "io", window(10)).await.unwrap();
    assert_eq!(left.times()[0], day(4));
    // What was never told when stays, and so does a window without a time.
    let timeless = Batch {
        topology: vec![edge("told whenever", "fs")],
        provenance: model::Provenance {
            asked_at: None,
            window: None,
            gaps: Vec::new(),
            ..provenance("by hand")
        },
        ..Batch::default()
    };
    store.record(&archive, &timeless, &[]).await.unwrap();
    store.trim(&archive, day(1_000)).await.unwrap();
    let left = store
        .evidence_between(&archive, window(2_000))
        .await
        .unwrap();
    assert_eq!(left.series, []);
    assert_eq!(names(&left), ["open", "whenever"]);
    assert_eq!(left.topology, [edge("told whenever", "fs")]);
    let queries: Vec<_> = left.provenance.iter().map(|p| &p.query).collect();
    assert_eq!(queries, ["by hand"]);
}

async fn holdings_count_what_is_there(place: &Place) {
    let store = place.open().await;
    store.import(&incident(1), &[batch()], &[]).await.unwrap();
    let archive = store.archive("prod").await.unwrap();
    store.archive("Empty").await.unwrap();
    let nothing = Holding {
        name: "Empty".into(),
        ..Holding::default()
    };
    assert_eq!(store.holdings().await.unwrap()[0], nothing);
    let mut told = batch();
    told.events = vec![event("e1", "\u{1f9df}")];
    store.record(&archive, &told, &[]).await.unwrap();
    let holdings = store.holdings().await.unwrap();
    assert_eq!(holdings.len(), 2);
    let prod = &holdings[1];
    assert_eq!(prod.name, "prod");
    assert_eq!((prod.series, prod.samples, prod.events), (3, 6, 1));
    let bytes = place
        .number(&format!(
            "SELECT CAST(SUM(octet_length(data)) AS BIGINT)
                 + (SELECT CAST(octet_length(body) AS BIGINT) FROM events WHERE incident = '{archive}')
             FROM chunks JOIN series ON series.id = chunks.series WHERE incident = '{archive}'"
        ))
        .await;
    assert_eq!(prod.bytes, bytes.unsigned_abs());
    assert_eq!(
        prod.span,
        Some(Window {
            start: minute(0),
            end: minute(2_880).plus(1)
        })
    );
    // Events count for the span as well, and of two days it is the instant that counts.
    let further = Batch {
        series: vec![series("balance", &[(2_881, 0.0)])],
        events: vec![
            Event {
                end: Some(minute(4_000)),
                ..event("e2", "")
            },
            Event {
                start: Some(minute(-1)),
                kind: EventKind::PodTerminating,
                ..event("e3", "")
            },
        ],
        ..Batch::default()
    };
    store.record(&archive, &further, &[]).await.unwrap();
    let prod = &store.holdings().await.unwrap()[1];
    assert_eq!((prod.samples, prod.events), (7, 3));
    assert_eq!(
        prod.span,
        Some(Window {
            start: minute(-1),
            end: minute(4_000).plus(1)
        })
    );
}

async fn a_deleted_archive_takes_everything_along(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let states = [("cursor".to_owned(), Some("1".to_owned()))];
    store.record(&archive, &batch(), &states).await.unwrap();
    assert!(!store.delete_archive("staging").await.unwrap());
    assert!(store.delete_archive("prod").await.unwrap());
    assert!(!store.delete_archive("prod").await.unwrap());
    for table in [
        "incidents",
        "series",
        "chunks",
        "events",
        "edges",
        "provenance",
        "files",
        "memory",
    ] {
        let left = place.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(left, 0, "{table}");
    }
    let refused = store.record(&archive, &batch(), &states).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    // It may begin again.
    let archive = store.archive("prod").await.unwrap();
    store.record(&archive, &batch(), &[]).await.unwrap();
    assert_eq!(store.recall(&archive).await.unwrap(), []);
}

stories!(
    what_is_old_and_over_goes,
    a_day_of_samples_goes_whole_or_not,
    holdings_count_what_is_there,
    a_deleted_archive_takes_everything_along,
);
