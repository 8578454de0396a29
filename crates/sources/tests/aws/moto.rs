//! CloudWatch against a real AWS API server (moto) over HTTP: what is put is what is pulled.

use crate::client::{FILE_SYSTEM, aws_file, config, hasty};
use crate::published::{GAUGES, IO, MINUTES, START, expected, gap_of, got, publish, pull, window};
use crate::server::fresh;
use model::Window;
use model::time::{DAY, HOUR};
use serde_json::json;
use sources::cloudwatch::CloudWatch;
use sources::source::{Progress, Source, SourceError, Unattended};
use std::sync::Mutex;

#[tokio::test]
async fn what_was_published_comes_back_to_the_last_bit() {
    let (server, _turn) = fresh().await;
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
    // Only what this file system never published is absent, and that is no gap.
    assert_eq!(provenance.gaps, []);
    let names = provenance.absent.iter().map(|a| a.split(' ').next());
    let names: Vec<&str> = names.flatten().collect();
    assert_eq!(names, ["MetadataReadIOBytes", "MetadataWriteIOBytes"]);
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
    let (server, _turn) = fresh().await;
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
async fn old_windows_come_at_the_finest_period_that_is_left() {
    let (server, _turn) = fresh().await;
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
    let (server, _turn) = fresh().await;
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

/// `cargo test --release -p sources --test cloudwatch -- --ignored --nocapture fortnight`
#[tokio::test]
#[ignore = "a measurement, not a check: how long a fortnight of minutes takes"]
async fn fortnight_of_twelve_series() {
    let (server, _turn) = fresh().await;
    let minutes = 14 * 1_440;
    let names = GAUGES
        .iter()
        .map(|g| g.0)
        .chain(IO.iter().map(|io| io.0).take(4));
    for (i, name) in names.enumerate() {
        let values: Vec<f64> = (0..minutes)
            .map(|m| f64::from(m) * 7.0 + i as f64)
            .collect();
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
