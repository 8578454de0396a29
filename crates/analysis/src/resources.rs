//! Which resource deviates first and explains the rest.
//!
//! Each series is compared with itself right before the onset ([`deviation`]) in the direction that
//! is bad for what it measures ([`measure`]). What is felt of a resource, its latency and its
//! errors, travels up along the calls, so that of it a part is taken off for the most deviant of
//! what it needs: the deepest one that deviates leads. What is used up (processor, memory, credits)
//! stays where it is and counts in full. A resource that is asked as usual and has stopped to ask
//! others, while none of those fails, is where the requests end. What nobody asks any more does not
//! count.

mod deviation;
mod measure;

use crate::{
    case::{Case, Signal},
    topology::Topology,
};
use deviation::Deviation;
use measure::Measure;
use model::{SeriesMeta, Timestamp, analysis::ResourceRank};
use std::collections::{BTreeMap, BTreeSet};

/// A deviation below this many robust standard deviations is none.
const DEVIATES: f64 = 3.0;
/// More than this many robust standard deviations says nothing more.
const MOST_DEVIANT: f64 = 30.0;
/// Series of one measure that are averaged: one percentile alone is easily off by chance.
const AGREEING: usize = 3;
/// Share of what is felt of the most deviant of what it needs that a resource loses: what it only
/// passes on.
const PASSED_ON: f64 = 0.2;
/// What latency counts where the symptom are errors, and the other way round.
const OTHER_FELT: f64 = 0.3;
/// What measures count that nobody knows the meaning of.
const OTHER: f64 = 0.1;
/// What a figure of the node counts for one of its pods.
const OF_NODE: f64 = 0.03;
/// What a deviation of something that the symptom's resource does not need counts.
const APART: f64 = 0.3;
/// What an address counts: it is how a caller sees something, not a thing that anybody changes.
const ADDRESS: f64 = 0.5;
/// Share of its usual load below which a resource is out of use: what is left of its series is
/// not about the incident.
const OUT_OF_USE: f64 = 0.2;
/// Most that "it stopped to ask others" counts, on the scale of logarithms.
const STOPPED: f64 = 3.0;
/// What is felt of a callee, on the scale of logarithms, that explains why nobody asks others
/// any more.
const EXPLAINS_STOP: f64 = 2.0;
/// Least weight that is listed, on the scale of logarithms: twice the usual.
const LISTED: f64 = 0.7;
/// Resources listed.
const MOST: usize = 20;
/// Series shown of each.
const SHOWN: usize = 5;

/// Whether a series says how much is asked of a resource.
pub(crate) fn is_load(signal: &Signal) -> bool {
    Measure::of(signal) == Measure::Load
}

/// What is known of one resource, on a scale of logarithms.
#[derive(Clone, Debug, Default)]
struct Weighed {
    /// Of its latency and its errors.
    felt: f64,
    /// Of what is used up, and of the rest.
    own: f64,
    /// Series that deviate, with their sizes.
    series: Vec<(f64, String)>,
}

/// Ranks the resources by what they explain from `onset` on; empty without resources. `drives` is
/// the series that physics names as what drives the symptom, if it does.
pub(crate) fn rank(
    case: &Case<'_>,
    topology: &Topology,
    symptom: Option<&SeriesMeta>,
    onset: Timestamp,
    drives: Option<&str>,
) -> Vec<ResourceRank> {
    let end = case.window.end;
    let mut loads: BTreeMap<&String, Deviation> = BTreeMap::new();
    let mut sizes: BTreeMap<&String, BTreeMap<Measure, Vec<f64>>> = BTreeMap::new();
    let mut all: BTreeMap<&String, Weighed> = BTreeMap::new();
    for signal in &case.signals {
        let Some(resource) = &signal.meta.resource else {
            continue;
        };
        let Some(deviation) = Deviation::of(signal, onset, end) else {
            continue;
        };
        let measure = Measure::of(signal);
        if measure == Measure::Load {
            loads.insert(resource, deviation);
            continue;
        }
        let size = deviation.size(measure.bad(signal)).min(MOST_DEVIANT);
        let of_resource = sizes.entry(resource).or_default();
        of_resource.entry(measure).or_default().push(size.ln_1p());
        let entry = all.entry(resource).or_default();
        entry.series.push((size, signal.meta.id.clone()));
    }
    all.retain(|r, _| {
        loads
            .get(r)
            .is_none_or(|l| l.level >= OUT_OF_USE * l.centre)
    });
    let seen = Seen::of(case, topology, symptom);
    for (resource, weighed) in &mut all {
        if let Some(sizes) = sizes.get_mut(resource) {
            seen.weigh(resource, sizes, weighed);
        }
    }
    credit(case, drives, &mut all);
    let stopped = stopped(&all, &loads, topology);
    let weights: Vec<(&String, f64)> = all
        .iter()
        .map(|(r, w)| {
            let below = if topology.is_empty() && seen.at == Some(r.as_str()) {
                // Where nobody says what it needs, it may need everything.
                let others = all.iter().filter(|(o, _)| o != &r);
                others.map(|(_, w)| w.felt + w.own).fold(0.0, f64::max)
            } else {
                felt_below(r, &all, topology)
            };
            let felt = (w.felt - PASSED_ON * below).max(0.05 * w.felt);
            let sum = felt + w.own + stopped.get(r).copied().unwrap_or(0.0);
            (*r, sum)
        })
        .filter(|(_, sum)| *sum > LISTED)
        .map(|(r, sum)| (r, sum.exp_m1()))
        .collect();
    ranked(&weights, &all)
}

