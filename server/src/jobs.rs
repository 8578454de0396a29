//! Long work in the background. Jobs live in the database: they survive a restart, can be
//! cancelled, and end with what came and what did not.

mod freeze;

use crate::{case, clock::Clock, compute, registry::Registry};
use async_trait::async_trait;
use futures::FutureExt;
use model::{
    Batch, Gap, Incident, IncidentId, Timestamp, Window,
    incident::{IncidentState, Job, JobState},
    time::{MINUTE, SECOND},
    words::count,
};
use serde::{Deserialize, Serialize};
use sources::{
    cloudwatch::{CloudWatch, CloudWatchConfig},
    source::{Progress, Source, SourceError},
};
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{Store, StoreError};
use tokio::sync::Notify;

pub(crate) use freeze::named;
pub use freeze::{FreezeSpec, freeze_job};

/// How long a running job may stand still before another worker takes it over, milliseconds.
pub const STALE_MS: i64 = MINUTE;
/// How often a running job writes down how far it is, and asks whether it was cancelled.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// How often an idle worker looks for jobs that another process queued.
const IDLE: Duration = Duration::from_secs(5);

/// Parameters of a `pull` job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PullSpec {
    /// The window to fetch.
    pub window: Window,
    /// Where from.
    pub cloudwatch: CloudWatchConfig,
}

/// Parameters of a `pull_chosen` job: some metrics of a configured source.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChosenSpec {
    /// Name of the source.
    pub source: String,
    /// What was chosen, as the source lists it.
    pub choices: Vec<String>,
    /// Statistics of each; empty: the usual ones.
    #[serde(default)]
    pub statistics: Vec<String>,
    /// The window to fetch.
    pub window: Window,
}

/// Opens the source of a pull; tests give a double.
#[async_trait]
pub trait Sources: Send + Sync + 'static {
    /// The source that the job names.
    async fn open(&self, spec: &PullSpec) -> Box<dyn Source>;

    /// The configured sources, which a freeze asks.
    fn registry(&self) -> Arc<Registry> {
        Arc::default()
    }
}

/// The real sources.
#[derive(Clone, Default)]
pub struct LiveSources {
    registry: Arc<Registry>,
}

impl LiveSources {
    /// With these configured ones.
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry }
    }
}

#[async_trait]
impl Sources for LiveSources {
    async fn open(&self, spec: &PullSpec) -> Box<dyn Source> {
        Box::new(CloudWatch::connect(spec.cloudwatch.clone()).await)
    }

    fn registry(&self) -> Arc<Registry> {
        self.registry.clone()
    }
}

/// Works on jobs, one at a time.
#[derive(Clone)]
pub struct Worker {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sources: Arc<dyn Sources>,
    wake: Arc<Notify>,
}

