//! Small incidents made by hand, one for each way in which the answer could go wrong.

#[allow(dead_code, reason = "calibration uses the rest")]
mod made;
#[allow(dead_code, reason = "the golden tests use the rest")]
mod script;

use made::{Made, at, noise};
use model::{Analysis, SeriesMeta, time::MINUTE};

/// Latency with a light daily wave, one second slower in a span of minutes.
fn slower(seed: u64, from: i64, to: i64) -> impl FnMut(i64) -> f64 {
    let mut noise = noise(seed);
    move |i| {
        let wave = 0.02 * (i as f64 / 1440.0 * std::f64::consts::TAU).sin();
        0.2 + wave + if (from..to).contains(&i) { 1.0 } else { 0.0 } + 0.016 * noise()
    }
}

/// The minute of an instant.
fn minute(t: model::Timestamp) -> i64 {
    t.since(at(0)) / MINUTE
}

#[test]
fn an_impact_ends_when_the_ramp_back_has_arrived() {
    let mut noise = noise(7);
    let out = Made::days(1)
        .symptom("lat", |i| {
            let high = match i {
                600..1000 => 1.2,
                1000..1060 => 1.2 * (1.0 - (i - 1000) as f64 / 60.0),
                _ => 0.0,
            };
            0.3 + high + 0.016 * noise()
        })
        .analysed();
    let impact = out.impact.expect("felt");
    assert_eq!(minute(impact.start), 600);
    let end = minute(impact.end.expect("ended"));
    assert!((1050..=1062).contains(&end), "{end}");
}

#[test]
fn an_impact_with_sharp_edges_ends_at_its_last_sample() {
    for seed in 1..=12 {
        let out = Made::days(1)
            .symptom("lat", slower(seed, 600, 1000))
            .analysed();
        let impact = out.impact.expect("felt");
        let end = minute(impact.end.expect("ended"));
        assert_eq!((minute(impact.start), end), (600, 1000), "seed {seed}");
    }
}

#[test]
fn a_small_wiggle_hours_before_is_not_the_onset() {
    for seed in 1..=16 {
        let from = 500 + 43 * i64::try_from(seed).expect("small");
        let mut made = Made::days(1).symptom("lat", slower(seed, from, 9999));
        made.stated(from + 3);
        made.rollout("r0", "other", 100);
        made.rollout("r1", "web", from - 2);
        made.rollout("r2", "third", from + 150);
        let out = made.analysed();
        let start = minute(out.impact.as_ref().expect("felt").start);
        assert!(
            (start - from).abs() <= 1,
            "seed {seed}: {start}, not {from}"
        );
        assert_eq!(out.suspects[0].events, ["r1"], "seed {seed}");
        assert!(
            !out.ruled_out
                .iter()
                .any(|r| r.hypothesis == "rollout_near_symptom"),
            "seed {seed}: {:?}",
            out.ruled_out
        );
    }
}

#[test]
fn business_hours_are_no_incident() {
    let mut noise = noise(45);
    let mut made = Made::days(7).symptom("lat", |i| {
        let busy = (480..1080).contains(&(i % 1440));
        0.2 + if busy { 0.5 } else { 0.0 } + 0.01 * noise()
    });
    made.rollout("a", "a", 1440 * 3 + 478);
    made.rollout("b", "b", 1440 * 5 + 476);
    let out = made.analysed();
    assert_eq!(out.impact, None);
    assert!(out.suspects.is_empty(), "{:?}", out.suspects);
}

#[test]
fn a_named_symptom_may_fall() {
    for (name, high, low) in [("requests", 100.0, 20.0), ("PermittedThroughput", 1e8, 5e6)] {
        let mut noise = noise(8);
        let mut made = Made::days(1).symptom(name, |i| {
            (if i < 800 { high } else { low }) * (1.0 + 0.02 * noise())
        });
        made.rollout("a", "web", 798);
        let out = made.analysed();
        let impact = out.impact.expect(name);
        assert_eq!(minute(impact.start), 800, "{name}");
        assert!(impact.worst < low && impact.during < impact.normal);
        assert_eq!(out.suspects[0].events, ["a"], "{name}");
    }
}

#[test]
fn of_two_symptoms_alike_the_one_that_was_hit_first_counts() {
    let mut late = slower(4, 1000, 9999);
    let mut made = Made::days(1)
        .symptom("lat", slower(3, 400, 9999))
        .symptom("err", move |i| 5.0 * late(i));
    made.rollout("a", "a", 398);
    made.rollout("b", "b", 998);
    let out = made.analysed();
    assert_eq!(minute(out.impact.expect("felt").start), 400);
    assert_eq!(out.suspects[0].events, ["a"]);
}

