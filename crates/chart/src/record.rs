//! Where every marker and sample is drawn: a backend that writes positions down. It runs on the
//! server and in the browser, so that both can be compared.

use crate::draw::{Focus, Style, draw_tagged};
use crate::lane::{Lane, Size};
use model::Window;
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
    let tags = Tags::default();
    let root = Recorder {
        size: (size.width, size.height),
        tags: tags.clone(),
    }
    .into_drawing_area();
    // The backend writes to memory and cannot fail.
    let _ = draw_tagged(
        lane,
        window,
        &root,
        Style::default(),
        &Focus::default(),
        Some(&tags),
    );
    drop(root);
    tags.taken()
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

    /// Places the middle of the box around the points.
    fn middle(&self, points: impl Iterator<Item = BackendCoord>) {
        let ends = points.fold(None, |ends: Option<[i32; 4]>, (x, y)| {
            let [x0, y0, x1, y1] = ends.unwrap_or([x, y, x, y]);
            Some([x0.min(x), y0.min(y), x1.max(x), y1.max(y)])
        });
        if let Some([x0, y0, x1, y1]) = ends.map(|ends| ends.map(f64::from)) {
            self.place(f64::midpoint(x0, x1), f64::midpoint(y0, y1));
        }
    }
}

struct Recorder {
    size: (u32, u32),
    tags: Tags,
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Recorder {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, _: BackendColor) -> Done {
        self.tags.middle(std::iter::once(at));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, s: &S) -> Done {
        self.draw_path([from, to], s)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        _: &S,
        _: bool,
    ) -> Done {
        self.tags.middle([from, to].into_iter());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        _: &S,
    ) -> Done {
        for (x, y) in points {
            self.tags.place(f64::from(x), f64::from(y));
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        _: u32,
        _: &S,
        _: bool,
    ) -> Done {
        self.tags.middle(std::iter::once(centre));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Done {
        if self.tags.of_curve() {
            return self.draw_path(points, style);
        }
        self.tags.middle(points.into_iter());
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, _: &str, _: &S, _: BackendCoord) -> Done {
        Ok(())
    }
}
