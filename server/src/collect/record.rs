//! Recording on a core of its own: a watch reads on while rows are made of what it has learned.

use model::IncidentId;
use sources::source::Learned;
use std::{future, panic, sync::Arc};
use store::{Store, StoreError};
use tokio_util::task::AbortOnDropHandle;

/// Records what a watch has learned, in a task that ends with this future: dropped before it is done, all
/// of it is stored or nothing, as by a commit on its way.
///
/// # Errors
/// As [`store::Archives::record`].
pub async fn record(
    store: &Arc<dyn Store>,
    archive: &IncidentId,
    learned: &Arc<Learned>,
) -> Result<(), StoreError> {
    let (store, archive, learned) = (store.clone(), archive.clone(), learned.clone());
    let recording = async move {
        let Learned { batch, memory } = &*learned;
        store.record(&archive, batch, memory).await
    };
    match AbortOnDropHandle::new(tokio::spawn(recording)).await {
        Ok(recorded) => recorded,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            // The runtime is shutting down, and this future with it.
            Err(_) => future::pending().await,
        },
    }
}
