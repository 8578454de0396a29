//! What comes back at the same time of every day: a nightly backup is no anomaly, a second one is.

use crate::series::robust::{highest, larger, median_of};
use model::time::DAY;
use std::ops::Range;

/// Slots of a day: half an hour, since schedules are late now and then.
const SLOTS: usize = 48;
/// Their length, milliseconds.
const SLOT: i64 = DAY / 48;
/// Fewest days, begun ones too, from which a habit is known.
const FEWEST_DAYS: i64 = 6;
/// Most days looked at.
const MOST_DAYS: i64 = 1_000;

/// Which day and slot each sample is in; nothing where there are too few days.
pub(super) struct Clock {
    /// Neighbours in one slot: the first of them, and the slot counted from the first day on.
    runs: Vec<(usize, usize)>,
    days: usize,
}

impl Clock {
    pub(super) fn of(times: &[i64]) -> Self {
        let none = Self {
            runs: Vec::new(),
            days: 0,
        };
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return none;
        };
        let start = first.div_euclid(DAY);
        let days = last
            .div_euclid(DAY)
            .saturating_sub(start)
            .clamp(0, MOST_DAYS)
            + 1;
        if !(FEWEST_DAYS..=MOST_DAYS).contains(&days) {
            return none;
        }
        let begin = start.saturating_mul(DAY);
        let mut runs = Vec::new();
        let mut from = 0;
        while let Some(t) = times.get(from) {
            let slot = t.saturating_sub(begin) / SLOT;
            runs.push((from, usize::try_from(slot).unwrap_or(0)));
            let until = begin.saturating_add((slot + 1).saturating_mul(SLOT));
            let rest = times.get(from..).unwrap_or(&[]);
            from += rest.partition_point(|t| *t < until).max(1);
        }
        Self {
            runs,
            days: usize::try_from(days).unwrap_or(0),
        }
    }

    /// The samples of each run among the first `n`, and the run's slot.
    fn pieces(&self, n: usize) -> impl Iterator<Item = (Range<usize>, usize)> {
        let ends = self.runs.iter().skip(1).map(|r| r.0).chain([n]);
        let pieces = self.runs.iter().zip(ends);
        pieces.map(move |((from, slot), to)| ((*from).min(n)..to.min(n), *slot))
    }

    /// Takes off every distance what the largest ones in its slot usually exceed those of other slots by.
    pub(super) fn forgive(&self, distances: &mut [f64]) {
        if self.runs.is_empty() {
            return;
        }
        let mut tops = vec![None; self.days * SLOTS];
        for (piece, slot) in self.pieces(distances.len()) {
            let part = distances.get(piece).filter(|p| !p.is_empty());
            if let (Some(part), Some(top)) = (part, tops.get_mut(slot)) {
                *top = Some(highest(part));
            }
        }
        let usual: Vec<f64> = (0..SLOTS)
            .map(|slot| {
                let days = tops.iter().skip(slot).step_by(SLOTS);
                let mut by_day: Vec<f64> = days.copied().flatten().collect();
                median_of(&mut by_day).unwrap_or(0.0)
            })
            .collect();
        let everywhere = median_of(&mut usual.clone()).unwrap_or(0.0);
        let at = |k: usize| usual.get(k % SLOTS).copied().unwrap_or(0.0);
        let excess: Vec<f64> = (0..SLOTS)
            .map(|k| at(k + SLOTS - 1).max(at(k)).max(at(k + 1)) - everywhere)
            .map(|e| e.max(0.0))
            .collect();
        for (piece, slot) in self.pieces(distances.len()) {
            let habit = excess.get(slot % SLOTS).copied().unwrap_or(0.0);
            if habit > 0.0 {
                for d in distances.get_mut(piece).into_iter().flatten() {
                    *d = larger(*d - habit, 0.0);
                }
            }
        }
    }
}
