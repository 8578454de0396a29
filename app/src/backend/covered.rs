//! Which part of a window a source's answer really reaches over: where samples and events stand, not
//! what was asked for.

use model::{Event, Evidence, Provenance, Series, Timestamp, Window, time::SECOND};

/// Where raw files lie in a bundle.
const FILES: &str = "files/";

/// Whether an answer is only the word of a bundle without anything of its own: no source gave it.
pub(super) fn is_empty_bundle(batch: &Provenance) -> bool {
    batch.source == "bundle"
        && batch.series.is_empty()
        && batch.events == 0
        && batch.gaps.is_empty()
}

/// The spans of an answer, one for each series and one for each event. A source that was asked for a
/// window and told events has told of all of the window, but for its own gaps and what nobody asked
/// it about (`unasked`).
pub(super) fn spans(batch: &Provenance, evidence: &Evidence, unasked: &[Window]) -> Vec<Window> {
    let by_series = batch
        .series
        .iter()
        .filter_map(|id| evidence.series(id))
        .filter_map(span_of);
    let of_file = batch.query.starts_with(FILES);
    if !of_file && batch.source != "bundle" {
        let asked = (batch.events > 0).then_some(batch.window).flatten();
        let told = asked.map_or_else(Vec::new, |asked| without_gaps(asked, batch, unasked));
        return by_series.chain(told).collect();
    }
    let prefix = format!("{}#", batch.query);
    // Events of a file have its path, `#` and a line as their id.
    let own = |event: &&Event| {
        if of_file {
            event.id.starts_with(&prefix)
        } else {
            batch.events > 0 && !event.id.starts_with(FILES)
        }
    };
    let by_events = evidence
        .events
        .iter()
        .filter(own)
        .filter_map(|event| bounds(event, batch.asked_at));
    by_series.chain(by_events).collect()
}

/// What is left of a window where nothing at all is missing.
fn without_gaps(asked: Window, batch: &Provenance, unasked: &[Window]) -> Vec<Window> {
    let of_all = batch.gaps.iter().filter(|gap| gap.what.is_empty());
    let mut left = vec![asked];
    let own = of_all.filter_map(|gap| gap.window);
    for gone in own.chain(unasked.iter().copied()) {
        left = left
            .into_iter()
            .flat_map(|span| {
                [
                    Window::new(span.start, span.end.min(gone.start)),
                    Window::new(span.start.max(gone.end), span.end),
                ]
            })
            .flatten()
            .collect();
    }
    left
}

/// From the first sample to the end of the last one's period; one sample alone is a point in time.
fn span_of(series: &Series) -> Option<Window> {
    let (start, last) = series.samples.span()?;
    let period = i64::from(series.meta.period_s.unwrap_or(0)) * SECOND;
    let end = if last > start {
        last.plus(period)
    } else {
        last
    };
    Some(Window { start, end })
}

/// From when to when an event is known; what still went on is known until it was looked at.
fn bounds(event: &Event, seen: Option<Timestamp>) -> Option<Window> {
    let start = event.at()?;
    let open = event.attribute_time("observed_at").or(seen);
    let end = event
        .end
        .or(open.filter(|_| event.kind.is_interval()))
        .unwrap_or(start);
    Some(Window {
        start,
        end: end.max(start),
    })
}

/// From the first instant to the last; `None`: nothing was read.
pub(super) fn hull(spans: &[Window]) -> Option<Window> {
    Some(Window {
        start: spans.iter().map(|s| s.start).min()?,
        end: spans.iter().map(|s| s.end).max()?,
    })
}

