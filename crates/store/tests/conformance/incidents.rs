//! Stories of incidents and imports.

use super::{
    place::{Place, stories},
    sample::{annotation, batch, event, id, incident, minute, window},
};
use model::{Batch, Incident, incident::IncidentState};
use store::{Imported, StoreError};

async fn an_incident_comes_back_as_it_was(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let store = place.open().await;
    assert_eq!(store.incident(&id(1)).await.unwrap(), Some(incident(1)));
    assert_eq!(store.incident(&id(2)).await.unwrap(), None);
    let hostile = model::IncidentId("a\0b".into());
    assert_eq!(store.incident(&hostile).await.unwrap(), None);
    assert!(!store.delete_incident(&hostile).await.unwrap());
}

async fn the_newest_window_is_first(place: &Place) {
    let store = place.open().await;
    let moved = |n: u32, by: i64| {
        let mut moved = incident(n);
        moved.window.start = minute(by);
        moved
    };
    for (n, by) in [(1, 5), (2, 50), (3, -50)] {
        store.create_incident(&moved(n, by)).await.unwrap();
    }
    let ids: Vec<_> = store
        .incidents()
        .await
        .unwrap()
        .into_iter()
        .map(|i| i.id)
        .collect();
    assert_eq!(ids, [id(2), id(1), id(3)]);
}

async fn keys_are_taken_once(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let same_id = Incident {
        digest: None,
        ..incident(1)
    };
    let same_digest = Incident {
        digest: incident(1).digest,
        ..incident(2)
    };
    for taken in [&same_id, &same_digest] {
        let refused = store.create_incident(taken).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict { .. })),
            "{refused:?}"
        );
    }
    let refused = store.import(&same_id, &[], &[]).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    for bad in ["", "a\0b", &"x".repeat(2_000)] {
        let named = Incident {
            id: model::IncidentId(bad.into()),
            ..incident(3)
        };
        let refused = store.create_incident(&named).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(store.incidents().await.unwrap().len(), 1);
}

async fn an_update_replaces_and_never_makes(place: &Place) {
    let store = place.open().await;
    let missing = store.update_incident(&incident(1)).await;
    assert!(
        matches!(missing, Err(StoreError::Missing { .. })),
        "{missing:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    let closed = Incident {
        state: IncidentState::Closed,
        title: "Closed".into(),
        window: window(1),
        digest: None,
        ..incident(1)
    };
    store.update_incident(&closed).await.unwrap();
    assert_eq!(store.incident(&id(1)).await.unwrap(), Some(closed));
}

async fn deleting_takes_everything_along(place: &Place) {
    let store = place.open().await;
    let notes = [annotation("n", 1, "note")];
    store
        .import(&incident(1), &[batch()], &notes)
        .await
        .unwrap();
    assert!(store.delete_incident(&id(1)).await.unwrap());
    assert!(!store.delete_incident(&id(1)).await.unwrap());
    for table in [
        "series",
        "chunks",
        "events",
        "edges",
        "provenance",
        "files",
        "annotations",
    ] {
        let left = place.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(left, 0, "{table}");
    }
}

async fn an_equal_bundle_is_the_same_incident(place: &Place) {
    let store = place.open().await;
    let new = Imported {
        id: id(1),
        new: true,
    };
    let first = store.import(&incident(1), &[batch()], &[]).await.unwrap();
    assert_eq!(first, new);
    let before = store.evidence(&id(1)).await.unwrap();

    let again = Incident {
        digest: incident(1).digest,
        ..incident(2)
    };
    let other = Batch {
        events: vec![event("e1", "other words")],
        ..batch()
    };
    for same in [&incident(1), &again] {
        let known = store
            .import(
                same,
                std::slice::from_ref(&other),
                &[annotation("n", 1, "x")],
            )
            .await;
        assert_eq!(
            known.unwrap(),
            Imported {
                id: id(1),
                new: false
            }
        );
    }
    assert_eq!(store.evidence(&id(1)).await.unwrap(), before);
    assert_eq!(store.annotations(&id(1)).await.unwrap(), []);
    assert_eq!(store.incidents().await.unwrap().len(), 1);
}

async fn two_imports_at_once_make_one_incident(place: &Place) {
    let store = place.open().await;
    let imports = (1..=6).map(|n| {
        let (store, digest) = (store.clone(), incident(1).digest);
        tokio::spawn(async move {
            let incident = Incident {
                digest,
                ..incident(n)
            };
            store.import(&incident, &[batch()], &[]).await.unwrap()
        })
    });
    let mut new = Vec::new();
    let mut ids = Vec::new();
    for import in imports.collect::<Vec<_>>() {
        let imported = import.await.unwrap();
        ids.push(imported.id.clone());
        new.extend(imported.new.then_some(imported.id));
    }
    assert_eq!(new.len(), 1);
    assert!(ids.iter().all(|id| *id == new[0]), "{ids:?}");
    assert_eq!(store.incidents().await.unwrap().len(), 1);
}

async fn a_change_is_made_to_what_is_there_now(place: &Place) {
    let (store, other) = (place.open().await, place.open().await);
    let before = incident(1);
    store.create_incident(&before).await.unwrap();
    let grow = |i: &Incident| {
        (i.state != IncidentState::Closed).then(|| Incident {
            window: window(9),
            ..i.clone()
        })
    };
    let renamed = Incident {
        title: "renamed meanwhile".into(),
        ..before.clone()
    };
    other.update_incident(&renamed).await.unwrap();
    let grown = store.change_incident(&id(1), &grow).await.unwrap().unwrap();
    assert_eq!(
        grown,
        Incident {
            window: window(9),
            ..renamed.clone()
        }
    );
    assert_eq!(other.incident(&id(1)).await.unwrap(), Some(grown));
    let closed = Incident {
        state: IncidentState::Closed,
        ..renamed
    };
    other.update_incident(&closed).await.unwrap();
    assert_eq!(store.change_incident(&id(1), &grow).await.unwrap(), None);
    assert_eq!(store.incident(&id(1)).await.unwrap(), Some(closed));
    assert_eq!(store.change_incident(&id(2), &grow).await.unwrap(), None);
    // Of many at once none is lost.
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let store = [&store, &other][n % 2].clone();
            tokio::spawn(async move {
                let longer = |i: &Incident| {
                    Some(Incident {
                        title: format!("{}+", i.title),
                        ..i.clone()
                    })
                };
                store.change_incident(&id(1), &longer).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let after = store.incident(&id(1)).await.unwrap().unwrap();
    assert_eq!(after.title, format!("renamed meanwhile{}", "+".repeat(20)));
}

async fn one_bad_record_keeps_the_whole_import_out(place: &Place) {
    let store = place.open().await;
    let bad = Batch {
        events: vec![event("fine", ""), event("", "without an id")],
        ..Batch::default()
    };
    let refused = store.import(&incident(1), &[batch(), bad], &[]).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    assert_eq!(store.incidents().await.unwrap(), []);
    assert_eq!(place.number("SELECT COUNT(*) FROM chunks").await, 0);
    // The store works on.
    assert!(
        store
            .import(&incident(1), &[batch()], &[])
            .await
            .unwrap()
            .new
    );
}

stories!(
    an_incident_comes_back_as_it_was,
    the_newest_window_is_first,
    keys_are_taken_once,
    an_update_replaces_and_never_makes,
    deleting_takes_everything_along,
    an_equal_bundle_is_the_same_incident,
    two_imports_at_once_make_one_incident,
    one_bad_record_keeps_the_whole_import_out,
    a_change_is_made_to_what_is_there_now,
);
