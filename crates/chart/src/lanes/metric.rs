//! A lane of curves: its unit, curves, change points and credit milestones.

use super::groups::{Group, NOTABLE};
use super::marks::Overlays;
use crate::lane::{
    Band, BandKind, Cone, Content, Curve, Lane, LaneKind, Level, Mark, MarkKind, Plot,
};
use crate::palette::CURVES;
use crate::value::{drawn_unit, value_text};
use model::analysis::{ChangePoint, Credit, Direction};
use model::time::{HOUR, MINUTE};
use model::{Analysis, Evidence, Series, Timestamp, Window};
use std::collections::{BTreeMap, BTreeSet};

/// Most change points that a lane marks; its summary counts the rest.
const MAX_CHANGES: usize = 5;
/// From this ratio between the largest values of its curves on, a lane that compares kinds has a
/// logarithmic axis: on a linear one the small curves would lie on the base line.
const LOG_RATIO: f64 = 100.0;

pub(super) fn lane(
    group: &Group<'_>,
    evidence: &Evidence,
    analysis: &Analysis,
    overlays: &Overlays,
) -> Lane {
    let window = evidence.window;
    let unit = group
        .members
        .first()
        .map(|s| drawn_unit(&s.meta).0)
        .unwrap_or_default();
    let labels = curve_labels(&group.members);
    let curves: Vec<Curve> = group
        .members
        .iter()
        .zip(&labels)
        .zip(CURVES.iter().cycle())
        .map(|((series, label), ink)| curve(series, label, *ink))
        .collect();
    let log = group.by_kind && spread(&curves) >= LOG_RATIO;
    let series: Vec<String> = group.members.iter().map(|m| m.meta.id.clone()).collect();
    let credit = analysis.credits.iter().find(|c| series.contains(&c.series));
    let changes = if credit.is_some() {
        Vec::new()
    } else {
        changes(group, analysis, window)
    };
    let shown = marked(&changes, &group.members);

    let mut marks = overlays.marks_for(&series);
    let mut bands = overlays.bands.clone();
    let mut levels = Vec::new();
    for change in &shown {
        marks.push(change_mark(change, group, &labels, &unit));
        levels.extend(change_levels(change, &shown, group, window));
    }
    if let Some(credit) = credit {
        marks.extend(milestones(credit));
    }
    bands.extend(throttled(group, analysis));
    let forecast = credit.and_then(|c| cone(c, curves.first()));
    marks.extend(credit.and_then(|c| forecast_mark(c, window)));
    let mut lane = Lane {
        id: group.id.clone(),
        title: group.title.clone(),
        unit,
        kind: LaneKind::Metric,
        summary: String::new(),
        series,
        events: Vec::new(),
        content: Content::Metric(Plot {
            curves,
            log,
            levels,
            forecast,
        }),
        marks,
        bands,
    };
    lane.summary = summary(&lane, group, (&shown, changes.len()), credit);
    lane
}

fn curve(series: &Series, label: &str, ink: crate::Ink) -> Curve {
    let (_, factor) = drawn_unit(&series.meta);
    Curve {
        series: series.meta.id.clone(),
        label: label.to_owned(),
        points: series
            .samples
            .iter()
            .map(|(t, v)| (t, v * factor))
            .collect(),
        gap_ms: gap_ms(series),
        ink,
    }
}

/// Samples further apart than this are not joined: half a period more than one period, or for
/// series without a period ten times their usual distance (a scrape that is merely late is no
/// gap).
fn gap_ms(series: &Series) -> i64 {
    let step = series.samples.step_ms().unwrap_or(MINUTE);
    match series.meta.period_s {
        Some(period) if period > 0 => step.max(i64::from(period) * 1000) * 3 / 2,
        _ => step.saturating_mul(10).max(1),
    }
}

/// What tells the curves of a lane apart: name and statistic, or the dimensions that differ.
fn curve_labels(members: &[&Series]) -> Vec<String> {
    let names: BTreeSet<String> = members.iter().map(|m| m.meta.label()).collect();
    if names.len() == members.len() {
        return members.iter().map(|m| m.meta.label()).collect();
    }
    let keys: BTreeSet<&String> = members
        .iter()
        .flat_map(|m| m.meta.dimensions.keys())
        .collect();
    let differing: Vec<&String> = keys
        .into_iter()
        .filter(|k| {
            let values: BTreeSet<_> = members.iter().map(|m| m.meta.dimensions.get(*k)).collect();
            values.len() > 1
        })
        .collect();
    let labels: Vec<String> = members
        .iter()
        .map(|m| {
            let values = differing.iter().filter_map(|k| m.meta.dimensions.get(*k));
            values.cloned().collect::<Vec<_>>().join(" ")
        })
        .collect();
    let distinct: BTreeSet<&String> = labels.iter().collect();
    if distinct.len() == members.len() && labels.iter().all(|l| !l.is_empty()) {
        labels
    } else {
        members.iter().map(|m| m.meta.id.clone()).collect()
    }
}

/// Largest maximum of the curves over their smallest positive one.
fn spread(curves: &[Curve]) -> f64 {
    let tops: Vec<f64> = curves
        .iter()
        .map(|c| c.points.iter().map(|p| p.1).fold(0.0, f64::max))
        .filter(|top| *top > 0.0)
        .collect();
    let high = tops.iter().copied().fold(0.0, f64::max);
    let low = tops.iter().copied().fold(f64::INFINITY, f64::min);
    if tops.len() > 1 { high / low } else { 1.0 }
}

