//! A metric alarm as CloudWatch has it: a statistic per period against a fixed threshold, M of N
//! periods, missing data treated as said, evaluated every minute over periods that slide.
//!
//! The alarm goes off at the evaluation that makes it breach. Later arrival of the
//! datapoint (minutes, in practice) is not counted: it is the same for every rule.

use super::{
    alarm::Levels,
    periods::{self, Datapoints},
    sliding::Stat,
};
use model::{
    Evidence,
    analysis::back_test::{Comparison, Periods},
};

/// The levels of the series.
pub(super) fn levels(
    evidence: &Evidence,
    id: &str,
    comparison: Comparison,
    threshold: f64,
    wanted: &Periods,
) -> Result<Levels, String> {
    let series = super::series(evidence, id)?;
    let seen = Datapoints::sliding(series, evidence.window, wanted, Stat::of(series));
    let mut seen = super::evaluated(seen, id, wanted.period_s)?;
    let below = matches!(comparison, Comparison::LessThan | Comparison::LessOrEqual);
    if below {
        for point in seen.points.iter_mut().flatten() {
            *point = -*point;
        }
    }
    Ok(Levels {
        values: periods::levels(&seen.points, seen.stride, wanted),
        ends: seen.ends,
        period_ms: seen.step_ms,
        below,
        inclusive: matches!(
            comparison,
            Comparison::GreaterOrEqual | Comparison::LessOrEqual
        ),
        threshold,
    })
}
