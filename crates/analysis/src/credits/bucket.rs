//! The bucket behind a balance: what flows in, what flows out, and how much it holds.
//!
//! d(balance)/dt = earned − spent, between zero and the cap. Only where the two come from differs:
//! file systems ([`super::metered`], [`super::baseline`]), instances ([`super::instance`]), volumes
//! ([`super::volume`]).

use super::{baseline, drain::Curve, instance, metered, metered::Metered, volume};
use crate::case::{Case, Signal};
use model::time::HOUR;

/// A bucket as far as the evidence shows it.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    /// Earned, in the balance's unit per second.
    pub earned_per_s: f64,
    /// The most that it holds, where that is known.
    pub cap: Option<f64>,
    /// Spent from each sample of the balance to the next, in its unit per second; `None` where
    /// samples of what spends it are missing. One fewer than samples.
    pub spent: Vec<Option<f64>>,
    /// Where the figures come from, in words.
    pub basis: String,
    /// Whether what is earned was read off the balance itself, so that the two agree whatever happened.
    pub fitted: bool,
}

/// Largest share of intervals without what spends the credits.
const FEW_GAPS: f64 = 0.2;

/// The bucket's equation: a balance after so many seconds at a net rate, between zero and the cap.
pub(crate) fn after(balance: f64, net_per_s: f64, seconds: f64, cap: f64) -> f64 {
    (balance + net_per_s * seconds).clamp(0.0, cap)
}

/// Share of the top from which on a balance may be cut off at its cap.
const AT_CAP: f64 = 0.999;

impl Bucket {
    /// Refuses a bucket of which too much is not measured to run it forward.
    pub(crate) fn enough(&self) -> Result<(), &'static str> {
        let known = self.spent.iter().flatten().count();
        if (known as f64) < (1.0 - FEW_GAPS) * self.spent.len() as f64 {
            return Err("what spends the credits is missing for more than a fifth of the window");
        }
        Ok(())
    }

    /// What was spent, a gap filled with what was spent before it.
    pub(crate) fn filled(&self) -> Vec<f64> {
        let mut last = self.spent.iter().flatten().next().copied().unwrap_or(0.0);
        let fill = |spent: &Option<f64>| {
            last = spent.unwrap_or(last);
            last
        };
        self.spent.iter().map(fill).collect()
    }

    /// The most that it holds: as known, and no less than was seen.
    pub(crate) fn holds(&self, curve: &Curve<'_>) -> f64 {
        self.cap.unwrap_or(curve.top).max(curve.top)
    }

    /// Net rate from a sample to the next as if the bucket had neither cap nor floor; the balance's
    /// own change where it was free to move or where nothing else is known.
    pub(crate) fn free_change(&self, curve: &Curve<'_>, i: usize) -> f64 {
        let change = curve.value(i + 1) - curve.value(i);
        let cap = self.cap.unwrap_or(curve.top);
        let (low, high) = (
            curve.value(i).min(curve.value(i + 1)),
            curve.value(i).max(curve.value(i + 1)),
        );
        if high < AT_CAP * cap && low > curve.zero {
            return change;
        }
        let seconds = curve.at(i + 1).since(curve.at(i)) as f64 / 1000.0;
        self.spent
            .get(i)
            .copied()
            .flatten()
            .map_or(change, |spent| (self.earned_per_s - spent) * seconds)
    }

    /// Share of the balance's movement that the bucket leaves unexplained, by whole hours in which
    /// the balance was free to move; `None` without such hours.
    pub(crate) fn residual(&self, curve: &Curve<'_>) -> Option<f64> {
        let (mut rest, mut moved) = (0.0, 0.0);
        for (from, to, change) in metered::hours(curve) {
            let (i, j) = (curve.data.index(from), curve.data.index(to));
            let Some(net) = self.net(curve, i, j) else {
                continue;
            };
            rest += (net - change).abs();
            moved += change.abs().max(net.abs());
        }
        (moved > 0.0).then(|| (rest / moved).clamp(0.0, 1.0))
    }

    /// Earned less spent from sample `i` to sample `j`; `None` where a tenth of it is not measured.
    fn net(&self, curve: &Curve<'_>, i: usize, j: usize) -> Option<f64> {
        let (mut sum, mut known, mut whole) = (0.0, 0.0, 0.0);
        for k in i..j {
            let seconds = curve.at(k + 1).since(curve.at(k)) as f64 / 1000.0;
            whole += seconds;
            if let Some(spent) = self.spent.get(k).copied().flatten() {
                known += seconds;
                sum += (self.earned_per_s - spent) * seconds;
            }
        }
        (whole > 0.0 && known >= 0.9 * whole).then(|| sum * whole / known)
    }
}

/// The bucket behind a balance, where the evidence holds what spends it. `metered` is what a file
/// system is metered by, as [`metered::metered`] found it.
pub(crate) fn bucket(
    case: &Case<'_>,
    signal: &Signal,
    curve: &Curve<'_>,
    metered: Option<&Metered<'_>>,
) -> Option<Bucket> {
    if let Some(metered) = metered {
        let baseline = baseline::baseline(case, signal, curve, Some(metered))?;
        return Some(Bucket {
            earned_per_s: baseline.per_s,
            cap: baseline::cap(case, signal, curve),
            spent: intervals(curve)
                .map(|(from, to)| {
                    let (low, high) = metered.bytes(from, to)?;
                    Some(f64::midpoint(low, high) * 1000.0 / to.since(from).max(1) as f64)
                })
                .collect(),
            basis: baseline.basis,
            fitted: baseline.fitted,
        });
    }
    instance::bucket(case, signal, curve).or_else(|| volume::bucket(case, signal, curve))
}

/// Start and end of every interval between two samples of the balance.
pub(super) fn intervals(
    curve: &Curve<'_>,
) -> impl Iterator<Item = (model::Timestamp, model::Timestamp)> {
    (1..curve.values.len()).map(|i| (curve.at(i - 1), curve.at(i)))
}

/// Longest interval that one sample can stand for.
pub(super) const LONGEST: i64 = 2 * HOUR;
