//! Explore: any window on what the live sources have given, before anybody declares an incident.

use crate::{
    address::Address,
    api,
    components::{html, loaded, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/explore?start=…&end=…&words=…`; the address is the view.
pub(crate) fn explore(address: &Address) -> impl IntoView + use<> {
    let get = |name: &str| address.value(name).unwrap_or_default();
    let asked = (get("start"), get("end"), get("words"));
    let page = page_data(
        move || asked.clone(),
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
