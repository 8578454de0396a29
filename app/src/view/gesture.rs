//! Fingers and dragged mice: what they hold stays under them.

use super::{Scale, zoom};
use model::{Timestamp, Window};

/// An instant that is held, and where the pointer that holds it is now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hold {
    /// The instant under the pointer when it came down.
    pub at: Timestamp,
    /// Where the pointer is, CSS pixels in the frame of the scale.
    pub x: f64,
}

/// The window in which one held instant lies under its pointer again; its length stays.
pub fn drag(scale: Scale, hold: Hold, bounds: Window) -> Window {
    let off = hold.at.since(scale.window.start) as f64;
    let share = (hold.x - scale.left) / scale.width();
    let ms = off - share * scale.window.millis() as f64;
    zoom::pan(scale.window, ms.round() as i64, bounds)
}

/// The window in which both held instants lie under their fingers again, as far as bounds and the
/// shortest span let them. Fingers that are nearly together move it only.
pub fn pinch(scale: Scale, a: Hold, b: Hold, bounds: Window) -> Window {
    let (first, second) = if a.at <= b.at { (a, b) } else { (b, a) };
    let apart = second.x - first.x;
    let ms = second.at.since(first.at) as f64;
    if apart < 8.0 || ms < 1.0 {
        return drag(scale, first, bounds);
    }
    let per_pixel = ms / apart;
    let start = first
        .at
        .plus(-((first.x - scale.left) * per_pixel).round() as i64);
    let end = start.plus((scale.width() * per_pixel).round() as i64);
    zoom::clamp(Window { start, end }, bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOUNDS: Window = Window {
        start: Timestamp::from_seconds(0),
        end: Timestamp::from_seconds(1_000_000),
    };

    fn scale(start: i64, length: i64) -> Scale {
        let start = Timestamp::from_seconds(start);
        let end = start.plus(length * 1_000);
        Scale {
            left: 70.0,
            right: 370.0,
            window: Window { start, end },
        }
    }

    proptest! {
        #[test]
        fn what_a_finger_holds_stays_under_it(
            from in 70.0..370.0f64, to in 70.0..370.0f64,
        ) {
            let before = scale(400_000, 3_000);
            let hold = Hold { at: before.at(from), x: to };
            let window = drag(before, hold, BOUNDS);
            let after = Scale { window, ..before };
            prop_assert!((after.x(hold.at) - to).abs() < 0.01);
            prop_assert_eq!(window.millis(), before.window.millis());
        }

        #[test]
        fn what_two_fingers_hold_stays_under_both(
            (a, b) in (70.0..200.0f64, 240.0..370.0f64), (x, y) in (70.0..200.0f64, 240.0..370.0f64),
            swapped in any::<bool>(),
        ) {
            let before = scale(400_000, 3_000);
            let a = Hold { at: before.at(a), x };
            let b = Hold { at: before.at(b), x: y };
            let window = if swapped { pinch(before, b, a, BOUNDS) } else { pinch(before, a, b, BOUNDS) };
            let after = Scale { window, ..before };
            prop_assert!((after.x(a.at) - a.x).abs() < 0.05);
            prop_assert!((after.x(b.at) - b.x).abs() < 0.05);
        }
    }

    #[test]
    fn fingers_that_meet_or_cross_do_not_break_it() {
        let before = scale(400_000, 3_000);
        let hold = |x: f64, now: f64| Hold {
            at: before.at(x),
            x: now,
        };
        for (a, b) in [
            (hold(100.0, 200.0), hold(300.0, 200.0)),
            (hold(100.0, 300.0), hold(300.0, 100.0)),
            (hold(100.0, 100.0), hold(100.0, 300.0)),
        ] {
            let window = pinch(before, a, b, BOUNDS);
            assert_eq!(window.millis(), before.window.millis());
        }
    }
}
