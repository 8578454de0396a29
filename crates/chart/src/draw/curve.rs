//! One curve: its line, its samples, its gaps.

use super::metric::Axes;
use super::pen::{Pen, Point};
use super::{Drawn, Frame};
use crate::geometry::SMALL;
use crate::lane::{Curve, Role};
use crate::palette::Ink;
use crate::record::PlacedKind;
use crate::thin::thin;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};
use std::ops::Range;

/// Width of a line, CSS pixels.
const STROKE: f64 = 1.5;

/// From this many points a pixel on, a line is dense.
const DENSE: f64 = 0.7;

/// Samples this many pixels or more apart are marked one by one.
const APART: f64 = 9.0;

/// What a frame shows of a curve.
pub(super) struct Shown {
    /// Samples inside the window.
    pub(super) inside: Range<usize>,
    /// These and their neighbours on either side.
    pub(super) wide: Range<usize>,
    /// Length in milliseconds of the columns of which only extremes are drawn.
    pub(super) thinned: Option<i64>,
}

pub(super) fn shown(frame: Frame, curve: &Curve) -> Shown {
    let window = frame.window;
    let from = curve.points.partition_point(|(t, _)| *t < window.start);
    let to = curve.points.partition_point(|(t, _)| *t <= window.end);
    let to = to.max(from);
    let columns = frame.width().max(1.0);
    let here = (to - from) as f64 > 2.0 * columns;
    let here = here.then(|| (window.millis() as f64 / columns).ceil() as i64);
    Shown {
        inside: from..to,
        wide: from.saturating_sub(1)..(to + 1).min(curve.points.len()),
        thinned: here.max(curve.thinned.filter(|_| from < to)),
    }
}

pub(super) fn draw_curve<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    axes: &Axes,
    curve: &Curve,
    kind: PlacedKind,
    filled: bool,
) -> Drawn<DB> {
    let shown = shown(axes.frame, curve);
    let dashed = kind == PlacedKind::Ghost || curve.role == Role::Theory;
    let lines: Vec<Vec<Point>> = curve
        .runs(shown.wide.clone())
        .into_iter()
        .map(|run| {
            let run = curve.points.get(run).unwrap_or(&[]);
            let line: Vec<Point> = run.iter().map(|p| axes.free(*p)).collect();
            clip(&thin(&line, 1.0), axes)
        })
        .collect();
    let zero = axes.values.log || !axes.values.is_broken();
    for line in lines.iter().filter(|l| filled && zero && l.len() > 1) {
        fill_below(pen, axes, line, curve.ink)?;
    }
    let (dense, sparse): (Vec<_>, Vec<_>) = lines
        .iter()
        .partition(|line| is_dense(line) && !(dashed && is_smooth(line)));
    pen.thing(kind, &curve.series, || {
        for line in dense {
            let alpha = if dashed { 0.4 } else { 1.0 };
            pen.area(&envelope(line), curve.ink, alpha)?;
        }
        // One stroke after the other: backends make one of them.
        for line in sparse.iter().filter(|l| l.len() > 1) {
            if dashed {
                pen.dashes(line, (5.0, 4.0), curve.ink, 1.25)?;
            } else {
                pen.line(line, curve.ink, 1.0, STROKE)?;
            }
        }
        let lone = sparse.iter().filter(|l| l.len() == 1).copied().flatten();
        for point in lone {
            pen.disc(*point, 1.75, curve.ink)?;
        }
        if axes.values.log && !dashed {
            mark_zeros(pen, axes, curve, shown.inside.clone())?;
        }
        let n = shown.inside.len() as f64;
        if dashed || shown.thinned.is_some() || n * APART > axes.frame.width() {
            return Ok(());
        }
        let points = curve.points.get(shown.inside).unwrap_or(&[]).iter();
        for point in points.filter(|p| !(axes.values.log && p.1 <= 0.0)) {
            pen.disc(axes.at(*point), 2.0, curve.ink)?;
        }
        Ok(())
    })
}

/// Marks what a logarithmic axis has no place for, zero and below: an open diamond under its floor, so
/// that it does not look like the value that the floor stands for. Of many side by side every ninth
/// pixel has one.
fn mark_zeros<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    axes: &Axes,
    curve: &Curve,
    inside: Range<usize>,
) -> Drawn<DB> {
    const BELOW: f64 = 4.0;
    let y = axes.plot.bottom + BELOW;
    let mut free = f64::NEG_INFINITY;
    for (at, _) in curve
        .points
        .get(inside)
        .unwrap_or(&[])
        .iter()
        .filter(|p| p.1 <= 0.0)
    {
        let x = axes.frame.x(*at);
        if x < free {
            continue;
        }
        free = x + APART;
        let ring = [
            (x - 3.0, y),
            (x, y - 3.0),
            (x + 3.0, y),
            (x, y + 3.0),
            (x - 3.0, y),
        ];
        pen.line(&ring, curve.ink, 1.0, 1.0)?;
    }
    Ok(())
}

