//! Views that are counted in memory and written in batches, so that a link that many people open costs
//! the database nothing per view. Nothing is kept of who they are.

use model::{Timestamp, share::ShareViews, time::MINUTE};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{CountedViews, Store, StoreError};

/// How often views are written.
const EVERY: Duration = Duration::from_secs(5);

/// Views in one minute, and when the last was.
type Minute = (u64, Timestamp);

/// Views that are not written yet, by link and minute.
#[derive(Debug, Default)]
pub struct Views {
    counts: Mutex<HashMap<(String, Timestamp), Minute>>,
}

impl Views {
    /// Counts one.
    pub(super) fn count(&self, share: &str, at: Timestamp) {
        self.add(share, at.floor_to(MINUTE), (1, at));
    }

    fn add(&self, share: &str, minute: Timestamp, (n, last): Minute) {
        let mut counts = self.lock();
        let place = counts
            .entry((share.to_owned(), minute))
            .or_insert((0, last));
        *place = (place.0 + n, place.1.max(last));
    }

    /// How many of a link are not written yet, and when the last was.
    pub(super) fn waiting(&self, share: &str) -> (u64, Option<Timestamp>) {
        let counts = self.lock();
        let own = counts.iter().filter(|((of, _), _)| of == share);
        own.fold((0, None), |(n, last), (_, (more, at))| {
            (n + more, last.max(Some(*at)))
        })
    }

    /// Writes what was counted; it counts on where the database does not take it.
    pub async fn write(&self, store: &dyn Store) -> Result<(), StoreError> {
        let taken = std::mem::take(&mut *self.lock());
        let mut counted: Vec<CountedViews> = taken
            .into_iter()
            .map(|((share, minute), (views, last))| CountedViews {
                share,
                views: ShareViews { minute, views },
                last,
            })
            .collect();
        counted.sort_by(|a, b| (&a.share, a.views.minute).cmp(&(&b.share, b.views.minute)));
        let written = store.count_views(&counted).await;
        if written.is_err() {
            for CountedViews { share, views, last } in &counted {
                self.add(share, views.minute, (views.views, *last));
            }
        }
        written
    }

    /// Writes what was counted, every few seconds, until the process ends.
    pub async fn run(self: Arc<Self>, store: Arc<dyn Store>) {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.write(&*store).await {
                tracing::error!(%error, "views of share links are not written; trying again");
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Timestamp), Minute>> {
        // The counts are whole between any two of their operations.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn views_are_counted_until_they_are_written() {
        let views = Views::default();
        let at = Timestamp::from_seconds;
        for s in [1, 2, 61] {
            views.count("a", at(s));
        }
        views.count("b", at(5));
        assert_eq!(views.waiting("a"), (3, Some(at(61))));
        let store = store::open("sqlite::memory:").await.unwrap();
        views.write(&*store).await.unwrap();
        assert_eq!(views.waiting("a"), (0, None));
        // A database that is gone takes nothing, and nothing is lost.
        views.count("a", at(70));
        store.close().await;
        assert!(views.write(&*store).await.is_err());
        assert_eq!(views.waiting("a"), (1, Some(at(70))));
    }
}
