//! The AWS/EFS set, with the statistics that mean something for each metric.

use crate::{
    cluster::FILE_SYSTEM,
    efs::{Minute, REQUEST},
    random::Random,
    recorder::{Metric, Recorder},
    zombies::InputOutput,
};
use model::{Timestamp, time::MINUTE, topology::aws_id};

/// Records the set. `BurstCreditBalance` is published once a minute, so that each statistic of a
/// minute is that one value: the balance at the minute's end.
pub(crate) fn record(recorder: &mut Recorder, seed: u64, io: &InputOutput) {
    let bytes = |m: i64| m as f64;
    let mut minute = |id: &str, name: &str, stat: &str, unit: &str, of: &dyn Fn(&Minute) -> f64| {
        let values: Vec<_> = io
            .times
            .iter()
            .zip(&io.minutes)
            .map(|(at, m)| (*at, of(m)))
            .collect();
        recorder.add(metric(id, name, stat, unit), 60, &values);
    };
    let (sum, b) = ("Sum", "Bytes");
    minute(
        "efs.burst_credit_balance",
        "BurstCreditBalance",
        "Minimum",
        b,
        &|m| bytes(m.balance),
    );
    minute(
        "efs.permitted_throughput",
        "PermittedThroughput",
        "Average",
        "Bytes/Second",
        &|m| bytes(m.permitted),
    );
    minute(
        "efs.metadata_io_bytes.sum",
        "MetadataIOBytes",
        sum,
        b,
        &|m| bytes(m.metadata * REQUEST),
    );
    minute(
        "efs.metadata_io_bytes.count",
        "MetadataIOBytes",
        "SampleCount",
        "Count",
        &|m| bytes(m.metadata),
    );
    minute(
        "efs.data_read_io_bytes.sum",
        "DataReadIOBytes",
        sum,
        b,
        &|m| bytes(m.read),
    );
    minute(
        "efs.data_write_io_bytes.sum",
        "DataWriteIOBytes",
        sum,
        b,
        &|m| bytes(m.write),
    );
    minute("efs.total_io_bytes.sum", "TotalIOBytes", sum, b, &|m| {
        bytes(m.metadata * REQUEST + m.read + m.write)
    });
    minute("efs.metered_io_bytes.sum", "MeteredIOBytes", sum, b, &|m| {
        bytes(m.metered)
    });
    minute(
        "efs.percent_io_limit",
        "PercentIOLimit",
        "Average",
        "Percent",
        &|m| (m.percent_io_limit() * 100.0).round() / 100.0,
    );
    let mut random = Random::new(seed, "clients");
    let connections: Vec<_> = io
        .times
        .iter()
        .map(|at| (*at, clients(&mut random)))
        .collect();
    let clients = metric(
        "efs.client_connections.sum",
        "ClientConnections",
        sum,
        "Count",
    );
    recorder.add(clients, 60, &connections);
    let mut stored = metric("efs.storage_bytes", "StorageBytes", "Average", b);
    stored.dimension = ("FileSystemId", FILE_SYSTEM);
    recorder.add(stored, 900, &every_quarter(io));
}

/// One connection for each node, now and then one more while a client reconnects.
fn clients(random: &mut Random) -> f64 {
    if random.chance(0.004) { 9.0 } else { 8.0 }
}

fn every_quarter(io: &InputOutput) -> Vec<(Timestamp, f64)> {
    io.times
        .iter()
        .zip(&io.stored)
        .filter(|(at, _)| at.millis().rem_euclid(15 * MINUTE) == 0)
        .map(|(at, bytes)| (*at, *bytes as f64))
        .collect()
}

fn metric<'a>(id: &'a str, name: &'a str, stat: &'a str, unit: &'a str) -> Metric<'a> {
    Metric {
        id,
        name,
        source: "cloudwatch",
        namespace: "AWS/EFS",
        dimension: ("FileSystemId", FILE_SYSTEM),
        stat,
        unit,
        resource: Some(aws_id(FILE_SYSTEM)),
        places: if name == "PercentIOLimit" { 2 } else { 0 },
    }
}
