//! What must hold for any input when looking forward and sideways.

#[allow(dead_code, reason = "the golden tests use the rest")]
mod script;

use analysis::{Settings, analyse, back_test, fingerprint, similar, sweep, what_if};
use model::{
    Analysis, Event, EventKind, Evidence, Samples, Series, SeriesMeta, Timestamp, Window,
    analysis::{
        Verdict,
        back_test::{Comparison, MissingData, Periods, Rule},
        what_if::{Part, Scenario, Throughput},
    },
    time::{DAY, HOUR, MINUTE},
};
use proptest::prelude::*;
use script::Script;

fn periods(breaching: u32, of: u32, period_s: u32) -> Periods {
    Periods {
        period_s,
        breaching,
        of,
        missing: MissingData::Missing,
    }
}

/// Every kind of rule on one series.
fn rules(series: &str, threshold: f64, periods: Periods) -> Vec<Rule> {
    let comparisons = [
        Comparison::GreaterThan,
        Comparison::GreaterOrEqual,
        Comparison::LessThan,
        Comparison::LessOrEqual,
    ];
    let mut out: Vec<Rule> = comparisons
        .into_iter()
        .map(|comparison| Rule::Threshold {
            series: series.into(),
            comparison,
            threshold,
            periods,
        })
        .collect();
    out.push(Rule::CreditForecast {
        series: series.into(),
        horizon_s: threshold,
        lookback_s: 3_600,
        periods,
    });
    out.push(Rule::Anomaly {
        series: series.into(),
        deviations: threshold,
        lookback_s: 86_400,
        periods,
    });
    out.push(Rule::ZombieAge { age_s: threshold });
    out
}

/// Every kind of scenario.
fn scenarios(at: Timestamp, number: f64) -> Vec<Scenario> {
    vec![
        Scenario::WithoutSuspect,
        Scenario::Mitigated { at },
        Scenario::Throughput(Throughput::Elastic),
        Scenario::Throughput(Throughput::Provisioned { mib_per_s: number }),
        Scenario::Throughput(Throughput::Bursting {
            stored_bytes: number,
        }),
        Scenario::Size {
            earned_per_s: number,
            cap: number,
        },
        Scenario::LessIo {
            part: Part::All,
            share: number,
        },
        Scenario::LessIo {
            part: Part::Metadata,
            share: number,
        },
    ]
}

/// Asks everything; returns the answers as bytes.
fn everything(evidence: &Evidence, analysis: &Analysis, number: f64, periods: Periods) -> String {
    let mut out = Vec::new();
    let settings = Settings::default();
    for series in evidence.series.iter().map(|s| &s.meta.id) {
        for rule in rules(series, number, periods) {
            out.push(format!("{:?}", back_test(evidence, analysis, &rule)));
            out.push(format!("{:?}", sweep(evidence, analysis, &rule, 1.0)));
        }
        for scenario in scenarios(evidence.window.start.plus(HOUR), number) {
            let answer = what_if(evidence, analysis, &settings, series, &scenario);
            out.push(format!("{answer:?}"));
        }
    }
    let print = fingerprint(evidence, analysis);
    out.push(format!(
        "{:?}",
        similar(&print, std::slice::from_ref(&print))
    ));
    out.join("\n")
}

