//! A lane of events.

use super::label::{self, Strip};
use super::pen::Pen;
use super::{Drawn, FOOT, Frame, SMALL, bands, time_axis};
use crate::lane::{EventItem, Lane, Layout, MAX_ROWS, Shape};
use crate::palette::Ink;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};

/// Height of a row of events.
const ROW: f64 = 17.0;
/// Room that a glyph takes on either side of its instant.
const GLYPH: f64 = 6.0;

/// The rectangle that events are drawn in.
#[derive(Clone, Copy)]
struct Field {
    frame: Frame,
    top: f64,
    bottom: f64,
}

impl Field {
    fn rows(self) -> usize {
        (((self.bottom - self.top) / ROW).floor() as usize).clamp(1, MAX_ROWS)
    }

    fn middle(self, row: usize) -> f64 {
        self.top + 2.0 + ROW * (row as f64 + 0.5)
    }
}

pub(super) fn draw<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    lane: &Lane,
    layout: Layout,
    items: &[EventItem],
    height: f64,
) -> Drawn<DB> {
    let strip = Strip::new(pen, frame, lane, 1);
    let field = Field {
        frame,
        top: strip.height() + 2.0,
        bottom: height - FOOT,
    };
    bands(pen, frame, &lane.bands, field.top, field.bottom)?;
    time_axis(pen, frame, field.top, field.bottom)?;
    label::lines(pen, frame, lane, field.top, field.bottom)?;
    strip.draw(pen, 0.0)?;
    match layout {
        Layout::Rows => rows(pen, field, items),
        Layout::Packed => packed(pen, field, items),
        Layout::Density => density(pen, field, items),
    }
}

/// One row each; where there are more, the last row says so. The label stands on the bar where it
/// fits, else beside it.
fn rows<DB: DrawingBackend>(pen: &Pen<'_, DB>, field: Field, items: &[EventItem]) -> Drawn<DB> {
    let room = field.rows();
    let shown = if items.len() > room {
        room - 1
    } else {
        items.len()
    };
    for (row, item) in items.iter().take(shown).enumerate() {
        let y = field.middle(row);
        glyph(pen, field, item, y)?;
        let place = beside(pen, field.frame, item);
        let at = (place.x, y);
        pen.text(
            &place.text,
            at,
            SMALL,
            place.ink,
            (place.side, VPos::Center),
        )?;
    }
    if items.len() > shown {
        let text = format!("and {} more", items.len() - shown);
        let at = (field.frame.left + 4.0, field.middle(shown));
        pen.text(&text, at, SMALL, Ink::Text, (HPos::Left, VPos::Center))?;
    }
    Ok(())
}

/// Where the label of a row stands.
struct Beside {
    text: String,
    x: f64,
    side: HPos,
    ink: Ink,
}

fn beside<DB: DrawingBackend>(pen: &Pen<'_, DB>, frame: Frame, item: &EventItem) -> Beside {
    let (x0, x1) = extent(frame, item);
    let (text, width) = (item.label.clone(), pen.width(&item.label, SMALL));
    let solid = frame.x(item.start).max(frame.left);
    if item.shape == Shape::Bar && x1 - solid >= width + 18.0 {
        return Beside {
            text,
            x: solid + 6.0,
            side: HPos::Left,
            ink: Ink::On,
        };
    }
    let (before, after) = (x0 - frame.left - 6.0, frame.right - x1 - 6.0);
    let ink = Ink::Strong;
    if after >= width || after >= before {
        let text = pen.fit(&text, SMALL, after);
        Beside {
            text,
            x: x1 + 6.0,
            side: HPos::Left,
            ink,
        }
    } else {
        let text = pen.fit(&text, SMALL, before);
        Beside {
            text,
            x: x0 - 6.0,
            side: HPos::Right,
            ink,
        }
    }
}

/// Events that fall together, drawn as one.
struct Cluster<'a> {
    first: &'a EventItem,
    further: usize,
}

/// Puts point events of one look together that would lie on top of each other.
fn clusters(frame: Frame, items: &[EventItem]) -> Vec<Cluster<'_>> {
    const NEAR: f64 = 7.0;
    let mut out: Vec<Cluster<'_>> = Vec::new();
    for item in items {
        let x = frame.x(item.start);
        let same = |c: &&mut Cluster<'_>| {
            c.first.shape == item.shape
                && c.first.ink == item.ink
                && item.shape != Shape::Bar
                && item.ink != Ink::Note
                && (frame.x(c.first.start) - x).abs() <= NEAR
        };
        match out.iter_mut().find(same) {
            Some(cluster) => cluster.further += 1,
            None => out.push(Cluster {
                first: item,
                further: 0,
            }),
        }
    }
    out
}

