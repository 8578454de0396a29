//! A threshold that somebody drags over a lane: which rule it is, and what it would have done.

use super::AlarmText;
use crate::view::Alarm;
use chart::drawn_unit;
use model::{
    IncidentId, SeriesMeta,
    analysis::{
        Verdict,
        back_test::{BackTest, Comparison, Periods, Rule},
    },
};

/// What a threshold on a lane would have done.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmAnswer {
    /// The incident.
    pub incident: IncidentId,
    /// The threshold.
    pub alarm: Alarm,
    /// What people call its series.
    pub label: String,
    /// Its series.
    pub meta: SeriesMeta,
    /// The rule that it is.
    pub rule: Rule,
    /// What it would have done.
    pub test: Verdict<BackTest>,
    /// Other series of the lane: their ids, and what people call them.
    pub beside: Vec<(String, String)>,
    /// Its definitions.
    pub definitions: Vec<AlarmText>,
}

/// The rule that a threshold on a drawn series is: over periods of five minutes, or of the series' own
/// where they are longer. What is drawn as a rate of sums is a sum of a period again.
pub fn rule_of(alarm: &Alarm, meta: &SeriesMeta) -> Rule {
    let usual = Periods::default();
    let periods = Periods {
        period_s: meta.period_s.unwrap_or(0).max(usual.period_s),
        ..usual
    };
    let (unit, factor) = drawn_unit(meta);
    let threshold = if unit == meta.unit {
        alarm.value() / factor
    } else {
        alarm.value() * f64::from(periods.period_s)
    };
    Rule::Threshold {
        series: meta.id.clone(),
        comparison: if alarm.above {
            Comparison::GreaterThan
        } else {
            Comparison::LessThan
        },
        threshold,
        periods,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_is_drawn_is_a_sum_that_is_tested() {
        let alarm = Alarm::new("io", false, 100.0).unwrap();
        let mut meta = SeriesMeta {
            id: "io".into(),
            unit: "Bytes".into(),
            stat: "Sum".into(),
            period_s: Some(60),
            ..SeriesMeta::default()
        };
        let tested = |meta: &SeriesMeta| match rule_of(&alarm, meta) {
            Rule::Threshold {
                threshold,
                comparison: Comparison::LessThan,
                periods,
                ..
            } => (threshold, periods.period_s),
            other => panic!("{other:?}"),
        };
        assert_eq!(tested(&meta), (30_000.0, 300));
        meta.period_s = Some(3_600);
        assert_eq!(tested(&meta), (360_000.0, 3_600));
        meta.unit = "Percent".into();
        assert_eq!(tested(&meta), (100.0, 3_600));
    }
}
