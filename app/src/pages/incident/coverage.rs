//! What the incident has of its sources, with the buttons that freeze it and close it.

use crate::{
    api::{Freeze, SetClosed},
    components::{fault, html},
};
use leptos::{form::ActionForm, prelude::*};

/// What the panel is about.
pub(super) struct Coverage {
    /// The incident's id.
    pub(super) id: String,
    /// The table, as trusted HTML.
    pub(super) table: String,
    /// Whether there is a source that it can be frozen from.
    pub(super) freezable: bool,
    /// Whether its sources are asked again until it is closed.
    pub(super) live: bool,
    /// Whether it is closed.
    pub(super) closed: bool,
}

/// The panel; `again` asks for the page anew.
pub(super) fn panel(data: Coverage, again: Callback<()>) -> AnyView {
    let freeze = ServerAction::<Freeze>::new();
    let close = ServerAction::<SetClosed>::new();
    Effect::new(move |_| {
        let frozen = matches!(freeze.value().get(), Some(Ok(())));
        if matches!(close.value().get(), Some(Ok(()))) || frozen {
            again.run(());
        }
    });
    let refused = move || {
        let frozen = freeze.value().get().and_then(Result::err);
        frozen
            .or(close.value().get().and_then(Result::err))
            .map(|e| e.to_string())
    };
    let id = data.id.clone();
    let button = data.freezable.then(|| {
        view! {
            <ActionForm action=freeze>
                <input type="hidden" name="incident" value=id />
                <button type="submit" class="button" disabled=move || freeze.pending().get()>
                    "Freeze now"
                </button>
            </ActionForm>
        }
    });
    let going_on = (data.live && !data.closed).then(|| {
        view! {
            <p class="small">
                "Still going on: the sources are asked again every minute until it is closed."
            </p>
        }
    });
    let (word, next) = if data.closed {
        ("Open again", "false")
    } else {
        ("Close the incident", "true")
    };
    view! {
        <section class="panel coverage" aria-labelledby="h-coverage" data-testid="coverage">
            <h2 id="h-coverage">"Coverage"</h2>
            {going_on}
            {html("", data.table)}
            <div class="actions">
                {button}
                <ActionForm action=close>
                    <input type="hidden" name="incident" value=data.id.clone() />
                    <input type="hidden" name="closed" value=next />
                    <button type="submit" class="button">
                        {word}
                    </button>
                </ActionForm>
            </div>
            {fault(refused)}
        </section>
    }
    .into_any()
}
