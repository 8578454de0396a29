//! What spends the credits: metered I/O, measured or bounded.

use super::drain::Curve;
use crate::case::{Case, Signal};
use model::{SeriesMeta, Timestamp, time::HOUR};

/// Metered bytes: reads count one third, everything else in full (AWS EFS metrics reference).
pub(crate) const METERED: [&str; 1] = ["MeteredIOBytes"];
/// What spends credits: the parts of which the metered bytes of a file system consist, most telling
/// first, and what an instance and a volume are charged for.
pub(crate) const COMPONENTS: [&str; 9] = [
    "MetadataIOBytes",
    "MetaDataIOBytes",
    "MetadataReadIOBytes",
    "MetadataWriteIOBytes",
    "DataReadIOBytes",
    "DataWriteIOBytes",
    "CPUUtilization",
    "VolumeReadOps",
    "VolumeWriteOps",
];

/// Metered use over time, as an interval where it is only bounded.
pub(crate) struct Metered<'c> {
    /// Series, with the least and the largest weight that its bytes can have.
    pub parts: Vec<(&'c Signal, f64, f64)>,
    /// What the reader should know.
    pub note: Option<String>,
}

impl Metered<'_> {
    /// Bytes from one instant to another, least and largest; `None` where samples are missing.
    pub(crate) fn bytes(&self, from: Timestamp, to: Timestamp) -> Option<(f64, f64)> {
        let mut sum = (0.0, 0.0);
        for (signal, low, high) in &self.parts {
            let data = &signal.data;
            let part = data.between(from, to);
            let expected = (to.since(from) / data.step_ms).max(0) as usize;
            if part.len() * 10 < expected * 9 || part.is_empty() {
                return None;
            }
            // Missing samples are taken to be like the others.
            let whole = expected.max(1) as f64 / part.len() as f64;
            let bytes = part.iter().sum::<f64>() * whole.max(1.0);
            sum = (sum.0 + low * bytes, sum.1 + high * bytes);
        }
        Some(sum)
    }
}

/// The metered bytes of the thing that a balance belongs to.
pub(crate) fn metered<'c>(case: &'c Case<'_>, balance: &SeriesMeta) -> Option<Metered<'c>> {
    let sum_of = |names: &[&str]| -> Option<&'c Signal> {
        case.beside(balance, names)
            .into_iter()
            .find(|s| s.meta.stat.eq_ignore_ascii_case("sum"))
    };
    if let Some(signal) = sum_of(&METERED) {
        return Some(Metered {
            parts: vec![(signal, 1.0, 1.0)],
            note: None,
        });
    }
    let third = 1.0 / 3.0;
    let parts_of = |names: &[(&'static str, f64)]| -> Option<Vec<(&'c Signal, f64, f64)>> {
        let part = |(name, low): &(&'static str, f64)| Some((sum_of(&[*name])?, *low, 1.0));
        names.iter().map(part).collect()
    };
    // Newer accounts tell the two kinds of metadata apart; what reads of them count is not said.
    let metadata = parts_of(&[("MetadataIOBytes", 1.0)]).or_else(|| {
        parts_of(&[
            ("MetadataReadIOBytes", third),
            ("MetadataWriteIOBytes", 1.0),
        ])
    })?;
    let data = parts_of(&[("DataWriteIOBytes", 1.0), ("DataReadIOBytes", third)])?;
    Some(Metered {
        parts: metadata.into_iter().chain(data).collect(),
        note: Some(
            "MeteredIOBytes is absent: bounded between reads in full and reads at one third"
                .to_owned(),
        ),
    })
}

/// Share of the balance's movement that baseline and metered bytes leave unexplained, by whole
/// hours between the cap and zero.
pub(crate) fn residual(curve: &Curve<'_>, metered: &Metered<'_>, baseline: f64) -> Option<f64> {
    let (mut rest, mut moved) = (0.0, 0.0);
    for (from, to, change) in hours(curve) {
        let Some((low, high)) = metered.bytes(from, to) else {
            continue;
        };
        let earned = baseline * to.since(from) as f64 / 1000.0;
        let (least, most) = (earned - high, earned - low);
        rest += (least - change).max(change - most).max(0.0);
        moved += change.abs().max(least.abs().min(most.abs()));
    }
    (moved > 0.0).then(|| (rest / moved).clamp(0.0, 1.0))
}

/// Hours in which the balance was free to move: start, end, change.
pub(crate) fn hours(curve: &Curve<'_>) -> Vec<(Timestamp, Timestamp, f64)> {
    let mut out = Vec::new();
    let free = |v: f64| v > 2.0 * curve.zero && v < 0.999 * curve.top;
    let mut i = 0;
    while i + 1 < curve.values.len() {
        let from = curve.at(i);
        let j = curve.data.index(from.plus(HOUR)).max(i + 1);
        if j >= curve.values.len() {
            break;
        }
        let part = curve.values.get(i..=j).unwrap_or(&[]);
        if part.iter().all(|v| free(*v)) && curve.at(j).since(from) < 2 * HOUR {
            out.push((from, curve.at(j), curve.value(j) - curve.value(i)));
        }
        i = j;
    }
    out
}
