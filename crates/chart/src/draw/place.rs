//! Where events lie in a lane. It is worked out without a backend, so that a pointer hits what is
//! drawn.

mod grouped;

use super::Frame;
use crate::font;
use crate::geometry::{EVENT_ROW, Rect, SMALL, bar_ms};
use crate::lane::{EventItem, Layout, MAX_ROWS, Shape};
use crate::palette::Ink;
use crate::rows::{self, Row};

/// Room that a glyph takes on either side of its instant.
const GLYPH: f64 = 6.0;

/// Where the events of a lane lie.
#[derive(Default)]
pub(crate) struct Layer {
    /// Glyphs, in the order in which they are drawn.
    pub(crate) spots: Vec<Spot>,
    /// Counts over time.
    pub(crate) cells: Vec<Cell>,
    /// Texts without an event: headings, names of rows, how many more there are.
    pub(crate) texts: Vec<Text>,
    /// Largest count of a cell.
    pub(crate) most: u32,
}

/// A glyph.
pub(crate) struct Spot {
    /// Which item is drawn.
    pub(crate) item: usize,
    /// Items that fall on the same place and are told by their number.
    pub(crate) others: Vec<usize>,
    /// From where to where the glyph reaches.
    pub(crate) extent: (f64, f64),
    /// Its middle.
    pub(crate) y: f64,
    /// What is written beside it or on it.
    pub(crate) label: Option<Text>,
}

/// A count of events in a span of time.
pub(crate) struct Cell {
    /// The column of the plot that stands for the span.
    pub(crate) rect: Rect,
    pub(crate) count: u32,
    /// Whether only the span of the events is known, and not when in it each of them came.
    pub(crate) steady: bool,
    /// The items.
    pub(crate) items: Vec<usize>,
}

/// A text with its place.
pub(crate) struct Text {
    pub(crate) words: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Whether it ends at `x`, and does not begin there.
    pub(crate) ends: bool,
    pub(crate) ink: Ink,
}

/// Lays the events out in a plot.
pub(crate) fn layer(frame: Frame, plot: Rect, layout: Layout, items: &[EventItem]) -> Layer {
    match layout {
        Layout::Rows => in_rows(frame, plot, items),
        Layout::Packed => packed(frame, plot, items),
        Layout::Density => density(frame, plot, items),
        Layout::Heat => heat(frame, plot, items),
        Layout::Grouped => grouped::grouped(frame, plot, items),
    }
}

fn room(plot: Rect) -> usize {
    (((plot.bottom - plot.top) / EVENT_ROW).floor() as usize).clamp(1, MAX_ROWS)
}

fn middle(plot: Rect, row: usize) -> f64 {
    plot.top + 2.0 + EVENT_ROW * (row as f64 + 0.5)
}

/// One row each, under headings; where there are more, the last row says so. The label stands on
/// the bar where it fits, else beside it.
fn in_rows(frame: Frame, plot: Rect, items: &[EventItem]) -> Layer {
    let seen: Vec<EventItem>;
    // Rows are for what the window shows.
    let (items, places): (&[EventItem], Vec<usize>) = {
        let places: Vec<usize> = (0..items.len())
            .filter(|i| items.get(*i).is_some_and(|i| i.touches(frame.window)))
            .collect();
        seen = places
            .iter()
            .filter_map(|i| items.get(*i))
            .cloned()
            .collect();
        (&seen, places)
    };
    let plan = rows::plan(items);
    let room = room(plot);
    let shown = if plan.len() > room {
        room - 1
    } else {
        plan.len()
    };
    let mut layer = Layer::default();
    for (row, what) in plan.iter().take(shown).enumerate() {
        let y = middle(plot, row);
        match what {
            Row::Heading(name) => layer.texts.push(Text {
                words: font::fit(name, SMALL, frame.width() - 4.0),
                x: frame.left + 2.0,
                y: y + 2.0,
                ends: false,
                ink: Ink::Text,
            }),
            Row::Event(i) => {
                let (Some(item), Some(place)) = (items.get(*i), places.get(*i)) else {
                    continue;
                };
                layer.spots.push(Spot {
                    item: *place,
                    others: Vec::new(),
                    extent: extent(frame, item),
                    y,
                    label: Some(beside(frame, item, y)),
                });
            }
        }
    }
    let rest = plan.get(shown..).unwrap_or(&[]);
    let rest: u32 = rest
        .iter()
        .filter_map(|row| match row {
            Row::Event(i) => items.get(*i).map(|i| i.count),
            Row::Heading(_) => None,
        })
        .sum();
    if rest > 0 {
        layer.texts.push(Text {
            words: format!("and {rest} more"),
            x: frame.left + 4.0,
            y: middle(plot, shown),
            ends: false,
            ink: Ink::Text,
        });
    }
    layer
}