/// Changes of the members, the largest first. Change points of one series that follow each other
/// within a fiftieth of the window are steps of one change: it is drawn from the level before the
/// first to the level after the last.
fn changes(group: &Group<'_>, analysis: &Analysis, window: Window) -> Vec<ChangePoint> {
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

fn factor_of(group: &Group<'_>, series: &str) -> f64 {
    group
        .members
        .iter()
        .find(|m| m.meta.id == series)
        .map_or(1.0, |m| drawn_unit(&m.meta).1)
}

fn change_mark(change: &ChangePoint, group: &Group<'_>, labels: &[String], unit: &str) -> Mark {
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
fn marked<'a>(changes: &'a [ChangePoint], members: &[&Series]) -> Vec<&'a ChangePoint> {
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
fn change_levels(
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
            span,
            value: value * factor,
        })
    })
    .collect()
}

fn milestones(credit: &Credit) -> Vec<Mark> {
    [
        (credit.drain_start, "drain starts"),
        (credit.exhausted_at, "exhausted"),
        (credit.recovery_start, "recovers"),
    ]
    .into_iter()
    .filter_map(|(at, what)| {
        let at = at?;
        let label = format!("{what} {}", at.clock());
        Some(Mark {
            at,
            kind: MarkKind::Credit,
            label,
            short: what.to_owned(),
        })
    })
    .collect()
}

fn throttled(group: &Group<'_>, analysis: &Analysis) -> Vec<Band> {
    let owner = |id: &str, credit: &Credit| {
        credit.series == id
            || group.members.iter().any(|m| {
                m.meta.is_named("PermittedThroughput")
                    && credit.resource.is_some()
                    && m.meta.resource == credit.resource
            })
    };
    let id = group
        .members
        .first()
        .map(|m| m.meta.id.as_str())
        .unwrap_or_default();
    analysis
        .credits
        .iter()
        .filter(|credit| owner(id, credit))
        .flat_map(|credit| &credit.throttled)
        .map(|span| Band {
            span: *span,
            kind: BandKind::Throttled,
            label: if span.millis() >= HOUR {
                "throttled".to_owned()
            } else {
                String::new()
            },
        })
        .collect()
}

fn cone(credit: &Credit, curve: Option<&Curve>) -> Option<Cone> {
    let forecast = credit.forecast.as_ref()?;
    let from = *curve?.points.last()?;
    Some(Cone {
        from,
        zero: forecast.exhausts_at,
        low: forecast.low,
        high: forecast.high,
    })
}

/// Says where a falling balance ends; at the window's end where that lies beyond it.
fn forecast_mark(credit: &Credit, window: Window) -> Option<Mark> {
    let forecast = credit.forecast.as_ref()?;
    let zero = forecast.exhausts_at;
    Some(Mark {
        at: zero.min(window.end),
        kind: MarkKind::Forecast,
        label: format!(
            "falling: zero at {} UTC (between {} and {})",
            zero.minute(),
            forecast.low.minute(),
            forecast.high.minute()
        ),
        short: format!("falling: zero at {}", zero.minute()),
    })
}

/// What the lane shows, in words.
fn summary(
    lane: &Lane,
    group: &Group<'_>,
    (changes, all): (&[&ChangePoint], usize),
    credit: Option<&Credit>,
) -> String {
    let Content::Metric(plot) = &lane.content else {
        return String::new();
    };
    let mut parts = Vec::new();
    for curve in &plot.curves {
        let values = curve.points.iter().map(|p| p.1);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        parts.push(if curve.points.is_empty() {
            format!("{}: no samples.", curve.label)
        } else {
            let text = |v| value_text(v, &lane.unit);
            format!("{}: from {} to {}.", curve.label, text(low), text(high))
        });
    }
    if plot.log {
        parts.push("The axis is logarithmic, for the curves differ by orders of magnitude.".into());
    }
    for change in changes {
        let factor = factor_of(group, &change.series);
        let text = |v: f64| value_text(v * factor, &lane.unit);
        let at = change.at.minute();
        parts.push(format!(
            "Change at {at} UTC: {} to {}.",
            text(change.before),
            text(change.after)
        ));
    }
    if all > changes.len() {
        let n = all - changes.len();
        let (s, are) = if n == 1 { ("", "is") } else { ("s", "are") };
        parts.push(format!("{n} smaller change{s} {are} not marked."));
    }
    for (what, at) in credit.iter().flat_map(|c| {
        [
            ("Drains from", c.drain_start),
            ("Exhausted at", c.exhausted_at),
            ("Recovers from", c.recovery_start),
        ]
    }) {
        parts.extend(at.map(|at| format!("{what} {} UTC.", at.minute())));
    }
    if let Some(f) = credit.and_then(|c| c.forecast.as_ref()) {
        let (low, high) = (f.low.minute(), f.high.minute());
        parts.push(format!(
            "Reaches zero between {low} and {high} UTC if it goes on like this."
        ));
    }
    let gaps: usize = plot
        .curves
        .iter()
        .map(|c| {
            crate::thin::runs(&c.points, c.gap_ms)
                .len()
                .saturating_sub(1)
        })
        .sum();
    if gaps > 0 {
        let s = if gaps == 1 { "" } else { "s" };
        parts.push(format!("{gaps} gap{s} without samples."));
    }
    parts.join(" ")
}
