//! What of an incident's timeline is looked at, and how: plain data and pure functions, the same on
//! the server and in the browser.
//!
//! A [`View`] is all that an address holds. The server draws the page of it ([`query`] reads it out
//! of the address), so that a link opens that very view without JavaScript; the browser changes it
//! and writes the address anew. Nothing here draws, asks the network or touches a page.

pub mod alarm;
pub mod arrange;
pub mod cache;
pub mod compare;
pub mod filter;
pub mod find;
pub mod gesture;
pub mod query;
pub mod rows;
pub mod scale;
pub mod snap;
pub mod strip;
pub mod turns;
pub mod words;
pub mod zoom;

pub use alarm::Alarm;
pub use arrange::Arrangement;
pub use compare::Compare;
pub use filter::{Filter, Part};
pub use query::Ignored;
pub use scale::Scale;

use model::{Timestamp, Window};

/// One way to look at a timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// From when to when; `None`: everything that the incident has.
    pub window: Option<Window>,
    /// Which lanes, in which order, how high, on which axis.
    pub lanes: Arrangement,
    /// The suspect whose events and series are lit.
    pub focus: Option<String>,
    /// What the lanes are compared with.
    pub compare: Option<Compare>,
    /// Which events are listed.
    pub filter: Filter,
    /// The event that is marked, in its lane and in the table.
    pub event: Option<String>,
    /// The threshold that is tried.
    pub alarm: Option<Alarm>,
}

impl View {
    /// The window that is drawn, inside of `bounds`, the incident's own.
    pub fn window(&self, bounds: Window) -> Window {
        self.window
            .map_or(bounds, |window| zoom::clamp(window, bounds))
    }

    /// Looks at `window`, or at everything where that is what `window` holds.
    pub fn look_at(&mut self, window: Window, bounds: Window) {
        let window = zoom::clamp(window, bounds);
        self.window = (window != bounds).then_some(window);
    }

    /// Whether two views show the same span of time. Views that differ in it are steps of their own
    /// in the browser's history.
    pub fn same_window(&self, other: &Self) -> bool {
        self.window == other.window
    }
}

/// A span worth looking at, by name: `onset ± 2 h`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preset {
    /// Its id, e.g. `onset`.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// From when to when.
    pub window: Window,
}

/// Half of what is shown around an onset: long enough for the lead of a slow cause, short enough
/// for single samples of a minute.
pub const AROUND_ONSET_MS: i64 = 2 * model::time::HOUR;

/// The presets of an incident, those first that tell most; each lies inside of `bounds`. What is not
/// known has none.
pub fn presets(
    bounds: Window,
    onset: Option<Timestamp>,
    drain: Option<Window>,
    impact: Option<Window>,
) -> Vec<Preset> {
    let preset = |id: &str, label: &str, window| Preset {
        id: id.to_owned(),
        label: label.to_owned(),
        window: zoom::clamp(window, bounds),
    };
    let touching = |window: &Window| bounds.touches(window.start, Some(window.end));
    let onset = onset.filter(|at| bounds.contains(*at)).map(|at| {
        let window = Window { start: at, end: at }.widened(AROUND_ONSET_MS);
        preset("onset", "Onset ± 2 h", window)
    });
    let drain = drain
        .filter(touching)
        .map(|span| preset("drain", "Whole drain", zoom::with_margin(span)));
    let impact = impact
        .filter(touching)
        .map(|span| preset("impact", "Impact", zoom::with_margin(span)));
    let mut all: Vec<Preset> = [onset, drain, impact].into_iter().flatten().collect();
    all.push(preset("everything", "Everything", bounds));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::HOUR;

    fn window(start: i64, end: i64) -> Window {
        Window {
            start: Timestamp::from_millis(start),
            end: Timestamp::from_millis(end),
        }
    }

    #[test]
    fn everything_is_no_window_of_its_own() {
        let bounds = window(0, 10 * HOUR);
        let mut view = View::default();
        view.look_at(window(HOUR, 2 * HOUR), bounds);
        assert_eq!(view.window(bounds), window(HOUR, 2 * HOUR));
        view.look_at(window(-HOUR, 20 * HOUR), bounds);
        assert_eq!(view, View::default());
        assert_eq!(view.window(bounds), bounds);
    }

    #[test]
    fn presets_lie_inside_and_only_what_is_known_has_one() {
        let bounds = window(0, 10 * HOUR);
        let at = Timestamp::from_millis(HOUR);
        let all = presets(bounds, Some(at), Some(window(4 * HOUR, 20 * HOUR)), None);
        let ids: Vec<&str> = all.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(ids, ["onset", "drain", "everything"]);
        // As long as it should be, moved inside.
        assert_eq!(all[0].window, window(0, 4 * HOUR));
        assert!(
            all.iter()
                .all(|p| p.window.start >= bounds.start && p.window.end <= bounds.end)
        );
        let outside = Some(Timestamp::from_millis(11 * HOUR));
        assert_eq!(presets(bounds, outside, None, None).len(), 1);
    }
}
