//! Stories of an incident that goes on: what its sources are asked again and again.

use super::{
    place::{Place, stories},
    sample::{event, id, incident, minute, provenance, series},
};
use model::{Batch, Gap, Provenance, Window};
use std::sync::Arc;
use store::Store;

fn span(from: i64, to: i64) -> Window {
    Window {
        start: minute(from),
        end: minute(to),
    }
}

fn gap(what: &str, window: Window, reason: &str) -> Gap {
    Gap {
        what: what.into(),
        window: Some(window),
        reason: reason.into(),
    }
}

/// What a source gives for a window, its newest minute not yet.
fn answer(name: &str, query: &str, window: Window) -> Batch {
    let newest = Window {
        start: window.end.plus(-60_000),
        end: window.end,
    };
    Batch {
        series: vec![series("io", &[(0, 1.0)])],
        events: vec![event("e1", "rollout")],
        provenance: Provenance {
            name: name.into(),
            query: query.into(),
            asked_at: Some(window.end),
            window: Some(window),
            gaps: vec![gap("", newest, "the newest sample may still come")],
            series: vec!["io".into()],
            events: 1,
            absent: Vec::new(),
            ..provenance("")
        },
        ..Batch::default()
    }
}

async fn told(store: &Arc<dyn Store>) -> Vec<Provenance> {
    let evidence = store.evidence(&id(1)).await.unwrap();
    evidence.expect("the incident").provenance
}

async fn what_is_asked_every_minute_is_one_answer_that_grows(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let command = |w: Window| format!("get --start-time {} --end-time {}", w.start, w.end);
    for now in 60..180 {
        let window = span(now - 60, now);
        for query in ["range, step 60 s".to_owned(), command(window)] {
            let mut batch = answer("prod", &query, window);
            if now == 100 {
                let hole = gap("balance", span(70, 80), "HTTP 500");
                batch.provenance.gaps.push(hole);
            }
            store.add_batch(&id(1), &batch).await.unwrap();
        }
    }
    let rows = told(&store).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    let whole = span(0, 179);
    assert_eq!(
        rows[1].query,
        command(whole),
        "the whole can be asked again"
    );
    for (n, row) in rows.into_iter().enumerate() {
        assert_eq!(row.window, Some(whole));
        assert_eq!(row.asked_at, Some(minute(179)));
        assert_eq!((row.series.len(), row.events), (1, 1));
        let reasons: Vec<_> = row.gaps.iter().map(|g| (&*g.reason, g.window)).collect();
        let expected = [
            ("HTTP 500", Some(span(70, 80))),
            ("the newest sample may still come", Some(span(178, 179))),
        ];
        // What came since is no gap, what never came is; what both lack the newest answer says.
        assert_eq!(reasons, expected[..=n]);
    }
}

async fn a_source_that_answers_again_fills_what_it_could_not_be_asked(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let away = |window: Window| {
        let reason = format!("nothing from {} to {}", window.start, window.end);
        Batch {
            provenance: Provenance {
                query: Provenance::everything(window),
                name: "prod".into(),
                window: None,
                gaps: vec![gap("", window, &reason)],
                series: Vec::new(),
                events: 0,
                ..provenance("")
            },
            ..Batch::default()
        }
    };
    for now in 60..90 {
        store
            .add_batch(&id(1), &away(span(now - 60, now)))
            .await
            .unwrap();
    }
    let rows = told(&store).await;
    assert_eq!(rows.len(), 1);
    let whole = span(0, 89);
    let words = format!("nothing from {} to {}", whole.start, whole.end);
    assert_eq!(rows[0].gaps, [gap("", whole, &words)]);
    // Another source fills nothing; the source itself does, as far as it is asked.
    for (name, window, left) in [
        ("other", span(0, 90), Some(span(0, 89))),
        ("prod", span(30, 90), Some(span(0, 30))),
        ("prod", span(0, 90), None),
    ] {
        store
            .add_batch(&id(1), &answer(name, "range", window))
            .await
            .unwrap();
        let rows = told(&store).await;
        let nothing = rows.iter().find(|row| row.is_of_nothing());
        let gaps = nothing.map_or(&[][..], |row| &row.gaps);
        let windows: Vec<_> = gaps.iter().filter_map(|gap| gap.window).collect();
        assert_eq!(windows, left.into_iter().collect::<Vec<_>>(), "{name}");
    }
    assert_eq!(told(&store).await.len(), 2, "a row that says nothing goes");
}

/// As a version before wrote them: each answer a row, by the digest of the whole.
async fn rows_of_older_versions_join_at_the_next_answer(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let first = answer("prod", "range", span(-1, 59));
    store.add_batch(&id(1), &first).await.unwrap();
    for now in 60..70 {
        let told = answer("prod", "range", span(now - 60, now)).provenance;
        let body = serde_json::to_string(&told).unwrap().replace('\'', "''");
        let (id, at) = (id(1), now);
        place
            .meddle(&format!(
                "INSERT INTO provenance (incident, digest, position, body)
                 VALUES ('{id}', 'of {at}', {at}, '{body}')"
            ))
            .await;
    }
    assert_eq!(told(&store).await.len(), 11, "they are read as they are");
    let next = answer("prod", "range", span(10, 70));
    store.add_batch(&id(1), &next).await.unwrap();
    let rows = told(&store).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].window, Some(span(-1, 70)));
    assert_eq!(rows[0].gaps.len(), 1);
    assert_eq!(rows[0].events, 1);
    // What people brought by hand is left as it is.
    for n in 0..2 {
        let by_hand = answer("", "files/a.csv", span(n, n + 60));
        store.add_batch(&id(1), &by_hand).await.unwrap();
    }
    assert_eq!(told(&store).await.len(), 3);
}

async fn gaps_of_a_query_are_filled_by_its_series(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let labelled = "prometheus.nfs.calls.0123456789abcdef";
    let batch = |window: Window, series: &[&str], gaps: Vec<Gap>| Batch {
        provenance: Provenance {
            window: Some(window),
            series: series.iter().map(|id| (*id).to_owned()).collect(),
            gaps,
            ..provenance("range")
        },
        ..Batch::default()
    };
    let hole = gap("nfs.calls", span(0, 10), "HTTP 500");
    let first = batch(span(0, 10), &[], vec![hole]);
    store.record(&archive, &first, &[]).await.unwrap();
    let second = batch(span(5, 20), &[labelled], Vec::new());
    store.record(&archive, &second, &[]).await.unwrap();
    let kept = store.evidence_between(&archive, span(0, 30)).await.unwrap();
    assert_eq!(
        kept.provenance[0].gaps,
        [gap("nfs.calls", span(0, 5), "HTTP 500")]
    );
}

stories!(
    what_is_asked_every_minute_is_one_answer_that_grows,
    a_source_that_answers_again_fills_what_it_could_not_be_asked,
    rows_of_older_versions_join_at_the_next_answer,
    gaps_of_a_query_are_filled_by_its_series,
);