impl Worker {
    /// A worker on that database.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, sources: Arc<dyn Sources>) -> Self {
        Self {
            store,
            clock,
            sources,
            wake: Arc::new(Notify::new()),
        }
    }

    /// Tells the worker that a job is waiting.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Works until the process ends. `alone` says that no other process works on this database, so
    /// that whatever is still marked as running was cut off by a restart and is taken up at once.
    pub async fn run(self, alone: bool) {
        let mut stale_before = self.clock.now().plus(if alone { 0 } else { -STALE_MS });
        loop {
            match self.run_one(stale_before).await {
                Ok(true) => {}
                Ok(false) => {
                    // A timeout here is an ordinary wake-up.
                    let _ = tokio::time::timeout(IDLE, self.wake.notified()).await;
                }
                Err(error) => {
                    tracing::error!(%error, "jobs: the database does not answer; trying again");
                    tokio::time::sleep(IDLE).await;
                }
            }
            stale_before = self.clock.now().plus(-STALE_MS);
        }
    }

    /// Takes one job and works on it to its end; `false` when there was none.
    pub async fn run_one(&self, stale_before: Timestamp) -> Result<bool, StoreError> {
        let Some(mut job) = self.store.take_job(self.clock.now(), stale_before).await? else {
            return Ok(false);
        };
        // A fault in one job ends that job, not the worker with all that wait.
        let worked = AssertUnwindSafe(self.work_on(&mut job)).catch_unwind();
        if let Ok(done) = worked.await {
            done?;
        } else {
            job.state = JobState::Failed;
            job.message = compute::Fault.to_string();
            self.set_state(&job.incident, IncidentState::Open).await?;
        }
        job.updated_at = self.clock.now();
        self.store.update_job(&job).await?;
        Ok(true)
    }

    async fn work_on(&self, job: &mut Job) -> Result<(), StoreError> {
        match Work::of(job) {
            Some(Work::Pull(spec)) => {
                let source = self.sources.open(&spec).await;
                self.pull(job, source.as_ref(), spec.window).await
            }
            Some(Work::Chosen(spec)) => self.pull_chosen(job, &spec).await,
            Some(Work::Freeze(spec)) => self.run_freeze(job, spec).await,
            None => {
                job.state = JobState::Failed;
                job.message = format!("this version does not know the job '{}'", job.kind);
                Ok(())
            }
        }
    }

    async fn pull_chosen(&self, job: &mut Job, spec: &ChosenSpec) -> Result<(), StoreError> {
        let registry = self.sources.registry();
        let chosen = match registry.get(&spec.source) {
            Some(source) => source.choose(&spec.choices, &spec.statistics),
            None => Err(format!(
                "source '{}' is not configured any more",
                spec.source
            )),
        };
        let opened = match chosen {
            Ok(settings) => settings.open().await.map_err(|e| e.to_string()),
            Err(message) => Err(message),
        };
        match opened {
            Ok(opened) => self.pull(job, opened.source(), spec.window).await,
            Err(message) => {
                job.state = JobState::Failed;
                job.message = message;
                self.set_state(&job.incident, IncidentState::Open).await
            }
        }
    }

    async fn pull(
        &self,
        job: &mut Job,
        source: &dyn Source,
        window: Window,
    ) -> Result<(), StoreError> {
        let progress = Arc::new(JobProgress::default());
        let pulled = {
            let work = source.pull(window, self.clock.now(), &*progress);
            let beat = self.heartbeat(job.clone(), &progress);
            tokio::pin!(work, beat);
            tokio::select! {
                pulled = &mut work => pulled,
                error = &mut beat => return Err(error),
            }
        };
        (job.done, job.total) = progress.position();
        match pulled {
            Ok(batch) => self.keep(job, &batch).await,
            Err(SourceError::Cancelled { .. }) => {
                job.state = JobState::Cancelled;
                "cancelled; nothing was kept".clone_into(&mut job.message);
                self.set_state(&job.incident, IncidentState::Open).await
            }
            Err(error) => {
                job.state = JobState::Failed;
                job.message = error.to_string();
                self.set_state(&job.incident, IncidentState::Open).await
            }
        }
    }

    async fn run_freeze(&self, job: &mut Job, mut spec: FreezeSpec) -> Result<(), StoreError> {
        let progress = Arc::new(JobProgress::default());
        let frozen = {
            let work = self.freeze(&job.incident, &spec, &progress);
            let beat = self.heartbeat(job.clone(), &progress);
            tokio::pin!(work, beat);
            tokio::select! {
                frozen = &mut work => frozen?,
                error = &mut beat => return Err(error),
            }
        };
        (job.done, job.total) = progress.position();
        self.set_state(&job.incident, IncidentState::Open).await?;
        job.missing = frozen.missing;
        spec.reached = frozen.reached;
        job.spec = serde_json::to_value(&spec).unwrap_or_default();
        self.conclude(job).await?;
        if frozen.cancelled {
            job.state = JobState::Cancelled;
            "cancelled; what came before is kept".clone_into(&mut job.message);
        } else {
            job.state = JobState::Done;
            job.done = job.total;
            job.message = format!(
                "{} series with {} and {} came",
                frozen.series,
                count(frozen.samples, "sample"),
                count(frozen.events, "event")
            );
        }
        Ok(())
    }

    /// Keeps what came and says what did not.
    async fn keep(&self, job: &mut Job, batch: &Batch) -> Result<(), StoreError> {
        self.store.add_batch(&job.incident, batch).await?;
        self.set_state(&job.incident, IncidentState::Open).await?;
        let samples: usize = batch.series.iter().map(|s| s.samples.len()).sum();
        job.state = JobState::Done;
        job.message = format!(
            "{} series with {} came",
            batch.series.len(),
            count(samples, "sample")
        );
        job.missing = batch.provenance.gaps.iter().map(gap_line).collect();
        self.conclude(job).await
    }

    /// Analyses what has come; a fault of that is said among what is missing.
    async fn conclude(&self, job: &mut Job) -> Result<(), StoreError> {
        let concluded = case::conclude(&*self.store, &job.incident, self.clock.now()).await?;
        if let Some(what) = concluded.and_then(|c| c.failed) {
            job.missing.push(format!("{what}: {}", compute::Fault));
        }
        Ok(())
    }

    /// A closed incident stays closed, whatever is still running for it.
    async fn set_state(&self, id: &IncidentId, state: IncidentState) -> Result<(), StoreError> {
        let open = move |incident: &Incident| {
            (incident.state != IncidentState::Closed).then(|| Incident {
                state,
                ..incident.clone()
            })
        };
        self.store.change_incident(id, &open).await.map(drop)
    }

    /// Writes down how far the job is and looks whether it was cancelled, until the database fails.
    async fn heartbeat(&self, mut job: Job, progress: &JobProgress) -> StoreError {
        let mut tick = tokio::time::interval(HEARTBEAT);
        loop {
            tick.tick().await;
            (job.done, job.total) = progress.position();
            job.message = progress.message();
            job.updated_at = self.clock.now();
            match self.store.update_job(&job).await {
                Ok(true) => {}
                // A cancelled job takes no more news.
                Ok(false) => progress.cancel(),
                Err(error) => return error,
            }
        }
    }
}

