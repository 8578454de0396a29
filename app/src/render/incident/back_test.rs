//! Back-test: when a rule would have gone off, how long before it was felt, and how often for nothing.

mod rules;
mod sweep;

use super::{
    actions::definitions,
    study::{basis, head, picture, wrong},
    suspects::zoom,
};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    ApiError,
    backend::BackTestAnswer,
    input::{Asked, query_of},
    render::{form, instant},
    timeline::study,
};
use chart::value_text;
use leptos::prelude::*;
use model::{
    Window,
    analysis::{
        Verdict,
        back_test::{BackTest, Rule},
    },
    time::{SECOND, span_text},
};

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
) -> Markup {
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
        .markup();
    };
    let mut parts = vec![wrong(error)];
    match &answer.test {
        Some(Verdict::Found(test)) => parts.extend(found(answer, rule, test)),
        Some(Verdict::Unknown { missing }) => parts.push(unknown(missing)),
        Some(Verdict::Clear { reason, .. }) => parts.push(unknown(reason)),
        None => {}
    }
    if let Some(Verdict::Found(sweep)) = &answer.sweep {
        parts.push(sweep::swept(answer, rule, sweep, wanted));
    }
    parts.push(take_over(answer, rule));
    let series: Vec<&str> = rule.series().into_iter().collect();
    parts.push(basis(&answer.case, &series));
    view! {
        {head}
        <div class="lineup">
            <div class="lineup-main">{parts}</div>
            <aside class="lineup-side" aria-label="The rule">
                {rules::rules(answer, rule, asked, wanted)}
            </aside>
        </div>
    }
    .markup()
}

fn unknown(missing: &str) -> Markup {
    view! {
        <section class="panel" aria-labelledby="h-unknown" data-testid="back-test-unknown">
            <h2 id="h-unknown">"Unknown"</h2>
            <p>"What the alarm would have done cannot be told: " {missing.to_owned()} "."</p>
        </section>
    }
    .markup()
}

/// The rule in words.
pub(super) fn words(evidence: &model::Evidence, rule: &Rule) -> String {
    let series = rule.series().and_then(|id| evidence.series(id));
    let label = series.map_or_else(
        || rule.series().unwrap_or_default().to_owned(),
        |s| evidence.label(&s.meta),
    );
    words_of(rule, &label, series.map(|s| &s.meta))
}

/// The same of a series that is called `label`.
pub(super) fn words_of(rule: &Rule, label: &str, meta: Option<&model::SeriesMeta>) -> String {
    rule.words(label, meta, |v, meta| value_text(v, &meta.unit))
}

fn found(answer: &BackTestAnswer, rule: &Rule, test: &BackTest) -> Vec<Markup> {
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
                view! { <p class="empty">"Never in this window."</p> }.markup()
            } else {
                view! {
                    {first}
                    {more}
                }
                .markup()
            }}
        </section>
    };
    vec![answer.markup(), lane.markup(), alarms.markup()]
}

/// A span in alarm, with the way to it.
fn alarm(answer: &BackTestAnswer, test: &BackTest, fired: Window) -> Markup {
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
    .markup()
}

/// The answer in one sentence.
pub(super) fn sentence(test: &BackTest) -> String {
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

/// The way onto the list of what is to be done, and the definition.
fn take_over(answer: &BackTestAnswer, rule: &Rule) -> Markup {
    let words = words(&answer.case.evidence, rule);
    let mut actions = answer.case.actions.iter();
    let there = actions.find(|action| action.item.alarm.as_ref() == Some(rule));
    let there = there.map(|action| {
        let path = format!("/incidents/{}#h-actions", answer.case.incident.id);
        view! {
            <p class="notice" role="status" data-testid="taken-over">
                "It stands in the action items: " <a href=path>{action.item.title.clone()}</a>
            </p>
        }
    });
    let hidden = query_of(rule)
        .into_iter()
        .map(|(name, value)| {
            view! { <input type="hidden" name=format!("alarm[{name}]") value=value /> }
        })
        .collect_view();
    view! {
        <section class="panel form" aria-labelledby="h-take-over" data-testid="take-over-form">
            <h2 id="h-take-over">"Add it to the action items"</h2>
            {there}
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
    .markup()
}

#[cfg(test)]
mod tests {
    use super::*;

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
