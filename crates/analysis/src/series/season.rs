//! The daily and the weekly season: a robust profile by time of day (or of week), removed where
//! the window holds enough of them and where that really makes the series calmer.
//!
//! The profile is the median, by slot of the day, of the distance from the level. With a week and more
//! the level is the median of each day; one shifted day in seven does not move the profile. With less, a
//! shift in the middle of a day would: then the steps that are seen without any season are taken out
//! first, steps and profile are estimated in turn, and that profile counts which with the shifts that it leaves is
//! the cheapest story. A ramp of days has no levels: taken from the median of each day it looks the same every
//! day, with a jump at the end that the series has not. Then the level is the line through these medians.

mod profile;

use super::{
    blocks,
    robust::{MAD_TO_SD, median_of},
};
use crate::detectors::segmentation::{self, Levels};
use model::time::{DAY, HOUR};
use profile::{Profile, Slots};
use std::borrow::Cow;

/// Fewest whole periods before a profile is trusted: with three, the median of a time of day is
/// not moved by one unusual day.
const FEWEST_PERIODS: i64 = 3;
/// From this many on, the median of each day is level enough.
const MANY_PERIODS: i64 = 7;
/// A profile is used when it takes at least this share of the spread away; less is chance.
const WORTH_IT: f64 = 0.15;
/// So much more over the number of days: a profile of few days follows their noise.
const WORTH_IT_ONCE: f64 = 0.3;
/// Blocks in which windows are searched several times for it: hours are enough for a season.
const FEW_BLOCKS: usize = 1_440;
/// Times that steps and profile are estimated in turn in short windows.
const ROUNDS: usize = 3;
/// Samples from which it is taken how calm a series is.
const SAMPLE: usize = 1_500;
/// Distance from the median, in spreads of the calmest, from which on distances count alike.
const FAR: f64 = 6.0;

/// A thinned series: what a profile is estimated from.
struct Thin<'a> {
    times: Cow<'a, [i64]>,
    values: Cow<'a, [f64]>,
    span: i64,
    step: i64,
}

/// Values with the season removed; `None` where there is none to remove.
pub(crate) fn remove(times: &[i64], values: &[f64], step_ms: i64) -> Option<Vec<f64>> {
    let span = times.last()?.saturating_sub(*times.first()?);
    if span < FEWEST_PERIODS * DAY - step_ms || step_ms > DAY / Slots::FEWEST {
        return None;
    }
    let block = if span < MANY_PERIODS * DAY {
        blocks::size_of_at_most(values.len(), FEW_BLOCKS)
    } else {
        blocks::size(values.len())
    };
    let samples = i64::try_from(block).unwrap_or(i64::MAX);
    let thin = Thin {
        times: blocks::firsts(times, block),
        values: blocks::means(values, block),
        span,
        step: step_ms.saturating_mul(samples),
    };
    let profile = thin.best()?;
    // The first instant of a block stands for all of it.
    let late = step_ms.saturating_mul(samples - 1) / 2;
    Some(profile.removed(times, values, late))
}

