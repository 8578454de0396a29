//! Labels of marks: in rows above the plot, never on top of each other; what finds no room is
//! left out (the page's table has it).

use super::pen::Pen;
use super::{Drawn, Frame};
use crate::font;
use crate::geometry::{LABEL_ROW, Rect, SMALL, is_roomy, label_rows};
use crate::lane::{Lane, Mark, MarkKind};
use crate::palette::Ink;
use crate::record::PlacedKind;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};

/// A label with its place.
struct Placed {
    text: String,
    ink: Ink,
    row: usize,
    left: f64,
}

/// A note's number with its place.
struct Badge {
    text: String,
    centre: f64,
}

/// The strip above a plot: labels in rows, below them the numbers of notes.
pub(super) struct Strip {
    labels: Vec<Placed>,
    rows: usize,
    badges: Vec<Badge>,
}

/// Spans of a row that are taken.
type Taken = Vec<(f64, f64)>;

fn is_free(row: &Taken, left: f64, right: f64) -> bool {
    row.iter().all(|(a, b)| right <= *a || left >= *b)
}

impl Strip {
    /// Finds places for the labels of a lane's marks and bands in the rows that are kept for them.
    pub(super) fn new(frame: Frame, lane: &Lane) -> Self {
        let rows = label_rows(lane, is_roomy(frame));
        let mut taken: Vec<Taken> = vec![Vec::new(); rows];
        let mut labels = Vec::new();
        for wish in wanted(frame, lane) {
            let (x, ink) = (wish.x, wish.ink);
            let long = font::width(&wish.text, SMALL) > frame.width() * 0.6;
            let text = if long && !wish.short.is_empty() {
                wish.short
            } else {
                font::fit(&wish.text, SMALL, frame.width() * 0.7)
            };
            let width = font::width(&text, SMALL);
            let place = taken.iter_mut().enumerate().find_map(|(row, taken)| {
                let left = [x, x - width].into_iter().find(|left| {
                    let inside = *left >= frame.left - 8.0 && left + width <= frame.right + 12.0;
                    inside && is_free(taken, left - 6.0, left + width + 6.0)
                })?;
                taken.push((left, left + width));
                Some((row, left))
            });
            labels.extend(place.map(|(row, left)| Placed {
                text,
                ink,
                row,
                left,
            }));
        }
        Self {
            labels,
            rows,
            badges: badges(frame, lane),
        }
    }

    /// Draws it with its upper edge at `top`.
    pub(super) fn draw<DB: DrawingBackend>(&self, pen: &Pen<'_, DB>, top: f64) -> Drawn<DB> {
        for label in &self.labels {
            let y = top + label.row as f64 * LABEL_ROW + LABEL_ROW / 2.0;
            let at = (label.left, y);
            pen.text(
                &label.text,
                at,
                SMALL,
                label.ink,
                (HPos::Left, VPos::Center),
            )?;
        }
        let y = top + self.rows as f64 * LABEL_ROW + LABEL_ROW / 2.0;
        for badge in &self.badges {
            let at = (badge.centre, y);
            pen.disc(at, 7.0, Ink::Note)?;
            pen.text(&badge.text, at, 9.0, Ink::On, (HPos::Center, VPos::Center))?;
        }
        Ok(())
    }
}

/// Numbers of notes in the order of time: over their instant, or a little after it where another
/// is.
fn badges(frame: Frame, lane: &Lane) -> Vec<Badge> {
    const APART: f64 = 15.5;
    const ASIDE: f64 = 64.0;
    let mut free = f64::NEG_INFINITY;
    let mut out = Vec::new();
    let notes = lane
        .marks
        .iter()
        .filter(|m| m.kind == MarkKind::Note && visible(frame, m.at));
    for mark in notes {
        let x = frame.x(mark.at);
        let centre = x.max(free);
        if centre <= x + ASIDE && centre <= frame.right + 12.0 {
            free = centre + APART;
            out.push(Badge {
                text: mark.label.clone(),
                centre,
            });
        }
    }
    out
}

/// A label that wants a place.
struct Wish {
    order: u8,
    x: f64,
    text: String,
    short: String,
    ink: Ink,
}

