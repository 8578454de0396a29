//! How far a server's clock is from ours, from the `Date` of its answers.

use model::{Timestamp, time::SECOND};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// `Wed, 20 May 2020 10:00:00 GMT` (RFC 9110, section 5.6.7).
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp::from_millis(date.timestamp().as_millisecond()))
}

/// Our clock, where the caller says the time once: it goes on from there, so that what a slow server takes is not
/// held for a difference of the clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticking {
    told: Timestamp,
    since: Instant,
}

impl Ticking {
    /// From what it is now on.
    pub(crate) fn from(now: Timestamp) -> Self {
        Self {
            told: now,
            since: Instant::now(),
        }
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.told.plus(self.since.elapsed().as_millis() as i64)
    }
}

/// The server's clock against ours: bounds that each answer narrows.
///
/// `Date` counts whole seconds (RFC 9110, 5.6.7) and was written between question and answer, so that one
/// answer alone leaves a second and as long as it took. Each comes at another part of the second, and what
/// agrees with all of them is closer to the truth than any of them.
#[derive(Debug, Default)]
pub(crate) struct Skew {
    /// Milliseconds that the server is ahead: not less and not more.
    bounds: Mutex<Option<(i64, i64)>>,
    /// Ours is not read again after the first answer.
    still: bool,
}

impl Skew {
    /// Against a clock of ours that stands still: what no longer agrees with the first answers is time that
    /// has passed since.
    pub(crate) fn of_still() -> Self {
        Self {
            still: true,
            ..Self::default()
        }
    }

    /// Takes in an answer's `Date`. One that agrees with none before tells of a clock that was set since.
    pub(crate) fn see(&self, date: Timestamp, sent: Timestamp, received: Timestamp) {
        let (least, most) = (date.since(received), date.plus(SECOND).since(sent));
        let mut bounds = self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        let narrowed = bounds.map(|(low, high)| (low.max(least), high.min(most)));
        *bounds = match narrowed {
            Some((low, high)) if low <= high => Some((low, high)),
            Some(_) if self.still => *bounds,
            _ => Some((least, most)),
        };
    }

    /// Milliseconds that the server's clock is ahead, 0 where the two may agree to a second; `None` while
    /// nobody knows.
    pub(crate) fn known(&self) -> Option<i64> {
        let bounds = *self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        bounds.map(|(low, high)| {
            let agrees = low <= SECOND && high >= -SECOND;
            if agrees { 0 } else { low + (high - low) / 2 }
        })
    }

    /// Milliseconds that the server's clock is ahead, where the two certainly differ by more than `noticed`.
    pub(crate) fn beyond(&self, noticed: i64) -> Option<i64> {
        let bounds = *self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        let (low, high) = bounds?;
        (low > noticed || high < -noticed).then(|| low + (high - low) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The server's `Date` at an instant of ours.
    fn date(at: Timestamp, skew: i64) -> Timestamp {
        at.plus(skew).floor_to(SECOND)
    }

    proptest! {
        #[test]
        fn more_answers_never_lead_further_away_than_the_first(
            skew in 10_000_i64..100_000,
            ahead in any::<bool>(),
            answers in prop::collection::vec((0_i64..10_000, 0_i64..2_000, 0_i64..2_000), 1..20),
        ) {
            let skew = if ahead { skew } else { -skew };
            let (known, mut last) = (Skew::default(), None);
            let mut now = Timestamp::from_seconds(1_590_000_000);
            for (pause, there, back) in answers {
                let sent = now.plus(pause);
                let received = sent.plus(there + back);
                known.see(date(sent.plus(there), skew), sent, received);
                now = received;
                let bounds = *known.bounds.lock().unwrap();
                let (low, high) = bounds.unwrap();
                prop_assert!(low <= skew && skew <= high);
                prop_assert!(last.is_none_or(|last| high - low <= last));
                last = Some(high - low);
            }
        }
    }

    #[test]
    fn only_what_lies_outside_of_question_and_answer_is_a_difference() {
        let at = |s: i64| Timestamp::from_seconds(1_590_000_000 + s);
        let beyond = |date: i64, sent: i64, received: i64| {
            let known = Skew::default();
            known.see(at(date), at(sent), at(received));
            known.beyond(30_000)
        };
        // The answer took a minute: `Date` may be of its beginning, of its end, or off by half a minute.
        for date in -30..=90 {
            assert_eq!(beyond(date, 0, 60), None, "{date}");
        }
        assert_eq!(beyond(91, 0, 60), Some(61_500));
        assert_eq!(beyond(-32, 0, 60), Some(-61_500));
        assert_eq!(beyond(300, 0, 0), Some(300_500));
        assert_eq!(Skew::default().beyond(0), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_was_told_the_time_goes_on() {
        let now = Timestamp::from_seconds(1_590_000_000);
        let clock = Ticking::from(now);
        assert_eq!(clock.now(), now);
        tokio::time::advance(std::time::Duration::from_mins(1)).await;
        assert_eq!(clock.now(), now.plus(60 * SECOND));
    }

    #[test]
    fn a_clock_that_is_set_is_followed_and_time_that_passes_is_not() {
        let at = |s: i64| Timestamp::from_seconds(1_590_000_000 + s);
        let (moving, still) = (Skew::default(), Skew::of_still());
        assert_eq!(moving.known(), None);
        for ahead in [0, 60] {
            moving.see(at(100 + ahead), at(100), at(100));
            still.see(at(100 + ahead), at(100), at(100));
        }
        assert_eq!((moving.known(), still.known()), (Some(60_500), Some(0)));
    }
}
