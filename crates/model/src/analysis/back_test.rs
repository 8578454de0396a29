//! Alarm rules, and what they would have done.

use crate::{SeriesMeta, Timestamp, Window, time::span_text};
use serde::{Deserialize, Serialize};

/// How a value is compared with a threshold, as CloudWatch has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Breaching when above.
    #[default]
    GreaterThan,
    /// Breaching when above or equal.
    GreaterOrEqual,
    /// Breaching when below.
    LessThan,
    /// Breaching when below or equal.
    LessOrEqual,
}

/// What an alarm makes of missing data, as CloudWatch has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingData {
    /// They are not considered; with none at all the state is "insufficient data".
    #[default]
    Missing,
    /// The state stays as it is.
    Ignore,
    /// As if they breached.
    Breaching,
    /// As if they did not.
    NotBreaching,
}

/// So many of the last so many periods must breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periods {
    /// Length of a period, seconds; at least 1.
    pub period_s: u32,
    /// Periods that must breach ("datapoints to alarm"), 1 to `of`.
    pub breaching: u32,
    /// Periods that are looked at ("evaluation periods").
    pub of: u32,
    /// What missing data mean.
    #[serde(default)]
    pub missing: MissingData,
}

impl Default for Periods {
    /// One period of five minutes.
    fn default() -> Self {
        Self {
            period_s: 300,
            breaching: 1,
            of: 1,
            missing: MissingData::default(),
        }
    }
}

/// A rule that could have been set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// A metric alarm: a series against a fixed threshold.
    Threshold {
        /// Series id.
        series: String,
        /// How it compares.
        comparison: Comparison,
        /// Threshold, in the series' unit.
        threshold: f64,
        /// M of N, and missing data.
        periods: Periods,
    },
    /// A burst balance that reaches zero in less than so long at the rate of the last hours.
    CreditForecast {
        /// The balance's series id.
        series: String,
        /// Fires below this time to zero, seconds.
        horizon_s: f64,
        /// The rate is that of so many seconds.
        lookback_s: i64,
        /// What missing data mean; the period is the lookback, see [`Periods::of_forecast`].
        periods: Periods,
    },
    /// A pod that is Terminating for longer.
    ZombieAge {
        /// Fires above this age since the deletionTimestamp, seconds.
        age_s: f64,
    },
    /// A series that is unlike its own last day.
    Anomaly {
        /// Series id.
        series: String,
        /// Fires beyond so many robust standard deviations from the median.
        deviations: f64,
        /// The median and the deviation are those of so many seconds before.
        lookback_s: i64,
        /// M of N, and missing data.
        periods: Periods,
    },
}

/// What a rule would have done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BackTest {
    /// Spans in which it was in alarm.
    pub fired: Vec<Window>,
    /// When it fired for this incident: the first time between the cause's effect and the end.
    pub first: Option<Timestamp>,
    /// From there to the impact, seconds; negative: after people felt it.
    pub lead_s: Option<i64>,
    /// Times that it fired on quiet time.
    pub false_alarms: u32,
    /// Quiet time in the evidence, seconds.
    pub quiet_s: i64,
    /// False alarms a week of quiet time; `None` without quiet time.
    pub false_per_week: Option<f64>,
}

/// A rule with what it would have done in this incident.
#[derive(Clone, Debug, PartialEq)]
pub struct TestedRule {
    /// The rule.
    pub rule: Rule,
    /// What it would have done; `None`: the evidence lacks what it looks at.
    pub tested: Option<BackTest>,
    /// What is missing to test it; empty: nothing.
    pub missing: String,
}

/// One threshold that was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SweepPoint {
    /// The threshold, horizon, age or number of deviations.
    pub threshold: f64,
    /// Lead before the impact, seconds; `None`: it does not fire for this incident.
    pub lead_s: Option<i64>,
    /// Times that it fires on quiet time.
    pub false_alarms: u32,
}

/// Thresholds that were tried, and the best.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// From the laxest to the strictest.
    pub points: Vec<SweepPoint>,
    /// The longest lead with no more than the wanted false alarms; of
    /// those that lead alike the one with most room on both sides.
    pub best: Option<SweepPoint>,
    /// Quiet time that the false alarms were counted on, seconds.
    pub quiet_s: i64,
    /// Why the proposal has to be taken with care.
    pub note: Option<String>,
}

impl Comparison {
    /// The comparison in words: `above`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::GreaterThan => "above",
            Self::GreaterOrEqual => "at or above",
            Self::LessThan => "below",
            Self::LessOrEqual => "at or below",
        }
    }

    /// The comparison as a sign: `>`.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::GreaterThan => ">",
            Self::GreaterOrEqual => ">=",
            Self::LessThan => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

