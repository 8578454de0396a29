//! The parts of an incident's page that can only be read.

mod actions;
mod alarm;
mod back_test;
mod belongs;
mod coverage;
mod events;
mod files;
mod judge;
mod lanes;
mod manage;
mod note;
mod recycle;
mod share;
mod study;
mod suspects;
mod tables;
mod what_if;

use super::{incident_chip, notice, span};
use crate::render::markup::{IntoMarkup, Markup};
use crate::timeline::{TimelineView, capitalised};
use actions::raw;
pub(crate) use actions::{actions, earlier};
pub(crate) use alarm::alarm;
pub(crate) use back_test::back_test;
pub(crate) use belongs::belongs;
pub(crate) use coverage::{costs, coverage, rows as coverage_rows};
pub(crate) use events::events;
pub(crate) use files::files;
pub(crate) use lanes::{lanes, plain_lanes};
use leptos::prelude::*;
pub(crate) use manage::{again, manage, waiting};
use model::Incident;
pub(crate) use note::note;
pub(crate) use recycle::nodes_to_recycle;
pub(crate) use share::share;
pub(crate) use study::{address, tabs};
pub(crate) use suspects::{hypotheses, known_issues, suspects};
pub(crate) use tables::{changes, credits, once, sources, stuck_pods};
pub(crate) use what_if::what_if;

/// Heading, window, what came, the ways to the other pages, and the notice.
pub(crate) fn head(view: &TimelineView) -> Markup {
    view! {
        <header class="page-head">
            <h1>{view.title.clone()}</h1>
            <p class="meta">
                {incident_chip(view.state)} " " {span(view.window)} " · " {view.came.clone()}
            </p>
            {study::tabs(&view.id.0, "")}
        </header>
        {notice(view.notice.clone())}
        {notice(view.ignored.clone())}
    }
    .markup()
}

/// The heading above a report. The report brings its own notice, and its own title.
pub(crate) fn report_head(incident: &Incident) -> Markup {
    view! {
        <header class="page-head">
            <p class="crumb">{incident.title.clone()}</p>
            <p class="meta">{incident_chip(incident.state)} " " {span(incident.window)}</p>
            {study::tabs(&incident.id.0, "/report")}
        </header>
    }
    .markup()
}

/// The headline sentence large, the others below it.
pub(crate) fn answer(sentences: Vec<String>, bare: bool, collecting: bool) -> Markup {
    let mut sentences = sentences.into_iter();
    let Some(first) = sentences.next() else {
        let text = match (bare, collecting) {
            (true, true) => "There is no evidence yet. When the pull is done it is shown here.",
            (true, false) => "There is no evidence: nothing came.",
            (false, _) => {
                "There is evidence, but nothing is known to have happened in this window."
            }
        };
        return view! { <p class="empty">{text}</p> }.markup();
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
    .markup()
}
