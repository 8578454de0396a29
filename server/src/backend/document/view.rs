//! What the pages of a document show.

use super::with_drafts;

use app::backend::{
    Case, ChartRow, DocumentView, FigureRow, SectionView, StateView, TemplateRow, TimelineRow,
    Words,
};
use model::{Document, document::DocumentSection};
use report::Part;

pub(super) fn view(case: &Case, templates: Vec<TemplateRow>) -> DocumentView {
    with_drafts(case, |drafts| {
        let parts = drafts.parts();
        let report = drafts.report();
        let mut html = report::html_parts(&report);
        let sections = parts.into_iter().map(|part| {
            let at = html.sections.iter().position(|(id, _)| *id == part.id);
            let html = at
                .map(|n| html.sections.swap_remove(n).1)
                .unwrap_or_default();
            section_view(part, html)
        });
        let sections = sections.collect();
        let figures = drafts.figures().iter().map(|f| FigureRow {
            id: f.id.clone(),
            text: f.text.clone(),
            evidence: few(&f.evidence),
        });
        let charts = drafts.charts().into_iter().map(|c| ChartRow {
            id: c.id,
            title: c.title,
        });
        let rows = drafts.timeline().into_iter().map(|r| TimelineRow {
            id: r.id,
            at: r.at,
            text: r.text,
            hidden: r.hidden,
            own: r.own,
            place: r.place,
        });
        DocumentView {
            incident: case.incident.clone(),
            head: html.head,
            appendix: html.figures,
            sections,
            template: template_of(&case.document),
            templates,
            figures: figures.collect(),
            charts: charts.collect(),
            rows: rows.collect(),
        }
    })
}

fn template_of(document: &Document) -> String {
    if document.template.is_empty() {
        report::templates::DEFAULT.to_owned()
    } else {
        document.template.clone()
    }
}

fn section_view(part: Part, html: String) -> SectionView {
    let touched = part.written.clone().unwrap_or_default();
    SectionView {
        html,
        hidden: part.hidden,
        words: match (part.is_written(), touched.entries.is_empty()) {
            (true, _) => Words::Written,
            (false, false) => Words::Arranged,
            (false, true) => Words::Drafted,
        },
        author: touched.author,
        at: touched.at,
        revision: part.revision(),
        text: part.text().to_owned(),
        conflict: part.has_conflict(),
        unresolved: part.unresolved(),
        offered: part.offered(),
        digest: part.digest,
        guide: part.guide,
        title: part.title,
        id: part.id,
    }
}

/// A few names of evidence.
fn few(evidence: &[String]) -> String {
    let shown: Vec<&str> = evidence.iter().take(3).map(String::as_str).collect();
    let more = evidence.len().saturating_sub(shown.len());
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}

pub(super) fn states_of(history: &[DocumentSection]) -> Vec<StateView> {
    let text = |s: &DocumentSection| s.text.clone().unwrap_or_else(|| s.seen.clone());
    let mut before = history.iter().skip(1);
    history
        .iter()
        .enumerate()
        .map(|(n, state)| {
            let older = before.next();
            let old = older.map_or_else(|| state.seen.clone(), text);
            StateView {
                revision: state.revision,
                author: state.author.clone(),
                at: state.at,
                note: state.note.clone(),
                is_draft: state.text.is_none(),
                difference: report::difference_html(&old, &text(state)),
                stands: n == 0,
            }
        })
        .collect()
}
