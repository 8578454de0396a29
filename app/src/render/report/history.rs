//! Every state that a section ever had, with what changed from one to the next.

use super::incident;
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{HistoryView, StateView},
    render::instant,
};
use leptos::prelude::*;

/// Saves of one person that follow each other within so long are one sitting, ms.
const SITTING: i64 = 10 * model::time::MINUTE;

/// The states, the newest first.
pub(in crate::render) fn history(history: &HistoryView) -> Markup {
    let id = &history.incident.id.0;
    let report = format!("/incidents/{id}/report#{}", history.section);
    let sittings = sittings(&history.states);
    let body = if sittings.is_empty() {
        view! { <p class="empty">"Nobody has changed this section: it is the draft."</p> }.markup()
    } else {
        let items = sittings
            .into_iter()
            .map(|states| sitting(id, &history.section, states))
            .collect_view();
        view! {
            <ol class="history" reversed>
                {items}
            </ol>
        }
        .markup()
    };
    view! {
        {incident::report_head(&history.incident)}
        <section class="panel" aria-labelledby="h-history" data-testid="history">
            <h1 id="h-history" class="history-title">
                {history.title.clone()}
                ": history"
            </h1>
            <p>
                <a href=report>"Back to the report"</a>
            </p>
            {body}
        </section>
    }
    .markup()
}

/// States in runs of one person's saves. All of them stay to be restored.
fn sittings(states: &[StateView]) -> Vec<Vec<&StateView>> {
    let mut out: Vec<Vec<&StateView>> = Vec::new();
    for state in states {
        let near = |newer: &&StateView| {
            let gap = newer.at.zip(state.at).map(|(newer, at)| newer.since(at));
            newer.author == state.author
                && newer.note.is_empty()
                && state.note.is_empty()
                && gap.is_some_and(|gap| gap < SITTING)
        };
        match out.last_mut() {
            Some(run) if run.last().is_some_and(near) => run.push(state),
            _ => out.push(vec![state]),
        }
    }
    out
}

fn sitting(id: &str, section: &str, states: Vec<&StateView>) -> Markup {
    let mut states = states.into_iter();
    let Some(newest) = states.next() else {
        return ().markup();
    };
    let older: Vec<Markup> = states
        .map(|s| view! { <li>{state(id, section, s)}</li> }.markup())
        .collect();
    let older = (!older.is_empty()).then(|| {
        let count = model::words::count(older.len(), "earlier save") + " of the same sitting";
        view! {
            <details class="more">
                <summary>{count}</summary>
                <ul class="history">{older}</ul>
            </details>
        }
    });
    view! {
        <li data-testid="history-state">
            {state(id, section, newest)} {older}
        </li>
    }
    .markup()
}

fn state(id: &str, section: &str, state: &StateView) -> Markup {
    let who = if state.author.is_empty() {
        "somebody".to_owned()
    } else {
        state.author.clone()
    };
    let at = state.at.map(|at| view! { ", " {instant(at)} " UTC" });
    let note = (!state.note.is_empty()).then(|| format!(" · {}", state.note));
    let stands = state
        .stands
        .then(|| view! { <span class="chip chip-good">"stands"</span> });
    let difference = if state.difference.is_empty() {
        let words = if state.is_draft {
            "The draft stood."
        } else {
            "The words did not change."
        };
        view! { <p class="small dim">{words}</p> }.markup()
    } else {
        view! { <div class="difference" inner_html=state.difference.clone()></div> }.markup()
    };
    let restore = (!state.stands).then(|| {
        let of = format!(" revision {}", state.revision);
        view! {
            <form method="post" action="/api/change_section">
                <input type="hidden" name="incident" value=id.to_owned() />
                <input type="hidden" name="section" value=section.to_owned() />
                <input type="hidden" name="change" value="restore" />
                <input type="hidden" name="revision" value=state.revision.to_string() />
                <button type="submit" class="quiet" data-testid="section-restore">
                    "Restore" <span class="visually-hidden">{of}</span>
                </button>
            </form>
        }
    });
    view! {
        <div class="history-head">
            <p>
                <strong>{format!("Revision {}", state.revision)}</strong>
                " "
                {stands}
                " "
                <span class="small dim">{who} {at} {note}</span>
            </p>
            {restore}
        </div>
        {difference}
    }
    .markup()
}
