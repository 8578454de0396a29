//! Visitors: how many come in each minute, and what they cost the file system.

use crate::{
    efs::Demand,
    exact::sine,
    random::{Noise, Random},
};
use model::{
    Timestamp, Window,
    time::{DAY, HOUR, MINUTE},
};

/// The minutes of a window, by their start.
pub(crate) fn minutes(window: Window) -> Vec<Timestamp> {
    (0..window.millis() / MINUTE)
        .map(|i| window.start.plus(i * MINUTE))
        .collect()
}

/// Visitors at an instant against the weekday's mean: most in the early afternoon (UTC), least at
/// two in the night, a fifth less on Saturday and Sunday.
pub(crate) fn visitors(at: Timestamp) -> f64 {
    let hour = (at.millis().rem_euclid(DAY)) as f64 / HOUR as f64;
    // Day 0 of the epoch was a Thursday.
    let weekend = matches!(at.millis().div_euclid(DAY).rem_euclid(7), 2 | 3);
    let week = if weekend { 0.8 } else { 1.0 };
    week * (1.0 + 0.5 * sine((hour - 8.0) / 24.0) + 0.1 * sine((hour - 5.0) / 12.0))
}

/// The nightly copy of the uploads: from 01:10 UTC for half an hour.
pub(crate) const BACKUP_START: i64 = HOUR + 10 * MINUTE;
const BACKUP_LENGTH: i64 = 30 * MINUTE;

/// What sites ask of the file system in each minute: PHP looks at many files (metadata), reads few
/// (the rest is in the nodes' caches), and writes sessions and logs.
pub(crate) fn site_demand(seed: u64, minutes: &[Timestamp]) -> Vec<Demand> {
    let mut metadata = Noise::new(Random::new(seed, "io metadata"), 0.7, 0.14, 0.006);
    let mut read = Noise::new(Random::new(seed, "io read"), 0.5, 0.25, 0.02);
    let mut write = Noise::new(Random::new(seed, "io write"), 0.6, 0.12, 0.01);
    minutes
        .iter()
        .map(|&at| {
            // A part of it is there without visitors: log rotation, health checks, cron.
            let load = 0.25 + 0.75 * visitors(at);
            let night = at.millis().rem_euclid(DAY) - BACKUP_START;
            let backup = if (0..BACKUP_LENGTH).contains(&night) {
                8e6
            } else {
                0.0
            };
            let top_of_hour = if at.millis().rem_euclid(HOUR) < 2 * MINUTE {
                1.15
            } else {
                1.0
            };
            Demand {
                metadata: (14_000.0 * load * top_of_hour * metadata.next()) as i64,
                read: ((2.1e6 * load + backup) * read.next()) as i64,
                write: (1.4e6 * load * top_of_hour * write.next()) as i64,
                loops: 0,
            }
        })
        .collect()
}

/// Bytes stored, as metered: once an hour, growing by some MB.
pub(crate) fn stored(seed: u64, minutes: &[Timestamp]) -> Vec<i64> {
    let mut random = Random::new(seed, "stored");
    let mut bytes = (120 << 30) + random.whole(0, 900_000_000);
    minutes
        .iter()
        .map(|at| {
            if at.millis().rem_euclid(HOUR) == 0 {
                bytes += random.whole(2_000_000, 12_000_000);
            }
            bytes
        })
        .collect()
}
