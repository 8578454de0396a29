//! Which of the slices that are there is drawn, and which is asked for next.

use super::zoom;
use model::{Timestamp, Window};

/// What a slice covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cover {
    /// From when to when.
    pub window: Window,
    /// Columns it was cut for.
    pub columns: u32,
    /// Whether it holds every sample and every event, so that no finer slice says more.
    pub whole: bool,
    /// Whether the incident has changed since.
    pub stale: bool,
}

impl Cover {
    fn holds(&self, shown: Window) -> bool {
        self.window.start <= shown.start && shown.end <= self.window.end
    }

    fn columns_per_ms(&self) -> f64 {
        if self.whole {
            f64::INFINITY
        } else {
            f64::from(self.columns) / self.window.millis().max(1) as f64
        }
    }

    fn overlap(&self, shown: Window) -> i64 {
        let from = self.window.start.max(shown.start);
        let to = self.window.end.min(shown.end);
        to.since(from).max(0)
    }
}

/// Share of the wanted columns that is sharp enough: lines are wider than a pixel.
const SHARP: f64 = 0.7;

/// The slice that shows a window best in so many columns, and whether it is good enough: the finest
/// that covers it, else the one that covers most of it.
pub fn pick(covers: &[Cover], shown: Window, columns: f64) -> Option<(usize, bool)> {
    let wanted = SHARP * columns / shown.millis().max(1) as f64;
    let best = covers.iter().enumerate().max_by(|(_, a), (_, b)| {
        let key = |c: &Cover| (c.holds(shown), c.overlap(shown), !c.stale);
        key(a)
            .cmp(&key(b))
            .then(a.columns_per_ms().total_cmp(&b.columns_per_ms()))
    });
    best.map(|(i, c)| {
        (
            i,
            c.holds(shown) && !c.stale && c.columns_per_ms() >= wanted,
        )
    })
}

/// Most columns that are asked for.
const MOST: u32 = 4_000;

/// What is asked for to show a window in so many columns: half of the window more on either side, so
/// that panning finds something drawn, as far as `bounds` go.
pub fn ask(shown: Window, bounds: Window, columns: f64) -> (Window, u32) {
    let wide = Window {
        start: shown.start.plus(-shown.millis() / 2).max(bounds.start),
        end: shown.end.plus(shown.millis() / 2).min(bounds.end),
    };
    let wide = if wide.start < wide.end {
        wide
    } else {
        zoom::clamp(shown, bounds)
    };
    let share = wide.millis() as f64 / shown.millis().max(1) as f64;
    (wide, ((columns * share).ceil() as u32).clamp(1, MOST))
}

/// Which of the slices is dropped when there are too many: the first that neither shows everything
/// nor covers what is shown.
pub fn dispensable(covers: &[Cover], shown: Window, bounds: Window) -> Option<usize> {
    let needed = |c: &Cover| c.holds(bounds) || c.holds(shown);
    covers.iter().position(|c| !needed(c)).or_else(|| {
        let coarse = |c: &Cover| !c.holds(bounds);
        covers
            .iter()
            .position(coarse)
            .or((!covers.is_empty()).then_some(0))
    })
}

/// Whether an instant lies in a window or on its end.
pub fn is_shown(at: Timestamp, shown: Window) -> bool {
    shown.start <= at && at <= shown.end
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

    fn cover(start: i64, end: i64, columns: u32) -> Cover {
        Cover {
            window: window(start, end),
            columns,
            whole: false,
            stale: false,
        }
    }

    proptest! {
        #[test]
        fn what_was_asked_for_is_sharp(
            start in 0..900_000i64, length in 10_000..1_000_000i64, columns in 200.0..1_500.0f64,
        ) {
            let bounds = window(0, 2_000_000);
            let shown = window(start, start + length);
            let (asked, columns_asked) = ask(shown, bounds, columns);
            prop_assert!(asked.start >= bounds.start && asked.end <= bounds.end);
            let given = Cover { window: asked, columns: columns_asked, whole: false, stale: false };
            prop_assert_eq!(pick(&[given], shown, columns), Some((0, true)));
        }
    }

    #[test]
    fn the_finest_that_covers_is_drawn_and_only_a_fine_one_is_enough() {
        let shown = window(400, 600);
        let covers = [
            cover(0, 1_000, 1_000),
            cover(300, 700, 1_000),
            cover(450, 550, 9_000),
        ];
        assert_eq!(pick(&covers, shown, 500.0), Some((1, true)));
        assert_eq!(pick(&covers[..1], shown, 500.0), Some((0, false)));
        assert_eq!(
            pick(&covers[2..], shown, 500.0),
            Some((0, false)),
            "not all of it"
        );
        assert_eq!(pick(&[], shown, 500.0), None);
        let whole = Cover {
            whole: true,
            ..cover(0, 1_000, 10)
        };
        assert_eq!(pick(&[covers[1], whole], shown, 500.0), Some((1, true)));
        let stale = Cover {
            stale: true,
            ..covers[1]
        };
        assert_eq!(pick(&[covers[0], stale], shown, 500.0), Some((0, false)));
        assert_eq!(
            pick(&[stale], shown, 500.0),
            Some((0, false)),
            "drawn until a new one comes"
        );
    }

    #[test]
    fn what_shows_everything_or_what_is_looked_at_stays() {
        let bounds = window(0, 1_000);
        let covers = [
            cover(0, 1_000, 100),
            cover(300, 700, 100),
            cover(100, 200, 100),
        ];
        assert_eq!(dispensable(&covers, window(400, 500), bounds), Some(2));
        assert_eq!(dispensable(&covers[..2], window(400, 500), bounds), Some(1));
        assert_eq!(dispensable(&covers[..1], window(400, 500), bounds), Some(0));
        assert_eq!(dispensable(&[], window(400, 500), bounds), None);
    }
}
