//! The source that asks the double, and the answers of a healthy server.

use crate::double::{Asked, Double, Reply};
use model::time::HOUR;
use model::{Batch, Timestamp, Window};
use sources::http::Limits;
use sources::prometheus::{Patience, Prometheus, PrometheusConfig, QueryChoice};
use sources::source::{Source, SourceError, Unattended};
use std::fmt::Write as _;
use std::time::Duration;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_600_000_000);

/// The hour before the one before now, so that nothing of it is too new.
pub(crate) fn hour() -> Window {
    Window::new(NOW.plus(-2 * HOUR), NOW.plus(-HOUR)).expect("forwards")
}

/// Waits of milliseconds between attempts; an answer may take as long as a busy machine does.
pub(crate) fn hasty() -> Patience {
    Patience {
        attempts: 3,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(50),
        limits: Limits {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(20),
            body_bytes: 1 << 20,
        },
    }
}

pub(crate) fn config(url: &str) -> PrometheusConfig {
    let choice = |id: &str| QueryChoice {
        id: id.into(),
        query: format!("{id}_seconds"),
        stat: "Average".into(),
        ..QueryChoice::default()
    };
    PrometheusConfig {
        queries: vec![choice("first"), choice("second")],
        ..PrometheusConfig::new(url)
    }
}

pub(crate) fn source(url: &str) -> Prometheus {
    Prometheus::with_patience(config(url), hasty()).expect("a good configuration")
}

pub(crate) async fn pull(double: &Double) -> Result<Batch, SourceError> {
    source(&double.url()).pull(hour(), NOW, &Unattended).await
}

/// A field of a form whose value needs no decoding.
pub(crate) fn field(asked: &Asked, name: &str) -> i64 {
    let found = asked
        .body
        .split('&')
        .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.expect("a field").parse().expect("digits")
}

/// The answer that a healthy server gives to a range query: the value is the minute.
pub(crate) fn good(asked: &Asked) -> Reply {
    Reply::json(&matrix(asked, ""))
}

pub(crate) fn matrix(asked: &Asked, more: &str) -> String {
    let (start, end, step) = (
        field(asked, "start"),
        field(asked, "end"),
        field(asked, "step"),
    );
    let mut values = String::new();
    let mut at = start;
    while at <= end {
        let comma = if values.is_empty() { "" } else { "," };
        write!(values, "{comma}[{at},\"{}\"]", at / 60).expect("a text");
        at += step;
    }
    format!(
        "{{\"status\":\"success\"{more},\"data\":{{\"resultType\":\"matrix\",\"result\":\
         [{{\"metric\":{{\"__name__\":\"m\"}},\"values\":[{values}]}}]}}}}"
    )
}

pub(crate) fn is_second(asked: &Asked) -> bool {
    asked.body.contains("second_seconds")
}

/// The samples of both queries, whole.
pub(crate) fn assert_whole(batch: &Batch) {
    assert_eq!(batch.series.len(), 2, "{:?}", batch.provenance.gaps);
    assert!(batch.series.iter().all(|s| s.samples.len() == 60));
    assert_eq!(batch.provenance.gaps, []);
}

pub(crate) fn gap(batch: &Batch, what: &str) -> String {
    let found = batch.provenance.gaps.iter().find(|g| g.what == what);
    found.map_or_else(
        || panic!("no gap {what}: {:?}", batch.provenance.gaps),
        |g| g.reason.clone(),
    )
}
