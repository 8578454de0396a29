//! Incidents that are still going on: their window grows, and their sources are asked again every
//! minute, until somebody closes them. What is over is asked for once more when its margin has passed
//! and every source has published it.

mod finished;

use crate::{
    clock::Clock,
    config::Freeze,
    jobs::{FreezeSpec, Worker, freeze_job},
    random::{self, Random},
    registry::Registry,
};
use model::{
    Incident, Timestamp, Window,
    incident::{IncidentState, Job, JobState},
    time::{DAY, HOUR, MINUTE, SECOND},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use store::{Store, StoreError};

/// How often a live incident is asked for.
const EVERY: Duration = Duration::from_mins(1);
/// How far back behind what a source has given each time: late data change for a quarter of an hour.
const AGAIN: i64 = HOUR;
/// How long after a last freeze a source that did not answer it is asked again.
const ONCE_MORE: i64 = HOUR;
/// How long a last freeze is made up for, where nobody ran or a source is away. Whoever comes later
/// has the button.
const MADE_UP: i64 = 2 * DAY;

/// Keeps live incidents up to date, for as long as the future is polled.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    worker: Worker,
    margin: Freeze,
    registry: Arc<Registry>,
) {
    if let Err(error) = tidy(&*store).await {
        tracing::warn!(%error, "what is left of earlier freezes is not removed");
    }
    loop {
        tokio::time::sleep(EVERY).await;
        match renew(&*store, &*clock, &*random, margin, &registry).await {
            Ok(0) => {}
            Ok(_) => worker.wake(),
            Err(error) => tracing::warn!(%error, "live incidents are not brought up to date"),
        }
    }
}

/// Queues one freeze for each incident that needs one and has none under way: a live one always, one
/// that is over once its sources have the end of its margin. How many.
///
/// # Errors
/// As the store has them.
pub async fn renew(
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
    margin: Freeze,
    registry: &Registry,
) -> Result<usize, StoreError> {
    let now = clock.now();
    let mut queued = 0;
    for incident in store.incidents().await? {
        let settled = settled(&incident, margin, registry);
        let late = now >= settled && now < settled.plus(MADE_UP);
        if !goes_on(&incident) && !late {
            continue;
        }
        let jobs = store.jobs(&incident.id).await?;
        remove(store, &incident, &jobs).await?;
        if jobs.iter().any(|job| !job.state.is_over()) {
            continue;
        }
        if !goes_on(&incident) && !lacks_its_end(&jobs, settled, now, registry) {
            continue;
        }
        let Ok(id) = random::id(random) else { continue };
        let spec = newest_part(&incident, &jobs, margin, now, registry);
        store
            .enqueue(&freeze_job(id, &incident.id, &spec, now))
            .await?;
        // As it is now: somebody may have closed or renamed it since it was listed.
        store
            .change_incident(&incident.id, &move |i| grown(i, now))
            .await?;
        queued += 1;
    }
    Ok(queued)
}

/// Removes what an earlier version left of the freezes of every incident, closed ones included.
async fn tidy(store: &dyn Store) -> Result<(), StoreError> {
    for incident in store.incidents().await? {
        let jobs = store.jobs(&incident.id).await?;
        remove(store, &incident, &jobs).await?;
    }
    Ok(())
}

/// A freeze a minute, and as many as that for as long as the incident goes on: the old ones go.
async fn remove(store: &dyn Store, incident: &Incident, jobs: &[Job]) -> Result<(), StoreError> {
    let old = finished::superfluous(jobs);
    if !old.is_empty() {
        store.remove_jobs(&incident.id, &old).await?;
    }
    Ok(())
}

/// The window that a live incident asks every source for each minute, as of `now`, as long as all answer.
pub(crate) fn asked(now: Timestamp) -> Window {
    Window {
        start: now.plus(-AGAIN - MINUTE),
        end: now,
    }
}

fn goes_on(incident: &Incident) -> bool {
    incident.live && incident.state != IncidentState::Closed
}

fn grown(incident: &Incident, now: Timestamp) -> Option<Incident> {
    (goes_on(incident) && incident.window.end < now).then(|| Incident {
        window: Window {
            end: now,
            ..incident.window
        },
        ..incident.clone()
    })
}

