//! What is around every page but a shared one: header, navigation, footer.

use super::refused;
use crate::address::Address;
use leptos::prelude::*;

/// Header, the page, footer.
pub(crate) fn frame(page: AnyView) -> impl IntoView {
    view! {
        <a class="skip" href="#content" rel="external">
            "Skip to content"
        </a>
        <header class="top">
            <a class="brand" href="/" aria-label="Lineup: overview">
                {mark()} <span>"Lineup"</span>
            </a>
            <nav aria-label="Main">
                <ul>
                    <li>{entry("/", "Overview", |path| path == "/")}</li>
                    <li>
                        {entry(
                            "/incidents",
                            "Incidents",
                            |path| path.starts_with("/incidents") && path != "/incidents/new",
                        )}
                    </li>
                    <li>{entry("/actions", "Actions", |path| path == "/actions")}</li>
                    <li>{entry("/explore", "Explore", |path| path == "/explore")}</li>
                    <li>{entry("/sources", "Sources", |path| path.starts_with("/sources"))}</li>
                    <li>
                        {entry("/incidents/new", "New incident", |path| path == "/incidents/new")}
                    </li>
                </ul>
            </nav>
            // Made by the server alone; the browser leaves it as it is.
            <div class="who" inner_html=who()></div>
            {theme_toggle()}
        </header>
        <main id="content" tabindex="-1">
            {refused()}
            {page}
        </main>
        {footer()}
    }
}

/// Who is signed in, and the way to their account; nothing without accounts.
fn who() -> String {
    #[cfg(feature = "ssr")]
    if let Some(crate::backend::Caller::Person(member)) = crate::backend::people::asking() {
        return crate::render::who(&member);
    }
    String::new()
}

/// An entry of the navigation.
fn entry(href: &'static str, label: &'static str, holds: fn(&str) -> bool) -> impl IntoView {
    let here = holds(&Address::of_page().path);
    view! {
        <a href=href aria-current=here.then_some("page")>
            {label}
        </a>
    }
}

/// Three lanes and the instant at which they line up.
pub(crate) fn mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <path d="M2 5h16M2 10h16M2 15h16" class="mark-lanes"></path>
            <path d="M12 1.5v17" class="mark-instant"></path>
            <circle cx="12" cy="5" r="2" class="mark-event"></circle>
            <circle cx="12" cy="15" r="2" class="mark-event"></circle>
        </svg>
    }
}

/// Cycles through system, light and dark. `shell.js` does the work, before the page has come to
/// life and without it; the style sheet shows the word that holds.
pub(crate) fn theme_toggle() -> impl IntoView {
    view! {
        <button type="button" class="quiet theme" data-theme-toggle data-testid="theme-toggle">
            <span class="visually-hidden">"Theme: "</span>
            <span class="theme-system">"System"</span>
            <span class="theme-light">"Light"</span>
            <span class="theme-dark">"Dark"</span>
        </button>
    }
}

/// The version.
pub(crate) fn footer() -> impl IntoView {
    view! {
        <footer class="foot">
            <p>"Lineup " {model::ENGINE} " · all times in UTC"</p>
        </footer>
    }
}

/// What is around a page that leads nowhere else: the name, the theme and the footer.
pub(crate) fn footer_and_brand(page: AnyView) -> impl IntoView {
    view! {
        <header class="top">
            <span class="brand">{mark()} <span>"Lineup"</span></span>
            {theme_toggle()}
        </header>
        <main id="content" tabindex="-1">
            <div class="page">{page}</div>
        </main>
        {footer()}
    }
}
