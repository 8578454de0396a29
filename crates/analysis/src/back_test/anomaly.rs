//! A series that is unlike its own past: so many robust standard deviations away from the median of
//! the time before. Median and deviation are taken anew every hour, from what was known then.

use super::{
    alarm::Levels,
    periods::{self, Datapoints},
};
use crate::series::robust;
use model::{Evidence, analysis::back_test::Periods, time::HOUR};

/// Fewest periods before a value is judged.
const FEWEST: usize = 12;
/// A series that hardly moves: its deviation is at least this share of its level.
const LEAST: f64 = 0.01;

/// Distance from the median by period, in robust standard deviations.
pub(super) fn levels(
    evidence: &Evidence,
    id: &str,
    deviations: f64,
    lookback_s: i64,
    wanted: &Periods,
) -> Result<Levels, String> {
    let series = super::series(evidence, id)?;
    let seen = Datapoints::aligned(series, evidence.window, wanted.period_s);
    let Datapoints {
        ends,
        points: values,
        ..
    } = super::evaluated(seen, id, wanted.period_s)?;
    let period_ms = i64::from(wanted.period_s.max(1)) * 1000;
    let back = (lookback_s.saturating_mul(1000) / period_ms).max(1) as usize;
    let every = (HOUR / period_ms).max(1) as usize;
    let mut normal = None;
    let mut points = Vec::with_capacity(values.len());
    for (i, value) in values.iter().enumerate() {
        if i % every == 0 || normal.is_none() {
            let past = values.get(i.saturating_sub(back)..i).unwrap_or(&[]);
            let known: Vec<f64> = past.iter().copied().flatten().collect();
            normal = (known.len() >= FEWEST)
                .then(|| robust::centre_and_spread(&known))
                .flatten();
        }
        points.push(value.zip(normal).map(|(v, (centre, spread))| {
            (v - centre).abs() / spread.max(LEAST * centre.abs()).max(f64::MIN_POSITIVE)
        }));
    }
    if points.iter().all(Option::is_none) {
        return Err(format!(
            "the series '{id}' has fewer than {FEWEST} periods to be judged by"
        ));
    }
    Ok(Levels {
        values: periods::levels(&points, 1, wanted),
        ends,
        period_ms,
        below: false,
        inclusive: false,
        threshold: deviations,
    })
}