/// A burst balance that falls from the minute 200 on, and nothing else.
fn draining() -> Made {
    let meta = SeriesMeta {
        id: "bal".into(),
        name: "BurstCreditBalance".into(),
        namespace: "AWS/EFS".into(),
        stat: "Minimum".into(),
        ..SeriesMeta::default()
    };
    Made::days(1).series(meta, |i| 2e12 - 1e9 * (i - 200).max(0) as f64)
}

#[test]
fn a_balance_that_drains_rules_no_limit_out() {
    for felt in [false, true] {
        let mut made = draining();
        if felt {
            made = made.symptom("lat", slower(5, 900, 9999));
        }
        let out = made.analysed();
        assert!(
            !out.ruled_out.iter().any(|r| r.hypothesis == "quota"),
            "{:?}",
            out.ruled_out
        );
        let unknown = out.unknown.iter().find(|u| u.hypothesis == "quota");
        let missing = &unknown.expect("unknown").missing;
        assert!(missing.contains("falling"), "{missing}");
    }
}

#[allow(clippy::expect_used, reason = "helpers of tests are tests too")]
fn item<'a>(out: &'a Analysis, factor: &str) -> &'a str {
    let evidence = &out.suspects[0].evidence;
    let item = evidence.iter().find(|i| i.factor == factor);
    &item.expect("weighed").text
}

#[test]
fn numbered_objects_are_objects_of_their_own() {
    let mut made = Made::days(1).symptom("lat", slower(7, 800, 9999));
    for k in 1..=9 {
        made.rollout(&format!("x{k}"), &format!("web-{k}"), 100 * k + 97);
    }
    // Two within ten minutes are one occasion of the object, as of the kind.
    made.rollout("again", "web-7", 799);
    let out = made.analysed();
    let text = item(&out, "specificity");
    assert!(text.contains("9 occasions"), "{text}");
    assert!(text.contains("1 of them to the same object"), "{text}");
}

#[test]
fn the_lag_that_is_told_is_the_lag_that_is_given() {
    let evidence = script::Script::story().evidence();
    let out = analysis::analyse(
        &evidence,
        &analysis::Settings::default(),
        evidence.window.end,
    );
    let lag = out.suspects[0].explains[0].lag_s;
    let text = item(&out, "precedes");
    let said = model::time::span_text(lag * 1000);
    assert!(
        text.starts_with(&format!("it began {said} before")),
        "{lag}: {text}"
    );
    assert!(
        text.contains("its first stuck pod came 1 min before it"),
        "{text}"
    );
}

#[test]
fn a_level_shift_is_timed_to_its_sample_by_medians() {
    let mut exact = 0;
    for seed in 1..=20 {
        let (mut even, mut wild) = (made::noise(seed), made::uniform(seed + 99));
        let from = 600 + 7 * i64::try_from(seed).expect("small");
        // As metadata I/O looks: noise that grows with the level, spikes, and a minute in between.
        let made = Made::days(1).symptom("meta", |i| {
            let level = match i - from {
                ..0 => 70.0,
                0 => 500.0,
                _ => 770.0,
            };
            let spike = if wild() < 0.02 { 2.0 } else { 1.0 };
            level * spike * (1.0 + 0.05 * even())
        });
        let out = made.analysed();
        let near = out
            .changepoints
            .iter()
            .filter(|c| c.after > 3.0 * c.before)
            .map(|c| minute(c.at) - from)
            .min_by_key(|d| d.abs())
            .expect("found");
        // The minute in between may fall to either side.
        exact += u32::from((0..=1).contains(&near));
    }
    // The search itself is off by more than the reach now and then.
    assert!(exact >= 17, "{exact} of 20");
}

#[test]
fn a_coincidence_in_time_alone_is_never_certain() {
    use model::EventKind;
    let unknown = || EventKind::Other("comet".to_owned());
    for (kind, most) in [
        (EventKind::Rollout, 0.86),
        (EventKind::JobRun, 0.75),
        (unknown(), 0.6),
    ] {
        let mut made = Made::days(1).symptom("lat", slower(7, 800, 9999));
        made.event("z", kind.clone(), "docs", 799);
        let out = made.analysed();
        let score = out.suspects[0].score;
        assert!(score <= most, "{kind:?}: {score}");
        assert!(item(&out, "corroboration").contains("only its time"));
    }
}