/// Every label, most important first.
fn wanted(frame: Frame, lane: &Lane) -> Vec<Wish> {
    let named = |m: &&Mark| m.kind != MarkKind::Note && !m.label.is_empty() && visible(frame, m.at);
    let marks = lane.marks.iter().filter(named).map(|mark| {
        let (order, ink) = mark_ink(mark.kind);
        Wish {
            order,
            x: frame.x(mark.at),
            text: mark.label.clone(),
            short: mark.short.clone(),
            ink,
        }
    });
    let bands = lane
        .bands
        .iter()
        .filter(|b| !b.label.is_empty())
        .map(|band| Wish {
            order: 1,
            x: frame.x(band.span.start),
            text: band.label.clone(),
            short: String::new(),
            ink: super::band_ink(band.kind).0,
        });
    let mut out: Vec<Wish> = marks.chain(bands).collect();
    out.sort_by_key(|wish| wish.order);
    out
}

fn visible(frame: Frame, at: model::Timestamp) -> bool {
    frame.window.start <= at && at <= frame.window.end
}

fn mark_ink(kind: MarkKind) -> (u8, Ink) {
    match kind {
        MarkKind::Note => (0, Ink::Note),
        MarkKind::Credit | MarkKind::Forecast => (1, Ink::Throttled),
        MarkKind::Onset => (2, Ink::Suspect),
        MarkKind::ChangeUp | MarkKind::ChangeDown => (3, Ink::Change),
    }
}

/// The vertical lines of marks, with a small triangle for the way of a change and a tint for the
/// span in which it lies.
pub(super) fn lines<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    lane: &Lane,
    plot: Rect,
) -> Drawn<DB> {
    for mark in lane.marks.iter().filter(|m| m.kind != MarkKind::Forecast) {
        pen.lit(mark.kind == MarkKind::Note || pen.focus.lights_series(&mark.about));
        uncertainty(pen, frame, mark, plot)?;
        if visible(frame, mark.at) {
            let id = &mark.about;
            pen.thing(PlacedKind::Mark, id, || {
                line(pen, frame.x(mark.at), mark, plot)
            })?;
        }
    }
    pen.lit(true);
    Ok(())
}

fn line<DB: DrawingBackend>(pen: &Pen<'_, DB>, x: f64, mark: &Mark, plot: Rect) -> Drawn<DB> {
    let (_, ink) = mark_ink(mark.kind);
    let alpha = match mark.kind {
        MarkKind::Note => 0.6,
        _ if mark.label.is_empty() => 0.45,
        _ => 0.8,
    };
    let top = plot.top;
    pen.line(&[(x, top), (x, plot.bottom)], ink, alpha, 1.0)?;
    match mark.kind {
        MarkKind::ChangeUp => {
            let tip = [(x - 4.0, top + 7.0), (x + 4.0, top + 7.0), (x, top)];
            pen.area(&tip, ink, 1.0)
        }
        MarkKind::ChangeDown => {
            let tip = [(x - 4.0, top), (x + 4.0, top), (x, top + 7.0)];
            pen.area(&tip, ink, 1.0)
        }
        _ => Ok(()),
    }
}

/// A tint over the span in which the mark lies, between two brackets, where it is wide enough to
/// be seen.
fn uncertainty<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    mark: &Mark,
    plot: Rect,
) -> Drawn<DB> {
    const LEAST: f64 = 3.0;
    let half = mark.uncertainty_ms;
    let (from, to) = (mark.at.plus(-half), mark.at.plus(half));
    let (x0, x1) = (frame.x(from), frame.x(to));
    if mark.label.is_empty() || x1 - x0 < LEAST {
        return Ok(());
    }
    let (_, ink) = mark_ink(mark.kind);
    pen.rect((x0, plot.top), (x1, plot.bottom), ink, 0.10)?;
    for (at, x, way) in [(from, x0, 4.0), (to, x1, -4.0)] {
        if visible(frame, at) {
            let (top, foot) = (plot.top, plot.top + 8.0);
            let bracket = [(x + way, top), (x, top), (x, foot), (x + way, foot)];
            pen.line(&bracket, ink, 0.8, 1.0)?;
        }
    }
    Ok(())
}
