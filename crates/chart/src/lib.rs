//! The one drawing code of Lineup, on plotters and generic over its backend: SVG on the server
//! (pages, report, share link, print), canvas in the browser.
//!
//! [`lanes()`] decides what an incident shows and in which order, [`draw()`] draws one lane on any
//! backend, [`svg()`] is [`draw()`] on a backend whose colours are CSS custom properties
//! ([`TOKENS_CSS`]). All lanes of one width share their margins, so that they line up on one
//! clock ([`Frame`]). Nothing here judges: onsets, suspects and change points come from the
//! analysis.

mod draw;
mod font;
mod lane;
mod lanes;
mod palette;
mod svg;
mod thin;
mod ticks;
mod value;

pub use draw::{Frame, Style, draw, draw_styled};
pub use lane::{
    Band, BandKind, Cone, Content, Curve, EventItem, Lane, LaneKind, Layout, LeftOut, Level, Mark,
    MarkKind, Plot, Shape, Size,
};
pub use lanes::{Composed, MAX_METRIC_LANES, compose, lanes};
pub use palette::{Ink, TOKENS_CSS, Theme};
pub use svg::svg;
pub use value::{drawn_unit, value_text};
