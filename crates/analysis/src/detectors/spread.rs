//! Shifts of the spread: the same search, on the logarithm of how far samples are from the middle of
//! their two neighbours. The logarithm makes a factor a difference, and a wild value a small one.

use super::segmentation::{self, Shift};
use crate::series::{blocks, robust};

/// Fewest samples for judging the spread: the logarithm of a distance is noisy.
const FEWEST: usize = 120;
/// Most blocks: where the spread changes is not seen to the sample anyway.
const BLOCKS: usize = 2_000;
/// Fewest samples on each side of a shift.
const SHORTEST: usize = 40;
/// Least change of the spread: a factor of two (natural logarithm).
const LEAST: f64 = 0.69;
/// Share of the usual distance that is added before the logarithm: equal samples have none.
const FLOOR: f64 = 0.1;
/// Least size in spreads of the logarithm, which for a factor of two in normal noise is 0.6.
const LEAST_SIZE: f64 = 0.6;
/// A spell of another spread is no shifts when it is shorter than this share of the series: it is an
/// anomaly at most.
const SPELL: usize = 10;

/// Shifts of the spread of values, in order, their levels as distances.
pub(crate) fn shifts(values: &[f64], strictness: f64) -> Vec<Shift> {
    if values.len() < FEWEST {
        return Vec::new();
    }
    let mut distances = vec![0.0; values.len()];
    for (slot, three) in distances.iter_mut().skip(1).zip(values.windows(3)) {
        if let [a, b, c] = three {
            *slot = (b - (a + c) / 2.0).abs();
        }
    }
    let block = blocks::size_of_at_most(values.len(), BLOCKS);
    let mut distances = blocks::means(&distances, block).into_owned();
    let usual = robust::median(&distances).unwrap_or(0.0);
    if usual <= 0.0 {
        return Vec::new();
    }
    for d in &mut distances {
        *d = (*d / usual + FLOOR).ln();
    }
    if !varies(&distances) {
        return Vec::new();
    }
    let level = |log: f64| usual * (log.exp() - FLOOR).max(0.0);
    let found = segmentation::larger_than(&distances, LEAST_SIZE, strictness);
    lasting(&found, distances.len() / SPELL)
        .iter()
        .filter(|s| (s.after - s.before).abs() >= LEAST && s.width * block >= SHORTEST)
        .map(|s| Shift {
            index: s.index * block,
            end: s.end * block,
            width: s.width * block,
            before: level(s.before),
            after: level(s.after),
            clarity: s.clarity,
        })
        .collect()
}

/// Blocks of a stretch that is compared with the others.
const STRETCH: usize = 24;
/// Blocks at either end that are compared too: a shift may be about to last.
const ENDS: [usize; 3] = [4, 8, 16];
/// Share of the least change by which stretches differ where there may be one.
const HINT: f64 = 0.75;

/// Whether stretches differ enough for a shift to be looked for, which costs several times as much.
fn varies(logs: &[f64]) -> bool {
    if logs.len() < 10 * STRETCH {
        return true;
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let stretches = logs.chunks_exact(STRETCH).map(mean);
    let ends = ENDS.into_iter().flat_map(|n| {
        let ends = [logs.get(..n), logs.get(logs.len() - n..)];
        ends.into_iter().flatten().map(mean)
    });
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for level in stretches.chain(ends) {
        low = robust::smaller(low, level);
        high = robust::larger(high, level);
    }
    high - low >= HINT * LEAST
}

/// The shifts without those that begin and end a spell shorter than `spell`.
fn lasting(shifts: &[Shift], spell: usize) -> Vec<Shift> {
    let mut out: Vec<Shift> = Vec::new();
    for shift in shifts {
        let back = out.last().is_some_and(|last| {
            let (there, back) = (last.after - last.before, shift.after - shift.before);
            there * back < 0.0 && shift.index - last.index < spell
        });
        if back {
            out.pop();
        } else {
            out.push(*shift);
        }
    }
    out
}
