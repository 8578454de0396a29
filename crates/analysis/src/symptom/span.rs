//! From when to when an impact lasted, and what was normal before it.

use super::SURE;
use crate::{
    case::Signal,
    series::{Prepared, robust},
};
use model::{
    Timestamp,
    analysis::{ChangePoint, Direction, MeasuredImpact},
    time::{DAY, HOUR},
};

/// Least share of the whole rise of a change that began it: the same fifth from which on a jump of
/// the driver is its onset. A smaller one is the series' usual unrest.
const JOINS: f64 = 0.2;
/// Farthest that an impact is followed back from its main change.
const RUN: i64 = 6 * HOUR;

/// The first substantial change of a run in the bad direction that ends in `change` without coming
/// back. Where an impact was stated, what is more than an hour before it belongs to something else.
pub(super) fn onset(
    signal: &Signal,
    change: &ChangePoint,
    bad: Direction,
    stated: Option<Timestamp>,
) -> Timestamp {
    let mut start = change.at;
    let least = JOINS * (change.after - change.before).abs();
    for c in signal.sure(SURE).rev().filter(|c| c.at < change.at) {
        let far = stated.is_some_and(|s| s.since(c.at) > HOUR);
        if c.direction != bad || change.at.since(c.at) > RUN || far {
            break;
        }
        if (c.after - c.before).abs() >= least {
            start = c.at;
        }
    }
    start
}

/// Share of the excess that may be left after a recovery.
const LEFT: f64 = 1.0 / 3.0;
/// A series is back when it is within this share of the excess of where it comes to rest, or within
/// two robust standard deviations.
const ARRIVED: f64 = 0.05;
/// Share of the samples of the next hour that must be back as well, so that it is for good; the
/// rest are its usual spikes.
const FOR_GOOD: f64 = 0.9;
/// Fewest samples that say so.
const FEWEST: usize = 8;

/// When it was back to normal: not when the way back began. The samples after the first change the
/// good way that leaves less than a third of the excess are followed until they stay where they
/// come to rest.
pub(super) fn end(
    signal: &Signal,
    start: Timestamp,
    change: &ChangePoint,
    bad: Direction,
) -> Option<Timestamp> {
    let normal = signal
        .sure(0.0)
        .find(|c| c.at == start)
        .map_or(change.before, |c| c.before);
    let excess = (change.after - normal).abs();
    let left = |level: f64| match bad {
        Direction::Up => level - normal,
        Direction::Down => normal - level,
    };
    let mut later = signal.sure(0.5).filter(|c| c.at > change.at).peekable();
    let back = later
        .by_ref()
        .find(|c| c.direction != bad && left(c.after) < LEFT * excess)?;
    // It may come back in several steps.
    let mut rest = back;
    while let Some(next) = later.next_if(|c| c.direction != bad && c.at.since(rest.at) <= RUN) {
        rest = next;
    }
    let until = later.next().map(|c| c.at);
    let data = &signal.data;
    let from = data.index(back.at);
    let to = until.map_or(data.len(), |t| data.index(t)).max(from);
    let smooth = robust::median_filter5(data.calm.get(from..to).unwrap_or(&[]));
    let spread = data
        .calm
        .get(data.index(start.plus(-DAY))..data.index(start))
        .and_then(robust::centre_and_spread)
        .map_or(0.0, |(_, spread)| spread);
    let margin = (ARRIVED * excess).max((2.0 * spread).min(LEFT * excess));
    let arrived = left(rest.after).max(0.0) + margin;
    let hour = (HOUR / data.step_ms.max(1)).max(1) as usize;
    let stays = |limit: f64| {
        let calm: Vec<bool> = smooth.iter().map(|v| left(*v) <= limit).collect();
        (0..calm.len()).find(|i| {
            let next = calm.iter().skip(*i).take(hour.max(FEWEST));
            let (all, good) = next.fold((0, 0), |(n, g), c| (n + 1, g + usize::from(*c)));
            calm.get(*i) == Some(&true)
                && all >= FEWEST.min(calm.len())
                && good as f64 >= FOR_GOOD * all as f64
        })
    };
    let settled = stays(arrived).or_else(|| stays(LEFT * excess));
    Some(settled.map_or(back.at, |i| data.at(from + i)))
}

/// What was normal: the median of the samples before it; with a season, of those at the same times
/// of the day, so that a quiet night is not compared with busy days.
pub(super) fn normal(data: &Prepared, start: Timestamp, until: Timestamp) -> Option<f64> {
    let before = data.index(start);
    let all = data.values.get(..before)?;
    let length = until.since(start);
    if length < DAY && data.calm != data.values {
        let begin = start.millis();
        let alike: Vec<f64> = data
            .times
            .iter()
            .zip(all)
            .filter(|(t, _)| t.saturating_sub(begin).rem_euclid(DAY) < length)
            .map(|(_, v)| *v)
            .collect();
        if alike.len() >= FEWEST {
            return robust::median(&alike);
        }
    }
    robust::median(all)
}

/// Fewest other days on which the same happens at the same time before it is a habit.
const HABIT: usize = 2;

/// Whether the series goes the same way at the same time of most other days: at least half as far
/// within an hour. An impact that goes on for days moves once and is none of these.
pub(super) fn is_daily(data: &Prepared, impact: &MeasuredImpact, bad: Direction) -> bool {
    let excess = (impact.during - impact.normal).abs();
    let moved = |t: Timestamp| {
        let before = data.median_between(t.plus(-HOUR), t)?;
        let after = data.median_between(t, t.plus(HOUR))?;
        Some(match bad {
            Direction::Up => after - before,
            Direction::Down => before - after,
        })
    };
    let (Some(first), Some(last)) = (data.times.first(), data.times.last()) else {
        return false;
    };
    let days = |from: i64, to: i64| to.saturating_sub(from) / DAY;
    let start = impact.start.millis();
    // Times that a file states wrongly may span ages; two months are enough to know a habit.
    let (back, ahead) = (
        days(*first, start).clamp(0, 60),
        days(start, *last).clamp(0, 60),
    );
    let others: Vec<bool> = (-back..=ahead)
        .filter(|k| *k != 0)
        .filter_map(|k| moved(impact.start.plus(k * DAY)))
        .map(|gain| gain >= 0.5 * excess)
        .collect();
    let alike = others.iter().filter(|o| **o).count();
    alike >= HABIT && 2 * alike >= others.len()
}
