//! Hypotheses: the other explanations, each tested on the data. One file each; the list below is
//! all of them. Three verdicts: found, clear, unknown. Clear needs data that speak against it.

mod bad_rollout;
mod certificate_dns;
mod cms_update;
mod cron;
mod database;
mod evidence;
mod monitoring;
mod node;
mod provider;
mod quota;
mod rollout_near_symptom;
mod storage_throttling;
mod traffic;

use crate::{case::Case, driver::Found};
use model::{
    Timestamp, Window,
    analysis::{
        Analysis, Credit, FoundHypothesis, MeasuredImpact, RuledOut, Suspect, UnknownHypothesis,
        Verdict,
    },
    time::HOUR,
};

/// What a hypothesis looks at.
pub(crate) struct View<'c> {
    pub case: &'c Case<'c>,
    pub impact: Option<&'c MeasuredImpact>,
    pub driver: Option<&'c Found>,
    pub credits: &'c [Credit],
    pub suspects: &'c [Suspect],
    /// When it began: the impact, as stated or measured, else the driver's onset.
    pub onset: Timestamp,
    /// From then to its end.
    pub during: Window,
}

impl View<'_> {
    /// What people call that whose credits these are: the file system or volume, else the series.
    pub(crate) fn owner(&self, credit: &Credit) -> String {
        if let Some(resource) = &credit.resource {
            return resource.strip_prefix("aws:").unwrap_or(resource).to_owned();
        }
        let series = self.case.evidence.series(&credit.series);
        series.map_or_else(|| credit.series.clone(), |s| s.meta.label())
    }
}

/// What speaks for a hypothesis.
#[derive(Debug, PartialEq)]
pub(crate) struct Reason {
    pub text: String,
    pub series: Vec<String>,
    pub events: Vec<String>,
}

/// A hypothesis: its id and its test.
type Hypothesis = (&'static str, fn(&View<'_>) -> Verdict<Reason>);

/// Every hypothesis.
const HYPOTHESES: [Hypothesis; 12] = [
    ("traffic", traffic::judge),
    ("provider", provider::judge),
    ("database", database::judge),
    ("cron", cron::judge),
    ("rollout_near_symptom", rollout_near_symptom::judge),
    ("monitoring", monitoring::judge),
    ("cms_update", cms_update::judge),
    ("node", node::judge),
    ("certificate_dns", certificate_dns::judge),
    ("quota", quota::judge),
    ("bad_rollout", bad_rollout::judge),
    ("storage_throttling", storage_throttling::judge),
];

/// Whether traffic rose by itself, in words for the suspects.
pub(crate) fn traffic_by_itself(view: &View<'_>) -> Option<String> {
    match traffic::judge(view) {
        Verdict::Found(reason) => Some(reason.text),
        _ => None,
    }
}

/// Judges every hypothesis into the analysis; without an incident there is nothing to explain.
pub(crate) fn judge(view: &View<'_>, out: &mut Analysis) {
    for (id, test) in HYPOTHESES {
        let hypothesis = id.to_owned();
        match test(view) {
            Verdict::Found(r) => out.found.push(FoundHypothesis {
                hypothesis,
                reason: r.text,
                series: r.series,
                events: r.events,
            }),
            Verdict::Clear {
                reason,
                series,
                events,
            } => out.ruled_out.push(RuledOut {
                hypothesis,
                reason,
                series,
                events,
            }),
            Verdict::Unknown { missing } => out.unknown.push(UnknownHypothesis {
                hypothesis,
                missing,
            }),
        }
    }
}

/// The view of an incident; `None` where nothing was felt and nothing drives.
pub(crate) fn view<'c>(
    case: &'c Case<'c>,
    impact: Option<&'c MeasuredImpact>,
    driver: Option<&'c Found>,
    credits: &'c [Credit],
    suspects: &'c [Suspect],
) -> Option<View<'c>> {
    let stated = case.evidence.impact;
    let onset = stated
        .map(|i| i.start)
        .or(impact.map(|i| i.start))
        .or(driver.map(|d| d.driver.onset))?;
    let end = stated
        .and_then(|i| i.end)
        .or(impact.and_then(|i| i.end))
        .unwrap_or(case.window.end)
        .max(onset.plus(HOUR / 4));
    Some(View {
        case,
        impact,
        driver,
        credits,
        suspects,
        onset,
        during: Window { start: onset, end },
    })
}
