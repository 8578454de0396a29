//! A lane of curves.

use super::curve::{draw_curve, draw_markers, mark_gaps, shown};
use super::label::{self, Strip};
use super::pen::{Pen, Point};
use super::{Drawn, Frame, bands, time_axis};
use crate::font;
use crate::geometry::{Entry, LEGEND_ROW, Legend, Rect, SMALL};
use crate::lane::{Cone, Lane, Level, Plot, Role, Size};
use crate::palette::Ink;
use crate::record::PlacedKind;
use crate::ticks::{Range, Scale, ValueAxis};
use crate::value::value_text;
use model::Timestamp;
use model::time::span_text;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};

/// The plot's rectangle and axes.
pub(crate) struct Axes {
    pub(super) frame: Frame,
    pub(crate) values: ValueAxis,
    pub(crate) plot: Rect,
}

impl Axes {
    /// The axes of a lane of curves in a drawing of that size.
    pub(crate) fn new(frame: Frame, lane: &Lane, plot: &Plot, size: Size) -> Self {
        let area = lane.plot(size);
        let most = ((area.bottom - area.top) / 22.0)
            .floor()
            .clamp(2.0, MANY as f64) as usize;
        Self {
            frame,
            values: value_axis(frame, lane, plot, most),
            plot: area,
        }
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        self.plot.bottom - self.values.place(value) * (self.plot.bottom - self.plot.top)
    }

    pub(super) fn at(&self, (t, v): (Timestamp, f64)) -> Point {
        (self.frame.x(t), self.y(v))
    }

    /// Where a sample lies, in or out of the plot.
    pub(super) fn free(&self, (t, v): (Timestamp, f64)) -> Point {
        let part = self.values.free_place(v);
        let y = self.plot.bottom - part * (self.plot.bottom - self.plot.top);
        (self.frame.free_x(t), y)
    }
}

/// Most ticks of the axis of values.
const MANY: usize = 6;

/// What must be said about an axis that does not simply start at zero, and about thinning.
fn note(axes: &Axes, plot: &Plot, unit: &str) -> String {
    let axis = &axes.values;
    let low = value_text(axis.low, unit);
    let start = if axis.log {
        let curves = plot.curves.iter().filter(|c| c.role == Role::Measured);
        let mut inside = curves.filter_map(|c| c.points.get(shown(axes.frame, c).inside));
        let zeros = inside.any(|points| points.iter().any(|p| p.1 <= 0.0));
        let zeros = if zeros { ", diamonds below: zero" } else { "" };
        Some(format!("log scale from {low}{zeros}"))
    } else if axis.is_broken() {
        Some(format!("axis starts at {low}, not at zero"))
    } else if axis.low < 0.0 {
        Some(format!("axis starts at {low}"))
    } else {
        None
    };
    let curves = plot.curves.iter().chain(&plot.ghosts);
    let thinned = curves.filter_map(|c| shown(axes.frame, c).thinned).max();
    let thinned = thinned.map(|ms| format!("min–max per {}", span_text(ms)));
    let parts: Vec<String> = start.into_iter().chain(thinned).collect();
    parts.join(" · ")
}

