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

/// Baseline in the balance's unit per second, and where it comes from.
pub(super) fn baseline(
    case: &Case<'_>,
    balance: &Signal,
    curve: &Curve<'_>,
    metered: Option<&Metered<'_>>,
) -> (Option<f64>, Option<String>) {
    if let Some((_, floor)) = throttle::permitted(case, balance) {
        return (
            Some(floor),
            Some("baseline: the floor of PermittedThroughput".into()),
        );
    }
    if let Some(rate) = from_storage(case, balance) {
        return (
            Some(rate),
            Some("baseline: 50 KiB/s per GiB of StorageBytes, at least 1 MiB/s".into()),
        );
    }
    match metered.and_then(|m| from_balance(curve, m)) {
        Some(rate) => (
            Some(rate),
            Some("baseline: the balance's change plus the metered bytes (median of hours)".into()),
        ),
        None => (None, None),
    }
}

/// The most credits that a file system can have; `None` for other things.
pub(super) fn cap(case: &Case<'_>, balance: &Signal, curve: &Curve<'_>) -> Option<f64> {
    let name = balance.meta.name.to_ascii_lowercase();
    // More than that was seen: the size is not what it seems.
    name.ends_with("burstcreditbalance")
        .then(|| efs::cap(stored(case, balance).unwrap_or(0.0)))
        .filter(|cap| curve.top <= *cap * 1.001)
}

/// EFS from the stored bytes (Standard class where it is told apart).
fn from_storage(case: &Case<'_>, balance: &Signal) -> Option<f64> {
    stored(case, balance).map(efs::earned)
}

/// Stored bytes that count.
fn stored(case: &Case<'_>, balance: &Signal) -> Option<f64> {
    let all = case.beside(&balance.meta, &["StorageBytes"]);
    let class = |name: &str| {
        all.iter().find(|s| {
            s.meta
                .dimensions
                .get("StorageClass")
                .is_some_and(|c| c.eq_ignore_ascii_case(name))
        })
    };
    let signal = class("Standard").or(class("Total")).or(all.first())?;
    robust::median(&signal.data.values).filter(|b| *b > 0.0)
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