impl Periods {
    /// Those of a forecast: one period as long as the time that the rate is taken over, in whole minutes, as an
    /// alarm on metric math needs them.
    #[must_use]
    pub fn of_forecast(self, lookback_s: i64) -> Self {
        Self {
            period_s: u32::try_from(lookback_s / 60 * 60)
                .unwrap_or(u32::MAX / 60 * 60)
                .max(60),
            breaching: 1,
            of: 1,
            ..self
        }
    }

    /// `in 2 of 3 periods of 5 min`.
    pub fn words(&self) -> String {
        let period = span_text(i64::from(self.period_s) * 1000);
        if self.of <= 1 {
            format!("in a period of {period}")
        } else {
            format!("in {} of {} periods of {period}", self.breaching, self.of)
        }
    }
}

impl Rule {
    /// Id of the series that it looks at, where it looks at one.
    pub fn series(&self) -> Option<&str> {
        match self {
            Self::Threshold { series, .. }
            | Self::CreditForecast { series, .. }
            | Self::Anomaly { series, .. } => Some(series),
            Self::ZombieAge { .. } => None,
        }
    }

    /// When it goes off, where it looks at periods.
    pub fn periods(&self) -> Option<&Periods> {
        match self {
            Self::Threshold { periods, .. }
            | Self::CreditForecast { periods, .. }
            | Self::Anomaly { periods, .. } => Some(periods),
            Self::ZombieAge { .. } => None,
        }
    }

    /// What sweeps over: the threshold, horizon (s), age (s) or number of deviations.
    pub const fn threshold(&self) -> f64 {
        match self {
            Self::Threshold { threshold, .. } => *threshold,
            Self::CreditForecast { horizon_s, .. } => *horizon_s,
            Self::ZombieAge { age_s } => *age_s,
            Self::Anomaly { deviations, .. } => *deviations,
        }
    }

    /// The same rule with another threshold, see [`Rule::threshold`].
    #[must_use]
    pub fn at(&self, value: f64) -> Self {
        let mut rule = self.clone();
        match &mut rule {
            Self::Threshold { threshold, .. } => *threshold = value,
            Self::CreditForecast { horizon_s, .. } => *horizon_s = value,
            Self::ZombieAge { age_s } => *age_s = value,
            Self::Anomaly { deviations, .. } => *deviations = value,
        }
        rule
    }

    /// The rule in words. `series` is what people call its series, `meta` what it is, and `value`
    /// writes a number of it.
    pub fn words(
        &self,
        series: &str,
        meta: Option<&SeriesMeta>,
        value: impl Fn(f64, &SeriesMeta) -> String,
    ) -> String {
        let long = |seconds: f64| span_text((seconds * 1000.0) as i64);
        match self {
            Self::Threshold {
                comparison,
                threshold,
                periods,
                ..
            } => {
                let threshold =
                    meta.map_or_else(|| threshold.to_string(), |m| value(*threshold, m));
                let (than, when) = (comparison.words(), periods.words());
                format!("{series} {than} {threshold} {when}")
            }
            Self::CreditForecast {
                horizon_s,
                lookback_s,
                ..
            } => format!(
                "{series} reaches zero in less than {} at the rate of the last {}",
                long(*horizon_s),
                span_text(lookback_s * 1000),
            ),
            Self::ZombieAge { age_s } => {
                format!(
                    "a pod Terminating for more than {} past its grace",
                    long(*age_s)
                )
            }
            Self::Anomaly {
                deviations,
                lookback_s,
                periods,
                ..
            } => format!(
                "{series} more than {deviations} robust standard deviations from the median of the \
                 last {}, {}",
                span_text(lookback_s * 1000),
                periods.words()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_people_say_it() {
        let rule = Rule::Threshold {
            series: "io".into(),
            comparison: Comparison::GreaterThan,
            threshold: 5.0,
            periods: Periods {
                breaching: 2,
                of: 3,
                ..Periods::default()
            },
        };
        let meta = SeriesMeta::default();
        let words = rule.words("IO (Sum)", Some(&meta), |v, _| format!("{v} B"));
        assert_eq!(words, "IO (Sum) above 5 B in 2 of 3 periods of 5 min");
        assert_eq!(rule.at(7.0).threshold().to_bits(), 7.0_f64.to_bits());
        assert_eq!(rule.series(), Some("io"));
        let zombie = Rule::ZombieAge { age_s: 600.0 };
        let words = zombie.words("", None, |_, _| String::new());
        assert_eq!(
            words,
            "a pod Terminating for more than 10 min past its grace"
        );
    }
}
