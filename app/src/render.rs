//! Pages and parts that can only be read, rendered on the server to trusted HTML.
//!
//! Leptos escapes every text in them; nothing here is reactive.

mod incident;
mod incidents;
mod instant;
mod labels;
mod overview;
mod shared;
mod sources;
mod table;

use crate::{
    backend::{
        Case, Explored, IncidentRow, MetricsFound, Overview, ShareRow, SharedCase, SourcesView,
    },
    page::{
        ExplorePage, FileView, IncidentPage, JobView, LinkView, MetricsPage, NoteView, Page,
        ReportPage, SourceView, SourcesPage, form_time,
    },
    timeline::TimelineView,
};
use instant::{instant, span};
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

    /// What a share link opens.
    pub(crate) fn shared(case: SharedCase) -> Self {
        Self {
            title: case.title.clone(),
            html: shared::shared(case).to_html(),
        }
    }
}

impl IncidentPage {
    /// The page of a case, pictures drawn.
    pub(crate) fn of(case: &Case) -> Self {
        let view = TimelineView::of(case);
        let bare = view.lanes.is_empty();
        Self {
            id: view.id.0.clone(),
            title: view.title.clone(),
            head: incident::head(&view).to_html(),
            answer: incident::answer(view.headline, bare).to_html(),
            suspects: [
                incident::suspects(view.suspects),
                incident::hypotheses("Found", "found", view.found),
                incident::hypotheses("Ruled out", "ruled-out", view.ruled_out),
                incident::hypotheses("Unknown", "unknown", view.unknown),
            ]
            .to_html(),
            lanes: incident::lanes(view.axis, view.lanes).to_html(),
            tables: [
                incident::credits(view.credits),
                incident::stuck_pods(view.stuck_pods),
                incident::changes(view.changes),
                incident::sources(view.sources),
            ]
            .to_html(),
            job: case.jobs.first().map(JobView::of),
            notes: case.annotations.iter().map(NoteView::of).collect(),
            coverage: incident::coverage(&case.coverage).to_html(),
            freezable: case.freezable,
            live: case.incident.live,
            closed: case.incident.state == IncidentState::Closed,
            files: case.files.iter().map(FileView::of).collect(),
        }
    }
}

impl ExplorePage {
    /// A window on the live sources, pictures drawn.
    pub(crate) fn of(explored: &Explored, words: &str) -> Self {
        let view = TimelineView::of(&explored.case);
        let (series, events) = (
            explored.case.evidence.series.len(),
            explored.case.evidence.events.len(),
        );
        let bare = view.lanes.is_empty();
        Self {
            start: form_time(view.window.start),
            end: form_time(view.window.end),
            words: words.to_owned(),
            came: format!(
                "{series} of {} series and {events} of {} events from {}",
                explored.series,
                explored.events,
                explored.sources.join(", ")
            ),
            followed: !explored.sources.is_empty(),
            answer: incident::answer(view.headline, bare).to_html(),
            suspects: incident::suspects(view.suspects).to_html(),
            lanes: incident::lanes(view.axis, view.lanes).to_html(),
            tables: [
                incident::credits(view.credits),
                incident::stuck_pods(view.stuck_pods),
                incident::changes(view.changes),
            ]
            .to_html(),
        }
    }
}

impl SourcesPage {
    /// Every configured source.
    pub(crate) fn of(view: SourcesView) -> Self {
        let kinds = sources::kinds(&view).to_html();
        let now = view.now;
        let cards = view.configured.into_iter().map(|card| SourceView {
            name: card.name.clone(),
            searchable: card.searchable,
            testable: card.testable,
            html: sources::card(&card, now).to_html(),
        });
        Self {
            cards: cards.collect(),
            kinds,
        }
    }
}

impl MetricsPage {
    /// What a search found.
    pub(crate) fn of(found: MetricsFound) -> Self {
        Self {
            source: found.source.clone(),
            text: found.text.clone(),
            any: !found.rows.is_empty(),
            found: sources::metrics(found).to_html(),
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
