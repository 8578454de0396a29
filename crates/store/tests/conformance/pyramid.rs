//! Stories of zoom levels: against the plain sum of the samples inside the window.

use super::{
    place::{Place, stories},
    sample::{START, id, incident, minute, series},
};
use model::{Batch, Samples, Window, time::DAY, time::HOUR, time::MINUTE};
use store::Bucket;

/// Twenty days at a minute with a gap of a day and a half and one spike, then twenty at a quarter
/// of an hour.
fn curve() -> Vec<(i64, f64)> {
    let wave = |m: i64| ((m % 997) * 31 % 101) as f64 / 8.0 - 3.0;
    let fine = (0..20 * 1440).filter(|m| !(7_000..9_160).contains(m));
    let coarse = (20 * 1440..40 * 1440).step_by(15);
    let spike = |m: i64| if m == 12_345 { 1e9 } else { wave(m) };
    fine.chain(coarse).map(|m| (m, spike(m))).collect()
}

async fn stored(place: &Place) -> (std::sync::Arc<dyn store::Store>, Samples) {
    let store = place.open().await;
    let io = series("io", &curve());
    let samples = io.samples.clone();
    let batch = Batch {
        series: vec![io],
        ..Batch::default()
    };
    store.import(&incident(1), &[batch], &[]).await.unwrap();
    (store, samples)
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
}

/// Every bucket says what its samples say, and every sample inside the window is in one.
fn check(buckets: &[Bucket], samples: &Samples, window: Window) {
    let mut counted = 0;
    let mut last = i64::MIN;
    for bucket in buckets {
        assert!(
            bucket.start.millis() >= last,
            "buckets overlap at {}",
            bucket.start
        );
        last = bucket.end.millis();
        let span = Window {
            start: bucket.start.max(window.start),
            end: bucket.end.min(window.end),
        };
        let (_, values) = samples.inside(span);
        assert!(!values.is_empty(), "a gap became a bucket: {bucket:?}");
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert_eq!((bucket.min, bucket.max), (min, max), "{bucket:?}");
        assert!(close(bucket.mean, mean), "{bucket:?} has mean {mean}");
        assert_eq!(bucket.count, values.len() as u64, "{bucket:?}");
        counted += values.len();
    }
    assert_eq!(counted, samples.inside(window).0.len());
}

async fn every_zoom_level_tells_the_truth(place: &Place) {
    let (store, samples) = stored(place).await;
    let spans = [
        (0, 40 * DAY),
        (-10 * DAY, 400 * DAY),
        (17 * MINUTE + 1, 33 * DAY + 7),
        (4 * DAY, 8 * DAY),
        (DAY / 2, 19 * DAY + HOUR),
        (8 * DAY, 9 * DAY),
        (8 * DAY + 12_345, 8 * DAY + HOUR),
        (0, 1),
        (38 * DAY, 41 * DAY),
    ];
    for (from, to) in spans {
        let window = Window {
            start: START.plus(from),
            end: START.plus(to),
        };
        for max in [0, 1, 2, 7, 50, 300, 1_000, 100_000] {
            let buckets = store.pyramid(&id(1), "io", window, max).await.unwrap();
            assert!(
                buckets.len() <= max.max(2),
                "{} of {max} in {window:?}",
                buckets.len()
            );
            check(&buckets, &samples, window);
        }
    }
}

async fn few_samples_come_as_they_are(place: &Place) {
    let (store, samples) = stored(place).await;
    let window = Window {
        start: minute(100),
        end: minute(400),
    };
    let buckets = store.pyramid(&id(1), "io", window, 300).await.unwrap();
    let (times, values) = samples.inside(window);
    assert_eq!(buckets.len(), 300);
    for ((bucket, t), v) in buckets.iter().zip(times).zip(values) {
        assert_eq!((bucket.start, bucket.count), (*t, 1));
        assert_eq!((bucket.min, bucket.max, bucket.mean), (*v, *v, *v));
    }
}

async fn a_spike_is_seen_from_afar_and_a_gap_stays_one(place: &Place) {
    let (store, _) = stored(place).await;
    let window = Window {
        start: START,
        end: START.plus(40 * DAY),
    };
    let buckets = store.pyramid(&id(1), "io", window, 100).await.unwrap();
    let spike = buckets
        .iter()
        .find(|b| b.start <= minute(12_345) && minute(12_345) < b.end);
    assert_eq!(spike.map(|b| b.max), Some(1e9));
    let gap = minute(8_000);
    assert!(!buckets.iter().any(|b| b.start <= gap && gap < b.end));
    assert!(buckets.len() > 30, "{} buckets for 100", buckets.len());
}

async fn huge_values_have_a_finite_mean(place: &Place) {
    let store = place.open().await;
    let huge: Vec<_> = (0..600)
        .map(|m| {
            (
                m,
                if m % 2 == 0 {
                    f64::MAX
                } else {
                    -f64::MAX / 2.0
                },
            )
        })
        .collect();
    let batch = Batch {
        series: vec![series("io", &huge)],
        ..Batch::default()
    };
    store.import(&incident(1), &[batch], &[]).await.unwrap();
    let window = Window {
        start: START,
        end: START.plus(DAY),
    };
    for max in [2, 20, 100] {
        let buckets = store.pyramid(&id(1), "io", window, max).await.unwrap();
        for b in buckets {
            // One more of the one kind than of the other, at most.
            let quarter = f64::MAX / 4.0;
            let slack = 1.6 * f64::MAX / b.count as f64;
            assert!((b.mean - quarter).abs() <= slack, "{b:?}");
        }
    }
}

stories!(
    every_zoom_level_tells_the_truth,
    few_samples_come_as_they_are,
    a_spike_is_seen_from_afar_and_a_gap_stays_one,
    huge_values_have_a_finite_mean,
);
