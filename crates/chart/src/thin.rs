//! From samples to the points of a line: gaps stay gaps, spikes stay spikes.

use crate::lane::Curve;
use model::Timestamp;
use std::ops::Range;

impl Curve {
    /// Runs of points that are joined, among those of `range`.
    pub(crate) fn runs(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let points = self.points.get(range.clone()).unwrap_or(&[]);
        let runs = match self.thinned {
            None => runs(points, self.gap_ms),
            Some(_) => split(points, &self.gaps),
        };
        let moved = |run: Range<usize>| run.start + range.start..run.end + range.start;
        runs.into_iter().map(moved).collect()
    }

    /// Spans without samples, among the points of `range`: each from the last sample before to the
    /// first after it.
    pub(crate) fn gaps_within(&self, range: Range<usize>) -> Vec<(Timestamp, Timestamp)> {
        let points = self.points.get(range).unwrap_or(&[]);
        let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else {
            return Vec::new();
        };
        if self.thinned.is_some() {
            let inside = |(from, to): &&(Timestamp, Timestamp)| first <= from && to <= last;
            return self.gaps.iter().filter(inside).copied().collect();
        }
        points
            .windows(2)
            .filter_map(|pair| match pair {
                [(a, _), (b, _)] if b.since(*a) > self.gap_ms => Some((*a, *b)),
                _ => None,
            })
            .collect()
    }
}

/// Runs of points between which lies none of the gaps, which are in order.
fn split(points: &[(Timestamp, f64)], gaps: &[(Timestamp, Timestamp)]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut start, mut gap) = (0, 0);
    for (i, pair) in points.windows(2).enumerate() {
        let [(a, _), (b, _)] = pair else { continue };
        while gaps.get(gap).is_some_and(|(from, _)| from < a) {
            gap += 1;
        }
        if gaps.get(gap).is_some_and(|(_, to)| to <= b) {
            out.push(start..i + 1);
            start = i + 1;
        }
    }
    if start < points.len() {
        out.push(start..points.len());
    }
    out
}

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
    let column = |p: &(f64, f64)| (p.0 / width).floor() as i64;
    let mut out = extremes(points, column, |here, p| column(p) == *here, |p| p.1);
    for (edge, at_end) in [(points.first(), false), (points.last(), true)] {
        let (Some(edge), end) = (edge, if at_end { out.last() } else { out.first() }) else {
            continue;
        };
        if end != Some(edge) {
            let place = if at_end { out.len() } else { 0 };
            out.insert(place, *edge);
        }
    }
    out
}

/// The lowest and the highest point of each column, in the order in which they come. `column` is that
/// of the first point in it, `holds` says whether a later one lies in it too: of a million points most
/// are asked for nothing dearer. Points of one column must follow each other.
pub(crate) fn extremes<P: Copy, C>(
    points: &[P],
    column: impl Fn(&P) -> C,
    holds: impl Fn(&C, &P) -> bool,
    value: impl Fn(&P) -> f64,
) -> Vec<P> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(first) = points.get(from) {
        let here = column(first);
        let (mut low, mut high) = ((from, value(first)), (from, value(first)));
        let mut to = from + 1;
        while let Some(point) = points.get(to).filter(|p| holds(&here, p)) {
            let value = value(point);
            if value < low.1 {
                low = (to, value);
            }
            if value > high.1 {
                high = (to, value);
            }
            to += 1;
        }
        out.extend(points.get(low.0.min(high.0)).copied());
        if low.0 != high.0 {
            out.extend(points.get(low.0.max(high.0)).copied());
        }
        from = to;
    }
    out
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
    fn a_thinned_curve_is_split_at_its_gaps_alone() {
        let points: Vec<_> = [0, 30, 60, 90, 91].map(|m| (at(m), 1.0)).to_vec();
        let curve = Curve {
            points,
            gap_ms: 90_000,
            thinned: Some(1_800_000),
            gaps: vec![(at(40), at(50)), (at(90), at(91))],
            ..Curve::default()
        };
        assert_eq!(curve.runs(0..5), vec![0..2, 2..4, 4..5]);
        assert_eq!(curve.runs(1..3), vec![1..2, 2..3]);
        assert_eq!(
            curve.gaps_within(0..5),
            vec![(at(40), at(50)), (at(90), at(91))]
        );
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
