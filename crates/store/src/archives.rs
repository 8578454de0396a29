//! Archives: what a live source has given so far, kept apart from incidents. Incidents copy from
//! them what their window needs, so that an archive may forget and an incident never does.

use crate::StoreError;
use async_trait::async_trait;
use model::{Batch, Evidence, IncidentId, Timestamp, Window, source::Holding};

/// One archive a source, by the source's name in the configuration.
#[async_trait]
pub trait Archives {
    /// The id under which a source's archive is kept, made at the first call. It goes wherever an
    /// incident's id goes (`samples`, `pyramid`, `series_list`), but no listing of incidents shows it.
    async fn archive(&self, source: &str) -> Result<IncidentId, StoreError>;

    /// Adds to an archive, in one transaction with what the source has to remember (key and state;
    /// `None` forgets the key). As [`crate::EvidenceStore::add_batch`], but the provenance joins the
    /// one of the same source and query: the window grows, gaps that the new batch fills go, the
    /// newest 1,000 gaps stay.
    async fn record(
        &self,
        archive: &IncidentId,
        batch: &Batch,
        memory: &[(String, Option<String>)],
    ) -> Result<(), StoreError>;

    /// Everything that the source has to remember, by key.
    async fn recall(&self, archive: &IncidentId) -> Result<Vec<(String, String)>, StoreError>;

    /// What an archive or incident has inside a window: samples in it, events that touch it, all
    /// edges, provenance whose window touches it. The cost goes with the window, not with the age of
    /// the archive. [`StoreError::Missing`] where there is none of that id.
    async fn evidence_between(
        &self,
        holder: &IncidentId,
        window: Window,
    ) -> Result<Evidence, StoreError>;

    /// What is stored of each source, by name.
    async fn holdings(&self) -> Result<Vec<Holding>, StoreError>;

    /// Forgets whole days of samples, events that were over, and gaps, before an instant; edges that
    /// were not recorded since and whose `from` is no key that is remembered. Series without a
    /// sample left go too. Incidents keep their copies. The number of rows that went.
    async fn trim(&self, archive: &IncidentId, before: Timestamp) -> Result<u64, StoreError>;

    /// Removes an archive with all it holds; `false` where there is none of that source.
    async fn delete_archive(&self, source: &str) -> Result<bool, StoreError>;
}
