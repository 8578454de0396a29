//! The hour that a change of the clocks repeats, in files whose times are local.
//!
//! In autumn each time between two and three o'clock, say, stands for two instants. A file in the order
//! of time tells them apart: where its times step back within that hour, the second pass begins.

use super::{
    clock::{Clock, Scale, Written},
    reading::Reading,
};
use model::{
    Timestamp,
    time::{DAY, MINUTE},
    words::count,
};

/// How far back a time may stand behind the one before without meaning anything: threads and machines
/// write at once, and their clocks differ. A second pass of a series of a period of up to 50 minutes is further
/// back.
const DISORDER: i64 = 10 * MINUTE;
/// Clocks change on the quarter of an hour everywhere, so that all of one is repeated or nothing.
const QUARTER: i64 = 15 * MINUTE;

/// In which pass of a repeated hour a file is, time by time.
#[derive(Default)]
pub(crate) struct Passes {
    /// The latest time of this pass, and whether it is a repeated one.
    latest: Option<(Written, bool)>,
    again: bool,
    /// Whether no time stands twice but those that are repeated.
    once: bool,
    /// The quarter of an hour that was looked up last: most lines share it with the line before.
    looked_up: Option<((Scale, i64), bool)>,
    first: Option<Written>,
    times: usize,
    second: usize,
}

impl Passes {
    /// The next time of the file, in its pass.
    pub(crate) fn place(&mut self, clock: &Clock, at: Written) -> Written {
        if at.scale == Scale::Exact {
            return at;
        }
        let repeated = self.is_repeated(clock, at);
        self.step(at, repeated);
        if !repeated {
            return at;
        }
        self.first.get_or_insert(at);
        self.times += 1;
        self.second += usize::from(self.again);
        Written {
            again: self.again,
            ..at
        }
    }

    fn is_repeated(&mut self, clock: &Clock, at: Written) -> bool {
        let quarter = (at.scale, at.ms.div_euclid(QUARTER));
        if let Some((known, repeated)) = self.looked_up
            && known == quarter
        {
            return repeated;
        }
        let repeated = clock.is_repeated(at);
        self.looked_up = Some((quarter, repeated));
        repeated
    }

    /// A step back within the repeated hour begins its second pass; one from elsewhere begins anew, as
    /// where a table has one machine after another.
    fn step(&mut self, at: Written, repeated: bool) {
        let latest = self.latest.filter(|(latest, _)| latest.scale == at.scale);
        if let Some((latest, was_repeated)) = latest {
            let back = latest.ms - at.ms;
            if back >= DISORDER || (self.once && back == 0) {
                self.again = repeated && was_repeated && back < DAY;
            } else if back >= 0 {
                return;
            } else if repeated && (!was_repeated || back < -DAY) {
                self.again = false;
            }
        }
        self.latest = Some((at, repeated));
    }

    /// Says how the times of a repeated hour were taken.
    pub(crate) fn tell(&self, reading: &mut Reading<'_>, clock: &Clock) {
        let Some(turn) = self.first.and_then(|at| clock.turn(at)) else {
            return;
        };
        let taken = match self.times - self.second {
            0 => "all are taken as of the second pass".to_owned(),
            first if first == self.times => {
                "all are taken as of the first pass, since they do not step back".to_owned()
            }
            first => format!(
                "{first} are taken as of the first pass, and {}, from where they step back, as of the second",
                self.second
            ),
        };
        reading.gap(&format!(
            "the clocks went back from {} to {} (at {} UTC), and {} in between can be of either pass: {taken}",
            turn.from,
            turn.to,
            turn.at.minute(),
            count(self.times, "time")
        ));
    }
}

/// The instants of times in the order of a file, the earliest first or last.
pub(crate) fn instants(clock: &Clock, times: &[Written]) -> (Vec<Option<Timestamp>>, Passes) {
    let mut passes = Passes {
        once: stand_once(clock, times),
        ..Passes::default()
    };
    let mut placed = times.to_vec();
    let falling = is_falling(times);
    if falling {
        placed.reverse();
    }
    for at in &mut placed {
        *at = passes.place(clock, *at);
    }
    if falling {
        placed.reverse();
    }
    let instants = placed.into_iter().map(|at| clock.instant(at)).collect();
    (instants, passes)
}

/// Whether all times that stand twice in a row are repeated ones, and there are others: then such a pair
/// is one of each pass, as in a table by the hour.
fn stand_once(clock: &Clock, times: &[Written]) -> bool {
    let repeated = |at: &Written| clock.is_repeated(*at);
    let mut pairs = times.windows(2);
    pairs.all(|pair| match pair {
        [a, b] if a == b => repeated(a),
        _ => true,
    }) && !times.iter().all(repeated)
}

fn is_falling(times: &[Written]) -> bool {
    let (mut falls, mut rises) = (0, 0);
    for pair in times.windows(2) {
        if let [a, b] = pair {
            falls += usize::from(a.ms > b.ms);
            rises += usize::from(a.ms < b.ms);
        }
    }
    falls > rises
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        bundle::RawFile,
        time::{HOUR, SECOND},
    };

    fn berlin() -> Clock {
        Clock::of(&RawFile {
            timezone: Some("Europe/Berlin".into()),
            ..RawFile::default()
        })
    }

    /// Times of 25 October 2020, in minutes of the day, as minutes of that day in UTC.
    fn utc(minutes: &[i64]) -> Vec<i64> {
        let local = |m: &i64| Written::local(2020, 10, 25, m * MINUTE).unwrap();
        let times: Vec<Written> = minutes.iter().map(local).collect();
        let day: Timestamp = "2020-10-25T00:00:00Z".parse().unwrap();
        let (instants, _) = instants(&berlin(), &times);
        let since = |at: Option<Timestamp>| at.unwrap().since(day) / MINUTE;
        instants.into_iter().map(since).collect()
    }

    #[test]
    fn where_times_step_back_the_second_pass_begins() {
        let passes = [90, 120, 150, 120, 150, 180];
        assert_eq!(utc(&passes), [-30, 0, 30, 60, 90, 120]);
        // The latest first.
        let falling: Vec<i64> = passes.iter().rev().copied().collect();
        assert_eq!(utc(&falling), [120, 90, 60, 30, 0, -30]);
        // By the hour.
        assert_eq!(utc(&[60, 120, 120, 180]), [-60, 0, 60, 120]);
    }

    #[test]
    fn another_machine_begins_anew_and_rows_of_one_time_share_their_pass() {
        let one = [90, 120, 150, 120, 150, 180];
        let expected = [-30, 0, 30, 60, 90, 120];
        assert_eq!(utc(&[one, one].concat()), [expected, expected].concat());
        assert_eq!(
            utc(&[60, 60, 120, 120, 180, 180]),
            [-60, -60, 0, 0, 120, 120]
        );
    }

    #[test]
    fn lines_in_a_little_disorder_do_not_step_back() {
        let (clock, mut passes) = (berlin(), Passes::default());
        let mut again = |seconds: i64| {
            let ms = 2 * HOUR + seconds * SECOND;
            let at = Written::local(2020, 10, 25, ms).unwrap();
            passes.place(&clock, at).again
        };
        assert!(!again(600) && !again(598) && !again(601) && !again(3_599));
        assert!(again(0) && again(3_598));
        assert!(!again(3_600), "three o'clock is one instant");
        assert!(again(3_599), "late by a second");
    }
}
