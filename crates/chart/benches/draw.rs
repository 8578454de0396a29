//! What a zoom costs: cutting a slice of a lane, reading it, and drawing lanes.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use chart::{Content, Curve, Ink, Lane, LaneKind, Plot, Size, Slice, positions, svg};
use criterion::{Criterion, criterion_group, criterion_main};
use model::{Timestamp, Window};
use std::hint::black_box;

/// Two weeks at a sample a minute.
const SAMPLES: i64 = 20_160;
const MINUTE: i64 = 60_000;
const COLUMNS: u32 = 1_000;
const SIZE: Size = Size {
    width: 1_000,
    height: 160,
};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_589_932_800_000 + minute * MINUTE)
}

fn window() -> Window {
    Window {
        start: at(0),
        end: at(SAMPLES),
    }
}

/// A daily wave with noise, and a step.
fn lane(n: i64) -> Lane {
    let value = |i: i64| {
        let day = (i as f64 / 1_440.0 * std::f64::consts::TAU).sin();
        let noise = (i.wrapping_mul(2_654_435_761 + n) % 1_009) as f64 / 1_009.0;
        let step = if i > 12_000 { 80.0 } else { 0.0 };
        100.0 + 30.0 * day + 20.0 * noise + step
    };
    let curve = Curve {
        series: format!("series-{n}"),
        label: format!("series {n}"),
        points: (0..SAMPLES).map(|i| (at(i), value(i))).collect(),
        gap_ms: 90_000,
        ink: Ink::S1,
        ..Curve::default()
    };
    Lane {
        id: format!("lane-{n}"),
        title: format!("lane {n}"),
        unit: "Count/Second".into(),
        kind: LaneKind::Metric,
        summary: String::new(),
        series: vec![curve.series.clone()],
        events: Vec::new(),
        content: Content::Metric(Plot {
            curves: vec![curve],
            ..Plot::default()
        }),
        marks: Vec::new(),
        bands: Vec::new(),
    }
}

fn benches(c: &mut Criterion) {
    let lanes: Vec<Lane> = (0..20).map(lane).collect();
    let first = &lanes[0];
    let slice = Slice::of(&lanes, window(), COLUMNS);
    let bytes = slice.encode();

    c.bench_function("slice 20160 samples at 1000 columns", |b| {
        b.iter(|| black_box(first).slice(window(), COLUMNS));
    });
    c.bench_function("encode a slice of 20 lanes", |b| {
        b.iter(|| black_box(&slice).encode());
    });
    c.bench_function("decode a slice of 20 lanes", |b| {
        b.iter(|| Slice::decode(black_box(&bytes)));
    });
    c.bench_function("draw 20 lanes as SVG", |b| {
        b.iter(|| -> usize { lanes.iter().map(|l| svg(l, window(), SIZE).len()).sum() });
    });
    c.bench_function("draw 20 slices without a backend", |b| {
        b.iter(|| -> usize {
            let draw = |lane| positions(lane, window(), SIZE).len();
            slice.lanes.iter().map(draw).sum()
        });
    });
}

criterion_group! {
    name = draw;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(2));
    targets = benches
}
criterion_main!(draw);
