//! I/O credits of gp2 volumes. The balance is in per cent of 5.4 million credits; an operation costs
//! one, and 3 for each GiB are earned a second, at least 100 (AWS EBS user guide, "General Purpose SSD
//! volumes"). The size is seldom in the evidence; it follows from the balance and the operations.

use super::{
    bucket::{Bucket, LONGEST, intervals},
    drain::Curve,
    metered,
};
use crate::{
    case::{Case, Signal},
    series::robust,
};

/// Credits that a full bucket holds.
const FULL: f64 = 5.4e6;
/// What an operation costs, in per cent of a full bucket.
pub(crate) const PERCENT: f64 = 100.0 / FULL;
/// Credits earned a second by the smallest volume.
const LEAST_EARNED: f64 = 100.0;
/// Credits earned a second for each GiB.
const PER_GIB: f64 = 3.0;
/// What counts as an operation; both are sums.
const OPERATIONS: [&str; 2] = ["VolumeReadOps", "VolumeWriteOps"];

/// The bucket of a volume, from the balance and the operations.
pub(super) fn bucket(case: &Case<'_>, balance: &Signal, curve: &Curve<'_>) -> Option<Bucket> {
    let sums: Vec<&Signal> = OPERATIONS
        .iter()
        .filter_map(|name| {
            let mut all = case.beside(&balance.meta, &[*name]).into_iter();
            all.find(|s| s.meta.stat.eq_ignore_ascii_case("sum"))
        })
        .collect();
    if sums.len() < OPERATIONS.len() {
        return None;
    }
    let spent: Vec<Option<f64>> = intervals(curve)
        .map(|(from, to)| {
            let seconds = to.since(from).max(1) as f64 / 1000.0;
            let mut rate = 0.0;
            for signal in &sums {
                let part = signal.data.between(from, to);
                if part.is_empty() || to.since(from) > LONGEST {
                    return None;
                }
                rate += part.iter().sum::<f64>() / seconds;
            }
            Some(rate * PERCENT)
        })
        .collect();
    let earned = earned(curve, &spent)?;
    let iops = (earned / PERCENT).max(LEAST_EARNED);
    Some(Bucket {
        earned_per_s: iops * PERCENT,
        cap: Some(100.0),
        spent,
        basis: format!(
            "earned: {iops:.0} I/O credits a second (a volume of {:.0} GiB), from the balance's change \
             against VolumeReadOps and VolumeWriteOps",
            iops / PER_GIB
        ),
        fitted: true,
    })
}

/// Median over free hours of change plus spending, in per cent a second.
fn earned(curve: &Curve<'_>, spent: &[Option<f64>]) -> Option<f64> {
    let mut rates: Vec<f64> = metered::hours(curve)
        .into_iter()
        .filter_map(|(from, to, change)| {
            let range = curve.data.index(from)..curve.data.index(to);
            let seconds = to.since(from) as f64 / 1000.0;
            let known: Vec<f64> = spent.get(range)?.iter().copied().flatten().collect();
            let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
            (!known.is_empty()).then_some(change / seconds + mean)
        })
        .collect();
    (rates.len() >= 3)
        .then(|| robust::median_of(&mut rates))
        .flatten()
        .filter(|rate| *rate > 0.0)
}
