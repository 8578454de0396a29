//! A metric alarm as CloudWatch has it: a statistic per period against a fixed threshold, M of N
//! periods, missing data treated as said.
//!
//! The alarm goes off when the period is over whose datapoint makes it breach. Later arrival of the
//! datapoint (minutes, in practice) is not counted: it is the same for every rule.

use super::{alarm::Levels, periods};
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
    let (ends, mut points) = periods::by_period(series, evidence.window, wanted.period_s);
    let below = matches!(comparison, Comparison::LessThan | Comparison::LessOrEqual);
    if below {
        for point in points.iter_mut().flatten() {
            *point = -*point;
        }
    }
    Ok(Levels {
        values: periods::levels(&points, wanted),
        ends,
        period_ms: i64::from(wanted.period_s.max(1)) * 1000,
        below,
        inclusive: matches!(
            comparison,
            Comparison::GreaterOrEqual | Comparison::LessOrEqual
        ),
        threshold,
    })
}
