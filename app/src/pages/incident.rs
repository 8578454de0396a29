//! The page of one incident: the answer, the lanes on one clock, and what it all rests on.

mod job;
mod lanes;
mod notes;
mod suspects;
mod tables;

use crate::{
    api,
    components::{incident_chip, loaded, notice, span},
    timeline::TimelineView,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// `/incidents/{id}`.
pub(crate) fn incident() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let timeline = Resource::new_blocking(move || id.get(), api::timeline);
    let again = Callback::new(move |()| timeline.refetch());
    let form = notes::Form::new(again);
    view! { <div class="page wide">{loaded(timeline, move |view| page(view, form, again))}</div> }
}

fn page(view: TimelineView, form: notes::Form, again: Callback<()>) -> AnyView {
    let id = view.id.clone();
    view! {
        <Title text=view.title.clone() />
        {head(&view)}
        {view.job.clone().map(|j| job::panel(j, again))}
        {answer(view.headline.clone(), view.lanes.is_empty())}
        <div class="lineup">
            <aside class="lineup-side" aria-label="Suspects and hypotheses">
                {suspects::suspects(view.suspects)}
                {suspects::hypotheses("Found", "found", view.found)}
                {suspects::hypotheses("Ruled out", "ruled-out", view.ruled_out)}
                {suspects::hypotheses("Unknown", "unknown", view.unknown)}
            </aside>
            <div class="lineup-main">
                {lanes::lanes(view.axis, view.lanes)}
                {notes::notes(id, view.annotations, form)}
            </div>
        </div>
        <div class="below">
            {tables::credits(view.credits)}
            {tables::stuck_pods(view.stuck_pods)}
            {tables::changes(view.changes)}
            {tables::sources(view.sources)}
        </div>
    }
    .into_any()
}

fn head(view: &TimelineView) -> AnyView {
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
    }
    .into_any()
}

/// The headline sentence large, the others below it.
fn answer(sentences: Vec<String>, bare: bool) -> AnyView {
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
