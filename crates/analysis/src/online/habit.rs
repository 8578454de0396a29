//! What has come back at the same time of day so far.

use crate::series::robust::median_of;
use model::time::DAY;
use std::collections::VecDeque;

/// Slots of a day: half an hour, since schedules are late now and then.
const SLOTS: usize = 48;
/// Their length, milliseconds.
const SLOT: i64 = DAY / 48;
/// Days kept, and the fewest from which a habit is known.
const KEPT: usize = 9;
const FEWEST: usize = 4;

/// The largest error of each slot on the last days.
#[derive(Clone, Debug)]
pub(super) struct Habit {
    highest: Vec<VecDeque<f64>>,
    /// The slot at hand, counted from the epoch, and the largest error in it so far.
    slot: Option<(i64, f64)>,
    /// What is forgiven in the slot at hand.
    forgiven: f64,
}

impl Default for Habit {
    fn default() -> Self {
        Self {
            highest: vec![VecDeque::new(); SLOTS],
            slot: None,
            forgiven: 0.0,
        }
    }
}

impl Habit {
    /// An error less what is usual at that time of day; then it belongs to the past.
    pub(super) fn forgive(&mut self, at: i64, distance: f64) -> f64 {
        let now = at.div_euclid(SLOT);
        match &mut self.slot {
            Some((slot, high)) if *slot == now => *high = high.max(distance),
            slot => {
                if let Some((past, high)) = slot.replace((now, distance)) {
                    self.keep(past, high);
                }
                self.forgiven = self.usual_beyond_others(now);
            }
        }
        (distance - self.forgiven).max(0.0)
    }

    fn keep(&mut self, slot: i64, high: f64) {
        if let Some(days) = self.highest.get_mut(place(slot)) {
            days.push_back(high);
            if days.len() > KEPT {
                days.pop_front();
            }
        }
    }

    /// How much larger the errors of a slot and its neighbours usually are than those of the others.
    fn usual_beyond_others(&self, slot: i64) -> f64 {
        let usual: Vec<f64> = self
            .highest
            .iter()
            .filter(|days| days.len() >= FEWEST)
            .filter_map(|days| median_of(&mut days.iter().copied().collect::<Vec<f64>>()))
            .collect();
        if usual.len() < SLOTS {
            return 0.0;
        }
        let here = [slot - 1, slot, slot + 1]
            .iter()
            .filter_map(|s| usual.get(place(*s)).copied())
            .fold(0.0, f64::max);
        let others = median_of(&mut usual.clone()).unwrap_or(0.0);
        (here - others).max(0.0)
    }
}

fn place(slot: i64) -> usize {
    usize::try_from(slot.rem_euclid(48)).unwrap_or(0)
}
