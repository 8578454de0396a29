//! The rate at which credits accrue.

use super::{
    drain::Curve,
    metered::{self, Metered},
    throttle,
};
use crate::{
    case::{Case, Signal},
    series::robust,
};

/// EFS: 50 KiB/s for each GiB stored (AWS EFS performance documentation).
const EFS_PER_BYTE: f64 = 50.0 * 1024.0 / (1024.0 * 1024.0 * 1024.0);
/// EFS: at least 1 MiB/s.
const EFS_LEAST: f64 = 1024.0 * 1024.0;

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

/// EFS from the stored bytes (Standard class where it is told apart).
fn from_storage(case: &Case<'_>, balance: &Signal) -> Option<f64> {
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
    let bytes = robust::median(&signal.data.values).filter(|b| *b > 0.0)?;
    Some((bytes * EFS_PER_BYTE).max(EFS_LEAST))
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
