//! The one drawing code of Lineup, on plotters and generic over its backend: SVG on the server
//! (pages, report, share link, print), canvas in the browser.
//!
//! [`lanes()`] decides what an incident shows and in which order, [`draw()`] draws one lane on any
//! backend, [`svg()`] is [`draw()`] on a backend whose colours are CSS custom properties
//! ([`TOKENS_CSS`]). All lanes of one width share their margins, so that they line up on one
//! clock ([`Frame`]). [`Lane::slice`] is what goes over the wire for a window, [`Lane::readings`],
//! [`Lane::ratio_in`] and [`Lane::hit`] are what a pointer finds. Nothing here judges: onsets, suspects and change points come from the
//! analysis.

#[cfg(feature = "canvas")]
mod canvas;
mod draw;
mod font;
mod geometry;
mod hit;
mod lane;
mod lanes;
mod palette;
mod ratio;
mod reading;
mod record;
mod rows;
mod slice;
mod svg;
mod thin;
mod ticks;
mod value;
mod values;
mod wire;

#[cfg(feature = "canvas")]
pub use canvas::{CanvasError, draw_in_context};
/// The bundled typeface whose widths every drawing goes by: a subset of Inter (OpenType with CFF
/// outlines; SIL Open Font License, `assets/Inter-OFL.txt`). Whoever draws without a browser, as
/// for print, embeds it.
pub const TYPEFACE: &[u8] = include_bytes!("../assets/Inter-Regular-subset.otf");

pub use draw::{Focus, Frame, Style, draw, draw_focused, draw_styled};
pub use geometry::Rect;
pub use hit::Hit;
pub use lane::{
    Band, BandKind, Cone, Content, Curve, EventItem, Lane, LaneKind, Layout, LeftOut, Level,
    MAX_MEMBERS, Mark, MarkKind, Part, PartKind, Plot, Role, Shape, Size,
};
pub use lanes::{Composed, MAX_METRIC_LANES, compose, is_event_lane, lane_of, lanes};
pub use palette::{Ink, TOKENS_CSS, Theme};
pub use reading::{Reading, Sampled};
pub use record::{Placed, PlacedKind, positions};
pub use slice::{Slice, SliceError, VALUE_ERROR};
pub use svg::{svg, svg_focused};
pub use value::{drawn_unit, value_text};
pub use values::Values;
