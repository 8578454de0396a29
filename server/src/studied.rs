//! What a postmortem asks of the analysis besides what happened: alarms that would have caught it, and
//! what would have been. The pages for both take any question; here are the few that every report has.

use crate::dossier;
use analysis::Settings;
use model::{
    Analysis, Evidence, Judgement,
    analysis::{
        Credit, Suspect, Verdict,
        back_test::{Comparison, Periods, Rule, TestedRule},
        what_if::{Scenario, Supposed, Throughput},
    },
    judgement::{Ruling, of_suspect},
};

/// Age of a pod in Terminating from which on it is stuck, seconds: the analysis' own.
const STUCK_S: f64 = 600.0;
/// A forecast that warns two days ahead leaves a working day to act.
const HORIZON_S: f64 = 48.0 * 3600.0;
/// The rate of a drain is that of six hours: shorter ones follow every nightly job.
const LOOKBACK_S: i64 = 6 * 3600;
/// False alarms a week that are bearable, as the back-test's page begins with.
const FALSE_PER_WEEK: f64 = 1.0;
/// Most balances that are asked about.
const MOST_BALANCES: usize = 2;
/// From this score on a suspect is called the probable cause, as the report has it.
const CULPRIT: f64 = 0.5;

/// Alarms and suppositions of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Studied {
    /// Alarms that could have been set.
    pub alarms: Vec<TestedRule>,
    /// What would have been.
    pub supposed: Vec<Supposed>,
}

impl Studied {
    /// Asks. Takes as long as a few back-tests.
    pub fn of(evidence: &Evidence, analysis: &Analysis, judgements: &[Judgement]) -> Self {
        Self {
            alarms: alarms(evidence, analysis),
            supposed: supposed(evidence, analysis, judgements),
        }
    }
}

/// Balances that were drained, those that ran out first.
fn drained(analysis: &Analysis) -> Vec<&Credit> {
    let mut credits: Vec<&Credit> = analysis
        .credits
        .iter()
        .filter(|c| c.drain_start.is_some() || c.exhausted_at.is_some())
        .collect();
    credits.sort_by_key(|c| (c.exhausted_at.is_none(), c.exhausted_at));
    credits.truncate(MOST_BALANCES);
    credits
}

fn alarms(evidence: &Evidence, analysis: &Analysis) -> Vec<TestedRule> {
    let mut rules: Vec<Rule> = drained(analysis)
        .into_iter()
        .map(|credit| Rule::CreditForecast {
            series: credit.series.clone(),
            horizon_s: HORIZON_S,
            lookback_s: LOOKBACK_S,
            periods: Periods::default(),
        })
        .collect();
    if !analysis.stuck_pods.is_empty() {
        rules.push(Rule::ZombieAge { age_s: STUCK_S });
    }
    rules.extend(on_driver(evidence, analysis));
    let test = |rule: Rule| match analysis::back_test(evidence, analysis, &rule) {
        Verdict::Found(test) => TestedRule {
            rule,
            tested: Some(test),
            missing: String::new(),
        },
        Verdict::Unknown { missing } => TestedRule {
            rule,
            tested: None,
            missing,
        },
        Verdict::Clear { reason, .. } => TestedRule {
            rule,
            tested: None,
            missing: reason,
        },
    };
    rules.into_iter().map(test).collect()
}

/// A threshold on what drove the incident, the best that its own past allows.
fn on_driver(evidence: &Evidence, analysis: &Analysis) -> Option<Rule> {
    let driver = analysis.driver.as_ref()?;
    let rule = Rule::Threshold {
        series: driver.series.clone(),
        comparison: if driver.after >= driver.before {
            Comparison::GreaterThan
        } else {
            Comparison::LessThan
        },
        threshold: 0.0,
        periods: Periods::default(),
    };
    let Verdict::Found(swept) = analysis::sweep(evidence, analysis, &rule, FALSE_PER_WEEK) else {
        return None;
    };
    let catches = || swept.points.iter().rev().find(|p| p.lead_s.is_some());
    let point = swept.best.as_ref().or_else(catches)?;
    Some(rule.at(point.threshold))
}

fn supposed(evidence: &Evidence, analysis: &Analysis, judgements: &[Judgement]) -> Vec<Supposed> {
    let balances = drained(analysis);
    if balances.is_empty() {
        return Vec::new();
    }
    let described = dossier::described(evidence);
    let evidence = described.as_ref().unwrap_or(evidence);
    let blamed = accused(analysis, judgements).map(|suspect| blaming(analysis, suspect));
    let mut out = Vec::new();
    for credit in balances {
        if let Some(blamed) = &blamed {
            out.push(ask(evidence, blamed, credit, Scenario::WithoutSuspect));
        }
        let elastic = Scenario::Throughput(Throughput::Elastic);
        let asked = ask(evidence, analysis, credit, elastic);
        // What has no throughput mode has no other one.
        if asked.outcome.is_some() {
            out.push(asked);
        }
    }
    out
}

fn ask(evidence: &Evidence, analysis: &Analysis, credit: &Credit, scenario: Scenario) -> Supposed {
    let series = credit.series.clone();
    let settings = Settings::default();
    let verdict = analysis::what_if(evidence, analysis, &settings, &series, &scenario);
    let (outcome, missing) = match verdict {
        Verdict::Found(outcome) => (Some(outcome), String::new()),
        Verdict::Unknown { missing } => (None, missing),
        Verdict::Clear { reason, .. } => (None, reason),
    };
    Supposed {
        series,
        scenario,
        outcome,
        missing,
    }
}

/// The suspect that people pinned, else the first that is the probable cause and that nobody dismissed.
fn accused<'a>(analysis: &'a Analysis, judgements: &[Judgement]) -> Option<&'a Suspect> {
    let suspects = &analysis.suspects;
    let pins = judgements.iter().filter(|j| j.ruling == Ruling::Cause);
    let pinned = pins
        .max_by_key(|j| j.at)
        .and_then(|j| j.suspect_in(suspects));
    let first = || {
        suspects.iter().find(|s| {
            let ruling = of_suspect(judgements, s, suspects);
            s.score >= CULPRIT && ruling.is_none_or(|j| j.ruling != Ruling::Dismissed)
        })
    };
    pinned.or_else(first)
}

/// The analysis with that suspect as the one that began it: the model takes the first for it.
fn blaming(analysis: &Analysis, suspect: &Suspect) -> Analysis {
    let mut analysis = analysis.clone();
    analysis.suspects = vec![Suspect {
        score: 1.0,
        ..suspect.clone()
    }];
    analysis
}
