//! How the cost of analysing an incident grows with its size: 14 days at one minute, 50 series and 10,000
//! events, and up to a hundred times as many of both.

use crate::Outcome;
use analysis::{Settings, analyse};
use model::{
    Event, EventKind, Evidence, ObjectRef, Samples, Series, SeriesMeta, Timestamp, Window,
    time::{DAY, MINUTE},
};
use std::{hint::black_box, time::Instant};

/// Times the size of the usual incident.
const SIZES: [usize; 4] = [1, 4, 16, 100];
const SERIES: usize = 50;
const SAMPLES: usize = 14 * 1_440;
const EVENTS: usize = 10_000;

/// Roughly normal noise of standard deviation one.
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

/// A daily sine, AR(1) noise, and three shifts of the level; the first one is called latency.
fn series(seed: usize) -> Series {
    let mut state = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut rest = 0.0;
    let points = (0..SAMPLES)
        .zip(0_i64..)
        .map(|(i, minute)| {
            let at = minute * MINUTE;
            rest = 0.6 * rest + 1.6 * noise(&mut state);
            let day = (at as f64 / DAY as f64 * std::f64::consts::TAU).sin() * 10.0;
            let level = [40.0, 52.0, 44.0, 50.0][usize::from(i > SAMPLES / 5)
                + usize::from(i > SAMPLES / 2)
                + usize::from(i > SAMPLES / 4 * 3)];
            (Timestamp::from_millis(at), level + day + rest)
        })
        .collect();
    Series {
        meta: SeriesMeta {
            id: format!("s{seed:05}"),
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

fn event(i: usize, start: f64) -> Event {
    Event {
        id: format!("e{i:07}"),
        kind: if i.is_multiple_of(5) {
            EventKind::Rollout
        } else {
            EventKind::JobRun
        },
        start: Some(Timestamp::from_millis((start * 14.0 * DAY as f64) as i64)),
        namespace: format!("team-{}", i % 17),
        object: ObjectRef {
            kind: "Deployment".into(),
            name: format!("app-{}", i % 97),
        },
        ..Event::default()
    }
}

/// Prints one row a size: seconds, and seconds over n log n as a multiple of the first row's.
#[allow(
    clippy::disallowed_methods,
    reason = "a program that measures time; the analysis itself reads no clock"
)]
pub(crate) fn run(largest: Option<&str>) -> Outcome<()> {
    let largest = largest.map_or(Ok(16), str::parse::<usize>)?;
    println!("| size | series | samples | events | seconds | over n log n |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut first = None;
    for size in SIZES.into_iter().filter(|s| *s <= largest) {
        let events = EVENTS * size;
        let mut evidence = Evidence {
            window: Window {
                start: Timestamp::from_millis(0),
                end: Timestamp::from_millis(14 * DAY),
            },
            series: (0..SERIES * size).map(series).collect(),
            events: (0..events)
                .map(|i| event(i, i as f64 / events as f64))
                .collect(),
            ..Evidence::default()
        };
        evidence.sort();
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let begun = Instant::now();
            black_box(analyse(
                black_box(&evidence),
                &Settings::default(),
                evidence.window.end,
            ));
            best = best.min(begun.elapsed().as_secs_f64());
        }
        let n = (SERIES * size * SAMPLES + events) as f64;
        let cost = best / (n * n.ln());
        println!(
            "| {size} | {} | {} | {events} | {best:.3} | {:.2} |",
            SERIES * size,
            SERIES * size * SAMPLES,
            cost / *first.get_or_insert(cost)
        );
    }
    Ok(())
}
