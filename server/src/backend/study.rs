//! Questions to an incident: what if, and what would an alarm have done.

use super::ServerBackend;
use crate::{
    compute,
    dossier::{self, Dossier},
};
use analysis::Settings;
use app::{
    ApiError, FieldError,
    backend::{AlarmText, BackTestAnswer, BackTestAsk, Case, WhatIfAnswer, WhatIfAsk},
};
use model::{
    Analysis, Evidence, IncidentId,
    analysis::{
        Suspect, Verdict,
        back_test::{Comparison, Periods, Rule},
    },
    judgement::Ruling,
};
use std::collections::BTreeMap;

/// Age of a pod in Terminating from which on it is stuck, seconds: the analysis' own.
const STUCK_S: f64 = 600.0;

impl ServerBackend {
    pub(super) async fn would_have_been(
        &self,
        id: &IncidentId,
        ask: WhatIfAsk,
    ) -> Result<WhatIfAnswer, ApiError> {
        let case = self.load(id).await?;
        known(&case, ask.series.as_deref(), ask.suspect.as_deref())?;
        Ok(compute::run(move || what_if(case, ask)).await)
    }

    pub(super) async fn would_have_fired(
        &self,
        id: &IncidentId,
        ask: BackTestAsk,
    ) -> Result<BackTestAnswer, ApiError> {
        let case = self.load(id).await?;
        known(&case, ask.rule.as_ref().and_then(Rule::series), None)?;
        Ok(compute::run(move || back_test(case, ask)).await)
    }
}

