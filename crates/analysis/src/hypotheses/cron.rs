//! `cron`: a scheduled job at the onset.
//!
//! Data: `job_run` events. Clear when the jobs near the driver's onset had run before as often
//! without effect, or none ran there. The full hour of a symptom proves nothing by itself.

use super::{Reason, View, evidence};
use crate::topology;
use model::{
    EventKind,
    analysis::Verdict,
    time::{HOUR, MINUTE},
};
use std::collections::BTreeMap;

/// A job that ran this many times without effect is not what began it.
const HARMLESS_RUNS: usize = 3;

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let jobs = evidence::events(view, |e| e.kind == EventKind::JobRun);
    if jobs.is_empty() {
        return Verdict::Unknown {
            missing: "no job runs in the evidence: add the CronJobs' events".to_owned(),
        };
    }
    if let Some(id) = evidence::accused(view, &jobs) {
        return Verdict::Found(Reason {
            text: "a job run is the first suspect".to_owned(),
            series: vec![],
            events: vec![id],
        });
    }
    let onset = view.driver.map_or(view.onset, |d| d.driver.onset);
    let near: Vec<_> = jobs
        .iter()
        .filter(|e| {
            e.at()
                .is_some_and(|at| at <= onset.plus(5 * MINUTE) && onset.since(at) <= HOUR)
        })
        .copied()
        .collect();
    // Counted once for all jobs: there may be very many runs near the onset.
    let name = |e: &model::Event| (e.namespace.clone(), topology::lasting_name(e).to_owned());
    let mut earlier_runs: BTreeMap<(String, String), usize> = BTreeMap::new();
    for job in jobs
        .iter()
        .filter(|o| o.at().is_some_and(|at| onset.since(at) > HOUR))
    {
        *earlier_runs.entry(name(job)).or_default() += 1;
    }
    let fresh: Vec<_> = near
        .iter()
        .filter(|e| earlier_runs.get(&name(e)).copied().unwrap_or(0) < HARMLESS_RUNS)
        .copied()
        .collect();
    if fresh.is_empty() {
        Verdict::Clear {
            reason: format!(
                "{} of {} job runs were within an hour before {}; each of those jobs had run at \
                 least {HARMLESS_RUNS} times before without effect",
                near.len(),
                jobs.len(),
                onset.minute()
            ),
            series: vec![],
            events: evidence::ids(if near.is_empty() { &jobs } else { &near }),
        }
    } else {
        Verdict::Unknown {
            missing: format!(
                "{} near the onset hardly ever happened before: look at what the job does",
                model::words::count(fresh.len(), "job run")
            ),
        }
    }
}
