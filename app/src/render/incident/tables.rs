//! Below the lanes: credits, stuck pods, change points, and where the evidence came from.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    render::{credit_chip, instant, references, table},
    timeline::{ChangeView, CreditView, OnceView, SourceView, StuckPodView, percent},
};
use leptos::prelude::*;

fn panel(title: &'static str, name: &'static str, body: Markup) -> Markup {
    view! {
        <section class="panel" aria-labelledby=format!("h-{name}")>
            <h2 id=format!("h-{name}")>{title}</h2>
            {body}
        </section>
    }
    .markup()
}

/// Burst-credit balances.
pub(crate) fn credits(list: Vec<CreditView>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let cards = list.into_iter().map(credit).collect_view();
    panel(
        "Burst credits",
        "credits",
        view! { <ul class="cards">{cards}</ul> }.markup(),
    )
}

fn credit(credit: CreditView) -> impl IntoView {
    let facts = credit
        .facts
        .into_iter()
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
        .collect_view();
    let note = (!credit.note.is_empty()).then(|| view! { <p class="small dim">{credit.note}</p> });
    view! {
        <li class="card">
            <p class="card-head">
                <strong class="mono">{credit.resource}</strong>
                " "
                {credit_chip(credit.state)}
            </p>
            <dl class="facts">{facts}</dl>
            {note}
        </li>
    }
}

/// Pods that were stuck in Terminating.
pub(crate) fn stuck_pods(list: Vec<StuckPodView>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let rows = list.into_iter().map(stuck_pod).collect();
    let head = [
        "Pod",
        "Namespace",
        "Node",
        "Terminating since",
        "Until",
        "For",
    ];
    panel(
        "Pods stuck in Terminating",
        "stuck",
        table("Pods stuck in Terminating, times in UTC", head, rows),
    )
}

fn stuck_pod(pod: StuckPodView) -> Markup {
    let node = if pod.node.is_empty() {
        "unknown".to_owned()
    } else {
        pod.node
    };
    view! {
        <tr>
            <th scope="row" class="mono">
                {pod.pod}
            </th>
            <td>{pod.namespace}</td>
            <td class="mono">{node}</td>
            <td class="when">{pod.since}</td>
            <td class="when">{pod.until}</td>
            <td class="number">{pod.age}</td>
        </tr>
    }
    .markup()
}

/// What was measured once: no curve, and a figure all the same.
pub(crate) fn once(list: Vec<OnceView>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let row = |one: OnceView| {
        view! {
            <tr>
                <th scope="row">{one.label}</th>
                <td class="when">{instant(one.at)}</td>
                <td class="number">{one.value}</td>
            </tr>
        }
        .markup()
    };
    let rows = list.into_iter().map(row).collect();
    let table = table(
        "Measured once, times in UTC",
        ["What", "When", "Value"],
        rows,
    );
    panel("Measured once", "once", table)
}

/// Longer lists of change points are folded: the lanes show them where they matter.
const AT_A_GLANCE: usize = 12;

/// Change points.
pub(crate) fn changes(list: Vec<ChangeView>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let count = list.len();
    let rows = list.into_iter().map(change).collect();
    let head = ["When", "Series", "Change", "Before", "After", "Confidence"];
    let table = table("Change points, times in UTC", head, rows);
    let body = view! {
        <details class="more" open=count <= AT_A_GLANCE>
            <summary>{count} " in order of time"</summary>
            {table}
        </details>
    };
    panel("Change points", "changes", body.markup())
}

fn change(change: ChangeView) -> Markup {
    view! {
        <tr>
            <td class="when">{instant(change.at)} " " <span class="dim">{change.uncertainty}</span></td>
            <th scope="row">{references(vec![change.series])}</th>
            <td>{change.change}</td>
            <td class="number">{change.before}</td>
            <td class="number">{change.after}</td>
            <td class="number">{percent(change.confidence)}</td>
        </tr>
    }
    .markup()
}

/// Where the evidence came from, and what did not come.
pub(crate) fn sources(list: Vec<SourceView>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let rows = list.into_iter().map(source).collect();
    let head = [
        "Source",
        "Query",
        "Asked",
        "Resolution",
        "Came",
        "Did not come",
    ];
    panel(
        "Where the evidence came from",
        "sources",
        table("Sources, times in UTC", head, rows),
    )
}

fn source(source: SourceView) -> Markup {
    let asked = source
        .asked_at
        .map_or_else(|| view! { "not said" }.markup(), |at| instant(at).markup());
    let gaps = if source.gaps.is_empty() {
        view! { "nothing is missing" }.markup()
    } else {
        let items = source
            .gaps
            .into_iter()
            .map(|gap| view! { <li>{gap}</li> })
            .collect_view();
        view! { <ul class="gaps">{items}</ul> }.markup()
    };
    view! {
        <tr>
            <th scope="row">{source.name}</th>
            <td class="query mono">{source.query}</td>
            <td class="when">{asked}</td>
            <td class="number">{source.resolution}</td>
            <td>{source.came}</td>
            <td class="wide small">{gaps}</td>
        </tr>
    }
    .markup()
}
