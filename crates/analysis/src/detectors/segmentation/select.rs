//! Which of the candidates are kept: the least sum of squared rests and penalties.

use super::scan::Sums;

/// The subset of `candidates` (sorted) with the least penalised squares, by optimal partitioning
/// (Jackson et al. 2005) over the candidates; no piece is shorter than `shortest`.
pub(super) fn select(
    sums: &Sums,
    candidates: &[usize],
    n: usize,
    penalty: f64,
    shortest: usize,
) -> Vec<usize> {
    let mut points = Vec::with_capacity(candidates.len() + 2);
    points.push(0);
    points.extend_from_slice(candidates);
    points.push(n);
    // Best cost up to a point, and the point before it.
    let mut best: Vec<(f64, usize)> = vec![(0.0, 0)];
    for (j, to) in points.iter().enumerate().skip(1) {
        let mut least = (f64::INFINITY, 0);
        for (i, (from, (cost, _))) in points.iter().zip(&best).enumerate() {
            if to - from < shortest {
                break;
            }
            let cost = cost + penalty - sums.explained(*from, *to);
            if cost < least.0 {
                least = (cost, i);
            }
        }
        debug_assert_eq!(best.len(), j);
        best.push(least);
    }
    let mut out = Vec::new();
    let mut k = points.len() - 1;
    while let Some((_, before)) = best.get(k).copied() {
        if before == 0 {
            break;
        }
        out.extend(points.get(before));
        k = before;
    }
    out.reverse();
    out
}
