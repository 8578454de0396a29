//! Following the configured sources live: each into an archive of its own, before anybody asks.
//!
//! One task a source. It works while it holds the source's lease, so that of several processes on
//! one database one collects and the others stand by. What goes wrong is written into the source's
//! state, in words that say what to do, and tried again; nothing here ends but by being dropped.

mod poll;
mod record;
mod retention;
mod state;
mod watch;

use crate::{
    clock::Clock,
    registry::{Configured, Opened, Registry},
};
use model::{
    IncidentId, Timestamp,
    source::{Follow, SourceHealth},
    time::{MINUTE, SECOND},
};
pub use record::record;
pub use retention::keep_hooks;
use state::State;
use std::{sync::Arc, time::Duration};
use store::{Store, StoreError};
use tokio::task::JoinSet;

/// How long a lease lasts without being prolonged, milliseconds.
const LEASE: i64 = MINUTE;
/// How often it is prolonged; several times in its life, so that a slow database costs none.
const PROLONG: Duration = Duration::from_secs(15);
/// How long to wait where something on this side is in the way: another collector, a full disk.
const STAND_BY: Duration = Duration::from_secs(20);
/// First and longest wait after a failure; it doubles in between.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(15), Duration::from_mins(10));

/// Follows every live source of a registry.
#[derive(Clone)]
pub struct Collector {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    registry: Arc<Registry>,
    /// Who this process is, in leases.
    holder: String,
}

/// Longest that a source is waited for when it is tried.
const CHECK: Duration = Duration::from_secs(30);

/// Tries a source: what it can give, or what is wrong and what to do.
///
/// # Errors
/// What is wrong, in one line.
pub async fn check(source: &Configured) -> Result<String, String> {
    let tried = async {
        let opened = source.open().await?;
        opened.source().check().await
    };
    match tokio::time::timeout(CHECK, tried).await {
        Ok(answer) => answer.map_err(|e| e.to_string()),
        Err(_) => Err(format!(
            "no answer within {} s: check network, proxy and address",
            CHECK.as_secs()
        )),
    }
}

/// What one source's task works with.
pub(crate) struct Following {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    source: Configured,
    archive: IncidentId,
    state: Arc<State>,
}

impl Collector {
    /// A collector that calls itself `holder`, which no other process does.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        registry: Arc<Registry>,
        holder: String,
    ) -> Self {
        Self {
            store,
            clock,
            registry,
            holder,
        }
    }

    /// Number of sources that are followed.
    pub fn len(&self) -> usize {
        self.live().count()
    }

    /// Whether there is nothing to follow.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn live(&self) -> impl Iterator<Item = &Configured> {
        let live = |s: &&Configured| s.entry.live && s.facts.follow != Follow::Never;
        self.registry.all().iter().filter(live)
    }

    /// Follows them all, for as long as the future is polled.
    pub async fn run(self) {
        let mut tasks = JoinSet::new();
        for source in self.live().cloned() {
            let collector = self.clone();
            tasks.spawn(async move { collector.follow(source).await });
        }
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a collector's task broke off");
            }
        }
    }

    /// Gives the leases back, once [`Collector::run`] was dropped: another collector need not wait
    /// until they have run out.
    pub async fn release(&self) {
        for source in self.live() {
            let lease = lease_of(source);
            if let Err(error) = self.store.release_lease(&lease, &self.holder).await {
                tracing::warn!(%error, lease, "the lease is not given back; it runs out by itself");
            }
        }
    }

    /// Follows one source for ever: takes its lease, works while it has it.
    async fn follow(&self, source: Configured) {
        let state = Arc::new(State::of(&source));
        state.load(&*self.store).await;
        loop {
            let stopped = self.work_while_held(&source, &state).await;
            match stopped {
                Ok(()) => {
                    tracing::info!(
                        source = source.name(),
                        "another collector has the lease; standing by"
                    );
                }
                Err(error) => {
                    stopped_by(&error, &state, source.name(), self.clock.now());
                    // Nobody writes the state while the lease is not held.
                    self.store.say_status(&state.status());
                }
            }
            tokio::time::sleep(STAND_BY).await;
        }
    }

    /// Works until the lease is lost; `Ok` without work where somebody else has it.
    async fn work_while_held(
        &self,
        source: &Configured,
        state: &Arc<State>,
    ) -> Result<(), StoreError> {
        let lease = lease_of(source);
        if !self.prolong(&lease).await? {
            return Ok(());
        }
        let following = Following {
            store: self.store.clone(),
            clock: self.clock.clone(),
            source: source.clone(),
            archive: self.store.archive(source.name()).await?,
            state: state.clone(),
        };
        tokio::select! {
            () = following.run() => Ok(()),
            lost = self.keep_lease(&lease) => lost,
        }
    }

    async fn prolong(&self, lease: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let until = now.plus(LEASE);
        self.store.hold_lease(lease, &self.holder, now, until).await
    }

    /// Prolongs the lease until it is lost. A database that does not answer loses it when it has run
    /// out: somebody else may have taken it.
    async fn keep_lease(&self, lease: &str) -> Result<(), StoreError> {
        let mut held = self.clock.now();
        loop {
            tokio::time::sleep(PROLONG).await;
            match self.prolong(lease).await {
                Ok(true) => held = self.clock.now(),
                Ok(false) => return Ok(()),
                Err(error) if self.clock.now().since(held) > LEASE => return Err(error),
                Err(error) => tracing::warn!(%error, lease, "the lease could not be prolonged"),
            }
        }
    }
}

impl Following {
    /// Follows the source for as long as the future is polled.
    async fn run(&self) {
        tokio::join!(
            self.ask(),
            self.state.write(&*self.store),
            retention::forget(
                &*self.store,
                &*self.clock,
                self.source.name(),
                (&self.source.entry).into(),
            ),
        );
    }

    async fn ask(&self) {
        let mut wait = BACKOFF.0;
        loop {
            match self.source.open().await {
                Ok(Opened::Asked(source)) => self.poll(source.as_ref()).await,
                Ok(Opened::Watched(watch)) => {
                    let error = self.watch(watch.as_ref()).await;
                    self.fail(&error.to_string());
                }
                Err(error) => self.fail(&error.to_string()),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACKOFF.1);
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn fail(&self, message: &str) {
        tracing::warn!(source = self.source.name(), message, "source failing");
        self.state.set(self.now(), SourceHealth::Failing, message);
    }

    /// What a database that refuses is to the source: collecting stops and says so.
    fn refused(&self, error: &StoreError) {
        stopped_by(error, &self.state, self.source.name(), self.now());
    }
}

/// Collecting stops where the database refuses, and says so.
fn stopped_by(error: &StoreError, state: &State, source: &str, now: Timestamp) {
    tracing::error!(source, %error, "collecting stopped");
    let message = format!("collecting stopped: {error}; it goes on by itself");
    state.set(now, SourceHealth::Stopped, &message);
}

/// Name of a source's lease.
fn lease_of(source: &Configured) -> String {
    format!("source:{}", source.name())
}

/// Seconds as the clock of the tasks takes them.
fn seconds(s: u32) -> Duration {
    Duration::from_secs(u64::from(s))
}

/// Seconds as milliseconds of the common clock.
fn millis(s: u32) -> i64 {
    i64::from(s) * SECOND
}
