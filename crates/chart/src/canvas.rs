//! The canvas backend. plotters' own strokes every segment, sets the font for every text and
//! measures it by an element of the page; a frame must be drawn in a few milliseconds. Here
//! neighbouring strokes of one style become one, and the context's state is set only where it
//! changes.

use crate::draw::{Focus, Style, draw_focused};
use crate::lane::Lane;
use model::Window;
use plotters::prelude::IntoDrawingArea;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::f64::consts::TAU;
use std::fmt::Write;
use web_sys::CanvasRenderingContext2d;

/// The browser refused to draw on a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the browser refused to draw on the canvas")]
pub struct CanvasError;

/// Draws a lane in the 2D context of a canvas whose width and height are those of the lane in CSS pixels
/// times `style.scale`. What was on it is cleared.
///
/// # Errors
/// [`CanvasError`] where the browser refuses to draw.
pub fn draw_in_context(
    context: &CanvasRenderingContext2d,
    size: (u32, u32),
    lane: &Lane,
    window: Window,
    style: Style,
    focus: &Focus,
) -> Result<(), CanvasError> {
    let root = Backend::new(context, size).into_drawing_area();
    draw_focused(lane, window, &root, style, focus).map_err(|_| CanvasError)?;
    root.present().map_err(|_| CanvasError)
}

/// Red, green and blue, and how much of it covers the ground.
type Colour = ((u8, u8, u8), f64);

/// A stroke that may still grow.
#[derive(Clone, Copy, PartialEq)]
struct Stroke {
    colour: Colour,
    width: u32,
}

/// What the context is set to.
#[derive(Default)]
struct State {
    fill: Option<Colour>,
    stroke: Option<Colour>,
    width: Option<u32>,
    font: Option<u32>,
    align: Option<&'static str>,
}

struct Backend {
    context: CanvasRenderingContext2d,
    size: (u32, u32),
    path: Option<Stroke>,
    now: State,
}

type Done = Result<(), DrawingErrorKind<CanvasError>>;

fn colour(colour: BackendColor) -> Colour {
    (colour.rgb, colour.alpha)
}

fn css(((r, g, b), alpha): Colour) -> String {
    let mut out = String::with_capacity(24);
    let _ = if alpha < 1.0 {
        write!(out, "rgba({r},{g},{b},{alpha:.3})")
    } else {
        write!(out, "#{r:02x}{g:02x}{b:02x}")
    };
    out
}

impl Backend {
    /// A canvas, cleared.
    fn new(context: &CanvasRenderingContext2d, size: (u32, u32)) -> Self {
        context.clear_rect(0.0, 0.0, f64::from(size.0), f64::from(size.1));
        // The cheapest joins; at these widths they look like any other.
        context.set_line_join("bevel");
        // Whoever used the context before may have left anything in the rest of its state.
        Self {
            context: context.clone(),
            size,
            path: None,
            now: State::default(),
        }
    }

    fn flush(&mut self) {
        let Some(stroke) = self.path.take() else {
            return;
        };
        if self.now.stroke != Some(stroke.colour) {
            self.context.set_stroke_style_str(&css(stroke.colour));
            self.now.stroke = Some(stroke.colour);
        }
        if self.now.width != Some(stroke.width) {
            self.context.set_line_width(f64::from(stroke.width));
            self.now.width = Some(stroke.width);
        }
        self.context.stroke();
    }

    fn fill_with(&mut self, wanted: BackendColor) {
        let colour = colour(wanted);
        if self.now.fill != Some(colour) {
            self.context.set_fill_style_str(&css(colour));
            self.now.fill = Some(colour);
        }
    }

    /// Adds a line to the stroke that is under way, or begins a new one. Lines of odd width lie on
    /// the middle of pixels, so that level and upright ones are sharp.
    fn stroke<S: BackendStyle>(&mut self, points: impl Iterator<Item = BackendCoord>, style: &S) {
        let stroke = Stroke {
            colour: colour(style.color()),
            width: style.stroke_width().max(1),
        };
        if self.path != Some(stroke) {
            self.flush();
            self.context.begin_path();
            self.path = Some(stroke);
        }
        let aside = if stroke.width % 2 == 1 { 0.5 } else { 0.0 };
        self.trace(points, aside);
    }

