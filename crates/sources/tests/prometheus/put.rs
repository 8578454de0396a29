//! What is put into the real servers, and how it is pulled.

use crate::servers::{Sample, Server};
use model::time::MINUTE;
use model::{Batch, Series, Timestamp, Window};
use sources::prometheus::{Prometheus, PrometheusConfig, QueryChoice};
use sources::source::{Source, Unattended};

/// 2020-05-22T03:00:00Z.
pub(crate) const START: i64 = 1_590_116_400;

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(START + minute * 60)
}

pub(crate) fn window(from: i64, to: i64) -> Window {
    Window::new(at(from), at(to)).expect("forwards")
}

type Start = fn(&[Sample]) -> Server;

/// Both servers with the same samples, one after the other: two at a time are a lot for a small machine.
pub(crate) fn both(samples: &[Sample]) -> impl Iterator<Item = (&'static str, Server)> + '_ {
    let starts: [(&'static str, Start); 2] = [
        ("Prometheus", Server::prometheus),
        ("VictoriaMetrics", Server::victoria_metrics),
    ];
    starts
        .into_iter()
        .map(|(name, start)| (name, start(samples)))
}

pub(crate) fn every_minute(
    series: &str,
    minutes: std::ops::Range<i64>,
    value: impl Fn(i64) -> f64,
) -> Vec<Sample> {
    minutes
        .map(|m| (series.to_owned(), START + m * 60, value(m)))
        .collect()
}

pub(crate) fn choice(id: &str, query: &str) -> QueryChoice {
    QueryChoice {
        id: id.into(),
        query: query.into(),
        ..QueryChoice::default()
    }
}

pub(crate) fn source(server: &Server, presets: &[&str], queries: &[(&str, &str)]) -> Prometheus {
    let mut config = PrometheusConfig::new(&server.url());
    config.cluster = "prod".into();
    config.presets = presets.iter().map(|p| (*p).to_owned()).collect();
    config.queries = queries
        .iter()
        .map(|(id, query)| choice(id, query))
        .collect();
    Prometheus::new(config).expect("a good configuration")
}

/// The present: the servers have the machine's clock, though the samples are of 2020.
#[expect(
    clippy::disallowed_methods,
    reason = "a real server compares with the machine's clock"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

pub(crate) async fn pull(source: &Prometheus, window: Window) -> Batch {
    source
        .pull(window, now(), &Unattended)
        .await
        .expect("a healthy server")
}

pub(crate) fn by_name<'a>(batch: &'a Batch, part: &str) -> &'a Series {
    let found = batch.series.iter().find(|s| s.meta.id.contains(part));
    found.unwrap_or_else(|| panic!("no {part} in {:?}", batch.provenance))
}

/// Eighths come back to the last bit.
pub(crate) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

pub(crate) fn minutes_of(series: &Series) -> Vec<(i64, f64)> {
    let minute = |t: Timestamp| t.since(at(0)) / MINUTE;
    series.samples.iter().map(|(t, v)| (minute(t), v)).collect()
}
