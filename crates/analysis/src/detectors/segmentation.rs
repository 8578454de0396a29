//! Level shifts in a sequence of numbers: penalised least squares on cleaned values, with the noise
//! measured in the sequence itself.
//!
//! 1. Long sequences are thinned to means of the middle half of blocks (`crate::series::blocks`).
//! 2. Values are cleaned ([`clean`]): what is further than three spreads from the running median of 25
//!    is moved to there (Hampel's filter), so that spikes cost the same however high they are.
//! 3. Candidates are the local maxima of moving sums at all widths (MOSUM, Eichinger and Kirch 2018);
//!    dynamic programming picks those that minimise the squared rests plus a penalty a shift
//!    ([`mod@select`]; Jackson et al. 2005). The penalty is 6 ln(n) times the *long-run* variance, which
//!    is measured by moving sums and so holds the autocorrelation without a model of it.
//! 4. Short stays of which there are three and more alike are the nature of the series
//!    ([`super::bursts`]).
//! 5. Steps of one direction that a line explains as well are one ramp ([`super::ramp`]).
//! 6. Each shift must stand out at some width from what moving sums of that width usually are in this
//!    very series, must show near its place, and must last; the weakest are taken away first
//!    ([`judge`]). That is what keeps drifts and unremoved seasons from being shifts.
//!
//! Cost: O(n) a width and about two widths an octave, with at most 4,800 blocks.

mod clean;
mod judge;
mod scan;
mod select;

use super::{bursts, ramp, snap};
use crate::series::blocks;
use judge::Judge;
use scan::{Sums, candidates, refine};
use select::select;

/// A shift of the level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift {
    /// First index of the new level; of a ramp its onset.
    pub index: usize,
    /// First index of the new level of a ramp; `index` of a step.
    pub end: usize,
    /// Median before, since the previous shift at most.
    pub before: f64,
    /// Median after, to the next shift at most.
    pub after: f64,
    /// Size over the noise as a multiple of the threshold, at the width at which it is clearest:
    /// 1 and more counts.
    pub clarity: f64,
    /// Samples from it to the nearer of its neighbours.
    pub width: usize,
}

impl Shift {
    /// Whether the level moves over along a line.
    pub(crate) fn is_ramp(&self) -> bool {
        self.end > self.index
    }
}

/// Fewest samples of a level. A shorter stay is a spike, which is an anomaly and no new level.
const SHORTEST_LEVEL: usize = 10;
/// Fewest blocks of a level, where samples are thinned.
const SHORTEST_IN_BLOCKS: usize = 4;

/// Level shifts of a sequence, in order. `strictness` multiplies the thresholds.
pub(crate) fn shifts(values: &[f64], strictness: f64) -> Vec<Shift> {
    larger_than(values, judge::LEAST_SIZE, strictness)
}

/// The same, of at least `least` spreads of the noise.
pub(crate) fn larger_than(values: &[f64], least: f64, strictness: f64) -> Vec<Shift> {
    let block = blocks::size(values.len());
    let thin = blocks::means(values, block);
    let shortest = SHORTEST_LEVEL.div_ceil(block).max(SHORTEST_IN_BLOCKS);
    let mut found = search(&thin, least, strictness, shortest);
    for shift in &mut found {
        shift.index *= block;
        shift.end = (shift.end * block).min(values.len());
        shift.width *= block;
    }
    found
}

/// The steps that are seen in values as they are, whose season is not known yet: index and size within
/// `width` samples, within which no season bends much.
pub(crate) fn sharp_steps(values: &[f64], width: usize) -> Vec<(usize, f64)> {
    let (cleaned, _) = clean::cleaned(values);
    scan::sharp(&Sums::of(&cleaned), width)
}

/// Levels that explain values, none of their shifts judged.
pub(crate) struct Levels {
    /// Where the level shifts.
    pub at: Vec<usize>,
    rest: f64,
    penalty: f64,
}

