//! What others may read of an incident: a preview, the links, and the form that makes one.

use crate::{
    address::Address,
    api,
    components::{done, html, loaded, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents/{id}/share?…`: the address is what is hidden.
pub(crate) fn share(id: &str, address: &Address) -> impl IntoView + use<> {
    let asked = (id.to_owned(), address.pairs());
    let page = page_data(
        move || asked.clone(),
        |(id, pairs)| api::sharing::share_page(id, pairs),
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
