//! A lane of events.

use super::label::{self, Strip};
use super::pen::Pen;
use super::place::{Layer, Spot, Text, layer};
use super::{Drawn, Frame, bands, time_axis};
use crate::font;
use crate::geometry::{Rect, SMALL};
use crate::lane::{EventItem, Lane, Layout, Shape, Size};
use crate::palette::Ink;
use crate::record::PlacedKind;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};

pub(super) fn draw<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    lane: &Lane,
    layout: Layout,
    items: &[EventItem],
    size: Size,
) -> Drawn<DB> {
    let plot = lane.plot(size);
    bands(pen, frame, &lane.bands, plot)?;
    time_axis(pen, frame, plot)?;
    label::lines(pen, frame, lane, plot)?;
    Strip::new(frame, lane).draw(pen, 0.0)?;
    let layer = layer(frame, plot, layout, items);
    match layout {
        Layout::Density => density(pen, plot, &layer, items)?,
        Layout::Heat => heat(pen, &layer, items)?,
        Layout::Packed | Layout::Rows | Layout::Grouped => {}
    }
    let field = Field { frame, plot };
    for spot in &layer.spots {
        if let Some(item) = items.get(spot.item) {
            pen.lit(is_lit(pen, spot, items));
            pen.thing(PlacedKind::Event, &item.event, || {
                glyph(pen, field, item, spot.y)
            })?;
        }
    }
    for spot in &layer.spots {
        pen.lit(is_lit(pen, spot, items));
        if let Some(label) = &spot.label {
            // The poles of other flags run past it, and bands.
            if matches!(layout, Layout::Packed | Layout::Grouped) {
                ground(pen, label)?;
            }
            text(pen, label)?;
        }
    }
    pen.lit(true);
    for label in &layer.texts {
        if matches!(layout, Layout::Heat | Layout::Grouped) {
            ground(pen, label)?;
        }
        text(pen, label)?;
    }
    Ok(())
}

/// Ground under a text that stands on something else.
fn ground<DB: DrawingBackend>(pen: &Pen<'_, DB>, label: &Text) -> Drawn<DB> {
    let width = font::width(&label.words, SMALL);
    let left = if label.ends { label.x - width } else { label.x };
    let (top, bottom) = (label.y - 7.0, label.y + 7.0);
    pen.rect((left - 2.0, top), (left + width, bottom), Ink::On, 0.8)
}

fn is_lit<DB: DrawingBackend>(pen: &Pen<'_, DB>, spot: &Spot, items: &[EventItem]) -> bool {
    std::iter::once(&spot.item)
        .chain(&spot.others)
        .filter_map(|i| items.get(*i))
        .any(|item| pen.focus.lights_event(item))
}

fn text<DB: DrawingBackend>(pen: &Pen<'_, DB>, label: &Text) -> Drawn<DB> {
    let side = if label.ends { HPos::Right } else { HPos::Left };
    let at = (label.x, label.y);
    pen.text(&label.words, at, SMALL, label.ink, (side, VPos::Center))
}

/// Bars from the floor of the plot, with the largest count at the axis.
fn density<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    plot: Rect,
    layer: &Layer,
    items: &[EventItem],
) -> Drawn<DB> {
    let most = layer.most.max(1);
    let room = plot.bottom - plot.top - 6.0;
    for cell in &layer.cells {
        let height = room * f64::from(cell.count) / f64::from(most);
        let right = (cell.rect.right - 1.0).max(cell.rect.left + 1.0);
        let first = cell.items.first().and_then(|i| items.get(*i));
        let lit = |i: &usize| items.get(*i).is_some_and(|i| pen.focus.lights_event(i));
        pen.lit(cell.items.iter().any(lit));
        pen.thing(PlacedKind::Event, first.map_or("", |i| &i.event), || {
            let top = plot.bottom - height;
            pen.rect((cell.rect.left, top), (right, plot.bottom), Ink::Event, 0.8)
        })?;
    }
    pen.lit(true);
    for (count, y) in [(layer.most, plot.bottom - room), (0, plot.bottom)] {
        let end = (HPos::Right, VPos::Center);
        let at = (plot.left - 8.0, y);
        pen.text(&count.to_string(), at, SMALL, Ink::Text, end)?;
    }
    Ok(())
}

