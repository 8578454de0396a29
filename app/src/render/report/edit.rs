//! The editor of a section: a plain form, which `editor.js` saves by itself.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{DocumentView, SectionView, TimelineRow, Words},
    input::Editing,
    render::form,
};
use leptos::prelude::*;

/// The id of the text that is edited.
pub(super) const TEXT: &str = "section-text";

/// Whether the editor of a section has a row for each moment, where nobody asks for its text.
pub(super) fn has_rows(section: &SectionView) -> bool {
    section.id == "timeline" && section.words != Words::Written
}

/// The section in its editor.
pub(super) fn editor(document: &DocumentView, section: &SectionView, editing: &Editing) -> Markup {
    let id = document.incident.id.0.as_str();
    let heading = format!("{}-title", section.id);
    let form = if has_rows(section) && !editing.as_text {
        arrange(id, section, &document.rows)
    } else {
        write(document, section)
    };
    view! {
        <section
            class="report-section doc-editing"
            id=section.id.clone()
            aria-labelledby=heading.clone()
            data-testid="doc-editor"
            data-section=section.id.clone()
        >
            <h2 id=heading.clone()>{section.title.clone()}</h2>
            {guide(&section.guide)}
            {form}
        </section>
    }
    .markup()
}

/// What belongs into the section, in plain words.
fn guide(guide: &str) -> Markup {
    let paragraphs = guide
        .split("\n\n")
        .filter(|p| !p.trim().is_empty())
        .map(|p| view! { <p class="doc-guide">{p.trim().to_owned()}</p> })
        .collect_view();
    paragraphs.markup()
}

