//! Drawing in CSS pixels and inks on an area of any backend.

use super::{Drawn, Style};
use crate::font::{FAMILY, ROOM};
use crate::palette::Ink;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBAColor, ShapeStyle, TextStyle};

/// Point in CSS pixels.
pub(super) type Point = (f64, f64);

pub(super) struct Pen<'a, DB: DrawingBackend> {
    root: &'a DrawingArea<DB, Shift>,
    style: Style,
}

impl<'a, DB: DrawingBackend> Pen<'a, DB> {
    pub(super) fn new(root: &'a DrawingArea<DB, Shift>, style: Style) -> Self {
        Self { root, style }
    }

    /// Size of the drawing in CSS pixels.
    pub(super) fn size(&self) -> (f64, f64) {
        let (w, h) = self.root.dim_in_pixel();
        (
            f64::from(w) / self.style.scale,
            f64::from(h) / self.style.scale,
        )
    }

    fn at(&self, (x, y): Point) -> (i32, i32) {
        let to = |v: f64| (v * self.style.scale).round() as i32;
        (to(x), to(y))
    }

    fn ink(&self, ink: Ink, alpha: f64) -> RGBAColor {
        ink.colour(self.style.theme).mix(alpha)
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

    /// Width of a text in CSS pixels, with room for other typefaces; a rough guess where nothing
    /// can measure.
    pub(super) fn width(&self, text: &str, size: f64) -> f64 {
        self.root
            .estimate_text_size(text, &self.font(size))
            .map_or_else(
                |_| text.chars().count() as f64 * size * 0.62,
                |(w, _)| f64::from(w) / self.style.scale * ROOM,
            )
    }

    /// The text, cut with an ellipsis where it is wider than `most` CSS pixels.
    pub(super) fn fit(&self, text: &str, size: f64, most: f64) -> String {
        if self.width(text, size) <= most {
            return text.to_owned();
        }
        let mut out = String::new();
        let room = most - self.width("…", size);
        for c in text.chars() {
            out.push(c);
            if self.width(&out, size) > room {
                out.pop();
                break;
            }
        }
        format!("{}…", out.trim_end())
    }
}
