//! Where every marker and sample is drawn: a backend that writes positions down. It runs on the
//! server and in the browser, so that both can be compared.

use crate::draw::{Focus, Style, draw_tagged};
use crate::lane::{Lane, Size};
use model::Window;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::IntoDrawingArea;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

/// What stands at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlacedKind {
    /// A point of a curve, or of the outline of the area that a dense one covers; the id is the
    /// series.
    Sample,
    /// A point of a curve for comparison; the id is the series.
    Ghost,
    /// An end of a level; the id is the series.
    Level,
    /// An end of a vertical mark, or the middle of its tip; the id is what the mark is about.
    Mark,
    /// A point of an event's outline, or the middle of its glyph; the id is the event.
    Event,
    /// A corner of a forecast.
    Forecast,
}

/// A position as drawn, in CSS pixels from the upper left corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// What stands there.
    pub kind: PlacedKind,
    /// Id of what stands there.
    pub id: String,
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// The position of every marker and sample of a lane as it is drawn at one backend pixel to a CSS
/// pixel: every point of a line and of a curve's area, the middle of every other filled shape.
pub fn positions(lane: &Lane, window: Window, size: Size) -> Vec<Placed> {
    let nowhere = Nowhere((size.width, size.height));
    let drawn = recorded(nowhere, lane, window, Style::default(), &Focus::default());
    // The backend draws nothing and cannot fail.
    drawn.unwrap_or_default()
}

/// Draws a lane on a backend, and tells where.
pub(crate) fn recorded<DB: DrawingBackend>(
    inner: DB,
    lane: &Lane,
    window: Window,
    style: Style,
    focus: &Focus,
) -> Result<Vec<Placed>, DrawingAreaErrorKind<DB::ErrorType>> {
    let tags = Tags::default();
    let root = Recorder {
        inner,
        tags: tags.clone(),
        scale: style.scale,
    }
    .into_drawing_area();
    draw_tagged(lane, window, &root, style, focus, Some(&tags))?;
    root.present()?;
    drop(root);
    Ok(tags.taken())
}

/// What is being drawn, and where it was drawn so far.
#[derive(Clone, Default)]
pub(crate) struct Tags(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    now: Option<(PlacedKind, String)>,
    placed: Vec<Placed>,
}

impl Tags {
    pub(crate) fn begin(&self, kind: PlacedKind, id: &str) {
        self.0.borrow_mut().now = Some((kind, id.to_owned()));
    }

    pub(crate) fn end(&self) {
        self.0.borrow_mut().now = None;
    }

    fn taken(&self) -> Vec<Placed> {
        std::mem::take(&mut self.0.borrow_mut().placed)
    }

    /// Whether a curve is being drawn: of its areas every point counts.
    fn of_curve(&self) -> bool {
        let state = self.0.borrow();
        let kind = state.now.as_ref().map(|(kind, _)| *kind);
        matches!(kind, Some(PlacedKind::Sample | PlacedKind::Ghost))
    }

    fn place(&self, x: f64, y: f64) {
        let mut state = self.0.borrow_mut();
        if let Some((kind, id)) = state.now.clone() {
            state.placed.push(Placed { kind, id, x, y });
        }
    }
}

/// A backend that passes everything on and writes down where it was.
struct Recorder<DB> {
    inner: DB,
    tags: Tags,
    scale: f64,
}

impl<DB> Recorder<DB> {
    fn each(&self, points: &[BackendCoord]) {
        for (x, y) in points {
            let at = |v: i32| f64::from(v) / self.scale;
            self.tags.place(at(*x), at(*y));
        }
    }

    /// Places the middle of the box around the points.
    fn middle(&self, points: &[BackendCoord]) {
        let ends = points.iter().fold(None, |ends: Option<[i32; 4]>, &(x, y)| {
            let [x0, y0, x1, y1] = ends.unwrap_or([x, y, x, y]);
            Some([x0.min(x), y0.min(y), x1.max(x), y1.max(y)])
        });
        if let Some([x0, y0, x1, y1]) = ends.map(|ends| ends.map(f64::from)) {
            let at = |a: f64, b: f64| f64::midpoint(a, b) / self.scale;
            self.tags.place(at(x0, x1), at(y0, y1));
        }
    }
}

type Done<DB> = Result<(), DrawingErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl<DB: DrawingBackend> DrawingBackend for Recorder<DB> {
    type ErrorType = DB::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.inner.get_size()
    }

    fn ensure_prepared(&mut self) -> Done<DB> {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Done<DB> {
        self.inner.present()
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Done<DB> {
        self.middle(&[at]);
        self.inner.draw_pixel(at, colour)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Done<DB> {
        self.each(&[from, to]);
        self.inner.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done<DB> {
        self.middle(&[from, to]);
        self.inner.draw_rect(from, to, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Done<DB> {
        let points: Vec<BackendCoord> = points.into_iter().collect();
        self.each(&points);
        self.inner.draw_path(points, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done<DB> {
        self.middle(&[centre]);
        self.inner.draw_circle(centre, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Done<DB> {
        let points: Vec<BackendCoord> = points.into_iter().collect();
        if self.tags.of_curve() {
            self.each(&points);
        } else {
            self.middle(&points);
        }
        self.inner.fill_polygon(points, style)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Done<DB> {
        self.inner.draw_text(text, style, at)
    }
}

/// A backend of some size that draws nothing.
struct Nowhere((u32, u32));

type Nothing = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Nowhere {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.0
    }

    fn ensure_prepared(&mut self) -> Nothing {
        Ok(())
    }

    fn present(&mut self) -> Nothing {
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Nothing {
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, _: BackendCoord, _: BackendCoord, _: &S) -> Nothing {
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        _: BackendCoord,
        _: BackendCoord,
        _: &S,
        _: bool,
    ) -> Nothing {
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        _: I,
        _: &S,
    ) -> Nothing {
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, _: BackendCoord, _: u32, _: &S, _: bool) -> Nothing {
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        _: I,
        _: &S,
    ) -> Nothing {
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, _: &str, _: &S, _: BackendCoord) -> Nothing {
        Ok(())
    }
}
