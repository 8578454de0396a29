//! Pages and parts that can only be read, rendered on the server to trusted HTML.
//!
//! Leptos escapes every text in them; nothing here is reactive.

mod explore;
mod form;
mod incident;
mod incidents;
mod instant;
mod labels;
mod markup;
mod metrics;
mod new_pull;
mod overview;
mod people;
mod report;
mod review;
mod sources;
mod table;

use crate::{
    backend::{
        ActionsView, ActivityPage, AlarmAnswer, BackTestAnswer, Case, DocumentView, Explored,
        HistoryView, IncidentRow, MetricsFound, Overview, PlacedThread, PullKind, PullPrice,
        ReviewView, SharePage, SourcesView, VersionView, WhatIfAnswer,
        people::{AccountView, InvitationView, PeopleView},
    },
    done::Done,
    error::ApiError,
    input::{Asked, Editing, PullForm},
    page::{FileView, IncidentPage, JobView, Page},
    timeline::{Beside, TimelineView},
    view::{Ignored, View, query},
};
pub(crate) use incident::note;
use instant::{instant, span, span_link};
use labels::{credit_chip, incident_chip, notice, references};
use leptos::prelude::*;
use model::incident::IncidentState;
pub(crate) use people::{password, who};
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

    /// What a threshold on a lane would have done, as it stands below the lane of a page with that
    /// view.
    pub fn alarm(answer: &AlarmAnswer, view: &View) -> Self {
        Self {
            title: String::new(),
            html: incident::alarm(answer, view).to_html(),
        }
    }

    /// Somebody's own account.
    pub(crate) fn account(view: AccountView) -> Self {
        Self {
            title: "Account".into(),
            html: people::account(view).to_html(),
        }
    }

    /// Everybody and every team, with the forms that change them.
    pub(crate) fn people(view: PeopleView) -> Self {
        Self {
            title: "People".into(),
            html: people::people(view).to_html(),
        }
    }

    /// What an invitation opens: its form, or for who manages people the link to send on.
    pub(crate) fn invitation(view: &InvitationView, token: &str, manages: bool) -> Self {
        Self {
            title: "Invitation".into(),
            html: people::invitation(view, token, manages).to_html(),
        }
    }

    /// The report as it is written, one section of it in its editor.
    pub(crate) fn report(
        document: &DocumentView,
        editing: &Editing,
        threads: &[PlacedThread],
    ) -> Self {
        Self {
            title: format!("Report: {}", document.incident.title),
            html: report::report(document, editing, threads).to_html(),
        }
    }

    /// Every state of a section.
    pub(crate) fn history(history: &HistoryView) -> Self {
        Self {
            title: format!("{}: history", history.title),
            html: report::history(history).to_html(),
        }
    }

    /// The review of a report.
    pub(crate) fn review(view: &ReviewView) -> Self {
        Self {
            title: format!("Review: {}", view.incident.title),
            html: review::review(view).to_html(),
        }
    }

    /// A version of a report.
    pub(crate) fn version(view: &VersionView) -> Self {
        Self {
            title: format!("Version {}: {}", view.version.number, view.incident.title),
            html: review::version(view).to_html(),
        }
    }

    /// The activity log of an incident.
    pub(crate) fn activity(page: &ActivityPage) -> Self {
        Self {
            title: format!("Activity: {}", page.incident.title),
            html: review::activity(page).to_html(),
        }
    }

    /// Action items of all incidents.
    pub(crate) fn actions(view: &ActionsView) -> Self {
        Self {
            title: "Action items".into(),
            html: review::actions(view).to_html(),
        }
    }

    /// What a form has done, where the address of the page says so, as HTML. It stays in sight for a
    /// while, wherever on the page the browser is led to.
    pub(crate) fn done(address: &[(String, String)]) -> String {
        Done::of(address).map_or_else(String::new, |done| {
            view! {
                <p class="done" role="status" data-done data-testid="done">
                    {done.words()}
                </p>
            }
            .to_html()
        })
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
    pub(crate) fn of(case: &Case, address: &str, beside: &Beside) -> Self {
        let (view, mut ignored) = query::read(address);
        if view.alarm.is_some() && beside.alarm.is_none() {
            ignored.push(Ignored::new("alarm", "there is no such series"));
        }
        let view = TimelineView::of(case, &view, Ignored::sentence(&ignored), beside);
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
                incident::nodes_to_recycle(&case.analysis.nodes_to_recycle),
                incident::once(view.once),
                incident::changes(view.changes),
                incident::sources(view.sources),
            ]
            .to_html(),
            job: case.jobs.first().map(JobView::of),
            notes: view.notes,
            files: incident::files(
                &case.incident.id.0,
                case.files.iter().map(FileView::of).collect(),
            )
            .to_html(),
            coverage: [
                incident::coverage(case),
                incident::belongs(case),
                incident::manage(case),
            ]
            .to_html(),
        }
    }
}
