//! Evidence: series, events, edges, raw files and where they came from, frozen per incident.

mod between;
mod files;
mod read;
mod replace;
mod times;
mod write;

use crate::{StoreError, database::Database, revisions::Part};
use async_trait::async_trait;
use model::bundle::RawFile;
use model::{Batch, Evidence, IncidentId, Samples, SeriesMeta, Timestamp, Window};
use read::Reading;

pub(crate) use between::between;
pub(crate) use files::write as write_file;
pub(crate) use read::{SERIES_OF_INCIDENT, apart, decoded, metas};
pub(crate) use times::REACHES;
pub(crate) use write::{AT_ONCE, Holder};

/// Samples of a span, summed up. `min` and `max` are real samples, so that no spike is hidden.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// First instant of the span.
    pub start: Timestamp,
    /// First instant after it. A bucket of a single raw sample lasts one millisecond.
    pub end: Timestamp,
    /// Lowest sample in it, in the series' unit.
    pub min: f64,
    /// Highest sample in it.
    pub max: f64,
    /// Mean of the samples in it.
    pub mean: f64,
    /// Number of samples in it, at least 1: spans without samples have no bucket.
    pub count: u64,
}

/// What the sources gave for an incident.
#[async_trait]
pub trait EvidenceStore {
    /// Adds one answer of a source in one transaction. Adding it again changes nothing. Of two
    /// samples of one instant, two descriptors of one series, two events or files of one id the
    /// later written wins; equal edges and equal provenance are kept once. Provenance of a configured
    /// source (one with a `name`) joins the one of the same source and query as in
    /// [`crate::Archives::record`], and its answer fills what it has of the gaps of that source's
    /// other questions: an incident that is asked for again and again stays bounded.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn add_batch(&self, incident: &IncidentId, batch: &Batch) -> Result<(), StoreError>;

    /// Everything that is stored for the incident, as of one moment; `None` where there is no such
    /// incident. Samples outside of the incident's window are part of it.
    async fn evidence(&self, incident: &IncidentId) -> Result<Option<Evidence>, StoreError>;

    /// Descriptors of the incident's series, by id; empty where there is no such incident.
    async fn series_list(&self, incident: &IncidentId) -> Result<Vec<SeriesMeta>, StoreError>;

    /// Samples of a series inside a window. [`StoreError::Missing`] where there is no such series.
    async fn samples(
        &self,
        incident: &IncidentId,
        series: &str,
        window: Window,
    ) -> Result<Samples, StoreError>;

    /// A series inside a window in at most `max_buckets` buckets, in order of time: every sample
    /// where they are few enough, else spans of equal length, counted from the epoch, each with
    /// exactly its samples inside the window. (Fewer than 2 buckets cannot be asked for: 2 come.)
    /// Reads, for each bucket asked for, at most a quarter of an hour of samples or 24 sums of half
    /// hours; further the samples of two days, and one row for each day of the series inside the
    /// window.
    /// [`StoreError::Missing`] where there is no such series.
    async fn pyramid(
        &self,
        incident: &IncidentId,
        series: &str,
        window: Window,
        max_buckets: usize,
    ) -> Result<Vec<Bucket>, StoreError>;

    /// Raw files of the incident with their bytes, by path.
    async fn files(&self, incident: &IncidentId) -> Result<Vec<RawFile>, StoreError>;

    /// The raw file of that path with its bytes; `None` where the incident has none such. No other
    /// file is read.
    async fn file(&self, incident: &IncidentId, path: &str) -> Result<Option<RawFile>, StoreError>;

    /// Raw files of the incident without their bytes, and how many those are, by path.
    async fn file_list(&self, incident: &IncidentId) -> Result<Vec<(RawFile, u64)>, StoreError>;

    /// Puts what was read out of raw files in the place of what was read out of them before, file by file
    /// in one transaction. Of each, what goes: provenance whose query is the path, the series that it names (with
    /// their samples, unless another answer names them too), and events whose id is the path, `#`
    /// and a line. Edges stay: they do not depend on how a file is read. Then the batch comes, as in
    /// [`EvidenceStore::add_batch`]; it should hold the file itself.
    /// [`StoreError::Missing`] where there is no such incident.
    async fn replace_files(
        &self,
        incident: &IncidentId,
        files: &[(&str, &Batch)],
    ) -> Result<(), StoreError>;
}

#[async_trait]
impl EvidenceStore for Database {
    async fn add_batch(&self, incident: &IncidentId, batch: &Batch) -> Result<(), StoreError> {
        let mut tx = self.driver.write().await?;
        self.write_batch(&mut *tx, incident, batch).await?;
        Self::touch(&mut *tx, incident, Part::Evidence).await?;
        tx.commit().await?;
        self.tell(incident);
        Ok(())
    }

    async fn evidence(&self, incident: &IncidentId) -> Result<Option<Evidence>, StoreError> {
        let mut tx = self.driver.snapshot().await?;
        read::evidence(&mut *tx, incident).await
    }

    async fn series_list(&self, incident: &IncidentId) -> Result<Vec<SeriesMeta>, StoreError> {
        let args = vec![incident.0.as_str().into()];
        metas(&self.driver.fetch(SERIES_OF_INCIDENT, args).await?)
    }

    async fn samples(
        &self,
        incident: &IncidentId,
        series: &str,
        window: Window,
    ) -> Result<Samples, StoreError> {
        let mut tx = self.driver.snapshot().await?;
        let mut reading = Reading::of(&mut *tx, incident, series).await?;
        reading.samples(window).await
    }

    async fn pyramid(
        &self,
        incident: &IncidentId,
        series: &str,
        window: Window,
        max_buckets: usize,
    ) -> Result<Vec<Bucket>, StoreError> {
        let mut tx = self.driver.snapshot().await?;
        let mut reading = Reading::of(&mut *tx, incident, series).await?;
        reading.pyramid(window, max_buckets).await
    }

    async fn files(&self, incident: &IncidentId) -> Result<Vec<RawFile>, StoreError> {
        self.whole_files(incident).await
    }

    async fn file(&self, incident: &IncidentId, path: &str) -> Result<Option<RawFile>, StoreError> {
        self.whole_file(incident, path).await
    }

    async fn file_list(&self, incident: &IncidentId) -> Result<Vec<(RawFile, u64)>, StoreError> {
        self.list_files(incident).await
    }

    async fn replace_files(
        &self,
        incident: &IncidentId,
        files: &[(&str, &Batch)],
    ) -> Result<(), StoreError> {
        self.replace(incident, files).await
    }
}
