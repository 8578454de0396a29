//! Which lanes are shown, in which order, how high and on which axis.

use std::collections::{BTreeMap, BTreeSet};

/// Lowest and highest lane, CSS pixels.
pub const LOWEST: u32 = 60;
/// See [`LOWEST`].
pub const HIGHEST: u32 = 800;

/// What a lane grows or shrinks by at once, CSS pixels.
pub const STEP: u32 = 60;

/// An arrangement of lanes, by their ids. Empty: as the server composes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// The lanes that there are, in order; empty: those that are shown by default.
    pub order: Vec<String>,
    /// Lanes that are not shown.
    pub hidden: BTreeSet<String>,
    /// Lanes that stand before the others, in order.
    pub pinned: Vec<String>,
    /// Lanes whose axis is logarithmic or not, where it is not as composed.
    pub log: BTreeMap<String, bool>,
    /// Heights that differ from the usual, CSS pixels.
    pub heights: BTreeMap<String, u32>,
}

/// Which way a lane is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Before the one above it.
    Up,
    /// After the one below it.
    Down,
}

impl Arrangement {
    /// The lanes that are shown, in order. `default` are those that are composed by default.
    pub fn shown(&self, default: &[String]) -> Vec<String> {
        let base = if self.order.is_empty() {
            default
        } else {
            &self.order
        };
        let shown = |id: &&String| !self.hidden.contains(*id);
        let pinned = self.pinned.iter().filter(shown);
        let rest = base
            .iter()
            .filter(shown)
            .filter(|id| !self.pinned.contains(id));
        pinned.chain(rest).cloned().collect()
    }

    /// Takes a lane out of sight.
    pub fn hide(&mut self, id: &str) {
        self.pinned.retain(|p| p != id);
        self.hidden.insert(id.to_owned());
    }

    /// Shows a lane: one that was hidden stands where it stood, any other at the end.
    pub fn show(&mut self, id: &str, default: &[String]) {
        self.hidden.remove(id);
        let base = if self.order.is_empty() {
            default
        } else {
            &self.order
        };
        if !base.iter().any(|b| b == id) && !self.pinned.iter().any(|p| p == id) {
            if self.order.is_empty() {
                self.order = default.to_vec();
            }
            self.order.push(id.to_owned());
        }
    }

    /// Moves a lane by one place among those that are shown; pinned lanes move among themselves.
    pub fn shift(&mut self, id: &str, way: Move, default: &[String]) {
        if let Some(place) = self.pinned.iter().position(|p| p == id) {
            swap(&mut self.pinned, place, way);
            return;
        }
        let shown = self.shown(default);
        let neighbour = shown
            .iter()
            .position(|s| s == id)
            .and_then(|place| match way {
                Move::Up => place.checked_sub(1),
                Move::Down => place.checked_add(1),
            })
            .and_then(|place| shown.get(place))
            .filter(|n| !self.pinned.contains(n));
        let Some(neighbour) = neighbour else { return };
        if self.order.is_empty() {
            self.order = default.to_vec();
        }
        let place = |of: &str| self.order.iter().position(|o| o == of);
        if let (Some(from), Some(to)) = (place(id), place(neighbour)) {
            // Past the neighbour, over hidden lanes between the two.
            let lane = self.order.remove(from);
            self.order.insert(to, lane);
        }
        if self.order == default {
            self.order.clear();
        }
    }

    /// Moves a lane before another one that is shown, or behind the last: as if it were shifted there, place
    /// by place. Pinned lanes stay among themselves, and so do the others.
    pub fn place(&mut self, id: &str, before: Option<&str>, default: &[String]) {
        let pinned = self.is_pinned(id);
        let mut among = self.shown(default);
        among.retain(|s| self.is_pinned(s) == pinned);
        let place = |of: &str| among.iter().position(|s| s == of);
        let to = before.map_or(Some(among.len()), place);
        let Some((from, to)) = place(id).zip(to) else {
            return;
        };
        let (way, places) = if to < from {
            (Move::Up, from - to)
        } else {
            // Before the next one it is already.
            (Move::Down, (to - from).saturating_sub(1))
        };
        for _ in 0..places {
            self.shift(id, way, default);
        }
    }

    fn is_pinned(&self, id: &str) -> bool {
        self.pinned.iter().any(|p| p == id)
    }

    /// Pins a lane to the top, or lets go of it.
    pub fn toggle_pin(&mut self, id: &str) {
        match self.pinned.iter().position(|p| p == id) {
            Some(place) => {
                self.pinned.remove(place);
            }
            None => self.pinned.push(id.to_owned()),
        }
    }

    /// Makes a lane higher or lower by one step. `usual` is its height without a word of ours.
    pub fn grow(&mut self, id: &str, taller: bool, usual: u32) {
        let now = self.heights.get(id).copied().unwrap_or(usual);
        let new = if taller {
            now.saturating_add(STEP)
        } else {
            now.saturating_sub(STEP)
        };
        self.resize(id, new, usual);
    }

    /// Gives a lane a height, within [`LOWEST`] and [`HIGHEST`].
    pub fn resize(&mut self, id: &str, height: u32, usual: u32) {
        let height = height.clamp(LOWEST, HIGHEST);
        if height == usual {
            self.heights.remove(id);
        } else {
            self.heights.insert(id.to_owned(), height);
        }
    }

    /// Whether a lane's axis is logarithmic; `composed` is what it is without a word of ours.
    pub fn is_log(&self, id: &str, composed: bool) -> bool {
        self.log.get(id).copied().unwrap_or(composed)
    }

