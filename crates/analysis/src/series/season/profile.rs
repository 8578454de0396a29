//! A profile: the usual distance from the level by slot of a day or of a week.

use crate::series::robust::median_of;
use model::time::DAY;

/// How a period is cut into slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slots {
    /// Slots a day.
    a_day: i64,
    /// What the slots repeat over.
    period: Period,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Day,
    Week,
    /// One profile for the working days, one for the weekend: two weeks are enough for it.
    WorkingWeek,
}

/// Where the weekend begins, counted from the epoch, a Thursday: Saturday, and it ends on Monday.
const WEEKEND: std::ops::Range<i64> = 2..4;

impl Slots {
    /// Fewest slots a day; a longer step says too little about the time of day.
    pub(super) const FEWEST: i64 = 24;
    /// Most: five minutes. Schedules begin on such minutes, so that their edges are between slots.
    const MOST: i64 = 288;

    fn of(step_ms: i64, period: Period) -> Self {
        // A divisor of the day, so that all slots are equally long.
        let most = (DAY / step_ms.max(1)).clamp(1, Self::MOST);
        let a_day = (1..=most).rev().find(|k| Self::MOST % k == 0).unwrap_or(1);
        Self { a_day, period }
    }

    pub(super) fn daily(step_ms: i64) -> Self {
        Self::of(step_ms, Period::Day)
    }

    pub(super) fn weekly(step_ms: i64) -> Self {
        Self::of(step_ms, Period::Week)
    }

    pub(super) fn working_week(step_ms: i64) -> Self {
        Self::of(step_ms, Period::WorkingWeek)
    }

    fn count(self) -> usize {
        let days = match self.period {
            Period::Day => 1,
            Period::WorkingWeek => 2,
            Period::Week => 7,
        };
        (self.a_day * days) as usize
    }

    /// Which of the profile's days an instant is on.
    fn day(self, t: i64) -> i64 {
        let day = t.div_euclid(DAY);
        match self.period {
            Period::Day => 0,
            Period::Week => day.rem_euclid(7),
            Period::WorkingWeek => i64::from(WEEKEND.contains(&day.rem_euclid(7))),
        }
    }
}

/// The day that is at hand: neighbours are mostly in the same one, and a division costs as much as all else.
struct Today {
    slots: Slots,
    midnight: i64,
    base: usize,
}

impl Today {
    fn of(slots: Slots) -> Self {
        Self {
            slots,
            midnight: i64::MAX,
            base: 0,
        }
    }

    /// Midnight before an instant, and where the slots of its day begin in a profile.
    fn at(&mut self, t: i64) -> (i64, usize) {
        if !(0..DAY).contains(&t.saturating_sub(self.midnight)) {
            self.midnight = t.div_euclid(DAY).saturating_mul(DAY);
            self.base = (self.slots.day(t) * self.slots.a_day).max(0) as usize;
        }
        (self.midnight, self.base)
    }
}

/// Stretches of equal length since the first instant, the one at hand remembered.
struct Stretches {
    first: i64,
    length: i64,
    index: usize,
    ends: i64,
}

impl Stretches {
    fn of(first: i64, length: i64) -> Self {
        let length = length.max(1);
        Self {
            first,
            length,
            index: 0,
            ends: first.saturating_add(length),
        }
    }

    /// Which stretch an instant is in. Instants come in order.
    fn index(&mut self, t: i64) -> usize {
        if t >= self.ends {
            let k = (t.saturating_sub(self.first) / self.length).clamp(0, MOST_STRETCHES);
            self.index = k as usize;
            let ends = (k + 1).saturating_mul(self.length);
            self.ends = self.first.saturating_add(ends);
        }
        self.index
    }
}

/// A profile and its slots.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    slots: Slots,
    levels: Vec<f64>,
    /// A difference of neighbouring slots beyond which there is an edge between them.
    edge: f64,
}

/// An edge is this many times the usual difference of neighbouring slots.
const EDGE: f64 = 8.0;

