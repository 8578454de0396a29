//! What somebody in a hurry would say.

use model::{
    Event, EventKind, Evidence, Series, Timestamp,
    time::{HOUR, MINUTE},
};

/// The event nearest before the largest shift of the symptom (of any series where none is named).
pub(super) fn nearest_to_the_largest_shift(evidence: &Evidence) -> Option<&str> {
    let named = |s: &&Series| evidence.symptom.is_empty() || evidence.symptom.contains(&s.meta.id);
    let (_, at) = evidence
        .series
        .iter()
        .filter(named)
        .filter_map(largest_shift)
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let happens = |e: &Event| !matches!(e.kind, EventKind::Alert | EventKind::LogPattern);
    nearest(evidence, at, happens)
}

/// The rollout nearest before the most deviant sample of all series.
pub(super) fn rollout_near_the_largest_score(evidence: &Evidence) -> Option<&str> {
    let (_, at) = evidence
        .series
        .iter()
        .filter_map(largest_score)
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    nearest(evidence, at, |e| e.kind == EventKind::Rollout)
}

fn nearest(evidence: &Evidence, at: Timestamp, keep: impl Fn(&Event) -> bool) -> Option<&str> {
    evidence
        .events
        .iter()
        .filter(|e| keep(e))
        .filter_map(|e| Some((e.at()?, e)))
        .filter(|(t, _)| *t <= at.plus(MINUTE))
        .max_by_key(|(t, e)| (*t, &e.id))
        .map(|(_, e)| e.id.as_str())
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// Median and robust standard deviation.
fn centre(values: &[f64]) -> Option<(f64, f64)> {
    let mut copy = values.to_vec();
    let middle = median(&mut copy)?;
    for v in &mut copy {
        *v = (*v - middle).abs();
    }
    let spread = 1.4826 * median(&mut copy)?;
    Some((middle, spread.max(1e-3 * middle.abs()).max(1e-9)))
}

/// Size (in robust standard deviations) and time of the largest difference between the means of the
/// half hours before and after.
fn largest_shift(series: &Series) -> Option<(f64, Timestamp)> {
    let values = series.samples.values();
    let step = series.samples.step_ms()?.max(1);
    let width = ((HOUR / 2) / step).max(3) as usize;
    let (_, spread) = centre(values)?;
    let mut sums = vec![0.0];
    for v in values {
        sums.push(sums.last().copied().unwrap_or(0.0) + v);
    }
    (width..values.len().saturating_sub(width))
        .map(|i| {
            let (before, after) = (sums[i] - sums[i - width], sums[i + width] - sums[i]);
            ((after - before).abs() / width as f64 / spread, i)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .and_then(|(size, i)| Some((size, *series.samples.times().get(i)?)))
}

/// The largest robust z-score, and when half of it was reached first.
fn largest_score(series: &Series) -> Option<(f64, Timestamp)> {
    let values = series.samples.values();
    let (middle, spread) = centre(values)?;
    let score = |v: &f64| (v - middle).abs() / spread;
    let most = values.iter().map(score).fold(0.0, f64::max);
    let first = values.iter().position(|v| score(v) >= 0.5 * most)?;
    Some((most, *series.samples.times().get(first)?))
}
