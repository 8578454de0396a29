//! Home: the dashboard that a team keeps open.

use crate::{
    api,
    components::{html, loaded, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/`.
pub(crate) fn overview() -> impl IntoView {
    let page = page_data(|| (), |()| api::overview());
    view! {
        <Title text="" />
        <div class="page" data-testid="overview">
            <header class="page-head">
                <h1>"Overview"</h1>
                <p class="meta">"What the evidence says that was followed, imported or pulled so far"</p>
            </header>
            {loaded(page, |page| html("", page.html))}
        </div>
    }
}
