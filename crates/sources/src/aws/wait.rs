//! Waiting for a call while somebody may call it off.

use crate::source::{Progress, SourceError};
use std::future::Future;
use std::time::Duration;

/// How often a cancellation is looked for. A person notices nothing below about 0.3 s.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The output of a call, or [`SourceError::Cancelled`] soon after the caller cancels: also while
/// the client waits between two attempts.
pub(crate) async fn cancellable<F: Future>(
    name: &'static str,
    progress: &dyn Progress,
    call: F,
) -> Result<F::Output, SourceError> {
    let cancelled = async {
        while !progress.cancelled() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        biased;
        () = cancelled => Err(SourceError::Cancelled { name }),
        output = call => Ok(output),
    }
}

/// Waits, unless the caller cancels.
pub(crate) async fn pause(
    name: &'static str,
    progress: &dyn Progress,
    time: Duration,
) -> Result<(), SourceError> {
    cancellable(name, progress, tokio::time::sleep(time)).await
}