impl Profile {
    /// The profile of values less the median of each stretch of `level_ms`.
    pub(super) fn of(times: &[i64], values: &[f64], slots: Slots, level_ms: i64) -> Self {
        let level = levels(times, values, level_ms);
        let first = times.first().copied().unwrap_or(0);
        let scale = slots.a_day as f64 / DAY as f64;
        let mut day = Today::of(slots);
        // Half a millisecond keeps what is at the edge of a slot on its side of it.
        let slot = |t: i64| {
            let (midnight, base) = day.at(t);
            base + (((t - midnight) as f64 + 0.5) * scale) as u32 as usize
        };
        // Grouped by slot in one array: where each group begins, then its members.
        let of_sample: Vec<usize> = times.iter().copied().map(slot).collect();
        let mut ends = vec![0_usize; slots.count() + 1];
        for s in &of_sample {
            if let Some(count) = ends.get_mut(s + 1) {
                *count += 1;
            }
        }
        for k in 1..ends.len() {
            ends[k] += ends[k - 1];
        }
        let mut grouped = vec![0.0; values.len()];
        let mut next = ends.clone();
        let mut of_level = Stretches::of(first, level_ms);
        for ((s, v), t) in of_sample.iter().zip(values).zip(times) {
            let period = of_level.index(*t);
            let base = level.get(period).or(level.last()).copied().unwrap_or(0.0);
            if let Some(place) = next.get_mut(*s)
                && let Some(member) = grouped.get_mut(*place)
            {
                *member = v - base;
                *place += 1;
            }
        }
        let raw: Vec<f64> = ends
            .windows(2)
            .map(|pair| match pair {
                [from, to] => grouped.get_mut(*from..*to).and_then(median_of),
                _ => None,
            })
            .map(|level| level.unwrap_or(0.0))
            .collect();
        let mut profile = Self::smoothed(slots, &raw);
        if slots.period == Period::WorkingWeek {
            let offset = weekend(&level, first);
            let weekend = profile.levels.iter_mut().skip(slots.a_day as usize);
            weekend.for_each(|v| *v += offset);
        }
        profile
    }

    /// The running median of five slots, then the mean of three, but of none beyond an edge: the
    /// profile of few days is noisy, and office hours are not.
    fn smoothed(slots: Slots, raw: &[f64]) -> Self {
        let n = raw.len().max(1);
        let at = |values: &[f64], i: usize| values.get(i % n).copied().unwrap_or(0.0);
        let calm: Vec<f64> = (0..raw.len())
            .map(|i| {
                let mut five = [2, 1, 0, n - 1, n - 2].map(|k| at(raw, i + k));
                median_of(&mut five).unwrap_or(0.0)
            })
            .collect();
        let mut steps: Vec<f64> = (0..n)
            .map(|i| (at(&calm, i + 1) - at(&calm, i)).abs())
            .collect();
        let edge = EDGE
            * (steps.iter().sum::<f64>() / n as f64)
                .min(3.0 * median_of(&mut steps).unwrap_or(0.0));
        let mut levels: Vec<f64> = (0..calm.len())
            .map(|i| {
                let here = at(&calm, i);
                let near = |k: usize| {
                    let there = at(&calm, i + k);
                    if (there - here).abs() > edge {
                        here
                    } else {
                        there
                    }
                };
                (near(n - 1) + here + near(1)) / 3.0
            })
            .collect();
        let centre = levels.iter().sum::<f64>() / n as f64;
        for level in &mut levels {
            *level -= centre;
        }
        Self {
            slots,
            levels,
            edge,
        }
    }

    /// Values less the profile. `late` is added to no instant but to where slots begin.
    pub(super) fn removed(&self, times: &[i64], values: &[f64], late: i64) -> Vec<f64> {
        let scale = 2.0 * self.slots.a_day as f64 / DAY as f64;
        let lines = self.lines();
        let mut day = Today::of(self.slots);
        times
            .iter()
            .zip(values)
            .map(|(t, v)| {
                let t = t.saturating_sub(late);
                let (midnight, base) = day.at(t);
                let position = (t - midnight) as f64 * scale;
                // Through 32 bits: a number of 64 costs several times as much to turn.
                let half = position as u32;
                let line = lines.get(2 * base + half as usize);
                let (at, slope) = line.copied().unwrap_or((0.0, 0.0));
                v - at - slope * (position - f64::from(half))
            })
            .collect()
    }

    /// The profile over every half of a slot: where it begins and how far it goes until the end of the half.
    /// It is linear between the middles of slots but not over an edge.
    fn lines(&self) -> Vec<(f64, f64)> {
        let n = self.levels.len();
        let at = |i: usize| self.levels.get(i % n.max(1)).copied().unwrap_or(0.0);
        let mut out = Vec::with_capacity(2 * n);
        for slot in 0..n {
            let here = at(slot);
            let towards = |k: usize| {
                let there = at(slot + k);
                if (there - here).abs() > self.edge {
                    0.0
                } else {
                    (there - here) / 2.0
                }
            };
            let (before, after) = (towards(n - 1), towards(1));
            out.push((here + before, -before));
            out.push((here, after));
        }
        out
    }
}

/// Slots on each side of where a stretch ends.
const BESIDE: u8 = 3;
/// Share of a profile's range that a jump must be to be most of it.
const MOST_OF_IT: f64 = 0.5;

