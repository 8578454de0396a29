//! The measured world that a scenario starts from.

use super::run::Plan;
use crate::{
    case::{Case, Signal},
    credits::{self, drain::Curve, metered, volume},
};
use model::{
    Analysis, Timestamp,
    time::{DAY, HOUR, MINUTE},
};

/// Everything by interval, from each sample of the balance to the next.
pub(super) struct World {
    pub series: String,
    pub times: Vec<Timestamp>,
    pub balance: Vec<f64>,
    /// Earned per second.
    pub earned: f64,
    pub cap: f64,
    /// At or below this the bucket is empty.
    pub zero: f64,
    /// Spent as measured, per second, gaps filled.
    pub spent: Vec<f64>,
    /// When the driver left its normal level.
    pub onset: Option<Timestamp>,
    pub exhausted_at: Option<Timestamp>,
    /// Minutes of impact as they were; `None`: nobody said and no series shows any.
    pub impact_min: Option<f64>,
    pub notes: Vec<String>,
    wanted: Vec<f64>,
    excess: Vec<f64>,
    metadata: Option<Vec<f64>>,
    file_system: bool,
}

/// A suspect more probable than not tells when the excess ended.
const PROBABLE: f64 = 0.5;

impl World {
    pub(super) fn of(case: &Case<'_>, analysis: &Analysis, id: &str) -> Result<Self, String> {
        let signal = case
            .signal(id)
            .filter(|s| credits::is_balance(s))
            .ok_or_else(|| format!("'{id}' is no burst balance of the evidence"))?;
        let curve = Curve::of(&signal.data, case.settings.credit_zero_share)
            .ok_or_else(|| format!("'{id}' has fewer than 5 samples"))?;
        let metered = metered::metered(case, &signal.meta);
        let bucket = credits::bucket::bucket(case, signal, &curve, metered.as_ref()).ok_or(
            "nothing in the evidence says what spends the credits: pull MeteredIOBytes, \
             CPUUtilization, or VolumeReadOps and VolumeWriteOps of the same thing",
        )?;
        bucket.enough()?;
        let times: Vec<Timestamp> = (0..curve.values.len()).map(|i| curve.at(i)).collect();
        let credit = analysis.credits.iter().find(|c| c.series == id);
        let mut world = Self {
            series: id.to_owned(),
            balance: curve.values.to_vec(),
            earned: bucket.earned_per_s,
            cap: bucket.holds(&curve),
            zero: curve.zero,
            spent: bucket.filled(),
            onset: analysis.driver.as_ref().map(|d| d.onset),
            exhausted_at: credit.and_then(|c| c.exhausted_at),
            impact_min: impact(case, analysis),
            notes: std::iter::once(bucket.basis.clone())
                .chain(metered.as_ref().and_then(|m| m.note.clone()))
                .filter(|n| !n.is_empty())
                .collect(),
            wanted: Vec::new(),
            excess: Vec::new(),
            metadata: None,
            file_system: metered.is_some(),
            times,
        };
        let drain = credit.and_then(|c| c.drain_start);
        let throttled = world.throttled(&curve);
        world.wanted = world.unthrottled(&world.spent, &throttled, drain);
        world.excess = world.excess_of(case, signal, analysis, &throttled, drain);
        let sums = |names: &[&str]| -> Vec<&Signal> {
            let all = case.beside(&signal.meta, names).into_iter();
            all.filter(|s| s.meta.stat.eq_ignore_ascii_case("sum"))
                .collect()
        };
        let mut metadata = sums(&["MetadataIOBytes"]);
        if metadata.is_empty() {
            metadata = sums(&["MetadataReadIOBytes", "MetadataWriteIOBytes"]);
        }
        world.metadata = metadata
            .into_iter()
            .map(|s| world.unthrottled(&world.rates(s), &throttled, drain))
            .reduce(|a, b| a.iter().zip(&b).map(|(x, y)| x + y).collect());
        Ok(world)
    }

    pub(super) fn start(&self) -> Timestamp {
        self.times.first().copied().unwrap_or_default()
    }

    pub(super) fn end(&self) -> Timestamp {
        self.times.last().copied().unwrap_or_default()
    }

    /// Wanted per second in an interval: what was spent, or would have been without throttling.
    pub(super) fn wanted(&self, i: usize) -> f64 {
        self.wanted.get(i).copied().unwrap_or(0.0)
    }

    /// The part of it that the driver wants beyond its normal level.
    pub(super) fn excess(&self, i: usize) -> f64 {
        let excess = self.excess.get(i).copied().unwrap_or(0.0);
        excess.min(self.wanted(i))
    }

    /// The part of it that is metadata.
    pub(super) fn metadata(&self, i: usize) -> f64 {
        let all = self.metadata.as_ref().and_then(|m| m.get(i)).copied();
        all.unwrap_or(0.0).min(self.wanted(i))
    }

    pub(super) fn has_metadata(&self) -> bool {
        self.metadata.is_some()
    }

    pub(super) fn is_file_system(&self) -> bool {
        self.file_system
    }

    /// Seconds of an interval.
    pub(super) fn seconds(&self, i: usize) -> f64 {
        let at = |k: usize| self.times.get(k).copied().unwrap_or_default();
        at(i + 1).since(at(i)).max(0) as f64 / 1000.0
    }

    /// All that was wanted in the window.
    pub(super) fn total_wanted(&self) -> f64 {
        (0..self.wanted.len())
            .map(|i| self.wanted(i) * self.seconds(i))
            .sum()
    }

    /// The world as it was, from its first sample on.
    pub(super) fn plan(&self) -> Plan {
        Plan::of(self, 0, self.wanted.clone())
    }

