//! One's own account.

use crate::{
    api,
    components::{done, html, loaded},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/account`.
pub(crate) fn account() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::people::account());
    view! {
        <Title text="Account" />
        <div class="page">
            {done()}
            <header class="page-head">
                <h1>"Account"</h1>
            </header>
            {loaded(page, |page| html("stack", page.html))}
        </div>
    }
}
