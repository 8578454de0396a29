//! Explore: any window on what the live sources have given, before anybody declares an incident. The
//! address is the view.

use super::{form::input, incident};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{Asking, Explored},
    timeline::{Beside, TimelineView},
    view::View,
};
use leptos::prelude::*;

/// The page.
pub(super) fn explore(explored: &Explored, words: &str) -> Markup {
    if explored.sources.is_empty() {
        return view! {
            <p class="empty">
                "No source is followed live. " <a href="/sources">"Configure one"</a>
                ", start Lineup again, and its history gathers here; or "
                <a href="/incidents/new">"make an incident"</a> " by a pull or an upload."
            </p>
        }
        .markup();
    }
    let view = TimelineView::of(&explored.case, &View::default(), None, &Beside::default());
    let (start, end) = (view.window.start.minute(), view.window.end.minute());
    let evidence = &explored.case.evidence;
    let came = format!(
        "{} of {} series and {} of {} events from {}",
        evidence.series.len(),
        explored.series,
        evidence.events.len(),
        explored.events,
        explored.sources.join(", ")
    );
    let bare = view.lanes.is_empty();
    view! {
        {window(&start, &end, words)}
        <p class="meta" data-testid="explore-came">
            {came}
        </p>
        {incident::answer(view.headline, bare, false)}
        <div class="lineup lineup-of-incident">
            <aside class="lineup-side" aria-label="Suspects">
                {incident::suspects(None, view.suspects, &[], false)}
                {declare(start, end, explored.case.asking)}
            </aside>
            <div class="lineup-main">{incident::plain_lanes(view.axis, view.lanes)}</div>
        </div>
        <div class="below">
            {incident::credits(view.credits)}
            {incident::stuck_pods(view.stuck_pods)}
            {incident::changes(view.changes)}
        </div>
    }
    .markup()
}

/// Which window, and what in it.
fn window(start: &str, end: &str, words: &str) -> Markup {
    let field = |name: &'static str, label: &'static str, hint: &'static str, value: &str| {
        input(
            &format!("explore-{name}"),
            name,
            label,
            hint,
            value.to_owned(),
        )
    };
    view! {
        <form method="get" action="/explore" class="panel bar" aria-label="Window">
            {field("start", "From (UTC)", "Such as 2020-05-20 00:00.", start)}
            {field("end", "To (UTC)", "At most 31 days later.", end)}
            {field("words", "Words", "Of names of series and events.", words)}
            <p class="actions">
                <button type="submit" class="button primary">
                    "Show"
                </button>
                <a class="button" href="/explore">
                    "Last six hours"
                </a>
            </p>
        </form>
    }
    .markup()
}

/// The way from a look to an incident.
fn declare(start: String, end: String, asking: Asking) -> Markup {
    let field = |name: &'static str, label: &'static str, hint: &'static str, value: String| {
        input(&format!("declare-{name}"), name, label, hint, value)
    };
    view! {
        <section class="panel form" aria-labelledby="h-declare" data-testid="declare">
            <h2 id="h-declare">"Make this an incident"</h2>
            <form method="post" action="/api/open_incident">
                {field("title", "Title", "Such as: sites slow since 03:00.", String::new())}
                {field("start", "Start (UTC)", "Causes lie before effects: begin early.", start)}
                {field("end", "End (UTC)", "Empty: it is still going on.", end)}
                <p class="actions">
                    <button type="submit" class="button primary">
                        "Make this an incident"
                    </button>
                </p>
                <p class="hint">
                    "Copies what every source has for this window, so that it stays when the source \
                     forgets."
                </p>
                {incident::costs(asking)}
            </form>
        </section>
    }
    .markup()
}
