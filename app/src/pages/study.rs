//! What if, and back-test: questions to an incident. The address is the question.

use crate::{
    api,
    components::{html, loaded},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/incidents/{id}/what-if?…` and `/incidents/{id}/back-test?…`.
pub(crate) fn study() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let params = params.read();
        let get = |name: &str| params.get(name).unwrap_or_default();
        let pairs = query.read().clone().into_iter();
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value));
        (get("id"), get("study"), pairs.collect::<Vec<_>>())
    });
    let page = Resource::new_blocking(
        move || asked.get(),
        |(id, study, pairs)| api::study(id, study, pairs),
    );
    view! {
        <div class="page wide">
            {loaded(
                page,
                |page| view! { <Title text=page.title /> {html("stack", page.html)} }.into_any(),
            )}
        </div>
    }
}
