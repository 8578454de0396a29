//! The demonstration's incident, and rules on it.

use analysis::back_test;
use model::{
    Analysis, Evidence,
    analysis::{
        Verdict,
        back_test::{BackTest, Comparison, MissingData, Periods, Rule},
    },
};
use server::dossier::Dossier;

/// The incident and what the analysis makes of it.
pub(crate) fn demonstration() -> (Evidence, Analysis) {
    let bundle = simulate::zombie_pods(1).bundle;
    let dossier = Dossier::of_bundle(&bundle).expect("a simulated bundle can be read");
    (dossier.evidence, dossier.analysis)
}

/// Id of the series of that metric and statistic.
pub(crate) fn series(evidence: &Evidence, name: &str, stat: &str) -> String {
    let found = evidence
        .series
        .iter()
        .find(|s| s.meta.is_named(name) && s.meta.stat == stat);
    found.expect("the demonstration has it").meta.id.clone()
}

/// Above a threshold in M of N periods.
pub(crate) fn above(series: &str, threshold: f64, period_s: u32, m: u32, n: u32) -> Rule {
    Rule::Threshold {
        series: series.into(),
        comparison: Comparison::GreaterThan,
        threshold,
        periods: Periods {
            period_s,
            breaching: m,
            of: n,
            missing: MissingData::NotBreaching,
        },
    }
}

/// Zero in less than two days at the rate of the last six hours.
pub(crate) fn forecast(series: &str) -> Rule {
    Rule::CreditForecast {
        series: series.into(),
        horizon_s: 48.0 * 3_600.0,
        lookback_s: 6 * 3_600,
        periods: Periods::default(),
    }
}

/// What a rule would have done.
pub(crate) fn tested(evidence: &Evidence, analysis: &Analysis, rule: &Rule) -> BackTest {
    match back_test(evidence, analysis, rule) {
        Verdict::Found(test) => test,
        other => panic!("{rule:?}: {other:?}"),
    }
}

/// The definition in a format.
pub(crate) fn definition(evidence: &Evidence, rule: &Rule, title: &str, format: &str) -> String {
    let all = report::alarms::definitions(evidence, rule, title);
    let found = all.into_iter().find(|d| d.format == format);
    found.expect("a format").text.expect("it can say the rule")
}
