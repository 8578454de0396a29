//! Mean times of NFS operations.

use super::{Place, Sample, Spent, meta};
use crate::files::reading::{Reading, period_s};
use model::Samples;

type Of = fn(&Spent) -> f64;

/// The times that are told: part of the id, words, and which it is.
const KINDS: [(&str, &str, Of); 2] = [
    ("rtt", "round trip", |t| t.rtt_ms),
    ("execute", "execution", |t| t.execute_ms),
];

/// Mean times of each operation between two samples; of a single one, since the mount.
pub(super) fn tell(reading: &mut Reading<'_>, place: &Place, samples: &[Sample]) {
    let Some(last) = samples.last() else { return };
    let zero = Sample::default();
    let mut pairs: Vec<(&Sample, &Sample)> = samples.iter().zip(samples.iter().skip(1)).collect();
    let since_mount = pairs.is_empty();
    if since_mount {
        pairs.push((&zero, last));
    }
    for name in last.times.keys() {
        for (kind, words, of) in KINDS {
            let points = pairs
                .iter()
                .filter_map(|(before, after)| Some((after.at?, mean(before, after, name, of)?)));
            let points = Samples::from_unordered(points.collect());
            let since = if since_mount {
                ", mean since the mount"
            } else {
                ""
            };
            let label = format!("NFS {name} {words}{since}");
            let mut meta = meta(reading, place, &format!("{name}.{kind}"), label);
            meta.stat = "Average".into();
            meta.unit = "Seconds".into();
            meta.period_s = period_s(&points);
            reading.series(meta, points);
        }
    }
}

/// Seconds that a call took on average between two samples; `None` where there was none, or where
/// the counters fell.
fn mean(before: &Sample, after: &Sample, name: &str, of: Of) -> Option<f64> {
    let calls = after.counts.get(name)? - before.counts.get(name).copied().unwrap_or(0.0);
    let ms = of(after.times.get(name)?) - before.times.get(name).map_or(0.0, of);
    (calls > 0.0 && ms >= 0.0).then(|| ms / calls / 1_000.0)
}