/// Marks a curve here and there with a shape of its own, so that curves are told apart without
/// colour too; the legend shows the same shape. The places are counted from the epoch, so that
/// they stay on their samples when the window moves.
pub(super) fn draw_markers<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    axes: &Axes,
    curve: &Curve,
    place: usize,
) -> Drawn<DB> {
    const EVERY: f64 = 150.0;
    let window = axes.frame.window;
    let step = window.millis() as f64 * EVERY / axes.frame.width().max(1.0);
    // A power of two of seconds: zooming in keeps the old places and adds new ones between.
    let step = ((step / 1e3).max(1.0).log2().ceil().exp2() * 1e3) as i64;
    // Markers of several curves do not stand above each other.
    let aside = step / 4 * i64::from(place as u32 % 4);
    let first = window.start.plus(step - 1 - aside).floor_to(step);
    let first = first.plus(aside);
    let most = (axes.frame.width() / EVERY) as i64 * 2 + 2;
    let places = (0..most).map(|n| first.plus(step.saturating_mul(n)));
    pen.thing(PlacedKind::Sample, &curve.series, || {
        for at in places.take_while(|at| *at <= window.end) {
            let i = curve.points.partition_point(|(t, _)| *t < at);
            let sample = curve.points.get(i).filter(|(t, _)| t.since(at) < step / 4);
            if let Some(sample) = sample.filter(|(t, _)| *t <= window.end) {
                pen.marker(place, axes.at(*sample), curve.ink)?;
            }
        }
        Ok(())
    })
}

/// Whether a line has so many points that it is drawn as the area which it covers. A stroke that
/// goes up and down in every column covers the same, and costs software that fills pixels many
/// times as much.
fn is_dense(line: &[Point]) -> bool {
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return false;
    };
    line.len() > 16 && line.len() as f64 > DENSE * (last.0 - first.0)
}

/// Whether dashes along a line can be told from each other: it goes up and down by little.
fn is_smooth(line: &[Point]) -> bool {
    let steps = || {
        line.windows(2)
            .filter_map(|pair| Some((pair.first()?, pair.last()?)))
    };
    let up: f64 = steps().map(|(a, b)| (b.1 - a.1).abs()).sum();
    let along: f64 = steps().map(|(a, b)| b.0 - a.0).sum();
    up <= 3.0 * along
}

/// The area that a dense line covers: from the lowest to the highest point of each column, reaching
/// to the column before where the line jumps.
fn envelope(line: &[Point]) -> Vec<Point> {
    let half = STROKE / 2.0;
    let mut columns: Vec<(f64, f64, f64)> = Vec::with_capacity(line.len());
    for (x, y) in line {
        match columns.last_mut() {
            Some((at, top, bottom)) if at.floor() as i64 == x.floor() as i64 => {
                *top = top.min(*y);
                *bottom = bottom.max(*y);
            }
            _ => columns.push((*x, *y, *y)),
        }
    }
    let mut before: Option<(f64, f64)> = None;
    for (_, top, bottom) in &mut columns {
        let own = (*top, *bottom);
        if let Some((high, low)) = before {
            *top = top.min(low);
            *bottom = bottom.max(high);
        }
        before = Some(own);
    }
    let upper = columns.iter().map(|(x, top, _)| (*x, top - half));
    let lower = columns
        .iter()
        .rev()
        .map(|(x, _, bottom)| (*x, bottom + half));
    upper.chain(lower).collect()
}

/// The part of a line between the plot's edges; what leaves the plot upwards or downwards runs
/// along its edge.
fn clip(line: &[Point], axes: &Axes) -> Vec<Point> {
    let (left, right) = (axes.frame.left, axes.frame.right);
    let (top, bottom) = (axes.plot.top, axes.plot.bottom);
    let mut out: Vec<Point> = Vec::with_capacity(line.len());
    let mut last: Option<Point> = None;
    for point in line {
        if let Some(last) = last {
            for edge in [left, right] {
                if (last.0 < edge && edge < point.0) && point.0 > last.0 {
                    let part = (edge - last.0) / (point.0 - last.0);
                    out.push((edge, last.1 + (point.1 - last.1) * part));
                }
            }
        }
        // A hair's breadth for the rounding of positions.
        if point.0 >= left - 1e-6 && point.0 <= right + 1e-6 {
            out.push(*point);
        }
        last = Some(*point);
    }
    for point in &mut out {
        point.1 = point.1.clamp(top.min(bottom), bottom);
    }
    out
}

/// A soft area between a lone curve and zero; a point every two pixels is enough for it.
fn fill_below<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    axes: &Axes,
    line: &[Point],
    ink: Ink,
) -> Drawn<DB> {
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return Ok(());
    };
    let floor = if axes.values.log {
        axes.plot.bottom
    } else {
        axes.y(0.0)
    };
    let mut outline = vec![(first.0, floor), *first];
    let mut at = f64::NEG_INFINITY;
    for point in line {
        if point.0 >= at + 2.0 {
            outline.push(*point);
            at = point.0;
        }
    }
    outline.extend([*last, (last.0, floor)]);
    pen.area(&outline, ink, 0.10)
}

/// Marks spans without samples, lightly: a pale line in the curve's colour on the floor of the
/// plot (`row` sets those of several curves apart), and for a lone curve a tint with words.
pub(super) fn mark_gaps<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    axes: &Axes,
    curve: &Curve,
    row: Option<usize>,
) -> Drawn<DB> {
    const LEAST: f64 = 3.0;
    let (top, bottom) = (axes.plot.top, axes.plot.bottom);
    let y = bottom - 3.0 - 3.0 * row.unwrap_or(0) as f64;
    for (from, to) in curve.gaps_within(shown(axes.frame, curve).wide) {
        let (x0, x1) = (axes.frame.x(from), axes.frame.x(to));
        if x1 - x0 < LEAST {
            continue;
        }
        pen.rect((x0, y - 1.0), (x1, y + 1.0), curve.ink, 0.45)?;
        if row.is_some() {
            continue;
        }
        pen.rect((x0, top), (x1, bottom), Ink::Axis, 0.09)?;
        if x1 - x0 >= 60.0 {
            let at = (f64::midpoint(x0, x1), f64::midpoint(top, bottom));
            let middle = (HPos::Center, VPos::Center);
            pen.text("no data", at, SMALL, Ink::Text, middle)?;
        }
    }
    Ok(())
}
