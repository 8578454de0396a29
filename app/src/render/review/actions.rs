//! Action items of all incidents.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{ActionRow, ActionsAsk, ActionsView, NOBODY},
    input::query_of,
    render::{form, table},
};
use leptos::prelude::*;
use model::{ActionItem, IncidentId, action::ActionState, analysis::back_test::Rule};
use std::fmt::Write;

/// The page.
pub(crate) fn actions(view: &ActionsView) -> Markup {
    let body = if view.all == 0 {
        view! {
            <p class="empty" data-testid="actions-empty">
                "Nothing is to be done yet. Action items are taken on the page of an incident, or from \
                 its back-test together with the alarm that would have caught it."
            </p>
        }
        .markup()
    } else if view.rows.is_empty() {
        view! {
            <p class="empty" data-testid="actions-none">
                "No action item is like that. " <a href="/actions?state=all">"All of them"</a>
            </p>
        }
        .markup()
    } else {
        table(
            "Action items",
            [
                "What is to be done",
                "Who",
                "Due",
                "State",
                "Incident",
                "Change",
            ],
            view.rows.iter().map(row).collect(),
        )
    };
    view! {
        <header class="page-head">
            <h1>"Action items"</h1>
            <p class="meta">{summary(view)}</p>
        </header>
        {filter(view)}
        <section class="panel list stacked" aria-label="Action items">
            {body}
        </section>
    }
    .markup()
}

fn summary(view: &ActionsView) -> String {
    let overdue = view.rows.iter().filter(|r| r.overdue).count();
    let mut text = format!("{} of {}", view.rows.len(), view.all);
    if overdue > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, ", {overdue} overdue");
    }
    text
}

/// The filter, whose address is the page's.
fn filter(view: &ActionsView) -> Markup {
    let ActionsAsk {
        owner,
        overdue,
        state,
    } = &view.ask;
    let owners = view
        .owners
        .iter()
        .map(|name| {
            let selected = name == owner;
            view! {
                <option value=name.clone() selected=selected>
                    {name.clone()}
                </option>
            }
        })
        .collect_view();
    let state = match state {
        Some(ActionState::Open) => "open",
        Some(ActionState::Done) => "done",
        None => "all",
    };
    view! {
        <form method="get" action="/actions" class="panel filter" aria-label="Filter">
            <div class="pair">
                <div class="field">
                    <label for="actions-owner">"Who"</label>
                    <select id="actions-owner" name="owner">
                        <option value="" selected=owner.is_empty()>
                            "anybody"
                        </option>
                        <option value=NOBODY selected=owner == NOBODY>
                            "nobody yet"
                        </option>
                        {owners}
                    </select>
                </div>
                {form::choice(
                    "actions-state".into(),
                    "state",
                    "State",
                    &[("open", "open"), ("done", "done"), ("all", "all")],
                    state,
                )}
            </div>
            <p class="actions">
                <label>
                    <input type="checkbox" name="overdue" value="yes" checked=*overdue />
                    " overdue only"
                </label>
                <button type="submit" class="button" data-testid="actions-filter">
                    "Show"
                </button>
            </p>
        </form>
    }
    .markup()
}

fn row(row: &ActionRow) -> Markup {
    let item = &row.item;
    let owner = if item.owner.is_empty() {
        view! { <span class="dim">"nobody yet"</span> }.markup()
    } else {
        item.owner.clone().markup()
    };
    let late = row
        .overdue
        .then(|| view! { " " <span class="chip chip-bad">"overdue"</span> });
    let due = item.due.map_or_else(
        || view! { <span class="dim">"no date"</span> }.markup(),
        |due| view! { <time datetime=due.to_string()>{due.date()}</time> {late} }.markup(),
    );
    view! {
        <tr id=format!("{}-{}", row.incident, item.id) data-testid="action-row">
            <th scope="row">
                {item.title.clone()} <span class="small">{tracked(item)} {alarm(&row.incident, item)}</span>
            </th>
            <td>{owner}</td>
            <td class="when">{due}</td>
            <td>{state(item.state)}</td>
            <td>
                <a href=format!("/incidents/{}", row.incident)>{row.title.clone()}</a>
            </td>
            <td class="wide">{edit(&row.incident, item)}</td>
        </tr>
    }
    .markup()
}

fn state(state: ActionState) -> Markup {
    let (class, word) = match state {
        ActionState::Open => ("chip chip-open", "open"),
        ActionState::Done => ("chip chip-good", "done"),
    };
    view! { <span class=class>{word}</span> }.markup()
}

/// Where it is tracked.
pub(crate) fn tracked(item: &ActionItem) -> Markup {
    if !item.link.starts_with("https://") {
        return ().markup();
    }
    view! {
        <a href=item.link.clone() rel="noopener noreferrer" data-testid="action-link">
            "Tracked here"
            <span class="visually-hidden">": " {item.title.clone()}</span>
        </a>
        " "
    }
    .markup()
}

/// The alarm that it stands for, tested back.
fn alarm(incident: &IncidentId, item: &ActionItem) -> Markup {
    let Some(rule) = &item.alarm else {
        return ().markup();
    };
    let href = back_test(incident, rule);
    let of = rule.series().unwrap_or("stuck pods").to_owned();
    view! { "Alarm on " <a href=href>{of}</a> }.markup()
}

fn back_test(incident: &IncidentId, rule: &Rule) -> String {
    let path = format!("/incidents/{incident}/back-test");
    crate::render::incident::address(&path, &query_of(rule))
}

/// The form that changes an item.
pub(crate) fn edit(incident: &IncidentId, item: &ActionItem) -> Markup {
    // Ids of items are unique within their incident.
    let id = |part: &str| format!("{incident}-{}-{part}", item.id);
    let due = item.due.map(model::Timestamp::date).unwrap_or_default();
    let chosen = match item.state {
        ActionState::Open => "open",
        ActionState::Done => "done",
    };
    let line = |name: &'static str, label: &'static str, hint: &'static str, value: &str| {
        form::input(&id(name), name, label, hint, value.to_owned())
    };
    view! {
        <details class="more form">
            <summary data-testid="action-edit">
                "Change" <span class="visually-hidden">": " {item.title.clone()}</span>
            </summary>
            <form method="post" action="/api/edit_action">
                <input type="hidden" name="incident" value=incident.0.clone() />
                <input type="hidden" name="action" value=item.id.clone() />
                {line("title", "What is to be done", "", &item.title)}
                {line("owner", "Who does it", "Empty: nobody yet.", &item.owner)}
                <div class="field">
                    <label for=id("due")>"Due"</label>
                    <input id=id("due") name="due" type="date" value=due />
                </div>
                {line("link", "Where it is tracked", "An https address; empty: nowhere.", &item.link)}
                {form::choice(
                    id("state"),
                    "state",
                    "State",
                    &[("open", "open"), ("done", "done")],
                    chosen,
                )}
                <button type="submit" class="button" data-testid="action-save">
                    "Save"
                </button>
            </form>
        </details>
    }
    .markup()
}
