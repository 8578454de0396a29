//! A log in which every line is another message of another program in another minute is read in memory
//! that does not grow with it, all the way from the file of a bundle to its evidence and its digest,
//! damaged in places as it is (`server/tests/import_memory.rs` goes on into the database). A binary of its own: the measure is the largest size that this process
//! ever had.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

use model::{Bundle, Timestamp, Window, bundle::RawFile};
use sources::evidence_of;
use std::fmt::Write as _;

/// Bytes of the log; `docs/faults/files.md` says what is bounded.
const LOG_BYTES: usize = 32 << 20;
/// What reading it may take besides the log itself.
const LIMIT_MIB: usize = 30;

/// The largest size that this process had until now, MiB (proc(5)).
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<usize>()
        .unwrap()
        / 1_024
}

/// Letters only: digits would be masked, and the messages alike.
fn word(n: &mut u64) -> String {
    *n = n
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    let letters = (0..12).map(|i| char::from(b'a' + (*n >> (i * 4 + 8) & 15) as u8));
    letters.collect()
}

#[test]
fn endless_different_lines_are_read_in_bounded_memory() {
    let mut log = String::with_capacity(LOG_BYTES + 1_024);
    let mut seed = 1;
    let mut minute = 0_u64;
    while log.len() < LOG_BYTES {
        minute += 1;
        let (day, hour, of_hour) = (minute / 1_440 % 28 + 1, minute / 60 % 24, minute % 60);
        let [program, site, a, b, c] = [(); 5].map(|()| word(&mut seed));
        writeln!(
            log,
            "May {day:2} {hour:02}:{of_hour:02}:00 node {program}[1]: E05{day:02} {hour:02}:{of_hour:02}:00.0 \
             1 {site}.go:1] {a} {b} {c}"
        )
        .unwrap();
    }
    let lines = log.lines().count();
    // A machine that lost power: the log as text is another than its bytes.
    let mut log = log.into_bytes();
    log.extend_from_slice(b"\0\0\0\n");
    let file = RawFile {
        path: "files/kubelet.log".into(),
        observed_at: Some(Timestamp::from_seconds(1_590_900_000)),
        timezone: Some("UTC".into()),
        content: log,
        ..RawFile::default()
    };
    let mut bundle = Bundle {
        files: vec![file],
        ..Bundle::default()
    };
    bundle.header.window = Window {
        start: Timestamp::from_seconds(1_588_000_000),
        end: Timestamp::from_seconds(1_590_900_000),
    };
    let before = peak();
    let evidence = evidence_of(&bundle).unwrap();
    assert_eq!(bundle.digest().len(), 64);
    let more = peak() - before;
    assert!(lines > 200_000);
    assert_eq!(evidence.events.len(), 30);
    let gaps: Vec<&str> = evidence
        .provenance
        .iter()
        .flat_map(|p| &p.gaps)
        .map(|gap| gap.reason.as_str())
        .collect();
    for said in [
        "more patterns than are told apart",
        "3 bytes in it are no text",
    ] {
        assert!(gaps.iter().any(|gap| gap.contains(said)), "{gaps:?}");
    }
    assert!(more <= LIMIT_MIB, "{more} MiB for {lines} lines");
}
