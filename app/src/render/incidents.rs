//! The list of incidents.

use super::{incident_chip, span, table};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{backend::IncidentRow, timeline::percent};
use leptos::prelude::*;

/// The table, or what to do when there is nothing to list.
pub(super) fn list(incidents: Vec<IncidentRow>) -> Markup {
    if incidents.is_empty() {
        return view! {
            <p class="empty">
                "No incident yet. "
                <a href="/incidents/new">"Pull one from CloudWatch or upload a bundle"</a>
                ", or run " <code>"lineup serve --demo"</code> " to see a simulated one."
            </p>
        }
        .markup();
    }
    let rows = incidents.into_iter().map(row).collect();
    let table = table(
        "Incidents",
        ["Incident", "State", "First suspect", "Window"],
        rows,
    );
    view! { <div class="incidents">{table}</div> }.markup()
}

fn row(incident: IncidentRow) -> Markup {
    let suspect = match incident.suspect {
        Some((title, score)) => {
            view! { <span class="score">{percent(score)}</span> " " {title} }.markup()
        }
        None => view! { <span class="dim">"none"</span> }.markup(),
    };
    let notice = incident
        .notice
        .map(|text| view! { <span class="small dim clamp">{text}</span> });
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
    .markup()
}
