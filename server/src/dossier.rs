//! An incident made whole: evidence, analysis and report, from a bundle or for the database.
//!
//! Both ways into the program (files and database) meet here, so that both say the same.

use crate::compute;
use crate::studied::Studied;
use analysis::Settings;
use model::{
    ActionItem, Analysis, Annotation, Batch, Bundle, Document, Evidence, Incident, IncidentId,
    Judgement, Report, Timestamp,
    action::TestedAction,
    analysis::Verdict,
    bundle::{BUNDLE_SCHEMA, IncidentHeader, RawFile},
    incident::IncidentState,
};
use sources::bundle::BundleError;

/// Everything that is known and thought of one incident.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// Title.
    pub title: String,
    /// What must be said about the evidence wherever it is shown.
    pub notice: Option<String>,
    /// What came in.
    pub evidence: Evidence,
    /// What was made of it.
    pub analysis: Analysis,
    /// What people noted.
    pub annotations: Vec<Annotation>,
    /// What people decided about suspects.
    pub judgements: Vec<Judgement>,
    /// What people set out to do.
    pub actions: Vec<ActionItem>,
    /// What people wrote into the postmortem.
    pub document: Document,
}

impl Dossier {
    /// Analyses a bundle.
    pub fn of_bundle(bundle: &Bundle) -> Result<Self, BundleError> {
        let evidence = sources::evidence_of(bundle)?;
        let analysis = analyse(&evidence, evidence.window.end);
        Ok(Self {
            title: bundle.header.title.clone(),
            notice: bundle.header.notice.clone(),
            evidence,
            analysis,
            annotations: in_order(bundle.annotations.clone()),
            judgements: bundle.header.judgements.clone(),
            actions: bundle.header.actions.clone(),
            document: bundle.header.document.clone().unwrap_or_default(),
        })
    }

    /// The bundle with this report, where there is one: evidence, decisions and provenance are the dossier's, the rest is
    /// the header's.
    pub fn bundle(
        &self,
        header: IncidentHeader,
        files: Vec<RawFile>,
        report: Option<&Report>,
    ) -> Result<Bundle, BundleError> {
        let evidence = &self.evidence;
        let figures =
            report.map(|report| report::figures_over(report, evidence, &self.annotations));
        // A store lists them in an order of its own: equal evidence gives equal bundles.
        let mut files = files;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        // What was read out of the raw files is read again from them by whoever opens the bundle.
        sources::bundle::without_derived(Bundle {
            header: IncidentHeader {
                provenance: evidence.provenance.clone(),
                judgements: self.judgements.clone(),
                actions: self.actions.clone(),
                document: (!self.document.is_empty()).then(|| self.document.clone()),
                ..header
            },
            series: evidence.series.clone(),
            topology: evidence.topology.clone(),
            events: evidence.events.clone(),
            annotations: self.annotations.clone(),
            report_md: report.map(report::markdown),
            figures: figures.and_then(|figures| serde_json::to_value(figures).ok()),
            files,
        })
    }

    /// The lanes behind the report's charts.
    pub fn lanes(&self) -> Vec<chart::Lane> {
        chart::compose(&self.evidence, &self.analysis, &self.annotations).lanes
    }

    /// The postmortem, as anybody may have it who has the evidence: it names no other incident.
    pub fn report(&self) -> Report {
        #[cfg(test)]
        play_fault(self.annotations.iter().any(|note| note.text == FAULT));
        let actions = tested(&self.evidence, &self.analysis, &self.actions);
        let studied = Studied::of(&self.evidence, &self.analysis, &self.judgements);
        report::build(&report::Input {
            title: &self.title,
            notice: self.notice.as_deref(),
            evidence: &self.evidence,
            analysis: &self.analysis,
            annotations: &self.annotations,
            said: report::Said {
                judgements: &self.judgements,
                actions: &actions,
                earlier: &[],
                alarms: &studied.alarms,
                supposed: &studied.supposed,
            },
            document: Some(&self.document),
        })
    }
}

