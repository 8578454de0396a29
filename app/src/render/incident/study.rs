//! What the pages that ask something of an incident share: heading, tabs, picture, where it comes from.

use super::suspects::escaped;
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::Case,
    render::{incident_chip, notice, span, table},
    timeline::LaneView,
};
use leptos::prelude::*;
use model::Provenance;

/// The pages of an incident; `here` is the one that is shown.
pub(crate) fn tabs(incident: &str, here: &str) -> Markup {
    let base = format!("/incidents/{incident}");
    let entries = [
        ("", "Timeline", ""),
        ("/report", "Report", "report-link"),
        ("/review", "Review", "review-tab"),
        ("/share", "Share", "share-tab"),
        ("/what-if", "What if", "what-if-tab"),
        ("/back-test", "Back-test", "back-test-tab"),
        ("/activity", "Activity", "activity-tab"),
    ];
    let links = entries
        .into_iter()
        .map(|(path, label, testid)| {
            let current = (path == here).then_some("page");
            let testid = (!testid.is_empty()).then_some(testid);
            view! {
                <a href=format!("{base}{path}") aria-current=current data-testid=testid>
                    {label}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Incident">
            {links}
        </nav>
    }
    .markup()
}

/// Heading, window and tabs of a question's page.
pub(super) fn head(case: &Case, title: &'static str, here: &str) -> Markup {
    let incident = &case.incident;
    view! {
        <header class="page-head">
            <p class="crumb">{incident.title.clone()}</p>
            <h1>{title}</h1>
            <p class="meta">{incident_chip(incident.state)} " " {span(incident.window)}</p>
            {tabs(&incident.id.0, here)}
        </header>
        {notice(incident.notice.clone())}
    }
    .markup()
}

/// A finished picture with its numbers below it.
pub(super) fn picture(lane: LaneView) -> Markup {
    let caption = format!("{} as numbers", lane.title);
    let rows = lane
        .table
        .rows
        .into_iter()
        .map(|cells| {
            let cells = cells
                .into_iter()
                .map(|cell| view! { <td>{cell}</td> })
                .collect_view();
            view! { <tr>{cells}</tr> }.markup()
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="h-picture">
            <h2 id="h-picture">{lane.title}</h2>
            <p class="lane-summary">{lane.summary}</p>
            <div class="picture picture-wide" inner_html=lane.picture.wide></div>
            <div class="picture picture-narrow" inner_html=lane.picture.narrow></div>
            <details class="numbers">
                <summary>"Numbers"</summary>
                {table(caption, lane.table.head, rows)}
            </details>
        </section>
    }
    .markup()
}

/// Where an answer comes from: the series, and the queries that gave it.
pub(super) fn basis(case: &Case, series: &[&str]) -> Markup {
    let items = series
        .iter()
        .map(|id| {
            let label = case
                .evidence
                .series(id)
                .map_or_else(|| (*id).to_owned(), |s| case.evidence.label(&s.meta));
            let gave = |p: &&Provenance| p.series.iter().any(|s| s == id);
            let queries = case
                .evidence
                .provenance
                .iter()
                .filter(gave)
                .map(|p| {
                    view! {
                        <li class="small">
                            {p.source.clone()} ": " <code class="mono">{p.query.clone()}</code>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <li>
                    <strong>{label}</strong>
                    " "
                    {span(case.incident.window)}
                    <ul class="gaps">{queries}</ul>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-basis">
            <h2 id="h-basis">"Made from"</h2>
            <ul>{items}</ul>
            <p class="hint">
                "And from what the analysis found: the onset of the driver, the suspect's end, the \
                 impact. The report names them with their figures."
            </p>
        </section>
    }
    .markup()
}

/// A chooser of one of the evidence's series, with what is chosen in it however many there are.
pub(super) fn series_choice(case: &Case, id: &'static str, chosen: &str, among: &[&str]) -> Markup {
    const MOST: usize = 500;
    let mut all: Vec<(String, &str)> = case
        .evidence
        .series
        .iter()
        .filter(|s| among.is_empty() || among.contains(&s.meta.id.as_str()))
        .map(|s| (case.evidence.label(&s.meta), s.meta.id.as_str()))
        .collect();
    all.sort();
    let rest = all.len().saturating_sub(MOST);
    let options = all
        .into_iter()
        .enumerate()
        .filter(|(i, (_, series))| *i < MOST || *series == chosen)
        .map(|(_, (label, series))| {
            let selected = series == chosen;
            view! {
                <option value=series.to_owned() selected=selected>
                    {label}
                </option>
            }
        })
        .collect_view();
    let more = (rest > 0).then(|| {
        view! {
            <p class="hint">
                {rest} " more: put the series' id into the address, as series=…"
            </p>
        }
    });
    view! {
        <div class="field">
            <label for=id>"Series"</label>
            <select id=id name="series">
                {options}
            </select>
            {more}
        </div>
    }
    .markup()
}

/// What is wrong with the question, and what to do.
pub(super) fn wrong(error: Option<&crate::ApiError>) -> Markup {
    match error {
        None => ().markup(),
        Some(error) => view! {
            <p class="fault" role="alert">
                {error.to_string()}
            </p>
        }
        .markup(),
    }
}

/// An address with these inputs.
pub(crate) fn address(path: &str, query: &[(&str, String)]) -> String {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    format!("{path}?{}", pairs.join("&"))
}
