//! Stories of what goes wrong: the error says what, where and what to do, and nothing half stays.

use super::{
    place::{Place, stories},
    sample::{annotation, batch, id, incident, window},
};
use std::error::Error;
use store::StoreError;

async fn a_newer_database_is_left_alone(place: &Place) {
    place.open().await.close().await;
    let checksum = if place.is_sqlite() {
        "x'00'"
    } else {
        "'\\x00'"
    };
    let later = format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', true, {checksum}, 0)"
    );
    place.meddle(&later).await;
    let Err(refused) = store::open(&place.url).await else {
        panic!("a database of a later version was opened");
    };
    assert!(
        matches!(refused, StoreError::TooNew { version: 9999 }),
        "{refused:?}"
    );
    let said = refused.to_string();
    assert!(
        said.contains("newer lineup") && said.contains("9999"),
        "{said}"
    );
}

async fn a_damaged_chunk_is_named(place: &Place) {
    let store = place.open().await;
    store.import(&incident(1), &[batch()], &[]).await.unwrap();
    let bytes = if place.is_sqlite() {
        "x'0102'"
    } else {
        "'\\x0102'"
    };
    // 18403 is 21 May 2020; only `io` has a sample on that day.
    for damage in ["points = points + 1".to_owned(), format!("data = {bytes}")] {
        let damage = format!("UPDATE chunks SET {damage} WHERE day = 18403");
        place.meddle(&damage).await;
        let whole = store.evidence(&id(1)).await.map(|_| ());
        let part = store.samples(&id(1), "io", window(3)).await.map(|_| ());
        let zoomed = store
            .pyramid(&id(1), "io", window(3), 100)
            .await
            .map(|_| ());
        for refused in [whole, part, zoomed] {
            let refused = refused.unwrap_err();
            let said = refused.to_string();
            assert!(
                matches!(refused, StoreError::CorruptChunk { .. }),
                "{refused:?}"
            );
            assert!(
                said.contains("'io'") && said.contains("2020-05-21"),
                "{said}"
            );
            assert!(refused.source().is_some(), "{refused:?}");
        }
    }
    // The other days and series are still there.
    assert_eq!(
        store.samples(&id(1), "io", window(1)).await.unwrap().len(),
        3
    );
    let other = store.samples(&id(1), "balance", window(3)).await.unwrap();
    assert_eq!(other.len(), 2);
}

async fn a_damaged_record_is_named(place: &Place) {
    let store = place.open().await;
    store.import(&incident(1), &[batch()], &[]).await.unwrap();
    place
        .meddle("UPDATE events SET body = '{\"id\":' WHERE id = 'e1'")
        .await;
    let refused = store.evidence(&id(1)).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::CorruptRecord { what: "event", .. }),
        "{refused:?}"
    );
}

/// The notes are written last: a disk that is full by then stops an import at its end. SQLite says
/// "full" as well where a table has no numbers for its rows left.
async fn a_full_disk_takes_the_whole_import_back(place: &Place) {
    let store = place.open().await;
    let refuse = if place.is_sqlite() {
        "CREATE TABLE filled (id INTEGER PRIMARY KEY AUTOINCREMENT);
         INSERT INTO filled VALUES (9223372036854775807);
         CREATE TRIGGER refuse BEFORE INSERT ON annotations
         BEGIN INSERT INTO filled VALUES (NULL); END"
    } else {
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON annotations
         FOR EACH ROW EXECUTE FUNCTION refuse()"
    };
    place.meddle(refuse).await;
    let notes = [annotation("n", 1, "")];
    let refused = store.import(&incident(1), &[batch()], &notes).await;
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    let store = place.open().await;
    assert_eq!(store.incidents().await.unwrap(), []);
    for table in ["series", "chunks", "events", "files", "provenance"] {
        let left = place.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(left, 0, "{table}");
    }
    // Without notes it goes in.
    assert!(
        store
            .import(&incident(1), &[batch()], &[])
            .await
            .unwrap()
            .new
    );
}

async fn a_closed_store_is_unavailable(place: &Place) {
    let store = place.open().await;
    store.close().await;
    let refused = store.incidents().await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
}

stories!(
    a_newer_database_is_left_alone,
    a_damaged_chunk_is_named,
    a_damaged_record_is_named,
    a_full_disk_takes_the_whole_import_back,
    a_closed_store_is_unavailable,
);