pub(super) fn draw<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    lane: &Lane,
    plot: &Plot,
    size: Size,
) -> Drawn<DB> {
    let legend = Legend::new(frame, plot);
    let axes = Axes::new(frame, lane, plot, size);
    let area = axes.plot;
    bands(pen, frame, &lane.bands, area)?;
    value_ticks(pen, &axes)?;
    time_axis(pen, frame, area)?;
    if let Some(cone) = &plot.forecast {
        let id = lane.series.first().map(String::as_str).unwrap_or_default();
        pen.lit(pen.focus.lights_series(id));
        pen.thing(PlacedKind::Forecast, id, || draw_cone(pen, &axes, cone))?;
    }
    let measured = plot.curves.iter();
    let measured = measured.filter(|c| c.role == Role::Measured).count();
    for (row, curve) in plot.curves.iter().enumerate() {
        pen.lit(pen.focus.lights_series(&curve.series));
        if curve.role == Role::Measured {
            mark_gaps(pen, &axes, curve, (measured > 1).then_some(row))?;
        }
    }
    for ghost in plot.ghosts.iter().rev() {
        pen.lit(pen.focus.lights_series(&ghost.series));
        draw_curve(pen, &axes, ghost, PlacedKind::Ghost, false)?;
    }
    let alone = measured + plot.ghosts.len() == 1;
    // Theory comes last: where it agrees it lies on what was measured, and under it nobody would see it.
    let of = |role| plot.curves.iter().rev().filter(move |c| c.role == role);
    for curve in of(Role::Measured).chain(of(Role::Theory)) {
        pen.lit(pen.focus.lights_series(&curve.series));
        let filled = alone && curve.role == Role::Measured;
        draw_curve(pen, &axes, curve, PlacedKind::Sample, filled)?;
    }
    if measured > 1 {
        let marked = plot.curves.iter().enumerate();
        for (place, curve) in marked.filter(|(_, c)| c.role == Role::Measured) {
            pen.lit(pen.focus.lights_series(&curve.series));
            draw_markers(pen, &axes, curve, place)?;
        }
    }
    for level in &plot.levels {
        pen.lit(pen.focus.lights_series(&level.series));
        draw_level(pen, &axes, level)?;
    }
    pen.lit(true);
    label::lines(pen, frame, lane, area)?;
    broken_axis(pen, &axes)?;
    draw_legend(pen, &legend, &axes, &note(&axes, plot, &lane.unit))?;
    if legend.ratio {
        draw_ratio(pen, &legend, frame, lane)?;
    }
    Strip::new(frame, lane).draw(pen, legend.height())
}

/// The axis that holds every sample inside the frame, and the levels drawn with them.
fn value_axis(frame: Frame, lane: &Lane, plot: &Plot, most: usize) -> ValueAxis {
    let window = frame.window;
    let levels = plot
        .levels
        .iter()
        .filter(|l| window.touches(l.span.start, Some(l.span.end)))
        .flat_map(|l| {
            let (low, high) = l.range.unwrap_or((l.value, l.value));
            [l.value, low, high]
        });
    let curves = plot.curves.iter().chain(&plot.ghosts);
    let samples = curves.flat_map(|c| {
        let inside = c.points.get(shown(frame, c).inside).unwrap_or(&[]);
        inside.iter().map(|p| p.1)
    });
    let mut range = Range {
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
        least: f64::INFINITY,
    };
    for v in samples.chain(levels).filter(|v| v.is_finite()) {
        range.low = range.low.min(v);
        range.high = range.high.max(v);
        if v > 0.0 {
            range.least = range.least.min(v);
        }
    }
    if range.low > range.high {
        (range.low, range.high, range.least) = (0.0, 0.0, 0.0);
    }
    let scale = match (plot.log, plot.from_zero) {
        (true, _) => Scale::Log,
        (false, true) => Scale::FromZero,
        (false, false) => Scale::Free,
    };
    ValueAxis::new(range, scale, &lane.unit, most)
}

fn value_ticks<DB: DrawingBackend>(pen: &Pen<'_, DB>, axes: &Axes) -> Drawn<DB> {
    let (left, right) = (axes.frame.left, axes.frame.right);
    for (value, label) in &axes.values.ticks {
        let y = axes.y(*value);
        if y < axes.plot.bottom - 1.0 {
            pen.line(&[(left, y), (right, y)], Ink::Grid, 1.0, 1.0)?;
        }
        let end = (HPos::Right, VPos::Center);
        let text = font::fit(label, SMALL, left - 8.0);
        pen.text(&text, (left - 8.0, y), SMALL, Ink::Text, end)?;
    }
    Ok(())
}

/// The sign of an axis that leaves zero out: a zigzag at its foot.
fn broken_axis<DB: DrawingBackend>(pen: &Pen<'_, DB>, axes: &Axes) -> Drawn<DB> {
    if !axes.values.is_broken() {
        return Ok(());
    }
    let (x, y) = (axes.frame.left, axes.plot.bottom);
    let zigzag = [
        (x, y - 20.0),
        (x, y - 15.0),
        (x - 5.0, y - 12.5),
        (x + 5.0, y - 7.5),
        (x, y - 5.0),
        (x, y),
    ];
    pen.line(&zigzag, Ink::Impact, 1.0, 1.5)
}

