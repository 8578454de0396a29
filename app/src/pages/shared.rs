//! What a share link opens: one report, read-only, without a way to the rest.

use crate::{
    ApiError, api,
    components::{footer_and_brand, html, page_data},
};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

/// `/s/{token}`.
pub(crate) fn shared(token: &str) -> impl IntoView + use<> {
    let token = token.to_owned();
    let shared = page_data(move || token.clone(), api::shared);
    let page = view! {
        <Meta name="robots" content="noindex, nofollow" />
        <Suspense fallback=|| view! { <p class="loading">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match shared.await {
                    Ok(page) => {
                        view! {
                            <Title text=page.title />
                            {html("", page.html)}
                        }
                            .into_any()
                    }
                    Err(error) => refused(&error),
                }
            })}
        </Suspense>
    };
    footer_and_brand(page.into_any())
}

/// Unknown, expired and revoked links say the same, so that nobody learns which links there were.
fn refused(error: &ApiError) -> AnyView {
    let (title, text) = if matches!(error, ApiError::Unavailable(_) | ApiError::Fault(_)) {
        ("Not available now", error.to_string())
    } else {
        (
            "This link does not open anything (any more)",
            "It may be mistyped, its time may be over, or somebody revoked it. \
             Ask the person who sent it for a new one."
                .to_owned(),
        )
    };
    view! {
        <Title text=title />
        <section class="problem" data-testid="share-refused">
            <h1>{title}</h1>
            <p>{text}</p>
        </section>
    }
    .into_any()
}
