//! What is to be done, with the alarms that it stands for; and earlier incidents.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{AlarmText, Case},
    render::{form, instant, review, span},
    timeline::percent,
};
use leptos::prelude::*;
use model::{
    action::{ActionState, TestedAction},
    analysis::recurrence::Earlier,
    time::{SECOND, span_text},
};

/// Action items, and the form for one more.
pub(crate) fn actions(case: &Case) -> Markup {
    let id = &case.incident.id.0;
    let back_test = format!("/incidents/{id}/back-test");
    let body = if case.actions.is_empty() {
        view! {
            <p class="empty">
                "Nothing is to be done yet. Find an alarm that would have caught this on "
                <a href=back_test>"the back-test"</a> " and take it over, or write down what to do."
            </p>
        }
        .markup()
    } else {
        let items = case.actions.iter().map(|a| item(case, a)).collect_view();
        view! { <ul class="action-items">{items}</ul> }.markup()
    };
    view! {
        <section class="panel" aria-labelledby="h-actions">
            <h2 id="h-actions">"Action items"</h2>
            {body}
            <details class="more form">
                <summary>"Add one"</summary>
                <form method="post" action="/api/add_action" data-stays>
                    <input type="hidden" name="incident" value=id.clone() />
                    {form::input("action-title", "title", "What is to be done", "", String::new())}
                    {form::input("action-owner", "owner", "Who does it", "Empty: nobody yet.", String::new())}
                    <p class="actions">
                        <button type="submit" class="button" data-testid="action-add">
                            "Add"
                        </button>
                    </p>
                </form>
            </details>
        </section>
    }
    .markup()
}

fn item(case: &Case, action: &TestedAction) -> Markup {
    let item = &action.item;
    let open = item.state == ActionState::Open;
    let (class, word) = if open {
        ("chip chip-open", "open")
    } else {
        ("chip chip-good", "done")
    };
    let by = if item.author.is_empty() {
        String::new()
    } else {
        format!("Taken on by {}", item.author)
    };
    let at = item
        .created_at
        .map(|at| view! { ", " {instant(at)} " UTC" });
    let owner = (!item.owner.is_empty()).then(|| format!("Who does it: {}. ", item.owner));
    let due = item.due.map(|due| format!("Until {}. ", due.date()));
    let button = |change: &'static str, label: &'static str| {
        view! {
            <form method="post" action="/api/change_action" data-stays>
                <input type="hidden" name="incident" value=case.incident.id.0.clone() />
                <input type="hidden" name="action" value=item.id.clone() />
                <input type="hidden" name="change" value=change />
                <button type="submit" class="quiet" data-testid=format!("action-{change}")>
                    {label}
                    <span class="visually-hidden">": " {item.title.clone()}</span>
                </button>
            </form>
        }
    };
    let alarm = item.alarm.as_ref().map(|rule| {
        let words = super::back_test::words(&case.evidence, rule);
        let query = crate::input::query_of(rule);
        let path = format!("/incidents/{}/back-test", case.incident.id);
        let path = super::study::address(&path, &query);
        let texts = case
            .definitions
            .get(&item.id)
            .map_or(&[][..], Vec::as_slice);
        view! {
            <p class="small">
                "Alarm: " {words} ". " {tested(action)} " " <a href=path>"Back-test"</a>
            </p>
            <details class="more">
                <summary>"Definition"</summary>
                {definitions(&item.id, texts)}
            </details>
        }
    });
    view! {
        <li class="action-item" id=format!("{}-{}", case.incident.id, item.id) data-testid="action">
            <p>
                <span class=class>{word}</span>
                " "
                <strong>{item.title.clone()}</strong>
            </p>
            <p class="small dim">{owner} {due} {by} {at}</p>
            <p class="small">{review::tracked(item)}</p>
            {alarm}
            {review::edit(&case.incident.id, item)}
            <div class="note-actions">
                {if open { button("done", "Done") } else { button("open", "Open again") }}
                {button("remove", "Remove")}
            </div>
        </li>
    }
    .markup()
}

