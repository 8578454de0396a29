//! Which instants to ask for, and in how many calls. Pure.

use model::time::SECOND;
use model::{Timestamp, Window};

/// Points of one series in one answer: Prometheus refuses more than 11,000 (`ErrBadQuery` of
/// `/api/v1/query_range`, "exceeded maximum resolution").
pub(super) const MAX_POINTS: i64 = 11_000;
/// Calls that a query may take before its step grows: at a minute, a month.
pub(super) const MAX_CALLS: i64 = 4;
/// Steps, seconds: each divides those of the pyramid of a chart, and an hour.
const STEPS: [i64; 11] = [1, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];

/// Instants from `first` to `last`, both asked, `step_s` seconds apart; multiples of the step, so
/// that the same window asked again, or a part of it, gives the same instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) step_s: i64,
}

impl Grid {
    /// Number of instants.
    pub(super) fn points(self) -> i64 {
        self.last.since(self.first) / (self.step_s * SECOND) + 1
    }

    /// The span of time that it stands for.
    pub(super) fn window(self) -> Window {
        Window {
            start: self.first,
            end: self.last.plus(self.step_s * SECOND),
        }
    }

    /// Both halves; `None` for a single instant.
    pub(super) fn halves(self) -> Option<(Self, Self)> {
        let step = self.step_s * SECOND;
        let points = self.points();
        (points > 1).then(|| {
            let cut = self.first.plus((points / 2) * step);
            let early = Self {
                last: cut.plus(-step),
                ..self
            };
            (early, Self { first: cut, ..self })
        })
    }
}

/// The finest step, not below that of the scrapes, at which the window fits into the calls.
fn step(window: Window, scrape_s: u32) -> i64 {
    let finest = i64::from(scrape_s.max(1));
    let fits = |step: i64| window.millis() / SECOND / step < MAX_CALLS * (MAX_POINTS - 1);
    if fits(finest) {
        return finest;
    }
    let known = STEPS.iter().find(|s| **s > finest && fits(**s));
    known.copied().unwrap_or_else(|| {
        // Years: whole hours, as many as it takes.
        let hours = window.millis() / SECOND / (MAX_CALLS * (MAX_POINTS - 1)) / 3_600 + 1;
        hours.max(1) * 3_600
    })
}

/// The instants of a window that had come by `now`; `None` where there is none.
pub(super) fn grid(window: Window, now: Timestamp, scrape_s: u32) -> Option<Grid> {
    let step_s = step(window, scrape_s);
    let step = step_s * SECOND;
    let first = window.start.plus(step - 1).floor_to(step);
    // The end is not inside.
    let last = window.end.plus(-1).min(now).floor_to(step);
    (first <= last).then_some(Grid {
        first,
        last,
        step_s,
    })
}

/// The calls, oldest first.
pub(super) fn calls(grid: Grid) -> Vec<Grid> {
    let span = (MAX_POINTS - 1) * grid.step_s * SECOND;
    let mut out = Vec::new();
    let mut first = grid.first;
    while first <= grid.last {
        let last = first.plus(span).min(grid.last);
        out.push(Grid {
            first,
            last,
            ..grid
        });
        first = last.plus(grid.step_s * SECOND);
    }
    out
}

/// The span of a `rate()` at this step, as Grafana computes `$__rate_interval`: at least four scrapes,
/// so that one that failed leaves no hole, and a scrape more than the step, so that nothing falls
/// between two steps.
pub(super) fn rate_interval(step_s: i64, scrape_s: u32) -> String {
    let scrape = i64::from(scrape_s);
    format!("{}s", (step_s + scrape).max(4 * scrape))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::{DAY, HOUR};
    use proptest::prelude::*;

    fn window(start_s: i64, ms: i64) -> Window {
        let start = Timestamp::from_seconds(start_s);
        Window::new(start, start.plus(ms)).unwrap()
    }

    #[test]
    fn the_step_is_the_finest_that_fits() {
        for (ms, scrape, step) in [
            (HOUR, 15, 15),
            (DAY, 15, 15),
            (7 * DAY, 15, 15),
            (8 * DAY, 15, 30),
            (30 * DAY, 60, 60),
            (31 * DAY, 60, 120),
            (400 * DAY, 15, 1_800),
            (20 * 366 * DAY, 60, 14_400),
            (HOUR, 7, 7),
        ] {
            assert_eq!(self::step(window(0, ms), scrape), step, "{} h", ms / HOUR);
        }
    }

    #[test]
    fn nothing_is_asked_of_the_future_or_between_two_steps() {
        let w = window(1_000_000_010, HOUR);
        assert_eq!(grid(w, w.start.plus(-HOUR), 60), None);
        let short = window(1_000_000_021, 10 * SECOND);
        assert_eq!(grid(short, short.end, 60), None);
        let now = w.start.plus(20 * 60 * SECOND);
        let grid = grid(w, now, 60).unwrap();
        assert_eq!(grid.first, Timestamp::from_seconds(1_000_000_020));
        assert!(grid.last <= now && now.since(grid.last) < 60 * SECOND);
    }

    proptest! {
        #[test]
        fn calls_cover_every_instant_once_within_the_limit(
            start in 0_i64..2_000_000_000, ms in 1_i64..(900 * DAY), scrape in 1_u32..600, late in 0_i64..DAY
        ) {
            let w = window(start, ms);
            if let Some(grid) = grid(w, w.end.plus(late - DAY / 2), scrape) {
                let calls = calls(grid);
                prop_assert!(calls.len() <= usize::try_from(MAX_CALLS).unwrap());
                let mut next = grid.first;
                for call in &calls {
                    prop_assert!(call.points() >= 1 && call.points() <= MAX_POINTS);
                    prop_assert_eq!(call.first, next);
                    prop_assert_eq!(call.first.millis() % (call.step_s * SECOND), 0);
                    next = call.window().end;
                    if let Some((a, b)) = call.halves() {
                        prop_assert_eq!(a.points() + b.points(), call.points());
                        prop_assert_eq!(a.window().end, b.first);
                    }
                }
                prop_assert_eq!(next, grid.window().end);
                prop_assert!(w.contains(grid.first) && w.contains(grid.last));
            }
        }
    }
}
