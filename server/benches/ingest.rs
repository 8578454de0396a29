//! The whole way of what comes in, from bytes to rows: a pull from `CloudWatch` that is decoded and stored,
//! and a watch that is learned from and recorded as a followed cluster does both, the one while the other.
//! Only the network is left out.
//!
//! `cargo bench -p server --bench ingest`. PostgreSQL is the one at `LINEUP_TEST_POSTGRES_URL` or the
//! machine's own binaries; where there is neither, the output says so.
#![allow(
    missing_docs,
    reason = "criterion's macros make public functions without documentation"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark, whose output is what it prints"
)]

#[expect(dead_code, reason = "the benchmark of the pull alone uses more of it")]
#[path = "../../crates/sources/benches/fixtures/cloudwatch.rs"]
mod canned;
#[expect(unused, reason = "stories use more of it")]
#[path = "../../crates/store/tests/conformance/place.rs"]
mod place;
#[path = "../../crates/sources/benches/fixtures/watch.rs"]
mod pods;
#[path = "../../crates/store/tests/conformance/postgres.rs"]
mod postgres;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use model::{Incident, IncidentId, Timestamp};
use place::Place;
use server::collect::record;
use sources::{
    cloudwatch::CloudWatch,
    kubernetes::{
        cluster::{Gathering, told},
        history::{History, Stream},
        part::Part,
    },
    source::{Source as _, Unattended},
};
use std::sync::Arc;
use store::Store;
use tokio::{runtime::Runtime, sync::Notify};

/// Pods of which a watch tells five lines each: 20,000 lines.
const PODS: u32 = 4_000;
/// Lines that are read at once: an API server sends each by itself, and a busy connection brings several.
const A_READ: usize = 4;

const BEGIN: Timestamp = Timestamp::from_seconds(1_590_000_000);

/// 1,000,000 samples: asked for, decoded, made series, stored in an incident of their own.
fn pulled(c: &mut Criterion, runtime: &Runtime, name: &str, place: &Place) {
    let store = runtime.block_on(place.open());
    let (client, _) = canned::client();
    let source = CloudWatch::with_client(canned::config(), client);
    let (window, now) = canned::window();
    let mut made = 0;
    let mut group = c.benchmark_group("ingest");
    group
        .throughput(Throughput::Elements(canned::SAMPLES as u64))
        .sample_size(10);
    group.bench_function(format!("{name}/pull and store 1M samples"), |b| {
        b.iter_batched(
            || {
                made += 1;
                let incident = Incident {
                    id: IncidentId(format!("{made:032x}")),
                    window,
                    ..Incident::default()
                };
                runtime.block_on(store.create_incident(&incident)).unwrap();
                incident.id
            },
            |id| {
                let stored = runtime.block_on(async {
                    let batch = source.pull(window, now, &Unattended).await.unwrap();
                    store.add_batch(&id, &batch).await.unwrap();
                    batch.series.iter().map(|s| s.samples.len()).sum::<usize>()
                });
                assert_eq!(stored, canned::SAMPLES);
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    runtime.block_on(store.close());
}

/// 20,000 lines of a watch: read, learned from, recorded with what is remembered.
fn watched(c: &mut Criterion, runtime: &Runtime, name: &str, place: &Place) {
    let store = runtime.block_on(place.open());
    let lines = pods::lines(PODS);
    let mut archives = 0;
    let mut group = c.benchmark_group("ingest");
    group
        .throughput(Throughput::Elements(lines.len() as u64))
        .sample_size(10);
    group.bench_function(format!("{name}/learn and record 20,000 lines"), |b| {
        b.iter_batched(
            || {
                archives += 1;
                let source = format!("cluster {archives}");
                runtime.block_on(store.archive(&source)).unwrap()
            },
            |archive| runtime.block_on(follow(&store, &archive, &lines)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    runtime.block_on(store.close());
}

async fn follow(store: &Arc<dyn Store>, archive: &IncidentId, lines: &[String]) {
    let gathering = Gathering::new(History::new("shop-eu"));
    let ended = Notify::new();
    let reading = async {
        read(&gathering, lines).await;
        ended.notify_one();
    };
    let keeping = async {
        let mut more = true;
        while more {
            more = tokio::select! {
                () = gathering.due() => true,
                () = ended.notified() => false,
            };
            let learned = Arc::new(gathering.take(BEGIN));
            record(store, archive, &learned).await.unwrap();
        }
    };
    tokio::join!(reading, keeping);
}

async fn read(gathering: &Gathering, lines: &[String]) {
    let stream = Stream {
        part: Part::Pods,
        namespace: String::new(),
    };
    let mut at = BEGIN;
    for some in lines.chunks(A_READ) {
        at = at.plus(1_000);
        let told = some.iter().filter_map(|line| told(stream.part, line));
        gathering.tell(&stream, at, told.collect());
        gathering.room().await;
    }
}

fn databases(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for of in [pulled, watched] {
        of(c, &runtime, "sqlite", &Place::sqlite());
    }
    if let Err(reason) = postgres::url() {
        println!("postgres: left out: {reason}");
        return;
    }
    for of in [pulled, watched] {
        let place = runtime.block_on(Place::postgres());
        of(c, &runtime, "postgres", &place);
        runtime.block_on(place.remove());
    }
}

criterion_group!(benches, databases);
criterion_main!(benches);
