//! 1,000,000 `CloudWatch` samples from the bytes of the answers to series: all that a pull does but
//! the network, whose place a connector with canned answers takes.
//!
//! `cargo bench -p sources --bench cloudwatch`

#![expect(clippy::expect_used, reason = "a benchmark: a broken fixture ends it")]

#[path = "fixtures/cloudwatch.rs"]
mod canned;

use canned::{SAMPLES, SERIES};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sources::cloudwatch::CloudWatch;
use sources::source::{Source, Unattended};
use std::hint::black_box;

fn million(c: &mut Criterion) {
    let (client, bytes) = canned::client();
    let source = CloudWatch::with_client(canned::config(), client.clone());
    let (window, now) = canned::window();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let pull = || {
        let batch = runtime
            .block_on(source.pull(window, now, &Unattended))
            .expect("canned");
        let samples: usize = batch.series.iter().map(|s| s.samples.len()).sum();
        assert_eq!((batch.series.len(), samples), (SERIES, SAMPLES));
        batch
    };
    black_box(pull());
    let mut group = c.benchmark_group("cloudwatch");
    group
        .throughput(Throughput::Elements(SAMPLES as u64))
        .sample_size(10);
    group.bench_function(
        format!("pull 1M samples ({} MB of CBOR)", bytes / 1_000_000),
        |b| {
            b.iter(|| black_box(pull()));
        },
    );
    // The SDK's part of it: signing, decoding, its own types.
    let calls = canned::calls();
    group.bench_function("of that the SDK", |b| {
        b.iter(|| {
            for _ in 0..calls {
                let answer = runtime.block_on(client.get_metric_data().send());
                black_box(answer.expect("canned"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, million);
criterion_main!(benches);
