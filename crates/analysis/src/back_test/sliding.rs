//! A statistic over a window that slides: every sample is looked at a fixed number of times, and nothing
//! is subtracted, so that no rounding adds up (two stacks, as a queue of aggregates is usually made).

use model::{Series, Timestamp};

/// How the samples of a period become one datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stat {
    /// Their sum; of `SampleCount` too.
    Sum,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// Their mean. Percentiles of a period cannot be had from those of its parts: their mean stands in.
    Average,
}

impl Stat {
    /// As the series' statistic says.
    pub(super) fn of(series: &Series) -> Self {
        match series.meta.stat.to_ascii_lowercase().as_str() {
            "sum" | "samplecount" => Self::Sum,
            "minimum" => Self::Minimum,
            "maximum" => Self::Maximum,
            _ => Self::Average,
        }
    }

    fn join(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Sum | Self::Average => a + b,
            Self::Minimum => a.min(b),
            Self::Maximum => a.max(b),
        }
    }
}

/// The samples in the window, with what they come to.
pub(super) struct Sliding {
    stat: Stat,
    /// The older ones, the oldest last; each with what it and all above it in time come to.
    old: Vec<(Timestamp, f64)>,
    /// The newer ones in order of time.
    new: Vec<(Timestamp, f64)>,
    /// What the newer ones come to.
    joined: Option<f64>,
}

impl Sliding {
    pub(super) fn new(stat: Stat) -> Self {
        Self {
            stat,
            old: Vec::new(),
            new: Vec::new(),
            joined: None,
        }
    }

    /// Takes a sample in that is later than all others.
    pub(super) fn push(&mut self, at: Timestamp, value: f64) {
        self.new.push((at, value));
        self.joined = Some(self.joined.map_or(value, |j| self.stat.join(j, value)));
    }

    /// Drops what lies before.
    pub(super) fn forget_before(&mut self, first: Timestamp) {
        loop {
            if self.old.is_empty() {
                let mut joined: Option<f64> = None;
                for (at, value) in self.new.drain(..).rev() {
                    let all = joined.map_or(value, |j| self.stat.join(value, j));
                    joined = Some(all);
                    self.old.push((at, all));
                }
                self.joined = None;
            }
            if self.old.pop_if(|(at, _)| *at < first).is_none() {
                return;
            }
        }
    }

    /// The datapoint; `None` without samples.
    pub(super) fn value(&self) -> Option<f64> {
        let old = self.old.last().map(|(_, value)| *value);
        let all = match (old, self.joined) {
            (Some(old), Some(new)) => self.stat.join(old, new),
            (one, other) => one.or(other)?,
        };
        Some(match self.stat {
            Stat::Average => all / (self.old.len() + self.new.len()) as f64,
            _ => all,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What slides says what counting anew says.
        #[test]
        fn it_says_what_all_samples_of_the_window_say(
            values in prop::collection::vec((0_i64..4, -9_i32..9), 0..60),
            length in 1_i64..20,
        ) {
            for stat in [Stat::Sum, Stat::Minimum, Stat::Maximum, Stat::Average] {
                let mut sliding = Sliding::new(stat);
                let mut seen: Vec<(i64, f64)> = Vec::new();
                let mut now = 0;
                for (later, value) in &values {
                    now += later;
                    let value = f64::from(*value);
                    sliding.push(Timestamp::from_millis(now), value);
                    seen.push((now, value));
                    sliding.forget_before(Timestamp::from_millis(now - length));
                    let inside: Vec<f64> = seen
                        .iter()
                        .filter(|(at, _)| *at >= now - length)
                        .map(|(_, v)| *v)
                        .collect();
                    let wanted = match stat {
                        Stat::Sum => inside.iter().sum(),
                        Stat::Minimum => inside.iter().copied().fold(f64::INFINITY, f64::min),
                        Stat::Maximum => inside.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                        Stat::Average => inside.iter().sum::<f64>() / inside.len() as f64,
                    };
                    prop_assert_eq!(sliding.value(), Some(wanted));
                }
            }
        }
    }
}
