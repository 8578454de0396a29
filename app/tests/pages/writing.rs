//! The report as it is written: its sections, the editor, the history.

use super::{
    answer, assert_sound, call,
    fake::{Fake, HOSTILE, ID, at},
    get,
};
use app::backend::{
    ChartRow, DocumentView, FigureRow, HistoryView, SectionView, StateView, TemplateRow,
    TimelineRow, Words,
};
use axum::http::{StatusCode, header};
use model::Incident;
use std::sync::Arc;

fn section(id: &str, title: &str) -> SectionView {
    SectionView {
        id: id.into(),
        title: title.into(),
        html: format!("<section id=\"{id}\"><h2>{title}</h2><p>drafted</p></section>"),
        text: "drafted {{a.b}}".into(),
        digest: "d1".into(),
        ..SectionView::default()
    }
}

/// A document with a section in every state that there is.
pub(crate) fn document(incident: Incident) -> DocumentView {
    let written = SectionView {
        words: Words::Written,
        author: HOSTILE.into(),
        at: Some(at("2020-05-22T12:00:00Z")),
        revision: 3,
        text: format!("</textarea>{HOSTILE}"),
        conflict: true,
        unresolved: vec!["credits.gone".into()],
        offered: Some("old <ins>new</ins>".into()),
        guide: "What happened?\n\nIn a few words.".into(),
        ..section("summary", "Summary")
    };
    let hidden = SectionView {
        hidden: true,
        html: String::new(),
        ..section("glossary", "Glossary")
    };
    let empty = SectionView {
        html: String::new(),
        text: String::new(),
        ..section("customers", "Customers")
    };
    DocumentView {
        incident,
        head: "<header class=\"report-head\"><h1>Report</h1></header>".into(),
        appendix: "<section id=\"figures\"></section>".into(),
        sections: vec![written, section("timeline", "Timeline"), hidden, empty],
        template: "default".into(),
        templates: vec![TemplateRow {
            id: "default".into(),
            name: "Default".into(),
            about: "Everything.".into(),
        }],
        figures: vec![FigureRow {
            id: "credits.balance.exhausted_at".into(),
            text: "2020-05-22 03:00 UTC".into(),
            evidence: "balance".into(),
        }],
        charts: vec![ChartRow {
            id: "series-balance".into(),
            title: "Balance".into(),
        }],
        rows: vec![TimelineRow {
            id: "impact.start".into(),
            at: "2020-05-22 03:00 UTC".into(),
            text: HOSTILE.into(),
            hidden: true,
            own: false,
            place: Some(2),
        }],
    }
}

/// A history of two people.
pub(crate) fn history(incident: Incident, section: &str) -> HistoryView {
    let state = |revision, author: &str, minute: &str| StateView {
        revision,
        author: author.into(),
        at: Some(at(&format!("2020-05-22T12:{minute}:00Z"))),
        difference: "was <del>this</del><ins>that</ins>".into(),
        ..StateView::default()
    };
    HistoryView {
        incident,
        section: section.into(),
        title: "Summary".into(),
        states: vec![
            StateView {
                stands: true,
                ..state(4, "kim", "30")
            },
            state(3, "kim", "25"),
            StateView {
                note: "put together with revision 1".into(),
                ..state(2, HOSTILE, "05")
            },
            state(1, "lee", "00"),
        ],
    }
}

fn path(query: &str) -> String {
    format!("/incidents/{ID}/report{query}")
}

