//! Versions of a report: listed, read, compared.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{ChangedSection, Fate, ReviewView, VersionView},
    render::{incident::report_head, instant},
};
use leptos::prelude::*;

/// Every version, the newest first, and the form that compares two.
pub(super) fn list(view: &ReviewView) -> Markup {
    if view.versions.is_empty() {
        return view! {
            <section class="panel" aria-labelledby="h-versions">
                <h2 id="h-versions">"Versions"</h2>
                <p class="empty small">
                    "None yet. Asking for a review freezes the first one: whoever approves approves its \
                     words, whatever is written afterwards."
                </p>
            </section>
        }
        .markup();
    }
    let base = format!("/incidents/{}", view.incident.id);
    let items = view
        .versions
        .iter()
        .rev()
        .map(|version| {
            let published = (view.review.published == Some(version.number))
                .then(|| view! { " " <span class="chip chip-good">"published"</span> });
            view! {
                <li data-testid="version">
                    <a href=format!("{base}/versions/{}", version.number)>
                        "Version " {version.number}
                    </a>
                    {published}
                    <p class="small dim">
                        {version.by.clone()} ", " {instant(version.made_at)} " UTC"
                    </p>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-versions">
            <h2 id="h-versions">"Versions"</h2>
            <ul class="versions">{items}</ul>
            {choose(view)}
        </section>
    }
    .markup()
}

/// The form that compares two versions, or one with the report as it is.
fn choose(view: &ReviewView) -> Markup {
    let asked = view.compared.as_ref().map(|(c, _)| *c);
    let last = view.versions.last().map_or(0, |v| v.number);
    let from = asked.map_or(last, |c| c.from);
    let to = asked.and_then(|c| c.to);
    let options = |chosen: Option<u32>| {
        view.versions
            .iter()
            .map(|v| {
                let selected = chosen == Some(v.number);
                view! {
                    <option value=v.number.to_string() selected=selected>
                        "version " {v.number}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <form method="get" action="#compared" class="form">
            <div class="pair">
                <div class="field">
                    <label for="compare-from">"What differs from"</label>
                    <select id="compare-from" name="from">
                        {options(Some(from))}
                    </select>
                </div>
                <div class="field">
                    <label for="compare-to">"to"</label>
                    <select id="compare-to" name="to">
                        {options(to)}
                        <option value="now" selected=to.is_none()>
                            "the report as it is"
                        </option>
                    </select>
                </div>
            </div>
            <button type="submit" class="button" data-testid="compare">
                "Compare"
            </button>
        </form>
    }
    .markup()
}

/// What differs between the two that were asked for.
pub(super) fn compared(view: &ReviewView) -> Markup {
    let Some((of, changes)) = &view.compared else {
        return ().markup();
    };
    let later = of.to.map_or_else(
        || "the report as it is".to_owned(),
        |n| format!("version {n}"),
    );
    let body = if changes.is_empty() {
        view! { <p class="empty">"They say the same."</p> }.markup()
    } else {
        changes.iter().map(section).collect_view().markup()
    };
    view! {
        <section class="panel" aria-labelledby="compared" data-testid="compared">
            <h2 id="compared">"From version " {of.from} " to " {later}</h2>
            {body}
        </section>
    }
    .markup()
}

fn section(change: &ChangedSection) -> Markup {
    let runs = change
        .runs
        .iter()
        .map(|(fate, text)| match fate {
            Fate::Kept => view! { <span>{text.clone()}</span> }.markup(),
            Fate::Removed => view! {
                <del>
                    <span class="visually-hidden">"removed: "</span>
                    {text.clone()}
                </del>
            }
            .markup(),
            Fate::Added => view! {
                <ins>
                    <span class="visually-hidden">"added: "</span>
                    {text.clone()}
                </ins>
            }
            .markup(),
        })
        .collect_view();
    view! {
        <h3>{change.title.clone()}</h3>
        <div class="difference">{runs}</div>
    }
    .markup()
}

/// The page of one version.
pub(crate) fn version(view: &VersionView) -> Markup {
    let info = &view.version;
    let review = format!("/incidents/{}/review", view.incident.id);
    view! {
        {report_head(&view.incident)}
        <p class="notice" role="note" data-testid="frozen">
            "Version " {info.number} ", frozen by " {info.by.clone()} ", " {instant(info.made_at)}
            " UTC. It is never changed. " <a href=review>"To the review"</a>
        </p>
        <div class="panel paper" data-testid="version-report" inner_html=view.html.clone()></div>
    }
    .markup()
}
