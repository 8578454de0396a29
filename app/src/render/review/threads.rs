//! Threads of comments: all of them on the page of the review, those of a section beside it in the
//! report.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{PlacedThread, ReviewView},
    input::LONGEST_NOTE,
    render::{form, instant},
};
use leptos::prelude::*;
use model::{
    IncidentId,
    review::comment::{Anchor, Comment},
};

/// Every thread, the open ones first, and the form that begins one.
pub(super) fn all(view: &ReviewView) -> Markup {
    let incident = &view.incident.id;
    let (resolved, open): (Vec<_>, Vec<_>) = view
        .threads
        .iter()
        .partition(|t| t.thread.resolved.is_some());
    let list = |threads: &[&PlacedThread]| {
        let items = threads
            .iter()
            .map(|t| thread(incident, t, "review"))
            .collect_view();
        view! { <ul class="threads">{items}</ul> }
    };
    let body = if open.is_empty() {
        view! { <p class="empty">"No thread is open."</p> }.markup()
    } else {
        list(&open).markup()
    };
    let done = (!resolved.is_empty()).then(|| {
        let count = resolved.len();
        view! {
            <details class="more" data-testid="resolved-threads">
                <summary>{count} " resolved"</summary>
                {list(&resolved)}
            </details>
        }
    });
    view! {
        <section class="panel" aria-labelledby="threads">
            <h2 id="threads">"Comments"</h2>
            {body}
            {done}
            {begin(view)}
        </section>
    }
    .markup()
}

/// The form that begins a thread about anything.
fn begin(view: &ReviewView) -> Markup {
    let group = |label: &'static str, kind: &'static str, list: &[(String, String)]| {
        let options = list
            .iter()
            .map(|(id, words)| {
                view! { <option value=format!("{kind}:{id}")>{words.clone()}</option> }
            })
            .collect_view();
        (!list.is_empty()).then(|| view! { <optgroup label=label>{options}</optgroup> })
    };
    let lanes = view
        .lanes
        .iter()
        .map(|(id, title)| view! { <option value=id.clone()>{title.clone()}</option> })
        .collect_view();
    view! {
        <details class="more form">
            <summary data-testid="comment-open">"Begin a thread"</summary>
            <form method="post" action="/api/comment">
                <input type="hidden" name="incident" value=view.incident.id.0.clone() />
                <input type="hidden" name="back" value="review" />
                <div class="field">
                    <label for="comment-about">"About"</label>
                    <select id="comment-about" name="about">
                        <option value="report">"the whole report"</option>
                        {group("A section", "section", &view.sections)}
                        {group("A figure", "figure", &view.figures)}
                        <option value="moment">"a moment of the timeline, below"</option>
                    </select>
                </div>
                <details class="more">
                    <summary>"A moment of the timeline"</summary>
                    <div class="pair">
                        {form::input("comment-start", "start", "From", "2020-05-22 03:00, UTC", String::new())}
                        {form::input("comment-end", "end", "To", "Empty: a moment.", String::new())}
                    </div>
                    <div class="field">
                        <label for="comment-lane">"Lane"</label>
                        <select id="comment-lane" name="lane">
                            <option value="">"all of them"</option>
                            {lanes}
                        </select>
                    </div>
                </details>
                {words("comment-text", "What there is to say")}
                <button type="submit" class="button" data-testid="comment-add">
                    "Comment"
                </button>
            </form>
        </details>
    }
    .markup()
}

fn words(id: &str, label: &'static str) -> Markup {
    view! {
        <div class="field">
            <label for=id.to_owned()>{label}</label>
            <textarea
                id=id.to_owned()
                name="text"
                rows="3"
                required
                maxlength=LONGEST_NOTE.to_string()
            ></textarea>
        </div>
    }
    .markup()
}

/// A thread with the forms that answer it and resolve it; `back` is the page that it is shown on. The
/// browser is led back to it there, and takes its focus along.
fn thread(incident: &IncidentId, placed: &PlacedThread, back: &str) -> Markup {
    let thread = &placed.thread;
    let id = format!("thread-{}", thread.id);
    let hidden = || {
        view! {
            <input type="hidden" name="incident" value=incident.0.clone() />
            <input type="hidden" name="thread" value=thread.id.clone() />
            <input type="hidden" name="back" value=back.to_owned() />
        }
    };
    let said = thread.comments.iter().map(comment).collect_view();
    let resolved = thread.resolved.as_ref().map(|r| {
        view! {
            <p class="small dim">"Resolved by " {r.by.clone()} ", " {instant(r.at)} " UTC"</p>
        }
    });
    let (value, label) = if thread.resolved.is_some() {
        ("false", "Open again")
    } else {
        ("true", "Resolve")
    };
    let meeting = thread
        .in_meeting
        .then(|| view! { " " <span class="chip">"in a meeting"</span> });
    view! {
        <li class="thread" id=id.clone() tabindex="-1" data-testid="thread">
            <p class="small">{about(incident, placed)} {meeting}</p>
            <ul>{said}</ul>
            {resolved}
            <div class="note-actions">
                <details class="more form">
                    <summary data-testid="reply-open">"Reply"</summary>
                    <form method="post" action="/api/comment">
                        {hidden()} {words(&format!("{id}-text"), "Reply")}
                        <button type="submit" class="button" data-testid="reply-add">
                            "Reply"
                        </button>
                    </form>
                </details>
                <form method="post" action="/api/resolve">
                    {hidden()} <input type="hidden" name="resolved" value=value />
                    <button type="submit" class="quiet" data-testid="thread-resolve">
                        {label}
                        <span class="visually-hidden">" the thread about " {thread.about.clone()}</span>
                    </button>
                </form>
            </div>
        </li>
    }
    .markup()
}

