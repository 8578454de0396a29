//! `cargo bench -p analysis --bench forward`: forecasts, alarms tested back, what-if and recurrence.
#![allow(
    missing_docs,
    reason = "criterion's macros make public functions without documentation"
)]

use analysis::{Settings, back_test, similar, sweep, what_if};
use criterion::{Criterion, criterion_group, criterion_main};
use model::{
    Analysis, Event, EventKind, Evidence, Samples, Series, SeriesMeta, Timestamp, Window,
    analysis::{
        Driver, MeasuredImpact,
        back_test::{Comparison, MissingData, Periods, Rule},
        recurrence::Fingerprint,
        what_if::Scenario,
    },
    time::{DAY, HOUR, MINUTE},
};
use std::{hint::black_box, time::Duration};

/// Even numbers from 0 to 1.
fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn series(id: &str, name: &str, stat: &str, values: &[f64]) -> Series {
    let point = |(i, v): (usize, &f64)| {
        let minute = i64::try_from(i).unwrap_or(0);
        (Timestamp::from_millis(minute * MINUTE), *v)
    };
    Series {
        meta: SeriesMeta {
            id: id.into(),
            name: name.into(),
            namespace: "AWS/EFS".into(),
            stat: stat.into(),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(values.iter().enumerate().map(point).collect()),
    }
}

/// Fourteen days at one minute: quiet for eleven, then the credits go.
fn incident() -> (Evidence, Analysis) {
    let (n, onset) = (14 * 1_440, 11 * 1_440);
    let mut noise = uniform(1);
    let (mut io, mut balance) = (Vec::new(), vec![2.3e12]);
    for i in 0..n {
        let level = if i < onset { 1e6 } else { 15e6 };
        io.push(level * 60.0 * (0.9 + 0.2 * noise()));
        let last = balance.last().copied().unwrap_or(0.0);
        let spent: f64 = io.last().copied().unwrap_or(0.0);
        balance.push((last + 5e6 * 60.0 - spent).clamp(0.0, 2.3e12));
    }
    balance.pop();
    let at = |days: i64| Timestamp::from_millis(days * DAY);
    let events = (0..2_000)
        .map(|k| Event {
            id: format!("e{k:04}"),
            kind: EventKind::PodTerminating,
            start: Some(Timestamp::from_millis(k * 10 * MINUTE)),
            end: (k % 500 != 499).then_some(Timestamp::from_millis(k * 10 * MINUTE + 30_000)),
            ..Event::default()
        })
        .collect();
    let evidence = Evidence {
        window: Window {
            start: at(0),
            end: at(14),
        },
        series: vec![
            series("credits", "BurstCreditBalance", "Average", &balance),
            series("io", "MeteredIOBytes", "Sum", &io),
        ],
        events,
        ..Evidence::default()
    };
    let analysis = Analysis {
        driver: Some(Driver {
            series: "io".into(),
            onset: at(11),
            uncertainty_s: 60,
            before: 6e7,
            after: 9e8,
            mechanism: String::new(),
        }),
        impact: Some(MeasuredImpact {
            series: "io".into(),
            start: at(13),
            end: None,
            normal: 1.0,
            during: 2.0,
            worst: 3.0,
        }),
        ..Analysis::default()
    };
    (evidence, analysis)
}

fn prints(count: usize) -> Vec<Fingerprint> {
    const KINDS: [&str; 6] = ["driver", "shape", "event", "object", "course", "finding"];
    let mut draw = uniform(7);
    (0..count)
        .map(|_| {
            let mut print = Fingerprint::default();
            for kind in KINDS {
                let slot = print.features.entry(kind.into()).or_default();
                for _ in 0..8 {
                    slot.insert(format!("feature {}", (draw() * 60.0) as u32), draw());
                }
            }
            print
        })
        .collect()
}

fn benches(c: &mut Criterion) {
    let (evidence, analysis) = incident();
    let settings = Settings::default();
    let periods = Periods {
        period_s: 60,
        breaching: 3,
        of: 5,
        missing: MissingData::Missing,
    };
    let rules = [
        (
            "threshold",
            Rule::Threshold {
                series: "io".into(),
                comparison: Comparison::GreaterThan,
                threshold: 3e8,
                periods,
            },
        ),
        (
            "credit forecast",
            Rule::CreditForecast {
                series: "credits".into(),
                horizon_s: 86_400.0,
                lookback_s: 10_800,
                periods,
            },
        ),
        ("zombie age", Rule::ZombieAge { age_s: 3_600.0 }),
        (
            "anomaly",
            Rule::Anomaly {
                series: "io".into(),
                deviations: 6.0,
                lookback_s: 86_400,
                periods,
            },
        ),
    ];
    let mut group = c.benchmark_group("forward");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    for (name, rule) in &rules {
        group.bench_function(format!("back-test, {name}, 14 days at 1 minute"), |b| {
            b.iter(|| back_test(black_box(&evidence), &analysis, rule));
        });
        group.bench_function(format!("sweep, {name}, 14 days at 1 minute"), |b| {
            b.iter(|| sweep(black_box(&evidence), &analysis, rule, 1.0));
        });
    }
    let at = Timestamp::from_millis(12 * DAY + 3 * HOUR);
    group.bench_function("what-if, 14 days at 1 minute", |b| {
        let scenario = Scenario::Mitigated { at };
        b.iter(|| {
            what_if(
                black_box(&evidence),
                &analysis,
                &settings,
                "credits",
                &scenario,
            )
        });
    });
    let all = prints(501);
    if let Some((this, others)) = all.split_first() {
        group.bench_function("similar, 500 incidents", |b| {
            b.iter(|| similar(black_box(this), others));
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
