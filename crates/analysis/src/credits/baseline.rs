//! The rate at which credits accrue.

use super::{
    drain::Curve,
    efs,
    metered::{self, Metered},
    throttle,
};
use crate::{
    case::{Case, Signal},
    series::robust,
};

/// A baseline.
pub(super) struct Baseline {
    /// In the balance's unit per second.
    pub per_s: f64,
    /// Where it comes from, in words.
    pub basis: String,
    /// Whether it was read off the balance itself.
    pub fitted: bool,
}

/// The baseline, where the evidence tells it.
pub(super) fn baseline(
    case: &Case<'_>,
    balance: &Signal,
    curve: &Curve<'_>,
    metered: Option<&Metered<'_>>,
) -> Option<Baseline> {
    let known = |per_s: f64, from: &str| Baseline {
        per_s,
        basis: format!("baseline: {from}"),
        fitted: false,
    };
    if let Some((_, floor)) = throttle::permitted(case, balance) {
        return Some(known(floor, "the floor of PermittedThroughput"));
    }
    if let Some((bytes, name)) = stored(case, balance) {
        let from = format!("50 KiB/s per GiB of {name}, at least 1 MiB/s");
        return Some(known(efs::earned(bytes), &from));
    }
    let rate = metered.and_then(|m| from_balance(curve, m))?;
    let from = "the balance's change plus the metered bytes (median of hours)";
    Some(Baseline {
        fitted: true,
        ..known(rate, from)
    })
}

/// The most credits that a file system can have; `None` for other things.
pub(super) fn cap(case: &Case<'_>, balance: &Signal, curve: &Curve<'_>) -> Option<f64> {
    let name = balance.meta.name.to_ascii_lowercase();
    // More than that was seen: the size is not what it seems.
    name.ends_with("burstcreditbalance")
        .then(|| efs::cap(stored(case, balance).map_or(0.0, |(bytes, _)| bytes)))
        .filter(|cap| curve.top <= *cap * 1.001)
}

/// Stored bytes that count, and what says so: the metric, else what EFS said of the file system when it
/// was asked (`DescribeFileSystems`).
fn stored(case: &Case<'_>, balance: &Signal) -> Option<(f64, &'static str)> {
    let all = case.beside(&balance.meta, &["StorageBytes"]);
    let class = |name: &str| {
        all.iter().find(|s| {
            s.meta
                .dimensions
                .get("StorageClass")
                .is_some_and(|c| c.eq_ignore_ascii_case(name))
        })
    };
    let measured = class("Standard").or(class("Total")).or(all.first());
    let measured = measured.and_then(|signal| robust::median(&signal.data.values));
    let described = || {
        ["size_standard_bytes", "size_bytes"]
            .iter()
            .find_map(|field| balance.meta.extra.get(*field)?.as_f64())
    };
    let measured = measured.map(|bytes| (bytes, "StorageBytes"));
    measured
        .or_else(|| described().map(|bytes| (bytes, "what DescribeFileSystems says is stored")))
        .filter(|(bytes, _)| *bytes > 0.0)
}

/// From the balance itself: change plus spending, hour by hour.
fn from_balance(curve: &Curve<'_>, metered: &Metered<'_>) -> Option<f64> {
    let mut rates: Vec<f64> = metered::hours(curve)
        .into_iter()
        .filter_map(|(from, to, change)| {
            let (low, high) = metered.bytes(from, to)?;
            Some((change + f64::midpoint(low, high)) * 1000.0 / to.since(from) as f64)
        })
        .collect();
    (rates.len() >= 3)
        .then(|| robust::median_of(&mut rates))
        .flatten()
        .filter(|r| *r > 0.0)
}
