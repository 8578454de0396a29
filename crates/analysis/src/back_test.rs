//! Back-test: would this alarm have caught it, how long before, and how often would it have cried
//! wolf?
//!
//! A rule is a file: it says, for every instant at which it would have been evaluated, the level
//! above which a threshold would not have been in alarm. So a rule is judged at one threshold or at
//! all of them ([`sweep`]) by the same numbers. Nothing looks ahead: at an instant only what was
//! known then counts. That a rule is tried on the incident it was thought out for makes it look
//! better than it is; the false alarms on quiet time are the honest half.

mod anomaly;
mod credit_forecast;
mod levels;
mod periods;
mod quiet;
mod sweep;
mod threshold;
mod zombie_age;

pub use periods::{AlarmState, state};

use levels::Levels;
use model::{
    Analysis, Evidence,
    analysis::{
        Verdict,
        back_test::{BackTest, Rule, Sweep},
    },
};
use quiet::Quiet;

/// What a rule would have done over the evidence's window, given what the analysis says about when
/// the incident began and ended.
///
/// `Unknown` where the evidence lacks what the rule looks at; never `Clear`.
pub fn back_test(evidence: &Evidence, analysis: &Analysis, rule: &Rule) -> Verdict<BackTest> {
    match levels(evidence, rule) {
        Ok(levels) => {
            let quiet = Quiet::of(evidence, analysis);
            Verdict::Found(levels.judged(levels.own(), &quiet))
        }
        Err(missing) => Verdict::Unknown { missing },
    }
}

/// The best threshold for a wanted rate of false alarms, all else of the rule being as it is: the
/// one with the longest lead among those with at most `false_per_week` false alarms a week of quiet
/// time; of those that lead alike, the strictest.
pub fn sweep(
    evidence: &Evidence,
    analysis: &Analysis,
    rule: &Rule,
    false_per_week: f64,
) -> Verdict<Sweep> {
    match levels(evidence, rule) {
        Ok(levels) => {
            let quiet = Quiet::of(evidence, analysis);
            Verdict::Found(sweep::sweep(&levels, &quiet, false_per_week))
        }
        Err(missing) => Verdict::Unknown { missing },
    }
}

/// The rule's levels, or what is missing. Every rule is listed here.
fn levels(evidence: &Evidence, rule: &Rule) -> Result<Levels, String> {
    match rule {
        Rule::Threshold {
            series,
            comparison,
            threshold,
            periods,
        } => threshold::levels(evidence, series, *comparison, *threshold, periods),
        Rule::CreditForecast {
            series,
            horizon_s,
            lookback_s,
            periods,
        } => credit_forecast::levels(evidence, series, *horizon_s, *lookback_s, periods),
        Rule::ZombieAge { age_s } => zombie_age::levels(evidence, *age_s),
        Rule::Anomaly {
            series,
            deviations,
            lookback_s,
            periods,
        } => anomaly::levels(evidence, series, *deviations, *lookback_s, periods),
    }
}

/// The series of that id with samples in the window, or what is missing.
fn series<'e>(evidence: &'e Evidence, id: &str) -> Result<&'e model::Series, String> {
    let series = evidence
        .series(id)
        .ok_or_else(|| format!("no series '{id}' in the evidence: pull it from its source"))?;
    let (times, _) = series.samples.inside(evidence.window);
    if times.is_empty() {
        return Err(format!("the series '{id}' has no samples in the window"));
    }
    Ok(series)
}
