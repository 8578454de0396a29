//! What a cluster tells, gathered until it is handed on. Reading goes on while what was learned before
//! is being kept, and stands still only where keeping falls behind: memory stays bounded.

use crate::{
    kubernetes::history::{History, Position, Stream, Told},
    source::Learned,
};
use model::Timestamp;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    task::yield_now,
    time::timeout,
};

/// Things learned that are handed on at once: the more there are, the less each costs in the database
/// (`cargo bench -p server --bench ingest`).
const BATCH: usize = 2_000;
/// Things that may wait while others are being kept.
const MOST: usize = 4 * BATCH;
/// What was learned waits for no longer than this, unless others are being kept.
const EVERY: Duration = Duration::from_secs(1);

/// A history that several streams tell and one keeper takes from, all of them in one task.
pub struct Gathering {
    history: Mutex<History>,
    /// Something was told.
    news: Notify,
    /// How many things wait to be handed on.
    waiting: watch::Sender<usize>,
}

impl Gathering {
    /// Goes on with a history.
    pub fn new(history: History) -> Self {
        Self {
            history: Mutex::new(history),
            news: Notify::new(),
            waiting: watch::Sender::new(0),
        }
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a stream stands.
    pub fn position(&self, stream: &Stream) -> Position {
        self.history().position(stream)
    }

    /// Takes in what a stream told at `at`, on the API server's clock. Whoever tells much waits for
    /// [`Gathering::room`] in between.
    pub fn tell(&self, stream: &Stream, at: Timestamp, told: Vec<Told>) {
        let mut history = self.history();
        for told in told {
            history.observe(stream, at, told);
        }
        self.waiting.send_replace(history.pending());
        self.news.notify_one();
    }

    /// Waits until there is room for more. Whoever keeps gets a turn in any case: a connection that always
    /// has more to read would otherwise leave it none.
    pub async fn room(&self) {
        yield_now().await;
        self.fewer_than(MOST).await;
    }

    async fn fewer_than(&self, most: usize) {
        let mut waiting = self.waiting.subscribe();
        // It cannot fail: the sender is `self`'s.
        let _ = waiting.wait_for(|waiting| *waiting < most).await;
    }

    /// Waits until something is to be handed on: as soon as it is much, and soon after the first word of it.
    pub async fn due(&self) {
        self.news.notified().await;
        let mut waiting = self.waiting.subscribe();
        // Either way there is something.
        let _ = timeout(EVERY, waiting.wait_for(|waiting| *waiting >= BATCH)).await;
    }

    /// Takes everything that was learned since the last time, as of `now`.
    pub fn take(&self, now: Timestamp) -> Learned {
        let mut history = self.history();
        let learned = history.take(now);
        self.waiting.send_replace(history.pending());
        learned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::{cluster::told, part::Part};
    use futures::FutureExt;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_seconds(1_590_000_000);

    fn gathering() -> Gathering {
        Gathering::new(History::new("test"))
    }

    fn pods() -> Stream {
        Stream {
            part: Part::Pods,
            namespace: String::new(),
        }
    }

    /// Tells of pods of a namespace until as many things wait.
    fn tell(gathering: &Gathering, namespace: &str, things: usize) {
        let pods = pods();
        for pod in 0.. {
            if *gathering.waiting.borrow() >= things {
                return;
            }
            let metadata = json!({
                "name": format!("web-{pod}"), "namespace": namespace, "uid": format!("{namespace}-{pod}"),
                "resourceVersion": "1", "creationTimestamp": "2020-05-20T10:00:00Z",
            });
            let line = json!({"type": "ADDED", "object": {"metadata": metadata}});
            let told = told(pods.part, &line.to_string()).unwrap();
            gathering.tell(&pods, NOW, vec![told]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn much_is_handed_on_at_once_and_little_soon() {
        let gathering = gathering();
        assert!(gathering.due().now_or_never().is_none(), "nothing was told");
        tell(&gathering, "shop", BATCH);
        let before = tokio::time::Instant::now();
        gathering.due().await;
        assert_eq!(before.elapsed(), Duration::ZERO);
        assert!(!gathering.take(NOW).batch.events.is_empty());
        tell(&gathering, "office", 1);
        gathering.due().await;
        assert_eq!(before.elapsed().as_secs(), EVERY.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_waits_only_while_much_waits_to_be_kept() {
        let gathering = gathering();
        tell(&gathering, "shop", MOST - 100);
        gathering.room().await;
        tell(&gathering, "office", MOST);
        let mut room = std::pin::pin!(gathering.room());
        let waited = timeout(Duration::from_hours(1), &mut room).await;
        assert!(waited.is_err(), "there is no room");
        gathering.take(NOW);
        room.await;
    }
}