impl Thin<'_> {
    /// The profile that makes the series calmest, if it is worth it.
    fn best(&self) -> Option<Profile> {
        let (daily, level) = self.daily();
        let (before, after) = (Distances::of(&level), self.left(&daily, &level));
        let calmest = after.spread.min(before.spread);
        let periods = (self.span / DAY).max(1) as f64;
        let worth_it = WORTH_IT + WORTH_IT_ONCE / periods;
        let seasonal = after.mean(calmest) < (1.0 - worth_it) * before.mean(calmest);
        let daily = Some(daily).filter(|_| seasonal);
        let weekly = if self.span >= FEWEST_PERIODS * 7 * DAY - self.step {
            let slots = Slots::weekly(self.step);
            Profile::of(&self.times, &self.values, slots, 7 * DAY)
        } else if self.span >= 2 * 7 * DAY - self.step {
            let slots = Slots::working_week(self.step);
            Profile::of(&self.times, &self.values, slots, DAY)
        } else {
            return daily;
        };
        let by_week = self.left(&weekly, &self.values);
        let by_day = daily.as_ref().map_or_else(
            || Distances::of(&self.values),
            |d| self.left(d, &self.values),
        );
        let calmest = by_week.spread.min(by_day.spread);
        if by_week.mean(calmest) < (1.0 - WORTH_IT) * by_day.mean(calmest) {
            Some(weekly)
        } else {
            daily
        }
    }

    fn left(&self, profile: &Profile, values: &[f64]) -> Distances {
        Distances::of(&profile.removed(&self.times, values, 0))
    }

    /// The daily profile, and the values without the levels that it was taken from.
    fn daily(&self) -> (Profile, Vec<f64>) {
        let (profile, level) = self.by_levels();
        if !profile.is_sawtooth(&self.times, &self.values) {
            return (profile, level);
        }
        let flat = profile::without_trend(&self.times, &self.values, DAY);
        let slots = Slots::daily(self.step);
        (Profile::of(&self.times, &flat, slots, i64::MAX), flat)
    }

    /// The daily profile over levels that hold for a day, or between shifts.
    fn by_levels(&self) -> (Profile, Vec<f64>) {
        let slots = Slots::daily(self.step);
        let plain = Profile::of(&self.times, &self.values, slots, DAY);
        let by_day = || profile::without_levels(&self.times, &self.values, DAY);
        if self.span >= MANY_PERIODS * DAY - self.step {
            return (plain, by_day());
        }
        let hour = usize::try_from(HOUR / self.step.max(1)).unwrap_or(0);
        let steps = segmentation::sharp_steps(&self.values, hour);
        if steps.is_empty() {
            return (plain, by_day());
        }
        let mut level = self.values.clone().into_owned();
        for (index, size) in steps {
            for v in level.iter_mut().skip(index) {
                *v -= size;
            }
        }
        let shifts = self.shifts(&plain);
        let mut best = (shifts, plain, by_day());
        for _ in 0..ROUNDS {
            // Without its levels the window has only one.
            let profile = Profile::of(&self.times, &level, slots, i64::MAX);
            let shifts = self.shifts(&profile);
            let next = self.without_shifts(&profile, &shifts.at);
            let settled = shifts.at == best.0.at;
            if shifts.simpler_than(&best.0) {
                best = (shifts, profile, level);
            }
            if settled {
                break;
            }
            level = next;
        }
        (best.1, best.2)
    }

    /// Where the levels shift when the profile is removed.
    fn shifts(&self, profile: &Profile) -> Levels {
        Levels::of(&profile.removed(&self.times, &self.values, 0))
    }

    /// The values less the levels that they have between shifts when the profile is removed.
    fn without_shifts(&self, profile: &Profile, shifts: &[usize]) -> Vec<f64> {
        let calm = profile.removed(&self.times, &self.values, 0);
        let mut out = Vec::with_capacity(calm.len());
        let mut from = 0;
        for to in shifts.iter().copied().chain([calm.len()]) {
            let piece = calm.get(from..to).unwrap_or(&[]);
            let level = median_of(&mut piece.to_vec()).unwrap_or(0.0);
            let values = self.values.get(from..to).unwrap_or(&[]);
            out.extend(values.iter().map(|v| v - level));
            from = to;
        }
        out
    }
}

/// Distances from the median.
struct Distances {
    of_sample: Vec<f64>,
    spread: f64,
}

impl Distances {
    fn of(values: &[f64]) -> Self {
        let stride = values.len() / SAMPLE + 1;
        let mut of_sample: Vec<f64> = values.iter().step_by(stride).copied().collect();
        let centre = median_of(&mut of_sample).unwrap_or(0.0);
        for v in &mut of_sample {
            *v = (*v - centre).abs();
        }
        let spread = MAD_TO_SD * median_of(&mut of_sample).unwrap_or(0.0);
        Self { of_sample, spread }
    }

    /// Their mean, each at most [`FAR`] spreads: office hours fill a third of a week, which no median
    /// would notice, and a few spikes are not to count more than that.
    fn mean(&self, spread: f64) -> f64 {
        let most = if spread > 0.0 {
            FAR * spread
        } else {
            f64::INFINITY
        };
        self.of_sample.iter().map(|d| d.min(most)).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::robust::centre_and_spread, *};

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
    fn sharp_edges_of_office_hours_go_too() {
        let times = minutes(14);
        let values: Vec<f64> = times
            .iter()
            .enumerate()
            .map(|(i, t)| {
                let (hour, day) = (t / 3_600_000 % 24, t / DAY % 7);
                let busy = (9..17).contains(&hour) && !(2..4).contains(&day);
                f64::from(u8::from(busy)) * 50.0 + ((i * 7919) % 101) as f64 / 50.0
            })
            .collect();
        let left = remove(&times, &values, 300_000).unwrap();
        let wild = left.iter().filter(|v| (*v - left[0]).abs() > 5.0).count();
        assert!(wild <= 20, "{wild}");
    }

    #[test]
    fn a_ramp_of_days_is_no_season() {
        let times = minutes(3);
        let values: Vec<f64> = times
            .iter()
            .map(|t| 2.1e12 - (*t as f64 / DAY as f64 - 0.4).clamp(0.0, 1.7) * 1.2e12)
            .collect();
        assert_eq!(remove(&times, &values, 300_000), None);
        let times = minutes(14);
        let wave = |t: i64| (t as f64 / DAY as f64 * std::f64::consts::TAU).sin();
        let values: Vec<f64> = times
            .iter()
            .map(|t| wave(*t) * 10.0 + (*t as f64 / DAY as f64 - 5.0).max(0.0) * 60.0)
            .collect();
        let left = remove(&times, &values, 300_000).unwrap_or(values);
        let jump = |k: usize| (left[k * 288] - left[k * 288 - 1]).abs();
        assert!((1..14).all(|k| jump(k) < 6.0), "midnights stay as they are");
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
