//! CloudWatch against a real AWS API server (moto) over HTTP: what is put is what is pulled.

use crate::client::{FILE_SYSTEM, aws_file, config, hasty};
use crate::server::{AwsServer, fresh};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StatisticSet};
use model::time::{DAY, HOUR, MINUTE};
use model::{Batch, Timestamp, Window};
use serde_json::json;
use sources::cloudwatch::CloudWatch;
use sources::source::{Progress, Source, SourceError, Unattended};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// 2026-03-02T08:00:00Z
const START: Timestamp = Timestamp::from_seconds(1_772_438_400);
const MINUTES: i64 = 180;
/// Plain metrics, with a value for minute `i`.
const GAUGES: [(&str, f64, f64); 4] = [
    ("BurstCreditBalance", 2.3e12, -7.25e9),
    ("PermittedThroughput", 104_857_600.0, 0.0),
    ("PercentIOLimit", 1.5, 0.125),
    ("ClientConnections", 12.0, 1.0),
];
/// Metrics of operations: bytes of minute `i`, number of operations of minute `i`.
const IO: [(&str, f64, f64); 5] = [
    ("MetaDataIOBytes", 4_096.0, 11.0),
    ("DataReadIOBytes", 1_048_576.0, 3.0),
    ("DataWriteIOBytes", 65_536.0, 2.0),
    ("TotalIOBytes", 1_118_208.0, 16.0),
    ("MeteredIOBytes", 419_157.5, 16.0),
];

fn window(from_minute: i64, to_minute: i64) -> Window {
    let at = |minute| START.plus(minute * MINUTE);
    Window::new(at(from_minute), at(to_minute)).expect("forwards")
}

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder().name(name).value(value).build()
}

/// Puts three hours of every metric by `PutMetricData`, as a publisher would.
async fn publish(server: &AwsServer) {
    let client = hasty(&server.endpoint());
    let mut data = Vec::new();
    for i in 0..MINUTES {
        let at = DateTime::from_millis(START.plus(i * MINUTE).millis());
        let datum = |name: &str| {
            MetricDatum::builder()
                .metric_name(name)
                .timestamp(at)
                .dimensions(dimension("FileSystemId", FILE_SYSTEM))
        };
        for (name, first, step) in GAUGES {
            data.push(datum(name).value(first + step * i as f64).build());
        }
        for (name, bytes, count) in IO {
            let set = StatisticSet::builder()
                .sum(bytes * (i + 1) as f64)
                .sample_count(count + i as f64)
                .minimum(1.0)
                .maximum(bytes)
                .build();
            data.push(datum(name).statistic_values(set).build());
        }
        if i % 15 == 0 {
            for (class, size) in [("Total", 3.5e12), ("Standard", 3e12), ("IA", 5e11)] {
                let class = dimension("StorageClass", class);
                data.push(
                    datum("StorageBytes")
                        .dimensions(class)
                        .value(size + i as f64)
                        .build(),
                );
            }
        }
    }
    for part in data.chunks(1_000) {
        let put = client.put_metric_data().namespace("AWS/EFS");
        put.set_metric_data(Some(part.to_vec()))
            .send()
            .await
            .expect("moto takes what CloudWatch takes");
    }
}

/// What a pull of these minutes must give, by series id.
fn expected(from: i64, to: i64) -> BTreeMap<String, Vec<(Timestamp, f64)>> {
    let minutes = |value: &dyn Fn(f64) -> f64| -> Vec<(Timestamp, f64)> {
        (from..to)
            .map(|i| (START.plus(i * MINUTE), value(i as f64)))
            .collect()
    };
    let id = |rest: &str| format!("efs.{FILE_SYSTEM}.{rest}");
    let mut out = BTreeMap::new();
    for ((name, first, step), stat) in GAUGES.iter().zip(["Minimum", "Minimum", "Maximum", "Sum"]) {
        out.insert(
            id(&format!("{name}.{stat}")),
            minutes(&|i| first + step * i),
        );
    }
    for (name, bytes, count) in IO {
        let name = name.replace("MetaData", "Metadata");
        out.insert(id(&format!("{name}.Sum")), minutes(&|i| bytes * (i + 1.0)));
        if name != "MeteredIOBytes" {
            out.insert(id(&format!("{name}.SampleCount")), minutes(&|i| count + i));
        }
    }
    for (class, size) in [("Total", 3.5e12), ("Standard", 3e12), ("IA", 5e11)] {
        let quarters = (from / 15 * 15..to).step_by(15);
        let points = quarters
            .map(|i| (START.plus(i * MINUTE), size + i as f64))
            .collect();
        out.insert(id(&format!("StorageBytes.{class}.Average")), points);
    }
    out
}

