//! The list of incidents.

use crate::{
    api,
    components::{html, loaded},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents`.
pub(crate) fn incidents() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::incidents());
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
