//! The one drawing code. It knows no file, no typeface and no target.

mod curve;
mod events;
mod focus;
mod label;
mod metric;
mod pen;
mod place;

use crate::font;
use crate::geometry::{Rect, SMALL};
use crate::lane::{Band, BandKind, Content, Lane, Size};
use crate::palette::{Ink, Theme};
use crate::record::Tags;
use crate::ticks::time_ticks;
use model::{Timestamp, Window};
use pen::Pen;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, VPos};

pub use focus::Focus;
pub(crate) use metric::Axes;
pub(crate) use place::layer;

/// What comes of drawing on a backend.
pub(crate) type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// How a lane is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Backend pixels in a CSS pixel: 1, or the device's pixel ratio on a canvas.
    pub scale: f64,
    /// Colours.
    pub theme: Theme,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            scale: 1.0,
            theme: Theme::Light,
        }
    }
}

/// Where time lies in a drawing. It depends on the width alone, so that all lanes of one width
/// line up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge of the plot, CSS pixels.
    pub left: f64,
    /// Right edge of the plot, CSS pixels.
    pub right: f64,
    /// From when to when.
    pub window: Window,
}

impl Frame {
    /// The frame of drawings of this width (CSS pixels).
    pub fn new(width: u32, window: Window) -> Self {
        let (left, right) = if width >= NARROW {
            (78.0, 26.0)
        } else {
            (70.0, 20.0)
        };
        Self {
            left,
            right: (f64::from(width) - right).max(left + 1.0),
            window,
        }
    }

    /// Where an instant lies, CSS pixels from the left; instants outside of the window lie on its
    /// edges.
    pub fn x(&self, at: Timestamp) -> f64 {
        self.free_x(at).clamp(self.left, self.right)
    }

    /// Which instant lies at this many CSS pixels from the left; beyond the edges it is an edge of
    /// the window.
    pub fn time(&self, x: f64) -> Timestamp {
        let part = ((x - self.left) / self.width()).clamp(0.0, 1.0);
        let ms = part * self.window.millis() as f64;
        self.window.start.plus(ms.round() as i64)
    }

    /// Where an instant lies, in or out of the window.
    pub(crate) fn free_x(&self, at: Timestamp) -> f64 {
        let part = at.since(self.window.start) as f64 / self.window.millis().max(1) as f64;
        self.left + part * self.width()
    }

    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }
}

/// From this width (CSS pixels) on there is room for wide margins.
const NARROW: u32 = 600;

/// Draws a lane on an area of any backend, one backend pixel to a CSS pixel, in light colours.
///
/// # Errors
/// Only what the backend reports.
pub fn draw<DB: DrawingBackend>(
    lane: &Lane,
    window: Window,
    root: &DrawingArea<DB, Shift>,
) -> Drawn<DB> {
    draw_styled(lane, window, root, Style::default())
}

/// Draws a lane in a style of choice. The window may be any part of time; the lane a whole one or
/// a slice of it.
///
/// # Errors
/// Only what the backend reports.
pub fn draw_styled<DB: DrawingBackend>(
    lane: &Lane,
    window: Window,
    root: &DrawingArea<DB, Shift>,
    style: Style,
) -> Drawn<DB> {
    draw_focused(lane, window, root, style, &Focus::default())
}

/// Draws a lane with some of its series and events in focus and the rest faint.
///
/// # Errors
/// Only what the backend reports.
pub fn draw_focused<DB: DrawingBackend>(
    lane: &Lane,
    window: Window,
    root: &DrawingArea<DB, Shift>,
    style: Style,
    focus: &Focus,
) -> Drawn<DB> {
    draw_tagged(lane, window, root, style, focus, None)
}

pub(crate) fn draw_tagged<DB: DrawingBackend>(
    lane: &Lane,
    window: Window,
    root: &DrawingArea<DB, Shift>,
    style: Style,
    focus: &Focus,
    tags: Option<&Tags>,
) -> Drawn<DB> {
    let pen = Pen::new(root, style, focus, tags);
    let (width, height) = pen.size();
    let size = Size {
        width: width.round() as u32,
        height: height.round() as u32,
    };
    let frame = Frame::new(size.width, window);
    match &lane.content {
        Content::Metric(plot) => metric::draw(&pen, frame, lane, plot, size),
        Content::Events { layout, items } => events::draw(&pen, frame, lane, *layout, items, size),
    }
}

/// Time axis: grid lines through the plot, base line, labels below.
fn time_axis<DB: DrawingBackend>(pen: &Pen<'_, DB>, frame: Frame, plot: Rect) -> Drawn<DB> {
    let (top, bottom) = (plot.top, plot.bottom);
    let room = if frame.width() > 500.0 { 78.0 } else { 56.0 };
    let most = (frame.width() / room).floor().max(1.0) as usize;
    let ticks = time_ticks(frame.window, most);
    for tick in &ticks {
        let x = frame.x(tick.at);
        let ink = if tick.day { Ink::Axis } else { Ink::Grid };
        let alpha = if tick.day { 0.6 } else { 1.0 };
        pen.line(&[(x, top), (x, bottom)], ink, alpha, 1.0)?;
    }
    pen.line(
        &[(frame.left, bottom), (frame.right, bottom)],
        Ink::Axis,
        1.0,
        1.0,
    )?;
    let mut free = frame.left - 34.0;
    for tick in &ticks {
        let x = frame.x(tick.at);
        let half = font::width(&tick.label, SMALL) / 2.0;
        if x - half < free || x + half > frame.right + 24.0 {
            continue;
        }
        let ink = if tick.day { Ink::Strong } else { Ink::Text };
        pen.text(
            &tick.label,
            (x, bottom + 7.0),
            SMALL,
            ink,
            (HPos::Center, VPos::Top),
        )?;
        free = x + half + 8.0;
    }
    pen.text(
        "UTC",
        (frame.left - 40.0, bottom + 7.0),
        9.0,
        Ink::Text,
        (HPos::Right, VPos::Top),
    )
}

/// Tints of spans, with a cap on top, so that they show without colour too.
fn bands<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: Frame,
    bands: &[Band],
    plot: Rect,
) -> Drawn<DB> {
    let (top, bottom) = (plot.top, plot.bottom);
    for band in bands {
        let (x0, x1) = (frame.x(band.span.start), frame.x(band.span.end));
        if x1 - x0 < 0.25 {
            continue;
        }
        let (ink, tint) = band_ink(band.kind);
        pen.rect((x0, top), (x1, bottom), ink, tint)?;
        pen.rect((x0, top), (x1, top + 2.5), ink, 0.85)?;
    }
    Ok(())
}

fn band_ink(kind: BandKind) -> (Ink, f64) {
    match kind {
        BandKind::Impact => (Ink::Impact, 0.07),
        BandKind::Throttled => (Ink::Throttled, 0.10),
        BandKind::Note => (Ink::Note, 0.08),
        BandKind::Alarm => (Ink::Suspect, 0.16),
    }
}
