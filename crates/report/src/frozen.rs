//! What the figures of a report rest on, fixed by its digest.
//!
//! A median does not move when one of a thousand samples does. So that a changed sample or event is
//! known all the same, the figures of a bundle carry the digest of every series, event and note that
//! one of them rests on.

use model::bundle::sha256_hex;
use model::{Annotation, Evidence, Report, Series};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// SHA-256 of everything that a figure of the report names as its evidence, by id. What the evidence
/// does not have is left out.
pub(crate) fn digests(
    report: &Report,
    evidence: &Evidence,
    annotations: &[Annotation],
) -> BTreeMap<String, String> {
    let named: BTreeSet<&str> = report
        .figures
        .iter()
        .flat_map(|f| f.evidence.iter().map(String::as_str))
        .collect();
    // A series and an event may share an id: both count then.
    let mut content: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let mut add = |id, bytes: Vec<u8>| {
        content
            .entry(id)
            .or_default()
            .extend_from_slice(sha256_hex(&bytes).as_bytes());
    };
    for series in &evidence.series {
        if named.contains(series.meta.id.as_str()) {
            add(&series.meta.id, of_series(series));
        }
    }
    for event in &evidence.events {
        if named.contains(event.id.as_str()) {
            add(&event.id, canonical(event));
        }
    }
    for note in annotations {
        if named.contains(note.id.as_str()) {
            add(&note.id, canonical(note));
        }
    }
    content
        .into_iter()
        .map(|(id, digests)| {
            let digest = match String::from_utf8(digests) {
                Ok(one) if one.len() == 64 => one,
                Ok(several) => sha256_hex(several.as_bytes()),
                Err(other) => sha256_hex(other.as_bytes()),
            };
            (id.to_owned(), digest)
        })
        .collect()
}

/// What a series is, then every sample to the last bit.
fn of_series(series: &Series) -> Vec<u8> {
    let mut bytes = canonical(&series.meta);
    bytes.reserve(series.samples.len() * 16);
    for (at, value) in series.samples.iter() {
        bytes.extend_from_slice(&at.millis().to_le_bytes());
        bytes.extend_from_slice(&value.to_bits().to_le_bytes());
    }
    bytes
}

/// JSON with sorted keys: the same bytes whatever order a file gave.
fn canonical<T: Serialize>(value: &T) -> Vec<u8> {
    let mut json = serde_json::to_value(value).unwrap_or_default();
    json.sort_all_objects();
    json.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::report::Figure;
    use model::{Event, Samples, SeriesMeta, Timestamp};

    fn case() -> (Report, Evidence) {
        let figure = Figure {
            id: "f".into(),
            value: 1.into(),
            unit: "Count".into(),
            evidence: vec!["s".into(), "e".into(), "gone".into()],
            span: None,
            text: "1".into(),
        };
        let series = |id: &str| Series {
            meta: SeriesMeta {
                id: id.into(),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(vec![(Timestamp::from_seconds(60), 1.5)]),
        };
        let event = |id: &str| Event {
            id: id.into(),
            ..Event::default()
        };
        let report = Report {
            figures: vec![figure],
            ..Report::default()
        };
        let evidence = Evidence {
            series: vec![series("s"), series("other")],
            events: vec![event("e"), event("s")],
            ..Evidence::default()
        };
        (report, evidence)
    }

    #[test]
    fn only_what_a_figure_rests_on_has_a_digest() {
        let (report, evidence) = case();
        let digests = digests(&report, &evidence, &[]);
        assert_eq!(digests.keys().collect::<Vec<_>>(), ["e", "s"]);
        assert!(digests.values().all(|d| d.len() == 64));
    }

    #[test]
    fn the_least_change_gives_another_digest() {
        let (report, evidence) = case();
        let before = digests(&report, &evidence, &[]);
        let mut other = evidence.clone();
        other.series[0].samples = Samples::from_unordered(vec![(
            Timestamp::from_seconds(60),
            f64::from_bits(1.5_f64.to_bits() + 1),
        )]);
        assert_ne!(digests(&report, &other, &[])["s"], before["s"]);
        let mut other = evidence;
        other.events[0].title = "x".into();
        assert_ne!(digests(&report, &other, &[])["e"], before["e"]);
        assert_eq!(digests(&report, &other, &[])["s"], before["s"]);
    }
}