/// What it is about, as a link to it as long as it is there.
fn about(incident: &IncidentId, placed: &PlacedThread) -> Markup {
    let thread = &placed.thread;
    let words = if thread.about.is_empty() {
        "the whole report".to_owned()
    } else {
        thread.about.clone()
    };
    if !placed.holds {
        return view! {
            <span data-testid="anchor-gone">
                "On " {words} " " <span class="chip chip-warn">"no longer there"</span>
            </span>
        }
        .markup();
    }
    let base = format!("/incidents/{incident}");
    let href = match &thread.anchor {
        Anchor::Report => format!("{base}/report"),
        Anchor::Section { section } => format!("{base}/report#{section}"),
        Anchor::Figure { .. } => format!("{base}/report#figures"),
        Anchor::Moment { start, end, .. } => {
            let window = model::Window {
                start: *start,
                end: end.unwrap_or(*start),
            };
            let around = crate::view::zoom::with_margin(window);
            let (from, to) = (around.start.millis(), around.end.millis());
            format!("{base}?from={from}&to={to}#timeline")
        }
    };
    view! { "On " <a href=href>{words}</a> }.markup()
}

fn comment(said: &Comment) -> Markup {
    view! {
        <li class="comment" data-testid="comment">
            <p class="small dim">
                <strong>{said.by.clone()}</strong>
                ", "
                {instant(said.at)}
                " UTC"
            </p>
            <p class="comment-text">{said.text.clone()}</p>
        </li>
    }
    .markup()
}

/// What is said about figures, below the list of them; a thread about one begins on the page of the
/// review.
pub(crate) fn of_figures(incident: &IncidentId, threads: &[PlacedThread]) -> Markup {
    let items: Vec<Markup> = threads
        .iter()
        .filter(|t| matches!(t.thread.anchor, Anchor::Figure { .. }))
        .map(|t| thread(incident, t, "report"))
        .collect();
    if items.is_empty() {
        return ().markup();
    }
    view! {
        <details class="more comments" open data-testid="figure-comments">
            <summary>"Comments on figures"</summary>
            <ul class="threads">{items}</ul>
        </details>
    }
    .markup()
}

/// What is said about a section of the report, and the form that says more.
pub(crate) fn of_section(incident: &IncidentId, section: &str, threads: &[PlacedThread]) -> Markup {
    let here = |t: &&PlacedThread| matches!(&t.thread.anchor, Anchor::Section { section: s } if s == section);
    let of_here: Vec<&PlacedThread> = threads.iter().filter(here).collect();
    let open = of_here
        .iter()
        .filter(|t| t.thread.resolved.is_none())
        .count();
    let label = match open {
        0 if of_here.is_empty() => "Comment".to_owned(),
        0 => "Comments, all resolved".to_owned(),
        1 => "1 open thread".to_owned(),
        n => format!("{n} open threads"),
    };
    let items = of_here
        .iter()
        .map(|t| thread(incident, t, "report"))
        .collect_view();
    let id = format!("comment-on-{section}");
    let shown = open > 0;
    let form = view! {
        <form method="post" action="/api/comment">
            <input type="hidden" name="incident" value=incident.0.clone() />
            <input type="hidden" name="about" value=format!("section:{section}") />
            <input type="hidden" name="back" value="report" />
            {words(&id, "What there is to say")}
            <button type="submit" class="button" data-testid="comment-add">
                "Comment"
            </button>
        </form>
    };
    // Where something is said already, most people come to answer.
    let begin = if of_here.is_empty() {
        form.markup()
    } else {
        view! {
            <details class="more form">
                <summary>"Begin another thread"</summary>
                {form}
            </details>
        }
        .markup()
    };
    view! {
        <details class="more comments" open=shown data-testid="section-comments" data-section=section.to_owned()>
            <summary>
                {label}
                <span class="visually-hidden">" on the section " {section.to_owned()}</span>
            </summary>
            <ul class="threads">{items}</ul>
            {begin}
        </details>
    }
    .markup()
}