fn got(batch: &Batch) -> BTreeMap<String, Vec<(Timestamp, f64)>> {
    let points = batch
        .series
        .iter()
        .map(|s| (s.meta.id.clone(), s.samples.iter().collect()));
    points.collect()
}

async fn pull(server: &AwsServer, window: Window) -> Result<Batch, SourceError> {
    let source = CloudWatch::with_client(config(&server.endpoint()), hasty(&server.endpoint()));
    source.pull(window, START.plus(DAY), &Unattended).await
}

fn gap_of<'a>(batch: &'a Batch, what: &str) -> Option<&'a str> {
    let mut gaps = batch.provenance.gaps.iter();
    gaps.find(|g| g.what.ends_with(what))
        .map(|g| g.reason.as_str())
}

#[tokio::test]
async fn what_was_published_comes_back_to_the_last_bit() {
    let (server, _turn) = fresh();
    publish(server).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source =
        CloudWatch::connect_with_file(config(&server.endpoint()), &aws_file(&folder)).await;

    let said = source.check().await.expect("a healthy server");
    assert_eq!(said, format!("12 metrics of {FILE_SYSTEM} in eu-central-1"));
    let steps = Mutex::new(Vec::new());
    let batch = source
        .pull(window(30, 150), START.plus(DAY), &Steps(&steps))
        .await
        .expect("a healthy server");

    assert_eq!(got(&batch), expected(30, 150));
    let metadata = batch
        .series
        .iter()
        .find(|s| s.meta.id.ends_with("MetadataIOBytes.Sum"));
    let metadata = &metadata.expect("asserted above").meta;
    assert_eq!(
        metadata.name, "MetaDataIOBytes",
        "spelt as the server spells it"
    );
    assert_eq!(metadata.unit, "Bytes");
    assert_eq!(metadata.period_s, Some(60));
    assert_eq!(
        metadata.resource.as_deref(),
        Some("aws:fs-0123456789abcdef0")
    );
    let provenance = &batch.provenance;
    assert_eq!(provenance.resolution_s, Some(60));
    assert_eq!(provenance.series.len(), batch.series.len());
    assert!(
        provenance
            .query
            .starts_with("aws cloudwatch get-metric-data --region eu-central-1")
    );
    assert!(
        provenance.query.contains("MetaDataIOBytes"),
        "{}",
        provenance.query
    );
    // Only what this file system never published is missing.
    let missing: Vec<&str> = provenance.gaps.iter().map(|g| g.what.as_str()).collect();
    assert_eq!(missing, ["MetadataReadIOBytes", "MetadataWriteIOBytes"]);
    let steps = steps.into_inner().expect("nobody panicked");
    assert_eq!(steps.first(), Some(&(0, 0)));
    assert_eq!(steps.last(), Some(&(2, 2)), "{steps:?}");
}

struct Steps<'a>(&'a Mutex<Vec<(u32, u32)>>);

