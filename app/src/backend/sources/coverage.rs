//! What an incident has of each source, and what is about to be lost.

use crate::backend::covered;
use model::{
    Evidence, Gap, Incident, Provenance, Timestamp, Window,
    source::SourceFacts,
    time::{SECOND, span_text},
};
use std::collections::{BTreeMap, BTreeSet};

/// What an incident has of one source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// The source: its name in the configuration, or its kind.
    pub source: String,
    /// From its first sample or event to its last, a point where both are one; `None`: nothing was read.
    pub span: Option<Window>,
    /// Share of the incident's window under its series and events, 0 to 1.
    pub share: f64,
    /// Finest and coarsest resolution got, seconds.
    pub resolution_s: Option<(u32, u32)>,
    /// Number of series, each counted once.
    pub series: usize,
    /// Number of events: as many as its answers say, at most all that there are.
    pub events: usize,
    /// What did not come, each once.
    pub gaps: Vec<Gap>,
    /// What was asked for and does not exist at the source, each once.
    pub absent: Vec<String>,
    /// What the source still has and is about to lose.
    pub losing: Vec<String>,
}

/// What an incident has of each source, by name. `facts` gives what a kind states of itself.
pub fn coverage(
    incident: &Incident,
    evidence: &Evidence,
    facts: impl Fn(&str) -> Option<SourceFacts>,
    now: Timestamp,
) -> Vec<Coverage> {
    let mut rows: BTreeMap<&str, Row<'_>> = BTreeMap::new();
    let told = evidence.provenance.iter();
    for batch in told.filter(|b| !covered::is_empty_bundle(b)) {
        let name = name_of(batch);
        let Row {
            has: row,
            kind,
            spans,
            series,
        } = rows.entry(name).or_default();
        *kind = &batch.source;
        name.clone_into(&mut row.source);
        spans.extend(covered::spans(batch, evidence, &unasked(name, evidence)));
        // Two answers of a source may be about the same: what was collected, and what was asked again.
        series.extend(batch.series.iter().map(String::as_str));
        row.events = row.events.saturating_add(batch.events);
        for gap in &batch.gaps {
            if !row.gaps.contains(gap) {
                row.gaps.push(gap.clone());
            }
        }
        for absent in &batch.absent {
            if !row.absent.contains(absent) {
                row.absent.push(absent.clone());
            }
        }
        if let Some(s) = batch.resolution_s {
            let (low, high) = row.resolution_s.unwrap_or((s, s));
            row.resolution_s = Some((low.min(s), high.max(s)));
        }
    }
    rows.into_values()
        .map(|row| Coverage {
            span: covered::hull(&row.spans),
            share: covered::share(incident.window, row.spans),
            series: row.series.len(),
            events: row.has.events.min(evidence.events.len()),
            losing: facts(row.kind)
                .map(|facts| losing(&facts, incident.window, now))
                .unwrap_or_default(),
            ..row.has
        })
        .collect()
}

/// Its name in the configuration, or its kind.
fn name_of(batch: &Provenance) -> &str {
    if batch.name.is_empty() {
        &batch.source
    } else {
        &batch.name
    }
}

/// Spans that nobody asked a source about.
fn unasked(name: &str, evidence: &Evidence) -> Vec<Window> {
    let told = evidence.provenance.iter();
    told.filter(|batch| batch.is_unasked() && name_of(batch) == name)
        .flat_map(|batch| &batch.gaps)
        .filter_map(|gap| gap.window)
        .collect()
}

/// What is gathered of one source.
#[derive(Default)]
struct Row<'a> {
    has: Coverage,
    kind: &'a str,
    spans: Vec<Window>,
    series: BTreeSet<&'a str>,
}