/// When every source has published what belongs to an incident that is over.
fn settled(incident: &Incident, margin: Freeze, registry: &Registry) -> Timestamp {
    let delays = registry.all().iter().map(|s| s.facts.clock.delay_s);
    let delay = i64::from(delays.max().unwrap_or(0)) * SECOND;
    let after = i64::from(margin.after_hours) * HOUR;
    incident.window.end.plus(after + delay)
}

/// Whether an incident that is over was never frozen after `settled`, or a source did not answer then
/// and has had an hour. One that was never frozen (an import) has nobody to ask.
fn lacks_its_end(jobs: &[Job], settled: Timestamp, now: Timestamp, registry: &Registry) -> bool {
    let freezes = jobs
        .iter()
        .filter_map(|job| Some((job, FreezeSpec::of_job(job)?)));
    let Some((last, spec)) = freezes.max_by_key(|(job, _)| job.created_at) else {
        return false;
    };
    if last.created_at < settled {
        return true;
    }
    let answered = |name: &str| spec.reached.contains_key(name);
    let all = registry.all().iter().all(|s| answered(s.name()));
    !all && now.since(last.created_at) >= ONCE_MORE
}

/// What is asked again: of each source from a little before what it has given, until now; of one that
/// has given nothing yet, everything with the margin before it.
fn newest_part(
    incident: &Incident,
    jobs: &[Job],
    margin: Freeze,
    now: Timestamp,
    registry: &Registry,
) -> FreezeSpec {
    let end = if goes_on(incident) {
        incident.window.end.max(now)
    } else {
        incident.window.end
    };
    let whole = Window {
        end,
        ..incident.window
    };
    let mut spec = FreezeSpec::of(whole, margin, now);
    let mut since: BTreeMap<String, Timestamp> = BTreeMap::new();
    let done = jobs.iter().filter(|job| job.state == JobState::Done);
    for (name, reached) in done
        .filter_map(FreezeSpec::of_job)
        .flat_map(|spec| spec.reached)
    {
        let from = reached.plus(-AGAIN).max(spec.window.start);
        let known = since.entry(name).or_insert(from);
        *known = from.max(*known);
    }
    for source in registry.all() {
        since
            .entry(source.name().to_owned())
            .or_insert(spec.window.start);
    }
    spec.since = since;
    spec
}

#[cfg(test)]
mod tests {
    use super::*;
    use finished::KEPT;
    use model::IncidentId;

    fn at(minute: usize) -> Timestamp {
        let minute = i64::try_from(minute).unwrap();
        Timestamp::from_seconds(1_590_000_000).plus(minute * MINUTE)
    }

    /// A closed incident whose freezes were done minute by minute.
    async fn frozen(store: &dyn Store, incident: char, freezes: usize) -> IncidentId {
        let incident = Incident {
            id: IncidentId(incident.to_string().repeat(32)),
            state: IncidentState::Closed,
            window: Window {
                start: at(0),
                end: at(freezes),
            },
            ..Incident::default()
        };
        store.create_incident(&incident).await.unwrap();
        for minute in 0..freezes {
            let spec = FreezeSpec::of(incident.window, Freeze::default(), at(minute));
            let id = format!("{}{minute:06x}", &incident.id.0[..26]);
            let job = Job {
                state: JobState::Done,
                ..freeze_job(id, &incident.id, &spec, at(minute))
            };
            store.enqueue(&job).await.unwrap();
        }
        incident.id
    }

    #[tokio::test]
    async fn what_earlier_versions_left_goes_from_every_incident() {
        let store = store::open("sqlite::memory:").await.unwrap();
        let few = frozen(&*store, 'a', 3).await;
        let many = frozen(&*store, 'b', KEPT + 5).await;
        let more = frozen(&*store, 'c', KEPT + 1).await;
        tidy(&*store).await.unwrap();
        for (incident, freezes, gone) in [(few, 3, 0), (many, KEPT, 5), (more, KEPT, 1)] {
            let jobs = store.jobs(&incident).await.unwrap();
            let made: Vec<_> = jobs.iter().map(|job| job.created_at).collect();
            let newest: Vec<_> = (gone..gone + freezes).map(at).collect();
            assert_eq!(made, newest, "{incident}");
        }
    }
}
