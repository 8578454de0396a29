//! What a lane holds: plain data, already in the unit that is drawn.

use crate::palette::Ink;
use crate::wire;
use model::{Timestamp, Window};
use serde::{Deserialize, Serialize};

/// What a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LaneKind {
    /// Series as curves.
    Metric,
    /// Events.
    Events,
}

/// One lane of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

impl Lane {
    /// Whether it has a curve that a model made.
    pub(crate) fn has_theory(&self) -> bool {
        let Content::Metric(plot) = &self.content else {
            return false;
        };
        plot.curves.iter().any(|c| c.role == Role::Theory)
    }
}

/// The drawing content of a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// The curves, most important first.
    pub curves: Vec<Curve>,
    /// Curves of another time or incident, moved to this one's clock, for comparison: dashed,
    /// lighter, with legend entries of their own.
    pub ghosts: Vec<Curve>,
    /// Whether the axis of values is logarithmic.
    pub log: bool,
    /// Whether a linear axis reaches to zero. One that does not is marked as broken in the drawing.
    pub from_zero: bool,
    /// Levels before and after change points.
    pub levels: Vec<Level>,
    /// Where a falling balance is going.
    pub forecast: Option<Cone>,
}

impl Default for Plot {
    /// An empty plot whose axis is linear and reaches to zero.
    fn default() -> Self {
        Self {
            curves: Vec::new(),
            ghosts: Vec::new(),
            log: false,
            from_zero: true,
            levels: Vec::new(),
            forecast: None,
        }
    }
}

/// One series as it is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Series id.
    pub series: String,
    /// What the legend calls it.
    pub label: String,
    /// Samples in order of time, in the lane's unit. A thinned curve has at most two of each
    /// column, the lowest and the highest; both may have the column's first instant.
    #[serde(with = "wire::points")]
    pub points: Vec<(Timestamp, f64)>,
    /// Two samples further apart than this many milliseconds are not joined, where the curve is
    /// not thinned.
    pub gap_ms: i64,
    /// Length in milliseconds of the columns (counted from the epoch) of which only the lowest and
    /// highest sample are kept; `None`: every sample is there.
    pub thinned: Option<i64>,
    /// Of a thinned curve: the gaps that are longer than a column, each from the last sample before
    /// to the first after it. Only here is a thinned curve not joined.
    #[serde(with = "wire::gaps")]
    pub gaps: Vec<(Timestamp, Timestamp)>,
    /// What its line stands for.
    pub role: Role,
    /// What part of the I/O it is, where the lane compares such parts.
    pub part: Option<Part>,
    /// Its colour.
    pub ink: Ink,
}

/// A part of a whole that is compared with the others: rates drawn from sums over periods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Which part.
    pub kind: PartKind,
    /// Seconds that each sample stands for: its value times these is what was summed.
    pub period_s: u32,
    /// Of a thinned curve, whose samples are extremes: for each column, by its first instant, what
    /// the samples in it sum to.
    #[serde(with = "wire::points")]
    pub sums: Vec<(Timestamp, f64)>,
}

/// Which part of the I/O of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartKind {
    /// Metadata, such as looking names up and listing folders.
    Metadata,
    /// Data read.
    Read,
    /// Data written.
    Write,
}

/// What the line of a curve stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Measured values.
    #[default]
    Measured,
    /// What a model says they should be: dashed, and no sample is marked.
    Theory,
}

/// A level that a series had for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Series id.
    pub series: String,
    /// From when to when it is drawn.
    #[serde(with = "wire::window")]
    pub span: Window,
    /// The level, in the lane's unit.
    pub value: f64,
    /// What the level may be as well, lowest and highest, where the analysis says so.
    pub range: Option<(f64, f64)>,
}

/// The 90 % interval of a forecast of zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cone {
    /// Last sample: where the cone begins.
    #[serde(with = "wire::point")]
    pub from: (Timestamp, f64),
    /// Most probable instant of zero.
    #[serde(with = "wire::instant")]
    pub zero: Timestamp,
    /// Early end of the interval.
    #[serde(with = "wire::instant")]
    pub low: Timestamp,
    /// Late end of the interval.
    #[serde(with = "wire::instant")]
    pub high: Timestamp,
}

/// How events are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// In as few rows as their labels need.
    Packed,
    /// One row each.
    Rows,
    /// As a histogram over time.
    Density,
    /// A row for every group, each as intensity over time.
    Heat,
    /// A row for every group, its events where they happened.
    Grouped,
}

/// Shape of an event. Shape and colour both say what an event is, never colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// A flag on a pole: a rollout.
    Flag,
    /// A filled flag with a diamond at its foot: a suspect.
    SuspectFlag,
    /// A bar from start to end.
    Bar,
    /// A bar in outline: what a provider reported.
    Hollow,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventItem {
    /// Event id (annotation id in the lane of notes); of several events that of the first.
    pub event: String,
    /// Where it begins, or the latest instant at which it can have begun.
    #[serde(with = "wire::instant")]
    pub start: Timestamp,
    /// Where it ends; `None`: a point, or a bar that is open.
    #[serde(with = "wire::maybe")]
    pub end: Option<Timestamp>,
    /// A bar that was still going on when the window ended.
    pub open: bool,
    /// Its start is known only to lie between `earliest` (`None`: unknown) and `start`.
    pub start_unknown: bool,
    /// Earliest instant at which it can have begun.
    #[serde(with = "wire::maybe")]
    pub earliest: Option<Timestamp>,
    /// How many events it stands for: 1, or more where a slice put those together that fall into
    /// one column.
    pub count: u32,
    /// Ids of further events that it stands for, at most [`MAX_MEMBERS`].
    pub members: Vec<String>,
    /// What its row or its block of rows is called; empty: nothing.
    pub group: String,
    /// Its shape.
    pub shape: Shape,
    /// Its colour.
    pub ink: Ink,
    /// What is written beside it, where there is room.
    pub label: String,
}

/// What a vertical mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    #[serde(with = "wire::instant")]
    pub at: Timestamp,
    /// It lies at most this many milliseconds before or after; 0: exactly there, or not known.
    pub uncertainty_ms: i64,
    /// Id of the series (changes, onset, milestones) or annotation (notes) that it belongs to.
    pub about: String,
    /// What it stands for.
    pub kind: MarkKind,
    /// What is written above it, where there is room.
    pub label: String,
    /// What is written where there is little room; empty: nothing shorter.
    pub short: String,
}

/// What a tinted span stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BandKind {
    /// People felt it.
    Impact,
    /// The provider throttled.
    Throttled,
    /// Someone's note.
    Note,
    /// A rule that is being tried would have been in alarm.
    Alarm,
}

/// A tinted span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// From when to when.
    #[serde(with = "wire::window")]
    pub span: Window,
    /// What it stands for.
    pub kind: BandKind,
    /// What is written above it, where there is room; may be empty.
    pub label: String,
}

/// A series that got no lane of its own by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Series id.
    pub series: String,
    /// What people call it.
    pub label: String,
    /// Why it is left out, in words.
    pub reason: String,
}

/// Size of a drawing in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// Most ids of further events that an item keeps beside its own.
pub const MAX_MEMBERS: usize = 24;

/// Most rows that an event lane draws; beyond it a row says how many more there are.
pub(crate) const MAX_ROWS: usize = 24;
