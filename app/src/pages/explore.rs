//! Explore: any window on what the live sources have given, before anybody declares an incident.

use crate::{
    api::{self, OpenIncident},
    components::{Field, fault, html, loaded},
    page::ExplorePage,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// `/explore?start=…&end=…&words=…`; the address is the view.
pub(crate) fn explore() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        let get = |name: &str| query.get(name).unwrap_or_default();
        (get("start"), get("end"), get("words"))
    });
    let page = Resource::new_blocking(
        move || asked.get(),
        |(start, end, words)| api::explore(start, end, words),
    );
    let open = ServerAction::<OpenIncident>::new();
    view! {
        <Title text="Explore" />
        <div class="page wide" data-testid="explore">
            <header class="page-head">
                <h1>"Explore"</h1>
                <p class="meta">"Everything that the live sources have given, on one clock"</p>
            </header>
            {loaded(page, move |page| view(page, open))}
        </div>
    }
}

fn view(page: ExplorePage, open: ServerAction<OpenIncident>) -> AnyView {
    if !page.followed {
        return view! {
            <p class="empty">
                "No source is followed live. " <a href="/sources">"Configure one"</a>
                ", start Lineup again, and its history gathers here; or "
                <a href="/incidents/new">"make an incident"</a> " by a pull or an upload."
            </p>
        }
        .into_any();
    }
    view! {
        {window(&page)}
        <p class="meta" data-testid="explore-came">
            {page.came.clone()}
        </p>
        {html("", page.answer)}
        <div class="lineup">
            <aside class="lineup-side" aria-label="Suspects">
                <div inner_html=page.suspects></div>
                {declare(page.start, page.end, open)}
            </aside>
            <div class="lineup-main">{html("", page.lanes)}</div>
        </div>
        {html("below", page.tables)}
    }
    .into_any()
}

/// Which window, and what in it. A plain form: the answer is an address.
fn window(page: &ExplorePage) -> AnyView {
    let input = |name: &'static str, label: &'static str, value: String| {
        view! {
            <div class="field">
                <label for=format!("explore-{name}")>{label}</label>
                <input
                    id=format!("explore-{name}")
                    name=name
                    type="text"
                    value=value
                    autocomplete="off"
                />
            </div>
        }
    };
    view! {
        <form method="get" action="/explore" class="panel bar" aria-label="Window">
            {input("start", "From (UTC)", page.start.clone())}
            {input("end", "To (UTC)", page.end.clone())}
            {input("words", "Words in names", page.words.clone())}
            <p class="actions">
                <button type="submit" class="button primary">
                    "Show"
                </button>
                <a class="button" href="/explore">
                    "Last six hours"
                </a>
            </p>
        </form>
    }
    .into_any()
}

/// The way from a look to an incident.
fn declare(start: String, end: String, open: ServerAction<OpenIncident>) -> AnyView {
    let value = open.value();
    let wrong = move |name: &'static str| {
        move || value.with(|v| v.as_ref().and_then(|r| r.as_ref().err()?.field(name)))
    };
    let other = move || {
        value.with(|v| match v {
            Some(Err(error @ crate::ApiError::Fields(_))) if error.field("title").is_none() => {
                Some(error.to_string())
            }
            Some(Err(crate::ApiError::Fields(_)) | Ok(())) | None => None,
            Some(Err(error)) => Some(error.to_string()),
        })
    };
    let field = |name, label, hint, example, required| Field {
        form: "declare",
        name,
        label,
        hint,
        example,
        required,
    };
    view! {
        <section class="panel form" aria-labelledby="h-declare">
            <h2 id="h-declare">"Make this an incident"</h2>
            <ActionForm action=open>
                {field("title", "Title", "", "Sites slow since 03:00", true).line(wrong("title"))}
                {field("start", "Start (UTC)", "Causes lie before effects: begin early. ", "", true)
                    .time(move || start.clone(), wrong("start"))}
                {field("end", "End (UTC)", "Empty: it is still going on. ", "", false)
                    .time(move || end.clone(), wrong("end"))}
                {fault(other)}
                <p class="actions">
                    <button type="submit" class="button primary" disabled=move || open.pending().get()>
                        "Make this an incident"
                    </button>
                </p>
                <p class="hint">
                    "Copies what every source has for this window, so that it stays when the source \
                     forgets."
                </p>
            </ActionForm>
        </section>
    }
    .into_any()
}
