//! Back-test: when a rule would have gone off, how long before it was felt, and how often for nothing.

use super::{
    actions::definitions,
    study::{address, basis, head, picture, series_choice, wrong},
    suspects::zoom,
};
use crate::{
    ApiError,
    backend::BackTestAnswer,
    input::{Asked, query_of},
    render::{form, instant, table},
    timeline::study,
};
use chart::value_text;
use leptos::prelude::*;
use model::{
    Window,
    analysis::{
        Verdict,
        back_test::{BackTest, Rule, Sweep, SweepPoint},
    },
    time::{SECOND, span_text},
};

/// Rows of the table of thresholds.
const MOST_ROWS: usize = 12;
/// Alarms that are listed at a glance, and in all.
const AT_A_GLANCE: usize = 6;
/// See [`AT_A_GLANCE`].
const MOST_ALARMS: usize = 200;

/// The page.
pub(crate) fn back_test(
    answer: &BackTestAnswer,
    asked: Asked<'_>,
    wanted: f64,
    error: Option<&ApiError>,
) -> AnyView {
    let head = head(&answer.case, "Back-test", "/back-test");
    let Some(rule) = &answer.rule else {
        return view! {
            {head}
            {wrong(error)}
            <p class="empty" data-testid="back-test-empty">
                "There is no series in the evidence that an alarm could look at, and no pod in Terminating: \
                 add evidence first, from a source or as files."
            </p>
        }
        .into_any();
    };
    let mut parts = vec![wrong(error)];
    match &answer.test {
        Some(Verdict::Found(test)) => parts.extend(found(answer, rule, test)),
        Some(Verdict::Unknown { missing }) => parts.push(unknown(missing)),
        Some(Verdict::Clear { reason, .. }) => parts.push(unknown(reason)),
        None => {}
    }
    if let Some(Verdict::Found(sweep)) = &answer.sweep {
        parts.push(swept(answer, rule, sweep, wanted));
    }
    parts.push(take_over(answer, rule));
    let series: Vec<&str> = rule.series().into_iter().collect();
    parts.push(basis(&answer.case, &series));
    view! {
        {head}
        <div class="lineup">
            <div class="lineup-main">{parts}</div>
            <aside class="lineup-side" aria-label="The rule">
                {rules(answer, rule, asked, wanted)}
            </aside>
        </div>
    }
    .into_any()
}

fn unknown(missing: &str) -> AnyView {
    view! {
        <section class="panel" aria-labelledby="h-unknown" data-testid="back-test-unknown">
            <h2 id="h-unknown">"Unknown"</h2>
            <p>"What the alarm would have done cannot be told: " {missing.to_owned()} "."</p>
        </section>
    }
    .into_any()
}

/// The rule in words.
pub(super) fn words(evidence: &model::Evidence, rule: &Rule) -> String {
    let series = rule.series().and_then(|id| evidence.series(id));
    let label = series.map_or_else(
        || rule.series().unwrap_or_default().to_owned(),
        |s| evidence.label(&s.meta),
    );
    rule.words(&label, series.map(|s| &s.meta), |v, meta| {
        value_text(v, &meta.unit)
    })
}

fn found(answer: &BackTestAnswer, rule: &Rule, test: &BackTest) -> Vec<AnyView> {
    let evidence = &answer.case.evidence;
    let lane = study::back_test(&answer.case, rule, test).map(picture);
    let count = test.fired.len();
    let list = |from: usize, to: usize| {
        let some = test.fired.iter().skip(from).take(to - from);
        let items = some.map(|fired| alarm(answer, test, *fired));
        view! { <ul class="alarms">{items.collect_view()}</ul> }
    };
    let first = list(0, AT_A_GLANCE);
    let more = (count > AT_A_GLANCE).then(|| {
        let rest = list(AT_A_GLANCE, MOST_ALARMS);
        let most = (count > MOST_ALARMS)
            .then(|| view! { <p class="dim">{count - MOST_ALARMS} " further ones"</p> });
        view! {
            <details class="more">
                <summary>{count - AT_A_GLANCE} " more"</summary>
                {rest}
                {most}
            </details>
        }
    });
    let answer = view! {
        <section class="answer" aria-label="What the alarm would have done" data-testid="back-test-answer">
            <p class="headline">{sentence(test)}</p>
            <p class="dim">"The rule: " {words(evidence, rule)} "."</p>
        </section>
    };
    let alarms = view! {
        <section class="panel" aria-labelledby="h-alarms">
            <h2 id="h-alarms">"When it is in alarm"</h2>
            {if count == 0 {
                view! { <p class="empty">"Never in this window."</p> }.into_any()
            } else {
                view! {
                    {first}
                    {more}
                }
                .into_any()
            }}
        </section>
    };
    vec![answer.into_any(), lane.into_any(), alarms.into_any()]
}

