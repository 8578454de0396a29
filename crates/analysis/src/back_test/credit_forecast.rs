//! A forecast as an alarm: at the rate of the last hours the balance reaches zero in under so long.
//!
//! The rate is what anybody can set up as an alarm of their own: the balance now less the balance
//! `lookback_s` ago. The forecast that the analysis makes itself is better and needs more.

use super::{alarm::Levels, periods};
use model::{Evidence, analysis::back_test::Periods};

/// Time to zero of a balance that does not fall.
const NEVER: f64 = 1e12;

/// Time to zero by period; it breaches when it is shorter than the horizon.
pub(super) fn levels(
    evidence: &Evidence,
    id: &str,
    horizon_s: f64,
    lookback_s: i64,
    wanted: &Periods,
) -> Result<Levels, String> {
    let series = super::series(evidence, id)?;
    let (ends, balances) = periods::by_period(series, evidence.window, wanted.period_s);
    let period_s = i64::from(wanted.period_s.max(1));
    let back = (lookback_s / period_s).max(1) as usize;
    let points: Vec<Option<f64>> = balances
        .iter()
        .enumerate()
        .map(|(i, now)| {
            let now = (*now)?;
            // A missing sample at the far end: the nearest later one does.
            let first = i.checked_sub(back)?;
            let (k, before) = (first..i).find_map(|k| Some((k, (*balances.get(k)?)?)))?;
            let per_s = (now - before) / ((i - k) as f64 * period_s as f64);
            Some(-if now <= 0.0 {
                0.0
            } else if per_s < 0.0 {
                (now / -per_s).min(NEVER)
            } else {
                NEVER
            })
        })
        .collect();
    if points.iter().all(Option::is_none) {
        return Err(format!(
            "the series '{id}' is shorter than the {lookback_s} s that the rate is taken over"
        ));
    }
    Ok(Levels {
        values: periods::levels(&points, wanted),
        ends,
        period_ms: period_s * 1000,
        below: true,
        inclusive: false,
        threshold: horizon_s,
    })
}
