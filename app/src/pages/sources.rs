//! Sources: state, last success, lag, gaps, errors with what to do, and a test of each.

use crate::{
    api,
    components::{html, loaded, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/sources`.
pub(crate) fn sources() -> impl IntoView {
    let page = page_data(|| (), |()| api::sources());
    view! {
        <Title text="Sources" />
        <div class="page" data-testid="sources">
            <header class="page-head">
                <h1>"Sources"</h1>
                <p class="meta">
                    "What is followed live, how each is doing, and what is kept of it"
                </p>
            </header>
            {loaded(page, |page| html("stack", page.html))}
        </div>
    }
}