impl Levels {
    pub(crate) fn of(values: &[f64]) -> Self {
        let (cleaned, spread) = clean::cleaned(values);
        let sums = Sums::of(&cleaned);
        let penalty = scan::penalty(&sums, scan::long_run(&scan::scales(&sums, spread), spread));
        let n = values.len();
        let found = candidates(&sums, n, penalty);
        let at = select(&sums, &found, n, penalty, SHORTEST_LEVEL);
        let mut rest = sums.squares();
        let mut from = 0;
        for to in at.iter().copied().chain([n]) {
            rest -= sums.explained(from, to);
            from = to;
        }
        Self { at, rest, penalty }
    }

    /// Whether they leave less, at the same price of a shift: the lower of both, that of the calmer values.
    pub(crate) fn simpler_than(&self, other: &Self) -> bool {
        let price = self.penalty.min(other.penalty);
        let cost = |l: &Self| l.rest + price * l.at.len() as f64;
        cost(self) < cost(other)
    }
}

fn search(values: &[f64], least_size: f64, strictness: f64, shortest: usize) -> Vec<Shift> {
    let n = values.len();
    if n < 2 * shortest {
        return Vec::new();
    }
    let (cleaned, spread) = clean::cleaned(values);
    let sums = Sums::of(&cleaned);
    let scales = scan::scales(&sums, spread);
    let long_run = scan::long_run(&scales, spread);
    let penalty = scan::penalty(&sums, long_run) * strictness * strictness;
    let mut at = select(&sums, &candidates(&sums, n, penalty), n, penalty, shortest);
    refine(&sums, &mut at, n);
    bursts::forget_usual(values, &mut at);
    snap(values, &mut at);
    let bends = scan::bend_scales(&sums, spread);
    let judge = Judge {
        values,
        sums: &sums,
        scales: &scales,
        bends: &bends,
        spread,
        strictness,
        // Where neighbours are alike, samples within their spread of each other mean less.
        least_size: least_size * (spread * long_run.sqrt()).sqrt(),
        shortest,
    };
    let mut items = ramps(values, &cleaned, penalty, &at);
    judge.prune(&mut items);
    let steps: Vec<usize> = items.iter().map(|i| i.0).collect();
    let mut kept = steps.clone();
    bursts::forget_usual(values, &mut kept);
    if kept.len() < steps.len() {
        items.retain(|i| kept.binary_search(&i.0).is_ok());
        judge.prune(&mut items);
    }
    let mut found = judge.shifts(&items);
    let stays = clean::stays(values, &cleaned, shortest);
    add_stays(values, &stays, OUTSTANDING * long_run.sqrt(), &mut found);
    found
}

/// A stay that is too short to be searched for is a change there and back when it is this many long-run
/// standard deviations away all the time.
const OUTSTANDING: f64 = 6.0;
/// From this many of them on they are the nature of the series.
const USUAL: usize = 3;

/// Adds both ends of stays that are at least `least` away, where nothing else was found.
fn add_stays(values: &[f64], stays: &[clean::Stay], least: f64, found: &mut Vec<Shift>) {
    if stays.len() >= USUAL {
        return;
    }
    for stay in stays.iter().filter(|s| s.height.abs() >= least) {
        let length = stay.to - stay.from;
        let (from, to) = (stay.from.saturating_sub(length), stay.to + length);
        let free = |s: &Shift| s.end + length < stay.from || s.index > stay.to + length;
        if from == 0 || to > values.len() || !found.iter().all(free) {
            continue;
        }
        let inside = bursts::level(values, stay.from, stay.to);
        let beside = [(from, stay.from), (stay.to, to)];
        let [before, after] = beside.map(|(a, b)| bursts::level(values, a, b));
        let shift = |index: usize, before: f64, after: f64| Shift {
            index,
            end: index,
            before,
            after,
            clarity: 1.0 + stay.height.abs() / least,
            width: length,
        };
        found.push(shift(stay.from, before, inside));
        found.push(shift(stay.to, inside, after));
    }
    found.sort_by_key(|s| s.index);
}

