//! What a plain form was refused for: the server sends the browser back with the error in the address.

use crate::{ApiError, address::Address};
use leptos::{prelude::*, server_fn::error::ServerFnUrlError};

/// Forms that say so here; the others say it beside themselves.
const FORMS: [&str; 7] = [
    "/api/start_pull",
    "/api/test_source",
    "/api/open_incident",
    "/api/freeze",
    "/api/set_closed",
    "/api/pull_metrics",
    "/api/answer_file",
];

/// The message above the page, where its address carries one.
pub(crate) fn refused() -> impl IntoView {
    let address = Address::of_page();
    let text = || {
        let path = address.value("__path")?;
        let error = address
            .value("__err")
            .filter(|_| FORMS.contains(&path.as_str()))?;
        Some(ServerFnUrlError::<ApiError>::decode_err(&error).to_string())
    };
    text().map(|text| {
        view! {
            <p class="refused" role="alert">
                {text}
            </p>
        }
    })
}
