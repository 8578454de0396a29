//! Incidents that are still going on: their window grows, and their sources are asked again every
//! minute, until somebody closes them.

use crate::{
    clock::Clock,
    config::Freeze,
    jobs::{FreezeSpec, Worker, freeze_job},
    random::{self, Random},
};
use model::{
    Incident, Timestamp, Window,
    incident::IncidentState,
    time::{HOUR, MINUTE},
};
use std::{sync::Arc, time::Duration};
use store::{Store, StoreError};

/// How often a live incident is asked for.
const EVERY: Duration = Duration::from_mins(1);
/// How far back each time: late data change for a quarter of an hour, and a source may have been
/// away for an hour.
const AGAIN: i64 = HOUR;

/// Keeps live incidents up to date, for as long as the future is polled.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    worker: Worker,
    margin: Freeze,
) {
    loop {
        tokio::time::sleep(EVERY).await;
        match renew(&*store, &*clock, &*random, margin).await {
            Ok(0) => {}
            Ok(_) => worker.wake(),
            Err(error) => tracing::warn!(%error, "live incidents are not brought up to date"),
        }
    }
}

/// Queues one freeze for each live incident that has none under way; how many.
pub async fn renew(
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
    margin: Freeze,
) -> Result<usize, StoreError> {
    let now = clock.now();
    let mut queued = 0;
    for incident in store.incidents().await? {
        if !incident.live || incident.state == IncidentState::Closed {
            continue;
        }
        let jobs = store.jobs(&incident.id).await?;
        if jobs.iter().any(|job| !job.state.is_over()) {
            continue;
        }
        let Ok(id) = random::id(random) else { continue };
        let spec = FreezeSpec::of(newest_part(&incident, now), margin.without_before(), now);
        store
            .enqueue(&freeze_job(id, &incident.id, &spec, now))
            .await?;
        let grown = Incident {
            window: Window {
                start: incident.window.start,
                end: incident.window.end.max(now),
            },
            ..incident
        };
        store.update_incident(&grown).await?;
        queued += 1;
    }
    Ok(queued)
}

/// The window that a live incident asks every source for each minute, as of `now`.
pub(crate) fn asked(margin: Freeze, now: Timestamp) -> Window {
    let incident = Incident {
        window: Window {
            start: Timestamp::MIN,
            end: now.plus(-MINUTE),
        },
        ..Incident::default()
    };
    FreezeSpec::of(newest_part(&incident, now), margin.without_before(), now).window
}

/// What is asked again: a little before the window's end, until now.
fn newest_part(incident: &Incident, now: Timestamp) -> Window {
    let start = incident.window.end.plus(-AGAIN).max(incident.window.start);
    Window {
        start,
        end: now.max(start.plus(MINUTE)),
    }
}