/// A level, with what it may be as well as a tint around it.
fn draw_level<DB: DrawingBackend>(pen: &Pen<'_, DB>, axes: &Axes, level: &Level) -> Drawn<DB> {
    let (x0, x1) = (axes.frame.x(level.span.start), axes.frame.x(level.span.end));
    if x1 <= x0 {
        return Ok(());
    }
    if let Some((low, high)) = level.range {
        let (top, bottom) = (axes.y(high), axes.y(low));
        pen.rect((x0, top), (x1, bottom.max(top + 1.0)), Ink::Change, 0.14)?;
    }
    let y = axes.y(level.value);
    pen.thing(PlacedKind::Level, &level.series, || {
        pen.line(&[(x0, y), (x1, y)], Ink::Change, 0.85, 1.25)
    })
}

/// The cone from the last sample to the interval of zero, as far as the frame shows it.
fn draw_cone<DB: DrawingBackend>(pen: &Pen<'_, DB>, axes: &Axes, cone: &Cone) -> Drawn<DB> {
    let window = axes.frame.window;
    let (t0, v0) = cone.from;
    if t0 >= window.end || v0 <= 0.0 || cone.high <= window.start {
        return Ok(());
    }
    // A ray from the last sample to zero, cut at the window's edges.
    let at = |zero: Timestamp, t: Timestamp| {
        let share = t.since(t0) as f64 / zero.since(t0).max(1) as f64;
        (t, v0 * (1.0 - share).clamp(0.0, 1.0))
    };
    let start = t0.max(window.start);
    let end = |zero: Timestamp| at(zero, zero.min(window.end).max(start));
    let mut outline = vec![axes.at(at(cone.low, start)), axes.at(end(cone.low))];
    if cone.low <= window.end && cone.high > window.end {
        outline.push(axes.at((window.end, 0.0)));
    }
    outline.extend([axes.at(end(cone.high)), axes.at(at(cone.high, start))]);
    pen.area(&outline, Ink::Throttled, 0.18)?;
    let line = [axes.at(at(cone.zero, start)), axes.at(end(cone.zero))];
    pen.line(&line, Ink::Throttled, 1.0, 1.5)
}

/// Names of the curves, and what must be said about the axis.
fn draw_legend<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    legend: &Legend<'_>,
    axes: &Axes,
    note: &str,
) -> Drawn<DB> {
    let marked = |e: &&Entry| !e.ghost && e.curve.role == Role::Measured;
    let several = legend.entries.iter().filter(marked).count() > 1;
    for (place, entry) in legend.entries.iter().enumerate() {
        let y = entry.row as f64 * LEGEND_ROW + 9.0;
        let (x, ink) = (entry.left, entry.curve.ink);
        let key = [(x, y), (x + 14.0, y)];
        pen.lit(pen.focus.lights_series(&entry.curve.series));
        if entry.ghost || entry.curve.role == Role::Theory {
            pen.dashes(&key, (4.0, 3.0), ink, 2.0)?;
        } else {
            pen.line(&key, ink, 1.0, 2.5)?;
        }
        if several && marked(&entry) {
            pen.marker(place, (x + 7.0, y), ink)?;
        }
        let side = (HPos::Left, VPos::Center);
        pen.text(&entry.label, (x + 19.0, y), SMALL, Ink::Strong, side)?;
    }
    pen.lit(true);
    if note.is_empty() {
        return Ok(());
    }
    let note = font::fit(note, SMALL, axes.frame.width());
    let side = (HPos::Right, VPos::Center);
    pen.text(&note, (axes.frame.right, 9.0), SMALL, Ink::Text, side)
}

/// How the parts of the window in sight compare, below the names of the curves; without the sums where
/// there is little room.
fn draw_ratio<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    legend: &Legend<'_>,
    frame: Frame,
    lane: &Lane,
) -> Drawn<DB> {
    let Some(ratio) = lane.ratio_in(frame.window) else {
        return Ok(());
    };
    let whole = format!("In sight {ratio}");
    let text = match whole.rsplit_once(" (") {
        Some((short, _)) if font::width(&whole, SMALL) > frame.width() => short,
        _ => whole.as_str(),
    };
    let text = match text.strip_prefix("In sight ") {
        Some(rest) if font::width(text, SMALL) > frame.width() => rest,
        _ => text,
    };
    let text = font::fit(text, SMALL, frame.width());
    let at = (frame.left, legend.rows() as f64 * LEGEND_ROW + 8.0);
    pen.text(&text, at, SMALL, Ink::Strong, (HPos::Left, VPos::Center))
}
