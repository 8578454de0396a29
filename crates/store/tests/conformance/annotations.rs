//! Stories of notes.

use super::{
    place::{Place, stories},
    sample::{annotation, id, incident},
};
use store::StoreError;

async fn notes_are_added_changed_and_removed(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let mut ranged = annotation("b", 5, "<b>not</b> markup \u{0}");
    ranged.end = Some(super::sample::minute(9));
    for note in [
        &ranged,
        &annotation("a", 9, "later"),
        &annotation("c", 5, "same start"),
    ] {
        store.put_annotation(&id(1), note).await.unwrap();
    }
    let expected = [
        ranged,
        annotation("c", 5, "same start"),
        annotation("a", 9, "later"),
    ];
    assert_eq!(store.annotations(&id(1)).await.unwrap(), expected);

    store
        .put_annotation(&id(1), &annotation("a", 1, "moved"))
        .await
        .unwrap();
    assert!(store.delete_annotation(&id(1), "b").await.unwrap());
    assert!(!store.delete_annotation(&id(1), "b").await.unwrap());
    assert!(!store.delete_annotation(&id(2), "a").await.unwrap());
    assert!(!store.delete_annotation(&id(1), "\0").await.unwrap());
    let store = place.open().await;
    let left = [
        annotation("a", 1, "moved"),
        annotation("c", 5, "same start"),
    ];
    assert_eq!(store.annotations(&id(1)).await.unwrap(), left);
}

async fn a_note_needs_an_incident_and_an_id(place: &Place) {
    let store = place.open().await;
    let refused = store.put_annotation(&id(1), &annotation("a", 1, "")).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    let refused = store.put_annotation(&id(1), &annotation("", 1, "")).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    assert_eq!(store.annotations(&id(1)).await.unwrap(), []);
}

async fn an_import_brings_its_notes(place: &Place) {
    let store = place.open().await;
    let notes = [annotation("a", 1, "one"), annotation("b", 2, "two")];
    store.import(&incident(1), &[], &notes).await.unwrap();
    assert_eq!(store.annotations(&id(1)).await.unwrap(), notes);
}

stories!(
    notes_are_added_changed_and_removed,
    a_note_needs_an_incident_and_an_id,
    an_import_brings_its_notes,
);