/// What its alarm would have done, in a few words.
fn tested(action: &TestedAction) -> String {
    let Some(test) = &action.tested else {
        return if action.missing.is_empty() {
            String::new()
        } else {
            format!("What it would have done is unknown: {}.", action.missing)
        };
    };
    let caught = match test.lead_s {
        _ if test.first.is_none() => "Would not have caught this".to_owned(),
        Some(lead) if lead >= 0 => format!("{} before people felt it", span_text(lead * SECOND)),
        Some(lead) => format!("{} after people felt it", span_text(-lead * SECOND)),
        None => "Would have gone off".to_owned(),
    };
    let quiet = span_text(test.quiet_s * SECOND);
    format!(
        "{caught}; {} false in {quiet} of quiet time.",
        test.false_alarms
    )
}

/// The definitions of an alarm, each to be copied; or why there is none.
pub(super) fn definitions(key: &str, list: &[AlarmText]) -> Markup {
    let items = list
        .iter()
        .enumerate()
        .map(|(n, definition)| match &definition.text {
            Err(reason) => view! {
                <li class="small">
                    <strong>{definition.format.clone()}</strong>
                    ": none, because "
                    {reason.clone()}
                    "."
                </li>
            }
            .markup(),
            Ok(text) => {
                let id = format!("alarm-{key}-{n}");
                let rows = text.lines().count().clamp(4, 18);
                view! {
                    <li>
                        <details class="more" data-testid="definition">
                            <summary>{definition.format.clone()}</summary>
                            <label class="small dim" for=id.clone()>
                                {definition.file.clone()} " · " {definition.how.clone()}
                            </label>
                            <textarea
                                id=id.clone()
                                class="code"
                                readonly
                                spellcheck="false"
                                wrap="off"
                                rows=rows
                                inner_html=raw(text)
                            ></textarea>
                            <button type="button" class="button" data-copy=id>
                                <span class="copy-todo">"Copy"</span>
                                <span class="copy-done">"Copied"</span>
                            </button>
                        </details>
                    </li>
                }
                .markup()
            }
        })
        .collect_view();
    view! { <ul class="definitions">{items}</ul> }.markup()
}

/// Text as it may stand in a `textarea`, whose children Leptos writes as they are.
pub(super) fn raw(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Incidents of this installation that are like this one.
pub(crate) fn earlier(case: &Case) -> Markup {
    let body = if case.earlier.is_empty() {
        view! {
            <p class="empty small">
                "No incident of this installation is like this one. Those that come, and those that are \
                 imported, are compared by themselves."
            </p>
        }
        .markup()
    } else {
        let items = case.earlier.iter().map(|e| like(case, e)).collect_view();
        view! { <ul class="hypotheses earlier">{items}</ul> }.markup()
    };
    view! {
        <section class="panel" aria-labelledby="h-earlier">
            <h2 id="h-earlier">"Seen before"</h2>
            {body}
        </section>
    }
    .markup()
}

fn like(case: &Case, earlier: &Earlier) -> Markup {
    let path = format!("/incidents/{}", earlier.incident);
    let when = if earlier.window.start > case.incident.window.start {
        "later, "
    } else {
        ""
    };
    let list = |items: &[String]| {
        let items = items
            .iter()
            .map(|text| view! { <li>{super::capitalised(text)}</li> })
            .collect_view();
        view! { <ul class="gaps small">{items}</ul> }
    };
    view! {
        <li data-testid="earlier">
            <p>
                <a href=path>{earlier.title.clone()}</a>
                " "
                <span class="chip">{percent(earlier.likeness.score)} " alike"</span>
            </p>
            <p class="small dim">{when} {span(earlier.window)}</p>
            {list(&earlier.likeness.reasons)}
            <details class="more">
                <summary>"What differs"</summary>
                {list(&earlier.likeness.differences)}
            </details>
        </li>
    }
    .markup()
}
