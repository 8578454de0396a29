//! What the pages ask for, answered from the database.

mod access;
mod activity;
mod cases;
mod document;
mod files;
mod jobs;
mod judge;
mod judging;
mod live;
mod manage;
mod metrics;
mod notes;
mod overview;
pub(crate) mod people;
mod pulls;
mod recurrence;
mod removed;
mod requests;
mod review;
mod shares;
mod sharing;
mod sourcing;
mod study;
mod timeline;
mod writing;

use crate::{
    clock::Clock,
    config::{Aws, Config, Freeze, hooks::Hooks},
    jobs::Worker,
    notify::Outbox,
    random::{self, Random},
    registry::Registry,
};
use app::{
    ApiError,
    backend::{
        AnnotationDraft, Backend, Caller, Case, Compare, EventsAsk, EventsPage, FileAnswer,
        IncidentRow, LaneRow, LanesAsk, LanesGiven, Overview, Revision,
    },
};
use async_trait::async_trait;
use model::{
    Annotation, IncidentId, Timestamp, Window, bundle::RawFile, incident::Job,
    review::activity::Deed,
};
use overview::CaseCache;
use people::Doors;
use std::sync::Arc;
use store::{Store, StoreError};
use timeline::KnownCache;

pub(crate) use cases::report_of;
pub use shares::Views;
pub(crate) use shares::page as page_outside;

/// The server's side of [`app::backend::Backend`].
pub struct ServerBackend {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    worker: Worker,
    registry: Arc<Registry>,
    aws: Aws,
    margin: Freeze,
    /// Who may tell by a hook, and how long that is kept.
    hooks: Hooks,
    /// Templates of postmortems that can be chosen.
    templates: Vec<report::templates::Template>,
    /// What is to be told outside.
    outbox: Outbox,
    cache: CaseCache,
    known: KnownCache,
    /// Notes whose removal can be undone.
    removed: removed::Removed,
    /// Who may come in.
    doors: Doors,
    sharing: shares::Sharing,
}

impl ServerBackend {
    /// A backend on that database.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        worker: Worker,
        registry: Arc<Registry>,
        config: &Config,
    ) -> Self {
        Self {
            sharing: shares::Sharing::new(&*store),
            store,
            clock,
            random,
            worker,
            registry,
            aws: config.aws.clone(),
            margin: config.freeze,
            hooks: config.hooks.clone(),
            templates: config.report.choices(),
            outbox: Outbox::of(&config.notify),
            cache: CaseCache::default(),
            known: KnownCache::default(),
            removed: removed::Removed::default(),
            doors: Doors::of(&config.people),
        }
    }

    /// Keeps the samples of an incident in memory while it is looked at only where they are no more
    /// than `most_samples`; of larger ones each question reads its zoom level from the database.
    #[must_use]
    pub fn keeping(mut self, most_samples: usize) -> Self {
        self.known = KnownCache::of_incidents_with(most_samples);
        self
    }

    /// Puts what is to be told into that outbox, which a sender empties.
    #[must_use]
    pub fn telling(mut self, outbox: Outbox) -> Self {
        self.outbox = outbox;
        self
    }

    fn new_id(&self) -> Result<String, ApiError> {
        random::id(&*self.random).map_err(|error| {
            tracing::error!(%error, "the operating system gives no randomness");
            ApiError::Unavailable("The server has no randomness to make an id from.".into())
        })
    }
}

/// The database's words go to the log, people read what to do.
fn unavailable(error: &StoreError) -> ApiError {
    tracing::error!(%error, "the database could not answer");
    ApiError::Unavailable("The database could not answer. The server's log says why.".into())
}

#[async_trait]
impl Backend for ServerBackend {
    async fn overview(&self, who: &Caller) -> Result<Overview, ApiError> {
        let sight = self.sight(who).await?;
        self.cache.overview(self, &sight).await
    }

    async fn incidents(&self, who: &Caller) -> Result<Vec<IncidentRow>, ApiError> {
        let sight = self.sight(who).await?;
        self.cache.rows(self, &sight).await
    }

    async fn case(&self, who: &Caller, id: &IncidentId) -> Result<Case, ApiError> {
        self.may_look(who, id).await?;
        let case = self.load_with_earlier(who, id).await?;
        Ok(Case {
            belongs: self.belongs(id).await?,
            ..case
        })
    }

