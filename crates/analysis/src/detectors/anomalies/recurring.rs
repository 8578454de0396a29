//! What comes back at the same time of every day: a nightly backup is no anomaly, a second one is.

use crate::series::robust::median_of;
use model::time::DAY;

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
    cells: Vec<u32>,
    days: usize,
}

impl Clock {
    pub(super) fn of(times: &[i64]) -> Self {
        let none = Self {
            cells: Vec::new(),
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
        let days = usize::try_from(days).unwrap_or(0);
        let begin = start.saturating_mul(DAY);
        // Neighbours are mostly in the same slot: no division for them.
        let (mut from, mut cell) = (begin, 0_u32);
        let cells = times
            .iter()
            .map(|t| {
                if t.saturating_sub(from) >= SLOT {
                    let k = t.saturating_sub(begin) / SLOT;
                    from = begin + k * SLOT;
                    cell = u32::try_from(k).unwrap_or(0);
                }
                cell
            })
            .collect();
        Self { cells, days }
    }

    /// Takes off every distance what the largest ones in its slot usually exceed those of other slots by.
    pub(super) fn forgive(&self, distances: &mut [f64]) {
        if self.cells.is_empty() {
            return;
        }
        let mut highest = vec![f64::NEG_INFINITY; self.days * SLOTS];
        for (d, cell) in distances.iter().zip(&self.cells) {
            if let Some(high) = highest.get_mut(*cell as usize) {
                *high = high.max(*d);
            }
        }
        let usual: Vec<f64> = (0..SLOTS)
            .map(|slot| {
                let mut by_day: Vec<f64> = highest
                    .iter()
                    .skip(slot)
                    .step_by(SLOTS)
                    .copied()
                    .filter(|h| h.is_finite())
                    .collect();
                median_of(&mut by_day).unwrap_or(0.0)
            })
            .collect();
        let everywhere = median_of(&mut usual.clone()).unwrap_or(0.0);
        let at = |k: usize| usual.get(k % SLOTS).copied().unwrap_or(0.0);
        let excess: Vec<f64> = (0..SLOTS)
            .map(|k| at(k + SLOTS - 1).max(at(k)).max(at(k + 1)) - everywhere)
            .map(|e| e.max(0.0))
            .collect();
        for (d, cell) in distances.iter_mut().zip(&self.cells) {
            let habit = excess.get(*cell as usize % SLOTS).copied().unwrap_or(0.0);
            *d = (*d - habit).max(0.0);
        }
    }
}
