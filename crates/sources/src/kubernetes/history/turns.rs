//! The values that a field of an object had, in the order of the object's versions, in whatever order
//! these were told.

use super::when::When;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Values that are remembered. A version that comes late is a neighbour of those that are known; what
/// was longer ago is told and done with.
const KEPT: usize = 4;

/// One version of an object, as far as its fields have it in common.
#[derive(Clone, Copy)]
pub(super) struct Version {
    pub(super) number: u64,
    /// Newer than every version that was told before, whatever its number is.
    pub(super) newest: bool,
    /// When it came to be, as far as it was seen.
    pub(super) when: When,
    /// When the object last said that it lives, as it says itself.
    pub(super) heartbeat: Option<Timestamp>,
}

/// Versions one after the other that have one value.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Run {
    value: String,
    from: u64,
    to: u64,
    /// The version that told of it first: ids are made of it, and stay as they are.
    first_told: u64,
    when: When,
    /// First and last heartbeat.
    beats: Option<(Timestamp, Timestamp)>,
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    /// The version that told of it first.
    pub(super) first_told: u64,
    pub(super) when: When,
}

/// The values, oldest first. Neighbours differ.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Turns(Vec<Run>);

impl Turns {
    /// The value of the newest version; empty where none is known.
    pub(super) fn current(&self) -> &str {
        self.0.last().map_or("", |run| &run.value)
    }

    /// Takes in the value of one version, and says which of the changes are new or other ones. An empty
    /// value says nothing.
    pub(super) fn see(&mut self, value: &str, version: &Version) -> Range<usize> {
        let number = version.number;
        let place = match self.0.last_mut() {
            _ if value.is_empty() => return 0..0,
            Some(last) if version.newest && number < last.to => {
                // Versions count anew.
                (last.from, last.to) = (0, 0);
                self.0.drain(..self.0.len().saturating_sub(1));
                self.0.len()
            }
            _ if version.newest => self.0.len(),
            _ => self.0.partition_point(|run| run.to < number),
        };
        let parted = self.parted(place, value, number);
        let place = if parted { place + 1 } else { place };
        if self.joined(place, value, version) {
            return 0..0;
        }
        let run = Run {
            value: value.to_owned(),
            from: number,
            to: number,
            first_told: number,
            when: version.when,
            beats: version.heartbeat.map(|at| (at, at)),
        };
        self.0.insert(place, run);
        let old = self.0.len().saturating_sub(KEPT);
        self.0.drain(..old);
        let before = if parted { 2 } else { 1 };
        place.saturating_sub(old + before)..(place + 1).saturating_sub(old)
    }

    /// Parts a run of another value inside which the version lies, so that it goes before the second half.
    fn parted(&mut self, place: usize, value: &str, number: u64) -> bool {
        let Some(after) = self.0.get_mut(place) else {
            return false;
        };
        if after.value == value || !(after.from < number && number < after.to) {
            return false;
        }
        let mut before = after.clone();
        // Of the two halves only the ends were told for certain.
        before.to = before.from;
        after.from = after.to;
        if after.first_told < number {
            after.first_told = after.to;
        } else {
            before.first_told = before.from;
        }
        self.0.insert(place, before);
        true
    }

    /// A version of a run that is known, or next to it.
    fn joined(&mut self, place: usize, value: &str, version: &Version) -> bool {
        let neighbours = [place.checked_sub(1), Some(place)];
        let found = neighbours.into_iter().flatten().find(|i| {
            let run = self.0.get(*i);
            run.is_some_and(|run| run.value == value)
        });
        let Some(run) = found.and_then(|i| self.0.get_mut(i)) else {
            return false;
        };
        run.from = run.from.min(version.number);
        run.to = run.to.max(version.number);
        if let Some(at) = version.heartbeat {
            let (first, last) = run.beats.unwrap_or((at, at));
            run.beats = Some((first.min(at), last.max(at)));
        }
        true
    }

    /// These of the changes.
    pub(super) fn turns(&self, which: Range<usize>) -> impl Iterator<Item = Turn<'_>> {
        which.filter_map(|i| self.turn(i))
    }

    /// The change from one value to the next.
    fn turn(&self, place: usize) -> Option<Turn<'_>> {
        let (before, after) = (self.0.get(place)?, self.0.get(place + 1)?);
        // The object's own words date the change better than when it was seen.
        let when = match (before.beats, after.beats) {
            (Some((_, before)), Some((now, _))) if before < now => When::between(Some(before), now),
            _ => after.when,
        };
        Some(Turn {
            from: &before.value,
            to: &after.value,
            first_told: after.first_told,
            when,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn version(number: u64, newest: bool) -> Version {
        Version {
            number,
            newest,
            when: When::exact(Timestamp::from_seconds(number.cast_signed())),
            heartbeat: None,
        }
    }

    /// What was said of versions that are told in this order: each change's values, by the version that
    /// told of it first.
    fn told(order: impl IntoIterator<Item = (u64, u8)>) -> Vec<(String, String)> {
        let (mut turns, mut newest, mut said) = (Turns::default(), 0, BTreeMap::new());
        for (number, value) in order {
            let changes = turns.see(&value.to_string(), &version(number, number > newest));
            newest = newest.max(number);
            for turn in turns.turns(changes) {
                let values = (turn.from.to_owned(), turn.to.to_owned());
                said.insert(turn.first_told, values);
            }
        }
        said.into_values().collect()
    }

    proptest! {
        #[test]
        fn the_order_of_telling_does_not_matter(
            values in prop::collection::vec(0_u8..3, 1..8),
            order in any::<prop::sample::Index>(),
            again in any::<bool>(),
        ) {
            let mut changes = values.clone();
            changes.dedup();
            prop_assume!(changes.len() <= KEPT);
            let versions: Vec<(u64, u8)> = (1..).zip(values).collect();
            let in_order = told(versions.clone());
            prop_assert_eq!(in_order.len(), changes.len() - 1);
            // A permutation by its number.
            let mut left = versions.clone();
            let mut number = order.index(40_320);
            let mut permuted = Vec::new();
            while !left.is_empty() {
                let next = left.remove(number % left.len());
                number /= left.len() + 1;
                permuted.push(next);
            }
            if again {
                permuted.extend(versions);
            }
            prop_assert_eq!(told(permuted), in_order);
        }
    }

    #[test]
    fn a_count_that_begins_anew_goes_on_from_the_last_value() {
        let mut turns = Turns::default();
        let mut said = Vec::new();
        for (number, value) in [(7, "a"), (9, "b"), (2, "c"), (3, "c")] {
            let changes = turns.see(value, &version(number, true));
            said.extend(
                turns
                    .turns(changes)
                    .map(|t| (t.from.to_owned(), t.to.to_owned())),
            );
        }
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(said, [pair("a", "b"), pair("b", "c")]);
    }
}
