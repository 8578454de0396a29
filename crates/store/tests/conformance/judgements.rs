//! Stories of what people decide and set out to do, and of what incidents were like.

use super::{
    place::{Place, stories},
    sample::{annotation, batch, id, incident, minute, window},
};
use model::{
    ActionItem, Judgement,
    action::ActionState,
    analysis::{
        back_test::{Comparison, Periods, Rule},
        recurrence::Fingerprint,
    },
    judgement::Ruling,
};
use std::collections::BTreeMap;
use store::{Said, StoreError};

fn judgement(suspect: &str, at: i64, reason: &str) -> Judgement {
    let mut extra = model::Extra::new();
    extra.insert("votes".into(), serde_json::json!(3));
    Judgement {
        suspect: suspect.into(),
        ruling: Ruling::Dismissed,
        reason: reason.into(),
        author: "a reader".into(),
        at: Some(minute(at)),
        title: "rollout \u{1f9df}".into(),
        events: vec![suspect.into(), "pod".into()],
        score: Some(0.1 + 0.2),
        extra,
    }
}

fn action(id: &str, at: i64, title: &str) -> ActionItem {
    ActionItem {
        id: id.into(),
        title: title.into(),
        alarm: Some(Rule::Threshold {
            series: "io".into(),
            comparison: Comparison::GreaterOrEqual,
            threshold: 5e-324,
            periods: Periods::default(),
        }),
        created_at: Some(minute(at)),
        ..ActionItem::default()
    }
}

fn fingerprint(feature: &str) -> Fingerprint {
    let features = BTreeMap::from([(feature.to_owned(), 1.0 / 3.0)]);
    Fingerprint {
        window: window(3),
        felt: Some(minute(7)),
        features: BTreeMap::from([("driver".to_owned(), features)]),
    }
}

async fn a_decision_is_made_changed_and_taken_back(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    // The id of an event out of a file may be as long as a path.
    let long = format!("files/{}#1", "x".repeat(600));
    for made in [
        judgement("b", 9, "later"),
        judgement(&long, 5, "<b>not</b> markup \u{0}"),
    ] {
        store.put_judgement(&id(1), &made).await.unwrap();
    }
    let changed = Judgement {
        ruling: Ruling::Cause,
        ..judgement("b", 2, "after all")
    };
    store.put_judgement(&id(1), &changed).await.unwrap();
    let store = place.open().await;
    let expected = [changed, judgement(&long, 5, "<b>not</b> markup \u{0}")];
    assert_eq!(store.judgements(&id(1)).await.unwrap(), expected);
    assert!(store.delete_judgement(&id(1), "b").await.unwrap());
    assert!(!store.delete_judgement(&id(1), "b").await.unwrap());
    assert!(!store.delete_judgement(&id(2), &long).await.unwrap());
    assert_eq!(store.judgements(&id(1)).await.unwrap(), expected[1..]);
}

async fn an_action_item_is_kept_changed_and_removed(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    for item in [action("b", 9, "second"), action("a", 5, "first")] {
        store.put_action(&id(1), &item).await.unwrap();
    }
    let done = ActionItem {
        state: ActionState::Done,
        ..action("b", 9, "second")
    };
    store.put_action(&id(1), &done).await.unwrap();
    let expected = [action("a", 5, "first"), done];
    assert_eq!(store.actions(&id(1)).await.unwrap(), expected);
    assert!(store.delete_action(&id(1), "a").await.unwrap());
    assert!(!store.delete_action(&id(1), "a").await.unwrap());
    assert_eq!(store.actions(&id(1)).await.unwrap(), expected[1..]);
}

async fn fingerprints_of_this_version_are_found(place: &Place) {
    let store = place.open().await;
    for n in 1..=3 {
        store.create_incident(&incident(n)).await.unwrap();
    }
    for (n, engine) in [(2, "2"), (1, "1"), (3, "2")] {
        let made = fingerprint(&format!("metric {n}"));
        store.put_fingerprint(&id(n), engine, &made).await.unwrap();
    }
    let found = store.fingerprints("2").await.unwrap();
    let expected = [
        (id(2), fingerprint("metric 2")),
        (id(3), fingerprint("metric 3")),
    ];
    assert_eq!(found, expected);
    let again = fingerprint("another");
    store.put_fingerprint(&id(1), "2", &again).await.unwrap();
    assert_eq!(store.fingerprints("1").await.unwrap(), []);
    assert_eq!(store.fingerprints("2").await.unwrap()[0], (id(1), again));
    // What an incident was like goes with it.
    store.delete_incident(&id(1)).await.unwrap();
    assert_eq!(store.fingerprints("2").await.unwrap(), expected);
}

async fn all_of_them_need_an_incident_and_a_name(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    for nowhere in [id(1), archive] {
        for refused in [
            store.put_judgement(&nowhere, &judgement("a", 1, "")).await,
            store.put_action(&nowhere, &action("a", 1, "")).await,
            store
                .put_fingerprint(&nowhere, "1", &fingerprint("x"))
                .await,
        ] {
            assert!(
                matches!(refused, Err(StoreError::Missing { .. })),
                "{refused:?}"
            );
        }
    }
    store.create_incident(&incident(1)).await.unwrap();
    for refused in [
        store.put_judgement(&id(1), &judgement("", 1, "")).await,
        store.put_action(&id(1), &action("\0", 1, "")).await,
    ] {
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
}

async fn an_import_brings_all_that_was_said_or_nothing(place: &Place) {
    let store = place.open().await;
    let (notes, judged) = ([annotation("n", 1, "one")], [judgement("e1", 1, "why")]);
    let actions = [action("a", 1, "alarm")];
    let said = Said {
        annotations: &notes,
        judgements: &judged,
        actions: &actions,
        ..Said::default()
    };
    let nameless = [action("a", 1, "alarm"), action("", 1, "no name")];
    let bad = Said {
        actions: &nameless,
        ..said
    };
    let refused = store.import_whole(&incident(1), &[batch()], bad).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    assert_eq!(store.incidents().await.unwrap(), []);
    let imported = store.import_whole(&incident(1), &[batch()], said).await;
    assert!(imported.unwrap().new);
    assert_eq!(store.annotations(&id(1)).await.unwrap(), notes);
    assert_eq!(store.judgements(&id(1)).await.unwrap(), judged);
    assert_eq!(store.actions(&id(1)).await.unwrap(), actions);
}

stories!(
    a_decision_is_made_changed_and_taken_back,
    an_action_item_is_kept_changed_and_removed,
    fingerprints_of_this_version_are_found,
    all_of_them_need_an_incident_and_a_name,
    an_import_brings_all_that_was_said_or_nothing,
);