    async fn put_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: AnnotationDraft,
    ) -> Result<Annotation, ApiError> {
        self.may_change(who, id).await?;
        self.note_put(who, id, draft).await
    }

    async fn delete_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        annotation: &str,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        self.note_removed(who, id, annotation).await
    }

    async fn freeze(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let incident = self.incident(id).await?;
        if self.freeze_now(&incident).await? {
            self.did(who, id, Deed::Frozen, "").await;
        }
        Ok(())
    }

    async fn set_closed(
        &self,
        who: &Caller,
        id: &IncidentId,
        closed: bool,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        self.closed(id, closed).await?;
        let deed = if closed { Deed::Closed } else { Deed::Reopened };
        self.did(who, id, deed, "").await;
        Ok(())
    }

    async fn rename(&self, who: &Caller, id: &IncidentId, title: &str) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        self.renamed(id, title).await?;
        self.did(who, id, Deed::Renamed, title).await;
        Ok(())
    }

    async fn delete_incident(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        self.deleted(id).await
    }

    async fn window(&self, who: &Caller, id: &IncidentId) -> Result<Window, ApiError> {
        self.may_look(who, id).await?;
        Ok(self.incident(id).await?.window)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn retry_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        self.may_change_by_job(who, id).await?;
        if let Some(incident) = self.tried_again(id).await? {
            self.did(who, &incident, Deed::Retried, "").await;
        }
        Ok(())
    }

    async fn add_files(
        &self,
        who: &Caller,
        id: &IncidentId,
        files: Vec<RawFile>,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let paths: Vec<String> = files.iter().map(|f| f.path.clone()).collect();
        self.add_raw_files(id, files).await?;
        self.did(who, id, Deed::FilesAdded, &paths.join(", ")).await;
        Ok(())
    }

    async fn answer_file(
        &self,
        who: &Caller,
        id: &IncidentId,
        answer: FileAnswer,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let path = answer.path.clone();
        self.answer_raw_file(id, answer).await?;
        self.did(who, id, Deed::FileAnswered, &path).await;
        Ok(())
    }

    async fn job(&self, who: &Caller, id: &str) -> Result<Job, ApiError> {
        self.may_read(who)?;
        let job = self.job_of(id).await?;
        self.may_look(who, &job.incident).await?;
        Ok(job)
    }

    async fn cancel_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        self.may_change_by_job(who, id).await?;
        let incident = self.cancelled(id).await?;
        if let Some(incident) = incident {
            self.did(who, &incident, Deed::Cancelled, "").await;
        }
        Ok(())
    }

    async fn revision(&self, who: &Caller, id: &IncidentId) -> Result<Revision, ApiError> {
        self.may_look(who, id).await?;
        self.revision_of(id).await
    }

    async fn changed(
        &self,
        who: &Caller,
        id: &IncidentId,
        known: Revision,
    ) -> Result<Revision, ApiError> {
        self.may_look(who, id).await?;
        self.changed_from(id, known).await
    }

    async fn lanes(
        &self,
        who: &Caller,
        id: &IncidentId,
        mut ask: LanesAsk,
    ) -> Result<LanesGiven, ApiError> {
        self.may_look(who, id).await?;
        if let Some(Compare::Incident(other)) = &mut ask.compare {
            match self.may_look(who, other).await {
                // What they may not see they are told of as of what never was: no incident has this id.
                Err(ApiError::NotFound) => *other = IncidentId::default(),
                looked => looked?,
            }
        }
        self.lanes_of(id, ask).await
    }

    async fn comparable(
        &self,
        who: &Caller,
        id: &IncidentId,
    ) -> Result<Vec<IncidentRow>, ApiError> {
        self.may_look(who, id).await?;
        let sight = self.sight(who).await?;
        self.cache.comparable(self, &sight, id).await
    }

    async fn lane_list(&self, who: &Caller, id: &IncidentId) -> Result<Vec<LaneRow>, ApiError> {
        self.may_look(who, id).await?;
        self.lane_rows(id).await
    }

    async fn events(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: EventsAsk,
    ) -> Result<EventsPage, ApiError> {
        self.may_look(who, id).await?;
        self.event_page(id, ask).await
    }
}