/// What a job is about.
enum Work {
    Pull(PullSpec),
    Chosen(ChosenSpec),
    Freeze(FreezeSpec),
}

impl Work {
    /// `None` where this version does not know it.
    fn of(job: &Job) -> Option<Self> {
        let spec = job.spec.clone();
        match job.kind.as_str() {
            "pull" => serde_json::from_value(spec).map(Self::Pull).ok(),
            "pull_chosen" => serde_json::from_value(spec).map(Self::Chosen).ok(),
            "freeze" => serde_json::from_value(spec).map(Self::Freeze).ok(),
            _ => None,
        }
    }
}

fn gap_line(gap: &Gap) -> String {
    if gap.what.is_empty() {
        gap.reason.clone()
    } else {
        format!("{}: {}", gap.what, gap.reason)
    }
}

/// What a pull says of itself while it runs.
#[derive(Debug, Default)]
struct JobProgress {
    at: Mutex<(u32, u32, String)>,
    cancelled: AtomicBool,
}

impl JobProgress {
    fn position(&self) -> (u32, u32) {
        let at = self.lock();
        (at.0, at.1)
    }

    fn message(&self) -> String {
        self.lock().2.clone()
    }

    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (u32, u32, String)> {
        // The three values are written together; a panic elsewhere leaves them whole.
        self.at
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for JobProgress {
    fn step(&self, done: u32, total: u32, message: &str) {
        *self.lock() = (
            done,
            total,
            message.chars().filter(|c| *c != '\n').take(200).collect(),
        );
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// A new job that pulls a window for an incident.
pub fn pull_job(id: String, incident: &IncidentId, spec: &PullSpec, now: Timestamp) -> Job {
    Job {
        id,
        incident: incident.clone(),
        kind: "pull".to_owned(),
        spec: serde_json::to_value(spec).unwrap_or_default(),
        message: format!(
            "waiting to fetch {} h",
            spec.window.millis() / (3600 * SECOND)
        ),
        created_at: now,
        updated_at: now,
        ..Job::default()
    }
}

/// A new job that pulls chosen metrics for an incident.
pub fn chosen_job(id: String, incident: &IncidentId, spec: &ChosenSpec, now: Timestamp) -> Job {
    Job {
        id,
        incident: incident.clone(),
        kind: "pull_chosen".to_owned(),
        spec: serde_json::to_value(spec).unwrap_or_default(),
        message: format!("waiting to fetch {}", count(spec.choices.len(), "metric")),
        created_at: now,
        updated_at: now,
        ..Job::default()
    }
}
