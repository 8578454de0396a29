//! The page that a report is read and written on: every section with what can be done to it, one of
//! them in its editor. Complete without JavaScript.

mod edit;
mod history;
mod share;

use super::{incident, instant, review};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{DocumentView, PlacedThread, SectionView, Words},
    input::Editing,
};
pub(super) use history::history;
use leptos::prelude::*;

/// The report with its editor, what is said about it, and its files.
pub(super) fn report(
    document: &DocumentView,
    editing: &Editing,
    threads: &[PlacedThread],
) -> Markup {
    let id = document.incident.id.0.clone();
    let base = format!("/incidents/{id}");
    let count = document.sections.iter().filter(|s| !s.hidden).count();
    let mut shown = 0;
    let sections = document
        .sections
        .iter()
        .filter(|s| !s.hidden)
        .map(|s| {
            shown += 1;
            let ends = (shown == 1, shown == count);
            section(document, s, editing, threads, ends)
        })
        .collect_view();
    let appendix = document.appendix.clone();
    let of_figures = review::of_figures(&document.incident.id, threads);
    view! {
        {incident::report_head(&document.incident)}
        <div class="reading">
            <div class="panel paper" data-testid="report">
                <article class="report">
                    <div inner_html=document.head.clone()></div>
                    {sections}
                    <div inner_html=appendix></div>
                    {of_figures}
                </article>
            </div>
            <aside class="reading-side" aria-label="Share, download and template">
                {share::share(&id)} {downloads(&base)} {template(document)}
            </aside>
        </div>
    }
    .markup()
}

/// A section, in its editor where it is the one that is edited.
fn section(
    document: &DocumentView,
    section: &SectionView,
    editing: &Editing,
    threads: &[PlacedThread],
    ends: (bool, bool),
) -> Markup {
    let id = document.incident.id.0.as_str();
    if editing.section == section.id {
        return edit::editor(document, section, editing);
    }
    let body = if section.html.is_empty() {
        let heading = format!("{}-title", section.id);
        view! {
            <section class="report-section" id=section.id.clone() aria-labelledby=heading.clone()>
                <h2 id=heading.clone()>{section.title.clone()}</h2>
                <p class="empty">
                    "Nobody has written anything here yet, and nothing is drafted. It is left out of the report."
                </p>
            </section>
        }
        .markup()
    } else {
        view! { <div inner_html=section.html.clone()></div> }.markup()
    };
    view! {
        <div class="doc-section" data-testid="doc-section" data-section=section.id.clone()>
            {body} {notices(id, section)} {tools(id, section, ends)}
            {review::of_section(&document.incident.id, &section.id, threads)}
        </div>
    }
    .markup()
}

/// What somebody should know of a section: two texts for one place, figures that are gone, a newer
/// draft.
fn notices(id: &str, section: &SectionView) -> Markup {
    let edit = edit_path(id, section);
    let conflict = section.conflict.then(|| {
        view! {
            <p class="doc-notice" role="note" data-testid="conflict">
                "Two people changed the same lines. Both texts are kept above. "
                <a href=edit.clone()>"Decide which stays"</a>
            </p>
        }
    });
    let unresolved = (!section.unresolved.is_empty()).then(|| {
        let names = section
            .unresolved
            .iter()
            .map(|id| view! { " " <code>{id.clone()}</code> })
            .collect_view();
        view! {
            <p class="doc-notice" role="note" data-testid="unresolved">
                "Not in the evidence (any more):" {names} ". "
                <a href=edit.clone()>"Choose other figures"</a>
            </p>
        }
    });
    let offered = section.offered.clone().map(|difference| {
        view! {
            <div class="doc-notice" role="note" data-testid="redraft">
                <p>
                    "The draft has changed since this was written. Your text stays as it is until you say otherwise."
                </p>
                <details class="more">
                    <summary>"What is new in the draft"</summary>
                    <div class="difference" inner_html=difference></div>
                </details>
                <div class="note-actions">
                    {change(id, section, "put-together", "Put it into the text", "")}
                    {change(id, section, "take-draft", "Take the draft instead", "")}
                    {change(id, section, "keep-text", "Keep the text", "")}
                </div>
            </div>
        }
    });
    view! { {conflict} {unresolved} {offered} }.markup()
}

/// The address of a section in its editor. It leads to the text, which has the focus then.
fn edit_path(id: &str, section: &SectionView) -> String {
    let place = if edit::has_rows(section) {
        "timeline"
    } else {
        edit::TEXT
    };
    format!("/incidents/{id}/report?edit={}#{place}", section.id)
}