/// A span in alarm, with the way to it.
fn alarm(answer: &BackTestAnswer, test: &BackTest, fired: Window) -> AnyView {
    let path = format!("/incidents/{}{}", answer.case.incident.id, zoom(fired));
    let first = (test.first == Some(fired.start))
        .then(|| view! { <span class="chip chip-good">"catches it"</span> });
    view! {
        <li>
            <a href=path>{instant(fired.start)} " to " {instant(fired.end)} " UTC"</a>
            " "
            <span class="dim small">{span_text(fired.millis())}</span>
            " "
            {first}
        </li>
    }
    .into_any()
}

/// The answer in one sentence.
fn sentence(test: &BackTest) -> String {
    let caught = match (test.first, test.lead_s) {
        (None, _) => "It would not have caught this".to_owned(),
        (Some(at), None) => format!("It would have gone off at {} UTC", at.minute()),
        (Some(at), Some(lead)) => {
            let (lead, word) = (span_text(lead.saturating_abs() * SECOND), lead >= 0);
            let word = if word { "before" } else { "after" };
            format!(
                "It would have gone off at {} UTC, {lead} {word} people felt it",
                at.minute()
            )
        }
    };
    format!(
        "{caught}; {}.",
        cries(test.false_alarms, test.quiet_s, test.false_per_week)
    )
}

/// How often for nothing.
fn cries(alarms: u32, quiet_s: i64, per_week: Option<f64>) -> String {
    let Some(rate) = per_week else {
        return "how often it goes off for nothing is unknown: there is no quiet time in the window"
            .to_owned();
    };
    let quiet = span_text(quiet_s * SECOND);
    match alarms {
        0 => format!("no false alarm in {quiet} of quiet time"),
        1 => format!("1 false alarm in {quiet} of quiet time ({rate:.1} a week)"),
        n => format!("{n} false alarms in {quiet} of quiet time ({rate:.1} a week)"),
    }
}

/// A threshold as people write it.
fn threshold_text(answer: &BackTestAnswer, rule: &Rule, value: f64) -> String {
    match rule {
        Rule::Threshold { series, .. } => {
            let unit = answer.case.evidence.series(series);
            value_text(value, unit.map_or("", |s| s.meta.unit.as_str()))
        }
        Rule::CreditForecast { .. } | Rule::ZombieAge { .. } => span_text((value * 1000.0) as i64),
        Rule::Anomaly { .. } => format!("{value} deviations"),
    }
}

/// Points at which something changes; of many, evenly some.
fn telling(points: &[SweepPoint], keep: &[f64]) -> Vec<SweepPoint> {
    let mut out: Vec<SweepPoint> = Vec::new();
    for point in points {
        let same = out.last().is_some_and(|last| {
            (last.lead_s, last.false_alarms) == (point.lead_s, point.false_alarms)
        });
        let kept = keep
            .iter()
            .any(|k| k.to_bits() == point.threshold.to_bits());
        if !same || kept {
            out.push(*point);
        }
    }
    let every = out.len().div_ceil(MOST_ROWS).max(1);
    let last = out.len().saturating_sub(1);
    out.into_iter()
        .enumerate()
        .filter(|(i, p)| {
            let kept = keep.iter().any(|k| k.to_bits() == p.threshold.to_bits());
            i % every == 0 || *i == last || kept
        })
        .map(|(_, p)| p)
        .collect()
}

