//! What detection must find, and must not, in series as they really come.

#[allow(dead_code, reason = "the incidents use the rest")]
mod made;

use analysis::{Detection, Settings, detect};
use made::{noise, uniform};
use model::{
    Samples, Series, SeriesMeta, Timestamp,
    analysis::ChangeKind,
    time::{DAY, HOUR, MINUTE},
};
use proptest::prelude::*;

/// A Friday, midnight.
const START: i64 = 1_709_251_200_000;

fn series(stat: &str, points: impl IntoIterator<Item = (i64, f64)>) -> Series {
    let points = points.into_iter();
    Series {
        meta: SeriesMeta {
            stat: stat.into(),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(
            points
                .map(|(t, v)| (Timestamp::from_millis(t), v))
                .collect(),
        ),
    }
}

/// Values at a step, from [`START`] on.
fn every(step: i64, values: impl IntoIterator<Item = f64>) -> Series {
    series(
        "Average",
        values
            .into_iter()
            .zip(0_i64..)
            .map(|(v, i)| (START + i * step, v)),
    )
}

fn found(series: &Series) -> Detection {
    detect(series, &Settings::default())
}

/// Rows of the change points.
fn rows(series: &Series) -> Vec<usize> {
    found(series)
        .changepoints
        .iter()
        .map(|c| series.samples.index_at(c.at))
        .collect()
}

/// How many of the true rows are found within `near`, and how many others are.
fn judged(rows: &[usize], truth: &[usize], near: usize) -> (usize, usize) {
    let mut left = rows.to_vec();
    let mut hits = 0;
    for t in truth {
        if let Some(k) = left.iter().position(|r| r.abs_diff(*t) <= near) {
            left.remove(k);
            hits += 1;
        }
    }
    (hits, left.len())
}

/// AR(1) noise of standard deviation 2, with the factor 0.6.
fn correlated(seed: u64) -> impl FnMut() -> f64 {
    let mut draw = noise(seed);
    let mut last = 0.0;
    move || {
        last = 0.6 * last + 1.6 * draw();
        last
    }
}

/// CPU-like: a daily sine of 10, correlated noise, a spike now and then, and levels of 40, 52, 44 and 50.
fn cpu(n: usize, seed: u64) -> Vec<f64> {
    let (mut rest, mut even) = (correlated(seed), uniform(seed + 100));
    (0..n)
        .map(|i| {
            let level = match i * 100 / n {
                0..20 => 40.0,
                20..50 => 52.0,
                50..75 => 44.0,
                _ => 50.0,
            };
            let spike = if even() < 0.002 {
                15.0 + 15.0 * even()
            } else {
                0.0
            };
            let day = (i as f64 / 1_440.0 * std::f64::consts::TAU).sin() * 10.0;
            level + day + rest() + spike
        })
        .collect()
}

#[test]
fn three_shifts_under_a_daily_wave_and_at_most_one_more() {
    for n in [4_320, 20_160] {
        for seed in 1..=6 {
            let rows = rows(&every(MINUTE, cpu(n, seed)));
            let (hits, wrong) = judged(&rows, &[n / 5, n / 2, n / 4 * 3], (n / 200).max(10));
            assert!(hits == 3 && wrong <= 1, "{n} {seed}: {rows:?}");
        }
    }
}

#[test]
fn three_shifts_in_white_noise_and_at_most_one_more() {
    for n in [4_320, 20_160] {
        for seed in 1..=6 {
            let mut draw = noise(seed);
            let values = (0..n).map(|i| {
                let level = [0.0, 3.0, 1.0, 2.5];
                let k = usize::from(i >= n / 5) + usize::from(i >= n / 2);
                level[k + usize::from(i >= n / 4 * 3)] + draw()
            });
            let rows = rows(&every(MINUTE, values));
            let (hits, wrong) = judged(&rows, &[n / 5, n / 2, n / 4 * 3], (n / 200).max(10));
            assert!(hits == 3 && wrong <= 1, "{n} {seed}: {rows:?}");
        }
    }
}

#[test]
fn office_hours_and_weekends_are_no_changes() {
    for (days, step) in [(5, 5 * MINUTE), (14, 5 * MINUTE), (14, MINUTE)] {
        let mut rest = correlated(3);
        let n = days * DAY / step;
        let values = (0..n).map(|i| {
            let t = START + i * step;
            let (hour, day) = (t / HOUR % 24, t / DAY % 7);
            let busy = (9..17).contains(&hour) && (days < 7 || !(2..4).contains(&day));
            if busy { 60.0 + rest() } else { 20.0 + rest() }
        });
        let found = found(&every(step, values));
        assert!(
            found.changepoints.len() <= 1,
            "{days} {step}: {:?}",
            found.changepoints
        );
    }
}

#[test]
fn gaps_hide_no_shift_and_make_none() {
    let mut even = uniform(9);
    for shift in [0.0, 12.0] {
        let mut rest = correlated(5);
        let whole: Vec<(i64, f64)> = (0..4_032_i64)
            .map(|i| {
                let day = (i as f64 / 288.0 * std::f64::consts::TAU).sin() * 10.0;
                let level = if i >= 2_600 { shift } else { 0.0 };
                (START + i * 5 * MINUTE, 50.0 + day + level + rest())
            })
            .collect();
        // One sample in twenty is lost, and so are eight hours twice, and a whole day.
        let gaps = [(700, 796), (1_500, 1_596), (3_300, 3_588)];
        let left = whole
            .iter()
            .enumerate()
            .filter(|(i, _)| even() > 0.05 && !gaps.iter().any(|(a, b)| (*a..*b).contains(i)));
        let series = series("Average", left.map(|(_, p)| *p));
        let found = found(&series);
        let at: Vec<i64> = found
            .changepoints
            .iter()
            .map(|c| (c.at.millis() - START) / (5 * MINUTE))
            .collect();
        if shift > 0.0 {
            assert!(at.len() == 1 && at[0].abs_diff(2_600) <= 10, "{at:?}");
        } else {
            assert!(at.is_empty(), "{at:?}");
        }
    }
}

#[test]
fn a_season_that_two_days_do_not_show_makes_no_shift_across_a_gap() {
    for seed in 1..=4 {
        let mut rest = correlated(seed);
        let points = (0..2_880_i64)
            .map(|i| {
                let day = (i as f64 / 1_440.0 * std::f64::consts::TAU).sin() * 10.0;
                (START + i * MINUTE, 50.0 + day + rest())
            })
            .enumerate()
            .filter(|(i, _)| !(700..1_100).contains(i) && !(2_000..2_200).contains(i))
            .map(|(_, p)| p);
        let points: Vec<(i64, f64)> = points.collect();
        let found = rows(&series("Average", points));
        assert!(found.is_empty(), "{seed}: {found:?}");
    }
}

#[test]
fn a_step_on_the_wave_of_two_days_and_half_an_hour_in_two_weeks() {
    let mut rest = correlated(1);
    let step = (0..2_880).map(|i| {
        let day = (f64::from(i) / 1_440.0 * std::f64::consts::TAU).sin() * 10.0;
        50.0 + day + rest() + if i >= 1_700 { 12.0 } else { 0.0 }
    });
    assert_eq!(judged(&rows(&every(MINUTE, step)), &[1_700], 5), (1, 0));

    let mut rest = correlated(2);
    let outage = (0..20_160).map(|i| {
        let day = (f64::from(i) / 1_440.0 * std::f64::consts::TAU).sin() * 10.0;
        let down = (15_000..15_030).contains(&i);
        50.0 + day + rest() + if down { 40.0 } else { 0.0 }
    });
    let found = rows(&every(MINUTE, outage));
    assert_eq!(judged(&found, &[15_000, 15_030], 5), (2, 0), "{found:?}");
}

#[test]
fn a_reset_of_a_counter_is_no_change_and_its_rate_may_have_one() {
    let mut draw = noise(4);
    let mut total = 0.0;
    let points = (0..2_000_i64).map(|i| {
        if i % 333 == 332 {
            total = 0.0;
        }
        let rate = if i >= 1_200 { 9.0 } else { 5.0 };
        total += 60.0 * (rate + 0.5 * draw());
        (START + i * MINUTE, total)
    });
    let points: Vec<(i64, f64)> = points.collect();
    let found = found(&series("Counter", points));
    assert_eq!(found.changepoints.len(), 1, "{:?}", found.changepoints);
    let c = &found.changepoints[0];
    assert!((c.at.millis() - START - 1_200 * MINUTE).abs() <= 3 * MINUTE);
    assert!((c.before - 5.0).abs() < 0.2 && (c.after - 9.0).abs() < 0.2);
}

#[test]
fn constant_quantised_and_heavy_tailed_series() {
    for level in [0.0, 0.1, 7.0, 1e12] {
        let flat = found(&every(MINUTE, vec![level; 3_000]));
        assert_eq!(flat, Detection::default(), "{level}");
    }
    // Whole numbers, mostly the same one.
    let mut draw = noise(6);
    let coarse: Vec<f64> = (0..3_000).map(|_| (0.3 * draw()).round()).collect();
    assert!(rows(&every(MINUTE, coarse.clone())).is_empty());
    let stepped = coarse
        .iter()
        .enumerate()
        .map(|(i, v)| if i < 1_700 { *v } else { v + 1.0 });
    assert_eq!(judged(&rows(&every(MINUTE, stepped)), &[1_700], 10), (1, 0));
    // A ratio of normal numbers has no variance, and hardly a mean.
    let mut draw = noise(8);
    let wild: Vec<f64> = (0..3_000)
        .map(|_| draw() / draw().abs().max(1e-3))
        .collect();
    assert!(rows(&every(MINUTE, wild.clone())).len() <= 1);
    let stepped = wild
        .iter()
        .enumerate()
        .map(|(i, v)| if i < 1_100 { *v } else { v + 6.0 });
    let (hits, wrong) = judged(&rows(&every(MINUTE, stepped)), &[1_100], 10);
    assert!(hits == 1 && wrong <= 1);
}

#[test]
fn a_ramp_is_found_where_it_begins_and_a_change_of_the_spread_as_one() {
    let mut draw = noise(2);
    let ramp = (0..2_000).map(|i| (f64::from(i - 900).clamp(0.0, 150.0)) / 10.0 + draw());
    let at_ramp = found(&every(MINUTE, ramp)).changepoints;
    assert_eq!(at_ramp.len(), 1, "{at_ramp:?}");
    assert_eq!(at_ramp[0].kind, ChangeKind::Slope);
    let late = (at_ramp[0].at.millis() - START) / MINUTE - 900;
    assert!(late.abs() <= 15, "{late}");

    let mut draw = noise(3);
    let wider = (0..2_000).map(|i| draw() * if i < 800 { 1.0 } else { 3.0 });
    let at_wider = found(&every(MINUTE, wider)).changepoints;
    assert_eq!(at_wider.len(), 1, "{at_wider:?}");
    assert_eq!(at_wider[0].kind, ChangeKind::Variance);
    assert!(((at_wider[0].at.millis() - START) / MINUTE - 800).abs() <= 15);
}

#[test]
fn what_comes_daily_is_no_anomaly_and_what_comes_once_is() {
    let mut draw = noise(7);
    let values: Vec<f64> = (0..2_880)
        .map(|i| {
            let backup = if i % 288 == 40 { 30.0 } else { 0.0 };
            let once = if i == 2_000 { 15.0 } else { 0.0 };
            10.0 + draw() + backup + once
        })
        .collect();
    let anomalies = found(&every(5 * MINUTE, values)).anomalies;
    assert_eq!(anomalies.len(), 1, "{anomalies:?}");
    let at = (anomalies[0].start.millis() - START) / (5 * MINUTE);
    assert!((1_995..=2_000).contains(&at), "{at}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn neither_order_nor_batches_of_arrival_matter(seed in 1_u64..1_000, cut in 100_usize..1_900) {
        let mut rest = correlated(seed);
        let points: Vec<(i64, f64)> = (0..2_000_i64)
            .map(|i| (START + i * MINUTE, rest() + if i >= 1_300 { 9.0 } else { 0.0 }))
            .collect();
        let whole = found(&series("Average", points.clone()));
        // The second part came first: the first was late.
        let late = points.iter().skip(cut).chain(points.iter().take(cut)).copied();
        prop_assert_eq!(&whole, &found(&series("Average", late)));
        let mut pushed = series("Average", points.iter().take(cut).copied());
        for (t, v) in points.iter().skip(cut) {
            pushed.samples.push(Timestamp::from_millis(*t), *v);
        }
        prop_assert_eq!(&whole, &found(&pushed));
    }

    #[test]
    fn scale_offset_and_days_change_nothing(
        seed in 1_u64..1_000,
        exponent in -30_i32..30,
        offset in -8_i64..8,
        weeks in -50_i64..50,
    ) {
        // Binary fractions, so that the arithmetic itself is exact.
        let exact = |v: f64| (v * 1024.0).round() / 1024.0;
        let mut values = cpu(4_032, seed);
        for v in &mut values {
            *v = exact(*v);
        }
        let of = |scale: f64, offset: f64, shift: i64| {
            let points = values.iter().zip(0_i64..);
            found(&series(
                "Average",
                points.map(|(v, i)| (START + shift + i * 5 * MINUTE, scale * (v + offset))),
            ))
        };
        let (plain, scale, shift) = (of(1.0, 0.0, 0), 2.0_f64.powi(exponent), weeks * 7 * DAY);
        let moved = of(scale, 1024.0 * offset as f64, shift);
        let at = |d: &Detection, back: i64| -> Vec<(i64, ChangeKind)> {
            d.changepoints.iter().map(|c| (c.at.millis() - back, c.kind)).collect()
        };
        prop_assert_eq!(at(&plain, 0), at(&moved, shift));
        prop_assert_eq!(plain.anomalies.len(), moved.anomalies.len());
    }
}
