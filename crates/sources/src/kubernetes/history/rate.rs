//! How often jobs ran: the runs of a cluster's jobs that began in each hour.
//!
//! An hour counts that was watched from its beginning to its end, also where nothing ran in it. Of
//! every other hour there is no sample: runs may have come and gone in it unseen.

use super::{History, pending::event_id};
use crate::kubernetes::{Listing, SOURCE_LIVE, part::Part};
use model::{
    Samples, Series, SeriesMeta, Timestamp,
    time::{HOUR, MINUTE},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The key under which the counts are remembered.
pub(super) const KEY: &str = "rate/jobs";
/// The controller writes a job's start within this time of it, and the watch tells it.
const LATE: i64 = MINUTE;
/// Hours that are written down and may still change, for words that come later than that.
const OPEN: i64 = 2 * HOUR;

/// The beginning of a run, as the job says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Began {
    At(Timestamp),
    /// Some time from then on.
    Since(Timestamp),
}

/// The counts of a cluster's hours.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct JobRate {
    /// Hours that began before this were not watched as a whole.
    watched_from: Option<Timestamp>,
    /// Runs by the beginning of the hour in which they began.
    runs: BTreeMap<Timestamp, u32>,
    /// Hours with a run of which nobody knows whether it began in them.
    doubtful: BTreeSet<Timestamp>,
    /// The hours before this are written down.
    written_to: Option<Timestamp>,
    /// Whether any run was seen. A cluster without jobs has no series of zeros.
    any: bool,
    /// Whether something changed since it was last remembered.
    #[serde(skip)]
    changed: bool,
    /// Hours that are written down and have changed since.
    #[serde(skip)]
    late: BTreeSet<Timestamp>,
}

impl JobRate {
    pub(super) fn restore(saved: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(saved)
    }

    /// What has to be remembered, where that changed.
    pub(super) fn save(&mut self) -> Option<String> {
        std::mem::take(&mut self.changed)
            .then(|| serde_json::to_string(self).ok())
            .flatten()
    }

    /// Jobs are watched from this instant on; before it there was a span in which they were not.
    pub(super) fn watched_from(&mut self, at: Timestamp) {
        self.watched_from = self.watched_from.max(Some(at));
        let whole = self.first_whole_hour();
        self.runs.retain(|hour, _| Some(*hour) >= whole);
        self.doubtful.retain(|hour| Some(*hour) >= whole);
        self.changed = true;
    }

    fn first_whole_hour(&self) -> Option<Timestamp> {
        let from = self.watched_from?;
        let hour = from.floor_to(HOUR);
        Some(if hour < from { hour.plus(HOUR) } else { hour })
    }

    /// A run began that was not told before.
    pub(super) fn began(&mut self, began: Began) {
        let (Began::At(at) | Began::Since(at)) = began;
        let hour = at.floor_to(HOUR);
        self.changed |= !self.any;
        self.any = true;
        let closed = self.written_to.is_some_and(|to| hour < to.plus(-OPEN));
        if closed || self.first_whole_hour().is_none_or(|first| hour < first) {
            return;
        }
        match began {
            Began::At(_) => *self.runs.entry(hour).or_default() += 1,
            // It may be the next hour as well; a start that is not written within two minutes of
            // the job's creation is none that this count can wait for.
            Began::Since(_) => self
                .doubtful
                .extend([hour, at.plus(2 * MINUTE).floor_to(HOUR)]),
        }
        if self.written_to.is_some_and(|to| hour < to) {
            self.late.insert(hour);
        }
        self.changed = true;
    }

    /// The hours that are over and not yet written down, or have changed since; all that happened
    /// until `until` was told.
    pub(super) fn take(&mut self, until: Timestamp, listing: &Listing) -> Option<Series> {
        let first = self.first_whole_hour()?;
        if !self.any {
            return None;
        }
        let mut hour = self.written_to.map_or(first, |to| to.max(first));
        let mut hours = std::mem::take(&mut self.late);
        while hour.plus(HOUR + LATE) <= until {
            hours.insert(hour);
            hour = hour.plus(HOUR);
            self.written_to = Some(hour);
        }
        let known = hours.iter().filter(|hour| !self.doubtful.contains(hour));
        let count = |hour: &Timestamp| f64::from(self.runs.get(hour).copied().unwrap_or(0));
        let samples = Samples::from_unordered(known.map(|hour| (*hour, count(hour))).collect());
        if !hours.is_empty() {
            let closed = hour.plus(-OPEN);
            self.runs.retain(|hour, _| *hour >= closed);
            self.doubtful.retain(|hour| *hour >= closed);
            self.changed = true;
        }
        (!samples.is_empty()).then(|| Series {
            meta: meta(&listing.cluster),
            samples,
        })
    }
}

