//! The JSON of the query API, read without keeping the text of the numbers.

use model::Timestamp;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What every answer has around it.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned", rename_all = "camelCase")]
pub(super) struct Envelope<T> {
    pub(super) status: String,
    #[serde(default = "nothing")]
    pub(super) data: Option<T>,
    #[serde(default)]
    pub(super) error_type: Option<String>,
    #[serde(default)]
    pub(super) error: Option<String>,
    /// Prometheus, Thanos and Mimir: what went wrong with a part (`infos` are advice and no matter).
    #[serde(default)]
    pub(super) warnings: Option<Vec<String>>,
    /// VictoriaMetrics: some of its storage nodes did not answer.
    #[serde(default)]
    pub(super) is_partial: Option<bool>,
}

const fn nothing<T>() -> Option<T> {
    None
}

/// The answer to a range query.
#[derive(Debug, Deserialize)]
pub(super) struct Matrix {
    pub(super) result: Vec<Row>,
}

/// One series of it.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) metric: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) values: Vec<Point>,
    /// Native histograms are no numbers.
    #[serde(default)]
    pub(super) histograms: Option<IgnoredAny>,
}

/// An instant and a value, which need not be finite: `[1700000000, "NaN"]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point(pub(super) Timestamp, pub(super) f64);

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Pair;
        impl<'de> Visitor<'de> for Pair {
            type Value = Point;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an instant in seconds and a number as text")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Point, A::Error> {
                let short = || A::Error::custom("a sample of fewer than two parts");
                let seconds: f64 = seq.next_element()?.ok_or_else(short)?;
                let Number(value) = seq.next_element()?.ok_or_else(short)?;
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                let at = Timestamp::from_millis((seconds * 1000.0).round() as i64);
                if !(Timestamp::MIN..=Timestamp::MAX).contains(&at) {
                    return Err(A::Error::custom("an instant out of range"));
                }
                Ok(Point(at, value))
            }
        }
        d.deserialize_seq(Pair)
    }
}

struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number as text")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse()
                    .map(Number)
                    .map_err(|_| E::custom("a value that is no number"))
            }
        }
        d.deserialize_str(Text)
    }
}

/// What the server says of a metric: `counter`, `gauge`, `histogram`, `summary`, `unknown`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricInfo {
    /// Type.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Unit in the exporter's words, mostly empty.
    #[serde(default)]
    pub unit: String,
    /// What it is.
    #[serde(default)]
    pub help: String,
}

/// The answer to `/api/v1/metadata`: several targets may disagree about one metric.
pub(super) type Metadata = BTreeMap<String, Vec<MetricInfo>>;

/// The answer to `/api/v1/status/buildinfo`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct BuildInfo {
    #[serde(default)]
    pub(super) version: String,
    /// Mimir and Cortex say who they are.
    #[serde(default)]
    pub(super) application: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(json: &str) -> Result<Envelope<Matrix>, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn numbers_come_as_they_are_written() {
        let answer = matrix(
            r#"{"status":"success","isPartial":true,"warnings":["w"],"infos":["i"],"data":{"resultType":"matrix",
            "result":[{"metric":{"a":"b"},"values":[[1700000000.123,"1e3"],[1700000001,"NaN"],[1700000002,"+Inf"]]},
            {"metric":{},"histograms":[[1,{"count":"2"}]]}]}}"#,
        )
        .unwrap();
        let rows = answer.data.unwrap().result;
        assert_eq!(
            rows[0].values[0],
            Point(Timestamp::from_millis(1_700_000_000_123), 1000.0)
        );
        assert!(rows[0].values[1].1.is_nan() && rows[0].values[2].1.is_infinite());
        assert!(rows[1].values.is_empty() && rows[1].histograms.is_some());
        assert_eq!(
            (answer.is_partial, answer.warnings),
            (Some(true), Some(vec!["w".into()]))
        );
    }

    #[test]
    fn what_is_no_sample_is_an_error() {
        for values in [
            "[[1,\"x\"]]",
            "[[1]]",
            "[[\"1\",\"2\"]]",
            "[[1,2]]",
            "[[-5,\"2\"]]",
            "[[1e300,\"2\"]]",
            "[1]",
        ] {
            let json = format!(
                "{{\"status\":\"success\",\"data\":{{\"result\":[{{\"metric\":{{}},\"values\":{values}}}]}}}}"
            );
            assert!(matrix(&json).is_err(), "{values}");
        }
    }
}