/// The label of a row.
fn beside(frame: Frame, item: &EventItem, y: f64) -> Text {
    let (x0, x1) = extent(frame, item);
    let text = counted(&item.label, item.count);
    let width = font::width(&text, SMALL);
    let solid = frame.x(item.start).max(frame.left);
    if item.lasts() && x1 - solid >= width + 18.0 {
        return Text {
            words: text,
            x: solid + 6.0,
            y,
            ends: false,
            ink: if item.shape == Shape::Hollow {
                Ink::Strong
            } else {
                Ink::On
            },
        };
    }
    let (before, after) = (x0 - frame.left - 6.0, frame.right - x1 - 6.0);
    let ends = after < width && after < before;
    Text {
        words: font::fit(&text, SMALL, if ends { before } else { after }),
        x: if ends { x0 - 6.0 } else { x1 + 6.0 },
        y,
        ends,
        ink: Ink::Strong,
    }
}

fn counted(label: &str, count: u32) -> String {
    if count > 1 {
        format!("{label} +{}", count - 1)
    } else {
        label.to_owned()
    }
}

/// Puts point events of one look together that would lie on top of each other: the places of the
/// items, the first of them first.
fn clusters(frame: Frame, items: &[EventItem]) -> Vec<Vec<usize>> {
    const NEAR: f64 = 7.0;
    let mut out: Vec<(f64, Vec<usize>)> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        if !item.touches(frame.window) {
            continue;
        }
        let x = frame.x(item.start);
        let alike = |first: &EventItem| {
            first.shape == item.shape
                && first.ink == item.ink
                && !item.lasts()
                && item.ink != Ink::Note
        };
        let cluster = out.iter_mut().find(|(at, places)| {
            let first = places.first().and_then(|i| items.get(*i));
            (at - x).abs() <= NEAR && first.is_some_and(alike)
        });
        match cluster {
            Some((_, places)) => places.push(i),
            None => out.push((x, vec![i])),
        }
    }
    out.into_iter().map(|(_, places)| places).collect()
}

/// Glyphs with labels in as few rows as they need. The last row is kept for glyphs whose label
/// finds no room: a label may be left out, a glyph never is.
fn packed(frame: Frame, plot: Rect, items: &[EventItem]) -> Layer {
    let clusters = clusters(frame, items);
    let rows = room(plot);
    let labelled = if clusters.len() > rows {
        (rows - 1).max(1)
    } else {
        rows
    };
    let mut taken: Vec<Vec<(f64, f64)>> = vec![Vec::new(); labelled];
    let most = (frame.width() * 0.6).min(320.0);
    let mut layer = Layer::default();
    for places in clusters {
        let all = || places.iter().filter_map(|i| items.get(*i));
        let (Some(item), Some((first, others))) = (all().next(), places.split_first()) else {
            continue;
        };
        let count: u32 = all().map(|i| i.count).sum();
        let (x0, x1) = extent(frame, item);
        let suffix = if count > 1 { 34.0 } else { 0.0 };
        let room = (frame.right - x1).max(x0 - frame.left) - 2.0 * GLYPH;
        let label = font::fit(&item.label, SMALL, most.min(room) - suffix);
        let label = counted(&label, count);
        let width = font::width(&label, SMALL) + 5.0;
        let to_right = (x0 - GLYPH, x1 + GLYPH + width, false);
        let to_left = (x0 - GLYPH - width, x1 + GLYPH, true);
        let place = taken.iter_mut().enumerate().find_map(|(row, taken)| {
            let (from, to, ends) = [to_right, to_left].into_iter().find(|(from, to, _)| {
                let edge = (frame.left - GLYPH, frame.right + GLYPH + 10.0);
                *from >= edge.0 && *to <= edge.1 && is_free(taken, (*from, *to))
            })?;
            taken.push((from, to));
            Some((row, ends))
        });
        let y = middle(plot, place.map_or(rows - 1, |(row, _)| row));
        layer.spots.push(Spot {
            item: *first,
            others: others.to_vec(),
            extent: (x0, x1),
            y,
            label: place.map(|(_, ends)| Text {
                words: label,
                x: if ends {
                    x0 - GLYPH - 3.0
                } else {
                    x1 + GLYPH + 3.0
                },
                y,
                ends,
                ink: Ink::Strong,
            }),
        });
    }
    layer
}

