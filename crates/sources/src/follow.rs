//! Following live: from which instant the next poll must ask, so that late and corrected samples
//! are had. Pure.

use model::time::{HOUR, MINUTE, SECOND};
use model::{Samples, Series, Timestamp};
use std::collections::BTreeMap;

/// What the polls of a source gave lately, as far as the next one has to be compared with it.
#[derive(Debug, Default)]
pub struct Recent {
    series: Vec<Series>,
    /// When a look back for a series that lags brought nothing.
    in_vain: Option<Timestamp>,
    from: Option<Timestamp>,
}

impl Recent {
    /// From which instant the next poll asks as far as series say; `None` before the first.
    pub fn from(&self) -> Option<Timestamp> {
        self.from
    }

    /// Takes the series of a poll at `now` that asked from `asked` on.
    ///
    /// As [`ask_from`] says; but while a look back brings nothing, the next one for whoever lags is
    /// after `again_s` seconds: what is gone for good must not make every poll a long one.
    pub fn take(&mut self, got: &[Series], asked: Timestamp, again_s: u32, now: Timestamp) {
        let near = near(&self.series, got, again_s, now);
        let last = |s: &Series| s.samples.span().map(|(_, last)| last);
        // Whoever lags and was asked from its own newest sample on.
        let waiting = |s: &&Series| last(s).is_some_and(|last| asked <= last && last < near);
        let brought = |s: &Series| {
            let same = got.iter().find(|g| g.meta.id == s.meta.id);
            same.and_then(last) > last(s)
        };
        let mut waiting = self.series.iter().filter(waiting).peekable();
        if waiting.peek().is_some() {
            self.in_vain = if waiting.any(brought) {
                None
            } else {
                Some(now)
            };
        }
        let resting = self.in_vain.is_some_and(|at| is_recent(at, again_s, now));
        let lagging = ask_from(&self.series, got, again_s, now);
        let changed = changed(&self.series, got).map_or(near, |at| at.min(near));
        let from = if resting {
            changed.max(lagging)
        } else {
            lagging
        };
        self.keep(got, from, now);
        self.from = Some(from);
    }

    /// Keeps what the next poll may say anew, and the newest sample of each series for as long as it
    /// would be asked for.
    fn keep(&mut self, got: &[Series], from: Timestamp, now: Timestamp) {
        let mut all: BTreeMap<String, Series> = BTreeMap::new();
        for series in self.series.drain(..).chain(got.iter().cloned()) {
            let known = all.entry(series.meta.id.clone()).or_default();
            let both = known.samples.iter().chain(series.samples.iter());
            known.samples = Samples::from_unordered(both.collect());
            known.meta = series.meta;
        }
        let oldest = now.plus(-LONGEST_AGAIN_MS);
        for (_, mut series) in all {
            let Some((_, last)) = series.samples.span().filter(|(_, last)| *last >= oldest) else {
                continue;
            };
            let kept = series
                .samples
                .iter()
                .filter(|(at, _)| *at >= from || *at == last);
            series.samples = Samples::from_unordered(kept.collect());
            self.series.push(series);
        }
    }
}

fn is_recent(at: Timestamp, again_s: u32, now: Timestamp) -> bool {
    now.since(at) < i64::from(again_s) * SECOND
}

/// A little before the newest sample of any series, to the minute.
fn near(before: &[Series], got: &[Series], again_s: u32, now: Timestamp) -> Timestamp {
    let all = before.iter().chain(got).filter_map(|s| s.samples.span());
    let newest = all.map(|(_, last)| last).max().unwrap_or(now);
    newest
        .plus(-i64::from(again_s) * SECOND)
        .min(now)
        .floor_to(MINUTE)
}

/// The earliest sample of which two answers differ.
fn changed(before: &[Series], got: &[Series]) -> Option<Timestamp> {
    let old: BTreeMap<&str, &Samples> = before
        .iter()
        .map(|s| (s.meta.id.as_str(), &s.samples))
        .collect();
    got.iter()
        .filter_map(|s| first_change(old.get(s.meta.id.as_str())?, &s.samples))
        .min()
}

