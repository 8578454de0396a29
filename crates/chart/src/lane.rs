//! What a lane holds: plain data, already in the unit that is drawn.

use crate::palette::Ink;
use model::{Timestamp, Window};

/// What a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneKind {
    /// Series as curves.
    Metric,
    /// Events.
    Events,
}

/// One lane of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Id, unique within one incident; `[A-Za-z0-9._-]+`, fit for an HTML id and a data attribute.
    pub id: String,
    /// Heading. It is not drawn: the page sets it as a heading of its own.
    pub title: String,
    /// Unit of the drawn values, as in a bundle; empty for event lanes.
    pub unit: String,
    /// What it shows.
    pub kind: LaneKind,
    /// What it shows in words, for who does not see it.
    pub summary: String,
    /// Ids of the series in it.
    pub series: Vec<String>,
    /// Ids of the events in it.
    pub events: Vec<String>,
    /// Curves or events.
    pub content: Content,
    /// Instants marked by a vertical line.
    pub marks: Vec<Mark>,
    /// Spans marked by a tint.
    pub bands: Vec<Band>,
}

/// The drawing content of a lane.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Curves over one axis of values.
    Metric(Plot),
    /// Events in the order of their rows, or of their priority where they are packed.
    Events {
        /// How they are laid out.
        layout: Layout,
        /// The events.
        items: Vec<EventItem>,
    },
}

/// Curves over one axis of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// The curves, most important first.
    pub curves: Vec<Curve>,
    /// Whether the axis of values is logarithmic.
    pub log: bool,
    /// Levels before and after change points.
    pub levels: Vec<Level>,
    /// Where a falling balance is going.
    pub forecast: Option<Cone>,
}

/// One series as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Series id.
    pub series: String,
    /// What the legend calls it.
    pub label: String,
    /// Samples in order of time, in the lane's unit.
    pub points: Vec<(Timestamp, f64)>,
    /// Two samples further apart than this many milliseconds are not joined.
    pub gap_ms: i64,
    /// Its colour.
    pub ink: Ink,
}

/// A level that a series had for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// From when to when it is drawn.
    pub span: Window,
    /// The level, in the lane's unit.
    pub value: f64,
}

/// The 90 % interval of a forecast of zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Cone {
    /// Last sample: where the cone begins.
    pub from: (Timestamp, f64),
    /// Most probable instant of zero.
    pub zero: Timestamp,
    /// Early end of the interval.
    pub low: Timestamp,
    /// Late end of the interval.
    pub high: Timestamp,
}

/// How events are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In as few rows as their labels need.
    Packed,
    /// One row each.
    Rows,
    /// As a histogram over time.
    Density,
}

/// Shape of an event. Shape and colour both say what an event is, never colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A flag on a pole: a rollout.
    Flag,
    /// A filled flag with a diamond at its foot: a suspect.
    SuspectFlag,
    /// A bar from start to end.
    Bar,
    /// A diamond: a reboot.
    Diamond,
    /// A triangle that points up: something was added.
    Up,
    /// A triangle that points down: something went.
    Down,
    /// A dot: anything else.
    Dot,
}

/// One event as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct EventItem {
    /// Event id (annotation id in the lane of notes).
    pub event: String,
    /// Where it begins, or the latest instant at which it can have begun.
    pub start: Timestamp,
    /// Where it ends; `None`: a point, or a bar that is open.
    pub end: Option<Timestamp>,
    /// A bar that was still going on when the window ended.
    pub open: bool,
    /// Its start is known only to lie between `earliest` (`None`: unknown) and `start`.
    pub start_unknown: bool,
    /// Earliest instant at which it can have begun.
    pub earliest: Option<Timestamp>,
    /// Its shape.
    pub shape: Shape,
    /// Its colour.
    pub ink: Ink,
    /// What is written beside it, where there is room.
    pub label: String,
}

/// What a vertical mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A change point upwards.
    ChangeUp,
    /// A change point downwards.
    ChangeDown,
    /// The onset of the driving series.
    Onset,
    /// A milestone of a burst-credit balance.
    Credit,
    /// Where a falling balance is going: a label without a line.
    Forecast,
    /// Someone's note, by its number.
    Note,
}

/// An instant marked by a vertical line.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// What it stands for.
    pub kind: MarkKind,
    /// What is written above it, where there is room.
    pub label: String,
    /// What is written where there is little room; empty: nothing shorter.
    pub short: String,
}

/// What a tinted span stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandKind {
    /// People felt it.
    Impact,
    /// The provider throttled.
    Throttled,
    /// Someone's note.
    Note,
}

/// A tinted span.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// From when to when.
    pub span: Window,
    /// What it stands for.
    pub kind: BandKind,
    /// What is written above it, where there is room; may be empty.
    pub label: String,
}

/// A series that got no lane of its own by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Series id.
    pub series: String,
    /// What people call it.
    pub label: String,
    /// Why it is left out, in words.
    pub reason: String,
}

/// Size of a drawing in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Lane {
    /// The height that suits the lane's content, in CSS pixels.
    pub fn height(&self) -> u32 {
        let notes = self.marks.iter().any(|m| m.kind == MarkKind::Note);
        let named = |m: &&Mark| m.kind != MarkKind::Note && !m.label.is_empty();
        let labels = self.marks.iter().filter(named).count()
            + self.bands.iter().filter(|b| !b.label.is_empty()).count();
        let strip = 16 * (u32::from(notes) + labels.min(2) as u32);
        strip
            + match &self.content {
                Content::Metric(plot) => 140 + 17 * u32::from(plot.curves.len() > 1),
                Content::Events { layout, items } => {
                    let n = items.len() as u32;
                    match layout {
                        Layout::Packed => 32 + 17 * n.clamp(1, 6),
                        Layout::Rows => 32 + 17 * n.clamp(1, MAX_ROWS as u32),
                        Layout::Density => 80,
                    }
                }
            }
    }
}

/// Most rows that an event lane draws; beyond it a row says how many more there are.
pub(crate) const MAX_ROWS: usize = 24;
