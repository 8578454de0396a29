//! From samples to the points of a line: gaps stay gaps, spikes stay spikes.

use model::Timestamp;
use std::ops::Range;

/// Runs of samples that are joined: a new run begins wherever two samples are further apart than
/// `gap_ms`.
pub(crate) fn runs(points: &[(Timestamp, f64)], gap_ms: i64) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (i, pair) in points.windows(2).enumerate() {
        if let [(a, _), (b, _)] = pair
            && b.since(*a) > gap_ms
        {
            out.push(start..i + 1);
            start = i + 1;
        }
    }
    if start < points.len() {
        out.push(start..points.len());
    }
    out
}

/// Leaves at most two points in each column of `width`: the lowest and the highest, in the order
/// in which they came. First and last point of the run stay, so that gaps keep their edges.
pub(crate) fn thin(points: &[(f64, f64)], width: f64) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::new();
    let mut rest = points;
    while let Some(first) = rest.first() {
        let column = (first.0 / width).floor();
        let n = rest
            .partition_point(|p| (p.0 / width).floor() <= column)
            .max(1);
        let (bucket, later) = rest.split_at(n);
        push_extremes(&mut out, bucket);
        rest = later;
    }
    for (edge, at_end) in [(points.first(), false), (points.last(), true)] {
        if let Some(edge) = edge
            && !out.contains(edge)
        {
            let place = if at_end { out.len() } else { 0 };
            out.insert(place, *edge);
        }
    }
    out
}

fn push_extremes(out: &mut Vec<(f64, f64)>, bucket: &[(f64, f64)]) {
    let by_y = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let (Some(low), Some(high)) = (bucket.iter().min_by(by_y), bucket.iter().max_by(by_y)) else {
        return;
    };
    let (a, b) = if low.0 <= high.0 {
        (low, high)
    } else {
        (high, low)
    };
    out.push(*a);
    if a != b {
        out.push(*b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(minute * 60)
    }

    #[test]
    fn a_missing_sample_splits_the_line() {
        let points: Vec<_> = [0, 1, 2, 4, 5, 9].map(|m| (at(m), 1.0)).to_vec();
        assert_eq!(runs(&points, 90_000), vec![0..3, 3..5, 5..6]);
        assert_eq!(runs(&[], 90_000), Vec::<Range<usize>>::new());
    }

    #[test]
    fn one_spike_among_thousands_stays() {
        let points: Vec<(f64, f64)> = (0..9_000)
            .map(|i| {
                (
                    f64::from(i) / 10.0,
                    if i == 4_567 { -99.0 } else { f64::from(i % 3) },
                )
            })
            .collect();
        let thinned = thin(&points, 1.0);
        assert!(thinned.len() <= 1_802, "{}", thinned.len());
        assert!(thinned.contains(&(456.7, -99.0)));
        assert_eq!(thinned.first(), points.first());
        assert_eq!(thinned.last(), points.last());
        assert!(thinned.is_sorted_by(|a, b| a.0 <= b.0));
    }
}
