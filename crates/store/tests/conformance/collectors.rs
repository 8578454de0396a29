//! Stories of collectors: one of them works, and all say how their sources are.

use super::{
    place::{Place, stories},
    sample::minute,
};
use model::{
    Gap,
    source::{SourceHealth, SourceStatus},
};
use store::StoreError;

async fn a_lease_has_one_holder(place: &Place) {
    // As two processes have it.
    let (one, other) = (place.open().await, place.open().await);
    let hold = async |store: &std::sync::Arc<dyn store::Store>, who: &str, now, until| {
        let held = store.hold_lease("prod", who, minute(now), minute(until));
        held.await.unwrap()
    };
    assert!(hold(&one, "a", 0, 10).await);
    assert!(!hold(&other, "b", 0, 10).await);
    assert!(!hold(&other, "b", 9, 20).await);
    // Its holder prolongs it, another name is another lease.
    assert!(hold(&one, "a", 9, 15).await);
    assert!(!hold(&other, "b", 14, 30).await);
    let elsewhere = other.hold_lease("staging", "b", minute(0), minute(10));
    assert!(elsewhere.await.unwrap());
    // Run out, it is anybody's, and the first holder learns of it.
    assert!(hold(&other, "b", 15, 30).await);
    assert!(!hold(&one, "a", 16, 40).await);
    // Only its holder gives it back.
    one.release_lease("prod", "a").await.unwrap();
    assert!(!hold(&one, "a", 16, 40).await);
    other.release_lease("prod", "b").await.unwrap();
    other.release_lease("prod", "b").await.unwrap();
    assert!(hold(&one, "a", 16, 40).await);
    assert_eq!(place.number("SELECT COUNT(*) FROM leases").await, 2);
    for (name, who) in [("", "a"), ("prod", ""), ("a\0b", "a"), ("prod", "a\0b")] {
        let refused = one.hold_lease(name, who, minute(0), minute(1)).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
}

async fn of_many_at_once_one_gets_the_lease(place: &Place) {
    for round in 0..5 {
        let mut tasks = Vec::new();
        for who in 0..6 {
            let store = place.open().await;
            tasks.push(tokio::spawn(async move {
                // Each round finds the lease of the one before run out.
                let (now, until) = (minute(round * 10), minute(round * 10 + 10));
                let who = format!("round {round}, holder {who}");
                store.hold_lease("prod", &who, now, until).await.unwrap()
            }));
        }
        let mut held = 0;
        for task in tasks {
            held += i32::from(task.await.unwrap());
        }
        assert_eq!(held, 1, "round {round}");
    }
}

async fn how_a_source_is_doing_comes_back(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.statuses().await.unwrap(), []);
    let good = SourceStatus {
        name: "prod".into(),
        kind: "kubernetes".into(),
        health: SourceHealth::Good,
        message: "412 pods on 9 nodes, 'all' of them \u{0}".into(),
        tried_at: Some(minute(2)),
        succeeded_at: Some(minute(1)),
        newest: Some(minute(1).plus(1)),
        gaps: vec![Gap {
            what: "pods".into(),
            window: Some(model::Window {
                start: minute(-9),
                end: minute(-3),
            }),
            reason: "nobody listened".into(),
        }],
    };
    let untried = SourceStatus {
        name: "Efs".into(),
        ..SourceStatus::default()
    };
    store.put_status(&good).await.unwrap();
    store.put_status(&untried).await.unwrap();
    let store = place.open().await;
    let both = [untried.clone(), good.clone()];
    assert_eq!(store.statuses().await.unwrap(), both);
    let failing = SourceStatus {
        health: SourceHealth::Failing,
        message: "access denied".into(),
        ..good
    };
    store.put_status(&failing).await.unwrap();
    assert_eq!(store.statuses().await.unwrap(), [untried, failing]);
    let refused = store.put_status(&SourceStatus::default()).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
}

stories!(
    a_lease_has_one_holder,
    of_many_at_once_one_gets_the_lease,
    how_a_source_is_doing_comes_back,
);
