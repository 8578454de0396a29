//! Bursts: short stays away from a level. One is an event; many alike are the series' nature.

use crate::series::robust::median_of;

/// From this many alike on, bursts are usual.
const USUAL: usize = 3;
/// A burst of this many times the median mass is none of the usual ones.
const OUTSTANDING: f64 = 3.0;
/// A burst is no longer than this share of the series, and may always be this long (samples).
const LONGEST: (usize, usize) = (3, 8);
/// The nature of a series shows in this share of it at least; an incident that flaps does so at one time.
const SPREAD_OVER: usize = 3;
/// Most samples that a level is taken from.
const SAMPLE: usize = 400;

/// A stay away from the level: which shift begins it, at which index, by how much, and its size times its
/// length.
struct Burst {
    first: usize,
    start: usize,
    height: f64,
    mass: f64,
}

/// Medians of the pieces between the shifts at `at`.
pub(crate) fn levels(values: &[f64], at: &[usize]) -> Vec<f64> {
    let mut from = 0;
    at.iter()
        .copied()
        .chain([values.len()])
        .map(|to| {
            let level = level(values, from, to);
            from = to;
            level
        })
        .collect()
}

/// Median of a piece; of every k-th sample where it is long.
pub(crate) fn level(values: &[f64], from: usize, to: usize) -> f64 {
    let piece = values.get(from..to).unwrap_or(&[]);
    let stride = piece.len() / SAMPLE + 1;
    let mut sample: Vec<f64> = piece.iter().step_by(stride).copied().collect();
    median_of(&mut sample).unwrap_or(0.0)
}

/// Takes the bursts that are usual for the series out of its shifts.
pub(crate) fn forget_usual(values: &[f64], at: &mut Vec<usize>) {
    // What a burst was may only be seen when the smaller ones beside it are gone.
    for _ in 0..3 {
        let gone = usual(values, at);
        if gone.is_empty() {
            return;
        }
        let mut k = 0;
        at.retain(|_| {
            k += 1;
            !gone
                .iter()
                .any(|first| k - 1 == *first || k - 1 == first + 1)
        });
    }
}

/// The shifts that begin usual bursts.
fn usual(values: &[f64], at: &[usize]) -> Vec<usize> {
    if at.len() < 2 * USUAL {
        return Vec::new();
    }
    let longest = (values.len() / LONGEST.0).max(LONGEST.1);
    let levels = levels(values, at);
    let bursts: Vec<Burst> = at
        .windows(2)
        .zip(levels.windows(3))
        .enumerate()
        .filter_map(|(first, (at, levels))| {
            let ([start, end], [before, inside, after]) = (at, levels) else {
                return None;
            };
            let (up, down) = (inside - before, after - inside);
            let back = (after - before).abs() < 0.5 * up.abs().min(down.abs());
            let length = end - start;
            (up * down < 0.0 && back && length <= longest).then_some(Burst {
                first,
                start: *start,
                height: up,
                mass: up.abs() * length as f64,
            })
        })
        .collect();
    let of_way = |way: f64| -> Vec<usize> {
        let same = || bursts.iter().filter(move |b| b.height * way > 0.0);
        let mut masses: Vec<f64> = same().map(|b| b.mass).collect();
        if masses.len() < USUAL {
            return Vec::new();
        }
        let middle = median_of(&mut masses).unwrap_or(0.0);
        let alike: Vec<&Burst> = same().filter(|b| b.mass <= OUTSTANDING * middle).collect();
        let over = match (alike.first(), alike.last()) {
            (Some(first), Some(last)) => last.start - first.start,
            _ => 0,
        };
        if over * SPREAD_OVER < values.len() {
            return Vec::new();
        }
        alike.iter().map(|b| b.first).collect()
    };
    let mut out = of_way(1.0);
    out.extend(of_way(-1.0));
    out
}
