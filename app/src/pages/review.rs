//! The review of a report, its versions, the activity log, and the action items of all incidents.
//! Rendered on the server alone, with plain forms.

use crate::{
    address::Address,
    api::review as api,
    components::{done, html, loaded},
    page::Page,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents/{id}/review?from=1&to=2`.
pub(crate) fn review(id: &str, address: &Address) -> impl IntoView + use<> {
    let asked = (id.to_owned(), address.pairs());
    let page = Resource::new_blocking(move || asked.clone(), |(id, pairs)| api::review(id, pairs));
    shown(page)
}

/// `/incidents/{id}/versions/{number}`.
pub(crate) fn version(id: &str, number: &str) -> impl IntoView + use<> {
    let asked = (id.to_owned(), number.to_owned());
    let page = Resource::new_blocking(
        move || asked.clone(),
        |(id, number)| api::version(id, number),
    );
    shown(page)
}

/// `/incidents/{id}/activity?before=…`.
pub(crate) fn activity(id: &str, address: &Address) -> impl IntoView + use<> {
    let asked = (id.to_owned(), address.pairs());
    let page = Resource::new_blocking(
        move || asked.clone(),
        |(id, pairs)| api::activity(id, pairs),
    );
    shown(page)
}

/// `/actions?owner=…&state=…&overdue=yes`.
pub(crate) fn actions(address: &Address) -> impl IntoView + use<> {
    let asked = address.pairs();
    let page = Resource::new_blocking(move || asked.clone(), api::actions);
    shown(page)
}

fn shown(page: Resource<Result<Page, crate::ApiError>>) -> impl IntoView {
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
