//! `cargo bench -p analysis`: one series of two kinds and two lengths, and a whole incident. How the cost of
//! an incident grows: `cargo run --release -p accuracy -- curve`.
#![allow(
    missing_docs,
    reason = "criterion's macros make public functions without documentation"
)]

use analysis::{Settings, analyse, detect};
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use model::{
    Event, EventKind, Evidence, ObjectRef, Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, MINUTE},
};
use std::{hint::black_box, time::Duration};

/// Roughly normal noise from a counter.
fn noise(state: &mut u64) -> f64 {
    let mut sum = -6.0;
    for _ in 0..12 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        sum += (*state >> 11) as f64 / (1_u64 << 53) as f64;
    }
    sum
}

/// White noise of standard deviation one with means 0, 3, 1 and 2.5.
fn white(n: usize, seed: u64) -> Series {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let points = (0..n)
        .map(|i| {
            let level = match i * 100 / n {
                0..20 => 0.0,
                20..50 => 3.0,
                50..75 => 1.0,
                _ => 2.5,
            };
            let at = i64::try_from(i).unwrap_or(0) * MINUTE;
            (Timestamp::from_millis(at), level + noise(&mut state))
        })
        .collect();
    Series {
        meta: SeriesMeta::default(),
        samples: Samples::from_unordered(points),
    }
}

/// CPU-like: a daily sine, AR(1) noise of 0.6, spikes, and three shifts of the level.
fn metric(n: usize, seed: u64) -> Series {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut rest = 0.0;
    let points = (0..n)
        .map(|i| {
            let at = i64::try_from(i).unwrap_or(0) * MINUTE;
            rest = 0.6 * rest + 1.6 * noise(&mut state);
            let day = (at as f64 / DAY as f64 * std::f64::consts::TAU).sin() * 10.0;
            let level = match i * 100 / n {
                0..20 => 40.0,
                20..50 => 52.0,
                50..75 => 44.0,
                _ => 50.0,
            };
            let spike = if i % 997 == 500 { 25.0 } else { 0.0 };
            (Timestamp::from_millis(at), level + day + rest + spike)
        })
        .collect();
    Series {
        meta: SeriesMeta {
            id: format!("s{seed:02}"),
            name: if seed == 0 {
                "latency".into()
            } else {
                format!("metric {seed}")
            },
            stat: "Average".into(),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(points),
    }
}

fn incident() -> Evidence {
    let n = 14 * 1_440;
    let events = (0..10_000_i64)
        .map(|i| Event {
            id: format!("e{i:05}"),
            kind: if i % 5 == 0 {
                EventKind::Rollout
            } else {
                EventKind::JobRun
            },
            start: Some(Timestamp::from_millis(i * 14 * DAY / 10_000)),
            namespace: format!("team-{}", i % 17),
            object: ObjectRef {
                kind: "Deployment".into(),
                name: format!("app-{}", i % 97),
            },
            ..Event::default()
        })
        .collect();
    let mut evidence = Evidence {
        window: Window {
            start: Timestamp::from_millis(0),
            end: Timestamp::from_millis(14 * DAY),
        },
        series: (0..50).map(|seed| metric(n, seed)).collect(),
        events,
        ..Evidence::default()
    };
    evidence.sort();
    evidence
}

/// Makes a series of a length from a seed.
type Made = fn(usize, u64) -> Series;

/// Ten samples in two seconds: enough to see a change of a few per cent, and done in a minute.
fn brief(group: &mut BenchmarkGroup<'_, WallTime>) {
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
}

fn benches(c: &mut Criterion) {
    let settings = Settings::default();
    let mut group = c.benchmark_group("detect");
    brief(&mut group);
    let kinds: [(&str, Made); 2] = [("noise", white), ("metric", metric)];
    for (kind, made) in kinds {
        for n in [4_320, 20_160] {
            let series = made(n, 1);
            group.bench_with_input(BenchmarkId::new(kind, n), &series, |b, series| {
                b.iter(|| detect(black_box(series), &settings));
            });
        }
    }
    group.finish();
    let evidence = incident();
    let mut group = c.benchmark_group("analyse");
    brief(&mut group);
    group.bench_function("14 days, 50 series, 10,000 events", |b| {
        b.iter(|| analyse(black_box(&evidence), &settings, evidence.window.end));
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
