//! What if, and back-test: questions to an incident. The address is the question.

use crate::{
    address::Address,
    api,
    components::{done, html, loaded, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents/{id}/what-if?…` and `/incidents/{id}/back-test?…`.
pub(crate) fn study(id: &str, of: &str, address: &Address) -> impl IntoView + use<> {
    let asked = (id.to_owned(), of.to_owned(), address.pairs());
    let page = page_data(
        move || asked.clone(),
        |(id, study, pairs)| api::study(id, study, pairs),
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
