//! Opening databases: addresses, files, migrations.

use super::{
    place::Place,
    sample::{batch, id, incident},
};
use std::path::Path;
use store::StoreError;

fn migrations(backend: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../migrations")
        .join(backend);
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert!(!migrations("sqlite").is_empty());
    assert_eq!(migrations("sqlite"), migrations("postgres"));
}

#[tokio::test]
async fn an_address_that_is_none_is_named_without_its_password() {
    for url in [
        "mysql://me:s3cret@db/x",
        "lineup.db",
        "",
        "postgres://me:s3cret@db:no-port/x?password=s3cret",
    ] {
        let refused = store::open(url).await.map(|_| ()).unwrap_err();
        assert!(matches!(refused, StoreError::Url { .. }), "{refused:?}");
        let said = format!("{refused} {refused:?}");
        assert!(!said.contains("s3cret"), "{said}");
        assert!(said.contains("expected sqlite:PATH"), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable() {
    // Port 1 (tcpmux) is closed wherever tests run.
    let refused = store::open("postgres://me@127.0.0.1:1/x?sslmode=disable").await;
    let refused = refused.map(|_| ()).unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::Unavailable {
                backend: "postgres",
                ..
            }
        ),
        "{refused:?}"
    );
    let said = refused.to_string();
    assert!(
        said.contains("refused") && said.contains("check that its server runs"),
        "{said}"
    );
}

#[tokio::test]
async fn whoever_only_looks_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/lineup.db");
    let url = format!("sqlite:{}", path.display());
    let refused = store::open_existing(&url).await.map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, StoreError::NoDatabase { .. }),
        "{refused:?}"
    );
    let said = refused.to_string();
    assert!(said.contains(&*path.to_string_lossy()), "{said}");
    assert!(!folder.path().join("a").exists());
    store::open(&url).await.unwrap().close().await;
    store::open_existing(&url).await.unwrap().close().await;
}

#[tokio::test]
async fn a_new_file_and_its_folder_are_made_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/lineup.db");
    let store = store::open(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    store.create_incident(&incident(1)).await.unwrap();
    assert_eq!(store.backend(), "sqlite");
    #[cfg(unix)]
    for name in ["lineup.db", "lineup.db-wal", "lineup.db-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(path.with_file_name(name)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
    store.close().await;
    assert!(
        !path.with_file_name("lineup.db-wal").exists(),
        "closing folds the log into the file"
    );
}

#[tokio::test]
async fn a_path_that_cannot_be_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a database, and long enough to be looked at").unwrap();
    let below = format!("sqlite:{}/lineup.db", file.display());
    let refused = store::open(&below).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::File { .. }), "{refused:?}");
    assert!(refused.to_string().contains("file"), "{refused}");
    for no_database in [&file, &folder.path().to_owned()] {
        let url = format!("sqlite:{}", no_database.display());
        assert!(store::open(&url).await.is_err(), "{url}");
    }
    let url = format!("sqlite:{}", file.display());
    let refused = store::open(&url).await.map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, StoreError::NotADatabase { .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_database_in_memory_lives_as_long_as_the_store() {
    let one = store::open("sqlite::memory:").await.unwrap();
    let other = store::open("sqlite::memory:").await.unwrap();
    one.import(&incident(1), &[batch()], &[]).await.unwrap();
    assert_eq!(other.incidents().await.unwrap(), []);
    let tasks = (0..8).map(|_| {
        let one = one.clone();
        tokio::spawn(async move {
            one.add_batch(&id(1), &batch()).await.unwrap();
            one.evidence(&id(1)).await.unwrap().unwrap()
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap().series.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_open_a_new_database_at_once() {
    for place in [Place::sqlite(), Place::postgres().await] {
        let opened = (0..6).map(|_| tokio::spawn(open(place.url.clone())));
        for opening in opened.collect::<Vec<_>>() {
            opening.await.unwrap().unwrap();
        }
        place.remove().await;
    }
}

async fn open(url: String) -> Result<(), StoreError> {
    store::open(&url).await.map(|_| ())
}
