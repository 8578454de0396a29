//! Stories of windows: what is read of one is what a look through everything finds.

use super::{
    place::{Place, stories},
    sample::{START, edge, event, id, incident, provenance, series},
};
use model::{
    Batch, Event, EventKind, Evidence, Samples, Series, Timestamp, Window,
    time::{DAY, HOUR, MINUTE},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

/// Milliseconds: of all orders, and around the borders of days and hours.
fn any_length() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        0..MINUTE,
        0..HOUR,
        0..DAY,
        0..40 * DAY,
        0..4_000 * DAY,
        prop::sample::select(vec![MINUTE, HOUR, DAY, DAY + 1, 30 * DAY, 30 * DAY + 1]),
        -DAY..0,
    ]
}

fn any_start() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        -6 * DAY..6 * DAY,
        -4_000 * DAY..0,
        (-6..6_i64).prop_map(|d| d * DAY)
    ]
    .prop_map(|ms| START.plus(ms))
}

/// An event of any kind, whose start and end may be unknown, bounded or turned around.
fn any_event() -> impl Strategy<Value = Event> {
    let kind = prop::sample::select(EventKind::KNOWN.to_vec());
    let start = prop::option::weighted(0.9, any_start());
    let length = prop::option::weighted(0.7, any_length());
    let seen = prop::option::weighted(0.3, any_start());
    (kind, start, length, seen).prop_map(|(kind, start, length, seen)| {
        let mut event = Event {
            kind,
            start,
            end: length.map(|ms| start.unwrap_or(START).plus(ms)),
            ..event("", "")
        };
        if let Some(seen) = seen {
            let seen = serde_json::Value::from(seen.to_string());
            event.attributes.insert("start_latest".into(), seen);
        }
        event
    })
}

fn any_window() -> impl Strategy<Value = Window> {
    (any_start(), 1..3 * DAY).prop_map(|(start, length)| Window {
        start,
        end: start.plus(length),
    })
}

fn any_batch() -> impl Strategy<Value = Batch> {
    let points = prop::collection::vec((-6 * DAY..6 * DAY, 0..100_i64), 0..200);
    let all_series = prop::collection::vec(points, 3);
    let events = prop::collection::vec(any_event(), 60);
    let asked = prop::option::weighted(0.8, any_window());
    (all_series, events, asked).prop_map(|(points, events, asked)| Batch {
        series: points.into_iter().enumerate().map(named).collect(),
        events: events
            .into_iter()
            .enumerate()
            .map(|(n, event)| Event {
                id: format!("e{n:03}"),
                ..event
            })
            .collect(),
        topology: vec![edge("pod", "fs"), edge("node", "fs")],
        provenance: model::Provenance {
            window: asked,
            gaps: asked.map(gap).into_iter().collect(),
            ..provenance("anything")
        },
        ..Batch::default()
    })
}

/// From the third minute of what was asked to a day after it.
fn gap(asked: Window) -> model::Gap {
    model::Gap {
        what: String::new(),
        window: Window::new(asked.start.plus(180_000), asked.end.plus(DAY)),
        reason: "no answer".into(),
    }
}

fn named((n, points): (usize, Vec<(i64, i64)>)) -> Series {
    let at = |(ms, v): (i64, i64)| (START.plus(ms), v as f64);
    Series {
        samples: Samples::from_unordered(points.into_iter().map(at).collect()),
        ..series(&format!("s{n}"), &[])
    }
}

/// A look through everything.
fn looked_through(mut all: Evidence, window: Window) -> Evidence {
    all.window = window;
    for series in &mut all.series {
        let inside = series.samples.iter().filter(|(t, _)| window.contains(*t));
        series.samples = Samples::from_unordered(inside.collect());
    }
    all.events.retain(|event| event.touches(window));
    all.provenance.retain(|p| {
        p.window
            .is_none_or(|w| w.start < window.end && window.start < w.end)
    });
    let cut = |of: &mut Option<Window>| {
        if let Some(w) = of {
            w.start = w.start.max(window.start);
            w.end = w.end.min(window.end);
        }
    };
    for told in &mut all.provenance {
        cut(&mut told.window);
        told.gaps.iter_mut().for_each(|gap| cut(&mut gap.window));
        told.gaps
            .retain(|gap| gap.window.is_none_or(|w| w.start < w.end));
    }
    all
}

