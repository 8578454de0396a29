//! Addresses and their pages.

#[cfg(feature = "ssr")]
use crate::pages::{
    account, explore, history, incidents, invitation, metrics, new_incident, overview, people,
    report, review, share, sign_in, sources, study,
};
use crate::{
    address::Address,
    components::frame,
    pages::{incident, not_found},
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};

/// The page of the address that is asked for, or that is open. The browser brings to life those
/// alone that can be changed (see `is_alive`); the others need no module.
#[expect(non_snake_case, reason = "components are named like elements")]
pub fn Page() -> impl IntoView {
    provide_meta_context();
    let address = Address::here();
    provide_context(address.clone());
    view! {
        <Title formatter=document_title />
        {page(&address)}
    }
}

fn page(address: &Address) -> AnyView {
    let segments = address.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        #[cfg(feature = "ssr")]
        [] => frame(overview().into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents"] => frame(incidents().into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents", "new"] => frame(new_incident(address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["explore"] => frame(explore(address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["sources"] => frame(sources().into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["sources", name, "metrics"] => frame(metrics(name, address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["sign-in"] => sign_in(address).into_any(),
        #[cfg(feature = "ssr")]
        ["invitations", token] => invitation(token).into_any(),
        #[cfg(feature = "ssr")]
        ["account"] => frame(account().into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["people"] => frame(people().into_any()).into_any(),
        ["incidents", id] => frame(incident(id).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents", id, "report"] => frame(report(id, address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents", id, "report", "history", section] => {
            frame(history(id, section).into_any()).into_any()
        }
        #[cfg(feature = "ssr")]
        ["actions"] => frame(review::actions(address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents", id, "review"] => frame(review::review(id, address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents", id, "activity"] => frame(review::activity(id, address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents", id, "versions", number] => {
            frame(review::version(id, number).into_any()).into_any()
        }
        #[cfg(feature = "ssr")]
        ["incidents", id, "share"] => frame(share(id, address).into_any()).into_any(),
        #[cfg(feature = "ssr")]
        ["incidents", id, of] => frame(study(id, of, address).into_any()).into_any(),
        _ => not_found().into_any(),
    }
}

/// Whether the browser brings the page of this address to life.
pub(crate) fn is_alive(address: &Address) -> bool {
    let segments = address.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["incidents", id] => *id != "new",
        _ => false,
    }
}

/// Whether the page of this address is one of an incident, which people can meet about (`/meeting.js`).
pub(crate) fn can_meet(address: &Address) -> bool {
    let segments = address.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    matches!(segments.as_slice(), ["incidents", id, ..] if id.len() == 32)
}

/// The addresses that there are, for the server to route. Pages are rendered when their data is
/// there, so that they are complete without JavaScript and carry the right status.
#[cfg(feature = "ssr")]
#[expect(non_snake_case, reason = "components are named like elements")]
pub fn App() -> impl IntoView {
    use leptos_router::{
        SsrMode,
        components::{Route, Router, Routes},
        path,
    };
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=Page>
                <Route path=path!("") view=Page ssr=SsrMode::Async />
                <Route path=path!("incidents") view=Page ssr=SsrMode::Async />
                <Route path=path!("incidents/new") view=Page ssr=SsrMode::Async />
                <Route path=path!("incidents/:id") view=Page ssr=SsrMode::Async />
                <Route path=path!("incidents/:id/report") view=Page ssr=SsrMode::Async />
                <Route
                    path=path!("incidents/:id/report/history/:section")
                    view=Page
                    ssr=SsrMode::Async
                />
                <Route path=path!("incidents/:id/versions/:number") view=Page ssr=SsrMode::Async />
                <Route path=path!("actions") view=Page ssr=SsrMode::Async />
                <Route path=path!("incidents/:id/:study") view=Page ssr=SsrMode::Async />
                <Route path=path!("explore") view=Page ssr=SsrMode::Async />
                <Route path=path!("sources") view=Page ssr=SsrMode::Async />
                <Route path=path!("sources/:name/metrics") view=Page ssr=SsrMode::Async />
                <Route path=path!("sign-in") view=Page ssr=SsrMode::Async />
                <Route path=path!("invitations/:token") view=Page ssr=SsrMode::Async />
                <Route path=path!("account") view=Page ssr=SsrMode::Async />
                <Route path=path!("people") view=Page ssr=SsrMode::Async />
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
