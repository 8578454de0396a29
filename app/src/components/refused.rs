//! What a plain form was refused for: the server sends the browser back with the error in the address.

use crate::{ApiError, address::Address};
use leptos::{prelude::*, server_fn::error::ServerFnUrlError};

/// Forms that say so here; the others say it beside themselves.
const FORMS: [&str; 22] = [
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
    "/api/set_ownership",
    "/api/save_section",
    "/api/change_section",
    "/api/arrange_timeline",
    "/api/choose_template",
    "/api/revoke_share",
    IMPORT,
    ADD_FILES,
];

/// The same, on pages that the browser never brings to life.
#[cfg(feature = "ssr")]
const PLAIN_FORMS: [&str; 17] = [
    "/api/make_share",
    "/api/preview_share",
    "/api/edit_action",
    "/api/review_step",
    "/api/comment",
    "/api/resolve",
    "/api/change_password",
    "/api/end_session",
    "/api/invite",
    "/api/revoke_invitation",
    "/api/set_role",
    "/api/set_disabled",
    "/api/make_team",
    "/api/delete_team",
    "/api/set_member",
    ACCEPT,
    SIGN_IN,
];
/// The form that accepts an invitation.
#[cfg(feature = "ssr")]
pub const ACCEPT: &str = "/session/accept";
/// The form that signs in.
#[cfg(feature = "ssr")]
pub const SIGN_IN: &str = "/session";

fn is_form(path: &str) -> bool {
    #[cfg(feature = "ssr")]
    if PLAIN_FORMS.contains(&path) {
        return true;
    }
    FORMS.contains(&path)
}

/// The form that uploads a bundle or files.
pub const IMPORT: &str = "/import";
/// The form that adds files to an incident.
pub const ADD_FILES: &str = "/incidents/files";

/// The name in an address of the signature of what a form was refused for. The server strips messages
/// without the right one before any page is made, so that the pages need not know how it is made.
pub const SIGNATURE: &str = "__sig";

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
        let error = address.value("__err").filter(|_| is_form(&path))?;
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