fn is_free(row: &[(f64, f64)], (left, right): (f64, f64)) -> bool {
    row.iter()
        .all(|(a, b)| right + 2.0 <= *a || left >= *b + 2.0)
}

/// A histogram of starts.
fn density(frame: Frame, plot: Rect, items: &[EventItem]) -> Layer {
    let mut layer = Layer {
        cells: cells(frame, plot, items.iter().enumerate()),
        ..Layer::default()
    };
    layer.most = layer.cells.iter().map(|c| c.count).max().unwrap_or(0);
    layer
}

/// A histogram for every group, one under the other.
fn heat(frame: Frame, plot: Rect, items: &[EventItem]) -> Layer {
    let groups = rows::groups(items);
    let room = room(plot);
    let shown = if groups.len() > room {
        room - 1
    } else {
        groups.len()
    };
    let mut layer = Layer::default();
    name_rows(&mut layer, frame, plot, &groups, shown);
    for (row, group) in groups.iter().take(shown).enumerate() {
        let y = middle(plot, row);
        let place = Rect {
            top: y - EVENT_ROW / 2.0 + 1.0,
            bottom: y + EVENT_ROW / 2.0 - 1.0,
            ..plot
        };
        let of = || items.iter().enumerate().filter(|(_, i)| i.group == *group);
        let spans = of().filter(|(_, i)| i.lasts() && i.touches(frame.window));
        layer.cells.extend(spans.map(|(i, item)| {
            let (left, right) = extent(frame, item);
            Cell {
                rect: Rect {
                    left,
                    right,
                    ..place
                },
                count: item.count,
                steady: true,
                items: vec![i],
            }
        }));
        let points = of().filter(|(_, i)| !i.lasts());
        layer.cells.extend(cells(frame, place, points));
    }
    let counted = layer.cells.iter().filter(|c| !c.steady);
    layer.most = counted.map(|c| c.count).max().unwrap_or(0);
    layer
}

/// Names of rows at their beginnings, and how many rows there are no room for.
fn name_rows(layer: &mut Layer, frame: Frame, plot: Rect, groups: &[&str], shown: usize) {
    let text = |words, row, ink| Text {
        words,
        x: frame.left + 4.0,
        y: middle(plot, row),
        ends: false,
        ink,
    };
    let names = groups.iter().take(shown).enumerate();
    layer.texts.extend(names.map(|(row, group)| {
        let words = font::fit(group, SMALL, frame.width() * 0.5);
        text(words, row, Ink::Strong)
    }));
    if groups.len() > shown {
        let words = format!("and {} more", groups.len() - shown);
        layer.texts.push(text(words, shown, Ink::Text));
    }
}

/// Counts of starts in bars.
fn cells<'a>(
    frame: Frame,
    place: Rect,
    items: impl Iterator<Item = (usize, &'a EventItem)>,
) -> Vec<Cell> {
    let window = frame.window;
    let length = bar_ms(window, frame.width());
    let mut columns = std::collections::BTreeMap::<i64, (u32, Vec<usize>)>::new();
    for (i, item) in items.filter(|(_, i)| window.contains(i.start)) {
        let column = item.start.millis().div_euclid(length);
        let (count, items) = columns.entry(column).or_default();
        *count = count.saturating_add(item.count);
        items.push(i);
    }
    let at = |column: i64| frame.x(model::Timestamp::from_millis(column.saturating_mul(length)));
    columns
        .into_iter()
        .map(|(column, (count, items))| Cell {
            rect: Rect {
                left: at(column),
                right: at(column + 1),
                ..place
            },
            count,
            steady: false,
            items,
        })
        .collect()
}

/// From where to where an item's glyph reaches.
fn extent(frame: Frame, item: &EventItem) -> (f64, f64) {
    let (begin, end) = item.span(frame.window);
    let flag = matches!(item.shape, Shape::Flag | Shape::SuspectFlag);
    let wing = if flag { 8.0 } else { 0.0 };
    (frame.x(begin), frame.x(end) + wing)
}
