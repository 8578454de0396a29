//! A lane of curves.

use super::label::{self, Strip};
use super::pen::{Pen, Point};
use super::{Drawn, FOOT, Frame, SMALL, bands, time_axis};
use crate::lane::{Cone, Curve, Lane, Plot};
use crate::palette::Ink;
use crate::thin::{runs, thin};
use crate::ticks::ValueAxis;
use crate::value::value_text;
use model::Timestamp;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};

/// The plot's rectangle and axes.
struct Axes {
    frame: Frame,
    values: ValueAxis,
    top: f64,
    bottom: f64,
}

impl Axes {
    fn y(&self, value: f64) -> f64 {
        self.bottom - self.values.place(value) * (self.bottom - self.top)
    }

    fn at(&self, (t, v): (Timestamp, f64)) -> Point {
        (self.frame.x(t), self.y(v))
    }
}

/// Most ticks of the axis of values.
const MANY: usize = 6;

/// What must be said about an axis that does not simply start at zero.
fn axis_note(axis: &ValueAxis, unit: &str) -> String {
    if axis.log {
        format!("log scale from {}", value_text(axis.low, unit))
    } else if axis.low < 0.0 {
        format!("axis starts at {}", value_text(axis.low, unit))
    } else {
        String::new()
    }
}

pub(super) fn draw<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    lane: &Lane,
    plot: &Plot,
    height: f64,
) -> Drawn<DB> {
    let note = axis_note(&value_axis(frame, lane, plot, MANY), &lane.unit);
    let legend = Legend::new(pen, frame, plot, note);
    let strip = Strip::new(pen, frame, lane, if frame.width() > 500.0 { 2 } else { 3 });
    let strip_top = legend.height();
    let top = (strip_top + strip.height() + 4.0).min(height - FOOT - 20.0);
    let bottom = height - FOOT;
    let most = ((bottom - top) / 22.0).floor().clamp(2.0, MANY as f64) as usize;
    let values = value_axis(frame, lane, plot, most);
    // What the note says of the axis holds for the axis that is drawn.
    let legend = Legend {
        note: axis_note(&values, &lane.unit),
        ..legend
    };
    let axes = Axes {
        frame,
        values,
        top,
        bottom,
    };

    bands(pen, frame, &lane.bands, top, bottom)?;
    value_ticks(pen, &axes)?;
    time_axis(pen, frame, top, bottom)?;
    if let Some(cone) = &plot.forecast {
        draw_cone(pen, &axes, cone)?;
    }
    for (i, curve) in plot.curves.iter().enumerate().rev() {
        draw_curve(pen, &axes, curve, i == 0 && plot.curves.len() == 1)?;
    }
    for level in &plot.levels {
        let (x0, x1) = (frame.x(level.span.start), frame.x(level.span.end));
        let y = axes.y(level.value);
        pen.line(&[(x0, y), (x1, y)], Ink::Change, 0.85, 1.25)?;
    }
    label::lines(pen, frame, lane, top, bottom)?;
    legend.draw(pen, &axes)?;
    strip.draw(pen, strip_top)
}

/// The axis that holds every sample inside the frame, and the levels and forecasts drawn with
/// them.
fn value_axis(frame: Frame, lane: &Lane, plot: &Plot, most: usize) -> ValueAxis {
    let inside = |t: Timestamp| frame.window.start <= t && t <= frame.window.end;
    let (mut low, mut high, mut least) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
    let levels = plot.levels.iter().map(|l| (l.span.start, l.value));
    let points = plot.curves.iter().flat_map(|c| c.points.iter().copied());
    for (_, v) in points
        .chain(levels)
        .filter(|(t, v)| inside(*t) && v.is_finite())
    {
        low = low.min(v);
        high = high.max(v);
        if v > 0.0 {
            least = least.min(v);
        }
    }
    if low > high {
        (low, high, least) = (0.0, 0.0, 0.0);
    }
    ValueAxis::new(low, high, least, plot.log, &lane.unit, most)
}

fn value_ticks<DB: DrawingBackend>(pen: &Pen<'_, DB>, axes: &Axes) -> Drawn<DB> {
    let (left, right) = (axes.frame.left, axes.frame.right);
    for (value, label) in &axes.values.ticks {
        let y = axes.y(*value);
        if y < axes.bottom - 1.0 {
            pen.line(&[(left, y), (right, y)], Ink::Grid, 1.0, 1.0)?;
        }
        let end = (HPos::Right, VPos::Center);
        let text = pen.fit(label, SMALL, left - 8.0);
        pen.text(&text, (left - 8.0, y), SMALL, Ink::Text, end)?;
    }
    Ok(())
}

