//! What samples cost: compressing and reading back a day of a series, fourteen days of one out of
//! each database, and bytes a point as the databases count them.
//!
//! PostgreSQL is the one at `LINEUP_TEST_POSTGRES_URL` or the machine's own binaries; where there
//! is neither, the output says so.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark, whose output is what it prints"
)]

#[path = "../tests/conformance/efs.rs"]
mod efs;
#[expect(unused, reason = "stories use more of it")]
#[path = "../tests/conformance/place.rs"]
mod place;
#[path = "../tests/conformance/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "stories use more of it")]
#[path = "../tests/conformance/sample.rs"]
mod sample;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use model::{Batch, Samples, Series};
use place::Place;
use sample::{id, incident, window};
use std::hint::black_box;
use store::chunk;
use tokio::runtime::Runtime;

/// Days in each database.
const DAYS: i64 = 14;

fn named<'a>(batch: &'a Batch, metric: &str) -> &'a Series {
    let found = batch.series.iter().find(|s| s.meta.name == metric);
    found.expect("a metric of the sample")
}

fn codec(c: &mut Criterion) {
    let batch = efs::batch(1, 1);
    for metric in ["BurstCreditBalance", "MetadataIOBytes", "PercentIOLimit"] {
        let samples = &named(&batch, metric).samples;
        let day = chunk::day_of(samples.times()[0]);
        let bytes = chunk::encode(day, samples).unwrap();
        let each = bytes.len() as f64 / samples.len() as f64;
        println!("chunks: {metric}: {each:.2} bytes a point");
        c.bench_function(&format!("chunk/encode/{metric}"), |b| {
            b.iter(|| chunk::encode(day, black_box(samples)).unwrap());
        });
        c.bench_function(&format!("chunk/decode/{metric}"), |b| {
            b.iter(|| chunk::decode(day, samples.len(), black_box(&bytes)).unwrap());
        });
    }
}

fn databases(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    database(c, &runtime, "sqlite", &Place::sqlite());
    match postgres::url() {
        Ok(_) => {
            let place = runtime.block_on(Place::postgres());
            database(c, &runtime, "postgres", &place);
            runtime.block_on(place.remove());
        }
        Err(reason) => println!("postgres: left out: {reason}"),
    }
}

fn database(c: &mut Criterion, runtime: &Runtime, name: &str, place: &Place) {
    let batches: Vec<Batch> = (1..=8).map(|fs| efs::batch(fs, DAYS)).collect();
    let store = runtime.block_on(place.open());
    runtime
        .block_on(store.import(&incident(1), &batches, &[]))
        .unwrap();
    runtime.block_on(sizes(name, place));

    let series = &named(&batches[0], "MetadataIOBytes").meta.id;
    let read = async || -> Samples {
        let window = window(DAYS);
        store.samples(&id(1), series, window).await.unwrap()
    };
    assert_eq!(runtime.block_on(read()).len(), DAYS as usize * 1440);
    c.bench_function(&format!("store/{name}/read_14_days"), |b| {
        b.iter(|| runtime.block_on(read()));
    });
    for buckets in [200, 1_000] {
        c.bench_function(&format!("store/{name}/zoom_14_days_{buckets}"), |b| {
            let fs = id(1);
            b.iter(|| {
                let zoom = store.pyramid(&fs, series, window(DAYS), buckets);
                runtime.block_on(zoom).unwrap()
            });
        });
    }
    // Each import is another incident: one that is known would not be stored again.
    let mut n = 1;
    let day = [efs::batch(1, 1)];
    c.bench_function(&format!("store/{name}/import_1_day_of_9_series"), |b| {
        b.iter_batched(
            || {
                n += 1;
                incident(n)
            },
            |incident| {
                runtime
                    .block_on(store.import(&incident, &day, &[]))
                    .unwrap()
            },
            BatchSize::PerIteration,
        );
    });
    runtime.block_on(store.close());
}

/// Bytes a point: of the chunks alone, and of the table with pyramid, keys and indexes.
async fn sizes(name: &str, place: &Place) {
    let table = if place.is_sqlite() {
        "SELECT SUM(pgsize) FROM dbstat WHERE name IN ('chunks', 'sqlite_autoindex_chunks_1')"
    } else {
        "SELECT pg_total_relation_size('chunks')"
    };
    let points = place
        .number("SELECT CAST(SUM(points) AS BIGINT) FROM chunks")
        .await;
    let each = |bytes: i64| bytes as f64 / points as f64;
    let chunks = "SELECT CAST(SUM(length(data)) AS BIGINT) FROM chunks";
    let pyramid = "SELECT CAST(SUM(length(half_hours)) AS BIGINT) FROM chunks";
    println!(
        "{name}: {points} points; bytes a point: chunks {:.2}, half hours {:.2}, table and indexes {:.2}",
        each(place.number(chunks).await),
        each(place.number(pyramid).await),
        each(place.number(table).await),
    );
}

criterion_group!(benches, codec, databases);
criterion_main!(benches);
