//! Following a source that tells by itself: what it learns goes into the archive, together with what
//! it has to remember.

use super::{Following, STAND_BY, record};
use async_trait::async_trait;
use model::{Event, Timestamp};
use sources::source::{Cause, Keeper, Learned, SourceError, Watch};
use std::sync::Arc;
use store::StoreError;

impl Following {
    /// Listens until trying again makes no sense.
    pub(super) async fn watch(&self, watch: &dyn Watch) -> SourceError {
        let clock = self.clock.clone();
        let now = move || clock.now();
        watch.watch(self, &now).await
    }
}

#[async_trait]
impl Keeper for Following {
    async fn recall(&self) -> Result<Vec<(String, String)>, Cause> {
        Ok(self.store.recall(&self.archive).await?)
    }

    /// Waits where the disk is full or the database is away: what was learned is not lost, and the
    /// watch stands still meanwhile.
    async fn keep(&self, learned: Learned) -> Result<(), Cause> {
        let learned = Arc::new(learned);
        loop {
            match record(&self.store, &self.archive, &learned).await {
                Ok(()) => break,
                Err(error @ (StoreError::Full { .. } | StoreError::Unavailable { .. })) => {
                    self.refused(&error);
                    tokio::time::sleep(STAND_BY).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.state.went_on(self.now());
        let newest = newest(&learned, self.now());
        self.state
            .came(self.now(), newest, &learned.batch.provenance.gaps);
        Ok(())
    }

    fn report(&self, part: &str, state: Result<String, &SourceError>) {
        let state = state.map_err(ToString::to_string);
        if let Err(message) = &state {
            tracing::warn!(
                source = self.source.name(),
                part,
                message,
                "watch interrupted"
            );
        }
        self.state.part(self.now(), part, state);
    }

    fn absent(&self, part: &str, message: String) {
        self.state.absent(self.now(), part, message);
    }
}

/// The newest instant of what was learned, never in the future.
fn newest(learned: &Learned, now: Timestamp) -> Option<Timestamp> {
    let times = learned.batch.events.iter().filter_map(Event::at);
    times.max().map(|t| t.min(now))
}
