//! Change points as a lane marks them: steps of one change together, the small ones left out.

use super::groups::{Group, NOTABLE};
use crate::lane::{Level, Mark, MarkKind};
use crate::value::{drawn_unit, value_text};
use model::analysis::{ChangePoint, Direction};
use model::time::SECOND;
use model::{Analysis, Series, Timestamp, Window};
use std::collections::BTreeMap;

/// Most changes that a lane marks; its summary counts the rest.
const MAX_CHANGES: usize = 5;

/// Changes of the members, the largest first. Change points of one series that follow each other
/// within a fiftieth of the window are steps of one change: it is drawn from the level before the
/// first to the level after the last.
pub(super) fn changes(group: &Group<'_>, analysis: &Analysis, window: Window) -> Vec<ChangePoint> {
    let near = window.millis() / 50;
    let mut out: Vec<ChangePoint> = Vec::new();
    for member in &group.members {
        let of = |c: &&ChangePoint| c.series == member.meta.id;
        let mut points: Vec<&ChangePoint> = analysis.changepoints.iter().filter(of).collect();
        points.sort_by_key(|c| c.at);
        let mut last = None;
        for point in points {
            match out.last_mut() {
                Some(whole) if steps(whole, point, last, near) => {
                    whole.after = point.after;
                    whole.confidence = whole.confidence.max(point.confidence);
                }
                _ => out.push(point.clone()),
            }
            last = Some(point.at);
        }
    }
    for change in &mut out {
        change.direction = if change.after < change.before {
            Direction::Down
        } else {
            Direction::Up
        };
    }
    let size = |c: &ChangePoint| (c.after - c.before).abs() * c.confidence;
    out.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.at.cmp(&b.at)));
    out
}

pub(super) fn factor_of(group: &Group<'_>, series: &str) -> f64 {
    group
        .members
        .iter()
        .find(|m| m.meta.id == series)
        .map_or(1.0, |m| drawn_unit(&m.meta).1)
}

pub(super) fn change_mark(
    change: &ChangePoint,
    group: &Group<'_>,
    labels: &[String],
    unit: &str,
) -> Mark {
    let factor = factor_of(group, &change.series);
    let mut of = group
        .members
        .iter()
        .zip(labels)
        .filter(|(m, _)| m.meta.id == change.series);
    let name = match of.next() {
        Some((_, label)) if labels.len() > 1 => format!("{label} "),
        _ => String::new(),
    };
    let (before, after) = (
        value_text(change.before * factor, unit),
        value_text(change.after * factor, unit),
    );
    Mark {
        at: change.at,
        uncertainty_ms: change.uncertainty_s.max(0).saturating_mul(SECOND),
        about: change.series.clone(),
        kind: match change.direction {
            Direction::Up => MarkKind::ChangeUp,
            Direction::Down => MarkKind::ChangeDown,
        },
        label: format!("{name}{before} → {after}"),
        short: format!("{before} → {after}"),
    }
}

/// Whether `point` goes on with a change whose last step was at `last`.
fn steps(whole: &ChangePoint, point: &ChangePoint, last: Option<Timestamp>, near_ms: i64) -> bool {
    whole.series == point.series
        && whole.direction == point.direction
        && last.is_some_and(|at| point.at.since(at) <= near_ms)
}

/// The changes that are marked: the largest, and only where a level moves by a quarter or more;
/// every daily wave has smaller ones. A level that the series never had (one of a model without
/// the daily wave) cannot be drawn into it.
pub(super) fn marked<'a>(changes: &'a [ChangePoint], members: &[&Series]) -> Vec<&'a ChangePoint> {
    let ranges: BTreeMap<&str, (f64, f64)> = members
        .iter()
        .map(|m| (m.meta.id.as_str(), range(m.samples.values())))
        .collect();
    let real = |c: &ChangePoint| {
        let range = ranges.get(c.series.as_str());
        range.is_some_and(|(low, high)| {
            [c.before, c.after]
                .iter()
                .all(|level| low <= level && level <= high)
        })
    };
    let notable = |c: &&ChangePoint| {
        let size = c.before.abs().max(c.after.abs());
        (c.after - c.before).abs() >= NOTABLE * size && size > 0.0 && real(c)
    };
    changes.iter().filter(notable).take(MAX_CHANGES).collect()
}

/// Lowest and highest value.
fn range(values: &[f64]) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    values
        .iter()
        .fold(ends, |(low, high), v| (low.min(*v), high.max(*v)))
}

