//! Back-test: would this alarm have caught it, how long before, and how often would it have cried
//! wolf?
//!
//! A rule is a file: it says when it goes off at any threshold. Most look at a number every period and
//! keep, for every evaluation, the level above which a threshold is not in alarm; so all thresholds
//! are judged by the same numbers ([`sweep()`]). Nothing looks ahead: at an instant only what was
//! known then counts. That a rule is tried on the incident it was thought out for makes it look
//! better than it is; the false alarms on quiet time are the honest half.

mod alarm;
mod anomaly;
mod credit_forecast;
mod periods;
mod quiet;
mod sliding;
mod sweep;
mod threshold;
mod zombie_age;

pub use periods::{AlarmState, state};

use alarm::Alarm;
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
    match alarm(evidence, rule) {
        Ok(alarm) => {
            let quiet = Quiet::of(evidence, analysis);
            Verdict::Found(alarm::judged(alarm.as_ref(), &quiet))
        }
        Err(missing) => Verdict::Unknown { missing },
    }
}

/// The best threshold for a wanted rate of false alarms, all else of the rule being as it is: the
/// one with the longest lead among those with at most `false_per_week` false alarms a week of quiet
/// time; of those that lead alike, the one with most room on both sides.
pub fn sweep(
    evidence: &Evidence,
    analysis: &Analysis,
    rule: &Rule,
    false_per_week: f64,
) -> Verdict<Sweep> {
    match alarm(evidence, rule) {
        Ok(alarm) => {
            let quiet = Quiet::of(evidence, analysis);
            Verdict::Found(sweep::sweep(alarm.as_ref(), &quiet, false_per_week))
        }
        Err(missing) => Verdict::Unknown { missing },
    }
}

/// The rule over the evidence, or what is missing. Every rule is listed here.
fn alarm(evidence: &Evidence, rule: &Rule) -> Result<Box<dyn Alarm>, String> {
    Ok(match rule {
        Rule::Threshold {
            series,
            comparison,
            threshold,
            periods,
        } => Box::new(threshold::levels(
            evidence,
            series,
            *comparison,
            *threshold,
            periods,
        )?),
        Rule::CreditForecast {
            series,
            horizon_s,
            lookback_s,
            periods,
        } => Box::new(credit_forecast::levels(
            evidence,
            series,
            *horizon_s,
            *lookback_s,
            periods,
        )?),
        Rule::ZombieAge { age_s } => Box::new(zombie_age::ages(evidence, *age_s)?),
        Rule::Anomaly {
            series,
            deviations,
            lookback_s,
            periods,
        } => Box::new(anomaly::levels(
            evidence,
            series,
            *deviations,
            *lookback_s,
            periods,
        )?),
    })
}

/// The datapoints, or what is missing to have any.
fn evaluated(
    points: periods::Datapoints,
    id: &str,
    period_s: u32,
) -> Result<periods::Datapoints, String> {
    if points.ends.is_empty() {
        let period = model::time::span_text(i64::from(period_s) * model::time::SECOND);
        return Err(format!(
            "the series '{id}' is shorter than the {period} that the alarm looks at"
        ));
    }
    Ok(points)
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