/// Action items with what their alarms would have done in this incident.
pub fn tested(
    evidence: &Evidence,
    analysis: &Analysis,
    actions: &[ActionItem],
) -> Vec<TestedAction> {
    let test = |item: &ActionItem| {
        let verdict = item
            .alarm
            .as_ref()
            .map(|rule| analysis::back_test(evidence, analysis, rule));
        let (tested, missing) = match verdict {
            None => (None, String::new()),
            Some(Verdict::Found(test)) => (Some(test), String::new()),
            Some(Verdict::Unknown { missing }) => (None, missing),
            Some(Verdict::Clear { reason, .. }) => (None, reason),
        };
        TestedAction {
            item: item.clone(),
            tested,
            missing,
        }
    };
    actions.iter().map(test).collect()
}

/// Analyses evidence as of `now`, or as of the window's end where that is past: a report over a
/// closed window says the same whenever it is made. Where it runs into a fault of its own, that is
/// what it says: see [`Analysis::fault`].
pub fn analyse(evidence: &Evidence, now: Timestamp) -> Analysis {
    let now = now.min(evidence.window.end);
    let settings = Settings::default();
    let analysed = compute::caught(|| {
        #[cfg(test)]
        play_fault(evidence.series(FAULT).is_some());
        match described(evidence) {
            Some(evidence) => analysis::analyse(&evidence, &settings, now),
            None => analysis::analyse(evidence, &settings, now),
        }
    });
    analysed.unwrap_or_else(|fault| Analysis::failed(format!("the analysis failed: {fault}")))
}

/// The id of a series, and the text of a note, that make a test's analysis or report panic.
#[cfg(test)]
pub(crate) const FAULT: &str = "a fault";

#[cfg(test)]
fn play_fault(wanted: bool) {
    assert!(!wanted, "a fault that a test plays");
}

/// The evidence with what is known of its file systems (their throughput mode) written to their
/// metrics; `None` where nothing is known.
pub(crate) fn described(evidence: &Evidence) -> Option<Evidence> {
    let known: Vec<model::Series> = evidence
        .series
        .iter()
        .filter(|s| s.meta.source == sources::efs::NAME)
        .cloned()
        .collect();
    if known.is_empty() {
        return None;
    }
    let mut evidence = evidence.clone();
    sources::efs::describe(&mut evidence.series, &known);
    Some(evidence)
}

/// What an import writes besides the raw files: the incident and its evidence in batches, one for each
/// provenance.
pub fn for_import(bundle: &Bundle, now: Timestamp) -> Result<(Incident, Vec<Batch>), BundleError> {
    let evidence = sources::evidence_of(bundle)?;
    let digest = bundle.digest();
    let header = &bundle.header;
    let incident = Incident {
        // An equal bundle is the same incident, in every installation.
        id: IncidentId(digest.chars().take(32).collect()),
        title: header.title.clone(),
        window: header.window,
        impact: header.impact,
        symptom: header.symptom.clone(),
        state: IncidentState::Open,
        live: false,
        notice: header.notice.clone(),
        created_at: now,
        digest: Some(digest),
        extra: header.extra.clone(),
    };
    let mut provenance = evidence.provenance.into_iter();
    let mut batches = vec![Batch {
        provenance: provenance.next().unwrap_or_default(),
        series: evidence.series,
        events: evidence.events,
        topology: evidence.topology,
        files: Vec::new(),
    }];
    batches.extend(provenance.map(|provenance| Batch {
        provenance,
        ..Batch::default()
    }));
    Ok((incident, batches))
}

/// The bundle of an incident: what `lineup export` writes. Where its report cannot be made, the bundle
/// has none: whoever has the evidence can make it.
pub fn to_bundle(
    incident: &Incident,
    dossier: &Dossier,
    files: Vec<RawFile>,
) -> Result<Bundle, BundleError> {
    // Evidence whose report cannot be made is given without one.
    let report = compute::caught(|| dossier.report()).ok();
    dossier.bundle(header_of(incident), files, report.as_ref())
}

/// What a bundle says of its incident.
pub(crate) fn header_of(incident: &Incident) -> IncidentHeader {
    IncidentHeader {
        schema: BUNDLE_SCHEMA.to_owned(),
        title: incident.title.clone(),
        window: incident.window,
        impact: incident.impact,
        symptom: incident.symptom.clone(),
        notice: incident.notice.clone(),
        extra: incident.extra.clone(),
        ..IncidentHeader::default()
    }
}

/// Notes in the order in which they stand on the timeline.
pub fn in_order(mut annotations: Vec<Annotation>) -> Vec<Annotation> {
    annotations.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    annotations
}
