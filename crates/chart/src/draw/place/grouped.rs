//! A row for each group, its events where they happened.

use super::{GLYPH, Layer, Spot, Text, clusters, counted, extent, middle, name_rows, room};
use crate::draw::Frame;
use crate::font;
use crate::geometry::{Rect, SMALL};
use crate::lane::EventItem;
use crate::palette::Ink;
use crate::rows;

/// A row for each group, with the glyphs of its events; those that would lie on each other are told
/// by their number. What finds no row of its own lies in the last one: a glyph is never left out.
pub(super) fn grouped(frame: Frame, plot: Rect, items: &[EventItem]) -> Layer {
    let groups = rows::groups(items);
    let room = room(plot);
    let shown = if groups.len() > room {
        room - 1
    } else {
        groups.len()
    };
    let mut layer = Layer::default();
    name_rows(&mut layer, frame, plot, &groups, shown);
    for (row, group) in groups.iter().enumerate() {
        let y = middle(plot, row.min(shown));
        let places: Vec<usize> = (0..items.len())
            .filter(|i| items.get(*i).is_some_and(|i| i.group == *group))
            .collect();
        let of: Vec<EventItem> = places
            .iter()
            .filter_map(|i| items.get(*i))
            .cloned()
            .collect();
        for cluster in clusters(frame, &of) {
            let mut all = cluster.iter().filter_map(|i| places.get(*i).copied());
            let Some((first, item)) = all.next().and_then(|i| Some((i, items.get(i)?))) else {
                continue;
            };
            layer.spots.push(Spot {
                item: first,
                others: all.collect(),
                extent: extent(frame, item),
                y,
                label: None,
            });
        }
    }
    clear_names(&mut layer, frame);
    label_rows(&mut layer, frame, items);
    layer
}

/// Moves the names of rows to where no glyph of theirs lies: to the beginning of the row, to its end, or
/// between two glyphs. Where there is no such room, they stay.
fn clear_names(layer: &mut Layer, frame: Frame) {
    for text in &mut layer.texts {
        let same = |s: &&Spot| (s.y - text.y).abs() < 1.0;
        let reach = |s: &Spot| (s.extent.0 - GLYPH, s.extent.1 + GLYPH);
        let mut taken: Vec<(f64, f64)> = layer.spots.iter().filter(same).map(reach).collect();
        taken.sort_by(|a, b| a.0.total_cmp(&b.0));
        let width = font::width(&text.words, SMALL);
        let free = |x: f64| taken.iter().all(|(a, b)| x + width <= *a || x >= *b);
        let last = frame.right - width;
        let between = taken.iter().map(|(_, right)| right + 2.0);
        let wanted = [text.x, last].into_iter().chain(between);
        let found = wanted
            .into_iter()
            .find(|x| *x >= frame.left && *x <= last && free(*x));
        text.x = found.unwrap_or(text.x);
    }
}

/// Writes beside the glyphs of a row what they are, where the next glyph and the row's name leave room.
fn label_rows(layer: &mut Layer, frame: Frame, items: &[EventItem]) {
    let lefts: Vec<(f64, f64)> = layer.spots.iter().map(|s| (s.y, s.extent.0)).collect();
    let names: Vec<(f64, f64)> = layer
        .texts
        .iter()
        .map(|t| (t.y, t.x + font::width(&t.words, SMALL) + GLYPH))
        .collect();
    for spot in &mut layer.spots {
        let Some(item) = items.get(spot.item) else {
            continue;
        };
        let count = item.count.saturating_add(spot.others.len() as u32);
        // The row's name need not be said again.
        let label = item.label.strip_suffix(item.group.as_str());
        let words = counted(label.unwrap_or(&item.label).trim_end(), count);
        let x = spot.extent.1 + GLYPH + 3.0;
        let end = x + font::width(&words, SMALL);
        let same = |y: f64| (y - spot.y).abs() < 1.0;
        let free = |(y, left): &(f64, f64)| {
            !same(*y) || *left <= spot.extent.0 || *left - GLYPH - 2.0 >= end
        };
        let named = names.iter().any(|(y, right)| same(*y) && x < *right);
        if end <= frame.right + 10.0 && !named && lefts.iter().all(free) {
            spot.label = Some(Text {
                words,
                x,
                y: spot.y,
                ends: false,
                ink: Ink::Strong,
            });
        }
    }
}
