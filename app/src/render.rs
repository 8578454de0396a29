//! Pages and parts that can only be read, rendered on the server to trusted HTML.
//!
//! Leptos escapes every text in them; nothing here is reactive.

mod explore;
mod form;
mod incident;
mod incidents;
mod instant;
mod labels;
mod metrics;
mod new_pull;
mod overview;
mod sources;
mod table;

use crate::{
    backend::{
        BackTestAnswer, Case, Explored, IncidentRow, MetricsFound, Overview, PullKind, PullPrice,
        SharePage, ShareRow, SourcesView, WhatIfAnswer,
    },
    error::ApiError,
    input::{Asked, PullForm},
    page::{FileView, IncidentPage, JobView, LinkView, NoteView, Page, ReportPage},
    timeline::TimelineView,
    view::{Ignored, query},
};
use instant::{instant, span, span_link};
use labels::{credit_chip, incident_chip, notice, references};
use leptos::prelude::*;
use model::incident::IncidentState;
use table::table;

impl Page {
    /// The dashboard.
    pub(crate) fn overview(overview: Overview) -> Self {
        Self {
            title: String::new(),
            html: overview::dashboard(overview).to_html(),
        }
    }

    /// The list of incidents.
    pub(crate) fn incidents(rows: Vec<IncidentRow>) -> Self {
        Self {
            title: "Incidents".into(),
            html: incidents::list(rows).to_html(),
        }
    }

    /// Every configured source.
    pub(crate) fn sources(view: &SourcesView) -> Self {
        Self {
            title: "Sources".into(),
            html: sources::sources(view).to_html(),
        }
    }

    /// A window on the live sources, pictures drawn.
    pub(crate) fn explore(explored: &Explored, words: &str) -> Self {
        Self {
            title: "Explore".into(),
            html: explore::explore(explored, words).to_html(),
        }
    }

    /// What a search for metrics found.
    pub(crate) fn metrics(found: MetricsFound) -> Self {
        Self {
            title: "Find metrics".into(),
            html: metrics::metrics(found).to_html(),
        }
    }

    /// The form for a pull, and what it costs where somebody asked.
    pub(crate) fn new_pull(
        kinds: &[PullKind],
        form: &PullForm,
        price: Option<Result<PullPrice, ApiError>>,
    ) -> Self {
        Self {
            title: "New incident".into(),
            html: new_pull::new_pull(kinds, form, price).to_html(),
        }
    }

    /// What would have been.
    pub(crate) fn what_if(
        answer: &WhatIfAnswer,
        asked: Asked<'_>,
        wrong: Option<&ApiError>,
    ) -> Self {
        Self {
            title: format!("What if: {}", answer.case.incident.title),
            html: incident::what_if(answer, asked, wrong).to_html(),
        }
    }

    /// What an alarm would have done.
    pub(crate) fn back_test(
        answer: &BackTestAnswer,
        asked: Asked<'_>,
        wanted: f64,
        wrong: Option<&ApiError>,
    ) -> Self {
        Self {
            title: format!("Back-test: {}", answer.case.incident.title),
            html: incident::back_test(answer, asked, wanted, wrong).to_html(),
        }
    }

    /// What others may read, and the links.
    pub(crate) fn share(page: &SharePage) -> Self {
        Self {
            title: format!("Share: {}", page.incident.title),
            html: incident::share(page).to_html(),
        }
    }
}

impl IncidentPage {
    /// The page of a case as its address says, pictures drawn.
    pub(crate) fn of(case: &Case, address: &str) -> Self {
        let (view, ignored) = query::read(address);
        let view = TimelineView::of(case, &view, Ignored::sentence(&ignored));
        let bare = view.lanes.is_empty();
        let what_if = !case.analysis.credits.is_empty();
        let collecting = case.incident.state == IncidentState::Collecting;
        // Without any evidence nobody was looked for: neither suspects nor hypotheses are judged.
        let nothing = case.evidence.series.is_empty() && case.evidence.events.is_empty();
        let lanes = incident::lanes(&view).to_html();
        let events = incident::events(&view).to_html();
        Self {
            id: view.id.0.clone(),
            title: view.title.clone(),
            head: [incident::head(&view), incident::waiting(case)].to_html(),
            answer: [
                incident::again(case),
                incident::answer(view.headline, bare, collecting),
            ]
            .to_html(),
            suspects: if nothing {
                String::new()
            } else {
                [
                    incident::suspects(Some(&view.id.0), view.suspects, &view.gone, what_if),
                    incident::earlier(case),
                    incident::hypotheses("Found", "found", view.found),
                    incident::hypotheses("Ruled out", "ruled-out", view.ruled_out),
                    incident::hypotheses("Unknown", "unknown", view.unknown),
                    incident::known_issues(view.known_issues),
                ]
                .to_html()
            },
            lanes,
            events,
            tables: [
                incident::actions(case),
                incident::credits(view.credits),
                incident::stuck_pods(view.stuck_pods),
                incident::once(view.once),
                incident::changes(view.changes),
                incident::sources(view.sources),
            ]
            .to_html(),
            job: case.jobs.first().map(JobView::of),
            notes: case.annotations.iter().map(NoteView::of).collect(),
            files: incident::files(
                &case.incident.id.0,
                case.files.iter().map(FileView::of).collect(),
            )
            .to_html(),
            coverage: [incident::coverage(case), incident::manage(case)].to_html(),
        }
    }
}

impl ReportPage {
    /// The page of a report.
    pub(crate) fn of(case: &Case, report: String, shares: &[ShareRow]) -> Self {
        Self {
            id: case.incident.id.0.clone(),
            title: case.incident.title.clone(),
            head: incident::report_head(&case.incident).to_html(),
            report,
            links: shares.iter().map(LinkView::of).collect(),
        }
    }
}
