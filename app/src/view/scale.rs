//! Where time lies on the screen.

use model::{Timestamp, Window};

/// Time from the left to the right edge of a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Left edge, CSS pixels.
    pub left: f64,
    /// Right edge, CSS pixels.
    pub right: f64,
    /// From when to when.
    pub window: Window,
}

impl Scale {
    /// Where an instant lies; it may lie outside of the plot.
    pub fn x(self, at: Timestamp) -> f64 {
        let share = at.since(self.window.start) as f64 / self.window.millis().max(1) as f64;
        self.left + share * self.width()
    }

    /// The instant at a place, the nearest of the plot where the place lies outside.
    pub fn at(self, x: f64) -> Timestamp {
        let share = ((x - self.left) / self.width()).clamp(0.0, 1.0);
        let share = if share.is_nan() { 0.0 } else { share };
        let ms = (share * self.window.millis() as f64).round() as i64;
        self.window.start.plus(ms)
    }

    /// Milliseconds that `dx` pixels are.
    pub fn millis(self, dx: f64) -> i64 {
        (dx / self.width() * self.window.millis() as f64).round() as i64
    }

    /// Whether a place lies in the plot.
    pub fn holds(self, x: f64) -> bool {
        self.left <= x && x <= self.right
    }

    /// Width of the plot, CSS pixels, never zero.
    pub fn width(self) -> f64 {
        (self.right - self.left).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_and_instants_are_two_ways_to_say_the_same(
            start in 0..2_000_000_000_000i64,
            length in 10_000..2_000_000_000i64,
            share in 0.0..=1.0f64,
        ) {
            let start = Timestamp::from_millis(start);
            let window = Window { start, end: start.plus(length) };
            let scale = Scale { left: 78.0, right: 934.0, window };
            let at = start.plus((length as f64 * share) as i64);
            prop_assert!(scale.at(scale.x(at)).since(at).abs() <= 1);
            prop_assert!(scale.holds(scale.x(at)));
        }
    }

    #[test]
    fn a_plot_without_room_has_one_instant_and_no_surprises() {
        let at = Timestamp::from_seconds(10);
        let window = Window {
            start: at,
            end: at.plus(1_000),
        };
        let scale = Scale {
            left: 5.0,
            right: 5.0,
            window,
        };
        assert_eq!(scale.at(5.0), at);
        assert_eq!(scale.at(f64::NAN), at);
        assert_eq!(scale.at(-3.0), at);
        assert!(scale.x(at).is_finite());
    }
}
