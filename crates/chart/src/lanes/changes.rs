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
        Some(Level {
            series: change.series.clone(),
            span,
            value: value * factor,
            range: None,
        })
    })
    .collect()
}
