//! SQLite on a disk that is really full: a small file system in memory, which a test may make where it
//! is root on Linux. Elsewhere these tests say that they did nothing, and `sqlite::full` plays the
//! same with SQLite's own means.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use model::{
    Incident, IncidentId, Timestamp,
    source::{SourceHealth, SourceStatus},
};
use std::{io::Write as _, path::Path, process::Command};
use store::{Store, StoreError};

/// A file system of its own, gone at the end.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` where this process may not mount.
    fn new(kib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "none"])
            .arg(folder.path())
            .output();
        if made.is_ok_and(|out| out.status.success()) {
            return Some(Self(folder));
        }
        #[expect(clippy::print_stderr, reason = "whoever runs the tests is to know")]
        {
            eprintln!("nothing was tested: this process may not mount a file system");
        }
        None
    }

    fn resize(&self, kib: u32) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,size={kib}k")])
            .arg(self.0.path())
            .status();
        assert!(done.unwrap().success());
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path().join("lineup.db").display())
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.path().join("filler"))
            .unwrap();
        while file.write_all(&[7; 4_096]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the connections of a test that failed may still be open.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// An incident whose record fills more than a page.
fn incident(n: u32) -> Incident {
    Incident {
        id: IncidentId(format!("{n:032}")),
        title: "x".repeat(40_000),
        ..Incident::default()
    }
}

fn state(second: i64, message: &str) -> SourceStatus {
    SourceStatus {
        name: "prod".into(),
        health: SourceHealth::Stopped,
        message: message.into(),
        tried_at: Some(Timestamp::from_seconds(second)),
        ..SourceStatus::default()
    }
}

#[tokio::test]
async fn writing_goes_on_when_there_is_room_again() {
    let Some(disk) = Disk::new(8_192) else { return };
    let mut store = store::open(&disk.url()).await.unwrap();
    store.create_incident(&incident(0)).await.unwrap();
    let mut kept = 1;
    for round in 0..3 {
        disk.fill();
        // What is left of the log takes some; then nothing fits any more.
        let mut refused = 0;
        for n in 0..100 {
            match store.create_incident(&incident(kept)).await {
                Ok(()) => kept += 1,
                Err(StoreError::Full { .. }) => refused += 1,
                Err(other) => panic!("round {round}, write {n}: {other:?}"),
            }
        }
        assert!(refused > 10, "{refused}");
        // Also what was opened on the full disk goes on.
        if round == 1 {
            store.close().await;
            store = store::open(&disk.url()).await.unwrap();
            disk.fill();
        }
        assert_eq!(store.incidents().await.unwrap().len(), kept as usize);
        disk.make_room();
        store.create_incident(&incident(kept)).await.unwrap();
        kept += 1;
    }
    assert_eq!(store.incidents().await.unwrap().len(), kept as usize);
    store.close().await;
}

#[tokio::test]
async fn a_disk_too_small_for_a_new_database_refuses_the_start() {
    for kib in (16..1_200).step_by(64) {
        let Some(disk) = Disk::new(kib) else { return };
        match store::open(&disk.url()).await {
            Err(StoreError::Full { .. }) => {}
            Err(other) => panic!("{kib} KiB: {other:?}"),
            Ok(store) => {
                // It fits: everything is there.
                assert_eq!(store.statuses().await.unwrap(), []);
                let noticed = store.notices(&IncidentId("0".repeat(32))).await;
                assert_eq!(noticed.unwrap().len(), 0, "{kib} KiB");
                assert!(kib > 400, "{kib} KiB are enough?");
                store.close().await;
                continue;
            }
        }
        disk.resize(8_192);
        let store = store::open(&disk.url()).await.unwrap();
        store.create_incident(&incident(0)).await.unwrap();
        store.close().await;
    }
}

#[tokio::test]
async fn how_a_source_is_doing_is_known_though_the_database_cannot_take_it() {
    let Some(disk) = Disk::new(8_192) else { return };
    let store = store::open(&disk.url()).await.unwrap();
    let message = async |store: &dyn Store| {
        let all = store.statuses().await.unwrap();
        all.into_iter().map(|s| s.message).collect::<Vec<_>>()
    };
    store.put_status(&state(1, "good")).await.unwrap();
    disk.fill();
    let long = "the disk is full ".repeat(1_000);
    let refused = until_full(async || store.put_status(&state(2, &long)).await).await;
    assert!(matches!(refused, StoreError::Full { .. }), "{refused:?}");
    assert_eq!(message(&*store).await, [long.as_str()]);
    store.say_status(&state(3, "stopped"));
    assert_eq!(message(&*store).await, ["stopped"]);
    disk.make_room();
    // Another process writes: an older state does not hide what was said, a newer one does.
    let other = store::open(&disk.url()).await.unwrap();
    other.put_status(&state(2, "elsewhere")).await.unwrap();
    assert_eq!(message(&*store).await, ["stopped"]);
    assert_eq!(message(&*other).await, ["elsewhere"]);
    other.put_status(&state(4, "elsewhere")).await.unwrap();
    assert_eq!(message(&*store).await, ["elsewhere"]);
    store.put_status(&state(3, "good again")).await.unwrap();
    assert_eq!(message(&*store).await, ["good again"]);
    other.close().await;
    store.close().await;
}

/// The log has some room left in its file: the first writes may fit.
async fn until_full(write: impl AsyncFn() -> Result<(), StoreError>) -> StoreError {
    for _ in 0..100 {
        if let Err(error) = write().await {
            return error;
        }
    }
    panic!("the disk takes everything");
}
