//! What must hold for any input.

#[allow(dead_code, reason = "the golden tests use the rest")]
mod script;

use analysis::{Settings, analyse, detect};
use model::{
    Event, EventKind, Evidence, Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, MINUTE},
};
use proptest::prelude::*;
use script::Script;

fn series(points: &[(i64, f64)], stat: &str) -> Series {
    Series {
        meta: SeriesMeta {
            id: "s".into(),
            name: "BurstCreditBalance latency".into(),
            stat: stat.into(),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(
            points
                .iter()
                .map(|(t, v)| (Timestamp::from_millis(*t), *v))
                .collect(),
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_input_makes_it_panic(
        points in prop::collection::vec((any::<i64>(), any::<f64>()), 0..300),
        events in prop::collection::vec((0_usize..14, any::<Option<i64>>(), any::<Option<i64>>()), 0..20),
        window in (any::<i64>(), any::<i64>()),
        counter in any::<bool>(),
    ) {
        let one = series(&points, if counter { "Counter" } else { "Sum" });
        let mut named = one.clone();
        named.meta.name = "CPUCreditBalance".into();
        named.meta.id = "c".into();
        let events = events
            .into_iter()
            .enumerate()
            .map(|(k, (kind, start, end))| Event {
                id: format!("e{k}"),
                kind: EventKind::KNOWN[kind].clone(),
                start: start.map(Timestamp::from_millis),
                end: end.map(Timestamp::from_millis),
                ..Event::default()
            })
            .collect();
        let evidence = Evidence {
            window: Window {
                start: Timestamp::from_millis(window.0),
                end: Timestamp::from_millis(window.1),
            },
            series: vec![one, named],
            events,
            ..Evidence::default()
        };
        let now = Timestamp::from_millis(i64::MAX);
        let out = analyse(&evidence, &Settings::default(), now);
        prop_assert!(out.suspects.iter().all(|s| (0.0..=1.0).contains(&s.score)));
    }

    #[test]
    fn scaling_a_series_moves_no_change_point(
        exponent in -6_i32..7,
        values in prop::collection::vec(0.0_f64..1.0, 200..400),
        step in 2.0_f64..20.0,
    ) {
        // Powers of two, so that the arithmetic itself scales exactly.
        let scale = 2.0_f64.powi(exponent);
        let n = values.len();
        let points = |scale: f64| -> Vec<(i64, f64)> {
            values
                .iter()
                .enumerate()
                .map(|(i, v)| (i64::try_from(i).unwrap_or(0) * MINUTE, scale * (v + if i > n / 2 { step } else { 0.0 })))
                .collect()
        };
        let times = |scale: f64| -> Vec<Timestamp> {
            let found = detect(&series(&points(scale), "Average"), &Settings::default());
            found.changepoints.iter().map(|c| c.at).collect()
        };
        prop_assert_eq!(times(1.0), times(scale));
        prop_assert!(!times(1.0).is_empty());
    }
}

#[test]
fn shifting_time_by_whole_days_moves_everything_with_it() {
    let evidence = Script::story().evidence();
    let shift = 11 * DAY;
    let mut later = evidence.clone();
    later.window.start = evidence.window.start.plus(shift);
    later.window.end = evidence.window.end.plus(shift);
    for s in &mut later.series {
        let points = s.samples.iter().map(|(t, v)| (t.plus(shift), v)).collect();
        s.samples = Samples::from_unordered(points);
    }
    for e in &mut later.events {
        e.start = e.start.map(|t| t.plus(shift));
        e.end = e.end.map(|t| t.plus(shift));
    }
    let settings = Settings::default();
    let a = analyse(&evidence, &settings, evidence.window.end);
    let b = analyse(&later, &settings, later.window.end);
    assert_eq!(a.changepoints.len(), b.changepoints.len());
    for (x, y) in a.changepoints.iter().zip(&b.changepoints) {
        assert_eq!(x.at.plus(shift), y.at);
    }
    assert_eq!(
        a.credits[0].exhausted_at.map(|t| t.plus(shift)),
        b.credits[0].exhausted_at
    );
    let scores = |a: &model::Analysis| -> Vec<(Vec<String>, f64)> {
        a.suspects
            .iter()
            .map(|s| (s.events.clone(), s.score))
            .collect()
    };
    assert_eq!(scores(&a), scores(&b));
}

#[test]
fn the_order_of_events_and_series_changes_nothing_and_bytes_are_equal() {
    let evidence = Script::story().evidence();
    let mut shuffled = evidence.clone();
    shuffled.events.reverse();
    shuffled.series.rotate_left(3);
    let settings = Settings::default();
    let text = |e: &Evidence| {
        serde_json::to_string(&analyse(e, &settings, e.window.end)).expect("serialises")
    };
    let first = text(&evidence);
    assert_eq!(first, text(&evidence));
    assert_eq!(first, text(&shuffled));
}

#[test]
fn removing_a_series_never_finds_or_clears_what_it_showed() {
    let evidence = Script::story().evidence();
    let settings = Settings::default();
    let whole = analyse(&evidence, &settings, evidence.window.end);
    for removed in evidence.series.iter().map(|s| s.meta.id.clone()) {
        let mut less = evidence.clone();
        less.series.retain(|s| s.meta.id != removed);
        let out = analyse(&less, &settings, less.window.end);
        for found in &out.found {
            let before = whole.found.iter().any(|f| f.hypothesis == found.hypothesis);
            assert!(before, "without {removed}: {found:?}");
        }
        for clear in &out.ruled_out {
            assert!(
                !clear.series.contains(&removed),
                "without {removed}: {clear:?}"
            );
        }
    }
}

#[test]
fn a_series_that_came_in_batches_is_the_same_series() {
    let evidence = Script::story().evidence();
    let mut batched = evidence.clone();
    for s in &mut batched.series {
        let points: Vec<(Timestamp, f64)> = s.samples.iter().collect();
        // Later batches first, and each overlaps the next by ten samples that were asked for again.
        let batches = points.chunks(700).enumerate().rev();
        let parts: Vec<(Timestamp, f64)> = batches
            .flat_map(|(k, part)| {
                let again = points.iter().skip((k + 1) * 700).take(10);
                part.iter().chain(again).copied()
            })
            .collect();
        s.samples = Samples::from_unordered(parts);
    }
    let settings = Settings::default();
    assert_eq!(
        analyse(&evidence, &settings, evidence.window.end),
        analyse(&batched, &settings, batched.window.end)
    );
}

#[test]
fn an_unrelated_event_changes_nothing_but_how_often_such_events_happen() {
    let mut script = Script::story();
    let evidence = script.evidence();
    let settings = Settings::default();
    let before = analyse(&evidence, &settings, evidence.window.end);
    for hours in [3, 26, 70, 100] {
        script = Script::story();
        script.rollout(
            "elsewhere",
            "payroll",
            evidence.window.start.plus(hours * 60 * MINUTE),
        );
        let more = script.evidence();
        let after = analyse(&more, &settings, more.window.end);
        assert_eq!(before.changepoints, after.changepoints);
        assert_eq!(before.anomalies, after.anomalies);
        assert_eq!(before.credits, after.credits);
        assert_eq!(before.stuck_pods, after.stuck_pods);
        assert_eq!(before.impact, after.impact);
        assert_eq!(before.driver, after.driver);
        assert_eq!(before.resources, after.resources);
        assert_eq!(before.suspects[0].events, after.suspects[0].events);
        let moved = (before.suspects[0].score - after.suspects[0].score).abs();
        assert!(moved < 0.05, "{hours} h: {moved}");
        let verdicts = |a: &model::Analysis| -> Vec<String> {
            let clear = a.ruled_out.iter().map(|r| r.hypothesis.clone());
            let found = a.found.iter().map(|f| f.hypothesis.clone());
            clear.chain(found).collect()
        };
        assert_eq!(verdicts(&before), verdicts(&after), "{hours} h");
    }
}

#[test]
fn removing_events_or_samples_never_finds_anything_new() {
    let evidence = Script::story().evidence();
    let settings = Settings::default();
    let whole = analyse(&evidence, &settings, evidence.window.end);
    let found = |e: &Evidence| -> Vec<String> {
        let out = analyse(e, &settings, e.window.end);
        out.found.iter().map(|f| f.hypothesis.clone()).collect()
    };
    let known: Vec<String> = whole.found.iter().map(|f| f.hypothesis.clone()).collect();
    for kind in EventKind::KNOWN {
        let mut less = evidence.clone();
        less.events.retain(|e| e.kind != kind);
        let new: Vec<String> = found(&less)
            .into_iter()
            .filter(|f| !known.contains(f))
            .collect();
        assert!(new.is_empty(), "without {kind:?}: {new:?}");
    }
    for id in evidence.series.iter().map(|s| s.meta.id.clone()) {
        let mut less = evidence.clone();
        for s in less.series.iter_mut().filter(|s| s.meta.id == id) {
            let half = s.samples.iter().enumerate().filter(|(i, _)| i % 2 == 0);
            s.samples = Samples::from_unordered(half.map(|(_, p)| p).collect());
        }
        let new: Vec<String> = found(&less)
            .into_iter()
            .filter(|f| !known.contains(f))
            .collect();
        assert!(new.is_empty(), "with half of {id}: {new:?}");
    }
}
