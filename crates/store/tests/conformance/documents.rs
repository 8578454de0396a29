//! Stories of what people wrote into postmortems.

use super::{
    place::{Place, stories},
    sample::{batch, id, incident, minute},
};
use model::{
    Document,
    document::{DocumentSection, Placed, TimelineEntry, digest},
};
use store::{Said, StoreError};

fn section(id: &str, revision: u64, text: &str) -> DocumentSection {
    let mut extra = model::Extra::new();
    extra.insert("mood".into(), serde_json::json!("good"));
    DocumentSection {
        text: Some(text.into()),
        based_on: digest("the draft"),
        seen: "the draft \u{1f9df}".into(),
        entries: vec![TimelineEntry {
            id: "credits.balance.exhausted_at".into(),
            at: Some(minute(3)),
            text: Some("<b>gone</b> \u{0}".into()),
            hidden: true,
            place: Some(2),
        }],
        revision,
        author: "a writer".into(),
        at: Some(minute(9)),
        extra,
        ..DocumentSection::untouched(id)
    }
}

fn layout() -> Document {
    Document {
        template: "short".into(),
        layout: vec![Placed {
            id: "summary".into(),
            title: "In short".into(),
            guide: "What happened?".into(),
        }],
        ..Document::default()
    }
}

async fn sections_are_written_and_every_state_is_kept(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    assert_eq!(store.document(&id(1)).await.unwrap(), Document::default());
    store.put_template(&id(1), &layout()).await.unwrap();
    for written in [
        section("summary", 1, "one"),
        section("impact", 1, "felt"),
        section("summary", 2, "two"),
    ] {
        store.add_sections(&id(1), &[written]).await.unwrap();
    }
    let store = place.open().await;
    let document = store.document(&id(1)).await.unwrap();
    let stands = [section("impact", 1, "felt"), section("summary", 2, "two")];
    assert_eq!(document.sections, stands);
    assert_eq!(document.layout, layout().layout);
    assert_eq!(document.history, []);
    let history = store.section_history(&id(1), "summary").await.unwrap();
    assert_eq!(
        history,
        [section("summary", 2, "two"), section("summary", 1, "one")]
    );
    let first = store.section_at(&id(1), "summary", 1).await.unwrap();
    assert_eq!(first, Some(section("summary", 1, "one")));
    for revision in [0, 3, u64::MAX] {
        let none = store.section_at(&id(1), "summary", revision).await.unwrap();
        assert_eq!(none, None);
    }
    // Another template takes no word away.
    let other = Document {
        template: "default".into(),
        ..Document::default()
    };
    store.put_template(&id(1), &other).await.unwrap();
    assert_eq!(store.document(&id(1)).await.unwrap().sections, stands);
    let whole = store.whole_document(&id(1)).await.unwrap();
    assert_eq!(whole.sections, stands);
    assert_eq!(whole.history, [section("summary", 1, "one")]);
}

async fn nobody_goes_over_a_revision_that_is_there(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let first = [section("summary", 1, "one")];
    store.add_sections(&id(1), &first).await.unwrap();
    // All of it or none: the first of these would have been all right.
    let late = [section("impact", 1, "felt"), section("summary", 1, "other")];
    let refused = store.add_sections(&id(1), &late).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    assert_eq!(store.document(&id(1)).await.unwrap().sections, first);
    // Two at once: one is taken, the other is told.
    let (a, b) = ([section("summary", 2, "a")], [section("summary", 2, "b")]);
    let incident = id(1);
    let (one, other) = tokio::join!(
        store.add_sections(&incident, &a),
        store.add_sections(&incident, &b)
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(
        store
            .section_history(&id(1), "summary")
            .await
            .unwrap()
            .len(),
        2
    );
}

async fn a_document_counts_as_a_change_and_goes_with_its_incident(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let before = store.revision(&id(1)).await.unwrap().unwrap();
    let written = [section("summary", 1, "one")];
    store.add_sections(&id(1), &written).await.unwrap();
    store.put_template(&id(1), &layout()).await.unwrap();
    let after = store.revision(&id(1)).await.unwrap().unwrap();
    assert_eq!(after.notes, before.notes + 2);
    assert_eq!(after.evidence, before.evidence);
    store.delete_incident(&id(1)).await.unwrap();
    store.create_incident(&incident(1)).await.unwrap();
    assert_eq!(store.document(&id(1)).await.unwrap(), Document::default());
}

async fn a_document_needs_an_incident_a_name_and_a_revision(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    for nowhere in [id(1), archive] {
        for refused in [
            store.put_template(&nowhere, &layout()).await,
            store
                .add_sections(&nowhere, &[section("summary", 1, "x")])
                .await,
        ] {
            assert!(
                matches!(refused, Err(StoreError::Missing { .. })),
                "{refused:?}"
            );
        }
    }
    store.create_incident(&incident(1)).await.unwrap();
    for bad in [
        section("", 1, "x"),
        section("a\0", 1, "x"),
        section("summary", 0, "x"),
        section("summary", u64::MAX, "x"),
    ] {
        let refused = store.add_sections(&id(1), &[bad]).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
}

async fn an_import_brings_the_whole_document(place: &Place) {
    let store = place.open().await;
    let document = Document {
        sections: vec![section("impact", 1, "felt"), section("summary", 3, "three")],
        history: vec![section("summary", 1, "one"), section("summary", 2, "two")],
        ..layout()
    };
    let said = Said {
        document: Some(&document),
        ..Said::default()
    };
    let imported = store.import_whole(&incident(1), &[batch()], said).await;
    assert!(imported.unwrap().new);
    assert_eq!(store.whole_document(&id(1)).await.unwrap(), document);
}

stories!(
    sections_are_written_and_every_state_is_kept,
    nobody_goes_over_a_revision_that_is_there,
    a_document_counts_as_a_change_and_goes_with_its_incident,
    a_document_needs_an_incident_a_name_and_a_revision,
    an_import_brings_the_whole_document,
);
