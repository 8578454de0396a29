//! Series like those of AWS/EFS, without chance: for sizes, speeds and large imports.

use super::sample::{START, provenance};
use model::{Batch, Samples, Series, SeriesMeta, time::MINUTE};

/// Numbers that look like chance (splitmix64, <https://prng.di.unimi.it/splitmix64.c>).
struct Noise(u64);

impl Noise {
    /// 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Near enough to a normal distribution: mean 0, deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Names of the series of [`batch`]; credits and sums of bytes are whole numbers, the percentage
/// is an average of many digits, storage comes every quarter of an hour.
const METRICS: [(&str, &str, i64); 9] = [
    ("BurstCreditBalance", "Minimum", 1),
    ("PermittedThroughput", "Minimum", 1),
    ("PercentIOLimit", "Average", 1),
    ("MetadataIOBytes", "Sum", 1),
    ("DataReadIOBytes", "Sum", 1),
    ("DataWriteIOBytes", "Sum", 1),
    ("MeteredIOBytes", "Sum", 1),
    ("ClientConnections", "Sum", 1),
    ("StorageBytes", "Average", 15),
];

/// Some days of one file system at a minute.
pub(crate) fn batch(file_system: u64, days: i64) -> Batch {
    let mut noise = Noise(file_system);
    let mut columns: Vec<Samples> = vec![Samples::default(); METRICS.len()];
    let mut balance = 2_308_974_418_330.0;
    for minute in 0..days * 1440 {
        let at = START.plus(minute * MINUTE);
        let day = 1.0 + 0.4 * (minute as f64 / 1440.0 * std::f64::consts::TAU).sin();
        // Requests are metered in whole kilobytes of 4096 bytes.
        let mut bytes = |mean: f64| {
            let pages = mean * day * (0.15 * noise.normal()).exp() / 4096.0;
            (pages.round() * 4096.0).max(0.0)
        };
        let (metadata, read, write) = (bytes(4e8), bytes(3e6), bytes(1e6));
        let metered = (metadata + read / 3.0 + write).round();
        balance = (balance + 60.0 * 5_242_880.0 - metered).clamp(0.0, 2_308_974_418_330.0);
        let values = [
            balance,
            if balance > 0.0 {
                104_857_600.0
            } else {
                5_242_880.0
            },
            100.0 * (metadata / 60.0) / 5e8 + noise.next() * 0.05,
            metadata,
            read,
            write,
            metered,
            24.0 + (noise.next() * 4.0).floor(),
            1e11 + minute as f64 * 40_960.0,
        ];
        for ((column, value), (_, _, every)) in columns.iter_mut().zip(values).zip(METRICS) {
            if minute % every == 0 {
                column.push(at, value);
            }
        }
    }
    let series = METRICS.iter().zip(columns);
    Batch {
        provenance: provenance(&format!("file system {file_system}")),
        series: series
            .map(|((name, stat, every), samples)| Series {
                meta: SeriesMeta {
                    id: format!("fs-{file_system}.{name}.{stat}"),
                    name: (*name).into(),
                    stat: (*stat).into(),
                    period_s: Some(*every as u32 * 60),
                    ..SeriesMeta::default()
                },
                samples,
            })
            .collect(),
        ..Batch::default()
    }
}