const NAMES: [(&str, &str); 8] = [
    ("CPUCreditBalance", "Average"),
    ("CPUUtilization", "Average"),
    ("BurstBalance", "Average"),
    ("VolumeReadOps", "Sum"),
    ("VolumeWriteOps", "Sum"),
    ("BurstCreditBalance", "Minimum"),
    ("MeteredIOBytes", "Sum"),
    ("MetadataIOBytes", "Sum"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_input_makes_it_panic(
        wild in prop::collection::vec((0_usize..8, any::<i64>(), any::<f64>()), 0..120),
        tame in prop::collection::vec((0_usize..8, 0_i64..600, -10.0_f64..1e3), 0..600),
        pods in prop::collection::vec((any::<Option<i64>>(), any::<Option<i64>>()), 0..8),
        window in prop_oneof![
            (any::<i64>(), any::<i64>()),
            Just((0_i64, 50 * HOUR)),
        ],
        number in prop_oneof![any::<f64>(), 0.0_f64..2.0],
        (m, n, period_s) in (any::<u32>(), any::<u32>(), any::<u32>()),
    ) {
        let points = wild
            .into_iter()
            .chain(tame.into_iter().map(|(k, t, v)| (k, t * 5 * MINUTE, v)));
        let mut columns: [Vec<(Timestamp, f64)>; 8] = Default::default();
        for (k, t, v) in points {
            columns[k].push((Timestamp::from_millis(t), v));
        }
        let series = NAMES.iter().zip(columns).map(|((name, stat), points)| Series {
            meta: SeriesMeta {
                id: (*name).into(),
                name: (*name).into(),
                stat: (*stat).into(),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(points),
        });
        let events = pods.into_iter().enumerate().map(|(k, (start, end))| Event {
            id: format!("e{k}"),
            kind: EventKind::PodTerminating,
            start: start.map(Timestamp::from_millis),
            end: end.map(Timestamp::from_millis),
            ..Event::default()
        });
        let mut evidence = Evidence {
            window: Window {
                start: Timestamp::from_millis(window.0),
                end: Timestamp::from_millis(window.1),
            },
            series: series.collect(),
            events: events.collect(),
            ..Evidence::default()
        };
        evidence.sort();
        let analysis = analyse(&evidence, &Settings::default(), Timestamp::from_millis(i64::MAX));
        for period_s in [period_s, 300] {
            let periods = periods(m % 8, n % 8, period_s);
            prop_assert!(!everything(&evidence, &analysis, number, periods).is_empty());
        }
    }
}

fn analysed(evidence: &Evidence) -> Analysis {
    analyse(evidence, &Settings::default(), evidence.window.end)
}

#[test]
fn the_same_evidence_in_another_order_gives_the_same_bytes() {
    let evidence = Script::story().evidence();
    let mut shuffled = evidence.clone();
    shuffled.events.reverse();
    let analysis = analysed(&evidence);
    let ask = |evidence: &Evidence| everything(evidence, &analysis, 0.5, periods(2, 3, 300));
    let first = ask(&evidence);
    assert_eq!(first, ask(&evidence));
    assert_eq!(first, ask(&shuffled));
}

#[test]
fn shifting_time_shifts_what_would_have_fired() {
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
    let (a, b) = (analysed(&evidence), analysed(&later));
    for series in ["credits", "meta", "latency"] {
        for rule in rules(series, 0.5, periods(2, 3, 300)) {
            let (Verdict::Found(x), Verdict::Found(y)) = (
                back_test(&evidence, &a, &rule),
                back_test(&later, &b, &rule),
            ) else {
                panic!("unknown: {rule:?}")
            };
            assert_eq!(x.first.map(|t| t.plus(shift)), y.first, "{rule:?}");
            assert_eq!((x.lead_s, x.false_alarms), (y.lead_s, y.false_alarms));
        }
    }
    assert_eq!(
        fingerprint(&evidence, &a).features,
        fingerprint(&later, &b).features
    );
}

#[test]
fn scaling_a_series_and_its_threshold_changes_nothing() {
    let evidence = Script::story().evidence();
    let mut scaled = evidence.clone();
    for s in scaled.series.iter_mut().filter(|s| s.meta.id == "latency") {
        let points = s.samples.iter().map(|(t, v)| (t, v * 8.0)).collect();
        s.samples = Samples::from_unordered(points);
    }
    let analysis = analysed(&evidence);
    let rule = |threshold: f64| Rule::Threshold {
        series: "latency".into(),
        comparison: Comparison::GreaterThan,
        threshold,
        periods: periods(3, 5, 60),
    };
    let small = back_test(&evidence, &analysis, &rule(0.5));
    assert_eq!(small, back_test(&scaled, &analysis, &rule(4.0)));
    let Verdict::Found(out) = small else {
        panic!("unknown")
    };
    // It is felt at once when the credits are gone; so the alarm on it is late, and never early.
    assert_eq!(out.false_alarms, 0);
    let lead = out.lead_s.expect("it fires");
    assert!((-600..=0).contains(&lead), "{lead} s");
}

#[test]
fn a_quiet_window_has_nothing_but_false_alarms() {
    let evidence = Script::quiet().evidence();
    let analysis = analysed(&evidence);
    let rule = Rule::Threshold {
        series: "requests".into(),
        comparison: Comparison::GreaterThan,
        threshold: 102.0,
        periods: periods(1, 1, 60),
    };
    let Verdict::Found(out) = back_test(&evidence, &analysis, &rule) else {
        panic!("unknown")
    };
    assert_eq!((out.first, out.lead_s), (None, None));
    assert!(out.false_alarms > 100, "{}", out.false_alarms);
    assert_eq!(out.quiet_s, evidence.window.millis() / 1000);
    let Verdict::Found(swept) = sweep(&evidence, &analysis, &rule, 1.0) else {
        panic!("unknown")
    };
    assert_eq!(swept.best, None);
    assert!(swept.note.is_some());
}
