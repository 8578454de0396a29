//! What the pages ask for, answered from the database.

mod files;
mod judge;
mod live;
mod manage;
mod metrics;
mod overview;
mod pulls;
mod recurrence;
mod requests;
mod shares;
mod study;
mod timeline;

use crate::{
    case,
    clock::Clock,
    compute,
    config::{Aws, Config, Freeze, hooks::Hooks},
    dossier::{self, Dossier},
    jobs::Worker,
    random::{self, Random},
    registry::Registry,
};
use app::{
    ApiError,
    backend::{
        ActionChange, ActionDraft, AnnotationDraft, BackTestAnswer, BackTestAsk, Backend, Caller,
        Case, Entered, EventsAsk, EventsPage, ExploreAsk, Explored, FileAnswer, IncidentRow,
        JudgementDraft, LaneRow, LanesAsk, LanesGiven, MetricAsk, MetricsFound, NewIncident,
        NewShare, OpenIncident, Overview, PullKind, PullMetrics, PullPrice, Revision, ShareAsk,
        ShareDraft, SharePage, ShareRow, SourcesView, Visit, Visited, WhatIfAnswer, WhatIfAsk,
        sources::coverage,
    },
};
use async_trait::async_trait;
use model::{
    Annotation, Incident, IncidentId, Timestamp, Window,
    bundle::RawFile,
    incident::{IncidentState, Job},
};
use overview::CaseCache;
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
    cache: CaseCache,
    known: KnownCache,
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
            cache: CaseCache::default(),
            known: KnownCache::default(),
        }
    }

    /// Keeps the samples of an incident in memory while it is looked at only where they are no more
    /// than `most_samples`; of larger ones each question reads its zoom level from the database.
    #[must_use]
    pub fn keeping(mut self, most_samples: usize) -> Self {
        self.known = KnownCache::of_incidents_with(most_samples);
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

/// Who it is that writes, as long as there are no accounts.
const LOCAL_USER: &str = "local user";

/// The name under which the caller writes.
fn author_of(_: &Caller) -> String {
    LOCAL_USER.to_owned()
}

/// Without accounts, the person at the machine may do everything and a share link nothing but look
/// at what it opens.
fn local_only(who: &Caller) -> Result<(), ApiError> {
    match who {
        Caller::LocalUser => Ok(()),
        Caller::Share(_) => Err(ApiError::Forbidden),
    }
}

/// The database's words go to the log, people read what to do.
fn unavailable(error: &StoreError) -> ApiError {
    tracing::error!(%error, "the database could not answer");
    ApiError::Unavailable("The database could not answer. The server's log says why.".into())
}

/// The report of a case as HTML for a page.
fn report_html(case: &Case) -> String {
    report::html_fragment(&report_of(case))
}

/// The report of a case.
pub(crate) fn report_of(case: &Case) -> model::Report {
    report::build(&report::Input {
        title: &case.incident.title,
        notice: case.incident.notice.as_deref(),
        evidence: &case.evidence,
        analysis: &case.analysis,
        annotations: &case.annotations,
        said: report::Said {
            judgements: &case.judgements,
            actions: &case.actions,
            earlier: &case.earlier,
        },
    })
}

#[async_trait]
impl Backend for ServerBackend {
    async fn overview(&self, who: &Caller) -> Result<Overview, ApiError> {
        local_only(who)?;
        let cases = self.cache.all(self).await?;
        let live = self.live_case().await?;
        Ok(Overview::of(&cases, live.as_ref(), self.clock.now()))
    }

    async fn incidents(&self, who: &Caller) -> Result<Vec<IncidentRow>, ApiError> {
        Ok(self.overview(who).await?.incidents)
    }

    async fn case(&self, who: &Caller, id: &IncidentId) -> Result<Case, ApiError> {
        local_only(who)?;
        self.load_with_earlier(id).await
    }

    async fn visit(&self, who: &Caller, visit: Visit) -> Result<Visited, ApiError> {
        self.visited(who, visit).await
    }

    async fn enter(&self, who: &Caller, password: String) -> Result<Entered, ApiError> {
        self.entered(who, password).await
    }

    async fn report_html(&self, who: &Caller, id: &IncidentId) -> Result<String, ApiError> {
        local_only(who)?;
        let case = self.load_with_earlier(id).await?;
        Ok(compute::run(move || report_html(&case)).await)
    }

    async fn put_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: AnnotationDraft,
    ) -> Result<Annotation, ApiError> {
        local_only(who)?;
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
                    .ok_or(ApiError::NotFound)?,
            ),
            None => None,
        };
        let note = Annotation {
            start: draft.start,
            end: draft.end,
            text: draft.text.trim().to_owned(),
            ..match old {
                Some(old) => old,
                None => Annotation {
                    id: format!("note-{}", self.new_id()?),
                    author: LOCAL_USER.to_owned(),
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
        Ok(note)
    }

    async fn delete_annotation(
        &self,
        who: &Caller,
        id: &IncidentId,
        annotation: &str,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        if !self
            .store
            .delete_annotation(id, annotation)
            .await
            .map_err(|e| unavailable(&e))?
        {
            return Err(ApiError::NotFound);
        }
        self.refresh_report(id).await
    }

    async fn share(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ShareDraft,
    ) -> Result<NewShare, ApiError> {
        local_only(who)?;
        self.incident(id).await?;
        self.new_share(who, id, draft).await
    }

    async fn share_page(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: ShareAsk,
    ) -> Result<SharePage, ApiError> {
        local_only(who)?;
        self.page_that_shares(id, ask).await
    }

    async fn shares(&self, who: &Caller, id: &IncidentId) -> Result<Vec<ShareRow>, ApiError> {
        local_only(who)?;
        self.share_rows(id).await
    }

    async fn revoke_share(&self, who: &Caller, share_id: &str) -> Result<(), ApiError> {
        local_only(who)?;
        self.share_revoked(share_id).await
    }

    fn pull_kinds(&self) -> Vec<PullKind> {
        pulls::kinds()
    }

    async fn price_pull(&self, who: &Caller, request: &NewIncident) -> Result<PullPrice, ApiError> {
        local_only(who)?;
        self.pull_price(request)
    }

    async fn start_pull(&self, who: &Caller, request: NewIncident) -> Result<IncidentId, ApiError> {
        local_only(who)?;
        self.pull_started(request).await
    }

    async fn sources(&self, who: &Caller) -> Result<SourcesView, ApiError> {
        local_only(who)?;
        self.source_cards().await
    }

    async fn test_source(&self, who: &Caller, name: &str) -> Result<String, ApiError> {
        local_only(who)?;
        self.try_source(name).await
    }

    async fn explore(&self, who: &Caller, ask: ExploreAsk) -> Result<Explored, ApiError> {
        local_only(who)?;
        self.explored(ask).await
    }

    async fn open_incident(
        &self,
        who: &Caller,
        request: OpenIncident,
    ) -> Result<IncidentId, ApiError> {
        local_only(who)?;
        self.opened(request).await
    }

    async fn freeze(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        local_only(who)?;
        let incident = self.incident(id).await?;
        self.freeze_now(&incident).await
    }

    async fn set_closed(
        &self,
        who: &Caller,
        id: &IncidentId,
        closed: bool,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        self.closed(id, closed).await
    }

    async fn rename(&self, who: &Caller, id: &IncidentId, title: &str) -> Result<(), ApiError> {
        local_only(who)?;
        self.renamed(id, title).await
    }

    async fn delete_incident(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        local_only(who)?;
        self.deleted(id).await
    }

    async fn window(&self, who: &Caller, id: &IncidentId) -> Result<Window, ApiError> {
        local_only(who)?;
        Ok(self.incident(id).await?.window)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn retry_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        local_only(who)?;
        self.tried_again(id).await
    }

    async fn find_metrics(&self, who: &Caller, ask: MetricAsk) -> Result<MetricsFound, ApiError> {
        local_only(who)?;
        self.metrics_found(ask).await
    }

    async fn pull_metrics(
        &self,
        who: &Caller,
        request: PullMetrics,
    ) -> Result<IncidentId, ApiError> {
        local_only(who)?;
        self.metrics_pulled(request).await
    }

    async fn add_files(
        &self,
        who: &Caller,
        id: &IncidentId,
        files: Vec<RawFile>,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        self.add_raw_files(id, files).await
    }

    async fn answer_file(
        &self,
        who: &Caller,
        id: &IncidentId,
        answer: FileAnswer,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        self.answer_raw_file(id, answer).await
    }

    async fn judge(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: JudgementDraft,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        self.judged(id, draft).await
    }

    async fn take_back(
        &self,
        who: &Caller,
        id: &IncidentId,
        suspect: &str,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        self.taken_back(id, suspect).await
    }

    async fn what_if(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: WhatIfAsk,
    ) -> Result<WhatIfAnswer, ApiError> {
        local_only(who)?;
        self.would_have_been(id, ask).await
    }

    async fn back_test(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: BackTestAsk,
    ) -> Result<BackTestAnswer, ApiError> {
        local_only(who)?;
        self.would_have_fired(id, ask).await
    }

    async fn add_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ActionDraft,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        self.action_added(id, draft).await
    }

    async fn change_action(
        &self,
        who: &Caller,
        id: &IncidentId,
        action: &str,
        change: ActionChange,
    ) -> Result<(), ApiError> {
        local_only(who)?;
        self.action_changed(id, action, change).await
    }

    async fn job(&self, who: &Caller, id: &str) -> Result<Job, ApiError> {
        local_only(who)?;
        self.store
            .job(id)
            .await
            .map_err(|e| unavailable(&e))?
            .ok_or(ApiError::NotFound)
    }

    async fn cancel_job(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        local_only(who)?;
        let now = self.clock.now();
        if self
            .store
            .cancel_job(id, now)
            .await
            .map_err(|e| unavailable(&e))?
        {
            self.settle_cancelled(id).await
        } else {
            Err(ApiError::NotFound)
        }
    }

    async fn revision(&self, who: &Caller, id: &IncidentId) -> Result<Revision, ApiError> {
        local_only(who)?;
        self.revision_of(id).await
    }

    async fn changed(
        &self,
        who: &Caller,
        id: &IncidentId,
        known: Revision,
    ) -> Result<Revision, ApiError> {
        local_only(who)?;
        self.changed_from(id, known).await
    }

    async fn lanes(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: LanesAsk,
    ) -> Result<LanesGiven, ApiError> {
        local_only(who)?;
        self.lanes_of(id, ask).await
    }

    async fn lane_list(&self, who: &Caller, id: &IncidentId) -> Result<Vec<LaneRow>, ApiError> {
        local_only(who)?;
        self.lane_rows(id).await
    }

    async fn events(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: EventsAsk,
    ) -> Result<EventsPage, ApiError> {
        local_only(who)?;
        self.event_page(id, ask).await
    }
}

impl ServerBackend {
    /// The stored report follows the notes.
    async fn refresh_report(&self, id: &IncidentId) -> Result<(), ApiError> {
        let case = self.load(id).await?;
        let report = compute::run(move || report_of(&case)).await;
        self.store
            .put_report(id, &report, self.clock.now())
            .await
            .map_err(|e| unavailable(&e))
    }

    /// A job that was cancelled while it waited leaves an incident that nothing fills.
    async fn settle_cancelled(&self, job: &str) -> Result<(), ApiError> {
        let Some(job) = self.store.job(job).await.map_err(|e| unavailable(&e))? else {
            return Ok(());
        };
        let mut incident = self.incident(&job.incident).await?;
        incident.state = IncidentState::Open;
        self.store
            .update_incident(&incident)
            .await
            .map_err(|e| unavailable(&e))
    }
}
