//! The dashboard.

use super::{credit_chip, incidents, instant, table};
use crate::backend::{CreditRow, Origin, Overview, RolloutRow, SourceRow, ZombieRow};
use crate::render::markup::{IntoMarkup, Markup};
use chart::value_text;
use leptos::prelude::*;
use model::{
    Timestamp,
    time::{SECOND, span_text},
};

pub(super) fn dashboard(data: Overview) -> Markup {
    view! {
        <div class="dashboard">
            {panel("Incidents", "incidents", incidents::list(data.incidents))}
            {panel("Burst credits", "credits", credits(data.credits, data.now))}
            {panel("Zombies, as last seen", "zombies", zombies(data.zombies))}
            {panel("Last rollouts", "rollouts", rollouts(data.rollouts))}
            {panel("Sources", "sources", sources(data.sources))}
        </div>
    }
    .markup()
}

fn panel(title: &'static str, name: &'static str, body: Markup) -> Markup {
    view! {
        <section class=format!("panel area-{name}") aria-labelledby=format!("h-{name}")>
            <h2 id=format!("h-{name}")>{title}</h2>
            {body}
        </section>
    }
    .markup()
}

fn empty(text: &'static str) -> Markup {
    view! { <p class="empty">{text}</p> }.markup()
}

fn origin(origin: Origin) -> impl IntoView {
    match origin {
        Origin::Live => view! { <a href="/explore">"live sources"</a> }.markup(),
        Origin::Incident { id, title } => {
            view! { <a href=format!("/incidents/{id}")>{title}</a> }.markup()
        }
    }
}

fn credits(rows: Vec<CreditRow>, now: Timestamp) -> Markup {
    if rows.is_empty() {
        return empty(
            "No burst-credit balance is known. Pull an EFS file system from CloudWatch, or import \
             a bundle with BurstCreditBalance.",
        );
    }
    let items = rows.into_iter().map(|r| credit(r, now)).collect_view();
    view! { <ul class="cards">{items}</ul> }.markup()
}

fn credit(row: CreditRow, now: Timestamp) -> impl IntoView {
    let name = row
        .resource
        .strip_prefix("aws:")
        .unwrap_or(&row.resource)
        .to_owned();
    let left = row.balance.map(|b| value_text(b, &row.unit));
    let zero = time_to_zero(&row, now);
    view! {
        <li class="card" data-testid="credit-row">
            <p class="card-head">
                <strong class="mono">{name}</strong>
                " "
                {credit_chip(row.state)}
            </p>
            <p class="figure">{zero}</p>
            <p class="small dim">
                {left.map(|l| format!("{l} left · "))} "as of " {instant(row.as_of)} " UTC · "
                {origin(row.origin)}
            </p>
        </li>
    }
}

/// What a team wants to know: how long there is, or why nobody can say.
fn time_to_zero(row: &CreditRow, now: Timestamp) -> Markup {
    if let Some(forecast) = &row.forecast {
        let left = forecast.exhausts_at.since(now);
        let words = if left > 0 {
            format!("zero in {}, at ", span_text(left))
        } else {
            "was to reach zero at ".to_owned()
        };
        return view! {
            <span>{words} {instant(forecast.exhausts_at)} " UTC"</span>
            <span class="small dim">
                " (90 %: " {instant(forecast.low)} " to " {instant(forecast.high)} ")"
            </span>
        }
        .markup();
    }
    if let Some(at) = row.exhausted_at {
        return view! { <span>"was at zero at " {instant(at)} " UTC"</span> }.markup();
    }
    let text = if row.note.is_empty() {
        "does not fall towards zero".to_owned()
    } else {
        row.note.clone()
    };
    view! { <span>{text}</span> }.markup()
}

fn zombies(rows: Vec<ZombieRow>) -> Markup {
    if rows.is_empty() {
        return empty(
            "No pod is stuck in Terminating in what is known. Upload the output of \
             kubectl get pods --all-namespaces to look again.",
        );
    }
    let rows = rows.into_iter().map(zombie).collect();
    table(
        "Pods stuck in Terminating",
        ["Pod and node", "Terminating for", "As of", "Incident"],
        rows,
    )
}

fn zombie(row: ZombieRow) -> Markup {
    let age = row
        .age_s
        .map_or("unknown".to_owned(), |s| span_text(s * SECOND));
    let node = if row.node.is_empty() {
        "unknown node"
    } else {
        &row.node
    };
    let place = format!("{} · {node}", row.namespace);
    view! {
        <tr data-testid="zombie-row">
            <th scope="row">
                <span class="mono">{row.pod}</span>
                <span class="small dim">{place}</span>
            </th>
            <td class="number">{age}</td>
            <td class="when">{instant(row.as_of)}</td>
            <td>{origin(row.origin)}</td>
        </tr>
    }
    .markup()
}

fn rollouts(rows: Vec<RolloutRow>) -> Markup {
    if rows.is_empty() {
        return empty(
            "No rollout is known. Upload the output of kubectl get \
             pods,replicasets,deployments,nodes,events -A -o json.",
        );
    }
    let rows = rows.into_iter().map(rollout).collect();
    table("Last rollouts", ["When", "Rollout", "Incident"], rows)
}

fn rollout(row: RolloutRow) -> Markup {
    let when = row
        .at
        .map_or_else(|| view! { "unknown" }.markup(), |at| instant(at).markup());
    let object = [row.namespace.as_str(), row.object.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <tr>
            <td class="when">{when}</td>
            <th scope="row">
                {row.title} <span class="small dim">{object}</span>
            </th>
            <td>{origin(row.origin)}</td>
        </tr>
    }
    .markup()
}

fn sources(rows: Vec<SourceRow>) -> Markup {
    let more = view! {
        <p class="small">
            <a href="/sources">"All configured sources"</a>
        </p>
    };
    if rows.is_empty() {
        let none =
            empty("No source has answered yet. Make an incident, and each source shows here.");
        return view! { {none} {more} }.markup();
    }
    // What came whole needs no look.
    let (missing, whole): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| !row.missing.is_empty());
    let quiet = (!whole.is_empty()).then(|| {
        let summary = format!("{} without gaps", whole.len());
        let items = whole.into_iter().map(source).collect_view();
        view! {
            <details class="more" open=missing.is_empty()>
                <summary>{summary}</summary>
                <ul class="cards">{items}</ul>
            </details>
        }
    });
    let items = missing.into_iter().map(source).collect_view();
    view! { <ul class="cards">{items}</ul> {quiet} {more} }.markup()
}

fn source(row: SourceRow) -> impl IntoView {
    let class = if row.missing.is_empty() {
        "chip chip-good"
    } else {
        "chip chip-warn"
    };
    let last = row.last.map_or_else(
        || view! { <span>"time not said"</span> }.markup(),
        |at| view! { <span>"last asked " {instant(at)} " UTC"</span> }.markup(),
    );
    let missing = (!row.missing.is_empty()).then(|| {
        let items = row
            .missing
            .into_iter()
            .map(|line| view! { <li>{line}</li> })
            .collect_view();
        view! {
            <details class="more">
                <summary>"What is missing"</summary>
                <ul class="small gaps">{items}</ul>
            </details>
        }
    });
    view! {
        <li class="card" data-testid="source-row">
            <p class="card-head">
                <strong>{row.name}</strong>
                " "
                <span class=class>{row.state}</span>
            </p>
            <p class="small dim">{last} " · " {origin(row.origin)}</p>
            {missing}
        </li>
    }
}
