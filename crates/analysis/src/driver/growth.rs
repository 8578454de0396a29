//! Slow growth: when a series that had long been level began to grow until the symptom.
//!
//! A leak has no step. A level that breaks into a line (a hinge) is fitted to what came before the
//! symptom by least squares, for every place of the break; its place is the onset.

use crate::{
    case::Signal,
    series::{Prepared, robust},
};
use model::{
    Timestamp,
    time::{DAY, HOUR, MINUTE},
};

/// Most bins that the time before the symptom is cut into.
const BINS: i64 = 480;
/// Farthest that growth is followed back.
const BACK: i64 = 5 * DAY;
/// Fewest bins on either side of the break.
const FEWEST: usize = 8;
/// Least growth, as a share of the level.
const LEAST: f64 = 0.3;
/// Least part of the variance that the hinge explains.
const EXPLAINS: f64 = 0.85;
/// A step explains less than this part of what the hinge leaves unexplained, or it is a step.
const STEADIER: f64 = 0.6;
/// Shortest growth that is slow.
const SLOW: i64 = 2 * HOUR;

/// Growth that led up to a symptom.
pub(super) struct Growth {
    /// When it began.
    pub at: Timestamp,
    /// Half width of the interval around it, seconds.
    pub uncertainty_s: i64,
    /// Level before.
    pub before: f64,
    /// Level when the symptom began.
    pub after: f64,
}

/// Sums of a stretch, for fitting lines.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Sums {
    fn with(self, x: f64, y: f64) -> Self {
        Self {
            n: self.n + 1.0,
            x: self.x + x,
            y: self.y + y,
            xx: self.xx + x * x,
            xy: self.xy + x * y,
            yy: self.yy + y * y,
        }
    }

    fn less(self, o: Self) -> Self {
        Self {
            n: self.n - o.n,
            x: self.x - o.x,
            y: self.y - o.y,
            xx: self.xx - o.xx,
            xy: self.xy - o.xy,
            yy: self.yy - o.yy,
        }
    }

    /// Squares around the mean.
    fn around_mean(self) -> f64 {
        (self.yy - self.y * self.y / self.n.max(1.0)).max(0.0)
    }
}

/// The growth of a series until `felt`, where there is one: in the samples as they are, else in those
/// without their season. A day of growth spoils the season that is estimated from few days.
pub(super) fn growth(signal: &Signal, start: Timestamp, felt: Timestamp) -> Option<Growth> {
    let data = &signal.data;
    fitted(data, &data.values, start, felt).or_else(|| fitted(data, &data.calm, start, felt))
}

fn fitted(data: &Prepared, values: &[f64], start: Timestamp, felt: Timestamp) -> Option<Growth> {
    let start = start.max(felt.plus(-BACK));
    let width = (felt.since(start) / BINS).max(5 * MINUTE).max(data.step_ms);
    let mut points = Vec::new();
    let mut at = start;
    while at.plus(width) <= felt {
        if let Some(v) = values
            .get(data.index(at)..data.index(at.plus(width)))
            .and_then(robust::median)
        {
            points.push((at.since(start) as f64 / HOUR as f64, v));
        }
        at = at.plus(width);
    }
    if points.len() < 3 * FEWEST {
        return None;
    }
    let mut sums = vec![Sums::default()];
    for (x, y) in &points {
        sums.push(sums.last()?.with(*x, *y));
    }
    let all = *sums.last()?;
    let hinge = |k: usize| -> Option<(f64, f64, f64)> {
        let (head, tail) = (*sums.get(k)?, all.less(*sums.get(k)?));
        let x0 = points.get(k)?.0;
        // y = a + b max(0, x - x0): normal equations in a and b.
        let u = tail.x - tail.n * x0;
        let uu = tail.xx - 2.0 * x0 * tail.x + tail.n * x0 * x0;
        let uy = tail.xy - x0 * tail.y;
        let det = all.n * uu - u * u;
        if det <= 0.0 {
            return None;
        }
        let a = (all.y * uu - u * uy) / det;
        let b = (all.n * uy - u * all.y) / det;
        let left = all.yy - a * all.y - b * uy;
        (head.n > 0.0).then_some((left.max(0.0), a, b))
    };
    let best = (FEWEST..points.len() - FEWEST)
        .filter_map(|k| Some((k, hinge(k)?)))
        .min_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    let (k, (left, a, b)) = best;
    let step = (FEWEST..points.len() - FEWEST)
        .filter_map(|k| Some(sums.get(k)?.around_mean() + all.less(*sums.get(k)?).around_mean()))
        .fold(f64::MAX, f64::min);
    let (first, last) = (points.get(k)?.0, points.last()?.0);
    let after = a + b * (last - first);
    let grows = after - a >= LEAST * a.abs() && (last - first) * HOUR as f64 >= SLOW as f64;
    let explains = left <= (1.0 - EXPLAINS) * all.around_mean() && left <= STEADIER * step;
    if !(grows && explains) {
        return None;
    }
    // Every break that fits hardly worse may be the one: likelihood ratio of 95 %, with a tenth of the
    // samples because neighbours are alike.
    let hardly_worse = left * (1.0 + 4.0 / (all.n / 10.0));
    let place = |k: &usize| points.get(*k).map_or(first, |p| p.0);
    let alike: Vec<usize> = (FEWEST..points.len() - FEWEST)
        .filter(|k| hinge(*k).is_some_and(|h| h.0 <= hardly_worse))
        .collect();
    let reach = alike.first().zip(alike.last()).map_or(0.0, |(low, high)| {
        (first - place(low)).max(place(high) - first) * HOUR as f64
    });
    Some(Growth {
        at: start.plus((first * HOUR as f64) as i64),
        uncertainty_s: ((reach.min(6.0 * HOUR as f64) + width as f64) / 1000.0) as i64,
        before: a,
        after,
    })
}
