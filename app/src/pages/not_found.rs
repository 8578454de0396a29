//! Addresses that lead nowhere.

use crate::components::{footer_and_brand, set_status};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page for every other address.
pub(crate) fn not_found() -> impl IntoView {
    set_status(404);
    footer_and_brand(
        view! {
            <Title text="Not found" />
            <section class="problem">
                <h1>"This address leads nowhere"</h1>
                <p>"The link may be mistyped, or what it named was removed."</p>
                <p>
                    <a class="button" href="/">
                        "Overview"
                    </a>
                </p>
            </section>
        }
        .into_any(),
    )
}
