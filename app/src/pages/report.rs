//! The report of an incident, written section by section, its files, and the links that share it.

use crate::{
    address::Address,
    api,
    components::{done, html, loaded, page_data},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::Title;

/// Saves by itself, shows a preview and inserts figures. Everything works without it, but for those.
const EDITOR: &str = include_str!("../editor.js");

/// `/incidents/{id}/report`, with `?edit=SECTION` for a section in its editor.
pub(crate) fn report(id: &str, address: &Address) -> impl IntoView + use<> {
    let value = |name| address.value(name).unwrap_or_default();
    let asked = (id.to_owned(), value("edit"), value("form"));
    let page = page_data(
        move || asked.clone(),
        |(id, edit, form)| api::document::report(id, edit, form),
    );
    view! {
        <div class="page wide">
            {done()}
            {loaded(page, |page| view! { <Title text=page.title /> {html("", page.html)} }.into_any())}
        </div>
        <script type="module" nonce=use_nonce()>
            {EDITOR}
        </script>
    }
}

/// `/incidents/{id}/report/history/{section}`.
pub(crate) fn history(id: &str, section: &str) -> impl IntoView + use<> {
    let asked = (id.to_owned(), section.to_owned());
    let page = page_data(
        move || asked.clone(),
        |(id, section)| api::document::section_history(id, section),
    );
    view! {
        <div class="page wide">
            {done()}
            {loaded(
                page,
                |page| view! { <Title text=page.title /> {html("stack", page.html)} }.into_any(),
            )}
        </div>
    }
}
