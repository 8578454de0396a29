//! What every rule is judged by: when it goes off at a threshold.

use super::{periods::instant, quiet::Quiet};
use model::{
    Timestamp, Window,
    analysis::back_test::{BackTest, SweepPoint},
};

/// A rule over the evidence, at any threshold. Thresholds are as people have them.
pub(super) trait Alarm {
    /// The rule's own threshold.
    fn own(&self) -> f64;

    /// Every span in which it is in alarm, by time of its start.
    fn fired(&self, threshold: f64) -> Vec<Window>;

    /// Calls `each` with every instant at which it goes off, in order.
    fn starts(&self, threshold: f64, each: &mut dyn FnMut(Timestamp)) {
        for window in self.fired(threshold) {
            each(window.start);
        }
    }

    /// Thresholds that are worth trying, from the laxest to the strictest.
    fn thresholds(&self) -> Vec<f64>;

    /// Lead and false alarms at thresholds, which go from the laxest to the strictest.
    fn points(&self, thresholds: &[f64], quiet: &Quiet) -> Vec<SweepPoint> {
        let one = |threshold: &f64| point(self, *threshold, quiet);
        thresholds.iter().map(one).collect()
    }

    /// Distance of two evaluations, milliseconds.
    fn period_ms(&self) -> i64;
}

/// What a rule would have done at its own threshold.
pub(super) fn judged(alarm: &dyn Alarm, quiet: &Quiet) -> BackTest {
    let fired = alarm.fired(alarm.own());
    let point = point(alarm, alarm.own(), quiet);
    BackTest {
        first: fired.iter().map(|w| w.start).find(|t| !quiet.is_quiet(*t)),
        fired,
        lead_s: point.lead_s,
        false_alarms: point.false_alarms,
        quiet_s: quiet.millis() / 1000,
        false_per_week: quiet.per_week(point.false_alarms),
    }
}

/// Lead and false alarms at a threshold.
pub(super) fn point<A: Alarm + ?Sized>(alarm: &A, threshold: f64, quiet: &Quiet) -> SweepPoint {
    let mut out = SweepPoint {
        threshold,
        ..SweepPoint::default()
    };
    let mut caught = false;
    alarm.starts(threshold, &mut |at| {
        if quiet.is_quiet(at) {
            out.false_alarms += 1;
        } else if !caught {
            caught = true;
            out.lead_s = quiet.felt.map(|felt| felt.since(at) / 1000);
        }
    });
    out
}

/// A rule that looks at a number every period: for every evaluation the level above which a threshold
/// is not in alarm.
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
    /// A threshold as the levels have it, and back.
    fn turned(&self, threshold: f64) -> f64 {
        if self.below { -threshold } else { threshold }
    }

    fn fires(&self, level: f64, threshold: f64) -> bool {
        level > threshold || self.inclusive && level >= threshold
    }
}

/// Thresholds tried at most.
const MOST: usize = 240;

impl Alarm for Levels {
    fn own(&self) -> f64 {
        self.threshold
    }

    fn fired(&self, threshold: f64) -> Vec<Window> {
        let threshold = self.turned(threshold);
        let mut out = Vec::new();
        let mut since: Option<Timestamp> = None;
        for (level, end) in self.values.iter().zip(&self.ends) {
            let now = instant(*end);
            match (since, self.fires(*level, threshold)) {
                (None, true) => since = Some(now),
                (Some(start), false) => {
                    out.push(Window { start, end: now });
                    since = None;
                }
                _ => {}
            }
        }
        if let (Some(start), Some(last)) = (since, self.ends.last()) {
            out.push(Window {
                start,
                end: instant(*last).plus(self.period_ms),
            });
        }
        out
    }

    fn starts(&self, threshold: f64, each: &mut dyn FnMut(Timestamp)) {
        let threshold = self.turned(threshold);
        let mut before = false;
        for (level, end) in self.values.iter().zip(&self.ends) {
            let now = self.fires(*level, threshold);
            if now && !before {
                each(instant(*end));
            }
            before = now;
        }
    }

    fn thresholds(&self) -> Vec<f64> {
        let finite = self.values.iter().copied().filter(|v| v.is_finite());
        let mut all: Vec<f64> = finite.collect();
        all.sort_unstable_by(f64::total_cmp);
        let last = all.len().saturating_sub(1);
        let mut out: Vec<f64> = (0..=MOST)
            .filter_map(|k| all.get(last * k / MOST))
            .map(|v| rounded(*v))
            .collect();
        // Incidents are at the ends of the levels: shares of the whole range are tried too.
        if let (Some(low), Some(high)) = (all.first(), all.last()) {
            out.extend((0..20).map(|k| rounded(low + (high - low) * f64::from(k) / 20.0)));
        }
        out.sort_unstable_by(f64::total_cmp);
        out.dedup();
        out.into_iter().map(|v| self.turned(v)).collect()
    }

    /// All thresholds in one pass: those between the last level and this one go off now.
    fn points(&self, thresholds: &[f64], quiet: &Quiet) -> Vec<SweepPoint> {
        let mut out: Vec<SweepPoint> = thresholds
            .iter()
            .map(|threshold| SweepPoint {
                threshold: *threshold,
                ..SweepPoint::default()
            })
            .collect();
        let mut caught = vec![false; thresholds.len()];
        let mut before = 0;
        for (level, end) in self.values.iter().zip(&self.ends) {
            let now = thresholds.partition_point(|t| self.fires(*level, self.turned(*t)));
            let at = instant(*end);
            let is_quiet = now > before && quiet.is_quiet(at);
            for k in before..now {
                let (Some(point), Some(caught)) = (out.get_mut(k), caught.get_mut(k)) else {
                    continue;
                };
                if is_quiet {
                    point.false_alarms += 1;
                } else if !*caught {
                    *caught = true;
                    point.lead_s = quiet.felt.map(|felt| felt.since(at) / 1000);
                }
            }
            before = now;
        }
        out
    }

    fn period_ms(&self) -> i64 {
        self.period_ms
    }
}

/// To three significant digits: nobody sets a threshold of seven.
pub(super) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let size = 10_f64.powi(2 - value.abs().log10().floor() as i32);
    let scaled = (value * size).round() / size;
    if scaled.is_finite() { scaled } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Analysis, Evidence, Impact};
    use proptest::prelude::*;

    proptest! {
        /// One pass over all thresholds says what a pass for each says.
        #[test]
        fn one_pass_is_as_good_as_many(
            values in prop::collection::vec(prop_oneof![
                (-5_i8..5).prop_map(f64::from),
                Just(f64::INFINITY),
                Just(f64::NEG_INFINITY),
            ], 1..60),
            below in any::<bool>(),
            inclusive in any::<bool>(),
            felt in 0_i64..60,
        ) {
            let evidence = Evidence {
                window: Window {
                    start: instant(0),
                    end: instant(61),
                },
                impact: Some(Impact {
                    start: instant(felt),
                    end: Some(instant(felt + 9)),
                }),
                ..Evidence::default()
            };
            let quiet = Quiet::of(&evidence, &Analysis::default());
            let levels = Levels {
                ends: (1..).take(values.len()).collect(),
                values,
                period_ms: 1,
                below,
                inclusive,
                threshold: 0.0,
            };
            let thresholds = levels.thresholds();
            let many: Vec<SweepPoint> = thresholds.iter().map(|t| point(&levels, *t, &quiet)).collect();
            prop_assert_eq!(levels.points(&thresholds, &quiet), many);
        }
    }
}
