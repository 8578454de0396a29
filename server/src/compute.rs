//! Work for the processor, kept off the threads that answer requests.

use std::any::Any;

/// A computation that ended in a fault of Lineup itself: a panic, which the log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it ran into a fault of Lineup itself; the server's log says where")]
pub struct Fault;

/// Runs `work` on a thread for long computations. A panic in it goes on in the caller: a request is
/// answered with the page of faults then, and a job fails.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match joined(work).await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// As [`run`], where the caller has something to say about a panic.
pub async fn attempt<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    joined(work).await.map_err(|_| Fault)
}

async fn joined<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Box<dyn Any + Send>> {
    let done = tokio::task::spawn_blocking(work).await;
    // Nobody aborts these tasks, so that one that was not done has panicked.
    done.map_err(tokio::task::JoinError::into_panic)
}

/// Calls `work` where it is. A panic in it is a [`Fault`]; nothing that `work` has changed may be
/// looked at then.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Fault> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|_| Fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> u32 {
        panic!("a fault that a test plays")
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_for_whoever_asks_for_it() {
        assert_eq!(attempt(|| 7).await, Ok(7));
        assert_eq!(attempt(broken).await, Err(Fault));
        assert_eq!(caught(broken), Err(Fault));
        let went_on = tokio::spawn(run(broken)).await.unwrap_err();
        assert!(went_on.is_panic());
    }
}
