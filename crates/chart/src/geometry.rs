//! Where things lie in a drawing. All of it follows from the lane and the size alone: nothing is
//! measured by a backend, and nothing moves when the window does.

use crate::draw::Frame;
use crate::font;
use crate::lane::{Content, Curve, Lane, Layout, MAX_ROWS, MarkKind, Plot, Size};
use crate::rows;
use model::Window;
use serde::{Deserialize, Serialize};

/// Height of the time axis below the plot, CSS pixels.
pub(crate) const FOOT: f64 = 22.0;
/// Size of small text, CSS pixels.
pub(crate) const SMALL: f64 = 11.0;
/// Height of a row of events.
pub(crate) const EVENT_ROW: f64 = 17.0;
/// Height of a row of the legend.
pub(crate) const LEGEND_ROW: f64 = 17.0;
/// Height of a row of labels of marks.
pub(crate) const LABEL_ROW: f64 = 16.0;
/// Width of a bar of a histogram.
pub(crate) const BAR: f64 = 4.0;
/// From this width of the plot (CSS pixels) on, labels have room beside each other.
const ROOMY: f64 = 500.0;
/// Width of a drawing on a wide screen.
const WIDE: u32 = 960;
/// Room kept for what must be said about an axis, where the plot is roomy.
const NOTE: f64 = 280.0;

/// A rectangle in CSS pixels from the upper left corner of a drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Rect {
    /// Whether a point lies inside or on an edge.
    pub fn contains(self, x: f64, y: f64) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

impl Lane {
    /// The height that suits the lane's content on a wide screen, in CSS pixels.
    pub fn height(&self) -> u32 {
        self.height_at(WIDE)
    }

    /// The height that suits the lane's content in a drawing of this width, in CSS pixels: where
    /// names and labels need more rows, the plot keeps its height.
    pub fn height_at(&self, width: u32) -> u32 {
        let frame = Frame::new(width, Window::default());
        let own = match &self.content {
            Content::Metric(plot) => 136.0 + Legend::new(frame, plot).height(),
            Content::Events { layout, items } => {
                let n = match layout {
                    Layout::Packed => items.len().min(6),
                    Layout::Rows => rows::count(items).min(MAX_ROWS),
                    Layout::Heat | Layout::Grouped => rows::groups(items).len().min(MAX_ROWS),
                    Layout::Density => 3,
                };
                32.0 + EVENT_ROW * n.max(1) as f64
            }
        };
        (own + strip_height(self, is_roomy(frame))).ceil() as u32
    }

    /// The rectangle of the plot, between the axes. It follows from the lane and the size alone,
    /// is the same on every backend, and the same for every slice of the lane.
    pub fn plot(&self, size: Size) -> Rect {
        let frame = Frame::new(size.width, Window::default());
        let bottom = (f64::from(size.height) - FOOT).max(0.0);
        let roomy = is_roomy(frame);
        let top = match &self.content {
            Content::Metric(plot) => {
                let head = Legend::new(frame, plot).height() + strip_height(self, roomy) + 4.0;
                head.min(bottom - 20.0)
            }
            Content::Events { .. } => strip_height(self, roomy) + 2.0,
        };
        Rect {
            left: frame.left,
            top: top.min(bottom).max(0.0),
            right: frame.right,
            bottom,
        }
    }
}

/// Milliseconds that a bar of a histogram stands for in a plot of this width (CSS pixels). Bars
/// are counted from the epoch, so that they stay together when the window moves.
pub(crate) fn bar_ms(window: Window, width: f64) -> i64 {
    let length = window.millis() as f64 * BAR / width.max(1.0);
    (length.ceil() as i64).max(1)
}

pub(crate) fn is_roomy(frame: Frame) -> bool {
    frame.width() > ROOMY
}

/// Rows above the plot that are kept for labels of marks and bands: one for one label, else as
/// many as they may take.
pub(crate) fn label_rows(lane: &Lane, roomy: bool) -> usize {
    let named = |m: &&crate::Mark| m.kind != MarkKind::Note && !m.label.is_empty();
    let labels = lane.marks.iter().filter(named).count()
        + lane.bands.iter().filter(|b| !b.label.is_empty()).count();
    let most = match lane.content {
        Content::Metric(_) if roomy => 2,
        Content::Metric(_) => 3,
        Content::Events { .. } => 1,
    };
    labels.min(most)
}

/// Height of the strip above the plot: labels in rows, below them the numbers of notes.
pub(crate) fn strip_height(lane: &Lane, roomy: bool) -> f64 {
    let notes = lane.marks.iter().any(|m| m.kind == MarkKind::Note);
    let rows = label_rows(lane, roomy) + usize::from(notes);
    if rows > 0 {
        rows as f64 * LABEL_ROW + 3.0
    } else {
        0.0
    }
}

/// An entry of a legend with its place.
pub(crate) struct Entry<'a> {
    pub(crate) curve: &'a Curve,
    /// Whether it is a curve of another time or incident.
    pub(crate) ghost: bool,
    pub(crate) label: String,
    pub(crate) left: f64,
    pub(crate) row: usize,
}

/// Names of the curves, beside or below room for what must be said about the axis.
pub(crate) struct Legend<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    /// Whether a row below them is kept for how the parts compare.
    pub(crate) ratio: bool,
}

impl<'a> Legend<'a> {
    /// Names are in place where there are several curves: a lone one is named by the lane's title.
    pub(crate) fn new(frame: Frame, plot: &'a Plot) -> Self {
        let roomy = is_roomy(frame);
        let (mut left, mut row) = (frame.left, usize::from(!roomy));
        let mut entries = Vec::new();
        let several = plot.curves.len() + plot.ghosts.len() > 1;
        let curves = plot.curves.iter().map(|c| (c, false));
        let ghosts = plot.ghosts.iter().map(|c| (c, true));
        for (curve, ghost) in curves.chain(ghosts).filter(|_| several) {
            let end = if row == 0 {
                frame.right - NOTE
            } else {
                frame.right
            };
            let most = frame.width() - if roomy { NOTE + 24.0 } else { 24.0 };
            let label = font::fit(&curve.label, SMALL, most);
            let width = 20.0 + font::width(&label, SMALL);
            if left > frame.left && left + width > end {
                (left, row) = (frame.left, row + 1);
            }
            entries.push(Entry {
                curve,
                ghost,
                label,
                left,
                row,
            });
            left += width + 16.0;
        }
        Self {
            entries,
            ratio: plot.curves.iter().any(|c| c.part.is_some()),
        }
    }

    /// Rows of names, and of what is said of the axis.
    pub(crate) fn rows(&self) -> usize {
        self.entries.iter().map(|e| e.row).max().unwrap_or(0) + 1
    }

    pub(crate) fn height(&self) -> f64 {
        (self.rows() + usize::from(self.ratio)) as f64 * LEGEND_ROW
    }
}
