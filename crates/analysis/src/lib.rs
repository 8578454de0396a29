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
mod recycle;
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
    analysis::{ANALYSIS_SCHEMA, Anomaly, ChangePoint, Suspect},
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
    out.nodes_to_recycle = recycle::nodes_to_recycle(&case, &out.stuck_pods, &out.known_issues);
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
    let driver = name_causes(&case, &topology, driver, &mut out);
    out.driver = driver.map(|d| d.driver);
    out
}

/// Resources, suspects and hypotheses, where there is an incident to explain; the driver that the
/// suspects speak for.
fn name_causes(
    case: &Case<'_>,
    topology: &topology::Topology,
    driver: Option<driver::Found>,
    out: &mut Analysis,
) -> Option<driver::Found> {
    let credits = out.credits.clone();
    let impact = out.impact.clone();
    let begun = driver.as_ref().map(|d| d.driver.onset);
    let stated = case.evidence.impact.map(|i| i.start);
    let felt = symptom::felt_from(case, impact.as_ref())
        .or(stated)
        .or(begun);
    if let Some(felt) = felt {
        let symptom = symptom::shown_by(case, impact.as_ref()).map(|s| &s.meta);
        let physical = driver.as_ref().filter(|d| d.physical);
        let drives = physical.map(|d| d.driver.series.as_str());
        out.resources = resources::rank(case, topology, symptom, felt, drives);
    }
    let driver = driver.map(|main| {
        let view = hypotheses::view(case, impact.as_ref(), Some(&main), &credits, &[]);
        let by_itself = view.and_then(|v| hypotheses::traffic_by_itself(&v));
        let (suspects, driver) = accuse(case, topology, main, by_itself, out);
        out.suspects = suspects;
        driver
    });
    let suspects = out.suspects.clone();
    if let Some(view) =
        hypotheses::view(case, impact.as_ref(), driver.as_ref(), &credits, &suspects)
    {
        hypotheses::judge(&view, out);
    }
    driver
}

/// The suspects over every driver that may be the beginning, and the driver that they speak for.
fn accuse(
    case: &Case<'_>,
    topology: &topology::Topology,
    main: driver::Found,
    by_itself: Option<String>,
    out: &Analysis,
) -> (Vec<Suspect>, driver::Found) {
    let symptom = out.impact.as_ref().map(|i| i.series.as_str());
    let relations = suspects::Relations::of(case, topology, &main, symptom);
    let mut drivers = driver::alternatives(case, out.impact.as_ref(), topology, main);
    let scene = Scene {
        case,
        topology,
        relations: &relations,
        out,
        by_itself,
    };
    let views: Vec<_> = drivers
        .iter()
        .map(|a| scene.view(&a.found, a.weight))
        .collect();
    let (mut named, k) = suspects::suspects(&views);
    drop(views);
    let found = drivers.swap_remove(k).found;
    for second in driver::later(case, out.impact.as_ref(), topology, &found) {
        let relations = suspects::Relations::of(case, topology, &second, symptom);
        let view = suspects::View {
            relations: &relations,
            ..scene.view(&second, 0.0)
        };
        suspects::add_second(&mut named, &view);
    }
    (named, found)
}

/// What the suspects look at whatever the driver.
struct Scene<'c> {
    case: &'c Case<'c>,
    topology: &'c topology::Topology,
    relations: &'c suspects::Relations,
    out: &'c Analysis,
    by_itself: Option<String>,
}

impl Scene<'_> {
    fn view<'a>(&'a self, driver: &'a driver::Found, weight: f64) -> suspects::View<'a> {
        suspects::View {
            case: self.case,
            topology: self.topology,
            driver,
            weight,
            relations: self.relations,
            resources: &self.out.resources,
            stuck: &self.out.stuck_pods,
            undoing: suspects::Undoing::of(&self.case.evidence.events, driver.ended),
            by_itself: self.by_itself.clone(),
        }
    }
}