#[tokio::test]
async fn a_report_says_of_each_section_how_it_stands_and_loads_no_module() {
    let (status, html) = get(Fake::with_case(), &path("")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    assert!(!html.contains("lineup.wasm"));
    for id in [
        "conflict",
        "unresolved",
        "redraft",
        "left-out",
        "section-edit",
        "section-history",
    ] {
        assert!(html.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    for change in [
        "put-together",
        "take-draft",
        "keep-text",
        "hide",
        "show",
        "up",
        "down",
    ] {
        assert!(
            html.contains(&format!("name=\"change\" value=\"{change}\"")),
            "{change}"
        );
    }
    assert!(html.contains("Drafted from the data") && html.contains("Nobody has written anything"));
    assert!(!html.contains("data-testid=\"doc-editor\""));
}

#[tokio::test]
async fn a_section_is_edited_in_its_place_with_what_a_save_needs() {
    let (status, html) = get(Fake::with_case(), &path("?edit=summary")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    let form = html.split("data-testid=\"section-form\"").nth(1).unwrap();
    for part in [
        "name=\"revision\" value=\"3\"",
        "name=\"draft\" value=\"d1\"",
        "&lt;/textarea&gt;",
        "{{credits.balance.exhausted_at}}",
        "{{chart:series-balance}}",
    ] {
        assert!(form.contains(part), "{part}");
    }
    assert!(html.contains("What happened?") && html.contains("In a few words."));
    // The way into the editor leads to the text, which the browser gives the focus then.
    let (_, html) = get(Fake::with_case(), &path("")).await;
    assert!(html.contains("/report?edit=summary#section-text\""));
}

#[tokio::test]
async fn a_timeline_is_arranged_row_by_row_or_written() {
    let (_, html) = get(Fake::with_case(), &path("?edit=timeline")).await;
    assert_sound(&html);
    let rows = html.matches("data-testid=\"timeline-row\"").count();
    // One more for what no data shows.
    assert_eq!(rows, 2);
    assert!(html.contains("name=\"rows[0][place]\" value=\"3\""));
    assert!(html.contains("<textarea name=\"rows[0][text]\""));
    let (_, html) = get(Fake::with_case(), &path("?edit=timeline&form=text")).await;
    assert!(html.contains("data-testid=\"section-form\""));
}

#[tokio::test]
async fn a_history_shows_what_changed_and_puts_a_sitting_together() {
    let (status, html) = get(Fake::with_case(), &path("/history/summary")).await;
    assert_eq!(status, StatusCode::OK);
    assert_sound(&html);
    // The two saves of one sitting are one entry; all but the one that stands can be restored.
    assert_eq!(html.matches("data-testid=\"history-state\"").count(), 3);
    assert_eq!(html.matches("data-testid=\"section-restore\"").count(), 3);
    assert!(html.contains("<del>this</del><ins>that</ins>"));
    assert!(html.contains("1 earlier save of the same sitting"));
}

#[tokio::test]
async fn a_save_says_what_stands_and_a_plain_form_leads_back() {
    let form = format!("incident={ID}&section=summary&revision=2&text=a%0D%0Ab&draft=d1&title=");
    let backend = Arc::new(Fake::with_case());
    let request = call("save_section", &form, "application/json");
    let (status, body) = answer(backend.clone(), request).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("\"revision\":3"), "{body}");
    let asked = backend.asked.lock().unwrap().join("\n");
    assert!(
        asked.contains("title: None") && asked.contains("revision: 2"),
        "{asked}"
    );
    let router = super::router(Arc::new(Fake::with_case()));
    let request = call("save_section", &form, "text/html");
    let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    let place = response.headers()[header::LOCATION].to_str().unwrap();
    assert_eq!(
        place,
        format!("/incidents/{ID}/report?done=section-saved#summary")
    );
}

#[tokio::test]
async fn rows_of_a_timeline_come_through_a_form() {
    let row = "rows[0][id]=a&rows[0][was]=x&rows[0][text]=x&rows[1][id]=b&rows[1][shown]=true\
               &rows[1][was]=x&rows[1][text]=y&rows[2][id]=c&rows[2][shown]=true&rows[2][was]=x\
               &rows[2][text]=x";
    let row = row.replace('[', "%5B").replace(']', "%5D");
    let form = format!("incident={ID}&revision=0&{row}");
    let backend = Arc::new(Fake::with_case());
    let request = call("arrange_timeline", &form, "application/json");
    let (status, body) = answer(backend.clone(), request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let asked = backend.asked.lock().unwrap().join("\n");
    assert!(asked.contains("arrange 2"), "{asked}");
}
