//! What the pages ask for, answered from the database.

mod access;
mod activity;
mod document;
mod files;
mod judge;
mod judging;
mod live;
mod manage;
mod metrics;
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
    case,
    clock::Clock,
    compute,
    config::{Aws, Config, Freeze, hooks::Hooks},
    dossier::{self, Dossier},
    jobs::Worker,
    notify::Outbox,
    random::{self, Random},
    registry::Registry,
};
use access::author_of;
use app::{
    ApiError,
    backend::{
        AnnotationDraft, Backend, Caller, Case, Compare, EventsAsk, EventsPage, FileAnswer,
        IncidentRow, LaneRow, LanesAsk, LanesGiven, Overview, Revision, sources::coverage,
    },
};
use async_trait::async_trait;
use model::{
    Annotation, Incident, IncidentId, Timestamp, Window,
    bundle::RawFile,
    incident::{IncidentState, Job},
    review::activity::Deed,
};
use overview::CaseCache;
use people::Doors;
use std::sync::Arc;
use store::{Store, StoreError};
use timeline::KnownCache;

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

    /// An incident that somebody looks at.
    async fn load(&self, id: &IncidentId) -> Result<Case, ApiError> {
        let known = self.known.get(self, id).await?;
        let facts = &known.facts;
        if !facts.whole {
            return self.load_once(id).await;
        }
        let dossier = Dossier {
            title: facts.incident.title.clone(),
            notice: facts.incident.notice.clone(),
            evidence: facts.evidence.clone(),
            analysis: facts.analysis.clone(),
            annotations: known.annotations.clone(),
            judgements: self
                .store
                .judgements(id)
                .await
                .map_err(|e| unavailable(&e))?,
            actions: self.store.actions(id).await.map_err(|e| unavailable(&e))?,
            document: self.store.document(id).await.map_err(|e| unavailable(&e))?,
        };
        self.case_of(facts.incident.clone(), dossier).await
    }

    /// An incident that is read for once, as for a list.
    async fn load_once(&self, id: &IncidentId) -> Result<Case, ApiError> {
        let loaded = case::load(&*self.store, id, self.clock.now())
            .await
            .map_err(|e| unavailable(&e))?;
        let (incident, dossier) = loaded.ok_or(ApiError::NotFound)?;
        self.case_of(incident, dossier).await
    }

    async fn case_of(&self, incident: Incident, dossier: Dossier) -> Result<Case, ApiError> {
        let id = &incident.id;
        let mut jobs = self.store.jobs(id).await.map_err(|e| unavailable(&e))?;
        jobs.sort_by_key(|j| std::cmp::Reverse(j.created_at));
        let now = self.clock.now();
        let facts = Registry::facts_of_kind;
        let files = self.file_rows(id, &dossier.evidence).await?;
        let (dossier, actions, definitions) = compute::run(move || {
            let actions = dossier::tested(&dossier.evidence, &dossier.analysis, &dossier.actions);
            let definitions = study::definitions_of(&dossier);
            (dossier, actions, definitions)
        })
        .await;
        Ok(Case {
            coverage: coverage(&incident, &dossier.evidence, facts, now),
            freezable: !self.registry.all().is_empty(),
            asking: self.asking(incident.window, now),
            incident,
            evidence: dossier.evidence,
            analysis: dossier.analysis,
            annotations: dossier.annotations,
            jobs,
            files,
            judgements: dossier.judgements,
            actions,
            definitions,
            earlier: Vec::new(),
            belongs: None,
            document: dossier.document,
        })
    }

    /// The stored incident, or nothing here.
    async fn incident(&self, id: &IncidentId) -> Result<Incident, ApiError> {
        self.store
            .incident(id)
            .await
            .map_err(|e| unavailable(&e))?
            .ok_or(ApiError::NotFound)
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

/// The report of a case.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method itself is not general enough in the lifetime of the drafts"
)]
pub(crate) fn report_of(case: &Case) -> model::Report {
    document::with_drafts(case, |drafts| drafts.report())
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
        let incident = self.incident(id).await?;
        requests::check_note(&draft, &incident, self.clock.now())?;
        let notes = self
            .store
            .annotations(id)
            .await
            .map_err(|e| unavailable(&e))?;
        let old = match &draft.id {
            Some(note) => Some(
                notes
                    .into_iter()
                    .find(|a| a.id == *note)
                    .or_else(|| self.removed.find(id, note))
                    .ok_or(ApiError::NotFound)?,
            ),
            None => None,
        };
        let note = Annotation {
            start: draft.start,
            end: draft.end,
            text: draft.text.trim().to_owned(),
            series: draft.series,
            events: draft.events,
            ..match old {
                Some(old) => old,
                None => Annotation {
                    id: format!("note-{}", self.new_id()?),
                    author: author_of(who),
                    created_at: Some(self.clock.now()),
                    ..Annotation::default()
                },
            }
        };
        self.store
            .put_annotation(id, &note)
            .await
            .map_err(|e| unavailable(&e))?;
        self.refresh_report(id).await?;
        let deed = if draft.id.is_some() {
            Deed::NoteChanged
        } else {
            Deed::Noted
        };
        self.did(who, id, deed, &note.text).await;
        Ok(note)
    }

    async fn delete_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        annotation: &str,
    ) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let notes = self.store.annotations(id).await;
        let notes = notes.map_err(|e| unavailable(&e))?;
        if !self
            .store
            .delete_annotation(id, annotation)
            .await
            .map_err(|e| unavailable(&e))?
        {
            return Err(ApiError::NotFound);
        }
        let note = notes.into_iter().find(|n| n.id == annotation);
        let text = note.as_ref().map(|n| n.text.clone()).unwrap_or_default();
        if let Some(note) = note {
            self.removed.keep(id, note);
        }
        self.refresh_report(id).await?;
        self.did(who, id, Deed::NoteRemoved, &text).await;
        Ok(())
    }

    async fn freeze(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        self.may_change(who, id).await?;
        let incident = self.incident(id).await?;
        self.freeze_now(&incident).await?;
        self.did(who, id, Deed::Frozen, "").await;
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
        let now = self.clock.now();
        if self
            .store
            .cancel_job(id, now)
            .await
            .map_err(|e| unavailable(&e))?
        {
            let incident = self.settle_cancelled(id).await?;
            if let Some(incident) = incident {
                self.did(who, &incident, Deed::Cancelled, "").await;
            }
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
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

impl ServerBackend {
    /// The stored job.
    async fn job_of(&self, id: &str) -> Result<Job, ApiError> {
        let job = self.store.job(id).await.map_err(|e| unavailable(&e))?;
        job.ok_or(ApiError::NotFound)
    }

    /// Work is its incident's.
    async fn may_change_by_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        self.may_make(who)?;
        let job = self.job_of(id).await?;
        self.may_change(who, &job.incident).await
    }

    /// The stored report follows the notes.
    async fn refresh_report(&self, id: &IncidentId) -> Result<(), ApiError> {
        let case = self.load(id).await?;
        let report = compute::run(move || report_of(&case)).await;
        self.store
            .put_report(id, &report, self.clock.now())
            .await
            .map_err(|e| unavailable(&e))
    }

    /// A job that was cancelled while it waited leaves an incident that nothing fills, unless other
    /// work is on its way. A closed one stays closed, and what others write meanwhile stays too.
    async fn settle_cancelled(&self, job: &str) -> Result<Option<IncidentId>, ApiError> {
        let Some(job) = self.store.job(job).await.map_err(|e| unavailable(&e))? else {
            return Ok(None);
        };
        let id = job.incident;
        let jobs = self.store.jobs(&id).await.map_err(|e| unavailable(&e))?;
        if jobs.iter().all(|job| job.state.is_over()) {
            self.collects_no_more(&id).await?;
        }
        Ok(Some(id))
    }

    /// Says that nothing fills an incident any more, where it says that something does.
    async fn collects_no_more(&self, id: &IncidentId) -> Result<(), ApiError> {
        let settled = |incident: &Incident| {
            (incident.state == IncidentState::Collecting).then(|| Incident {
                state: IncidentState::Open,
                ..incident.clone()
            })
        };
        let changed = self.store.change_incident(id, &settled).await;
        changed.map(drop).map_err(|e| unavailable(&e))
    }
}
