//! `cargo bench -p sources --bench kubelet_log`: 64 MB of a kubelet's log, generated, read into
//! templates with their counts per minute.
#![allow(
    missing_docs,
    reason = "criterion's macros make public functions without documentation"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::{Timestamp, Window, bundle::RawFile};
use sources::files::{FileKind, read_as};
use std::{fmt::Write as _, hint::black_box, time::Duration};

const BYTES: usize = 64 << 20;

/// A kubelet that floods as in the story, with its ordinary business between.
fn log(bytes: usize) -> String {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut out = String::with_capacity(bytes + 512);
    let mut ms = 0_u64;
    while out.len() < bytes {
        ms += random() % 40;
        let (h, m, s) = (ms / 3_600_000 % 24, ms / 60_000 % 60, ms / 1_000 % 60);
        let day = 20 + ms / 86_400_000 % 10;
        let at = format!("{h:02}:{m:02}:{s:02}.{:06}", ms % 1_000 * 1_000);
        let head = format!("May {day} {h:02}:{m:02}:{s:02} ip-10-0-0-17 kubelet[3851]: ");
        let (kind, salt) = (random(), random());
        // Writing to a String cannot fail.
        let _ = match kind % 10 {
            0..=5 => writeln!(
                out,
                "{head}W05{day} {at}    3851 mount_helper_common.go:36] Warning: Unmount skipped \
                 because path does not exist: /var/lib/kubelet/pods/{:08x}-5c8d-4e2e-9c1c-{:012x}\
                 /volume-subpaths/pvc-{:08x}-5c8d-4e2e-9c1c-0a2b3c4d5e6f/web-588cd5f7cd-g9fxt/\
                 sess_{salt:016X}{kind:016x}",
                salt % 7,
                salt % 7,
                salt % 5
            ),
            6 => writeln!(
                out,
                "{head}E05{day} {at}    3851 pod_workers.go:191] Error syncing pod {salt:08x} \
                 (\"web-{}_shop\"), skipping: failed to \"KillContainer\" for \"php\"",
                salt % 100
            ),
            7 => writeln!(
                out,
                "{head}I05{day} {at}    3851 prober.go:111] \"Probe failed\" probeType=\"Readiness\" \
                 pod=\"shop/web-{}\" output=\"HTTP probe failed with statuscode: 503\"",
                salt % 100
            ),
            8 => writeln!(
                out,
                "{head}I05{day} {at}    3851 kubelet_getters.go:{}] took {} ms for {} pods",
                salt % 40,
                salt % 1_000,
                salt % 60
            ),
            _ => writeln!(
                out,
                "May {day} {h:02}:{m:02}:{s:02} ip-10-0-0-17 systemd[1]: Started Session {salt} of user root."
            ),
        };
    }
    out
}

fn bench(c: &mut Criterion) {
    let file = RawFile {
        path: "files/kubelet.log".into(),
        observed_at: Some(Timestamp::from_seconds(1_590_900_000)),
        timezone: Some("UTC".into()),
        content: log(BYTES).into_bytes(),
        ..RawFile::default()
    };
    let window = Window {
        start: Timestamp::from_seconds(1_589_900_000),
        end: Timestamp::from_seconds(1_590_900_000),
    };
    let mut group = c.benchmark_group("kubelet_log");
    group
        .throughput(Throughput::Bytes(file.content.len() as u64))
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(8));
    group.bench_function("templates_of_64_MB", |b| {
        b.iter(|| black_box(read_as(FileKind::KubeletLog, black_box(&file), window)));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