/// What a source with these facts forgets of the window, and when.
fn losing(facts: &SourceFacts, window: Window, now: Timestamp) -> Vec<String> {
    let mut out = Vec::new();
    for (age_s, period_s) in facts.clock.kept {
        let what = match period_s {
            0 => "events".to_owned(),
            s => format!("{} data", span_text(i64::from(*s) * SECOND)),
        };
        let kept = i64::from(*age_s) * SECOND;
        let (first, last) = (window.start.plus(kept), window.end.plus(kept));
        if last <= now {
            continue;
        }
        let title = facts.title;
        if first > now {
            let left = span_text(first.since(now));
            out.push(format!(
                "{what} of this window begin to leave {title} in {left}"
            ));
        } else {
            let gone = now.plus(-kept).minute();
            out.push(format!(
                "{what} before {gone} are gone from {title}; the rest follows"
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Samples, Series, SeriesMeta,
        source::{Follow, SourceClock, Stamp},
        time::{DAY, HOUR, MINUTE},
    };

    const FACTS: SourceFacts = SourceFacts {
        kind: "cloudwatch",
        title: "Amazon CloudWatch",
        needs: &[],
        clock: SourceClock {
            stamp: Stamp::PeriodStart,
            delay_s: 0,
            skew_s: 0,
            kept: &[(15 * 86_400, 60)],
        },
        follow: Follow::Never,
    };

    fn case() -> (Incident, Evidence) {
        let window = Window {
            start: Timestamp::from_seconds(1_590_000_000),
            end: Timestamp::from_seconds(1_590_007_200),
        };
        let evidence = Evidence {
            window,
            series: vec![Series {
                meta: SeriesMeta {
                    id: "a".into(),
                    period_s: Some(60),
                    ..SeriesMeta::default()
                },
                samples: Samples::from_unordered(
                    (0..60)
                        .map(|i| (window.start.plus(i * MINUTE), 1.0))
                        .collect(),
                ),
            }],
            provenance: vec![Provenance {
                source: "cloudwatch".into(),
                name: "prod".into(),
                window: Some(window),
                resolution_s: Some(60),
                series: vec!["a".into()],
                ..Provenance::default()
            }],
            ..Evidence::default()
        };
        let incident = Incident {
            window,
            ..Incident::default()
        };
        (incident, evidence)
    }

    #[test]
    fn coverage_says_span_share_and_what_is_about_to_go() {
        let (incident, evidence) = case();
        let facts = |kind: &str| (kind == "cloudwatch").then_some(FACTS);
        let at = |now| coverage(&incident, &evidence, facts, now);
        let rows = at(incident.window.end);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].source.as_str(), rows[0].series), ("prod", 1));
        assert!((rows[0].share - 0.5).abs() < 1e-9);
        assert!(
            rows[0].losing[0].contains("1 min data of this window begin to leave"),
            "{:?}",
            rows[0].losing
        );
        let half = incident.window.start.plus(15 * DAY + HOUR);
        assert!(at(half)[0].losing[0].contains("are gone"));
        assert!(at(incident.window.end.plus(16 * DAY))[0].losing.is_empty());
    }

    #[test]
    fn a_series_of_two_answers_is_one_and_events_are_no_more_than_there_are() {
        let (incident, mut evidence) = case();
        let hole = Gap {
            what: "a".into(),
            window: None,
            reason: "HTTP 500".into(),
        };
        evidence.provenance[0].gaps.push(hole);
        evidence.provenance[0].events = 3;
        let mut again = evidence.provenance[0].clone();
        again.query = "asked again".into();
        evidence.provenance.push(again);
        evidence.events = vec![model::Event::default()];
        let rows = coverage(&incident, &evidence, |_| None, incident.window.end);
        let row = &rows[0];
        assert_eq!((row.series, row.events, row.gaps.len()), (1, 1, 1));
    }

    #[test]
    fn a_source_that_gave_no_sample_covers_nothing() {
        let (incident, mut evidence) = case();
        evidence.series.clear();
        let rows = coverage(&incident, &evidence, |_| None, incident.window.end);
        assert_eq!((rows[0].span, rows[0].share), (None, 0.0));
    }
}
