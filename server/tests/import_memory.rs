//! A large log comes into the database in memory that is hardly more than the log. A binary of its own:
//! the measure is the largest size that this process ever had.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

use model::{
    Bundle, Timestamp, Window,
    bundle::{BUNDLE_SCHEMA, IncidentHeader, RawFile},
};
use server::{case, clock::SystemClock};
use std::fmt::Write as _;

/// Bytes of the log; `docs/faults/files.md` says what is bounded.
const LOG_BYTES: usize = 32 << 20;
/// What importing it may take besides the log itself: less than the log, so that one copy is too much.
const LIMIT_MIB: usize = 24;

/// The largest size that this process had until now, MiB (proc(5)).
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<usize>().unwrap() / 1_024
}

/// An hour in lines of the story's flood, with a byte that is no text in it.
fn log() -> Vec<u8> {
    let mut log = String::with_capacity(LOG_BYTES + 1_024);
    let mut n = 0_u64;
    while log.len() < LOG_BYTES {
        n += 1;
        let (minute, second) = (n / 6_000 % 60, n / 100 % 60);
        writeln!(
            log,
            "W0520 02:{minute:02}:{second:02}.000000    3851 mount_helper_common.go:36] Warning: \
             Unmount skipped because path does not exist: /var/lib/kubelet/pods/x/sess_{n}A"
        )
        .unwrap();
    }
    let mut log = log.into_bytes();
    log.extend_from_slice(b"\xff\n");
    log
}

#[tokio::test]
async fn a_large_log_is_imported_without_a_copy_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("l.db").display());
    let store = store::open(&url).await.unwrap();
    let at = Timestamp::from_seconds;
    let log = RawFile {
        path: "files/kubelet.log".into(),
        observed_at: Some(at(1_589_943_600)),
        timezone: Some("UTC".into()),
        content: log(),
        ..RawFile::default()
    };
    let bundle = Bundle {
        header: IncidentHeader {
            schema: BUNDLE_SCHEMA.into(),
            title: "A flood".into(),
            window: Window::new(at(1_589_932_800), at(1_589_943_600)).unwrap(),
            ..IncidentHeader::default()
        },
        files: vec![log],
        ..Bundle::default()
    };
    let before = peak();
    let imported = case::import(&*store, &bundle, &SystemClock).await.unwrap();
    let more = peak() - before;
    assert!(more <= LIMIT_MIB, "{more} MiB besides the log");
    let evidence = store.evidence(&imported.id).await.unwrap().unwrap();
    assert_eq!(evidence.events.len(), 1, "{:?}", evidence.provenance);
    let list = store.file_list(&imported.id).await.unwrap();
    assert_eq!(list[0].1, bundle.files[0].content.len() as u64);
}