/// Longest time that a poll goes back for one more correction. What is later still comes with a pull
/// of the whole window.
pub const LONGEST_AGAIN_MS: i64 = 3 * HOUR;

/// From which instant the next poll asks, after the one at `now` got `got` and the ones before it
/// had got `before`.
///
/// The last `again_s` seconds before the newest sample of each series are asked again, since late
/// data change. Where the last poll corrected, added or took back a sample that is older than that,
/// data are not stable yet, and the next poll goes back to that sample once more: until two polls
/// agree. A series that fell behind the others (or has no sample yet) is asked from its own newest
/// sample on. Never more than [`LONGEST_AGAIN_MS`] back.
pub fn ask_from(before: &[Series], got: &[Series], again_s: u32, now: Timestamp) -> Timestamp {
    let again = i64::from(again_s) * SECOND;
    let longest = now.plus(-LONGEST_AGAIN_MS.max(again));
    let mut newest: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for series in before.iter().chain(got) {
        if let Some((_, last)) = series.samples.span() {
            let known = newest.entry(&series.meta.id).or_insert(last);
            *known = (*known).max(last);
        }
    }
    let settled = newest.values().map(|last| last.plus(-again)).min();
    let settled = settled.unwrap_or(now.plus(-again));
    let from = changed(before, got).map_or(settled, |at| at.min(settled));
    from.max(longest).min(now).floor_to(MINUTE)
}

