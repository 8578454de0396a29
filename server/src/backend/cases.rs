//! An incident with everything that is known of it, as a page or a report needs it.

use super::{ServerBackend, document, study, unavailable};
use crate::{
    case, compute,
    dossier::{self, Dossier},
    registry::Registry,
};
use app::{
    ApiError,
    backend::{Case, sources::coverage},
};
use model::{Incident, IncidentId};

impl ServerBackend {
    /// An incident that somebody looks at.
    pub(super) async fn load(&self, id: &IncidentId) -> Result<Case, ApiError> {
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
    pub(super) async fn load_once(&self, id: &IncidentId) -> Result<Case, ApiError> {
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
    pub(super) async fn incident(&self, id: &IncidentId) -> Result<Incident, ApiError> {
        self.store
            .incident(id)
            .await
            .map_err(|e| unavailable(&e))?
            .ok_or(ApiError::NotFound)
    }

    /// The stored report follows the notes.
    pub(super) async fn refresh_report(&self, id: &IncidentId) -> Result<(), ApiError> {
        let case = self.load(id).await?;
        let report = compute::run(move || report_of(&case)).await;
        self.store
            .put_report(id, &report, self.clock.now())
            .await
            .map_err(|e| unavailable(&e))
    }
}

/// The report of a case.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method itself is not general enough in the lifetime of the drafts"
)]
pub(crate) fn report_of(case: &Case) -> model::Report {
    document::with_drafts(case, |drafts| drafts.report())
}
