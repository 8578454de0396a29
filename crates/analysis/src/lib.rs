//! Pure incident analysis: what changed, what the credits did, which pods are stuck, who is to
//! blame, what is ruled out and what nobody can know.
//!
//! Nothing here reads a clock, draws a random number or fails; equal evidence gives an equal
//! [`Analysis`] to the byte. `docs/methods.md` explains the methods.

mod back_test;
mod case;
mod credits;
mod detectors;
mod driver;
mod hypotheses;
mod known_issues;
mod online;
mod recurrence;
mod resources;
mod series;
mod settings;
mod stuck_pods;
mod suspects;
mod symptom;
mod topology;
mod what_if;

pub use back_test::{AlarmState, back_test, state as alarm_state, sweep};
pub use online::{OnlineDetector, detect_online};
pub use recurrence::{fingerprint, similar};
pub use settings::Settings;
pub use what_if::what_if;

use case::Case;
use model::{
    Analysis, Event, Evidence, Series, Timestamp,
    analysis::{ANALYSIS_SCHEMA, Anomaly, ChangePoint},
};
use serde::{Deserialize, Serialize};

/// What was found in one series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Where it changes, in order of time.
    pub changepoints: Vec<ChangePoint>,
    /// Spans in which it is unlike itself, in order of time.
    pub anomalies: Vec<Anomaly>,
}

/// Change points and anomalies of one series; their `series` is left empty.
pub fn detect(series: &Series, settings: &Settings) -> Detection {
    detectors::run(
        &series::Prepared::of(series, series.samples.len()),
        settings,
    )
}

/// Analyses an incident. Whatever the evidence lacks makes the answer smaller, never wrong: see
/// `Analysis::unknown`. Nothing after `now` or after the window's end is looked at.
pub fn analyse(evidence: &Evidence, settings: &Settings, now: Timestamp) -> Analysis {
    let in_order = |a: &Event, b: &Event| (a.at(), &a.id) <= (b.at(), &b.id);
    if evidence.events.is_sorted_by(in_order) {
        in_order_of_time(evidence, settings, now)
    } else {
        let mut sorted = evidence.clone();
        sorted.sort();
        in_order_of_time(&sorted, settings, now)
    }
}

/// Analyses evidence whose events are in their order.
fn in_order_of_time(evidence: &Evidence, settings: &Settings, now: Timestamp) -> Analysis {
    let case = Case::of(evidence, settings, now);
    let topology = topology::Topology::of(&evidence.topology, &evidence.series);
    let mut out = Analysis {
        schema: ANALYSIS_SCHEMA.to_owned(),
        engine: model::ENGINE.to_owned(),
        credits: credits::credits(&case),
        stuck_pods: stuck_pods::stuck_pods(&case),
        impact: symptom::impact(&case),
        ..Analysis::default()
    };
    out.known_issues = known_issues::known_issues(&case, &out.stuck_pods);
    for signal in &case.signals {
        let inside = |at: Timestamp| at >= case.window.start && at < case.window.end;
        let changes = signal.found.changepoints.iter();
        out.changepoints
            .extend(changes.filter(|c| inside(c.at)).cloned());
        let anomalies = signal.found.anomalies.iter();
        out.anomalies
            .extend(anomalies.filter(|a| a.end > case.window.start).cloned());
    }
    let driver = driver::driver(&case, &out.credits, out.impact.as_ref(), &topology);
    name_causes(&case, &topology, driver.as_ref(), &mut out);
    out.driver = driver.map(|d| d.driver);
    out
}

/// Resources, suspects and hypotheses, where there is an incident to explain.
fn name_causes(
    case: &Case<'_>,
    topology: &topology::Topology,
    driver: Option<&driver::Found>,
    out: &mut Analysis,
) {
    let credits = out.credits.clone();
    let impact = out.impact.clone();
    let Some(view) = hypotheses::view(case, impact.as_ref(), driver, &credits, &[]) else {
        return;
    };
    let symptom = symptom::shown_by(case, impact.as_ref());
    let felt = symptom::felt_from(case, impact.as_ref()).unwrap_or(view.onset);
    let drives = driver
        .filter(|d| d.physical)
        .map(|d| d.driver.series.as_str());
    let symptom = symptom.map(|s| &s.meta);
    out.resources = resources::rank(case, topology, symptom, felt, drives);
    if let Some(driver) = driver {
        out.suspects = suspects::suspects(&suspects::View {
            case,
            driver,
            topology,
            resources: &out.resources,
            stuck: &out.stuck_pods,
            by_itself: hypotheses::traffic_by_itself(&view),
        });
    }
    let suspects = out.suspects.clone();
    let view = hypotheses::View {
        suspects: &suspects,
        ..view
    };
    hypotheses::judge(&view, out);
}
