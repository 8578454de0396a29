//! `lineup freeze`: an incident of what the configured sources have for a window.

use super::{CommandError, print, time_of, title_of};
use crate::{
    clock::{Clock, SystemClock},
    config::Freeze,
    jobs::{FreezeSpec, LiveSources, Worker, freeze_job},
    random::{self, SystemRandom},
    registry::Registry,
};
use model::{
    Incident, IncidentId, Window,
    incident::{IncidentState, JobState},
};
use std::sync::Arc;
use store::Store;

/// What the command line says.
pub(super) struct Request {
    pub(super) title: String,
    pub(super) start: String,
    pub(super) end: Option<String>,
}

pub(super) async fn run(
    store: Arc<dyn Store>,
    registry: Registry,
    margin: Freeze,
    request: Request,
) -> Result<(), CommandError> {
    if registry.all().is_empty() {
        return Err(CommandError::Input(
            "no source is configured: name a configuration file with --config or LINEUP_CONFIG, or \
             set KUBECONFIG or AWS_PROFILE"
                .into(),
        ));
    }
    let clock = Arc::new(SystemClock);
    let now = clock.now();
    let start = time_of("start", &request.start)?;
    let end = request
        .end
        .as_deref()
        .map_or(Ok(now), |end| time_of("end", end))?;
    let window = Window::new(start, end)
        .ok_or_else(|| CommandError::Input("--end: the end must be later than the start".into()))?;
    let new_id = || {
        random::id(&SystemRandom).map_err(|e| CommandError::Serve(format!("no randomness: {e}")))
    };
    let incident = Incident {
        id: IncidentId(new_id()?),
        title: title_of(&request.title)?,
        window,
        state: IncidentState::Collecting,
        created_at: now,
        ..Incident::default()
    };
    store.create_incident(&incident).await?;
    let spec = FreezeSpec::of(window, margin, now);
    let job = freeze_job(new_id()?, &incident.id, &spec, now);
    store.enqueue(&job).await?;
    let sources = Arc::new(LiveSources::new(Arc::new(registry)));
    let worker = Worker::new(store.clone(), clock, sources);
    // Another process may have taken the job; its own worker finishes it then.
    worker.run_one(now.plus(-crate::jobs::STALE_MS)).await?;
    let job = store.job(&job.id).await?.unwrap_or(job);
    for line in &job.missing {
        tracing::warn!(line, "did not come");
    }
    if job.state == JobState::Failed {
        return Err(CommandError::Serve(job.message));
    }
    tracing::info!(message = job.message, "frozen");
    print(&format!("{}\n", incident.id))?;
    store.close().await;
    Ok(())
}
