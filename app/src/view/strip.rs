//! The whole incident in a strip above the lanes: its size and its curve, the same on the server and in
//! the browser.

use super::Scale;
use model::{Timestamp, Window};
use std::fmt::Write;

/// Width and height of the strip in its own units; it is stretched to its place.
pub const WIDTH: f64 = 1_000.0;
/// See [`WIDTH`].
pub const HEIGHT: f64 = 40.0;

/// Time over the strip.
pub fn scale(bounds: Window) -> Scale {
    Scale {
        left: 0.0,
        right: WIDTH,
        window: bounds,
    }
}

/// A curve with at most the lowest and the highest sample of every two units. Gaps are not joined.
pub fn path(points: &[(Timestamp, f64)], gap_ms: i64, scale: Scale) -> String {
    let values = points.iter().map(|(_, v)| *v).filter(|v| v.is_finite());
    let (low, high) = values.fold((0.0_f64, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let range = if high > low { high - low } else { 1.0 };
    let y = |v: f64| HEIGHT - 2.0 - (v - low) / range * (HEIGHT - 8.0);
    let mut out = String::new();
    let mut last: Option<Timestamp> = None;
    let mut rest = points;
    while let Some((first, _)) = rest.first() {
        let column = (scale.x(*first) / 2.0).floor();
        let in_column = |(t, _): &&(Timestamp, f64)| (scale.x(*t) / 2.0).floor() <= column;
        let n = rest.iter().take_while(in_column).count().max(1);
        let (column, after) = rest.split_at(n.min(rest.len()));
        let finite = || column.iter().filter(|(_, v)| v.is_finite());
        let lowest = finite().min_by(|a, b| a.1.total_cmp(&b.1));
        let highest = finite().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<&(Timestamp, f64)> = [lowest, highest].into_iter().flatten().collect();
        both.sort_by_key(|(t, _)| *t);
        both.dedup();
        for (t, v) in both {
            let joined = last.is_some_and(|l| t.since(l) <= gap_ms.max(scale.millis(2.0)));
            let step = if joined { 'L' } else { 'M' };
            // Writing to a string cannot fail.
            let _ = write!(out, "{step}{:.1} {:.1}", scale.x(*t), y(*v));
            last = Some(*t);
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_keeps_spikes_and_gaps() {
        let at = Timestamp::from_seconds;
        let scale = scale(Window {
            start: at(0),
            end: at(10_000),
        });
        let mut points: Vec<(Timestamp, f64)> = (0..10_000).map(|s| (at(s), 1.0)).collect();
        points[5_003].1 = 100.0;
        points.drain(7_000..8_000);
        let path = path(&points, 5_000, scale);
        assert_eq!(path.matches('M').count(), 2, "one gap");
        assert!(path.contains("500.3 6.0"), "the spike: {path}");
        assert!(path.len() < 30_000);
    }
}