/// The earliest sample that differs where both answers overlap: corrected, late, or gone.
fn first_change(before: &Samples, got: &Samples) -> Option<Timestamp> {
    let (known_from, known_to) = before.span()?;
    let (from, _) = got.span()?;
    let old = before.iter().skip(before.index_at(from));
    // Before the first that is known nothing is compared.
    let new = got
        .iter()
        .filter(|(at, _)| (known_from..=known_to).contains(at));
    let (mut old, mut new) = (old.peekable(), new.peekable());
    loop {
        match (old.peek().copied(), new.peek().copied()) {
            (None, None) => return None,
            (Some((a, _)), None) => {
                // Beyond the newest of this answer nothing is known.
                return got.span().filter(|(_, last)| a <= *last).map(|_| a);
            }
            (None, Some((b, _))) => return Some(b),
            (Some(a), Some(b)) if a == b => {
                old.next();
                new.next();
            }
            (Some((a, _)), Some((b, _))) => return Some(a.min(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SeriesMeta;

    const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);
    const AGAIN: u32 = 900;

    fn at(minutes_ago: i64) -> Timestamp {
        NOW.plus(-minutes_ago * MINUTE)
    }

    fn series(id: &str, points: &[(i64, f64)]) -> Series {
        let points = points.iter().map(|(ago, v)| (at(*ago), *v)).collect();
        Series {
            meta: SeriesMeta {
                id: id.into(),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(points),
        }
    }

    fn steady(id: &str, from: i64, to: i64) -> Series {
        let points: Vec<(i64, f64)> = (to..=from).map(|ago| (ago, ago as f64)).collect();
        series(id, &points)
    }

    #[test]
    fn the_newest_quarter_of_an_hour_is_asked_again() {
        let before = [steady("a", 60, 3)];
        let got = [steady("a", 18, 2)];
        assert_eq!(ask_from(&before, &got, AGAIN, NOW), at(17));
        assert_eq!(ask_from(&[], &got, AGAIN, NOW), at(17));
        assert_eq!(ask_from(&[], &[], AGAIN, NOW), at(15), "nothing is known");
    }

    #[test]
    fn whoever_lags_behind_is_not_left_behind() {
        let before = [steady("a", 60, 3), steady("slow", 60, 40)];
        let got = [steady("a", 18, 2)];
        assert_eq!(ask_from(&before, &got, AGAIN, NOW), at(55));
        let dead = [series("dead", &[(5_000, 1.0)])];
        assert_eq!(
            ask_from(&dead, &got, AGAIN, NOW),
            at(180),
            "but not for ever"
        );
    }

    #[test]
    fn a_correction_is_asked_again_until_it_stands() {
        let before = [steady("a", 60, 3)];
        let mut late = steady("a", 50, 2);
        let corrected: Vec<(Timestamp, f64)> = late
            .samples
            .iter()
            .map(|(t, v)| (t, if t == at(40) { v + 1.0 } else { v }))
            .collect();
        late.samples = Samples::from_unordered(corrected);
        assert_eq!(ask_from(&before, &[late.clone()], AGAIN, NOW), at(40));
        // The next answer says the same: it is stable.
        let known = [late.clone()];
        assert_eq!(ask_from(&known, &[late], AGAIN, NOW), at(17));
    }

    #[test]
    fn a_sample_that_came_late_or_went_is_a_change() {
        let whole = steady("a", 60, 2);
        let holed: Vec<(i64, f64)> = (2..=60)
            .filter(|ago| *ago != 30)
            .map(|ago| (ago, ago as f64))
            .collect();
        let holed = series("a", &holed);
        let (whole, holed) = ([whole], [holed]);
        assert_eq!(ask_from(&holed, &whole, AGAIN, NOW), at(30));
        assert_eq!(ask_from(&whole, &holed, AGAIN, NOW), at(30));
    }

    #[test]
    fn what_is_gone_for_good_makes_few_polls_long() {
        let mut recent = Recent::default();
        assert_eq!(recent.from(), None);
        let gone = steady("gone", 60, 50);
        recent.take(&[steady("a", 60, 2), gone], at(60), AGAIN, NOW);
        assert_eq!(recent.from(), Some(at(65)), "from its own newest on");
        let mut long = 0;
        for minute in 1..=60 {
            let now = NOW.plus(minute * MINUTE);
            let asked = recent.from().unwrap();
            let newest = now.plus(-2 * MINUTE);
            long += u32::from(newest.since(asked) > 20 * MINUTE);
            let points = (0..=newest.since(asked) / MINUTE).map(|i| asked.plus(i * MINUTE));
            let mut a = series("a", &[]);
            let value = |t: Timestamp| (NOW.since(t) / MINUTE) as f64;
            a.samples = Samples::from_unordered(points.map(|t| (t, value(t))).collect());
            recent.take(&[a], asked, AGAIN, now);
        }
        assert!((2..=6).contains(&long), "{long} of 60 polls are long");
    }

    #[test]
    fn whoever_lags_and_goes_on_is_asked_every_time() {
        let mut recent = Recent::default();
        recent.take(
            &[steady("a", 60, 2), steady("slow", 60, 40)],
            at(60),
            AGAIN,
            NOW,
        );
        for minute in 1..=30 {
            let now = NOW.plus(minute * MINUTE);
            let asked = recent.from().unwrap();
            assert!(asked <= now.plus(-41 * MINUTE), "{minute}");
            let slow = series("slow", &[(40 - minute, 1.0)]);
            recent.take(
                &[series("a", &[(2 - minute, 1.0)]), slow],
                asked,
                AGAIN,
                now,
            );
        }
    }

    #[test]
    fn late_and_corrected_samples_replace_earlier_ones() {
        let before = steady("a", 20, 3);
        let again = series("a", &[(5, 50.0), (4, 4.0), (3, 3.0), (2, 2.0)]);
        let both = before.samples.iter().chain(again.samples.iter()).collect();
        let merged = Samples::from_unordered(both);
        assert_eq!(merged.len(), 19);
        assert_eq!(merged.value_at(at(5), 0), Some(50.0));
        assert_eq!(merged.value_at(at(6), 0), Some(6.0));
        assert_eq!(merged.value_at(at(2), 0), Some(2.0));
    }
}
