//! Which resource deviates first and explains the rest.
//!
//! Each resource's series are compared with themselves before the onset; what is left of its
//! deviation after what its callees deviate explains is its own ("deepest callee that deviates"),
//! and a resource whose callers deviate too explains them.

use crate::{
    case::{Case, Signal},
    series::robust,
    symptom,
    topology::Topology,
};
use model::{
    SeriesMeta, Timestamp,
    analysis::{Direction, ResourceRank},
};
use std::collections::BTreeMap;

/// How far one resource is from itself.
#[derive(Clone, Debug, Default)]
struct Deviation {
    /// Largest deviation, in robust standard deviations, damped.
    size: f64,
    /// First instant out of the ordinary.
    first: Option<Timestamp>,
    /// Series, the most deviant first.
    series: Vec<(f64, String)>,
}

/// A deviation below this many robust standard deviations is none.
const DEVIATES: f64 = 3.0;
/// Share of a resource's deviation that its most deviant callee accounts for.
const PASSED_ON: f64 = 0.8;
/// Samples on each side of the onset that say how it jumped.
const FEW: usize = 6;
/// What a deviation in another measure than the symptom's counts.
const OTHER: f64 = 0.5;
/// What a deviation of something that the symptom's resource does not need counts.
const APART: f64 = 0.3;
/// Resources listed.
const MOST: usize = 20;

/// Ranks the resources by what they explain from `onset` on; empty without resources.
pub(crate) fn rank(
    case: &Case<'_>,
    topology: &Topology,
    symptom: Option<&SeriesMeta>,
    onset: Timestamp,
) -> Vec<ResourceRank> {
    let needed = symptom
        .and_then(|s| s.resource.as_deref())
        .filter(|_| !topology.is_empty())
        .map(|r| topology.reach(r));
    let mut all: BTreeMap<&String, Deviation> = BTreeMap::new();
    for signal in &case.signals {
        let Some(resource) = &signal.meta.resource else {
            continue;
        };
        let entry = all.entry(resource).or_default();
        if let Some((size, first)) = deviation(case, signal, onset) {
            // The same measure as the symptom's travels along the calls; others say less.
            let other = symptom.is_some_and(|s| !s.is_named(&signal.meta.name));
            let apart = needed.as_ref().is_some_and(|n| !n.contains_key(resource));
            let size = size * if other { OTHER } else { 1.0 } * if apart { APART } else { 1.0 };
            entry.series.push((size, signal.meta.id.clone()));
            entry.size = entry.size.max(size);
            entry.first = match (entry.first, first) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    let weights: Vec<(&String, f64)> = all
        .iter()
        .filter(|(_, d)| d.size >= DEVIATES)
        .map(|(r, d)| (*r, weight(r, d, &all, topology)))
        .collect();
    let total: f64 = weights.iter().map(|w| w.1).sum();
    let mut out: Vec<ResourceRank> = weights
        .into_iter()
        .filter(|_| total > 0.0)
        .map(|(resource, weight)| ResourceRank {
            rank: 0,
            resource: resource.clone(),
            score: weight / total,
            series: shown(all.get(resource)),
        })
        .collect();
    out.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.resource.cmp(&b.resource))
    });
    out.truncate(MOST);
    for (r, rank) in out.iter_mut().zip(1..) {
        r.rank = rank;
    }
    out
}

fn shown(deviation: Option<&Deviation>) -> Vec<String> {
    let mut series = deviation.map(|d| d.series.clone()).unwrap_or_default();
    series.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    series
        .into_iter()
        .filter(|(size, _)| *size >= DEVIATES)
        .take(5)
        .map(|(_, id)| id)
        .collect()
}

/// Own deviation, times what it explains among its callers, sooner before later.
fn weight(
    resource: &str,
    own: &Deviation,
    all: &BTreeMap<&String, Deviation>,
    topology: &Topology,
) -> f64 {
    let size_of = |r: &String| all.get(r).map_or(0.0, |d| d.size);
    let below = topology.callees(resource).map(size_of).fold(0.0, f64::max);
    let left = (own.size - PASSED_ON * below).max(0.05 * own.size);
    let callers: Vec<f64> = topology.callers(resource).map(size_of).collect();
    let deviant = callers.iter().filter(|s| **s >= DEVIATES).count();
    let explains = 1.0 + deviant as f64 / callers.len().max(1) as f64;
    (left * explains).powi(2)
}

/// Size of the deviation of a series from `onset` on, and its first odd sample. `None` without
/// samples on both sides.
fn deviation(
    case: &Case<'_>,
    signal: &Signal,
    onset: Timestamp,
) -> Option<(f64, Option<Timestamp>)> {
    let data = &signal.data;
    let i = data.index(onset);
    let before = data.calm.get(..i)?;
    let (centre, spread) = robust::centre_and_spread(before).filter(|_| before.len() >= 6)?;
    let until = data.index(case.window.end);
    let after = data.calm.get(i..until.min(i + 240))?;
    let level = mean(after.get(..after.len().min(FEW))?)?;
    // It must have left both its usual level and where it was just before.
    let recent = before.get(before.len().saturating_sub(FEW / 2)..)?;
    let recent = robust::median(recent)?;
    // A series that hardly ever moves has no spread; a hundredth of its level stands in.
    let mut changes: Vec<f64> = before.iter().map(|v| (v - centre).abs()).collect();
    let tail = robust::quantile_of(&mut changes, 0.95).unwrap_or(0.0) / 2.0;
    let unit = spread.max(tail).max(0.01 * centre.abs()).max(1e-9);
    let z = |v: f64| (v - centre) / unit;
    let way = match symptom::bad_direction(signal) {
        Direction::Up => 1.0,
        Direction::Down => -1.0,
    };
    let (from_usual, from_recent) = (z(level), (level - recent) / unit);
    let signed = if from_usual * from_recent > 0.0 {
        way * from_usual.signum() * from_usual.abs().min(from_recent.abs())
    } else {
        0.0
    };
    let good = if felt(signal) {
        signed
    } else {
        signed.abs() * 0.5
    };
    let first = after
        .iter()
        .position(|v| z(*v).abs() >= DEVIATES)
        .map(|k| data.at(i + k));
    // Beyond a few tens of standard deviations more says nothing more.
    Some((damped(good.max(0.0)), first))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn felt(signal: &Signal) -> bool {
    let name = symptom::lower(signal);
    [
        "latency",
        "duration",
        "response",
        "error",
        "availability",
        "fault",
        "5xx",
        "success",
    ]
    .iter()
    .any(|w| name.contains(w))
}

fn damped(z: f64) -> f64 {
    if z <= 10.0 {
        z
    } else {
        10.0 + (z / 10.0).ln() * 5.0
    }
}
