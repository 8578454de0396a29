//! How far a series is from itself when an incident begins.

use crate::{case::Signal, series::robust};
use model::{Timestamp, analysis::Direction, time::MINUTE};

/// Samples that are judged together: a mean of three is steadier than one, and an alarm that looks
/// at three periods rings on the same.
const TOGETHER: usize = 3;
/// Samples before the stated onset that may belong to the incident already: alarms and people
/// are late by a period or two.
const LATE: i64 = 2;
/// That lateness at most.
const LATEST: i64 = 15 * MINUTE;
/// Samples from the onset on that say who deviated first; later everybody does.
const FIRST: i64 = 6;
/// Samples right before that say whether it was off already.
const RECENT: usize = 2;
/// Samples before that are looked at: two days of minutes, ten days of five minutes.
const HISTORY: usize = 2_880;
/// Fewest samples before.
const FEWEST: usize = 6;
/// Samples from which on the tail of a series is known; one incident among fewer would pass for it.
const KNOWN_TAIL: f64 = 200.0;
/// A series that hardly ever moves has no spread; a thousandth of its level stands in. More would
/// hide an availability that falls by half a per cent.
const FLOOR: f64 = 0.001;
/// Quantile of the distances from the centre whose half is a unit at least.
const TAIL: f64 = 0.95;
/// Low quantile: less than this is rare for the series.
const RARELY_LESS: f64 = 0.05;

/// A series around an onset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deviation {
    /// Level before (median).
    pub centre: f64,
    /// Mean from the onset on.
    pub level: f64,
    /// Largest rise of three samples from the onset on, in robust standard deviations, less what
    /// it was off before.
    pub up: f64,
    /// Largest fall, likewise.
    pub down: f64,
    /// Least mean of three samples from the onset on.
    pub least: f64,
    /// What it was rarely below before.
    pub rarely_less: f64,
    /// Least of the last samples before.
    pub recent: f64,
}

impl Deviation {
    /// Around `onset` and up to `end`; `None` without samples on both sides.
    pub(super) fn of(signal: &Signal, onset: Timestamp, end: Timestamp) -> Option<Self> {
        let data = &signal.data;
        let lag = (LATE * data.step_ms).min(LATEST);
        let from = data.index(onset.plus(-lag));
        let to = data
            .index(onset.plus(FIRST.saturating_mul(data.step_ms)))
            .min(data.index(end))
            .max(from);
        let before = data
            .calm
            .get(from.saturating_sub(HISTORY)..from)
            .filter(|b| b.len() >= FEWEST)?;
        let after = data.calm.get(from..to).filter(|a| !a.is_empty())?;
        let width = TOGETHER.min(after.len());
        let smooth = running_means(before, width);
        let centre = robust::median(before)?;
        let unit = unit(&smooth, centre, before.len())?;
        let now = running_means(after, width);
        let most = now.iter().copied().reduce(f64::max)?;
        let least = now.iter().copied().reduce(f64::min)?;
        let last = before.get(before.len().saturating_sub(RECENT)..)?;
        let drifted = (mean(last)? - centre) / unit;
        Some(Self {
            centre,
            level: mean(after)?,
            up: (most - centre) / unit - drifted.max(0.0),
            down: (centre - least) / unit - (-drifted).max(0.0),
            least,
            rarely_less: robust::quantile_of(&mut smooth.clone(), RARELY_LESS)?,
            recent: last.iter().copied().reduce(f64::min)?,
        })
    }

    /// Size in the bad direction, in robust standard deviations, never negative.
    pub(super) fn size(&self, bad: Option<Direction>) -> f64 {
        match bad {
            Some(Direction::Up) => self.up,
            Some(Direction::Down) => self.down,
            None => self.up.max(self.down),
        }
        .max(0.0)
    }
}

/// One robust standard deviation of means of the series, heavy tails included: where the tail is
/// known, half of the distance that one in twenty exceeds.
fn unit(smooth: &[f64], centre: f64, samples: usize) -> Option<f64> {
    let mut distances: Vec<f64> = smooth.iter().map(|v| (v - centre).abs()).collect();
    let spread = robust::MAD_TO_SD * robust::median_of(&mut distances)?;
    let known = (samples as f64 / KNOWN_TAIL).min(1.0).powi(2);
    let tail = known * robust::quantile_of(&mut distances, TAIL)? / 2.0;
    Some(spread.max(tail).max(FLOOR * centre.abs()).max(1e-9))
}

fn running_means(values: &[f64], width: usize) -> Vec<f64> {
    values
        .windows(width.max(1))
        .map(|w| w.iter().sum::<f64>() / w.len() as f64)
        .collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
