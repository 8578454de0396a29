//! What a plain form was refused for: the server sends the browser back with the error in the address.

use crate::{ApiError, address::Address};
use leptos::{prelude::*, server_fn::error::ServerFnUrlError};

/// Forms that say so here; the others say it beside themselves.
const FORMS: [&str; 17] = [
    "/api/start_pull",
    "/api/test_source",
    "/api/open_incident",
    "/api/freeze",
    "/api/set_closed",
    "/api/pull_metrics",
    "/api/answer_file",
    "/api/judge",
    "/api/take_back",
    "/api/add_action",
    "/api/change_action",
    "/api/rename",
    "/api/delete_incident",
    "/api/retry_job",
    "/api/make_share",
    IMPORT,
    ADD_FILES,
];

/// The form that uploads a bundle or files.
pub const IMPORT: &str = "/import";
/// The form that adds files to an incident.
pub const ADD_FILES: &str = "/incidents/files";

/// What is wrong with an input of the form of that path, where the page's address says it.
#[cfg(feature = "ssr")]
pub(crate) fn fault_of(
    path: &'static str,
    field: &'static str,
) -> impl Fn() -> Option<String> + Copy + Send + Sync + 'static {
    move || {
        let address = Address::of_page();
        address.value("__path").filter(|of| of == path)?;
        ServerFnUrlError::<ApiError>::decode_err(&address.value("__err")?).field(field)
    }
}

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