async fn a_window_has_what_a_look_through_everything_finds(place: &Place) {
    let store = place.open().await;
    let mut runner = TestRunner::deterministic();
    for n in 1..=6 {
        let batch = any_batch().new_tree(&mut runner).unwrap().current();
        let incident = model::Incident {
            digest: None,
            ..incident(n)
        };
        store.create_incident(&incident).await.unwrap();
        store.add_batch(&incident.id, &batch).await.unwrap();
        let archive = store.archive(&format!("source {n}")).await.unwrap();
        store.record(&archive, &batch, &[]).await.unwrap();
        let all = store.evidence(&incident.id).await.unwrap().unwrap();
        assert_eq!(all.events.len(), 60);
        let mut found = 0;
        for _ in 0..20 {
            let window = any_window().new_tree(&mut runner).unwrap().current();
            let expected = looked_through(all.clone(), window);
            found += expected.events.len();
            let of_incident = store.evidence_between(&incident.id, window).await.unwrap();
            assert_eq!(of_incident, expected, "{window:?}");
            let of_archive = store.evidence_between(&archive, window).await.unwrap();
            let expected = Evidence {
                impact: None,
                symptom: Vec::new(),
                provenance: of_archive.provenance.clone(),
                ..expected
            };
            assert_eq!(of_archive, expected, "{window:?}");
        }
        assert!(found > 0, "no window had an event");
    }
}

async fn the_ends_of_all_time_are_a_window(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let batch = Batch {
        series: vec![series("io", &[(0, 1.0)])],
        events: vec![event("e1", "")],
        ..Batch::default()
    };
    store.add_batch(&id(1), &batch).await.unwrap();
    let ends = [i64::MIN, i64::MAX].map(Timestamp::from_millis);
    for (start, end, all) in [
        (ends[0], ends[1], true),
        (Timestamp::MIN, Timestamp::MAX, true),
        (ends[0], START, false),
        (ends[1], ends[1], false),
        (ends[1], ends[0], false),
        (ends[0], ends[0], false),
    ] {
        let window = Window { start, end };
        let found = store.evidence_between(&id(1), window).await.unwrap();
        let counts = (found.events.len(), found.series[0].samples.len());
        assert_eq!(counts, if all { (1, 1) } else { (0, 0) }, "{window:?}");
    }
}

async fn what_goes_on_since_long_ago_is_in_every_later_window(place: &Place) {
    let store = place.open().await;
    let archive = store.archive("prod").await.unwrap();
    let mut stuck = Event {
        kind: EventKind::PodTerminating,
        start: Some(START),
        ..event("stuck", "")
    };
    let tell = async |event: &Event| {
        let batch = Batch {
            events: vec![event.clone()],
            ..Batch::default()
        };
        store.record(&archive, &batch, &[]).await.unwrap();
    };
    let day = |n: i64| Window {
        start: START.plus(n * DAY),
        end: START.plus((n + 1) * DAY),
    };
    let seen_on = async |n: i64| {
        let found = store.evidence_between(&archive, day(n)).await.unwrap();
        !found.events.is_empty()
    };
    tell(&stuck).await;
    assert_eq!([seen_on(-1).await, seen_on(0).await], [false, true]);
    assert!(seen_on(900).await);
    // It ends.
    stuck.end = Some(START.plus(400 * DAY + HOUR));
    tell(&stuck).await;
    assert_eq!([seen_on(400).await, seen_on(401).await], [true, false]);
    assert_eq!([seen_on(-1).await, seen_on(900).await], [false, false]);
}

stories!(
    a_window_has_what_a_look_through_everything_finds,
    the_ends_of_all_time_are_a_window,
    what_goes_on_since_long_ago_is_in_every_later_window,
);