impl Profile {
    /// Whether most of a daily profile is a jump where the stretches of its levels end, which the values do
    /// not have: it is a trend, cut into days.
    pub(super) fn is_sawtooth(&self, times: &[i64], values: &[f64]) -> bool {
        let (n, some) = (self.levels.len(), usize::from(BESIDE));
        let Some(first) = times.first().filter(|_| n > 4 * some) else {
            return false;
        };
        let slot_ms = DAY / self.slots.a_day;
        let end = (first.rem_euclid(DAY) / slot_ms).max(0) as usize;
        let beside = |from: usize| {
            let slots = (from..from + some).map(|i| self.levels.get(i % n).unwrap_or(&0.0));
            slots.sum::<f64>() / f64::from(BESIDE)
        };
        let jump = beside(end) - beside(end + n - some);
        let high = self
            .levels
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        let low = self.levels.iter().copied().fold(f64::INFINITY, f64::min);
        if jump.abs() < MOST_OF_IT * (high - low) {
            return false;
        }
        let reach = slot_ms * i64::from(BESIDE);
        let between = |from: i64, to: i64| {
            let range = times.partition_point(|t| *t < from)..times.partition_point(|t| *t < to);
            median_of(&mut values.get(range)?.to_vec())
        };
        let ends = (1..MOST_STRETCHES).map(|k| first.saturating_add(k * DAY));
        let last = times.last().copied().unwrap_or(*first);
        let mut shown: Vec<f64> = ends
            .take_while(|t| *t < last)
            .filter_map(|t| Some((between(t, t + reach)? - between(t - reach, t)?) / jump))
            .collect();
        median_of(&mut shown).is_some_and(|share| share < MOST_OF_IT)
    }
}

/// How much the level of days, the first at `first`, is higher at weekends: for every weekend the
/// smaller of its differences from the days before and after it, and of these the smallest. A shift of
/// the level beside a weekend is no habit.
fn weekend(by_day: &[f64], first: i64) -> f64 {
    // Days are counted from the first sample on; the middle of one says which it is.
    let middle = first.saturating_add(DAY / 2).div_euclid(DAY).rem_euclid(7);
    let free: Vec<bool> = (0..7_i64)
        .map(|k| WEEKEND.contains(&(middle + k).rem_euclid(7)))
        .collect();
    let is_free = |k: usize| free.get(k % 7).copied().unwrap_or(false);
    let days = by_day.len();
    let mut least: Option<f64> = None;
    for start in (1..days).filter(|k| is_free(*k) && !is_free(k - 1)) {
        let end = (start..days).find(|k| !is_free(*k)).unwrap_or(days);
        let (Some(inside), Some(before), Some(after)) =
            (by_day.get(start), by_day.get(start - 1), by_day.get(end))
        else {
            continue;
        };
        let offset = smaller(inside - before, inside - after);
        least = Some(least.map_or(offset, |l| smaller(l, offset)));
    }
    least.unwrap_or(0.0)
}

/// The smaller of two differences, none where they contradict each other.
fn smaller(a: f64, b: f64) -> f64 {
    if a * b <= 0.0 {
        0.0
    } else if a.abs() < b.abs() {
        a
    } else {
        b
    }
}

/// Median level of each stretch since the first sample, so that a shift of the level between two
/// days is not taken for a season.
fn levels(times: &[i64], values: &[f64], stretch: i64) -> Vec<f64> {
    let Some(first) = times.first() else {
        return Vec::new();
    };
    let mut stretches = Stretches::of(*first, stretch);
    let mut group: Vec<f64> = Vec::new();
    let mut out: Vec<f64> = Vec::new();
    for (t, v) in times.iter().zip(values) {
        let k = stretches.index(*t);
        if k > out.len() {
            let level = median_of(&mut group).or(out.last().copied()).unwrap_or(*v);
            group.clear();
            out.resize(k, level);
        }
        group.push(*v);
    }
    out.extend(median_of(&mut group));
    out
}

/// Values less the median of each stretch.
pub(super) fn without_levels(times: &[i64], values: &[f64], stretch: i64) -> Vec<f64> {
    let level = levels(times, values, stretch);
    let mut stretches = Stretches::of(times.first().copied().unwrap_or(0), stretch);
    times
        .iter()
        .zip(values)
        .map(|(t, v)| {
            let k = stretches.index(*t);
            v - level.get(k).or(level.last()).copied().unwrap_or(0.0)
        })
        .collect()
}

/// Values less the line through the medians of the stretches.
pub(super) fn without_trend(times: &[i64], values: &[f64], stretch: i64) -> Vec<f64> {
    let level = levels(times, values, stretch);
    let first = times.first().copied().unwrap_or(0);
    let last = level.len().saturating_sub(2);
    let at = |k: usize| level.get(k).copied().unwrap_or(0.0);
    times
        .iter()
        .zip(values)
        .map(|(t, v)| {
            // Medians stand in the middle of their stretches; the line goes on beyond the outer ones.
            let place = t.saturating_sub(first) as f64 / stretch.max(1) as f64 - 0.5;
            let k = (place.max(0.0) as usize).min(last);
            v - at(k) - (at(k + 1) - at(k)) * (place - k as f64)
        })
        .collect()
}

/// Most stretches: beyond, all belong to the last.
const MOST_STRETCHES: i64 = 4_000;
