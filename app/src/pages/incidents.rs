//! The list of incidents.

use crate::{
    api,
    components::{html, loaded, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents`.
pub(crate) fn incidents() -> impl IntoView {
    let page = page_data(|| (), |()| api::incidents());
    view! {
        <Title text="Incidents" />
        <div class="page">
            <header class="page-head">
                <h1>"Incidents"</h1>
                <a class="button" href="/incidents/new">
                    "New incident"
                </a>
            </header>
            {loaded(page, |page| html("panel list", page.html))}
        </div>
    }
}
