//! Which time is quiet: all of the window but the incident, from the cause's first effect to the end
//! of the impact and of whatever made it.

use model::{Analysis, Evidence, Timestamp, Window, time::DAY};

/// Quiet time, and the incident in it.
pub(super) struct Quiet {
    window: Window,
    /// From the first effect to the end; `None`: nothing happened.
    pub incident: Option<Window>,
    /// When people felt it.
    pub felt: Option<Timestamp>,
}

/// A suspect that is more probable than not began the incident.
const PROBABLE: f64 = 0.5;

impl Quiet {
    pub(super) fn of(evidence: &Evidence, analysis: &Analysis) -> Self {
        let window = evidence.window;
        let measured = analysis.impact.as_ref().map(|i| (i.start, i.end));
        let stated = evidence.impact.map(|i| (i.start, i.end));
        let felt = measured.or(stated);
        let driver = analysis.driver.as_ref();
        let suspect = analysis.suspects.first().filter(|s| s.score >= PROBABLE);
        let starts = [
            felt.map(|f| f.0),
            driver.map(|d| d.onset),
            suspect.and_then(|s| s.start),
        ];
        let incident = starts.into_iter().flatten().min().map(|start| {
            let drained = analysis.credits.iter().filter(|c| c.drain_start.is_some());
            let back = drained.filter_map(|c| c.recovery_start).max();
            let open = felt.is_none_or(|f| f.1.is_none());
            let ends = [
                felt.and_then(|f| f.1),
                back,
                suspect.and_then(|s| s.end),
                open.then_some(window.end),
            ];
            let end = ends.into_iter().flatten().max().unwrap_or(window.end);
            Window {
                start: start.max(window.start),
                end: end.min(window.end).max(start),
            }
        });
        Self {
            window,
            incident,
            felt: felt.map(|f| f.0),
        }
    }

    /// Whether an alarm that goes off then is a false one.
    pub(super) fn is_quiet(&self, at: Timestamp) -> bool {
        self.incident
            .is_none_or(|incident| at < incident.start || at > incident.end)
    }

    /// Quiet time, milliseconds.
    pub(super) fn millis(&self) -> i64 {
        let taken = self.incident.map_or(0, Window::millis);
        (self.window.millis() - taken).max(0)
    }

    /// False alarms a week of quiet time.
    pub(super) fn per_week(&self, false_alarms: u32) -> Option<f64> {
        let quiet = self.millis();
        (quiet > 0).then(|| f64::from(false_alarms) * 7.0 * DAY as f64 / quiet as f64)
    }
}
