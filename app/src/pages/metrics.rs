//! Metrics of one source: look for them by text, choose some, pull them into a new incident.

use crate::{
    api,
    components::{html, loaded},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/sources/{name}/metrics?text=…`.
pub(crate) fn metrics() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let name = params.read().get("name").unwrap_or_default();
        (name, query.read().get("text").unwrap_or_default())
    });
    let page = Resource::new_blocking(move || asked.get(), |(name, text)| api::metrics(name, text));
    view! {
        <Title text="Find metrics" />
        <div class="page">
            <header class="page-head">
                <h1>"Find metrics"</h1>
            </header>
            {loaded(page, |page| html("stack", page.html))}
        </div>
    }
}
