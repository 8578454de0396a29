//! Drawing in CSS pixels and inks on an area of any backend.

use super::{Drawn, Focus, Style};
use crate::font::FAMILY;
use crate::palette::Ink;
use crate::record::{PlacedKind, Tags};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBAColor, ShapeStyle, TextStyle};
use std::cell::Cell;

/// Point in CSS pixels.
pub(super) type Point = (f64, f64);

/// What is left of the strength of a colour where something else is in focus.
const DIMMED: f64 = 0.22;

pub(super) struct Pen<'a, DB: DrawingBackend> {
    root: &'a DrawingArea<DB, Shift>,
    style: Style,
    pub(super) focus: &'a Focus,
    tags: Option<&'a Tags>,
    strength: Cell<f64>,
}

impl<'a, DB: DrawingBackend> Pen<'a, DB> {
    pub(super) fn new(
        root: &'a DrawingArea<DB, Shift>,
        style: Style,
        focus: &'a Focus,
        tags: Option<&'a Tags>,
    ) -> Self {
        Self {
            root,
            style,
            focus,
            tags,
            strength: Cell::new(1.0),
        }
    }

    /// Size of the drawing in CSS pixels.
    pub(super) fn size(&self) -> (f64, f64) {
        let (w, h) = self.root.dim_in_pixel();
        (
            f64::from(w) / self.style.scale,
            f64::from(h) / self.style.scale,
        )
    }

    /// What is drawn by `draw` is this thing, for who records positions.
    pub(super) fn thing(
        &self,
        kind: PlacedKind,
        id: &str,
        draw: impl FnOnce() -> Drawn<DB>,
    ) -> Drawn<DB> {
        let Some(tags) = self.tags else {
            return draw();
        };
        tags.begin(kind, id);
        let drawn = draw();
        tags.end();
        drawn
    }

    /// From here on colours are strong (what is in focus) or faint (what is not).
    pub(super) fn lit(&self, lit: bool) {
        self.strength.set(if lit { 1.0 } else { DIMMED });
    }

    fn at(&self, (x, y): Point) -> (i32, i32) {
        let to = |v: f64| (v * self.style.scale).round() as i32;
        (to(x), to(y))
    }

    fn ink(&self, ink: Ink, alpha: f64) -> RGBAColor {
        ink.colour(self.style.theme)
            .mix(alpha * self.strength.get())
    }

    fn shape(&self, ink: Ink, alpha: f64, width: f64) -> ShapeStyle {
        ShapeStyle {
            color: self.ink(ink, alpha),
            filled: width <= 0.0,
            stroke_width: (width * self.style.scale).round().max(1.0) as u32,
        }
    }

    /// A stroke through the points.
    pub(super) fn line(&self, points: &[Point], ink: Ink, alpha: f64, width: f64) -> Drawn<DB> {
        let points: Vec<_> = points.iter().map(|p| self.at(*p)).collect();
        self.root
            .draw(&PathElement::new(points, self.shape(ink, alpha, width)))
    }

    /// A stroke of dashes `on` long and `off` apart.
    pub(super) fn dashes(
        &self,
        points: &[Point],
        (on, off): (f64, f64),
        ink: Ink,
        width: f64,
    ) -> Drawn<DB> {
        for dash in dashed(points, on, off) {
            self.line(&dash, ink, 1.0, width)?;
        }
        Ok(())
    }

    /// A filled area.
    pub(super) fn area(&self, points: &[Point], ink: Ink, alpha: f64) -> Drawn<DB> {
        let points: Vec<_> = points.iter().map(|p| self.at(*p)).collect();
        self.root
            .draw(&Polygon::new(points, self.shape(ink, alpha, 0.0)))
    }

    /// A filled rectangle.
    pub(super) fn rect(&self, from: Point, to: Point, ink: Ink, alpha: f64) -> Drawn<DB> {
        self.root.draw(&Rectangle::new(
            [self.at(from), self.at(to)],
            self.shape(ink, alpha, 0.0),
        ))
    }

    /// A filled disc.
    pub(super) fn disc(&self, centre: Point, radius: f64, ink: Ink) -> Drawn<DB> {
        let radius = (radius * self.style.scale).round().max(1.0) as i32;
        self.root.draw(&Circle::new(
            self.at(centre),
            radius,
            self.shape(ink, 1.0, 0.0),
        ))
    }

    /// The marker of the curve at this place of a legend: a disc, a square, a triangle, a diamond.
    pub(super) fn marker(&self, place: usize, (x, y): Point, ink: Ink) -> Drawn<DB> {
        match place % 4 {
            0 => self.disc((x, y), 3.0, ink),
            1 => self.rect((x - 3.0, y - 3.0), (x + 3.0, y + 3.0), ink, 1.0),
            2 => {
                let tip = [(x - 4.0, y + 4.0), (x + 4.0, y + 4.0), (x, y - 4.0)];
                self.area(&tip, ink, 1.0)
            }
            _ => {
                let tip = [(x - 4.0, y), (x, y - 4.0), (x + 4.0, y), (x, y + 4.0)];
                self.area(&tip, ink, 1.0)
            }
        }
    }

    /// A text of `size` CSS pixels.
    pub(super) fn text(
        &self,
        text: &str,
        at: Point,
        size: f64,
        ink: Ink,
        (h, v): (HPos, VPos),
    ) -> Drawn<DB> {
        let colour = self.ink(ink, 1.0);
        let style = self.font(size).color(&colour).pos(Pos::new(h, v));
        self.root.draw_text(text, &style, self.at(at))
    }

    /// plotters' size is the height of a line, 1.24 em.
    fn font(&self, size: f64) -> TextStyle<'static> {
        TextStyle::from((FAMILY, size * 1.24 * self.style.scale).into_font())
    }
}

/// The dashes along a line, counted from its beginning.
fn dashed(points: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut out: Vec<Vec<Point>> = Vec::new();
    // How much is left of the dash, or of the space after it.
    let (mut drawing, mut left) = (true, on.max(0.5));
    for pair in points.windows(2) {
        let [a, b] = pair else { continue };
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        let along = |s: f64| {
            let part = if length > 0.0 { s / length } else { 0.0 };
            (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part)
        };
        let mut done = 0.0;
        if drawing && out.is_empty() {
            out.push(vec![*a]);
        }
        while length - done > left {
            done += left;
            if drawing {
                let end = along(done);
                if let Some(dash) = out.last_mut() {
                    dash.push(end);
                }
            } else {
                out.push(vec![along(done)]);
            }
            drawing = !drawing;
            left = if drawing { on } else { off }.max(0.5);
        }
        left -= length - done;
        if drawing && let Some(dash) = out.last_mut() {
            dash.push(*b);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_follow_the_line_and_leave_spaces() {
        let line = [(0.0, 0.0), (7.0, 0.0), (7.0, 8.0)];
        let dashes = dashed(&line, 4.0, 2.0);
        assert_eq!(
            dashes,
            vec![
                vec![(0.0, 0.0), (4.0, 0.0)],
                vec![(6.0, 0.0), (7.0, 0.0), (7.0, 3.0)],
                vec![(7.0, 5.0), (7.0, 8.0)],
            ]
        );
    }
}
