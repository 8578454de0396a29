//! What a pointer finds in a lane.

use crate::draw::{Frame, layer};
use crate::geometry::{EVENT_ROW, Rect};
use crate::lane::{Content, EventItem, Lane, Mark, Size};
use model::Window;
use serde::{Deserialize, Serialize};

/// What lies under a point of a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// An event, or a note in the lane of notes.
    Event {
        /// Its id.
        id: String,
        /// Its glyph, CSS pixels.
        place: Rect,
    },
    /// Several events that are drawn as one.
    Cluster {
        /// Ids, the first event first; of a slice that was cut for few columns not all of them.
        events: Vec<String>,
        /// How many there are.
        count: u32,
        /// From the first start to the last.
        #[serde(with = "crate::wire::window")]
        span: Window,
        /// Where they are drawn, CSS pixels.
        place: Rect,
    },
    /// A vertical mark.
    Mark {
        /// Its place in [`Lane::marks`].
        index: usize,
        /// Its line, CSS pixels.
        place: Rect,
    },
}

/// How near a pointer must come, CSS pixels.
const NEAR: f64 = 6.0;

impl Lane {
    /// What lies at a point (CSS pixels from the upper left corner) of the lane as it is drawn in
    /// this window at this size: an event or a cluster of them, else the nearest mark; `None`
    /// where nothing is near.
    pub fn hit(&self, window: Window, size: Size, x: f64, y: f64) -> Option<Hit> {
        let frame = Frame::new(size.width, window);
        let plot = self.plot(size);
        let event = match &self.content {
            Content::Metric(_) => None,
            Content::Events { layout, items } => {
                let layer = layer(frame, plot, *layout, items);
                let spots = layer.spots.iter().map(|s| {
                    let place = Rect {
                        left: s.extent.0,
                        right: s.extent.1,
                        top: s.y - EVENT_ROW / 2.0,
                        bottom: s.y + EVENT_ROW / 2.0,
                    };
                    let all = std::iter::once(s.item).chain(s.others.iter().copied());
                    (place, all.collect::<Vec<_>>())
                });
                let cells = layer.cells.iter().map(|c| (c.rect, c.items.clone()));
                nearest(spots.chain(cells), x, y)
                    .and_then(|(place, places)| found(items, &places, place))
            }
        };
        event.or_else(|| self.mark_at(frame, plot, x, y))
    }

    fn mark_at(&self, frame: Frame, plot: Rect, x: f64, y: f64) -> Option<Hit> {
        // The labels above a plot belong to the marks as well.
        if !(0.0..=plot.bottom).contains(&y) {
            return None;
        }
        let window = frame.window;
        let visible = |m: &Mark| window.start <= m.at && m.at <= window.end;
        let marks = self.marks.iter().enumerate().filter(|(_, m)| visible(m));
        let (index, at) = marks
            .map(|(i, m)| (i, frame.x(m.at)))
            .filter(|(_, at)| (at - x).abs() <= NEAR)
            .min_by(|(_, a), (_, b)| (a - x).abs().total_cmp(&(b - x).abs()))?;
        Some(Hit::Mark {
            index,
            place: Rect {
                left: at,
                right: at,
                ..plot
            },
        })
    }
}

/// The place that holds the point, or the nearest one that is near.
fn nearest(
    places: impl Iterator<Item = (Rect, Vec<usize>)>,
    x: f64,
    y: f64,
) -> Option<(Rect, Vec<usize>)> {
    let distance = |r: &Rect| (r.left - x).max(x - r.right).max(0.0);
    places
        .filter(|(r, _)| (r.top..=r.bottom).contains(&y) && distance(r) <= NEAR)
        .min_by(|(a, _), (b, _)| distance(a).total_cmp(&distance(b)))
}

fn found(items: &[EventItem], places: &[usize], place: Rect) -> Option<Hit> {
    let all = || places.iter().filter_map(|i| items.get(*i));
    let count = all().map(|i| i.count).fold(0, u32::saturating_add);
    let first = all().next()?;
    if count <= 1 {
        return Some(Hit::Event {
            id: first.event.clone(),
            place,
        });
    }
    let ids = all().flat_map(|i| std::iter::once(&i.event).chain(&i.members));
    let starts = all().map(|i| i.start);
    Some(Hit::Cluster {
        events: ids.cloned().collect(),
        count,
        span: Window {
            start: starts.clone().min().unwrap_or(first.start),
            end: starts.max().unwrap_or(first.start),
        },
        place,
    })
}
