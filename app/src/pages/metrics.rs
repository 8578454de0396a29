//! Metrics of one source: look for them by text, choose some, pull them into a new incident.

use crate::{
    api::{self, PullMetrics},
    components::{Field, fault, loaded},
    page::MetricsPage,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/sources/{name}/metrics?text=…`.
pub(crate) fn metrics() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let name = params.read().get("name").unwrap_or_default();
        (name, query.read().get("text").unwrap_or_default())
    });
    let page = Resource::new_blocking(move || asked.get(), |(name, text)| api::metrics(name, text));
    let pull = ServerAction::<PullMetrics>::new();
    view! {
        <Title text="Find metrics" />
        <div class="page">
            <header class="page-head">
                <h1>"Find metrics"</h1>
                <p class="meta">{move || asked.with(|(name, _)| name.clone())}</p>
            </header>
            {loaded(page, move |page| view(&page, pull))}
        </div>
    }
}

fn view(page: &MetricsPage, pull: ServerAction<PullMetrics>) -> AnyView {
    let results = if page.any {
        chosen(page.clone(), pull)
    } else {
        view! { <section class="panel" inner_html=page.found.clone()></section> }.into_any()
    };
    view! {
        <form
            method="get"
            action=format!("/sources/{}/metrics", page.source)
            class="panel bar"
            aria-label="Search"
            role="search"
        >
            <div class="field">
                <label for="metrics-text">"Name, namespace or dimension holds"</label>
                <input
                    id="metrics-text"
                    name="text"
                    type="search"
                    value=page.text.clone()
                    autocomplete="off"
                />
            </div>
            <p class="actions">
                <button type="submit" class="button primary">
                    "Search"
                </button>
            </p>
        </form>
        {results}
    }
    .into_any()
}

/// The form around what was found.
fn chosen(page: MetricsPage, pull: ServerAction<PullMetrics>) -> AnyView {
    let value = pull.value();
    let wrong = move |name: &'static str| {
        move || value.with(|v| v.as_ref().and_then(|r| r.as_ref().err()?.field(name)))
    };
    let other = move || {
        value.with(|v| match v {
            Some(Err(crate::ApiError::Fields(_)) | Ok(())) | None => None,
            Some(Err(error)) => Some(error.to_string()),
        })
    };
    let field = |name, label, example| Field {
        form: "metrics",
        name,
        label,
        hint: "",
        example,
        required: true,
    };
    let costs = wrong("agreed");
    let none = wrong("choices");
    view! {
        <section class="panel form" aria-labelledby="h-found">
            <h2 id="h-found">"Found"</h2>
            <ActionForm action=pull>
                <input type="hidden" name="source" value=page.source />
                <div inner_html=page.found></div>
                {fault(none)}
                {field("title", "Title", "Sites slow since 03:00").line(wrong("title"))}
                <div class="pair">
                    {field("start", "Start (UTC)", "").time(String::new, wrong("start"))}
                    {field("end", "End (UTC)", "").time(String::new, wrong("end"))}
                </div>
                {Field {
                    form: "metrics",
                    name: "statistics",
                    label: "Statistics",
                    hint: "Empty: Average, Maximum and Sum. Percentiles as p99, tm90. ",
                    example: "Average, p99",
                    required: false,
                }
                    .line(|| None)}
                {fault(other)}
                {fault(costs)}
                <p>
                    <label>
                        <input type="checkbox" name="agreed" value="true" />
                        " Go on although it costs more than a few cents"
                    </label>
                </p>
                <p class="actions">
                    <button type="submit" class="button primary" disabled=move || pull.pending().get()>
                        "Pull into a new incident"
                    </button>
                </p>
            </ActionForm>
        </section>
    }
    .into_any()
}
