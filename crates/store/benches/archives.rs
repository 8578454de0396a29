//! What a live source costs: recording events with what is remembered of them, and reading a day out
//! of two months.
//!
//! PostgreSQL is the one at `LINEUP_TEST_POSTGRES_URL` or the machine's own binaries; where there
//! is neither, the output says so.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark, whose output is what it prints"
)]

#[expect(unused, reason = "stories use more of it")]
#[path = "../tests/conformance/place.rs"]
mod place;
#[path = "../tests/conformance/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "stories use more of it")]
#[path = "../tests/conformance/sample.rs"]
mod sample;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use model::{
    Batch, Event, EventKind, IncidentId, Window,
    time::{DAY, MINUTE, SECOND},
};
use place::Place;
use sample::{START, event, provenance, series};
use store::Store;
use tokio::runtime::Runtime;

/// Events of one second, as a watch of a large cluster may tell them, in batches.
const A_SECOND: i64 = 20_000;
const AT_ONCE: i64 = 500;
/// The archive that a day is read from.
const DAYS: i64 = 60;
const SERIES: i64 = 20;
const EVENTS: i64 = 100_000;

type Memory = Vec<(String, Option<String>)>;

/// Pods that end, one every `every_ms` milliseconds, with what a watch remembers of each.
fn pods(from: i64, n: i64, every_ms: i64) -> (Batch, Memory) {
    let mut batch = Batch {
        provenance: provenance("watch pods"),
        ..Batch::default()
    };
    let mut memory = Vec::new();
    for pod in from..from + n {
        let name = format!("k8s:prod/shop/Pod/checkout-7d4b9c6f5-{pod:08x}");
        let start = START.plus(pod * every_ms);
        let mut ended = Event {
            kind: EventKind::PodTerminating,
            start: Some(start),
            end: Some(start.plus(30 * SECOND)),
            node: format!("ip-10-0-{}-{}.ec2.internal", pod % 7, pod % 251),
            ..event(&format!("{name}/terminating"), "pod terminating")
        };
        let grace = serde_json::json!(30);
        ended
            .attributes
            .insert("deletionGracePeriodSeconds".into(), grace);
        batch.events.push(ended);
        let state = format!(r#"{{"resourceVersion":"{pod}","phase":"Running","restarts":0}}"#);
        memory.push((name, Some(state)));
    }
    (batch, memory)
}

fn recording(c: &mut Criterion, runtime: &Runtime, name: &str, place: &Place) {
    let store = runtime.block_on(place.open());
    let mut archives = 0;
    let mut group = c.benchmark_group("archives");
    group.throughput(Throughput::Elements(A_SECOND.unsigned_abs()));
    group.sample_size(10);
    group.bench_function(format!("{name}/record_20000_events"), |b| {
        b.iter_batched(
            || {
                archives += 1;
                let source = format!("cluster {archives}");
                let archive = runtime.block_on(store.archive(&source)).unwrap();
                let batches = (0..A_SECOND / AT_ONCE).map(|n| pods(n * AT_ONCE, AT_ONCE, 1));
                (archive, batches.collect::<Vec<_>>())
            },
            |(archive, batches)| {
                for (batch, memory) in &batches {
                    runtime
                        .block_on(store.record(&archive, batch, memory))
                        .unwrap();
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    runtime.block_on(store.close());
}

/// Two months of series at a minute, and of events.
async fn filled(store: &dyn Store) -> IncidentId {
    let archive = store.archive("two months").await.unwrap();
    for n in 0..SERIES {
        let minutes = 0..DAYS * 1440;
        let points: Vec<_> = minutes.map(|m| (m, (m % 97 * n) as f64)).collect();
        let batch = Batch {
            series: vec![series(&format!("series-{n}"), &points)],
            ..Batch::default()
        };
        store.record(&archive, &batch, &[]).await.unwrap();
    }
    let step = 5_000_i64;
    for from in (0..EVENTS / step).map(|n| n * step) {
        let (batch, _) = pods(from, step, DAYS * DAY / EVENTS);
        store.record(&archive, &batch, &[]).await.unwrap();
    }
    archive
}

fn reading(c: &mut Criterion, runtime: &Runtime, name: &str, place: &Place) {
    let store = runtime.block_on(place.open());
    let archive = runtime.block_on(filled(&*store));
    for (which, day) in [("first", 0), ("last", DAYS - 1)] {
        let window = Window {
            start: START.plus(day * DAY),
            end: START.plus((day + 1) * DAY - MINUTE),
        };
        let read = || {
            runtime
                .block_on(store.evidence_between(&archive, window))
                .unwrap()
        };
        let found = read();
        let samples: usize = found.series.iter().map(|s| s.samples.len()).sum();
        println!(
            "{name}: the {which} day: {samples} samples, {} events",
            found.events.len()
        );
        c.bench_function(&format!("archives/{name}/{which}_of_{DAYS}_days"), |b| {
            b.iter(read);
        });
    }
    c.bench_function(&format!("archives/{name}/holdings"), |b| {
        b.iter(|| runtime.block_on(store.holdings()).unwrap());
    });
    runtime.block_on(store.close());
}

fn databases(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    recording(c, &runtime, "sqlite", &Place::sqlite());
    reading(c, &runtime, "sqlite", &Place::sqlite());
    if let Err(reason) = postgres::url() {
        println!("postgres: left out: {reason}");
        return;
    }
    for of in [recording, reading] {
        let place = runtime.block_on(Place::postgres());
        of(c, &runtime, "postgres", &place);
        runtime.block_on(place.remove());
    }
}

criterion_group!(benches, databases);
criterion_main!(benches);