/// Cells that are the higher and the stronger the more events fall into them, by the root of the
/// number, so that a few among thousands still show.
fn heat<DB: DrawingBackend>(pen: &Pen<'_, DB>, layer: &Layer, items: &[EventItem]) -> Drawn<DB> {
    let most = f64::from(layer.most.max(1));
    for cell in &layer.cells {
        // Where the lines lie in a span is not known: a low bar through all of it.
        let share = if cell.steady {
            0.0
        } else {
            (f64::from(cell.count) / most).sqrt()
        };
        let bottom = cell.rect.bottom;
        let top = bottom - (bottom - cell.rect.top) * (0.25 + 0.75 * share);
        let right = (cell.rect.right - 0.5).max(cell.rect.left + 1.0);
        let first = cell.items.first().and_then(|i| items.get(*i));
        let lit = |i: &usize| items.get(*i).is_some_and(|i| pen.focus.lights_event(i));
        let ink = first.map_or(Ink::Event, |i| i.ink);
        pen.lit(cell.items.iter().any(lit));
        pen.thing(PlacedKind::Event, first.map_or("", |i| &i.event), || {
            pen.rect(
                (cell.rect.left, top),
                (right, bottom),
                ink,
                0.3 + 0.6 * share,
            )
        })?;
    }
    pen.lit(true);
    Ok(())
}

/// The rectangle that events are drawn in.
#[derive(Clone, Copy)]
struct Field {
    frame: Frame,
    plot: Rect,
}

fn glyph<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    field: Field,
    item: &EventItem,
    y: f64,
) -> Drawn<DB> {
    let x = field.frame.x(item.start);
    let (a, r) = (item.ink, 5.0);
    match item.shape {
        Shape::Bar | Shape::Hollow => bar(pen, field.frame, item, y),
        Shape::Flag => {
            pen.line(&[(x, y - 6.0), (x, field.plot.bottom)], a, 0.55, 1.0)?;
            let pennant = [(x, y - 6.0), (x + 9.0, y - 2.0), (x, y + 2.0), (x, y - 6.0)];
            pen.area(&pennant, a, 0.25)?;
            pen.line(&pennant, a, 1.0, 1.0)
        }
        Shape::SuspectFlag => {
            pen.line(&[(x, y - 7.0), (x, field.plot.bottom)], a, 1.0, 2.0)?;
            let banner = [
                (x, y - 7.0),
                (x + 12.0, y - 7.0),
                (x + 8.5, y - 2.5),
                (x + 12.0, y + 2.0),
            ];
            let banner = [&banner[..], &[(x, y + 2.0)]].concat();
            pen.area(&banner, a, 1.0)?;
            diamond(pen, (x, field.plot.bottom), 4.0, a)
        }
        Shape::Diamond => diamond(pen, (x, y), r, a),
        Shape::Up => pen.area(&[(x - r, y + r), (x + r, y + r), (x, y - r)], a, 1.0),
        Shape::Down => pen.area(&[(x - r, y - r), (x + r, y - r), (x, y + r)], a, 1.0),
        Shape::Dot => pen.disc((x, y), 3.5, a),
    }
}

fn diamond<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    (x, y): (f64, f64),
    r: f64,
    ink: Ink,
) -> Drawn<DB> {
    pen.area(&[(x - r, y), (x, y - r), (x + r, y), (x, y + r)], ink, 1.0)
}

/// A bar; hatched where its start may lie, with an arrow where it goes on, and with a cut edge
/// where it began before the window.
fn bar<DB: DrawingBackend>(pen: &Pen<'_, DB>, frame: Frame, item: &EventItem, y: f64) -> Drawn<DB> {
    let (begin, end) = item.span(frame.window);
    let (from, mut to) = (frame.x(begin), frame.x(end));
    let sure = frame.x(item.start);
    to = to.max(sure + 2.0);
    let (top, bottom) = (y - 7.0, y + 7.0);
    if item.start_unknown {
        hatch(pen, (from, top), (sure, bottom), item.ink)?;
    }
    let body = if item.open { to - 6.0 } else { to };
    if body > sure && item.shape == Shape::Hollow {
        pen.rect((sure, top), (body, bottom), item.ink, 0.15)?;
        let box_of = [(sure, top), (body, top), (body, bottom), (sure, bottom)];
        pen.line(&[&box_of[..], &box_of[..1]].concat(), item.ink, 1.0, 1.5)?;
    } else if body > sure {
        pen.rect((sure, top), (body, bottom), item.ink, 1.0)?;
    }
    if item.open {
        let base = body.max(sure);
        pen.area(
            &[(base, top), (base, bottom), (base + 6.0, y)],
            item.ink,
            1.0,
        )?;
    }
    let before = if item.start_unknown {
        item.earliest.is_none()
    } else {
        item.start < frame.window.start
    };
    if before {
        pen.area(
            &[(from, top), (from, bottom), (from - 6.0, y)],
            item.ink,
            1.0,
        )?;
    }
    Ok(())
}

/// Slanting strokes in an outline: it may have begun anywhere here.
fn hatch<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    (x0, y0): (f64, f64),
    (x1, y1): (f64, f64),
    ink: Ink,
) -> Drawn<DB> {
    let mut x = x0;
    while x < x1 {
        let reach = (x1 - x).min(y1 - y0);
        pen.line(&[(x, y1), (x + reach, y1 - reach)], ink, 0.7, 1.0)?;
        x += 6.0;
    }
    pen.line(
        &[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)],
        ink,
        0.7,
        1.0,
    )
}