fn hidden(name: &'static str, value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

fn back(id: &str, section: &str) -> Markup {
    let path = format!("/incidents/{id}/report#{section}");
    view! {
        <a class="button" href=path data-testid="section-done">
            "Back to reading"
        </a>
    }
    .markup()
}

fn write(document: &DocumentView, section: &SectionView) -> Markup {
    let id = document.incident.id.0.as_str();
    let lines = section.text.lines().count().clamp(8, 30);
    view! {
        <form
            method="post"
            action="/api/save_section"
            class="doc-form"
            data-editor
            data-testid="section-form"
        >
            {hidden("incident", id.to_owned())}
            {hidden("section", section.id.clone())}
            {hidden("revision", section.revision.to_string())}
            {hidden("draft", section.digest.clone())}
            {form::input("section-title", "title", "Heading", "", section.title.clone())}
            <div class="field">
                <label for=TEXT>"Text"</label>
                <textarea
                    id=TEXT
                    name="text"
                    rows=lines.to_string()
                    data-testid="section-text"
                    aria-describedby="section-text-hint"
                    spellcheck="true"
                >
                    // A line feed at the beginning is taken away by the browser, and leptos escapes nothing in here.
                    {format!("\n{}", escaped(&section.text))}
                </textarea>
                <p class="hint" id="section-text-hint">
                    "Markdown. A figure stands between double braces and follows the evidence: choose one below."
                </p>
            </div>
            <p class="actions">
                <button type="submit" class="button primary" data-testid="section-save">
                    "Save"
                </button>
                <button
                    type="button"
                    class="button"
                    data-preview
                    data-script
                    hidden
                    data-testid="section-preview"
                >
                    "Preview"
                </button>
                {back(id, &section.id)}
                <span class="doc-state" role="status" data-state data-testid="save-state"></span>
            </p>
            <div class="doc-preview" data-shown hidden data-testid="preview"></div>
            {pickers(document)}
        </form>
    }
    .markup()
}

/// A text as the content of a `textarea`, which leptos writes as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Every figure and every chart that a text may refer to.
fn pickers(document: &DocumentView) -> Markup {
    let insert = |reference: String, of: &str| {
        let of = format!(": {of}");
        view! {
            <button type="button" class="quiet" data-insert=reference data-script hidden>
                "Insert" <span class="visually-hidden">{of}</span>
            </button>
        }
    };
    let figures = document
        .figures
        .iter()
        .map(|figure| {
            let reference = format!("{{{{{}}}}}", figure.id);
            view! {
                <li data-figure-row>
                    <code>{reference.clone()}</code>
                    <span>{figure.text.clone()}</span>
                    <span class="small dim">{figure.evidence.clone()}</span>
                    {insert(reference, &figure.text)}
                </li>
            }
        })
        .collect_view();
    let charts = document
        .charts
        .iter()
        .map(|chart| {
            let reference = format!("{{{{chart:{}}}}}", chart.id);
            view! {
                <li data-figure-row>
                    <code>{reference.clone()}</code>
                    <span>{chart.title.clone()}</span>
                    {insert(reference, &chart.title)}
                </li>
            }
        })
        .collect_view();
    let window = document.incident.window;
    let span = format!(
        "Part of the window: {{{{chart:LANE from={} to={}}}}}; several lanes: {{{{chart:LANE,LANE}}}}; without \
         notes: notes=none, or some by their numbers: notes=1,3",
        window.start, window.end
    );
    view! {
        <details class="more doc-picker" data-testid="figure-picker">
            <summary>{format!("Figures to refer to: {}", document.figures.len())}</summary>
            <div class="field" data-script hidden>
                <label for="figure-filter">"Find a figure"</label>
                <input id="figure-filter" type="search" autocomplete="off" data-filter />
            </div>
            <div class="doc-figures" tabindex="0" role="region" aria-label="Figures to refer to">
                <ul>{figures}</ul>
            </div>
        </details>
        <details class="more doc-picker" data-testid="chart-picker">
            <summary>{format!("Charts to refer to: {}", document.charts.len())}</summary>
            <p class="small">
                <code>{span}</code>
            </p>
            <div class="doc-figures" tabindex="0" role="region" aria-label="Charts to refer to">
                <ul>{charts}</ul>
            </div>
        </details>
    }
    .markup()
}

/// The timeline row by row.
fn arrange(id: &str, section: &SectionView, rows: &[TimelineRow]) -> Markup {
    let empty = TimelineRow {
        own: true,
        ..TimelineRow::default()
    };
    let lines = rows
        .iter()
        .chain(std::iter::once(&empty))
        .enumerate()
        .map(|(n, r)| row(n, r))
        .collect_view();
    let as_text = format!("/incidents/{id}/report?edit=timeline&form=text#{TEXT}");
    view! {
        <form
            method="post"
            action="/api/arrange_timeline"
            class="doc-form"
            data-testid="timeline-form"
        >
            {hidden("incident", id.to_owned())}
            {hidden("revision", section.revision.to_string())}
            <p class="hint">
                "Untick what does not matter, say it in your own words, give a place where the order of time is not \
                 the order of the story. The last row is for what no data shows. "
                <a href=as_text>"Write it as Markdown instead"</a>
            </p>
            <ol class="doc-rows">{lines}</ol>
            <p class="actions">
                <button type="submit" class="button primary" data-testid="timeline-save">
                    "Save"
                </button>
                {back(id, &section.id)}
            </p>
        </form>
    }
    .markup()
}

fn row(n: usize, row: &TimelineRow) -> Markup {
    let name = |field: &str| format!("rows[{n}][{field}]");
    let of = if row.at.is_empty() {
        "a new row".to_owned()
    } else {
        row.at.clone()
    };
    let place = row.place.map(|p| (p + 1).to_string()).unwrap_or_default();
    // A telephone shows some 40 characters in a line; white space is one in what is kept.
    let lines = row.text.chars().count().div_ceil(40).clamp(1, 4);
    let at = if row.own {
        view! {
            <input
                type="text"
                name=name("at")
                value=row.at.clone()
                placeholder="2020-05-22 03:00"
                inputmode="numeric"
                autocomplete="off"
                aria-label=format!("Time of {of}")
            />
        }
        .markup()
    } else {
        view! { <span class="doc-row-at">{row.at.clone()}</span> }.markup()
    };
    view! {
        <li data-testid="timeline-row">
            <input type="hidden" name=name("id") value=row.id.clone() />
            <input type="hidden" name=name("was") value=row.text.clone() />
            <input
                type="checkbox"
                name=name("shown")
                value="true"
                checked=!row.hidden
                aria-label=format!("Show {of}")
            />
            {at}
            <textarea
                name=name("text")
                rows=lines.to_string()
                autocomplete="off"
                aria-label=format!("Words of {of}")
                inner_html=escaped(&row.text)
            ></textarea>
            <input
                type="text"
                name=name("place")
                value=place
                inputmode="numeric"
                autocomplete="off"
                placeholder="place"
                class="doc-row-place"
                aria-label=format!("Place of {of}")
            />
        </li>
    }
    .markup()
}