/// Whether the incident knows the names that a question holds. Nothing else is taken in their place.
fn known(case: &Case, series: Option<&str>, suspect: Option<&str>) -> Result<(), ApiError> {
    let mut wrong = Vec::new();
    if let Some(id) = series.filter(|id| case.evidence.series(id).is_none()) {
        let message = format!("this incident has no series '{}'", shown(id));
        wrong.push(FieldError::new("series", message));
    }
    let is = |id: &str| case.analysis.suspects.iter().any(|s| s.id() == id);
    if let Some(id) = suspect.filter(|id| !is(id)) {
        let message = format!("this incident has no suspect '{}' (any more)", shown(id));
        wrong.push(FieldError::new("suspect", message));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(ApiError::Fields(wrong))
}

fn shown(id: &str) -> String {
    id.chars().take(80).collect()
}

fn what_if(case: Case, ask: WhatIfAsk) -> WhatIfAnswer {
    let mut credits: Vec<_> = case.analysis.credits.iter().collect();
    // Those that did something come first.
    credits.sort_by_key(|c| (c.exhausted_at.is_none(), c.drain_start.is_none()));
    let balances: Vec<String> = credits.iter().map(|c| c.series.clone()).collect();
    let series = ask.series.or_else(|| balances.first().cloned());
    let suspect = accused(&case, ask.suspect.as_deref());
    let outcome = series.as_deref().zip(ask.scenario.as_ref());
    let outcome = outcome.map(|(series, scenario)| {
        let analysis = blaming(&case.analysis, suspect.as_ref());
        let described = dossier::described(&case.evidence);
        let evidence = described.as_ref().unwrap_or(&case.evidence);
        analysis::what_if(evidence, &analysis, &Settings::default(), series, scenario)
    });
    WhatIfAnswer {
        case,
        balances,
        series,
        suspect,
        outcome,
    }
}

/// The suspect that is asked about, else the one that people pinned, else the first that nobody
/// dismissed.
fn accused(case: &Case, wanted: Option<&str>) -> Option<Suspect> {
    let suspects = &case.analysis.suspects;
    let named = wanted.and_then(|id| suspects.iter().find(|s| s.id() == id));
    let pinned = || {
        let pins = case.judgements.iter().filter(|j| j.ruling == Ruling::Cause);
        pins.max_by_key(|j| j.at)?.suspect_in(suspects)
    };
    let first = || {
        suspects.iter().find(|s| {
            let ruling = model::judgement::of_suspect(&case.judgements, s, suspects);
            ruling.is_none_or(|j| j.ruling != Ruling::Dismissed)
        })
    };
    named.or_else(pinned).or_else(first).cloned()
}

/// The analysis with that suspect as the one that began it: the model takes the first for it.
fn blaming(analysis: &Analysis, suspect: Option<&Suspect>) -> Analysis {
    let mut analysis = analysis.clone();
    if let Some(suspect) = suspect {
        analysis.suspects = vec![Suspect {
            score: 1.0,
            ..suspect.clone()
        }];
    }
    analysis
}

fn back_test(case: Case, ask: BackTestAsk) -> BackTestAnswer {
    let (evidence, analysis) = (&case.evidence, &case.analysis);
    let Some(mut rule) = ask.rule.or_else(|| first_rule(evidence, analysis)) else {
        return BackTestAnswer {
            case,
            ..BackTestAnswer::default()
        };
    };
    let sweep = analysis::sweep(evidence, analysis, &rule, ask.false_per_week);
    if ask.propose
        && let Verdict::Found(swept) = &sweep
    {
        // Where none is good, the strictest that catches it is a beginning.
        let catches = swept.points.iter().rev().find(|p| p.lead_s.is_some());
        let middle = swept.points.get(swept.points.len() / 2);
        if let Some(point) = swept.best.as_ref().or(catches).or(middle) {
            rule = rule.at(point.threshold);
        }
    }
    let test = analysis::back_test(evidence, analysis, &rule);
    let definitions = definitions(evidence, &rule, &title(evidence, &rule));
    BackTestAnswer {
        test: Some(test),
        sweep: Some(sweep),
        definitions,
        rule: Some(rule),
        case,
    }
}

/// What is tested where nobody said: a threshold on what drove the incident, or on what people felt;
/// without series, the age of stuck pods.
fn first_rule(evidence: &Evidence, analysis: &Analysis) -> Option<Rule> {
    let driver = analysis.driver.as_ref();
    let driver = driver.map(|d| (d.series.as_str(), d.after >= d.before));
    let impact = analysis.impact.as_ref();
    let impact = impact.map(|i| (i.series.as_str(), i.during >= i.normal));
    let any = || {
        let named = evidence.symptom.first().map(String::as_str);
        let first = evidence.series.first().map(|s| s.meta.id.as_str());
        Some((named.or(first)?, true))
    };
    let Some((series, up)) = driver.or(impact).or_else(any) else {
        let stuck = !analysis.stuck_pods.is_empty();
        return stuck.then_some(Rule::ZombieAge { age_s: STUCK_S });
    };
    Some(Rule::Threshold {
        series: series.to_owned(),
        comparison: if up {
            Comparison::GreaterThan
        } else {
            Comparison::LessThan
        },
        threshold: 0.0,
        periods: Periods::default(),
    })
}

/// What an alarm is called that nobody has named yet.
pub(super) fn title(evidence: &Evidence, rule: &Rule) -> String {
    let series = rule.series().and_then(|id| evidence.series(id));
    let label = series.map_or_else(String::new, |s| evidence.label(&s.meta));
    let unit = |v: f64, meta: &model::SeriesMeta| format!("{v} {}", meta.unit);
    rule.words(&label, series.map(|s| &s.meta), unit)
}

/// The definitions of the alarms of all action items.
pub(super) fn definitions_of(dossier: &Dossier) -> BTreeMap<String, Vec<AlarmText>> {
    let of = |item: &model::ActionItem| {
        let rule = item.alarm.as_ref()?;
        let texts = definitions(&dossier.evidence, rule, &item.title);
        Some((item.id.clone(), texts))
    };
    dossier.actions.iter().filter_map(of).collect()
}

pub(super) fn definitions(evidence: &Evidence, rule: &Rule, title: &str) -> Vec<AlarmText> {
    report::alarms::definitions(evidence, rule, title)
        .into_iter()
        .map(|d| AlarmText {
            format: d.format.to_owned(),
            how: d.how.to_owned(),
            file: d.file.to_owned(),
            text: d.text,
        })
        .collect()
}
