//! Explore: any window on what the live sources have given, before anybody declares an incident.

use crate::{
    api,
    components::{html, loaded},
};
use leptos::prelude::*;
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
    view! {
        <Title text="Explore" />
        <div class="page wide" data-testid="explore">
            <header class="page-head">
                <h1>"Explore"</h1>
                <p class="meta">"Everything that the live sources have given, on one clock"</p>
            </header>
            {loaded(page, |page| html("stack", page.html))}
        </div>
    }
}