/// The levels around a change, each over a twelfth of the window and no further than to the
/// series' next mark.
pub(super) fn change_levels(
    change: &ChangePoint,
    shown: &[&ChangePoint],
    group: &Group<'_>,
    window: Window,
) -> Vec<Level> {
    let factor = factor_of(group, &change.series);
    let reach = window.millis() / 12;
    let others = || {
        shown
            .iter()
            .filter(|c| c.series == change.series && c.at != change.at)
            .map(|c| c.at)
    };
    let start = change.at.plus(-reach);
    let start = others()
        .filter(|at| *at < change.at)
        .fold(start, std::cmp::Ord::max);
    let end = change.at.plus(reach);
    let end = others()
        .filter(|at| *at > change.at)
        .fold(end, std::cmp::Ord::min);
    [
        (start, change.at, change.before),
        (change.at, end, change.after),
    ]
    .into_iter()
    .filter_map(|(start, end, value)| {
        let span = Window::new(start.max(window.start), end.min(window.end))?;
        let member = group.members.iter().find(|m| m.meta.id == change.series);
        let range = member.and_then(|m| level_range(m, change, span, value));
        Some(Level {
            series: change.series.clone(),
            span,
            value: value * factor,
            range: range.map(|(low, high)| (low * factor, high * factor)),
        })
    })
    .collect()
}

/// Fewest samples of which an interval of the middle is told.
const FEWEST: usize = 6;

/// What a level may be as well: the interval that holds the median of what its samples come from in 95
/// of 100 cases, whatever their distribution (the order statistics around the middle, half of the root
/// of their number times 1.96 away; David and Nagaraja, Order Statistics, 3rd ed., 7.1), and the level
/// itself, which the analysis has from all of the regime. Samples so near to the change that they may
/// belong to its other side (the analysis' uncertainty of its time) are not counted.
fn level_range(
    series: &Series,
    change: &ChangePoint,
    span: Window,
    value: f64,
) -> Option<(f64, f64)> {
    let unsure = change.uncertainty_s.max(0).saturating_mul(SECOND);
    let sure = |t: Timestamp| span.contains(t) && t.since(change.at).abs() >= unsure;
    let samples = series
        .samples
        .iter()
        .filter(|(t, v)| sure(*t) && v.is_finite());
    let mut values: Vec<f64> = samples.map(|(_, v)| v).collect();
    if values.len() < FEWEST {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let aside = 0.98 * n.sqrt();
    let low = (n / 2.0 - aside).floor().max(1.0) as usize - 1;
    let high = (n / 2.0 + 1.0 + aside).ceil().min(n) as usize - 1;
    let (low, high) = (*values.get(low)?, *values.get(high)?);
    Some((low.min(value), high.max(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Samples, SeriesMeta, analysis::ChangeKind};

    #[test]
    fn a_level_is_as_sure_as_its_samples_are_alike_and_many() {
        let at = Timestamp::from_seconds;
        let series = |spread: f64| Series {
            meta: SeriesMeta::default(),
            samples: Samples::from_unordered(
                (0..100)
                    .map(|i| {
                        (
                            at(i * 60),
                            50.0 + spread * f64::from((i * 37 % 100) as i32 - 50),
                        )
                    })
                    .collect(),
            ),
        };
        let change = ChangePoint {
            series: String::new(),
            at: at(6_000),
            direction: Direction::Up,
            before: 50.0,
            after: 90.0,
            confidence: 0.9,
            kind: ChangeKind::Level,
            uncertainty_s: 60,
        };
        let span = |from, to| Window {
            start: at(from),
            end: at(to),
        };
        let range = |spread, from| level_range(&series(spread), &change, span(from, 6_000), 50.0);
        assert_eq!(range(0.0, 0), Some((50.0, 50.0)));
        let (low, high) = range(0.1, 0).unwrap();
        assert!(
            low < 49.5 && high > 50.0 && high - low < 3.0,
            "{low} {high}"
        );
        let (l, h) = range(0.1, 4_800).unwrap();
        assert!(h - l > high - low, "fewer samples say less");
        assert_eq!(range(0.1, 5_700), None, "too few of them");
        // What the analysis says lies inside, wherever the samples are.
        let (low, _) = level_range(&series(0.0), &change, span(0, 6_000), 20.0).unwrap();
        assert!((low - 20.0).abs() < 1e-9);
    }
}
