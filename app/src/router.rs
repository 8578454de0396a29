//! Addresses and their pages.

use crate::{
    components::Frame,
    pages::{Incident, Incidents, NewIncident, NotFound, Overview, Report, Shared},
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
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Lineup".to_owned() } else { format!("{title} · Lineup") }
        } />
        <Router>
            <Routes fallback=|| view! { <NotFound /> }>
                <ParentRoute path=path!("") view=Frame>
                    <Route path=path!("") view=Overview ssr=SsrMode::Async />
                    <Route path=path!("incidents") view=Incidents ssr=SsrMode::Async />
                    <Route path=path!("incidents/new") view=NewIncident ssr=SsrMode::Async />
                    <Route path=path!("incidents/:id") view=Incident ssr=SsrMode::Async />
                    <Route path=path!("incidents/:id/report") view=Report ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("s/:token") view=Shared ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
