//! Signing in.

use crate::{
    SIGN_IN,
    address::Address,
    components::{footer_and_brand, refused},
    render::password,
};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

/// `/sign-in?next=…`.
pub(crate) fn sign_in(address: &Address) -> impl IntoView + use<> {
    let next = address.value("next").unwrap_or_default();
    let page = view! {
        <Title text="Sign in" />
        <Meta name="robots" content="noindex, nofollow" />
        {refused()}
        <header class="page-head">
            <h1>"Sign in"</h1>
        </header>
        <form class="panel narrow" method="post" action=SIGN_IN data-testid="sign-in">
            <input type="hidden" name="next" value=next />
            <div class="field">
                <label for="sign-in-login">"Login"</label>
                <input
                    id="sign-in-login"
                    name="login"
                    type="text"
                    required
                    maxlength="128"
                    autocomplete="username"
                    autocapitalize="none"
                />
            </div>
            {password("sign-in-password", "password", "Password", "", "current-password")}
            <p class="actions">
                <button type="submit" class="button primary">
                    "Sign in"
                </button>
            </p>
            <p class="small dim">
                "Without an account, or without the password? Who manages people here makes you an invitation link."
            </p>
        </form>
    };
    footer_and_brand(page.into_any())
}
