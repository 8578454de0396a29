//! The parts of an incident's page that can only be read.

mod coverage;
mod events;
mod files;
mod lanes;
mod suspects;
mod tables;

use super::{incident_chip, notice, span};
use crate::timeline::TimelineView;
pub(crate) use coverage::coverage;
pub(crate) use events::events;
pub(crate) use files::files;
pub(crate) use lanes::{lanes, plain_lanes};
use leptos::prelude::*;
use model::Incident;
pub(crate) use suspects::{hypotheses, known_issues, suspects};
pub(crate) use tables::{changes, credits, sources, stuck_pods};

/// Heading, window, what came, the way to the report, and the notice.
pub(crate) fn head(view: &TimelineView) -> AnyView {
    let base = format!("/incidents/{}", view.id);
    view! {
        <header class="page-head">
            <h1>{view.title.clone()}</h1>
            <p class="meta">
                {incident_chip(view.state)} " " {span(view.window)} " · " {view.came.clone()}
            </p>
            <nav class="tabs" aria-label="Incident">
                <a href=base.clone() aria-current="page">
                    "Timeline"
                </a>
                <a href=format!("{base}/report") data-testid="report-link">
                    "Report"
                </a>
            </nav>
        </header>
        {notice(view.notice.clone())}
        {notice(view.ignored.clone())}
    }
    .into_any()
}

/// The heading above a report. The report brings its own notice, and its own title.
pub(crate) fn report_head(incident: &Incident) -> AnyView {
    let base = format!("/incidents/{}", incident.id);
    view! {
        <header class="page-head">
            <p class="crumb">{incident.title.clone()}</p>
            <p class="meta">{incident_chip(incident.state)} " " {span(incident.window)}</p>
            <nav class="tabs" aria-label="Incident">
                <a href=base.clone()>"Timeline"</a>
                <a href=format!("{base}/report") aria-current="page">
                    "Report"
                </a>
            </nav>
        </header>
    }
    .into_any()
}

/// The headline sentence large, the others below it.
pub(crate) fn answer(sentences: Vec<String>, bare: bool) -> AnyView {
    let mut sentences = sentences.into_iter();
    let Some(first) = sentences.next() else {
        let text = if bare {
            "There is no evidence yet. When the pull is done it is shown here; or import a bundle \
             that has some."
        } else {
            "There is evidence, but nothing is known to have happened in this window."
        };
        return view! { <p class="empty">{text}</p> }.into_any();
    };
    let rest = sentences
        .map(|sentence| view! { <li>{sentence}</li> })
        .collect_view();
    view! {
        <section class="answer" aria-label="What happened">
            <p class="headline">{first}</p>
            <ul>{rest}</ul>
        </section>
    }
    .into_any()
}
