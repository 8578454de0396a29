//! The list of incidents.

use crate::{
    api,
    backend::IncidentRow,
    components::{incident_chip, loaded, span, table},
    timeline::percent,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents`.
pub(crate) fn incidents() -> impl IntoView {
    let incidents = Resource::new_blocking(|| (), |()| api::incidents());
    view! {
        <Title text="Incidents" />
        <div class="page">
            <header class="page-head">
                <h1>"Incidents"</h1>
                <a class="button" href="/incidents/new">
                    "New incident"
                </a>
            </header>
            {loaded(incidents, list)}
        </div>
    }
}

/// The table, or what to do when there is nothing to list.
pub(super) fn list(incidents: Vec<IncidentRow>) -> AnyView {
    if incidents.is_empty() {
        return view! {
            <p class="empty">
                "No incident yet. "
                <a href="/incidents/new">"Pull one from CloudWatch or upload a bundle"</a>
                ", or run " <code>"lineup serve --demo"</code> " to see a simulated one."
            </p>
        }
        .into_any();
    }
    let rows = incidents.into_iter().map(row).collect();
    table(
        "Incidents",
        ["Incident", "State", "First suspect", "Window"],
        rows,
    )
}

fn row(incident: IncidentRow) -> AnyView {
    let suspect = match incident.suspect {
        Some((title, score)) => {
            view! { <span class="score">{percent(score)}</span> " " {title} }.into_any()
        }
        None => view! { <span class="dim">"none"</span> }.into_any(),
    };
    let notice = incident
        .notice
        .map(|text| view! { <span class="small dim">{text}</span> });
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/incidents/{}", incident.id) data-testid="incident-link">
                    {incident.title}
                </a>
                {notice}
            </th>
            <td>{incident_chip(incident.state)}</td>
            <td class="wide">{suspect}</td>
            <td class="when">{span(incident.window)}</td>
        </tr>
    }
    .into_any()
}
