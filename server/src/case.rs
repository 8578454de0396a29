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
use std::sync::Arc;
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
    /// The evidence is stored, and what is made of it could not be made.
    #[error(
        "the evidence is stored as incident {id}, but {what} ran into a fault of Lineup itself; the \
         server's log says where, and the incident's bundle can still be exported"
    )]
    Concluding {
        /// The incident.
        id: IncidentId,
        /// What failed: `its analysis`.
        what: &'static str,
    },
}

impl From<CaseError> for crate::commands::CommandError {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Bundle(e) => e.into(),
            CaseError::Store(e) => e.into(),
            error @ CaseError::Concluding { .. } => Self::Fault(error.to_string()),
        }
    }
}

/// Brings a bundle in, all of it or nothing, and analyses it. An equal bundle is the same incident.
///
/// # Errors
/// [`CaseError::Concluding`] where the evidence came in and nothing could be made of it.
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
                document: bundle.header.document.as_ref(),
                files: &bundle.files,
            },
        )
        .await?;
    if imported.new {
        let concluded = conclude(store, &imported.id, clock.now()).await?;
        if let Some(what) = concluded.and_then(|c| c.failed) {
            let id = imported.id;
            return Err(CaseError::Concluding { id, what });
        }
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
    let Some((incident, mut dossier)) = load(store, id, Timestamp::MAX).await? else {
        return Ok(None);
    };
    // Whoever opens the bundle has every word that was ever written.
    dossier.document = store.whole_document(id).await?;
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
        document: store.document(id).await?,
    };
    Ok(Some((incident, dossier)))
}

/// What became of evidence.
#[derive(Clone, Debug)]
pub struct Concluded {
    /// The analysis, which says by itself where it failed.
    pub analysis: Analysis,
    /// What could not be made of the evidence for a fault of Lineup itself, in words; what could is
    /// stored.
    pub failed: Option<&'static str>,
}

/// Analyses what has come in and keeps analysis and report.
pub async fn conclude(
    store: &dyn Store,
    id: &IncidentId,
    now: Timestamp,
) -> Result<Option<Concluded>, StoreError> {
    let (Some(incident), Some(evidence)) = (store.incident(id).await?, store.evidence(id).await?)
    else {
        return Ok(None);
    };
    let (evidence, analysis) = analysed(evidence, now).await;
    let dossier = Arc::new(Dossier {
        title: incident.title,
        notice: incident.notice,
        evidence,
        analysis,
        annotations: dossier::in_order(store.annotations(id).await?),
        judgements: store.judgements(id).await?,
        actions: store.actions(id).await?,
        document: store.document(id).await?,
    });
    store.put_analysis(id, &dossier.analysis, now).await?;
    let mut failed = dossier.analysis.fault().map(|_| "its analysis");
    let of = dossier.clone();
    let fingerprint = move || analysis::fingerprint(&of.evidence, &of.analysis);
    match compute::attempt(fingerprint).await {
        Ok(made) => store.put_fingerprint(id, ENGINE, &made).await?,
        Err(_) => failed = failed.or(Some("its comparison with other incidents")),
    }
    let of = dossier.clone();
    match compute::attempt(move || of.report()).await {
        Ok(made) => store.put_report(id, &made, now).await?,
        Err(_) => failed = failed.or(Some("its report")),
    }
    Ok(Some(Concluded {
        analysis: dossier.analysis.clone(),
        failed,
    }))
}

pub(crate) async fn analysed(evidence: Evidence, now: Timestamp) -> (Evidence, Analysis) {
    compute::run(move || {
        let analysis = dossier::analyse(&evidence, now);
        (evidence, analysis)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use model::{Samples, Series, SeriesMeta, Window};

    /// A bundle whose analysis runs into a fault.
    fn faulty() -> Bundle {
        let at = Timestamp::from_seconds;
        let mut bundle = Bundle::default();
        bundle.header.title = "Faulty".into();
        bundle.header.window = Window {
            start: at(0),
            end: at(3_600),
        };
        bundle.series = vec![Series {
            meta: SeriesMeta {
                id: dossier::FAULT.into(),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(vec![(at(60), 1.0), (at(120), 2.0)]),
        }];
        bundle
    }

    #[tokio::test]
    async fn a_fault_of_the_analysis_is_said_and_the_evidence_stays() {
        let store = store::open("sqlite::memory:").await.unwrap();
        let error = import(&*store, &faulty(), &SystemClock).await.unwrap_err();
        let CaseError::Concluding { id, what } = &error else {
            panic!("{error}");
        };
        assert_eq!(*what, "its analysis");
        assert!(error.to_string().contains(&id.0), "{error}");

        // Whoever looks at it is told, and nothing is called clear.
        let loaded = load(&*store, id, Timestamp::MAX).await.unwrap();
        let (_, dossier) = loaded.unwrap();
        assert_eq!(dossier.evidence.series.len(), 1);
        assert!(
            dossier
                .analysis
                .fault()
                .unwrap()
                .contains("fault of Lineup")
        );
        assert!(dossier.analysis.ruled_out.is_empty());
        let report = report::markdown(&dossier.report());
        assert!(report.contains("The analysis failed"), "{report}");

        let bundle = export(&*store, id).await.unwrap().unwrap();
        assert_eq!(bundle.series, faulty().series);
        // The same again is the same incident, which is there.
        let again = import(&*store, &faulty(), &SystemClock).await.unwrap();
        assert_eq!((&again.id, again.new), (id, false));
    }

    #[tokio::test]
    async fn an_export_needs_no_report() {
        let store = store::open("sqlite::memory:").await.unwrap();
        let mut bundle = faulty();
        bundle.series[0].meta.id = "fine".into();
        let id = import(&*store, &bundle, &SystemClock).await.unwrap().id;
        let note = model::Annotation {
            id: "n".into(),
            text: dossier::FAULT.into(),
            start: Timestamp::from_seconds(60),
            ..model::Annotation::default()
        };
        store.put_annotation(&id, &note).await.unwrap();
        let concluded = conclude(&*store, &id, Timestamp::MAX).await.unwrap();
        assert_eq!(concluded.unwrap().failed, Some("its report"));
        let exported = export(&*store, &id).await.unwrap().unwrap();
        assert_eq!(exported.series, bundle.series);
        assert_eq!(exported.annotations, [note]);
        assert_eq!((exported.report_md, exported.figures), (None, None));
    }
}