    /// The world as it was, from an instant on.
    pub(super) fn plan_from(&self, at: Timestamp) -> Plan {
        let first = self.times.partition_point(|t| *t < at);
        Plan::of(self, first.min(self.wanted.len()), self.wanted.clone())
    }

    /// Intervals in which the bucket stayed empty.
    fn throttled(&self, curve: &Curve<'_>) -> Vec<bool> {
        self.balance
            .iter()
            .zip(self.balance.iter().skip(1))
            .map(|(a, b)| *a <= curve.zero && *b <= curve.zero)
            .collect()
    }

    /// A rate with what throttling cut off put back: the mean of the last day before the bucket was
    /// empty, or since the drain began.
    fn unthrottled(&self, rates: &[f64], cut: &[bool], drain: Option<Timestamp>) -> Vec<f64> {
        let Some(first) = cut.iter().position(|c| *c) else {
            return rates.to_vec();
        };
        let empty = self.times.get(first).copied().unwrap_or_default();
        let from = drain.unwrap_or(Timestamp::MIN).max(empty.plus(-DAY));
        let i = self.times.partition_point(|t| *t < from).min(first);
        let part = rates.get(i..first).unwrap_or(&[]);
        let before = part.iter().sum::<f64>() / part.len().max(1) as f64;
        let put_back = |(rate, cut): (&f64, &bool)| if *cut { rate.max(before) } else { *rate };
        rates.iter().zip(cut).map(put_back).collect()
    }

    /// Bytes per second of a series of sums, by interval of the balance.
    fn rates(&self, signal: &Signal) -> Vec<f64> {
        let step_s = signal.data.step_ms as f64 / 1000.0;
        let mut last = 0.0;
        self.times
            .iter()
            .zip(self.times.iter().skip(1))
            .map(|(from, to)| {
                let part = signal.data.between(*from, *to);
                if !part.is_empty() {
                    last = part.iter().sum::<f64>() / part.len() as f64 / step_s;
                }
                last
            })
            .collect()
    }

    /// What the driver wants beyond its normal level, from its onset to the suspect's end.
    fn excess_of(
        &self,
        case: &Case<'_>,
        balance: &Signal,
        analysis: &Analysis,
        cut: &[bool],
        drain: Option<Timestamp>,
    ) -> Vec<f64> {
        let Some(driver) = &analysis.driver else {
            return vec![0.0; self.spent.len()];
        };
        let component = case
            .beside(&balance.meta, &credits::COMPONENTS)
            .into_iter()
            .find(|s| s.id() == driver.series && s.meta.stat.eq_ignore_ascii_case("sum"));
        let measured = match component {
            Some(signal) => {
                let weight = weight(signal);
                self.rates(signal).into_iter().map(|r| r * weight).collect()
            }
            None => self.spent.clone(),
        };
        let normal = Normal::before(&self.times, &measured, driver.onset);
        let suspect = analysis.suspects.first().filter(|s| s.score >= PROBABLE);
        let credit = analysis.credits.iter().find(|c| c.series == self.series);
        let end = suspect
            .and_then(|s| s.end)
            .or(credit.and_then(|c| c.recovery_start))
            .unwrap_or(Timestamp::MAX);
        let beyond: Vec<f64> = measured
            .iter()
            .zip(&self.times)
            .map(|(rate, t)| (rate - normal.at(*t)).max(0.0))
            .collect();
        self.unthrottled(&beyond, cut, drain)
            .into_iter()
            .zip(&self.times)
            .map(|(rate, t)| {
                if *t >= driver.onset && *t < end {
                    rate
                } else {
                    0.0
                }
            })
            .collect()
    }
}

/// What a unit of a component costs, in the balance's unit. A byte read costs a third of a byte up to
/// all of it, depending on its size: the middle is taken.
fn weight(component: &Signal) -> f64 {
    let meta = &component.meta;
    if meta.is_named("DataReadIOBytes") {
        2.0 / 3.0
    } else if meta.is_named("VolumeReadOps") || meta.is_named("VolumeWriteOps") {
        volume::PERCENT
    } else {
        1.0
    }
}

/// Normal level by hour of the day.
struct Normal(Vec<f64>);

impl Normal {
    fn before(times: &[Timestamp], rates: &[f64], onset: Timestamp) -> Self {
        let (mut sums, mut counts) = (vec![0.0; 24], vec![0.0; 24]);
        let (mut sum, mut count) = (0.0, 0.0);
        for (t, rate) in times.iter().zip(rates).take_while(|(t, _)| **t < onset) {
            let hour = hour(*t);
            if let (Some(s), Some(c)) = (sums.get_mut(hour), counts.get_mut(hour)) {
                *s += rate;
                *c += 1.0;
            }
            sum += rate;
            count += 1.0;
        }
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        let whole = counts.iter().all(|c| *c > 0.0);
        let level = |(s, c): (&f64, &f64)| if whole { s / c } else { mean };
        Self(sums.iter().zip(&counts).map(level).collect())
    }

    fn at(&self, t: Timestamp) -> f64 {
        self.0.get(hour(t)).copied().unwrap_or(0.0)
    }
}

fn hour(t: Timestamp) -> usize {
    (t.millis().rem_euclid(DAY) / HOUR) as usize
}

/// Minutes of impact in the window.
fn impact(case: &Case<'_>, analysis: &Analysis) -> Option<f64> {
    let measured = analysis.impact.as_ref().map(|i| (i.start, i.end));
    let (start, end) = measured.or(case.evidence.impact.map(|i| (i.start, i.end)))?;
    let end = end.unwrap_or(case.window.end).min(case.window.end);
    Some((end.since(start.max(case.window.start)).max(0)) as f64 / MINUTE as f64)
}