/// Who wrote it, and what can be done to it.
fn tools(id: &str, section: &SectionView, (first, last): (bool, bool)) -> Markup {
    let by = if section.words != Words::Drafted {
        let verb = if section.words == Words::Written {
            "Written by "
        } else {
            "Rows arranged by "
        };
        let who = if section.author.is_empty() {
            "somebody".to_owned()
        } else {
            section.author.clone()
        };
        let at = section.at.map(|at| view! { ", " {instant(at)} " UTC" });
        view! { <span>{verb} {who} {at}</span> }.markup()
    } else if section.html.is_empty() {
        ().markup()
    } else {
        view! { <span>"Drafted from the data"</span> }.markup()
    };
    let of = format!(": {}", section.title);
    let history = (section.revision > 0).then(|| {
        let path = format!("/incidents/{id}/report/history/{}", section.id);
        view! {
            <a href=path data-testid="section-history">
                "History" <span class="visually-hidden">{of.clone()}</span>
            </a>
        }
    });
    let draft = (section.words != Words::Drafted)
        .then(|| change(id, section, "take-draft", "Use the draft again", &of));
    view! {
        <div class="doc-tools">
            <span class="dim">{by}</span>
            <a href=edit_path(id, section) data-testid="section-edit">
                "Edit" <span class="visually-hidden">{of.clone()}</span>
            </a>
            {history}
            <details class="more doc-more">
                <summary>
                    "More" <span class="visually-hidden">{of.clone()}</span>
                </summary>
                <div class="note-actions">
                    {(!first).then(|| change(id, section, "up", "Move up", &of))}
                    {(!last).then(|| change(id, section, "down", "Move down", &of))}
                    {change(id, section, "hide", "Leave out", &of)} {draft}
                </div>
            </details>
        </div>
    }
    .markup()
}

/// A button that changes a section.
fn change(
    id: &str,
    section: &SectionView,
    change: &'static str,
    label: &'static str,
    of: &str,
) -> Markup {
    view! {
        <form method="post" action="/api/change_section">
            <input type="hidden" name="incident" value=id.to_owned() />
            <input type="hidden" name="section" value=section.id.clone() />
            <input type="hidden" name="change" value=change />
            <button type="submit" class="quiet" data-testid=format!("section-{change}")>
                {label}
                <span class="visually-hidden">{of.to_owned()}</span>
            </button>
        </form>
    }
    .markup()
}

/// Which template it follows, and the sections that are left out.
fn template(document: &DocumentView) -> Markup {
    let id = &document.incident.id.0;
    let mut options: Vec<(String, String)> = document
        .templates
        .iter()
        .map(|t| (t.id.clone(), t.name.clone()))
        .collect();
    // One that is not configured (any more) is still the one that is followed.
    if !options.iter().any(|(id, _)| *id == document.template) {
        options.push((document.template.clone(), document.template.clone()));
    }
    let options = options
        .into_iter()
        .map(|(value, name)| {
            let selected = value == document.template;
            view! {
                <option value=value selected=selected>
                    {name}
                </option>
            }
        })
        .collect_view();
    let about = document
        .templates
        .iter()
        .map(|t| {
            view! {
                <li>
                    <strong>{t.name.clone()}</strong>
                    ": "
                    {t.about.clone()}
                </li>
            }
        })
        .collect_view();
    let hidden: Vec<Markup> = document
        .sections
        .iter()
        .filter(|s| s.hidden)
        .map(|s| {
            view! {
                <li>
                    <span>{s.title.clone()}</span>
                    {change(id, s, "show", "Show", &format!(": {}", s.title))}
                </li>
            }
            .markup()
        })
        .collect();
    let any_left_out = !hidden.is_empty();
    let left_out = any_left_out.then(|| {
        view! {
            <h3 id="left-out">"Left out"</h3>
            <ul class="links" data-testid="left-out">
                {hidden}
            </ul>
        }
    });
    view! {
        <section class="panel" aria-labelledby="h-template">
            <details class="more share" open=any_left_out>
                <summary data-testid="template-open">
                    <h2 id="h-template">"Template"</h2>
                </summary>
            <form method="post" action="/api/choose_template">
                <input type="hidden" name="incident" value=id.clone() />
                <div class="field">
                    <label for="template">"Which sections it has"</label>
                    <select id="template" name="template">
                        {options}
                    </select>
                </div>
                <p class="actions">
                    <button type="submit" class="button" data-testid="template-choose">
                        "Use it"
                    </button>
                </p>
            </form>
            <details class="more">
                <summary>"What they are for"</summary>
                <ul class="small">{about}</ul>
                <p class="small">"What anybody wrote stays, whichever is used."</p>
            </details>
            {left_out}
            </details>
        </section>
    }
    .markup()
}

fn downloads(base: &str) -> Markup {
    let link = |file: &str, label: &'static str| {
        view! {
            <li>
                <a href=format!("{base}/{file}") rel="external" download="">
                    {label}
                </a>
            </li>
        }
    };
    view! {
        <section class="panel" aria-labelledby="h-downloads">
            <h2 id="h-downloads">"Download"</h2>
            <ul class="downloads">
                {link("report.html", "HTML, one file")} {link("report.pdf", "PDF")}
                {link("report.md.zip", "Markdown with images")} {link("report.md", "Markdown")}
                {link("report.json", "JSON")} {link("bundle.zip", "Bundle with all evidence")}
            </ul>
        </section>
    }
    .markup()
}