impl Progress for Steps<'_> {
    fn step(&self, done: u32, total: u32, _message: &str) {
        self.0.lock().expect("nobody panicked").push((done, total));
    }

    fn cancelled(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn every_page_is_followed() {
    let (server, _turn) = fresh();
    publish(server).await;
    server.control("behave", &json!({"page_cap": 97}));
    let batch = pull(server, window(0, MINUTES))
        .await
        .expect("pages are normal");
    assert_eq!(got(&batch), expected(0, MINUTES));
    assert_eq!(gap_of(&batch, "Sum"), None, "{:?}", batch.provenance.gaps);
    // 13 series of 180 samples and 3 of 12.
    assert_eq!(
        server.count("GetMetricData"),
        (13u64 * 180 + 3 * 12).div_ceil(97)
    );
}

#[tokio::test]
async fn throttling_and_server_errors_are_outlasted() {
    for (status, code) in [
        (400, "ThrottlingException"),
        (429, "TooManyRequestsException"),
        (500, "InternalServiceFault"),
        (503, "ServiceUnavailable"),
    ] {
        let (server, _turn) = fresh();
        publish(server).await;
        let fault =
            |operation| json!({"operation": operation, "times": 2, "status": status, "code": code});
        server.control(
            "behave",
            &json!({"faults": [fault("GetMetricData"), fault("ListMetrics")]}),
        );
        let batch = pull(server, window(30, 150)).await.expect(code);
        assert_eq!(got(&batch), expected(30, 150), "{code}");
        assert_eq!(server.count("GetMetricData"), 3, "{code}");
        assert_eq!(server.count("ListMetrics"), 3, "{code}");
    }
}

#[tokio::test]
async fn the_real_client_waits_out_a_throttled_minute() {
    let (server, _turn) = fresh();
    publish(server).await;
    let fault =
        json!({"operation": "GetMetricData", "times": 4, "status": 400, "code": "Throttling"});
    server.control("behave", &json!({"faults": [fault]}));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source =
        CloudWatch::connect_with_file(config(&server.endpoint()), &aws_file(&folder)).await;
    let batch = source
        .pull(window(30, 150), START.plus(DAY), &Unattended)
        .await;
    assert_eq!(
        got(&batch.expect("more attempts than the SDK makes by itself")),
        expected(30, 150)
    );
    assert_eq!(server.count("GetMetricData"), 5);
}

#[tokio::test]
async fn endless_faults_are_named_with_what_to_do() {
    let cases = [
        (
            400,
            "ThrottlingException",
            "GetMetricData still throttled after",
        ),
        (500, "InternalServiceFault", "GetMetricData failed after"),
        (
            403,
            "AccessDenied",
            "access denied to cloudwatch:GetMetricData",
        ),
        (403, "ExpiredToken", "log in again"),
        (
            403,
            "InvalidClientTokenId",
            "check access key, secret and this machine's clock",
        ),
    ];
    for (status, code, words) in cases {
        let (server, _turn) = fresh();
        publish(server).await;
        let fault =
            json!({"operation": "GetMetricData", "times": 99, "status": status, "code": code});
        server.control("behave", &json!({"faults": [fault]}));
        let error = pull(server, window(30, 150))
            .await
            .expect_err(code)
            .to_string();
        assert!(error.contains(words), "{code}: {error}");
    }
}

#[tokio::test]
async fn who_may_not_list_still_gets_the_known_names() {
    let (server, _turn) = fresh();
    publish(server).await;
    let fault =
        json!({"operation": "ListMetrics", "times": 9, "status": 403, "code": "AccessDenied"});
    server.control("behave", &json!({"faults": [fault]}));
    let batch = pull(server, window(30, 150))
        .await
        .expect("GetMetricData is allowed");
    assert_eq!(got(&batch), expected(30, 150));
    let note = gap_of(&batch, "").expect("a note");
    assert!(note.contains("cloudwatch:ListMetrics"), "{note}");
}

#[tokio::test]
async fn an_incomplete_series_is_asked_again_and_then_named() {
    let (server, _turn) = fresh();
    publish(server).await;
    let rule = |times, status| json!({"statuses": [{"metric": "MeteredIOBytes", "times": times, "status": status, "keep": 0.5}]});
    server.control("behave", &rule(1, "InternalError"));
    let batch = pull(server, window(30, 150)).await.expect("one bad answer");
    assert_eq!(got(&batch), expected(30, 150));
    assert_eq!(gap_of(&batch, "MeteredIOBytes.Sum"), None);
    assert_eq!(server.count("GetMetricData"), 2);

    server.control("behave", &rule(99, "PartialData"));
    let batch = pull(server, window(30, 150))
        .await
        .expect("the rest is good");
    let mut partial = expected(30, 150);
    let metered = partial.get_mut(&format!("efs.{FILE_SYSTEM}.MeteredIOBytes.Sum"));
    metered.expect("it is published").truncate(60);
    assert_eq!(got(&batch), partial, "what came is kept");
    let gap = gap_of(&batch, "MeteredIOBytes.Sum").expect("it is named");
    assert!(gap.contains("PartialData 3 times"), "{gap}");

    server.control("behave", &rule(99, "Forbidden"));
    let batch = pull(server, window(30, 150))
        .await
        .expect("the rest is good");
    let gap = gap_of(&batch, "MeteredIOBytes.Sum").expect("it is named");
    assert!(gap.contains("allow cloudwatch:GetMetricData"), "{gap}");
}

#[tokio::test]
async fn a_failure_in_the_middle_keeps_what_came_before() {
    let (server, _turn) = fresh();
    let start = START.seconds();
    let values = vec![1.0; 14 * 1_440];
    server.put(FILE_SYSTEM, "DataReadIOBytes", start, 60, &values);
    server.put(FILE_SYSTEM, "TotalIOBytes", start, 60, &values);
    let fortnight = Window::new(START, START.plus(14 * DAY)).expect("forwards");
    let source = CloudWatch::with_client(config(&server.endpoint()), hasty(&server.endpoint()));
    let now = START.plus(14 * DAY + HOUR);

    // The second call fails as soon as the first is counted.
    let failing = FailAfterFirst(server);
    let batch = source
        .pull(fortnight, now, &failing)
        .await
        .expect("the first call was good");
    let read = batch
        .series
        .iter()
        .find(|s| s.meta.id.ends_with("DataReadIOBytes.Sum"));
    let (first, last) = read
        .and_then(|s| s.samples.span())
        .expect("samples of the first call");
    assert_eq!(first, START);
    let gap = batch
        .provenance
        .gaps
        .iter()
        .find(|g| g.reason.contains("AccessDenied"));
    let gap = gap.and_then(|g| g.window).expect("the rest is named");
    assert_eq!(
        gap.start,
        last.plus(MINUTE),
        "the gap begins where the samples end"
    );
    assert_eq!(gap.end, fortnight.end);
}

struct FailAfterFirst<'a>(&'a AwsServer);

