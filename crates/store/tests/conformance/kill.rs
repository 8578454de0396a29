//! An import killed in the middle leaves nothing of itself.

use super::{
    efs,
    place::Place,
    sample::{id, incident},
};
use model::Batch;
use std::{
    io::{BufRead, Write},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Bytes that must have reached the database, uncommitted, before the kill.
const ENOUGH: u64 = 1_500_000;

fn large() -> Vec<Batch> {
    (1..=4).map(|fs| efs::batch(fs, 45)).collect()
}

/// Not a story: what the child process does.
#[tokio::test]
#[ignore = "the process that an_import_killed_in_the_middle_leaves_nothing starts and kills"]
async fn import_until_killed() {
    let mut url = String::new();
    std::io::stdin().lock().read_line(&mut url).unwrap();
    let store = store::open(url.trim()).await.unwrap();
    store.import(&incident(1), &large(), &[]).await.unwrap();
    println!("imported");
}

fn importer(url: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("conformance::kill::import_until_killed")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{url}").unwrap();
    child
}

/// Bytes of the import that lie in the database's files already.
async fn written(place: &Place) -> u64 {
    if let Some(file) = place.file() {
        let log = std::fs::metadata(file.with_file_name("lineup.db-wal"));
        return log.map_or(0, |log| log.len());
    }
    let sql = "SELECT COALESCE(pg_total_relation_size(to_regclass('chunks')), 0)::bigint";
    place.number(sql).await.unsigned_abs()
}

async fn killed_in_the_middle(place: &Place) {
    let mut child = importer(&place.url);
    for _ in 0..3_000 {
        if written(place).await > ENOUGH || child.try_wait().unwrap().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let written = written(place).await;
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !output.status.success() && !said.contains("imported"),
        "the import was over before the kill: {said}"
    );
    assert!(written > ENOUGH, "killed too early: {written} bytes");

    let store = place.open().await;
    assert_eq!(store.incidents().await.unwrap(), []);
    for table in ["series", "chunks", "provenance"] {
        let left = place.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(left, 0, "{table}");
    }
    // The same import goes in whole afterwards.
    let batches: Vec<_> = (1..=2).map(|fs| efs::batch(fs, 2)).collect();
    let imported = store.import(&incident(1), &batches, &[]).await.unwrap();
    assert!(imported.new);
    let evidence = store.evidence(&id(1)).await.unwrap().unwrap();
    assert_eq!(evidence.series.len(), 18);
}

#[tokio::test]
async fn an_import_killed_in_the_middle_leaves_nothing_sqlite() {
    let place = Place::sqlite();
    killed_in_the_middle(&place).await;
}

#[tokio::test]
async fn an_import_killed_in_the_middle_leaves_nothing_postgres() {
    let place = Place::postgres().await;
    killed_in_the_middle(&place).await;
    place.remove().await;
}
