//! The page of one incident: the answer, the lanes on one clock, and what it all rests on.

mod job;
mod notes;

use crate::{
    ApiError,
    address::Address,
    api,
    components::{html, loaded, page_data},
    page::IncidentPage,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/incidents/{id}`.
pub(crate) fn incident(id: &str) -> impl IntoView + use<> {
    let id = id.to_owned();
    // The address is changed by the timeline itself (`browser`): a page that is asked for again is
    // drawn as it is looked at by then.
    let data = page_data(move || id.clone(), asked);
    let again = Callback::new(move |()| data.refetch());
    let form = notes::Form::new(again);
    #[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
    on_cleanup(crate::browser::detach);
    view! {
        <div class="page wide">
            {loaded(data, move |data| page(data, form, again))}
        </div>
    }
}

/// The page as it is looked at. While a hand drags something over the lanes they stay as they are, and
/// what the hand has moved by then is asked for once more.
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
async fn asked(id: String) -> Result<IncidentPage, ApiError> {
    loop {
        let view = Address::here().query;
        let page = api::timeline(id.clone(), view.clone()).await;
        let waited = crate::browser::at_rest().await;
        if !waited || view == Address::here().query {
            return page;
        }
    }
}

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
fn asked(id: String) -> impl Future<Output = Result<IncidentPage, ApiError>> {
    api::timeline(id, Address::here().query)
}

fn page(data: IncidentPage, form: notes::Form, again: Callback<()>) -> AnyView {
    #[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
    // Before what is made here is painted. An effect would not do: it belongs to the page that is being
    // made, and goes with that when the page is made once more meanwhile.
    request_animation_frame(move || crate::browser::attach(again));
    view! {
        <Title text=data.title />
        {html("", data.head)}
        {data.job.map(|j| job::panel(j, again))}
        {html("", data.answer)}
        <div class="lineup lineup-of-incident">
            <aside
                class="lineup-side"
                aria-label="Suspects and hypotheses"
                inner_html=data.suspects
            ></aside>
            <div class="lineup-main">
                {html("", data.lanes)} {html("", data.events)}
                {notes::notes(data.id.clone(), data.notes, form)}
                {notes::toast(data.id, form)}
                {html("", data.files)}
            </div>
        </div>
        {html("", data.coverage)}
        {html("below", data.tables)}
    }
    .into_any()
}
