//! Metrics of one source: look for them by text, choose some, pull them into a new incident.

use crate::{
    address::Address,
    api,
    components::{html, loaded, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/sources/{name}/metrics?text=…`.
pub(crate) fn metrics(source: &str, address: &Address) -> impl IntoView + use<> {
    let asked = (source.to_owned(), address.value("text").unwrap_or_default());
    let page = page_data(
        move || asked.clone(),
        |(name, text)| api::metrics(name, text),
    );
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
