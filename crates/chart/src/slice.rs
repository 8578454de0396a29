//! What goes over the wire: the part of lanes that a window shows, bounded by its columns and not
//! by the number of samples.

mod curve;
mod events;

use crate::lane::{Content, Lane, Plot};
use crate::wire;
use model::Window;
use serde::{Deserialize, Serialize};

/// A value that went over the wire differs from the original by at most this share of it
/// (2^-16 for the bits that stay, and a little for the rounding before): a thirtieth of what three
/// digits show. Values beyond 3.4e38 become the largest single-precision number.
pub const VALUE_ERROR: f64 = 1.53e-5;

/// Lanes as one window shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// The window.
    #[serde(with = "wire::window")]
    pub window: Window,
    /// Columns that it was cut for: the width of the plot in pixels.
    pub columns: u32,
    /// The lanes, see [`Lane::slice`].
    pub lanes: Vec<Lane>,
}

/// Why bytes are no slice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SliceError {
    /// Another version of Lineup wrote it.
    #[error("a slice of format {0}, and this page reads format {FORMAT}: load the page again")]
    Format(u8),
    /// It is cut short or damaged.
    #[error("a damaged slice: {0}")]
    Damaged(String),
}

/// First byte of every slice. It changes with the format, so that a page which was loaded before
/// an upgrade says what is wrong.
const FORMAT: u8 = 3;

impl Slice {
    /// The part of some lanes that a window shows in this many columns.
    pub fn of<'a>(lanes: impl IntoIterator<Item = &'a Lane>, window: Window, columns: u32) -> Self {
        let lanes = lanes.into_iter().map(|lane| lane.slice(window, columns));
        Self {
            window,
            columns,
            lanes: lanes.collect(),
        }
    }

    /// As bytes: a byte of format, then postcard. Times are exact; values have [`VALUE_ERROR`].
    pub fn encode(&self) -> Vec<u8> {
        // Plain data is written to memory, which cannot fail; if it did, no reader would take the
        // lone first byte for a slice.
        postcard::to_extend(self, vec![FORMAT]).unwrap_or_else(|_| vec![FORMAT])
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`SliceError`] where another version wrote them or they are damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, SliceError> {
        let damaged = |what: &str| SliceError::Damaged(what.to_owned());
        match bytes.split_first() {
            None => Err(damaged("it is empty")),
            Some((&FORMAT, rest)) => match postcard::take_from_bytes::<Self>(rest) {
                Ok((slice, [])) => Ok(slice),
                Ok(_) => Err(damaged("there are bytes after its end")),
                Err(e) => Err(damaged(&e.to_string())),
            },
            Some((format, _)) => Err(SliceError::Format(*format)),
        }
    }
}

impl Lane {
    /// What is drawn of the lane in a window of this many columns (pixels).
    ///
    /// Of a curve with more samples than two a column the lowest and the highest of each column
    /// stay, in order of time; a curve with fewer stays whole. The samples next to the window on
    /// either side stay too, so that lines reach its edges, and so does every gap that is longer
    /// than a column. Events that touch the window stay, and where groups have rows the first of each group; where they are more than the columns,
    /// those that fall into one column become one [`crate::EventItem`] with their number. Marks,
    /// bands, levels and the forecast stay.
    #[must_use]
    pub fn slice(&self, window: Window, columns: u32) -> Self {
        let columns = columns.max(1);
        let content = match &self.content {
            Content::Metric(plot) => {
                let cut = |curves: &[crate::Curve]| {
                    let cut = curves.iter().map(|c| c.slice(window, columns));
                    cut.collect()
                };
                // Field by field: a clone of the plot would copy every sample.
                Content::Metric(Plot {
                    curves: cut(&plot.curves),
                    ghosts: cut(&plot.ghosts),
                    log: plot.log,
                    from_zero: plot.from_zero,
                    levels: plot.levels.clone(),
                    forecast: plot.forecast.clone(),
                })
            }
            Content::Events { layout, items } => Content::Events {
                layout: *layout,
                items: events::slice(*layout, items, window, columns),
            },
        };
        let events = match &content {
            Content::Metric(_) => Vec::new(),
            Content::Events { items, .. } => items.iter().map(|i| i.event.clone()).collect(),
        };
        Self {
            id: self.id.clone(),
            title: self.title.clone(),
            unit: self.unit.clone(),
            kind: self.kind,
            summary: self.summary.clone(),
            series: self.series.clone(),
            events,
            content,
            marks: self.marks.clone(),
            bands: self.bands.clone(),
        }
    }
}

/// Length of a column: the window's by the number of columns, in whole milliseconds and no less
/// than one.
fn column_ms(window: Window, columns: u32) -> i64 {
    let columns = i64::from(columns.max(1));
    window.millis().max(0).saturating_add(columns - 1) / columns
}
