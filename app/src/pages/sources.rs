//! Sources: state, last success, lag, gaps, errors with what to do, and a test of each.

use crate::{
    api::{self, TestSource},
    components::{fault, html, loaded},
    page::{SourceView, SourcesPage},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

/// `/sources`.
pub(crate) fn sources() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::sources());
    let test = ServerAction::<TestSource>::new();
    Effect::new(move |_| {
        if test.value().get().is_some() {
            page.refetch();
        }
    });
    view! {
        <Title text="Sources" />
        <div class="page" data-testid="sources">
            <header class="page-head">
                <h1>"Sources"</h1>
                <p class="meta">
                    "What is followed live, how each is doing, and what is kept of it"
                </p>
            </header>
            {loaded(page, move |page| list(page, test))}
        </div>
    }
}

fn list(page: SourcesPage, test: ServerAction<TestSource>) -> AnyView {
    let none = page.cards.is_empty().then(|| {
        view! {
            <p class="empty">
                "No source is configured, so nothing is followed. Uploads and pulls work all the same."
            </p>
        }
    });
    let cards = page.cards.into_iter().map(|c| card(c, test)).collect_view();
    view! {
        <section class="panel" aria-labelledby="h-configured">
            <h2 id="h-configured">"Configured"</h2>
            {none}
            <ul class="cards">{cards}</ul>
        </section>
        {html("", page.kinds)}
    }
    .into_any()
}

fn card(view: SourceView, test: ServerAction<TestSource>) -> impl IntoView {
    let name = StoredValue::new(view.name.clone());
    let tested = move || {
        let input = test.input().get();
        input.is_some_and(|i| i.name == name.get_value())
    };
    let asked = RwSignal::new(false);
    Effect::new(move |_| {
        if tested() {
            asked.set(true);
        } else if test.input().get().is_some() {
            asked.set(false);
        }
    });
    let said = move || {
        let answer = test.value().get().filter(|_| asked.get());
        answer.and_then(Result::ok)
    };
    let refused = move || {
        let answer = test.value().get().filter(|_| asked.get());
        answer.and_then(Result::err).map(|e| e.to_string())
    };
    let own = view.name.clone();
    let button = view.testable.then(|| {
        view! {
                <ActionForm action=test>
                    <input type="hidden" name="name" value=own.clone() />
                    <button
                        type="submit"
                        class="button"
                        aria-label=format!("Test {own} now")
                        disabled=move || test.pending().get()
                    >
                        "Test now"
                    </button>
                </ActionForm>
        }
    });
    let search = view.searchable.then(|| {
        view! {
            <a class="button" href=format!("/sources/{}/metrics", view.name)>
                "Find metrics"
            </a>
        }
    });
    view! {
        <li class="card" data-testid="source-card">
            <div inner_html=view.html></div>
            <div class="actions">
                {button}
                {search}
            </div>
            <p role="status" class="small">
                {said}
            </p>
            {fault(refused)}
        </li>
    }
}