/// Share of the window under the spans, 0 to 1; what two of them cover counts once.
pub(super) fn share(window: Window, mut spans: Vec<Window>) -> f64 {
    spans.sort_by_key(|s| s.start);
    let (mut upto, mut covered) = (window.start, 0);
    for span in spans {
        let end = span.end.min(window.end);
        covered += end.since(span.start.max(upto)).max(0);
        upto = upto.max(end);
    }
    (covered as f64 / window.millis().max(1) as f64).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use crate::backend::sources::{Coverage, coverage};
    use model::{
        Event, EventKind, Evidence, Incident, Provenance, Samples, Series, SeriesMeta, Timestamp,
        Window,
        time::{DAY, HOUR},
    };

    const START: Timestamp = Timestamp::from_seconds(1_590_019_200);

    fn week() -> Window {
        Window {
            start: START,
            end: START.plus(7 * DAY),
        }
    }

    fn series(id: &str, hours: impl Iterator<Item = i64>) -> Series {
        Series {
            meta: SeriesMeta {
                id: id.into(),
                period_s: Some(3_600),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(hours.map(|h| (START.plus(h * HOUR), 1.0)).collect()),
        }
    }

    fn batch(source: &str, query: &str, series: &[&str], events: usize) -> Provenance {
        Provenance {
            source: source.into(),
            query: query.into(),
            window: Some(week()),
            series: series.iter().map(|s| (*s).to_owned()).collect(),
            events,
            ..Provenance::default()
        }
    }

    fn rows(evidence: &Evidence) -> Vec<Coverage> {
        let incident = Incident {
            window: week(),
            ..Incident::default()
        };
        coverage(&incident, evidence, |_| None, week().end)
    }

    #[test]
    fn a_table_over_three_of_seven_days_covers_43_percent() {
        let evidence = Evidence {
            window: week(),
            series: vec![series("a", 0..72)],
            provenance: vec![batch("csv", "files/a.csv", &["a"], 0)],
            ..Evidence::default()
        };
        let rows = rows(&evidence);
        assert_eq!(format!("{:.0}", rows[0].share * 100.0), "43", "{rows:?}");
        assert_eq!(rows[0].span.unwrap().end, START.plus(3 * DAY));
    }

    #[test]
    fn two_days_with_five_between_are_two_days() {
        let evidence = Evidence {
            window: week(),
            series: vec![
                series("a", 0..24),
                series("b", 12..24),
                series("c", 144..168),
            ],
            provenance: vec![batch("cloudwatch", "GetMetricData", &["a", "b", "c"], 0)],
            ..Evidence::default()
        };
        assert!((rows(&evidence)[0].share - 2.0 / 7.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_read_is_nothing_and_one_sample_is_a_point() {
        let evidence = Evidence {
            window: week(),
            series: vec![series("once", 5..6)],
            provenance: vec![
                batch("bundle", "series.jsonl, events.jsonl", &[], 0),
                batch("csv", "files/unread.csv", &[], 0),
                batch("touch", "files/touch.txt", &["once"], 0),
            ],
            ..Evidence::default()
        };
        let rows = rows(&evidence);
        let names: Vec<&str> = rows.iter().map(|r| r.source.as_str()).collect();
        assert_eq!(
            names,
            ["csv", "touch"],
            "a bundle with nothing gave nothing"
        );
        assert_eq!((rows[0].span, rows[0].share), (None, 0.0));
        let point = rows[1].span.unwrap();
        assert_eq!(
            (point.start, point.end),
            (START.plus(5 * HOUR), point.start)
        );
        assert!(rows[1].share.abs() < 1e-9);
    }

    #[test]
    fn events_of_a_file_reach_from_the_first_to_the_last() {
        let event = |id: &str, kind: EventKind, hour: i64| Event {
            id: id.into(),
            kind,
            start: Some(START.plus(hour * HOUR)),
            ..Event::default()
        };
        let mut evidence = Evidence {
            window: week(),
            events: vec![
                event("files/pods.txt#1", EventKind::PodTerminating, 24),
                event("files/pods.txt.2#1", EventKind::LogPattern, 0),
                event("k8s-1", EventKind::Rollout, 3),
            ],
            provenance: vec![Provenance {
                asked_at: Some(START.plus(48 * HOUR)),
                ..batch("kubectl-table", "files/pods.txt", &[], 1)
            }],
            ..Evidence::default()
        };
        let span = rows(&evidence)[0].span.unwrap();
        assert_eq!(
            (span.start, span.end),
            (START.plus(DAY), START.plus(2 * DAY))
        );
        // A cluster that was asked for the week and told of one rollout tells of the week.
        evidence.provenance = vec![batch("kubernetes", "watch", &[], 1)];
        assert!((rows(&evidence)[0].share - 1.0).abs() < 1e-9);
        // But not of the days for which it says itself that nobody asked.
        evidence.provenance[0].gaps = vec![model::Gap {
            what: String::new(),
            window: Window::new(START.plus(-DAY), START.plus(2 * DAY)),
            reason: "not asked".into(),
        }];
        assert!((rows(&evidence)[0].share - 5.0 / 7.0).abs() < 1e-9);
        // Nor where that stands apart from its answer.
        let gaps = std::mem::take(&mut evidence.provenance[0].gaps);
        evidence.provenance.push(Provenance {
            window: None,
            gaps,
            ..batch("kubernetes", Provenance::UNASKED, &[], 0)
        });
        assert!((rows(&evidence)[0].share - 5.0 / 7.0).abs() < 1e-9);
    }
}