/// The resource whose spent credits physics connects with the symptom deviates as much as any can,
/// though it left its level long before.
fn credit<'c>(case: &'c Case<'_>, drives: Option<&str>, all: &mut BTreeMap<&'c String, Weighed>) {
    let Some(signal) = drives.and_then(|id| case.signal(id)) else {
        return;
    };
    if let Some(resource) = &signal.meta.resource {
        let weighed = all.entry(resource).or_default();
        weighed.own += MOST_DEVIANT.ln_1p();
        weighed.series.retain(|(_, id)| id != signal.id());
        weighed.series.push((MOST_DEVIANT, signal.meta.id.clone()));
    }
}

/// Shares of the weights, the largest first. One that only just deviates shares with "none of them".
fn ranked(weights: &[(&String, f64)], all: &BTreeMap<&String, Weighed>) -> Vec<ResourceRank> {
    let total: f64 = weights.iter().map(|w| w.1).sum::<f64>();
    let mut out: Vec<ResourceRank> = weights
        .iter()
        .map(|(resource, weight)| ResourceRank {
            rank: 0,
            resource: (*resource).clone(),
            score: weight / (total + DEVIATES),
            series: all.get(resource).map(shown).unwrap_or_default(),
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

/// The series that show it: those that deviate, at least the one that does most.
fn shown(weighed: &Weighed) -> Vec<String> {
    let mut series: Vec<&(f64, String)> = weighed.series.iter().collect();
    series.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let deviant = series.iter().filter(|(size, _)| *size >= DEVIATES).count();
    series
        .into_iter()
        .take(deviant.clamp(1, SHOWN))
        .map(|(_, id)| id.clone())
        .collect()
}

/// From where the deviations are looked at.
struct Seen<'s> {
    /// The symptom's resource.
    at: Option<&'s str>,
    /// What the symptom's resource needs, where anybody says.
    needed: Option<BTreeMap<String, usize>>,
    /// The symptom's measure.
    symptom: Option<Measure>,
}

impl<'s> Seen<'s> {
    fn of(case: &Case<'_>, topology: &Topology, symptom: Option<&'s SeriesMeta>) -> Self {
        // A symptom that nobody named is a guess, and so would be what it needs.
        let named = symptom.filter(|s| case.evidence.symptom.contains(&s.id));
        let at = named.and_then(|s| s.resource.as_deref());
        Self {
            at,
            needed: at
                .filter(|_| !topology.is_empty())
                .map(|r| topology.reach(r)),
            symptom: named
                .and_then(|s| case.signal(&s.id))
                .map(Measure::of)
                .filter(|m| m.is_felt()),
        }
    }

    /// Adds up what its measures say about a resource.
    fn weigh(&self, resource: &str, sizes: &mut BTreeMap<Measure, Vec<f64>>, out: &mut Weighed) {
        let apart = self
            .needed
            .as_ref()
            .is_some_and(|n| !n.contains_key(resource));
        let counts =
            if apart { APART } else { 1.0 } * if is_address(resource) { ADDRESS } else { 1.0 };
        for (measure, sizes) in sizes {
            let size = counts * together(sizes);
            match measure {
                Measure::Latency | Measure::Errors => {
                    let alike = self.symptom.is_none_or(|s| s == *measure);
                    out.felt = out.felt.max(size * if alike { 1.0 } else { OTHER_FELT });
                }
                Measure::Saturation => out.own += size,
                Measure::Waiting | Measure::Other => out.own += OTHER * size,
                Measure::OfNode => out.own += OF_NODE * size,
                Measure::Load => {}
            }
        }
    }
}

/// Mean of the largest few.
fn together(sizes: &mut [f64]) -> f64 {
    sizes.sort_by(|a, b| b.total_cmp(a));
    let few = sizes.get(..AGREEING.min(sizes.len())).unwrap_or(&[]);
    few.iter().sum::<f64>() / few.len().max(1) as f64
}

/// What is felt of the most deviant of what a resource needs: of what it calls; of a file system or
/// a node below it all that deviates, because there is no call whose latency would say so.
fn felt_below(resource: &str, all: &BTreeMap<&String, Weighed>, topology: &Topology) -> f64 {
    let called = topology.callees(resource).filter_map(|c| all.get(c));
    let ground = topology.ground(resource).filter_map(|g| all.get(g));
    called
        .map(|w| w.felt)
        .chain(ground.map(|w| w.felt + w.own))
        .fold(0.0, f64::max)
}

/// Resources that are asked as usual and have stopped to ask others, with what that counts. Where
/// one of the others fails, that is why.
fn stopped<'r>(
    all: &BTreeMap<&'r String, Weighed>,
    loads: &BTreeMap<&'r String, Deviation>,
    topology: &Topology,
) -> BTreeMap<&'r String, f64> {
    let silent: BTreeSet<&String> = loads
        .iter()
        .filter(|(_, l)| {
            let steady = l.centre > 0.0 && l.rarely_less > 0.3 * l.centre;
            let asked = l.recent >= 0.5 * l.centre;
            steady && asked && l.least <= (0.5 * l.rarely_less).min(0.3 * l.centre)
        })
        .map(|(r, _)| *r)
        .collect();
    all.keys()
        .filter_map(|r| {
            let own = loads.get(r)?;
            let callees = topology.callees(r).filter(|c| silent.contains(c)).count();
            if callees == 0 || own.least < 0.4 * own.centre {
                return None;
            }
            let certain = 1.0 - 0.5_f64.powf(callees as f64);
            let explained = felt_below(r, all, topology) / EXPLAINS_STOP;
            Some((*r, STOPPED * certain * (1.0 - explained).max(0.0)))
        })
        .collect()
}

/// Whether a resource is an address or a client's view rather than a component.
fn is_address(resource: &str) -> bool {
    resource.ends_with("_remote")
        || resource.ends_with("_client")
        || resource.contains(".amazonaws.com")
}
