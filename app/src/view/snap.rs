//! The crosshair and what lies near it.

use model::Timestamp;

/// The sample that lies nearest to `at`, the earlier of two that are as near.
pub fn nearest(samples: impl IntoIterator<Item = Timestamp>, at: Timestamp) -> Option<Timestamp> {
    samples
        .into_iter()
        .min_by_key(|t| (t.since(at).unsigned_abs(), t.millis()))
}

/// Which way to go in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Earlier.
    Back,
    /// Later.
    Forth,
}

/// The next instant of a list in any order that lies strictly before or after `at`.
pub fn next(
    instants: impl IntoIterator<Item = Timestamp>,
    at: Timestamp,
    way: Way,
) -> Option<Timestamp> {
    let instants = instants.into_iter();
    match way {
        Way::Back => instants.filter(|t| *t < at).max(),
        Way::Forth => instants.filter(|t| *t > at).min(),
    }
}

/// The nearest change before (or at) an instant and the nearest after it, as signed distances in
/// milliseconds: how long ago, and how soon.
pub fn around(
    changes: impl IntoIterator<Item = Timestamp>,
    at: Timestamp,
) -> (Option<i64>, Option<i64>) {
    let (mut before, mut after): (Option<i64>, Option<i64>) = (None, None);
    for change in changes {
        let ms = change.since(at);
        if ms <= 0 {
            before = Some(before.map_or(ms, |b| b.max(ms)));
        } else {
            after = Some(after.map_or(ms, |a| a.min(ms)));
        }
    }
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    proptest! {
        #[test]
        fn no_sample_lies_nearer_than_the_nearest(
            samples in proptest::collection::vec(0..1_000_000i64, 1..50), t in 0..1_000_000i64,
        ) {
            let found = nearest(samples.iter().map(|ms| at(*ms)), at(t)).unwrap();
            prop_assert!(samples.iter().all(|s| (s - t).abs() >= (found.millis() - t).abs()));
        }

        #[test]
        fn going_forth_meets_every_instant_once(
            mut instants in proptest::collection::vec(0..1_000i64, 0..50),
        ) {
            let all: Vec<Timestamp> = instants.iter().map(|ms| at(*ms)).collect();
            let mut met = Vec::new();
            let mut now = at(-1);
            while let Some(found) = next(all.iter().copied(), now, Way::Forth) {
                met.push(found.millis());
                now = found;
            }
            instants.sort_unstable();
            instants.dedup();
            prop_assert_eq!(&met, &instants);
            let mut back = Vec::new();
            let mut now = at(1_001);
            while let Some(found) = next(all.iter().copied(), now, Way::Back) {
                back.push(found.millis());
                now = found;
            }
            instants.reverse();
            prop_assert_eq!(back, instants);
        }
    }

    #[test]
    fn distances_are_signed_and_a_change_at_the_instant_is_no_time_ago() {
        let changes = [at(100), at(300), at(700)];
        assert_eq!(around(changes, at(310)), (Some(-10), Some(390)));
        assert_eq!(around(changes, at(300)), (Some(0), Some(400)));
        assert_eq!(around(changes, at(50)), (None, Some(50)));
        assert_eq!(around([], at(50)), (None, None));
        assert_eq!(nearest([], at(5)), None);
        assert_eq!(nearest([at(0), at(10)], at(5)), Some(at(0)));
    }
}