impl History {
    /// The hours of job runs that are complete. They are where every stream of jobs is past them.
    pub(super) fn take_job_runs(&mut self) -> Option<Series> {
        for began in std::mem::take(&mut self.out.job_runs) {
            self.job_rate.began(began);
        }
        let streams = self.streams.iter();
        let jobs = streams.filter(|(stream, _)| stream.part == Part::Jobs);
        // Nothing is known where one of them was never read: none is the least.
        let until = jobs.map(|(_, state)| state.position().current_until).min();
        let series = until
            .flatten()
            .and_then(|until| self.job_rate.take(until, &self.listing));
        if let Some(saved) = self.job_rate.save() {
            self.out.remember(KEY.to_owned(), Some(saved));
        }
        series
    }
}

fn meta(cluster: &str) -> SeriesMeta {
    SeriesMeta {
        id: event_id(&["job-runs", cluster]),
        name: "Job runs an hour".to_owned(),
        source: SOURCE_LIVE.to_owned(),
        namespace: "Kubernetes".to_owned(),
        dimensions: [("cluster".to_owned(), cluster.to_owned())].into(),
        stat: "Sum".to_owned(),
        unit: "Count".to_owned(),
        period_s: Some(3_600),
        ..SeriesMeta::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        format!("2020-05-20T{text}Z").parse().unwrap()
    }

    fn points(rate: &mut JobRate, until: &str) -> Vec<(Timestamp, f64)> {
        let listing = Listing {
            cluster: "c".to_owned(),
            ..Listing::default()
        };
        let series = rate.take(t(until), &listing);
        series.map_or_else(Vec::new, |series| {
            assert_eq!(series.meta.id, "job-runs-c");
            series.samples.iter().collect()
        })
    }

    fn watched_from(at: &str) -> JobRate {
        let mut rate = JobRate::default();
        rate.watched_from(t(at));
        rate
    }

    #[test]
    fn runs_are_counted_by_the_hour_and_an_hour_without_one_is_zero() {
        let mut rate = watched_from("10:30:00");
        for at in ["10:59:59", "11:00:00", "11:59:59", "13:10:00"] {
            rate.began(Began::At(t(at)));
        }
        // The hours from 10 and from 14 on were not watched as a whole.
        assert_eq!(
            points(&mut rate, "14:30:00"),
            [
                (t("11:00:00"), 2.0),
                (t("12:00:00"), 0.0),
                (t("13:00:00"), 1.0)
            ]
        );
        assert_eq!(points(&mut rate, "14:59:00"), []);
        assert_eq!(points(&mut rate, "15:00:59"), [], "a start is told late");
        assert_eq!(points(&mut rate, "15:01:00"), [(t("14:00:00"), 0.0)]);
    }

    #[test]
    fn a_run_that_is_told_late_corrects_its_hour_once() {
        let mut rate = watched_from("10:00:00");
        rate.began(Began::At(t("10:10:00")));
        assert_eq!(points(&mut rate, "11:01:00"), [(t("10:00:00"), 1.0)]);
        rate.began(Began::At(t("10:20:00")));
        assert_eq!(points(&mut rate, "11:02:00"), [(t("10:00:00"), 2.0)]);
        assert_eq!(points(&mut rate, "11:03:00"), []);
    }

    #[test]
    fn hours_in_which_nobody_can_know_have_no_sample() {
        let mut rate = watched_from("10:00:00");
        rate.began(Began::At(t("10:10:00")));
        rate.began(Began::Since(t("11:59:00")));
        // Nobody watched for a moment in the hour from 14 on.
        assert_eq!(points(&mut rate, "11:30:00"), [(t("10:00:00"), 1.0)]);
        assert_eq!(points(&mut rate, "14:01:00"), [(t("13:00:00"), 0.0)]);
        rate.watched_from(t("14:20:00"));
        assert_eq!(points(&mut rate, "16:01:00"), [(t("15:00:00"), 0.0)]);
    }

    #[test]
    fn a_cluster_without_jobs_has_no_series() {
        let mut rate = watched_from("10:00:00");
        assert_eq!(points(&mut rate, "12:30:00"), []);
        rate.began(Began::At(t("12:10:00")));
        // That nothing ran before is known.
        let before = [(t("10:00:00"), 0.0), (t("11:00:00"), 0.0)];
        assert_eq!(points(&mut rate, "12:40:00"), before);
    }

    #[test]
    fn counts_go_on_after_a_restart() {
        let mut rate = watched_from("10:00:00");
        rate.began(Began::At(t("11:10:00")));
        assert_eq!(points(&mut rate, "11:30:00"), [(t("10:00:00"), 0.0)]);
        let saved = rate.save().unwrap();
        assert_eq!(rate.save(), None, "nothing changed");
        let mut rate = JobRate::restore(&saved).unwrap();
        rate.began(Began::At(t("11:20:00")));
        assert_eq!(points(&mut rate, "12:01:00"), [(t("11:00:00"), 2.0)]);
    }
}
