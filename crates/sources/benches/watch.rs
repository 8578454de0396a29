//! How fast a watch is taken in: one JSON line of a watch to what is handed on.
//!
//! `cargo bench -p sources --bench watch`

#[path = "fixtures/watch.rs"]
mod pods;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::Timestamp;
use sources::kubernetes::{
    cluster::told,
    history::{History, Stream},
    part::Part,
};
use std::hint::black_box;

/// Pods of one go.
const PODS: u32 = 400;

fn watch(c: &mut Criterion) {
    let lines = pods::lines(PODS);
    let stream = Stream {
        part: Part::Pods,
        namespace: String::new(),
    };
    let mut group = c.benchmark_group("watch");
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("line to learned", |b| {
        b.iter(|| {
            let mut history = History::new("shop-eu");
            let mut events = 0;
            for (i, line) in (0..).zip(&lines) {
                let at = Timestamp::from_seconds(1_590_000_000 + i);
                if let Some(told) = told(stream.part, line) {
                    history.observe(&stream, at, told);
                }
                if history.pending() >= 500 {
                    events += history.take(at).batch.events.len();
                }
            }
            black_box(events)
        });
    });
    group.finish();
}

criterion_group!(benches, watch);
criterion_main!(benches);
