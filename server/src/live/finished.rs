//! Which freezes of an incident are no longer needed: a live incident makes one every minute.

use crate::jobs::FreezeSpec;
use model::{
    Timestamp,
    incident::{Job, JobState},
};
use std::collections::{BTreeMap, BTreeSet};

/// Freezes that every source answered, which are kept of an incident: those of the last hour of a live one.
pub(super) const KEPT: usize = 60;
/// Freezes that failed, were cancelled or lacked the answer of a source, which are kept of an incident,
/// so that they are seen however many went well since.
pub(super) const KEPT_FAULTS: usize = 60;

/// Ids of freezes that are over and that nobody needs any more. There stay the newest [`KEPT`] and
/// [`KEPT_FAULTS`], and that by which each source was copied furthest: the next freeze goes on from
/// there, also where the source has been away for days. What people pulled themselves stays.
pub(super) fn superfluous(jobs: &[Job]) -> Vec<&str> {
    let over = jobs.iter().filter(|job| job.state.is_over());
    let mut freezes: Vec<(&Job, FreezeSpec)> = over
        .filter_map(|job| Some((job, FreezeSpec::of_job(job)?)))
        .collect();
    freezes.sort_by_key(|(job, _)| std::cmp::Reverse(job.created_at));
    let furthest = furthest(&freezes);
    let names: BTreeSet<&String> = freezes.iter().flat_map(|(_, s)| s.reached.keys()).collect();
    let (mut whole, mut faults) = (0, 0);
    let mut old = Vec::new();
    for (job, spec) in &freezes {
        let all_answered = names.iter().all(|name| spec.reached.contains_key(*name));
        let (count, kept) = if job.state == JobState::Done && all_answered {
            (&mut whole, KEPT)
        } else {
            (&mut faults, KEPT_FAULTS)
        };
        *count += 1;
        if *count > kept && !furthest.contains(&job.id.as_str()) {
            old.push(job.id.as_str());
        }
    }
    old
}

/// The newest freeze of those by which a source was copied furthest, for each.
fn furthest<'a>(newest_first: &[(&'a Job, FreezeSpec)]) -> Vec<&'a str> {
    let mut by_source: BTreeMap<&str, (Timestamp, &str)> = BTreeMap::new();
    let done = newest_first.iter();
    for (job, spec) in done.filter(|(job, _)| job.state == JobState::Done) {
        for (source, reached) in &spec.reached {
            let known = by_source.entry(source).or_insert((*reached, &job.id));
            if *reached > known.0 {
                *known = (*reached, &job.id);
            }
        }
    }
    by_source.into_values().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Freeze, jobs::freeze_job};
    use model::{IncidentId, Window, time::MINUTE};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(1_590_000_000).plus(minute * MINUTE)
    }

    fn freeze(minute: i64, state: JobState, sources: &[&str]) -> Job {
        let window = Window {
            start: at(-60),
            end: at(minute),
        };
        let mut spec = FreezeSpec::of(window, Freeze::default(), at(minute));
        let reached = sources.iter().map(|name| ((*name).to_owned(), at(minute)));
        spec.reached = reached.collect();
        let id = format!("{minute:032x}");
        let incident = IncidentId("a".repeat(32));
        Job {
            state,
            ..freeze_job(id, &incident, &spec, at(minute))
        }
    }

    /// Minutes of the freezes that stay.
    fn kept(jobs: &[Job]) -> Vec<i64> {
        let old = superfluous(jobs);
        let stays = jobs.iter().filter(|job| !old.contains(&job.id.as_str()));
        stays
            .map(|job| job.created_at.since(at(0)) / MINUTE)
            .collect()
    }

    #[test]
    fn the_newest_stay_and_so_do_faults() {
        let mut jobs: Vec<Job> = (0..1_000)
            .map(|n| match n {
                500..505 => freeze(n, JobState::Failed, &[]),
                // One of two sources was away.
                600..603 => freeze(n, JobState::Done, &["near"]),
                _ => freeze(n, JobState::Done, &["near", "far"]),
            })
            .collect();
        let newest = || 940..1_000;
        let faults = (500..505).chain(600..603);
        assert_eq!(kept(&jobs), faults.chain(newest()).collect::<Vec<_>>());
        // Faults are bounded too.
        jobs.extend((1_000..1_200).map(|n| freeze(n, JobState::Cancelled, &[])));
        let expected: Vec<i64> = newest().chain(1_140..1_200).collect();
        assert_eq!(kept(&jobs), expected);
    }

    #[test]
    fn that_from_which_a_source_goes_on_stays() {
        let jobs: Vec<Job> = (0..1_000)
            .map(|n| match n {
                10..20 => freeze(n, JobState::Done, &["far"]),
                _ => freeze(n, JobState::Done, &["near"]),
            })
            .collect();
        let expected: Vec<i64> = [19].into_iter().chain(940..1_000).collect();
        assert_eq!(kept(&jobs), expected);
    }

    #[test]
    fn what_runs_and_what_people_pulled_stays() {
        let jobs: Vec<Job> = (0..400)
            .map(|n| match n % 4 {
                0 => freeze(n, JobState::Running, &[]),
                1 => freeze(n, JobState::Queued, &[]),
                _ => Job {
                    kind: "pull".into(),
                    ..freeze(n, JobState::Done, &[])
                },
            })
            .collect();
        assert!(superfluous(&jobs).is_empty());
    }
}