    /// Adds a line to the path. Level steps that follow each other become one: every call into the
    /// browser costs as much as many of ours.
    fn trace(&self, points: impl Iterator<Item = BackendCoord>, aside: f64) {
        let place = |(x, y): BackendCoord| (f64::from(x) + aside, f64::from(y) + aside);
        let mut last: Option<BackendCoord> = None;
        let mut held: Option<BackendCoord> = None;
        for point in points {
            let Some(from) = last else {
                let (x, y) = place(point);
                self.context.move_to(x, y);
                last = Some(point);
                continue;
            };
            if let Some(before) = held {
                let level = from.1 == before.1 && before.1 == point.1;
                let onward = (before.0 > from.0) == (point.0 > before.0);
                if !(level && onward) {
                    let (x, y) = place(before);
                    self.context.line_to(x, y);
                    last = Some(before);
                }
            }
            held = Some(point);
        }
        if let Some(end) = held {
            let (x, y) = place(end);
            self.context.line_to(x, y);
        }
    }

    /// Fills the path that `trace` makes, or draws its outline.
    fn shape<S: BackendStyle>(&mut self, style: &S, fill: bool, trace: impl FnOnce(&Self)) {
        self.flush();
        self.context.begin_path();
        trace(self);
        if fill {
            self.fill_with(style.color());
            self.context.fill();
        } else {
            self.path = Some(Stroke {
                colour: colour(style.color()),
                width: style.stroke_width().max(1),
            });
            self.flush();
        }
    }
}

impl DrawingBackend for Backend {
    type ErrorType = CanvasError;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        self.flush();
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Done {
        self.flush();
        self.fill_with(colour);
        self.context.fill_rect(f64::from(x), f64::from(y), 1.0, 1.0);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Done {
        self.stroke([from, to].into_iter(), style);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x0, y0): BackendCoord,
        (x1, y1): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        let (w, h) = (f64::from((x1 - x0).max(0)), f64::from((y1 - y0).max(0)));
        let (x, y) = (f64::from(x0), f64::from(y0));
        if fill {
            self.flush();
            self.fill_with(style.color());
            self.context.fill_rect(x, y, w, h);
        } else {
            self.shape(style, false, |to| to.context.rect(x, y, w, h));
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Done {
        self.stroke(points.into_iter(), style);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        let (x, y, r) = (f64::from(x), f64::from(y), f64::from(radius));
        self.shape(style, fill, |to| {
            // Its only error is a negative radius.
            let _ = to.context.arc(x, y, r, 0.0, TAU);
        });
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Done {
        self.shape(style, true, |to| {
            to.trace(points.into_iter(), 0.0);
        });
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Done {
        self.flush();
        self.fill_with(style.color());
        let size = crate::svg::em(style.size());
        let pixels = size.round() as u32;
        if self.now.font != Some(pixels) {
            let family = crate::svg::FAMILIES;
            self.context.set_font(&format!("{pixels}px {family}"));
            self.now.font = Some(pixels);
        }
        let align = match style.anchor().h_pos {
            HPos::Left => "left",
            HPos::Center => "center",
            HPos::Right => "right",
        };
        if self.now.align != Some(align) {
            self.context.set_text_align(align);
            self.now.align = Some(align);
        }
        let drop = match style.anchor().v_pos {
            VPos::Top => crate::svg::CAPITALS,
            VPos::Center => crate::svg::CAPITALS / 2.0,
            VPos::Bottom => 0.0,
        };
        let y = f64::from(y) + (size * drop).round();
        self.context
            .fill_text(text, f64::from(x), y)
            .map_err(|_| DrawingErrorKind::DrawingError(CanvasError))
    }
}
