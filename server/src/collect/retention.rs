//! Forgetting: an archive keeps its days and its size, and incidents keep their copies.

use crate::{
    clock::Clock,
    config::{SourceEntry, hooks::Hooks},
};
use model::{Timestamp, time::DAY};
use std::{sync::Arc, time::Duration};
use store::{Store, StoreError};

/// How often an archive is looked at.
const EVERY: Duration = Duration::from_hours(1);
/// Bytes of a MiB.
const MIB: u64 = 1 << 20;

/// How much of its own history an archive keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keep {
    days: u32,
    mib: Option<u64>,
}

impl From<&SourceEntry> for Keep {
    fn from(entry: &SourceEntry) -> Self {
        Self {
            days: entry.keep_days,
            mib: entry.keep_mib,
        }
    }
}

/// Keeps what others tell by the hooks within its days and its size, for as long as the future is
/// polled. Nobody follows them, so that there is no lease: forgetting twice forgets the same.
pub async fn keep_hooks(store: Arc<dyn Store>, clock: Arc<dyn Clock>, hooks: Hooks) {
    let keep = Keep {
        days: hooks.keep_days,
        mib: hooks.keep_mib,
    };
    forget(&*store, &*clock, sources::hooks::NAME, keep).await;
}

/// Forgets what is too old or too much, for as long as the future is polled.
pub(super) async fn forget(store: &dyn Store, clock: &dyn Clock, source: &str, keep: Keep) {
    loop {
        if let Err(error) = forget_once(store, clock.now(), source, keep).await {
            tracing::warn!(%error, source, "old evidence is not removed");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn forget_once(
    store: &dyn Store,
    now: Timestamp,
    source: &str,
    keep: Keep,
) -> Result<(), StoreError> {
    if holding(store, source).await?.is_none() {
        // Nothing was ever kept: there need not be an archive either.
        return Ok(());
    }
    let archive = store.archive(source).await?;
    store
        .trim(&archive, now.plus(-i64::from(keep.days) * DAY))
        .await?;
    let Some(most) = keep.mib.map(|mib| mib.saturating_mul(MIB)) else {
        return Ok(());
    };
    let mut cut = Timestamp::MIN;
    while let Some(first) = too_large(store, source, most).await? {
        // Day by day, also where the oldest that is left is an event that still goes on.
        let next = first.floor_to(DAY).max(cut).plus(DAY);
        // Today stays, whatever its size: a limit must not make a source blind.
        if next > now.floor_to(DAY) {
            tracing::warn!(source, "one day takes more than keep_mib; it is kept");
            break;
        }
        store.trim(&archive, next).await?;
        cut = next;
    }
    Ok(())
}

/// The oldest instant of an archive that takes more than `most` bytes.
async fn too_large(
    store: &dyn Store,
    source: &str,
    most: u64,
) -> Result<Option<Timestamp>, StoreError> {
    let own = holding(store, source).await?;
    Ok(own
        .filter(|h| h.bytes > most)
        .and_then(|h| h.span)
        .map(|span| span.start))
}

async fn holding(
    store: &dyn Store,
    source: &str,
) -> Result<Option<model::source::Holding>, StoreError> {
    let all = store.holdings().await?;
    Ok(all.into_iter().find(|h| h.name == source))
}
