//! Addresses and their pages.

use crate::{
    components::frame,
    pages::{
        explore, incident, incidents, metrics, new_incident, not_found, overview, report, shared,
        sources, study,
    },
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The whole application. Pages are rendered when their data is there, so that they are complete
/// without JavaScript and carry the right status.
#[expect(non_snake_case, reason = "components are named like elements")]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=document_title />
        <Router>
            <Routes fallback=not_found>
                <ParentRoute path=path!("") view=frame>
                    <Route path=path!("") view=overview ssr=SsrMode::Async />
                    <Route path=path!("incidents") view=incidents ssr=SsrMode::Async />
                    <Route path=path!("incidents/new") view=new_incident ssr=SsrMode::Async />
                    <Route path=path!("incidents/:id") view=incident ssr=SsrMode::Async />
                    <Route path=path!("incidents/:id/report") view=report ssr=SsrMode::Async />
                    <Route path=path!("incidents/:id/:study") view=study ssr=SsrMode::Async />
                    <Route path=path!("explore") view=explore ssr=SsrMode::Async />
                    <Route path=path!("sources") view=sources ssr=SsrMode::Async />
                    <Route path=path!("sources/:name/metrics") view=metrics ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("s/:token") view=shared ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

/// The document's title. `leptos_meta` 0.8.7 writes it into the page as it is, so what is markup
/// is escaped here; the browser's `document.title` takes it as text.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the type of the formatter that leptos_meta takes"
)]
fn document_title(title: String) -> String {
    if title.is_empty() {
        return "Lineup".to_owned();
    }
    let text = format!("{title} · Lineup");
    if cfg!(feature = "ssr") {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    } else {
        text
    }
}