/// Glyphs with labels in as few rows as they need. The last row is kept for glyphs whose label
/// finds no room: a label may be left out, a glyph never is.
fn packed<DB: DrawingBackend>(pen: &Pen<'_, DB>, field: Field, items: &[EventItem]) -> Drawn<DB> {
    let clusters = clusters(field.frame, items);
    let rows = field.rows();
    let labelled = if clusters.len() > rows {
        (rows - 1).max(1)
    } else {
        rows
    };
    let mut taken: Vec<Vec<(f64, f64)>> = vec![Vec::new(); labelled];
    let most = (field.frame.width() * 0.6).min(320.0);
    for cluster in &clusters {
        let item = cluster.first;
        let (x0, x1) = extent(field.frame, item);
        let suffix = if cluster.further > 0 { 34.0 } else { 0.0 };
        let room = (field.frame.right - x1).max(x0 - field.frame.left) - 2.0 * GLYPH;
        let mut label = pen.fit(&item.label, SMALL, most.min(room) - suffix);
        if cluster.further > 0 {
            label = format!("{label} +{}", cluster.further);
        }
        let width = pen.width(&label, SMALL) + 5.0;
        let to_right = (x0 - GLYPH, x1 + GLYPH + width, HPos::Left);
        let to_left = (x0 - GLYPH - width, x1 + GLYPH, HPos::Right);
        let place = taken.iter_mut().enumerate().find_map(|(row, taken)| {
            let (from, to, side) = [to_right, to_left].into_iter().find(|(from, to, _)| {
                let edge = (field.frame.left - GLYPH, field.frame.right + GLYPH + 10.0);
                *from >= edge.0 && *to <= edge.1 && is_free(taken, (*from, *to))
            })?;
            taken.push((from, to));
            Some((row, side))
        });
        let y = field.middle(place.map_or(rows - 1, |(row, _)| row));
        glyph(pen, field, item, y)?;
        if let Some((_, side)) = place {
            let x = if matches!(side, HPos::Left) {
                x1 + GLYPH + 3.0
            } else {
                x0 - GLYPH - 3.0
            };
            pen.text(&label, (x, y), SMALL, Ink::Strong, (side, VPos::Center))?;
        }
    }
    Ok(())
}

fn is_free(row: &[(f64, f64)], (left, right): (f64, f64)) -> bool {
    row.iter()
        .all(|(a, b)| right + 2.0 <= *a || left >= *b + 2.0)
}

/// A histogram of starts, a bar for every four pixels.
fn density<DB: DrawingBackend>(pen: &Pen<'_, DB>, field: Field, items: &[EventItem]) -> Drawn<DB> {
    const WIDTH: f64 = 4.0;
    let n = (field.frame.width() / WIDTH).ceil().max(1.0) as usize;
    let mut counts = vec![0u32; n];
    let window = field.frame.window;
    for item in items.iter().filter(|i| window.contains(i.start)) {
        let place = ((field.frame.x(item.start) - field.frame.left) / WIDTH) as usize;
        if let Some(count) = counts.get_mut(place.min(n - 1)) {
            *count += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let room = field.bottom - field.top - 6.0;
    for (i, count) in counts.iter().enumerate().filter(|(_, c)| **c > 0) {
        let x = field.frame.left + i as f64 * WIDTH;
        let height = room * f64::from(*count) / f64::from(most);
        let right = (x + WIDTH - 1.0).min(field.frame.right);
        pen.rect(
            (x, field.bottom - height),
            (right, field.bottom),
            Ink::Event,
            0.8,
        )?;
    }
    let at = (field.frame.left - 8.0, field.bottom - room);
    let end = (HPos::Right, VPos::Center);
    pen.text(&most.to_string(), at, SMALL, Ink::Text, end)?;
    pen.text(
        "0",
        (field.frame.left - 8.0, field.bottom),
        SMALL,
        Ink::Text,
        end,
    )
}

/// From where to where an item's glyph reaches.
fn extent(frame: Frame, item: &EventItem) -> (f64, f64) {
    if item.shape != Shape::Bar {
        let x = frame.x(item.start);
        return (x, x + if is_flag(item.shape) { 8.0 } else { 0.0 });
    }
    let end = item.end.unwrap_or(if item.open {
        frame.window.end
    } else {
        item.start
    });
    let begin = match (item.start_unknown, item.earliest) {
        (true, earliest) => earliest.unwrap_or(frame.window.start),
        (false, _) => item.start,
    };
    (frame.x(begin), frame.x(end.max(item.start)))
}

fn is_flag(shape: Shape) -> bool {
    matches!(shape, Shape::Flag | Shape::SuspectFlag)
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
        Shape::Bar => bar(pen, field.frame, item, y),
        Shape::Flag => {
            pen.line(&[(x, y - 6.0), (x, field.bottom)], a, 0.55, 1.0)?;
            let pennant = [(x, y - 6.0), (x + 9.0, y - 2.0), (x, y + 2.0), (x, y - 6.0)];
            pen.area(&pennant, a, 0.25)?;
            pen.line(&pennant, a, 1.0, 1.0)
        }
        Shape::SuspectFlag => {
            pen.line(&[(x, y - 7.0), (x, field.bottom)], a, 1.0, 2.0)?;
            let banner = [
                (x, y - 7.0),
                (x + 12.0, y - 7.0),
                (x + 8.5, y - 2.5),
                (x + 12.0, y + 2.0),
            ];
            let banner = [&banner[..], &[(x, y + 2.0)]].concat();
            pen.area(&banner, a, 1.0)?;
            diamond(pen, (x, field.bottom), 4.0, a)
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
    let (from, mut to) = extent(frame, item);
    let sure = frame.x(item.start);
    to = to.max(sure + 2.0);
    let (top, bottom) = (y - 7.0, y + 7.0);
    if item.start_unknown {
        hatch(pen, (from, top), (sure, bottom), item.ink)?;
    }
    let body = if item.open { to - 6.0 } else { to };
    if body > sure {
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
