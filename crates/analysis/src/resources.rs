//! Which resource deviates first and explains the rest.
//!
//! Each resource's series are compared with themselves before the onset, in the measure of the
//! symptom; of its deviation a part is taken off for its most deviant callee, so that the deepest
//! one that deviates leads. What hardly anybody asks any more does not count.

use crate::{
    case::{Case, Signal},
    series::robust,
    symptom,
    topology::Topology,
};
use model::{
    SeriesMeta, Timestamp,
    analysis::{Direction, ResourceRank},
    time::MINUTE,
};
use std::collections::{BTreeMap, BTreeSet};

/// How far one resource is from itself.
#[derive(Clone, Debug, Default)]
struct Deviation {
    /// Largest deviation, in robust standard deviations, at most [`MOST_DEVIANT`].
    size: f64,
    /// Series, the most deviant first.
    series: Vec<(f64, String)>,
}

/// A deviation below this many robust standard deviations is none.
const DEVIATES: f64 = 3.0;
/// More than this many robust standard deviations says nothing more.
const MOST_DEVIANT: f64 = 30.0;
/// Share of its most deviant callee's weight that a resource loses: what it only passes on.
const PASSED_ON: f64 = 0.2;
/// Samples from the onset on that say how it jumped.
const FEW: usize = 6;
/// What a deviation in another measure than the symptom's counts.
const OTHER: f64 = 0.1;
/// What a deviation of something that the symptom's resource does not need counts.
const APART: f64 = 0.3;
/// What an address counts: it is how a caller sees something, not a thing that anybody changes.
const ADDRESS: f64 = 0.5;
/// Share of its usual load below which a resource is out of use: what is left of its series is
/// not about the incident.
const OUT_OF_USE: f64 = 0.2;
/// An alarm comes up to this long after what it reports: three periods of five minutes.
const ALARM_LAG: i64 = 15 * MINUTE;
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
    let unused = out_of_use(case, onset);
    for signal in &case.signals {
        let Some(resource) = &signal.meta.resource else {
            continue;
        };
        let entry = all.entry(resource).or_default();
        if is_load(signal) || unused.contains(resource) {
            continue;
        }
        if let Some(size) = deviation(case, signal, onset) {
            // The same measure as the symptom's travels along the calls; others say less.
            let other = symptom.is_some_and(|s| !s.is_named(&signal.meta.name));
            let size = size * if other { OTHER } else { 1.0 };
            entry.series.push((size, signal.meta.id.clone()));
            entry.size = entry.size.max(size);
        }
    }
    let shares: BTreeMap<&String, f64> = all
        .iter()
        .map(|(r, d)| {
            let apart = needed.as_ref().is_some_and(|n| !n.contains_key(*r));
            let seen = if apart { APART } else { 1.0 } * if is_address(r) { ADDRESS } else { 1.0 };
            (*r, d.size.ln_1p() * seen)
        })
        .collect();
    let weights: Vec<(&String, f64)> = all
        .iter()
        .filter(|(_, d)| d.size >= DEVIATES)
        .map(|(r, _)| (*r, weight(r, &shares, topology)))
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

/// Its own deviation on a scale of logarithms, less what it passes on of its callees'.
fn weight(resource: &String, shares: &BTreeMap<&String, f64>, topology: &Topology) -> f64 {
    let of = |r: &String| shares.get(r).copied().unwrap_or(0.0);
    let below = topology.callees(resource).map(of).fold(0.0, f64::max);
    let own = of(resource);
    (own - PASSED_ON * below).max(0.05 * own).exp_m1()
}

/// Resources that are hardly asked for anything any more.
fn out_of_use<'c>(case: &'c Case<'_>, onset: Timestamp) -> BTreeSet<&'c String> {
    let idle = |s: &&Signal| {
        is_load(s)
            && s.meta.stat.eq_ignore_ascii_case("sum")
            && around(case, s, onset).is_some_and(|(centre, _, level)| level < OUT_OF_USE * centre)
    };
    case.signals
        .iter()
        .filter(idle)
        .filter_map(|s| s.meta.resource.as_ref())
        .collect()
}

/// Centre and spread of a series before the onset, and its level from the onset on. `None` without
/// samples on both sides.
fn around(case: &Case<'_>, signal: &Signal, onset: Timestamp) -> Option<(f64, f64, f64)> {
    let data = &signal.data;
    let onset = onset.plus(-ALARM_LAG);
    let i = data.index(onset);
    let before = data.calm.get(..i).filter(|b| b.len() >= 6)?;
    let (centre, spread) = robust::centre_and_spread(before)?;
    let few = data.index(onset.plus(3 * ALARM_LAG)).max(i + FEW);
    let after = data.calm.get(i..few.min(data.index(case.window.end)))?;
    let level = mean(after)?;
    let mut distances: Vec<f64> = before.iter().map(|v| (v - centre).abs()).collect();
    let tail = robust::quantile_of(&mut distances, 0.95).unwrap_or(0.0) / 2.0;
    Some((centre, spread.max(tail), level))
}

/// Size of the deviation of a series from `onset` on in its bad direction.
fn deviation(case: &Case<'_>, signal: &Signal, onset: Timestamp) -> Option<f64> {
    let (centre, spread, level) = around(case, signal, onset)?;
    // A series that hardly ever moves has no spread; a thousandth of its level stands in. More
    // would hide an availability that falls by half a per cent.
    let z = (level - centre) / spread.max(0.001 * centre.abs()).max(1e-9);
    let size = match (felt(signal), symptom::bad_direction(signal)) {
        (true, Direction::Up) => z,
        (true, Direction::Down) => -z,
        (false, _) => 0.5 * z.abs(),
    };
    Some(size.clamp(0.0, MOST_DEVIANT))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Whether a series says how much is asked of a resource.
pub(crate) fn is_load(signal: &Signal) -> bool {
    let name = symptom::lower(signal);
    !felt(signal)
        && ["request", "invocation", "hits"]
            .iter()
            .any(|w| name.contains(w))
}

/// Whether a resource is an address or a client's view rather than a component.
fn is_address(resource: &str) -> bool {
    resource.ends_with("_remote")
        || resource.ends_with("_client")
        || resource.contains(".amazonaws.com")
}

fn felt(signal: &Signal) -> bool {
    let name = signal.meta.name.to_ascii_lowercase();
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
