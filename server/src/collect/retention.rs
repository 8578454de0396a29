//! Forgetting: an archive keeps its days and its size, and incidents keep their copies.

use super::Following;
use model::{Timestamp, time::DAY};
use std::time::Duration;
use store::StoreError;

/// How often an archive is looked at.
const EVERY: Duration = Duration::from_hours(1);
/// Bytes of a MiB.
const MIB: u64 = 1 << 20;

impl Following {
    /// Forgets what is too old or too much, for as long as the future is polled.
    pub(super) async fn forget(&self) {
        loop {
            if let Err(error) = self.forget_once().await {
                tracing::warn!(%error, source = self.source.name(), "old evidence is not removed");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn forget_once(&self) -> Result<(), StoreError> {
        let entry = &self.source.entry;
        let now = self.now();
        let oldest = now.plus(-i64::from(entry.keep_days) * DAY);
        self.store.trim(&self.archive, oldest).await?;
        let Some(most) = entry.keep_mib.map(|mib| mib.saturating_mul(MIB)) else {
            return Ok(());
        };
        let mut cut = Timestamp::MIN;
        while let Some(first) = self.too_large(most).await? {
            // Day by day, also where the oldest that is left is an event that still goes on.
            let next = first.floor_to(DAY).max(cut).plus(DAY);
            // Today stays, whatever its size: a limit must not make a source blind.
            if next > now.floor_to(DAY) {
                tracing::warn!(
                    source = entry.name,
                    "one day takes more than keep_mib; it is kept"
                );
                break;
            }
            self.store.trim(&self.archive, next).await?;
            cut = next;
        }
        Ok(())
    }

    /// The oldest instant of an archive that takes more than `most` bytes.
    async fn too_large(&self, most: u64) -> Result<Option<Timestamp>, StoreError> {
        let all = self.store.holdings().await?;
        let own = all.into_iter().find(|h| h.name == self.source.name());
        Ok(own
            .filter(|h| h.bytes > most)
            .and_then(|h| h.span)
            .map(|span| span.start))
    }
}
