//! 1,000,000 `CloudWatch` samples from the bytes of the answers to series: all that a pull does but
//! the network, whose place a connector with canned answers takes.
//!
//! `cargo bench -p sources --bench cloudwatch`

#![expect(clippy::expect_used, reason = "a benchmark: a broken fixture ends it")]

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_smithy_cbor::Encoder;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::time::{DAY, HOUR, MINUTE};
use model::{Timestamp, Window};
use sources::cloudwatch::{CloudWatch, CloudWatchConfig, MetricChoice};
use sources::source::{Source, Unattended};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const START: Timestamp = Timestamp::from_seconds(1_772_438_400);
const SERIES: usize = 50;
/// Minutes of 13 days and 21 hours: 50 series of them are a million samples.
const MINUTES: u32 = 20_000;
const SAMPLES: usize = SERIES * MINUTES as usize;
/// Minutes that one call covers: 100,800 samples of 50 series.
const PER_CALL: u32 = 2_016;

/// Answers each request with the next of these bodies, for ever.
#[derive(Clone, Debug)]
struct Canned {
    bodies: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
}

impl HttpConnector for Canned {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.bodies.len();
        let body = self.bodies.get(next).cloned().unwrap_or_default();
        let status = StatusCode::try_from(200).expect("a status");
        let mut answer = HttpResponse::new(status, SdkBody::from(body));
        answer
            .headers_mut()
            .insert("smithy-protocol", "rpc-v2-cbor");
        answer
            .headers_mut()
            .insert("content-type", "application/cbor");
        HttpConnectorFuture::ready(Ok(answer))
    }
}

/// The answer to one call, as `CloudWatch` encodes it: tag 1 of CBOR for times, doubles.
fn body(first: u32, last: u32) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    out.map(1).str("MetricDataResults").array(SERIES);
    for series in 0..SERIES {
        out.map(5).str("Id").str(&format!("q{series}"));
        out.str("Label").str("m").str("StatusCode").str("Complete");
        out.str("Timestamps").array((last - first) as usize);
        for minute in first..last {
            let at = START.plus(i64::from(minute) * MINUTE);
            out.timestamp(&DateTime::from_millis(at.millis()));
        }
        out.str("Values").array((last - first) as usize);
        for minute in first..last {
            out.double((minute as usize * SERIES + series) as f64 * 1.5);
        }
    }
    out.into_writer()
}

fn config() -> CloudWatchConfig {
    let metric = |i: usize| MetricChoice {
        namespace: "Bench".into(),
        name: format!("m{i}"),
        statistics: vec!["Sum".into()],
        ..MetricChoice::default()
    };
    CloudWatchConfig {
        region: "eu-central-1".into(),
        metrics: (0..SERIES).map(metric).collect(),
        ..CloudWatchConfig::default()
    }
}

fn million(c: &mut Criterion) {
    let starts = (0..MINUTES).step_by(PER_CALL as usize);
    let bodies: Vec<Vec<u8>> = starts
        .map(|first| body(first, (first + PER_CALL).min(MINUTES)))
        .collect();
    let bytes: usize = bodies.iter().map(Vec::len).sum();
    let canned = Canned {
        bodies: Arc::new(bodies),
        next: Arc::default(),
    };
    let http = http_client_fn(move |_, _| SharedHttpConnector::new(canned.clone()));
    let client = Client::from_conf(
        Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new(
                "AKIDEXAMPLE",
                "made-up",
                None,
                None,
                "bench",
            ))
            .http_client(http)
            .build(),
    );
    let source = CloudWatch::with_client(config(), client.clone());
    let window = Window {
        start: START,
        end: START.plus(i64::from(MINUTES) * MINUTE),
    };
    let now = START.plus(14 * DAY + HOUR);
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
    let calls = MINUTES.div_ceil(PER_CALL);
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
