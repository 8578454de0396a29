//! What an invitation opens: the form that makes an account.

use crate::{
    ApiError, api,
    components::{footer_and_brand, html, refused},
};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

/// `/invitations/{token}`.
pub(crate) fn invitation(token: &str) -> impl IntoView + use<> {
    let token = token.to_owned();
    let opened = Resource::new_blocking(move || token.clone(), api::people::invitation);
    let page = view! {
        <Title text="Invitation" />
        <Meta name="robots" content="noindex, nofollow" />
        {refused()}
        <header class="page-head">
            <h1>"Welcome to Lineup"</h1>
        </header>
        <Suspense fallback=|| view! { <p class="loading">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match opened.await {
                    Ok(page) => html("", page.html),
                    Err(error) => closed(&error),
                }
            })}
        </Suspense>
    };
    footer_and_brand(page.into_any())
}

/// Unknown, used, expired and revoked invitations say the same.
fn closed(error: &ApiError) -> AnyView {
    let text = if matches!(error, ApiError::Unavailable(_)) {
        error.to_string()
    } else {
        "This invitation opens nothing (any more): it may be mistyped, used, revoked, or its time may be over. \
         Ask who sent it for another."
            .to_owned()
    };
    view! {
        <section class="problem" data-testid="invitation-refused">
            <p>{text}</p>
            <p>
                <a class="button" href="/sign-in">
                    "Sign in"
                </a>
            </p>
        </section>
    }
    .into_any()
}
