//! The rules that can be tested, a form for each.

use super::super::study::series_choice;
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::BackTestAnswer,
    input::{Asked, query_of},
    render::form,
};
use leptos::prelude::*;
use model::analysis::back_test::Rule;

/// One form for each kind of rule, sent by GET.
pub(super) fn rules(answer: &BackTestAnswer, rule: &Rule, asked: Asked<'_>, wanted: f64) -> Markup {
    let case = &answer.case;
    let current = query_of(rule);
    let value = |kind: &str, name: &str, default: &str| -> String {
        let mine = current.iter().any(|(n, v)| *n == "rule" && v == kind);
        let now = current.iter().find(|(n, _)| *n == name && mine);
        match (now, asked.get(name)) {
            (Some((_, now)), _) => now.clone(),
            (None, "") => default.to_owned(),
            (None, given) => given.to_owned(),
        }
    };
    let chosen = value(&kind_of(rule), "rule", "threshold");
    let series = rule.series().unwrap_or_default();
    let form_of = |kind: &'static str, title: &'static str, inputs: Markup| {
        let path = format!("/incidents/{}/back-test", case.incident.id);
        view! {
            <details class="panel form" open=kind == chosen data-testid=format!("rule-{kind}")>
                <summary>
                    <h2>{title}</h2>
                </summary>
                <form method="get" action=path>
                    <input type="hidden" name="rule" value=kind />
                    {inputs}
                    {form::input(
                        &format!("{kind}-wanted"),
                        "wanted",
                        "Acceptable false alarms a week",
                        "What is proposed has no more of them.",
                        wanted.to_string(),
                    )}
                    <p class="actions">
                        <button type="submit" class="button primary">
                            "Test"
                        </button>
                    </p>
                </form>
            </details>
        }
        .markup()
    };
    let line = |kind: &'static str, name: &'static str, label, hint, default: &str| {
        let id = format!("{kind}-{name}");
        form::input(&id, name, label, hint, value(kind, name, default))
    };
    let balances: Vec<&str> = case
        .analysis
        .credits
        .iter()
        .map(|c| c.series.as_str())
        .collect();
    let unit = case.evidence.series(series).map(|s| s.meta.unit.clone());
    let unit = unit
        .filter(|u| !u.is_empty())
        .unwrap_or_else(|| "its own unit".to_owned());
    let comparisons = [
        ("greater_than", "above"),
        ("greater_or_equal", "at or above"),
        ("less_than", "below"),
        ("less_or_equal", "at or below"),
    ];
    let threshold = view! {
        {series_choice(case, "threshold-series", series, &[])}
        {form::choice(
            "threshold-comparison".into(),
            "comparison",
            "In alarm when it is",
            &comparisons,
            &value("threshold", "comparison", "greater_than"),
        )}
        {line("threshold", "threshold", "Threshold", "Empty: the best is proposed.", "")}
        <p class="hint">{format!("The chosen series is in {unit}.")}</p>
        {periods(&value, "threshold")}
    };
    let mut forms = vec![form_of("threshold", "A threshold", threshold.markup())];
    if !balances.is_empty() {
        let inputs = view! {
            {series_choice(case, "credit_forecast-series", series, &balances)}
            {line("credit_forecast", "horizon", "Reaches zero in less than, hours", "Empty: the best is proposed.", "48")}
            {line("credit_forecast", "lookback", "At the rate of the last, hours", "", "6")}
            <details class="more">
                <summary>"Missing data"</summary>
                {missing(&value, "credit_forecast")}
            </details>
        };
        forms.push(form_of(
            "credit_forecast",
            "A balance that runs out",
            inputs.markup(),
        ));
    }
    let age = line(
        "zombie_age",
        "age",
        "Terminating for longer past its grace than, minutes",
        "Counted from the deletionTimestamp, the grace period included. Empty: the best is proposed.",
        "10",
    );
    forms.push(form_of("zombie_age", "A pod stuck in Terminating", age));
    let anomaly = view! {
        {series_choice(case, "anomaly-series", series, &[])}
        {line("anomaly", "deviations", "Robust standard deviations", "Empty: the best is proposed.", "6")}
        {line("anomaly", "lookback", "From the median of the last, hours", "", "24")}
        {periods(&value, "anomaly")}
    };
    forms.push(form_of("anomaly", "Unlike its own past", anomaly.markup()));
    forms.markup()
}

fn kind_of(rule: &Rule) -> String {
    let query = query_of(rule);
    let kind = query.into_iter().find(|(n, _)| *n == "rule");
    kind.map(|(_, v)| v).unwrap_or_default()
}

/// M of N periods, and missing data.
fn periods(value: &impl Fn(&str, &str, &str) -> String, kind: &'static str) -> Markup {
    let line = |name: &'static str, label, hint, default: &str| {
        let id = format!("{kind}-{name}");
        form::input(&id, name, label, hint, value(kind, name, default))
    };
    view! {
        <details class="more">
            <summary>"Periods"</summary>
            {line("period", "Length of a period, seconds", "", "300")}
            <div class="pair">
                {line("breaching", "Periods that must breach", "", "1")}
                {line("of", "Of the last", "", "1")}
            </div>
            {missing(value, kind)}
        </details>
    }
    .markup()
}

/// What missing data mean.
fn missing(value: &impl Fn(&str, &str, &str) -> String, kind: &'static str) -> Markup {
    let missing = [
        ("missing", "do not count"),
        ("notBreaching", "count as good"),
        ("breaching", "count as bad"),
        ("ignore", "keep the state"),
    ];
    form::choice(
        format!("{kind}-missing"),
        "missing",
        "Missing data",
        &missing,
        &value(kind, "missing", "missing"),
    )
}