/// What other thresholds would have done, and the one that is proposed.
fn swept(answer: &BackTestAnswer, rule: &Rule, sweep: &Sweep, wanted: f64) -> AnyView {
    let path = format!("/incidents/{}/back-test", answer.case.incident.id);
    let own = rule.threshold();
    let best = sweep.best.map(|b| b.threshold);
    let keep: Vec<f64> = best.into_iter().chain([own]).collect();
    let rows = telling(&sweep.points, &keep)
        .into_iter()
        .map(|point| {
            let mut query = query_of(&rule.at(point.threshold));
            query.push(("wanted", wanted.to_string()));
            let chip = if best.is_some_and(|b| b.to_bits() == point.threshold.to_bits()) {
                Some(("chip chip-good", "proposed"))
            } else if own.to_bits() == point.threshold.to_bits() {
                Some(("chip", "tested"))
            } else {
                None
            };
            let chip = chip.map(|(class, word)| view! { <span class=class>{word}</span> });
            let lead = point.lead_s.map_or_else(
                || "does not catch it".to_owned(),
                |lead| span_text(lead * SECOND),
            );
            view! {
                <tr>
                    <th scope="row">
                        <a href=address(&path, &query)>
                            {threshold_text(answer, rule, point.threshold)}
                        </a>
                        " "
                        {chip}
                    </th>
                    <td class="number">{lead}</td>
                    <td class="number">{point.false_alarms}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let proposal = match sweep.best {
        Some(best) => format!(
            "The longest lead with at most {wanted} false alarms a week of quiet time: {}.",
            threshold_text(answer, rule, best.threshold)
        ),
        None => format!("No threshold catches this with at most {wanted} false alarms a week."),
    };
    let note = sweep.note.clone().map(|note| {
        view! { <p class="notice">{super::capitalised(&note)} "."</p> }
    });
    view! {
        <section class="panel" aria-labelledby="h-sweep" data-testid="sweep">
            <h2 id="h-sweep">"Other thresholds"</h2>
            <p>{proposal}</p>
            {note}
            {table(
                "Thresholds, from the laxest to the strictest",
                ["Threshold", "Lead before the impact", "False alarms"],
                rows,
            )}
        </section>
    }
    .into_any()
}

/// The way onto the list of what is to be done, and the definition.
fn take_over(answer: &BackTestAnswer, rule: &Rule) -> AnyView {
    let words = words(&answer.case.evidence, rule);
    let hidden = query_of(rule)
        .into_iter()
        .map(|(name, value)| {
            view! { <input type="hidden" name=format!("alarm[{name}]") value=value /> }
        })
        .collect_view();
    view! {
        <section class="panel form" aria-labelledby="h-take-over" data-testid="take-over-form">
            <h2 id="h-take-over">"Take it over"</h2>
            <form method="post" action="/api/add_action">
                <input type="hidden" name="incident" value=answer.case.incident.id.0.clone() />
                {hidden}
                {form::input(
                    "take-title",
                    "title",
                    "Action item",
                    "Stands on the incident's page and in its report.",
                    format!("Alarm: {words}"),
                )}
                {form::input("take-owner", "owner", "Who does it", "Empty: nobody yet.", String::new())}
                <p class="actions">
                    <button type="submit" class="button primary" data-testid="take-over">
                        "Take over as action item"
                    </button>
                </p>
            </form>
            <h3>"Definition of the alarm"</h3>
            {definitions("rule", &answer.definitions)}
        </section>
    }
    .into_any()
}

/// One form for each kind of rule, sent by GET.
fn rules(answer: &BackTestAnswer, rule: &Rule, asked: Asked<'_>, wanted: f64) -> AnyView {
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
    let form_of = |kind: &'static str, title: &'static str, inputs: AnyView| {
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
                        "False alarms a week that are bearable",
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
        .into_any()
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
    let mut forms = vec![form_of("threshold", "A threshold", threshold.into_any())];
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
            inputs.into_any(),
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
    forms.push(form_of(
        "anomaly",
        "Unlike its own past",
        anomaly.into_any(),
    ));
    forms.into_any()
}

fn kind_of(rule: &Rule) -> String {
    let query = query_of(rule);
    let kind = query.into_iter().find(|(n, _)| *n == "rule");
    kind.map(|(_, v)| v).unwrap_or_default()
}

/// M of N periods, and missing data.
fn periods(value: &impl Fn(&str, &str, &str) -> String, kind: &'static str) -> AnyView {
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
    .into_any()
}

/// What missing data mean.
fn missing(value: &impl Fn(&str, &str, &str) -> String, kind: &'static str) -> AnyView {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn point(threshold: f64, lead_s: Option<i64>, false_alarms: u32) -> SweepPoint {
        SweepPoint {
            threshold,
            lead_s,
            false_alarms,
        }
    }

    #[test]
    fn the_table_of_thresholds_is_short_and_keeps_what_matters() {
        let points: Vec<SweepPoint> = (0..1_000)
            .map(|i| point(f64::from(i), Some(i64::from(1_000 - i)), 0))
            .collect();
        let rows = telling(&points, &[501.0]);
        assert!(rows.len() <= MOST_ROWS + 3, "{}", rows.len());
        assert!(
            rows.iter()
                .any(|p| p.threshold.to_bits() == 501.0_f64.to_bits())
        );
        let flat = vec![
            point(1.0, None, 0),
            point(2.0, None, 0),
            point(3.0, None, 1),
        ];
        assert_eq!(telling(&flat, &[]).len(), 2);
    }

    #[test]
    fn what_an_alarm_would_have_done_is_one_sentence() {
        let mut test = BackTest {
            first: Some("2020-05-20T10:35:00Z".parse().unwrap()),
            lead_s: Some(145_500),
            quiet_s: 86_400,
            false_alarms: 1,
            false_per_week: Some(7.0),
            ..BackTest::default()
        };
        assert_eq!(
            sentence(&test),
            "It would have gone off at 2020-05-20 10:35 UTC, 1 d 16 h before people felt it; \
             1 false alarm in 1 d of quiet time (7.0 a week)."
        );
        test.first = None;
        test.false_per_week = None;
        assert!(sentence(&test).starts_with("It would not have caught this; how often"));
    }
}
