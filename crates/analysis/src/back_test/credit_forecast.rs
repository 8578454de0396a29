//! A forecast as an alarm: at the rate of the last hours the balance reaches zero in under so long.
//!
//! The rate is what anybody can set up as an alarm of their own by metric math: the lowest balance of the
//! last `lookback_s` less the lowest of as long before. Of a balance that falls these are the balance now and
//! the balance then. The forecast that the analysis makes itself is better and needs more.

use super::{
    alarm::Levels,
    periods::{self, Datapoints},
    sliding::Stat,
};
use model::{Evidence, analysis::back_test::Periods};

/// Time to zero of a balance that does not fall, seconds.
const NEVER: f64 = 1e12;

/// Time to zero at each evaluation; it breaches when it is shorter than the horizon.
pub(super) fn levels(
    evidence: &Evidence,
    id: &str,
    horizon_s: f64,
    lookback_s: i64,
    wanted: &Periods,
) -> Result<Levels, String> {
    let series = super::series(evidence, id)?;
    let wanted = wanted.of_forecast(lookback_s);
    let seen = Datapoints::sliding(series, evidence.window, &wanted, Stat::Minimum);
    let seen = super::evaluated(seen, id, wanted.period_s)?;
    let lookback = f64::from(wanted.period_s);
    let points: Vec<Option<f64>> = seen
        .points
        .iter()
        .enumerate()
        .map(|(i, now)| {
            let now = (*now)?;
            let before = (*seen.points.get(i.checked_sub(seen.stride)?)?)?;
            let lost = before - now;
            Some(-if now <= 0.0 {
                0.0
            } else if lost > 0.0 {
                (now * lookback / lost).min(NEVER)
            } else {
                NEVER
            })
        })
        .collect();
    // Before two lookbacks are over there is nothing to evaluate: that is unknown and not missing.
    let first = seen.stride.min(points.len());
    let (points, ends) = (points.get(first..), seen.ends.get(first..));
    let (points, ends) = (points.unwrap_or_default(), ends.unwrap_or_default());
    if points.iter().all(Option::is_none) {
        return Err(format!(
            "the series '{id}' is shorter than twice the {} s that the rate is taken over",
            wanted.period_s
        ));
    }
    Ok(Levels {
        values: periods::levels(points, seen.stride, &wanted),
        ends: ends.to_vec(),
        period_ms: seen.step_ms,
        below: true,
        inclusive: false,
        threshold: horizon_s,
    })
}