/// Puts steps where the samples say that they are.
fn snap(values: &[f64], at: &mut Vec<usize>) {
    let levels = bursts::levels(values, at);
    let old = at.clone();
    for (k, slot) in at.iter_mut().enumerate() {
        let from = k
            .checked_sub(1)
            .and_then(|k| old.get(k))
            .copied()
            .unwrap_or(0);
        let to = old.get(k + 1).copied().unwrap_or(values.len());
        if let Some([before, after]) = levels.get(k..k + 2) {
            *slot = snap::snapped(values, from, *slot, to, after - before);
        }
    }
    at.sort_unstable();
    at.dedup();
}

/// Steps and ramps (first index, first index of the new level), in order.
fn ramps(values: &[f64], cleaned: &[f64], penalty: f64, at: &[usize]) -> Vec<(usize, usize)> {
    let levels = bursts::levels(values, at);
    let mut items = Vec::new();
    let mut k = 0;
    while let Some(step) = at.get(k).copied() {
        let from = items.last().map_or(0, |i: &(usize, usize)| i.1);
        let next = |run: usize| at.get(k + run).copied().unwrap_or(values.len());
        let chained = |run: usize| {
            let steps = at.get(k..k + run)?;
            ramp::instead_of(cleaned, from, steps, next(run), penalty).map(|r| (r, run))
        };
        // The whole run, then halves of it: a run of many steps is one long ramp or none.
        let run = same_direction(&levels, k);
        let mut runs = std::iter::successors(Some(run), |r| Some(r / 2).filter(|r| *r > 0));
        let is_step = run == 1 && ramp::is_step(values, from, step, next(1));
        let found = runs.find_map(chained).filter(|_| !is_step);
        if let Some((ramp, run)) = found {
            items.push((ramp::begun(values, from, &ramp, step), ramp.end));
            k += run;
        } else {
            items.push((step, step));
            k += 1;
        }
    }
    joined(values, items)
}

/// Share of the length of two ramps that may lie between them: longer runs of steps than [`LONGEST_RUN`]
/// are fitted in pieces.
const BETWEEN: usize = 20;
/// How often one is as steep as the other at most.
const AS_STEEP: f64 = 3.0;

/// Ramps that go on from each other are one, and so is a ramp with the step that it begins with.
fn joined(values: &[f64], items: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let slope = |(from, to): (usize, usize)| {
        let at = |i: usize| values.get(i.min(values.len() - 1)).copied().unwrap_or(0.0);
        (at(to) - at(from)) / (to - from).max(1) as f64
    };
    let mut out: Vec<(usize, usize)> = Vec::new();
    for item in items {
        match out.last_mut() {
            Some(last) if last.1 == last.0 && item.1 > item.0 => {
                let beside = |from: usize, to: usize| bursts::level(values, from, to);
                let before = beside(last.0.saturating_sub(SHORTEST_LEVEL), last.0);
                let after = beside(last.0, (last.0 + SHORTEST_LEVEL).min(item.1));
                let onwards = (after - before) * slope(item) > 0.0;
                if onwards && item.0 - last.0 < SHORTEST_LEVEL {
                    last.1 = item.1;
                } else {
                    out.push(item);
                }
            }
            Some(last) if last.1 > last.0 && item.1 > item.0 => {
                let near = item.0.saturating_sub(last.1) * BETWEEN <= item.1 - last.0;
                let ratio = slope(item) / slope(*last);
                if near && (1.0 / AS_STEEP..AS_STEEP).contains(&ratio) {
                    last.1 = item.1;
                } else {
                    out.push(item);
                }
            }
            _ => out.push(item),
        }
    }
    out
}

/// Longest run of steps that is looked at.
const LONGEST_RUN: usize = 64;

/// Number of steps from `k` on that go the same way.
fn same_direction(levels: &[f64], k: usize) -> usize {
    let way = |pair: &[f64]| matches!(pair, [a, b] if b > a);
    let pairs = || levels.windows(2).skip(k).take(LONGEST_RUN);
    let Some(first) = pairs().next().map(way) else {
        return 1;
    };
    pairs().take_while(|p| way(p) == first).count().max(1)
}

#[cfg(test)]
mod tests;
