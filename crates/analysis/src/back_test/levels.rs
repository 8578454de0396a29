//! What a rule is judged by: levels over time.

use super::{periods::instant, quiet::Quiet};
use model::{
    Timestamp, Window,
    analysis::back_test::{BackTest, SweepPoint},
};

/// For every evaluation of a rule the level above which a threshold is not in alarm.
pub(super) struct Levels {
    /// Levels; with `below` of the negated values.
    pub values: Vec<f64>,
    /// When each evaluation takes place, epoch milliseconds.
    pub ends: Vec<i64>,
    /// Distance of two evaluations, milliseconds.
    pub period_ms: i64,
    /// Whether the rule fires below its threshold.
    pub below: bool,
    /// Whether it fires at its threshold too.
    pub inclusive: bool,
    /// The rule's own threshold.
    pub threshold: f64,
}

impl Levels {
    /// The rule's own threshold, as the levels have it.
    pub(super) fn own(&self) -> f64 {
        self.turned(self.threshold)
    }

    /// A threshold as the levels have it, and back.
    pub(super) fn turned(&self, threshold: f64) -> f64 {
        if self.below { -threshold } else { threshold }
    }

    fn fires(&self, level: f64, threshold: f64) -> bool {
        level > threshold || self.inclusive && level >= threshold
    }

    /// What the rule would have done at a threshold.
    pub(super) fn judged(&self, threshold: f64, quiet: &Quiet) -> BackTest {
        let mut out = BackTest {
            quiet_s: quiet.millis() / 1000,
            ..BackTest::default()
        };
        let mut since: Option<Timestamp> = None;
        for (level, end) in self.values.iter().zip(&self.ends) {
            let now = instant(*end);
            match (since, self.fires(*level, threshold)) {
                (None, true) => since = Some(now),
                (Some(start), false) => {
                    out.fired.push(Window { start, end: now });
                    since = None;
                }
                _ => {}
            }
        }
        if let (Some(start), Some(last)) = (since, self.ends.last()) {
            out.fired.push(Window {
                start,
                end: instant(*last).plus(self.period_ms),
            });
        }
        let point = self.point(threshold, quiet);
        out.first = out
            .fired
            .iter()
            .map(|w| w.start)
            .find(|t| !quiet.is_quiet(*t));
        out.lead_s = point.lead_s;
        out.false_alarms = point.false_alarms;
        out.false_per_week = quiet.per_week(point.false_alarms);
        out
    }

    /// Lead and false alarms at a threshold.
    pub(super) fn point(&self, threshold: f64, quiet: &Quiet) -> SweepPoint {
        let mut out = SweepPoint {
            threshold: self.turned(threshold),
            ..SweepPoint::default()
        };
        let mut before = false;
        let mut caught = false;
        for (level, end) in self.values.iter().zip(&self.ends) {
            let now = self.fires(*level, threshold);
            if now && !before {
                let at = instant(*end);
                if quiet.is_quiet(at) {
                    out.false_alarms += 1;
                } else if !caught {
                    caught = true;
                    out.lead_s = quiet.felt.map(|felt| felt.since(at) / 1000);
                }
            }
            before = now;
        }
        out
    }
}
