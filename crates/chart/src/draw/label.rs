//! Labels of marks: in rows above the plot, never on top of each other; what finds no room is
//! left out (the page's table has it).

use super::pen::Pen;
use super::{Drawn, Frame, SMALL};
use crate::lane::{Lane, MarkKind};
use crate::palette::Ink;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};

/// Height of a row of labels.
pub(super) const ROW: f64 = 16.0;

/// A label that wants a place.
struct Label {
    x: f64,
    text: String,
    ink: Ink,
    /// A number in a disc, centred on its instant.
    badge: bool,
}

/// A label with its place.
struct Placed {
    label: Label,
    row: usize,
    left: f64,
}

/// The strip of labels above a plot.
pub(super) struct Strip {
    placed: Vec<Placed>,
    rows: usize,
}

impl Strip {
    /// Finds places for the labels of a lane's marks and bands in at most `most` rows.
    pub(super) fn new<DB: DrawingBackend>(
        pen: &Pen<'_, DB>,
        frame: Frame,
        lane: &Lane,
        most: usize,
    ) -> Self {
        let mut taken: Vec<Vec<(f64, f64)>> = vec![Vec::new(); most];
        let mut placed = Vec::new();
        for mut label in wanted(frame, lane) {
            let width = if label.badge {
                14.0
            } else {
                label.text = pen.fit(&label.text, SMALL, frame.width() * 0.6);
                pen.width(&label.text, SMALL)
            };
            let lefts = if label.badge {
                vec![label.x - 7.0]
            } else {
                vec![label.x, label.x - width, frame.right - width]
            };
            let free = |row: &Vec<(f64, f64)>, left: f64| {
                row.iter()
                    .all(|(a, b)| left + width + 8.0 <= *a || left >= *b + 8.0)
            };
            let place = taken.iter().enumerate().find_map(|(row, taken)| {
                let good = |left: &f64| {
                    let near = (*left - label.x).abs() <= width + 1.0;
                    let inside = *left >= frame.left - 8.0 && left + width <= frame.right + 8.0;
                    near && inside && free(taken, *left)
                };
                lefts.iter().copied().find(good).map(|left| (row, left))
            });
            if let Some((row, left)) = place {
                if let Some(taken) = taken.get_mut(row) {
                    taken.push((left, left + width));
                }
                placed.push(Placed { label, row, left });
            }
        }
        let rows = placed.iter().map(|p| p.row + 1).max().unwrap_or(0);
        Self { placed, rows }
    }

    /// Its height.
    pub(super) fn height(&self) -> f64 {
        self.rows as f64 * ROW + if self.rows > 0 { 3.0 } else { 0.0 }
    }

    /// Draws it with its upper edge at `top`.
    pub(super) fn draw<DB: DrawingBackend>(&self, pen: &Pen<'_, DB>, top: f64) -> Drawn<DB> {
        for p in &self.placed {
            let y = top + p.row as f64 * ROW + ROW / 2.0;
            let middle = (HPos::Center, VPos::Center);
            if p.label.badge {
                pen.disc((p.label.x, y), 7.0, p.label.ink)?;
                pen.text(&p.label.text, (p.label.x, y), 9.0, Ink::On, middle)?;
            } else {
                let left = (HPos::Left, VPos::Center);
                pen.text(&p.label.text, (p.left, y), SMALL, p.label.ink, left)?;
            }
        }
        Ok(())
    }
}

/// Everything with a label, most important first.
fn wanted(frame: Frame, lane: &Lane) -> Vec<Label> {
    let mut out: Vec<(u8, Label)> = Vec::new();
    for mark in &lane.marks {
        if mark.label.is_empty() || !visible(frame, mark.at) {
            continue;
        }
        let (order, ink) = mark_ink(mark.kind);
        let badge = mark.kind == MarkKind::Note;
        let label = Label {
            x: frame.x(mark.at),
            text: mark.label.clone(),
            ink,
            badge,
        };
        out.push((order, label));
    }
    for band in lane.bands.iter().filter(|b| !b.label.is_empty()) {
        let (ink, _) = super::band_ink(band.kind);
        let x = frame.x(band.span.start);
        out.push((
            1,
            Label {
                x,
                text: band.label.clone(),
                ink,
                badge: false,
            },
        ));
    }
    out.sort_by_key(|(order, _)| *order);
    out.into_iter().map(|(_, label)| label).collect()
}

fn visible(frame: Frame, at: model::Timestamp) -> bool {
    frame.window.start <= at && at <= frame.window.end
}

fn mark_ink(kind: MarkKind) -> (u8, Ink) {
    match kind {
        MarkKind::Note => (0, Ink::Note),
        MarkKind::Credit => (1, Ink::Throttled),
        MarkKind::Onset => (2, Ink::Suspect),
        MarkKind::ChangeUp | MarkKind::ChangeDown => (3, Ink::Change),
    }
}

/// The vertical lines of marks, with a small triangle for the way of a change.
pub(super) fn lines<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    lane: &Lane,
    top: f64,
    bottom: f64,
) -> Drawn<DB> {
    for mark in lane.marks.iter().filter(|m| visible(frame, m.at)) {
        let x = frame.x(mark.at);
        let (_, ink) = mark_ink(mark.kind);
        let alpha = if mark.label.is_empty() { 0.45 } else { 0.8 };
        pen.line(&[(x, top), (x, bottom)], ink, alpha, 1.0)?;
        let tip = match mark.kind {
            MarkKind::ChangeUp => [(x - 4.0, top + 7.0), (x + 4.0, top + 7.0), (x, top)],
            MarkKind::ChangeDown => [(x - 4.0, top), (x + 4.0, top), (x, top + 7.0)],
            _ => continue,
        };
        pen.area(&tip, ink, 1.0)?;
    }
    Ok(())
}
