//! Three hours of every metric: how they are put, and what a pull must give.

use crate::client::{FILE_SYSTEM, config, hasty};
use crate::server::AwsServer;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StatisticSet};
use model::time::{DAY, MINUTE};
use model::{Batch, Timestamp, Window};
use sources::cloudwatch::CloudWatch;
use sources::source::{Source, SourceError, Unattended};
use std::collections::BTreeMap;

/// 2026-03-02T08:00:00Z
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_772_438_400);
pub(crate) const MINUTES: i64 = 180;
/// Plain metrics, with a value for minute `i`.
pub(crate) const GAUGES: [(&str, f64, f64); 4] = [
    ("BurstCreditBalance", 2.3e12, -7.25e9),
    ("PermittedThroughput", 104_857_600.0, 0.0),
    ("PercentIOLimit", 1.5, 0.125),
    ("ClientConnections", 12.0, 1.0),
];
/// Metrics of operations: bytes of minute `i`, number of operations of minute `i`.
pub(crate) const IO: [(&str, f64, f64); 5] = [
    ("MetaDataIOBytes", 4_096.0, 11.0),
    ("DataReadIOBytes", 1_048_576.0, 3.0),
    ("DataWriteIOBytes", 65_536.0, 2.0),
    ("TotalIOBytes", 1_118_208.0, 16.0),
    ("MeteredIOBytes", 419_157.5, 16.0),
];

pub(crate) fn window(from_minute: i64, to_minute: i64) -> Window {
    let at = |minute| START.plus(minute * MINUTE);
    Window::new(at(from_minute), at(to_minute)).expect("forwards")
}

pub(crate) fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder().name(name).value(value).build()
}

/// Puts three hours of every metric by `PutMetricData`, as a publisher would.
pub(crate) async fn publish(server: &AwsServer) {
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
pub(crate) fn expected(from: i64, to: i64) -> BTreeMap<String, Vec<(Timestamp, f64)>> {
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

pub(crate) fn got(batch: &Batch) -> BTreeMap<String, Vec<(Timestamp, f64)>> {
    let points = batch
        .series
        .iter()
        .map(|s| (s.meta.id.clone(), s.samples.iter().collect()));
    points.collect()
}

pub(crate) async fn pull(server: &AwsServer, window: Window) -> Result<Batch, SourceError> {
    let source = CloudWatch::with_client(config(&server.endpoint()), hasty(&server.endpoint()));
    source.pull(window, START.plus(DAY), &Unattended).await
}

pub(crate) fn gap_of<'a>(batch: &'a Batch, what: &str) -> Option<&'a str> {
    let mut gaps = batch.provenance.gaps.iter();
    gaps.find(|g| g.what.ends_with(what))
        .map(|g| g.reason.as_str())
}
