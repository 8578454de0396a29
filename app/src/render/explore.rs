//! Explore: any window on what the live sources have given, before anybody declares an incident. The
//! address is the view.

use super::{form::input, incident};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{Asking, Coverage, Explored, NotShown, WhyNotShown},
    render::span,
    timeline::{Beside, TimelineView},
    view::View,
};
use leptos::prelude::*;
use model::Window;

/// The page.
pub(super) fn explore(explored: &Explored, words: &str) -> Markup {
    let asked = explored.case.evidence.window;
    if explored.sources.is_empty() {
        let (start, end) = (asked.start.minute(), asked.end.minute());
        let others = (!explored.not_shown.is_empty()).then(|| {
            view! {
                {window(&start, &end, words)}
                {not_shown(&explored.not_shown, asked)}
                {declare(start, end, explored.case.asking)}
            }
        });
        return view! {
            <p class="empty">
                "No source is followed live. " <a href="/sources">"Configure one"</a>
                ", start Lineup again, and its history gathers here; or "
                <a href="/incidents/new">"make an incident"</a> " by a pull or an upload."
            </p>
            {others}
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
        {not_shown(&explored.not_shown, asked)}
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
        {coverage(&explored.case.coverage)}
    }
    .markup()
}

/// What is not shown of the window, why, and what to do.
fn not_shown(sources: &[NotShown], asked: Window) -> Option<Markup> {
    if sources.is_empty() {
        return None;
    }
    let lines = sources.iter().map(|one| {
        let why = match one.why {
            WhyNotShown::NotFollowed => {
                "is not followed live: nothing of it is shown here.".to_owned()
            }
            WhyNotShown::NothingYet => {
                "is followed live, and nothing has come from it yet.".to_owned()
            }
            WhyNotShown::Before(first) => format!(
                "has been collected since {} UTC only: nothing before that is shown here.",
                first.minute()
            ),
        };
        view! { <li><strong>{one.source.clone()}</strong> " " {why}</li> }
    });
    let time = |at: model::Timestamp| at.minute().replace(' ', "%20");
    let elsewhere = format!(
        "/incidents/new?start={}&end={}",
        time(asked.start),
        time(asked.end)
    );
    let panel = view! {
        <section class="panel" aria-labelledby="h-not-shown" data-testid="not-shown">
            <h2 id="h-not-shown">"Not shown here"</h2>
            <ul class="gaps">{lines.collect_view()}</ul>
            <p class="small">
                "A source may still have it. Make this window an incident, and every source that is \
                 configured is asked for it; or pull it from CloudWatch, or upload what you have."
            </p>
            <p class="actions">
                <a class="button" href="#h-declare">
                    "Ask for this window as an incident"
                </a>
                <a class="button" href=elsewhere>
                    "Pull or upload this window"
                </a>
            </p>
        </section>
    };
    Some(panel.markup())
}

/// What of the window each source covers, and every gap with its span.
fn coverage(rows: &[Coverage]) -> Markup {
    let gaps = rows.iter().flat_map(|row| {
        row.gaps.iter().map(|gap| {
            let what = match gap.what.as_str() {
                "" => row.source.clone(),
                what => format!("{}, {what}", row.source),
            };
            let when = gap.window.map(|window| view! { ", " {span(window)} });
            view! { <li>{what} {when} ": " {gap.reason.clone()}</li> }
        })
    });
    let gaps = gaps.collect_view();
    let all = (!gaps.is_empty()).then(|| {
        let summary = format!("Every gap ({})", gaps.len());
        view! {
            <details class="more" data-testid="explore-gaps">
                <summary>{summary}</summary>
                <ul class="gaps">{gaps}</ul>
            </details>
        }
    });
    view! {
        <section class="panel coverage" aria-labelledby="h-coverage" data-testid="coverage">
            <h2 id="h-coverage">"Coverage"</h2>
            {incident::coverage_rows(rows)}
            {all}
        </section>
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
