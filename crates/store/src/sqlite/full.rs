//! What a full disk does to a database: it is said, nothing is half stored, and writing goes on when there
//! is room again.

use super::*;
use crate::{Archives, EvidenceStore, Incidents, database::Database, driver::sql};
use model::{Batch, Event, Incident, IncidentId, Timestamp, Window, bundle::RawFile};

/// Pages of a new database, and some for small records.
const ROOM: u32 = 60;

/// A new database on a disk that is almost full.
async fn almost_full(folder: &Path) -> Database {
    let file = folder.join("lineup.db");
    let url = format!("sqlite:{}", file.display());
    open(&url, Missing::Make).await.unwrap().close().await;
    // SQLite's own way to play a full disk: this connection may not make the file longer.
    let options = SqliteConnectOptions::from_str(&url).unwrap();
    let small = options.foreign_keys(true);
    let small = small.pragma("max_page_count", ROOM.to_string());
    let driver = Box::new(on_disk(small).await.unwrap());
    Database::new(driver)
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = almost_full(folder.path()).await;
    let incident = Incident {
        id: IncidentId("1".repeat(32)),
        ..Incident::default()
    };
    store.create_incident(&incident).await.unwrap();
    let large = Batch {
        files: vec![RawFile {
            path: "files/log".into(),
            content: vec![7; (ROOM * PAGE) as usize],
            ..RawFile::default()
        }],
        ..Batch::default()
    };
    let refused = store.add_batch(&incident.id, &large).await;
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    assert_eq!(store.files(&incident.id).await.unwrap(), []);
    assert_eq!(store.incidents().await.unwrap(), [incident]);
}

#[tokio::test]
async fn a_record_on_a_full_disk_keeps_nothing_of_the_batch_and_of_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let store = almost_full(folder.path()).await;
    let archive = store.archive("prod").await.unwrap();
    let whole = Window {
        start: Timestamp::MIN,
        end: Timestamp::MAX,
    };
    let event = |n: u32, title: &str| Event {
        id: n.to_string(),
        title: title.to_owned(),
        ..Event::default()
    };
    let small = Batch {
        events: vec![event(0, "before")],
        ..Batch::default()
    };
    let cursor = |to: &str| ("cursor".to_owned(), Some(to.to_owned()));
    let states = [cursor("1")];
    store.record(&archive, &small, &states).await.unwrap();
    let before = store.evidence_between(&archive, whole).await.unwrap();

    let long = "x".repeat(PAGE as usize);
    let many = Batch {
        events: (0..ROOM).map(|n| event(n, &long)).collect(),
        ..Batch::default()
    };
    // The batch does not fit; the batch fits and the memory does not.
    let large = (0..ROOM).map(|n| (n.to_string(), Some(long.clone())));
    let large: Vec<_> = [cursor("2")].into_iter().chain(large).collect();
    let fitting = Batch {
        events: vec![event(0, "after"), event(1, "new")],
        ..Batch::default()
    };
    for (batch, states) in [(&many, &[cursor("2")][..]), (&fitting, &large)] {
        let refused = store.record(&archive, batch, states).await;
        assert!(
            matches!(refused, Err(StoreError::Full { .. })),
            "{refused:?}"
        );
        let after = store.evidence_between(&archive, whole).await.unwrap();
        assert_eq!(after, before);
        let kept = [("cursor".to_owned(), "1".to_owned())];
        assert_eq!(store.recall(&archive).await.unwrap(), kept);
    }
    // It works on with what fits.
    store.record(&archive, &fitting, &states).await.unwrap();
    let after = store.evidence_between(&archive, whole).await.unwrap();
    assert_eq!(after.events.len(), 2);
}

/// SQLite does this by itself where it finds a disk full (`tests/full_disk.rs`); a trigger does it
/// anywhere.
#[tokio::test]
async fn a_transaction_that_the_database_ended_leaves_a_connection_that_writes() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("lineup.db").display());
    let driver = open(&url, Missing::Make).await.unwrap();
    let mut tx = driver.write().await.unwrap();
    for text in [
        "CREATE TABLE t (n INTEGER)",
        "CREATE TRIGGER ends BEFORE INSERT ON t WHEN NEW.n = 1
         BEGIN SELECT RAISE(ROLLBACK, 'ended'); END",
    ] {
        tx.execute(sql("test", text), Vec::new()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let insert = sql("test", "INSERT INTO t VALUES ($1)");
    for _ in 0..3 {
        let mut tx = driver.write().await.unwrap();
        tx.execute(insert, vec![2.into()]).await.unwrap();
        tx.execute(insert, vec![1.into()]).await.unwrap_err();
        drop(tx);
        let mut tx = driver.write().await.unwrap();
        tx.execute(insert, vec![3.into()]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let rows = driver.fetch(sql("test", "SELECT n FROM t"), Vec::new());
    let rows = rows.await.unwrap();
    let kept: Vec<_> = rows.iter().map(|row| row.int(0).unwrap()).collect();
    assert_eq!(kept, [3, 3, 3]);
    driver.close().await;
}
