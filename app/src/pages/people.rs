//! Everybody and every team, for who manages them.

use crate::{
    api,
    components::{done, html, loaded},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/people`.
pub(crate) fn people() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::people::people());
    view! {
        <Title text="People" />
        <div class="page" data-testid="people">
            {done()}
            <header class="page-head">
                <h1>"People and teams"</h1>
            </header>
            {loaded(page, |page| html("stack", page.html))}
        </div>
    }
}