fn draw_curve<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    axes: &Axes,
    curve: &Curve,
    filled: bool,
) -> Drawn<DB> {
    let window = axes.frame.window;
    let from = curve.points.partition_point(|(t, _)| *t < window.start);
    let to = curve.points.partition_point(|(t, _)| *t <= window.end);
    let points = curve.points.get(from..to).unwrap_or(&[]);
    let lines: Vec<Vec<Point>> = runs(points, curve.gap_ms)
        .into_iter()
        .map(|run| {
            let run = points.get(run).unwrap_or(&[]);
            let line: Vec<Point> = run.iter().map(|p| axes.at(*p)).collect();
            thin(&line, 1.0)
        })
        .collect();
    for line in lines.iter().filter(|line| filled && line.len() > 1) {
        fill_below(pen, axes, line, curve.ink)?;
    }
    for line in &lines {
        match line.as_slice() {
            [alone] => pen.disc(*alone, 1.75, curve.ink)?,
            line => pen.line(line, curve.ink, 1.0, 1.5)?,
        }
    }
    Ok(())
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
        axes.bottom
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

/// The cone from the last sample to the interval of zero, as far as the frame shows it.
fn draw_cone<DB: DrawingBackend>(pen: &Pen<'_, DB>, axes: &Axes, cone: &Cone) -> Drawn<DB> {
    let end = axes.frame.window.end;
    let (t0, v0) = cone.from;
    if t0 >= end || v0 <= 0.0 {
        return Ok(());
    }
    let ray = |zero: Timestamp| {
        let share = end.since(t0) as f64 / zero.since(t0).max(1) as f64;
        if share >= 1.0 {
            (zero, 0.0)
        } else {
            (end, v0 * (1.0 - share))
        }
    };
    let mut outline = vec![axes.at(cone.from), axes.at(ray(cone.low))];
    if cone.low <= end && cone.high > end {
        outline.push(axes.at((end, 0.0)));
    }
    outline.push(axes.at(ray(cone.high)));
    pen.area(&outline, Ink::Throttled, 0.18)?;
    pen.line(
        &[axes.at(cone.from), axes.at(ray(cone.zero))],
        Ink::Throttled,
        1.0,
        1.5,
    )
}

/// Names of the curves, and what must be said about the axis.
struct Legend {
    /// Entry, left edge and row.
    entries: Vec<(String, Ink, f64, usize)>,
    rows: usize,
    note: String,
}

impl Legend {
    fn new<DB: DrawingBackend>(pen: &Pen<'_, DB>, frame: Frame, plot: &Plot, note: String) -> Self {
        let mut entries = Vec::new();
        let (mut x, mut row) = (frame.left, 0);
        let limit = frame.right - pen.width(&note, SMALL) - 12.0;
        // Where the first name does not fit beside the note, the note has a row of its own.
        let first = plot
            .curves
            .first()
            .map_or(0.0, |c| pen.width(&c.label, SMALL) + 20.0);
        if !note.is_empty() && plot.curves.len() > 1 && x + first > limit {
            row = 1;
        }
        for curve in plot.curves.iter().filter(|_| plot.curves.len() > 1) {
            let label = pen.fit(&curve.label, SMALL, frame.width() - 24.0);
            let width = 20.0 + pen.width(&label, SMALL);
            let end = if row == 0 { limit } else { frame.right };
            if x > frame.left && x + width > end {
                (x, row) = (frame.left, row + 1);
            }
            entries.push((label, curve.ink, x, row));
            x += width + 16.0;
        }
        let rows = if entries.is_empty() {
            usize::from(!note.is_empty())
        } else {
            row + 1
        };
        Self {
            entries,
            rows,
            note,
        }
    }

    fn height(&self) -> f64 {
        self.rows as f64 * 17.0
    }

    fn draw<DB: DrawingBackend>(&self, pen: &Pen<'_, DB>, axes: &Axes) -> Drawn<DB> {
        for (label, ink, x, row) in &self.entries {
            let y = *row as f64 * 17.0 + 9.0;
            pen.line(&[(*x, y), (x + 14.0, y)], *ink, 1.0, 2.5)?;
            pen.text(
                label,
                (x + 19.0, y),
                SMALL,
                Ink::Strong,
                (HPos::Left, VPos::Center),
            )?;
        }
        if self.note.is_empty() {
            return Ok(());
        }
        let at = (axes.frame.right, 9.0);
        pen.text(
            &self.note,
            at,
            SMALL,
            Ink::Text,
            (HPos::Right, VPos::Center),
        )
    }
}
