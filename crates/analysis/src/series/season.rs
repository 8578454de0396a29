//! The daily and the weekly season: a robust profile by time of day (or of week), removed where
//! the window holds enough of them and where that really makes the series calmer.

use super::robust::{centre_and_spread, median_of};
use model::time::DAY;

/// Fewest whole periods before a profile is trusted: with three, the median of a time of day is
/// not moved by one unusual day.
const FEWEST_PERIODS: i64 = 3;
/// A profile is used when it takes at least this share of the spread away; less is chance.
const WORTH_IT: f64 = 0.15;
/// Longest and shortest number of slots of a day's profile (every 15 minutes, every hour).
const SLOTS: (i64, i64) = (96, 24);

/// Values with the season removed; `None` where there is none to remove.
pub(crate) fn remove(times: &[i64], values: &[f64], step_ms: i64) -> Option<Vec<f64>> {
    let span = times.last()?.saturating_sub(*times.first()?);
    let daily = without(times, values, DAY, span, step_ms);
    let weekly = without(times, values, 7 * DAY, span, step_ms);
    let spread = |v: &[f64]| centre_and_spread(v).map_or(0.0, |(_, s)| s);
    let before = spread(values);
    let best = match (daily, weekly) {
        (Some(d), Some(w)) if spread(&w) < (1.0 - WORTH_IT) * spread(&d) => w,
        (Some(d), _) => d,
        (None, Some(w)) => w,
        (None, None) => return None,
    };
    (spread(&best) < (1.0 - WORTH_IT) * before).then_some(best)
}

/// Values less the profile of `period`, `None` where the span holds too few periods.
fn without(
    times: &[i64],
    values: &[f64],
    period: i64,
    span: i64,
    step_ms: i64,
) -> Option<Vec<f64>> {
    let days = period / DAY;
    let slots = (DAY / step_ms.max(1)).clamp(1, SLOTS.0) * days;
    if span < FEWEST_PERIODS * period - step_ms || slots < SLOTS.1 * days {
        return None;
    }
    let slot_ms = period / slots;
    let levels = levels(times, values, period);
    let first = *times.first()?;
    let slot_of = |t: i64| (t.rem_euclid(period) / slot_ms).clamp(0, slots - 1) as usize;
    let mut by_slot: Vec<Vec<f64>> = vec![Vec::new(); slots as usize];
    for (t, v) in times.iter().zip(values) {
        let level = level_at(&levels, t.saturating_sub(first) / period);
        if let Some(slot) = by_slot.get_mut(slot_of(*t)) {
            slot.push(v - level);
        }
    }
    let profile: Vec<f64> = by_slot
        .iter_mut()
        .map(|slot| median_of(slot).unwrap_or(0.0))
        .collect();
    let profile = smoothed(&profile);
    let n = profile.len() as f64;
    let centre = profile.iter().sum::<f64>() / n;
    Some(
        times
            .iter()
            .zip(values)
            .map(|(t, v)| v - between(&profile, t.rem_euclid(period), slot_ms) + centre)
            .collect(),
    )
}

/// Median level of each period since the first sample, so that a shift of the level between two
/// days is not taken for a season.
fn levels(times: &[i64], values: &[f64], period: i64) -> Vec<f64> {
    let Some(first) = times.first() else {
        return Vec::new();
    };
    let mut groups: Vec<Vec<f64>> = Vec::new();
    for (t, v) in times.iter().zip(values) {
        let k = (t.saturating_sub(*first) / period).clamp(0, 4000) as usize;
        if groups.len() <= k {
            groups.resize(k + 1, Vec::new());
        }
        if let Some(group) = groups.get_mut(k) {
            group.push(*v);
        }
    }
    let mut last = 0.0;
    groups
        .iter_mut()
        .map(|group| {
            last = median_of(group).unwrap_or(last);
            last
        })
        .collect()
}

fn level_at(levels: &[f64], period: i64) -> f64 {
    levels
        .get(period.max(0) as usize)
        .or(levels.last())
        .copied()
        .unwrap_or(0.0)
}

/// Circular mean of three neighbours: the profile of few days is noisy.
fn smoothed(profile: &[f64]) -> Vec<f64> {
    let n = profile.len();
    let at = |i: usize| profile.get(i % n.max(1)).copied().unwrap_or(0.0);
    (0..n)
        .map(|i| (at(i + n - 1) + at(i) + at(i + 1)) / 3.0)
        .collect()
}

/// The profile at an offset, linear between the middles of the slots.
fn between(profile: &[f64], offset: i64, slot_ms: i64) -> f64 {
    let n = profile.len();
    let position = offset as f64 / slot_ms as f64 - 0.5 + n as f64;
    let i = position.floor();
    let share = position - i;
    let at = |k: usize| profile.get(k % n.max(1)).copied().unwrap_or(0.0);
    at(i as usize) * (1.0 - share) + at(i as usize + 1) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(days: i64) -> Vec<i64> {
        (0..days * 288).map(|i| i * 300_000).collect()
    }

    #[test]
    fn a_daily_wave_goes_and_a_shift_stays() {
        let times = minutes(6);
        let values: Vec<f64> = times
            .iter()
            .map(|t| {
                let wave = (*t as f64 / DAY as f64 * std::f64::consts::TAU).sin() * 10.0;
                wave + if *t >= 4 * DAY { 5.0 } else { 0.0 }
            })
            .collect();
        let left = remove(&times, &values, 300_000).unwrap();
        let (before, after): (f64, f64) = (left[200], left[288 * 5]);
        assert!((after - before - 5.0).abs() < 0.7, "{before} {after}");
        let (_, spread) = centre_and_spread(&left[..288 * 4]).unwrap();
        assert!(spread < 0.5, "{spread}");
    }

    #[test]
    fn noise_and_short_series_have_no_season() {
        let times = minutes(6);
        let values: Vec<f64> = (0..times.len())
            .map(|i| ((i * 7919) % 101) as f64)
            .collect();
        assert_eq!(remove(&times, &values, 300_000), None);
        assert_eq!(remove(&minutes(2), &values[..576], 300_000), None);
        assert_eq!(remove(&[], &[], 300_000), None);
    }
}
