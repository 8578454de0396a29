//! How collectors share the work, and how their sources are doing.

use crate::StoreError;
use async_trait::async_trait;
use model::{Timestamp, source::SourceStatus};

/// Leases and states, by the source's name in the configuration.
#[async_trait]
pub trait Collectors {
    /// Takes or prolongs the lease `name` for `holder` until `until`. `false` where another holder's
    /// lease has not run out at `now`.
    async fn hold_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Gives the lease back, where it is the holder's.
    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError>;

    /// Keeps how a source is doing.
    async fn put_status(&self, status: &SourceStatus) -> Result<(), StoreError>;

    /// How every source is doing that was ever asked, by name.
    async fn statuses(&self) -> Result<Vec<SourceStatus>, StoreError>;
}
