//! Incidents in the database: in, out, and looked at.

use crate::{
    clock::Clock,
    compute,
    dossier::{self, Dossier},
};
use model::{
    Analysis, Bundle, ENGINE, Evidence, Incident, IncidentId, Timestamp,
    review::activity::{Activity, Deed},
};
use sources::bundle::BundleError;
use store::{Imported, Said, Store, StoreError};

/// Why an incident could not be brought in or out.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The bundle is not what it should be.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CaseError> for crate::commands::CommandError {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Bundle(e) => e.into(),
            CaseError::Store(e) => e.into(),
        }
    }
}

/// Brings a bundle in, all of it or nothing, and analyses it. An equal bundle is the same incident.
pub async fn import(
    store: &dyn Store,
    bundle: &Bundle,
    clock: &dyn Clock,
) -> Result<Imported, CaseError> {
    let (incident, batches) = dossier::for_import(bundle, clock.now())?;
    let imported = store
        .import_whole(
            &incident,
            &batches,
            Said {
                annotations: &bundle.annotations,
                judgements: &bundle.header.judgements,
                actions: &bundle.header.actions,
            },
        )
        .await?;
    if imported.new {
        conclude(store, &imported.id, clock.now()).await?;
    }
    Ok(imported)
}

/// [`import`], written down in the activity log of what is new: `who` brought it in, nobody where that
/// is empty.
pub async fn import_by(
    who: &str,
    store: &dyn Store,
    bundle: &Bundle,
    clock: &dyn Clock,
) -> Result<Imported, CaseError> {
    let imported = import(store, bundle, clock).await?;
    if imported.new {
        let title = &bundle.header.title;
        let step = Activity::new(clock.now(), who, Deed::Imported, title);
        // The incident is there, whatever becomes of this line.
        if let Err(error) = store.record_activity(&imported.id, &step).await {
            tracing::error!(%error, "an import is missing in the activity log");
        }
    }
    Ok(imported)
}

/// An incident as a bundle; `None` where there is none of that id.
pub async fn export(store: &dyn Store, id: &IncidentId) -> Result<Option<Bundle>, CaseError> {
    let Some((incident, dossier)) = load(store, id, Timestamp::MAX).await? else {
        return Ok(None);
    };
    let files = store.files(id).await?;
    Ok(Some(dossier::to_bundle(&incident, &dossier, files)?))
}

/// An incident with all that is known of it. The analysis is the stored one where this engine made
/// it, else made anew as of `now`.
pub async fn load(
    store: &dyn Store,
    id: &IncidentId,
    now: Timestamp,
) -> Result<Option<(Incident, Dossier)>, StoreError> {
    let (Some(incident), Some(evidence)) = (store.incident(id).await?, store.evidence(id).await?)
    else {
        return Ok(None);
    };
    let (evidence, analysis) = match store.analysis(id).await? {
        Some(analysis) if analysis.engine == ENGINE => (evidence, analysis),
        _ => analysed(evidence, now).await,
    };
    let dossier = Dossier {
        title: incident.title.clone(),
        notice: incident.notice.clone(),
        evidence,
        analysis,
        annotations: dossier::in_order(store.annotations(id).await?),
        judgements: store.judgements(id).await?,
        actions: store.actions(id).await?,
    };
    Ok(Some((incident, dossier)))
}

/// Analyses what has come in and keeps analysis and report.
pub async fn conclude(
    store: &dyn Store,
    id: &IncidentId,
    now: Timestamp,
) -> Result<Option<Analysis>, StoreError> {
    let (Some(incident), Some(evidence)) = (store.incident(id).await?, store.evidence(id).await?)
    else {
        return Ok(None);
    };
    let (evidence, analysis) = analysed(evidence, now).await;
    let dossier = Dossier {
        title: incident.title,
        notice: incident.notice,
        evidence,
        analysis,
        annotations: dossier::in_order(store.annotations(id).await?),
        judgements: store.judgements(id).await?,
        actions: store.actions(id).await?,
    };
    let (dossier, report, fingerprint) = compute::run(move || {
        let report = dossier.report();
        let fingerprint = analysis::fingerprint(&dossier.evidence, &dossier.analysis);
        (dossier, report, fingerprint)
    })
    .await;
    store.put_analysis(id, &dossier.analysis, now).await?;
    store.put_report(id, &report, now).await?;
    store.put_fingerprint(id, ENGINE, &fingerprint).await?;
    Ok(Some(dossier.analysis))
}

pub(crate) async fn analysed(evidence: Evidence, now: Timestamp) -> (Evidence, Analysis) {
    compute::run(move || {
        let analysis = dossier::analyse(&evidence, now);
        (evidence, analysis)
    })
    .await
}