impl Progress for FailAfterFirst<'_> {
    fn step(&self, done: u32, _total: u32, _message: &str) {
        if done == 2 {
            let fault = json!({"operation": "GetMetricData", "times": 9, "status": 403, "code": "AccessDenied"});
            self.0.control("behave", &json!({"faults": [fault]}));
        }
    }

    fn cancelled(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn old_windows_come_at_the_finest_period_that_is_left() {
    let (server, _turn) = fresh();
    publish(server).await;
    for (age_days, period) in [
        (1, 60),
        (14, 60),
        (16, 300),
        (62, 300),
        (64, 3_600),
        (454, 3_600),
    ] {
        let now = START.plus(age_days * DAY);
        server.control("behave", &json!({"now": now.seconds()}));
        let source = CloudWatch::with_client(config(&server.endpoint()), hasty(&server.endpoint()));
        let batch = source
            .pull(window(0, 120), now, &Unattended)
            .await
            .expect("it is kept");
        assert_eq!(
            batch.provenance.resolution_s,
            Some(period),
            "{age_days} days"
        );
        let id = |rest: &str| format!("efs.{FILE_SYSTEM}.{rest}");
        let got = got(&batch);
        let per = i64::from(period / 60);
        let sum: f64 = (0..per).map(|i| 4_096.0 * (i + 1) as f64).sum();
        assert_eq!(
            got[&id("MetadataIOBytes.Sum")][0],
            (START, sum),
            "{age_days} days"
        );
        assert_eq!(got[&id("MetadataIOBytes.Sum")].len(), 120 / per as usize);
        // Connections stay a number of connections, whatever the period.
        let mean = (0..per).map(|i| 12.0 + i as f64).sum::<f64>() / per as f64;
        assert_eq!(
            got[&id("ClientConnections.Sum")][0],
            (START, mean),
            "{age_days} days"
        );
        let storage = batch
            .series
            .iter()
            .find(|s| s.meta.id.ends_with("StorageBytes.IA.Average"));
        assert_eq!(storage.and_then(|s| s.meta.period_s), Some(period.max(900)));
    }
    let source = CloudWatch::with_client(config(&server.endpoint()), hasty(&server.endpoint()));
    let gone = source
        .pull(window(0, 120), START.plus(456 * DAY), &Unattended)
        .await;
    assert!(
        matches!(gone, Err(SourceError::NotFound { .. })),
        "{gone:?}"
    );
}

#[tokio::test]
async fn an_unknown_file_system_is_not_found() {
    let (server, _turn) = fresh();
    publish(server).await;
    let mut config = config(&server.endpoint());
    config.file_system_id = "fs-0badbadbadbadbad0".into();
    let source = CloudWatch::with_client(config, hasty(&server.endpoint()));
    for error in [
        source
            .check()
            .await
            .expect_err("nothing is there")
            .to_string(),
        source
            .pull(window(30, 150), START.plus(DAY), &Unattended)
            .await
            .expect_err("nothing")
            .to_string(),
    ] {
        assert!(
            error.contains("fs-0badbadbadbadbad0 in eu-central-1"),
            "{error}"
        );
        assert!(error.contains("check id, region"), "{error}");
    }
}

#[tokio::test]
async fn nobody_listening_is_said_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let endpoint = format!("http://somebody:secret@{address}");
    let mut config = config(&endpoint);
    config.endpoint = Some(endpoint);
    let source = CloudWatch::with_client(config, hasty(&format!("http://{address}")));
    let error = source
        .pull(window(30, 150), START.plus(DAY), &Unattended)
        .await;
    let error = error.expect_err("nobody listens").to_string();
    assert!(
        error.contains(&format!("http://{address} cannot be reached")),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
}

#[tokio::test]
async fn cancelling_ends_a_pull_while_it_waits() {
    let (server, _turn) = fresh();
    publish(server).await;
    let fault =
        json!({"operation": "GetMetricData", "times": 99, "status": 400, "code": "Throttling"});
    server.control("behave", &json!({"faults": [fault]}));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source =
        CloudWatch::connect_with_file(config(&server.endpoint()), &aws_file(&folder)).await;
    let looks = LooksAway(AtomicU32::new(0));
    let error = source.pull(window(30, 150), START.plus(DAY), &looks).await;
    assert!(
        matches!(error, Err(SourceError::Cancelled { .. })),
        "{error:?}"
    );
    assert!(
        server.count("GetMetricData") < 8,
        "it did not wait for the last attempt"
    );
}

/// Cancels at the sixth look, about a second into the first wait.
struct LooksAway(AtomicU32);

impl Progress for LooksAway {
    fn step(&self, _done: u32, _total: u32, _message: &str) {}

    fn cancelled(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= 6
    }
}

/// `cargo test --release -p sources --test cloudwatch -- --ignored --nocapture fortnight`
#[tokio::test]
#[ignore = "a measurement, not a check: how long a fortnight of minutes takes"]
async fn fortnight_of_twelve_series() {
    let (server, _turn) = fresh();
    let minutes = 14 * 1_440;
    let names = GAUGES
        .iter()
        .map(|g| g.0)
        .chain(IO.iter().map(|io| io.0).take(4));
    for (i, name) in names.enumerate() {
        let values: Vec<f64> = (0..minutes).map(|m| f64::from(m * 7 + i as i32)).collect();
        server.put(FILE_SYSTEM, name, START.seconds(), 60, &values);
    }
    let source = CloudWatch::with_client(config(&server.endpoint()), hasty(&server.endpoint()));
    let fortnight = Window::new(START, START.plus(14 * DAY)).expect("forwards");
    let now = START.plus(14 * DAY + HOUR);
    for run in ["first (the server indexes)", "second"] {
        let begun = tokio::time::Instant::now();
        let batch = source
            .pull(fortnight, now, &Unattended)
            .await
            .expect("a healthy server");
        let took = begun.elapsed();
        let samples: usize = batch.series.iter().map(|s| s.samples.len()).sum();
        assert_eq!((batch.series.len(), samples), (12, 12 * 14 * 1_440));
        println!("{run}: {samples} samples of 12 series in {took:?}");
    }
    println!("GetMetricData calls: {}", server.count("GetMetricData"));
}
