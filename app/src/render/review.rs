//! The review of a report: how far it is, who approves, its versions and what is said about it.

mod actions;
mod log;
mod threads;
mod versions;

use super::{incident_chip, instant, notice, span};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{backend::ReviewView, render::incident::tabs};
pub(crate) use actions::{actions, edit, tracked};
use leptos::prelude::*;
pub(crate) use log::activity;
use model::{
    Incident,
    review::{Approval, Reopening, ReviewState},
};
pub(crate) use threads::{of_figures, of_section};
pub(crate) use versions::version;

/// The page.
pub(crate) fn review(view: &ReviewView) -> Markup {
    view! {
        {head(&view.incident, "Review", "/review")}
        <div class="lineup">
            <div class="lineup-main">
                {state(view)} {versions::compared(view)} {threads::all(view)}
            </div>
            <aside class="lineup-side" aria-label="Reviewers and versions">
                {reviewers(view)} {versions::list(view)} {meeting()}
            </aside>
        </div>
    }
    .markup()
}

/// Heading, window and tabs of a page of an incident.
fn head(incident: &Incident, title: &'static str, here: &str) -> Markup {
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

/// The state of a review.
fn chip(state: ReviewState) -> Markup {
    let class = match state {
        ReviewState::Draft => "chip",
        ReviewState::InReview => "chip chip-busy",
        ReviewState::Approved | ReviewState::Published => "chip chip-good",
    };
    view! {
        <span class=class data-testid="review-state">
            {state.words()}
        </span>
    }
    .markup()
}

fn state(view: &ReviewView) -> Markup {
    let review = &view.review;
    let base = format!("/incidents/{}", view.incident.id);
    let version = review
        .version
        .filter(|_| review.state != ReviewState::Draft);
    let of = version.map(|n| {
        view! {
            " "
            <a href=format!("{base}/versions/{n}")>"version " {n}</a>
        }
    });
    let published = review.published.filter(|p| Some(*p) != version).map(|n| {
        view! {
            <p>
                <a href=format!("{base}/versions/{n}")>"Version " {n}</a> " is published"
                ": it stays so until the next one is."
            </p>
        }
    });
    let approvals: Vec<Markup> = review.current_approvals().map(approval).collect();
    let approvals = (version.is_some() && !approvals.is_empty()).then(|| {
        view! {
            <ul class="approvals" data-testid="approvals">
                {approvals}
            </ul>
        }
    });
    let awaited = review.awaited();
    let waits = (review.state == ReviewState::InReview).then(|| {
        let text = if awaited.is_empty() {
            "Anybody's approval is enough: no reviewer is named.".to_owned()
        } else {
            format!("Waiting for {}.", awaited.join(", "))
        };
        view! { <p data-testid="awaited">{text}</p> }
    });
    view! {
        <section class="panel" aria-labelledby="h-state">
            <h2 id="h-state">"The report is " {chip(review.state)} {of}</h2>
            {review.reopened.as_ref().map(|r| reopened(&base, r))}
            {published}
            {waits}
            {approvals}
            {changed(view)}
            <div class="actions">{steps(view)}</div>
        </section>
    }
    .markup()
}

fn approval(given: &Approval) -> Markup {
    let entered =
        (!given.entered_by.is_empty()).then(|| format!(" (written down by {})", given.entered_by));
    view! {
        <li>
            <strong>{given.who.clone()}</strong>
            {format!(" approved version {}, ", given.version)}
            {instant(given.at)}
            " UTC"
            {entered}
        </li>
    }
    .markup()
}

fn reopened(base: &str, why: &Reopening) -> Markup {
    let by = if why.by.is_empty() {
        "new evidence or another version of Lineup".to_owned()
    } else {
        why.by.clone()
    };
    let said = if why.what.is_empty() {
        format!(" was approved and the report has been changed, by {by}. ")
    } else {
        format!(
            " was approved and the report has been changed: {by} {}. ",
            why.what
        )
    };
    view! {
        <p class="notice" role="note" data-testid="reopened">
            "Open again since " {instant(why.at)} " UTC. "
            <a href=format!("{base}/versions/{}", why.version)>"Version " {why.version}</a>
            {said}
            <a href=format!("{base}/review?from={}#compared", why.version)>"What differs"</a>
        </p>
    }
    .markup()
}

/// A version lies before the reviewers and the report says something else by now.
fn changed(view: &ReviewView) -> Markup {
    if view.review.state != ReviewState::InReview || !view.differs {
        return ().markup();
    }
    view! {
        <p class="notice" role="note" data-testid="differs">
            "The report has been changed since this version was frozen: ask for the review of what it \
             says now, before anybody approves."
        </p>
    }
    .markup()
}

/// The buttons for what can be done now.
fn steps(view: &ReviewView) -> Vec<Markup> {
    let id = &view.incident.id.0;
    let button = |step: &'static str, label: &'static str, primary: bool| {
        let class = if primary { "button primary" } else { "button" };
        view! {
            <form method="post" action="/api/review_step">
                <input type="hidden" name="incident" value=id.clone() />
                <input type="hidden" name="step" value=step />
                <button type="submit" class=class data-testid=format!("review-{step}")>
                    {label}
                </button>
            </form>
        }
        .markup()
    };
    match view.review.state {
        ReviewState::Draft => vec![button("ask", "Freeze a version and ask for a review", true)],
        ReviewState::InReview => {
            let mut all = Vec::new();
            if !view.differs && may_approve(view) {
                all.push(approve(view));
            }
            all.push(button("ask", "Freeze a new version", view.differs));
            all.push(button("withdraw", "Back to draft", false));
            all
        }
        ReviewState::Approved => vec![
            button("publish", "Publish", true),
            button("reopen", "Open again", false),
        ],
        ReviewState::Published => vec![button("reopen", "Open again", false)],
    }
}

/// Whether an approval of who is asking would count.
fn may_approve(view: &ReviewView) -> bool {
    view.speaks_for_others
        || view.review.reviewers.is_empty()
        || view.review.awaited().contains(&view.me.as_str())
}

/// The form that approves: in one's own name, or, where one person runs Lineup for all, in that of a
/// reviewer who said so.
fn approve(view: &ReviewView) -> Markup {
    let version = view.review.version.unwrap_or_default();
    let awaited = view.review.awaited();
    let names = (view.speaks_for_others && !awaited.is_empty()).then(|| {
        let options = awaited
            .iter()
            .map(|name| view! { <option value=(*name).to_owned()>{(*name).to_owned()}</option> })
            .collect_view();
        view! {
            <label for="approve-name">"In the name of"</label>
            <select id="approve-name" name="in_name_of" data-testid="approve-name">
                {options}
            </select>
        }
    });
    view! {
        <form method="post" action="/api/review_step" class="approve">
            <input type="hidden" name="incident" value=view.incident.id.0.clone() />
            <input type="hidden" name="step" value="approve" />
            <input type="hidden" name="version" value=version.to_string() />
            {names}
            <button type="submit" class="button primary" data-testid="review-approve">
                "Approve version " {version}
            </button>
        </form>
    }
    .markup()
}

/// Where a meeting begins. The button is of no use without its script, which shows it.
fn meeting() -> Markup {
    view! {
        <section class="panel" aria-labelledby="h-meeting">
            <h2 id="h-meeting">"Meeting"</h2>
            <p class="small">
                "Whoever has a page of this incident open can follow what you show: the section of the \
                 report, the span of the timeline. What is noted becomes comments on it."
            </p>
            <button
                type="button"
                class="button"
                hidden
                data-meeting-begin=""
                data-testid="meeting-begin"
            >
                "Present"
            </button>
            <p class="small" role="status"></p>
            <noscript>
                <p class="small dim">"A meeting needs JavaScript."</p>
            </noscript>
        </section>
    }
    .markup()
}

fn reviewers(view: &ReviewView) -> Markup {
    let review = &view.review;
    let names = if review.reviewers.is_empty() {
        view! { <p class="empty small">"Nobody is named: anybody's approval is enough."</p> }
            .markup()
    } else {
        let awaited = review.awaited();
        let items = review
            .reviewers
            .iter()
            .map(|name| {
                let approved = review.state != ReviewState::Draft
                    && review.version.is_some()
                    && !awaited.contains(&name.as_str());
                let said =
                    approved.then(|| view! { " " <span class="chip chip-good">"approved"</span> });
                view! { <li data-testid="reviewer">{name.clone()} {said}</li> }
            })
            .collect_view();
        view! { <ul>{items}</ul> }.markup()
    };
    let form = (!review.is_settled()).then(|| {
        let lines = review.reviewers.len().clamp(3, 12);
        view! {
            <details class="more form">
                <summary data-testid="reviewers-edit">"Name the reviewers"</summary>
                <form method="post" action="/api/review_step">
                    <input type="hidden" name="incident" value=view.incident.id.0.clone() />
                    <input type="hidden" name="step" value="name" />
                    <div class="field">
                        <label for="reviewers">"Who has to approve"</label>
                        <textarea
                            id="reviewers"
                            name="reviewers"
                            rows=lines
                            aria-describedby="reviewers-hint"
                            inner_html=raw(&review.reviewers.join("\n"))
                        ></textarea>
                        <p class="hint" id="reviewers-hint">
                            "One name a line. All of them have to approve."
                        </p>
                    </div>
                    <button type="submit" class="button" data-testid="reviewers-save">
                        "Save"
                    </button>
                </form>
            </details>
        }
    });
    view! {
        <section class="panel" aria-labelledby="h-reviewers">
            <h2 id="h-reviewers">"Reviewers"</h2>
            {names}
            {form}
        </section>
    }
    .markup()
}

/// Text as it may stand in a `textarea`, whose children Leptos writes as they are.
fn raw(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