    /// Changes between a linear and a logarithmic axis.
    pub fn toggle_log(&mut self, id: &str, composed: bool) {
        let new = !self.is_log(id, composed);
        if new == composed {
            self.log.remove(id);
        } else {
            self.log.insert(id.to_owned(), new);
        }
    }
}

fn swap(list: &mut [String], place: usize, way: Move) {
    let other = match way {
        Move::Up => place.checked_sub(1),
        Move::Down => place.checked_add(1).filter(|p| *p < list.len()),
    };
    if let Some(other) = other {
        list.swap(place, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    fn shown(lanes: &Arrangement) -> String {
        lanes.shown(&ids("a b c d")).join(" ")
    }

    #[test]
    fn lanes_are_hidden_moved_pinned_and_added() {
        let default = ids("a b c d");
        let mut lanes = Arrangement::default();
        assert_eq!(shown(&lanes), "a b c d");
        lanes.hide("b");
        lanes.shift("c", Move::Up, &default);
        assert_eq!(shown(&lanes), "c a d", "over the hidden one");
        lanes.show("b", &default);
        assert_eq!(shown(&lanes), "c a b d");
        lanes.toggle_pin("d");
        lanes.toggle_pin("b");
        assert_eq!(shown(&lanes), "d b c a");
        lanes.shift("b", Move::Up, &default);
        assert_eq!(shown(&lanes), "b d c a");
        lanes.shift("c", Move::Up, &default);
        assert_eq!(shown(&lanes), "b d c a", "not over a pinned one");
        lanes.show("series-x", &default);
        assert_eq!(shown(&lanes), "b d c a series-x");
        lanes.hide("b");
        assert_eq!(shown(&lanes), "d c a series-x");
    }

    #[test]
    fn a_lane_goes_before_the_one_that_it_is_dropped_on() {
        let default = ids("a b c d");
        let mut lanes = Arrangement::default();
        lanes.place("a", Some("c"), &default);
        assert_eq!(shown(&lanes), "b a c d");
        lanes.place("d", Some("b"), &default);
        assert_eq!(shown(&lanes), "d b a c");
        lanes.place("d", None, &default);
        assert_eq!(shown(&lanes), "b a c d");
        lanes.place("b", Some("c"), &default);
        assert_eq!(lanes, Arrangement::default(), "as at first");
        for (id, before) in [("a", Some("b")), ("a", Some("a")), ("d", None), ("x", None)] {
            lanes.place(id, before, &default);
            assert_eq!(lanes, Arrangement::default(), "{id} is there already");
        }
        lanes.toggle_pin("c");
        lanes.toggle_pin("d");
        lanes.place("d", Some("c"), &default);
        assert_eq!(shown(&lanes), "d c a b");
        lanes.place("a", Some("d"), &default);
        lanes.place("d", Some("b"), &default);
        assert_eq!(shown(&lanes), "d c a b", "not among the others");
        lanes.place("a", None, &default);
        assert_eq!(shown(&lanes), "d c b a");
    }

    #[test]
    fn a_height_is_as_it_is_asked_for_within_its_bounds() {
        let mut lanes = Arrangement::default();
        for (asked, height) in [
            (200, Some(200)),
            (5, Some(LOWEST)),
            (5_000, Some(HIGHEST)),
            (140, None),
        ] {
            lanes.resize("a", asked, 140);
            assert_eq!(lanes.heights.get("a").copied(), height, "{asked}");
        }
    }

    #[test]
    fn what_is_undone_leaves_no_trace() {
        let default = ids("a b c d");
        let mut lanes = Arrangement::default();
        lanes.shift("b", Move::Down, &default);
        lanes.shift("b", Move::Up, &default);
        lanes.toggle_pin("a");
        lanes.toggle_pin("a");
        lanes.grow("a", true, 140);
        lanes.grow("a", false, 140);
        lanes.toggle_log("a", false);
        lanes.toggle_log("a", false);
        lanes.hide("a");
        lanes.show("a", &default);
        assert_eq!(lanes, Arrangement::default());
    }

    #[test]
    fn heights_have_bounds() {
        let mut lanes = Arrangement::default();
        for _ in 0..50 {
            lanes.grow("a", true, 140);
            lanes.grow("b", false, 140);
        }
        assert_eq!(lanes.heights.get("a"), Some(&HIGHEST));
        assert_eq!(lanes.heights.get("b"), Some(&LOWEST));
    }

    proptest! {
        #[test]
        fn no_lane_is_lost_or_doubled_by_moving(
            moves in proptest::collection::vec((0..4usize, 0..9u8), 0..40),
        ) {
            let default = ids("a b c d");
            let mut lanes = Arrangement::default();
            for (lane, what) in moves {
                let id = &default[lane];
                match what {
                    0 => lanes.shift(id, Move::Up, &default),
                    1 => lanes.shift(id, Move::Down, &default),
                    2 => lanes.toggle_pin(id),
                    3 => lanes.hide(id),
                    4 => lanes.show(id, &default),
                    // Before one of the four, wherever it is.
                    n => lanes.place(id, default.get(usize::from(n) - 5).map(String::as_str), &default),
                }
            }
            let shown = lanes.shown(&default);
            let mut all: Vec<String> = shown.iter().chain(&lanes.hidden).cloned().collect();
            all.sort();
            prop_assert_eq!(all, default);
        }
    }
}
