//! Windows moved, narrowed and widened, always inside of the incident's own.

use model::{Timestamp, Window, time::SECOND};

/// The shortest span that is shown: samples are seconds apart at the closest.
pub const LEAST_MS: i64 = 10 * SECOND;

/// A step of zooming by key or button: two steps halve the span.
pub const STEP: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// Share of the span that a key moves it by.
pub const PAN_SHARE: f64 = 0.2;

/// The window, moved and cut so that it lies inside of `bounds` and is at least [`LEAST_MS`] long
/// (or as long as `bounds` where that is shorter).
pub fn clamp(window: Window, bounds: Window) -> Window {
    let most = bounds.millis().max(1);
    let length = window.millis().clamp(LEAST_MS.min(most), most);
    let middle = window.start.plus(window.millis() / 2);
    let start = if window.millis() == length {
        window.start
    } else {
        middle.plus(-(length / 2))
    };
    let start = start.clamp(bounds.start, bounds.end.plus(-length).max(bounds.start));
    Window {
        start,
        end: start.plus(length),
    }
}

/// Zooms by `factor` (below 1: closer) about an instant, which keeps its place as far as `bounds`
/// let it.
pub fn zoom(window: Window, about: Timestamp, factor: f64, bounds: Window) -> Window {
    let factor = if factor.is_finite() && factor > 0.0 {
        factor
    } else {
        1.0
    };
    let length = window.millis().max(1) as f64;
    let share = (about.since(window.start) as f64 / length).clamp(0.0, 1.0);
    let most = bounds.millis().max(1);
    let wanted = (length * factor).round().min(most as f64) as i64;
    let new = wanted.clamp(LEAST_MS.min(most), most);
    let anchor = window.start.plus((share * length).round() as i64);
    let start = anchor.plus(-((share * new as f64).round() as i64));
    clamp(
        Window {
            start,
            end: start.plus(new),
        },
        bounds,
    )
}

/// Moves the window by `ms` (negative: earlier) as far as `bounds` let it.
pub fn pan(window: Window, ms: i64, bounds: Window) -> Window {
    clamp(
        Window {
            start: window.start.plus(ms),
            end: window.end.plus(ms),
        },
        bounds,
    )
}

/// What lies between two instants, in whichever order they come.
pub fn between(a: Timestamp, b: Timestamp, bounds: Window) -> Window {
    clamp(
        Window {
            start: a.min(b),
            end: a.max(b),
        },
        bounds,
    )
}

/// The window that brings an instant into sight: the same, or moved so that it lies in the middle.
pub fn showing(window: Window, at: Timestamp, bounds: Window) -> Window {
    if window.contains(at) {
        return window;
    }
    let middle = window.start.plus(window.millis() / 2);
    pan(window, at.since(middle), bounds)
}

/// A span with what came before and after it: a quarter of it on each side, at least a minute. A
/// reader judges a span by its surroundings.
pub fn with_margin(span: Window) -> Window {
    span.widened((span.millis() / 4).max(60 * SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(start: i64, end: i64) -> Window {
        Window {
            start: Timestamp::from_millis(start),
            end: Timestamp::from_millis(end),
        }
    }

    prop_compose! {
        fn some_bounds()(start in 0..2_000_000_000_000i64, length in 1..2_000_000_000i64) -> Window {
            window(start, start + length)
        }
    }

    prop_compose! {
        fn inside()(bounds in some_bounds())(
            bounds in Just(bounds),
            from in 0.0..1.0f64,
            share in 0.0..1.0f64,
        ) -> (Window, Window) {
            let length = (bounds.millis() as f64 * share) as i64;
            let start = bounds.start.plus((bounds.millis() as f64 * from) as i64);
            (bounds, clamp(Window { start, end: start.plus(length) }, bounds))
        }
    }

    fn is_inside(window: Window, bounds: Window) -> bool {
        let least = LEAST_MS.min(bounds.millis());
        window.start >= bounds.start && window.end <= bounds.end && window.millis() >= least
    }

    proptest! {
        #[test]
        fn whatever_is_clamped_lies_inside_and_stays_where_it_is(
            bounds in some_bounds(), a in any::<i32>(), b in any::<i32>(),
        ) {
            let wild = window(i64::from(a) * 1_000, i64::from(b) * 1_000);
            let good = clamp(wild, bounds);
            prop_assert!(is_inside(good, bounds));
            prop_assert_eq!(clamp(good, bounds), good);
        }

        #[test]
        fn zooming_stays_inside_and_keeps_its_instant(
            (bounds, window) in inside(), share in 0.0..1.0f64, factor in 0.01..100.0f64,
        ) {
            let about = window.start.plus((window.millis() as f64 * share) as i64);
            let new = zoom(window, about, factor, bounds);
            prop_assert!(is_inside(new, bounds));
            prop_assert!(new.start <= about && about <= new.end);
            let free = new.start > bounds.start && new.end < bounds.end;
            if free {
                let before = about.since(window.start) as f64 / window.millis() as f64;
                let after = about.since(new.start) as f64 / new.millis() as f64;
                // To the millisecond, which is what an instant can say.
                prop_assert!((before - after).abs() * new.millis() as f64 <= 2.0);
            }
        }

        #[test]
        fn panning_keeps_the_length(
            (bounds, window) in inside(), ms in -3_000_000_000..3_000_000_000i64,
        ) {
            let new = pan(window, ms, bounds);
            prop_assert!(is_inside(new, bounds));
            prop_assert_eq!(new.millis(), window.millis());
            let back = pan(new, -ms, bounds);
            if new.start == window.start.plus(ms) {
                prop_assert_eq!(back, window);
            }
        }

        #[test]
        fn what_is_asked_for_is_in_sight((bounds, window) in inside(), share in 0.0..1.0f64) {
            let at = bounds.start.plus((bounds.millis() as f64 * share) as i64);
            let new = showing(window, at, bounds);
            prop_assert!(new.start <= at && at <= new.end);
            prop_assert_eq!(new.millis(), window.millis());
        }
    }

    #[test]
    fn a_selection_goes_either_way_and_is_never_too_short() {
        let bounds = window(0, 1_000_000);
        let at = Timestamp::from_millis;
        assert_eq!(
            between(at(70_000), at(20_000), bounds),
            window(20_000, 70_000)
        );
        assert_eq!(
            between(at(50_000), at(50_000), bounds),
            window(45_000, 55_000)
        );
        assert_eq!(between(at(0), at(0), bounds), window(0, LEAST_MS));
    }

    #[test]
    fn extremes_do_not_overflow() {
        let all = window(i64::MIN, i64::MAX);
        let bounds = window(0, 1_000_000);
        assert!(is_inside(clamp(all, bounds), bounds));
        assert!(is_inside(
            zoom(bounds, Timestamp::MAX, f64::NAN, bounds),
            bounds
        ));
        assert!(is_inside(pan(bounds, i64::MIN, bounds), bounds));
    }

    #[test]
    fn two_steps_halve_and_undo_each_other() {
        let bounds = window(0, 1 << 30);
        let at = Timestamp::from_millis(1 << 29);
        let once = zoom(bounds, at, STEP, bounds);
        let twice = zoom(once, at, STEP, bounds);
        assert!((twice.millis() - (1 << 29)).abs() <= 2);
        assert_eq!(zoom(once, at, 1.0 / STEP, bounds), bounds);
    }
}
