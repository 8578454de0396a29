//! The quick way to a share link: the report as it is, every name in it.

use crate::render::{
    form,
    markup::{IntoMarkup, Markup},
};
use leptos::prelude::*;

/// The form that makes a link, and the way to the page that hides names and lists the links.
pub(super) fn share(id: &str) -> Markup {
    view! {
        <section class="panel" id="share" aria-labelledby="h-share">
            <details class="more share">
                <summary data-testid="share-open">
                    <h2 id="h-share">"Share"</h2>
                </summary>
                <p>
                    <a class="button primary" href=format!("/incidents/{id}/share")>
                        "Hide names and share"
                    </a>
                </p>
                <p class="small">
                    "Or at once: whoever has the link reads this report without an account, with every name in it, and \
                     nothing else. It opens where this installation can be reached."
                </p>
                <form method="post" action="/api/make_share">
                    <input type="hidden" name="incident" value=id.to_owned() />
                    <input type="hidden" name="rules[version]" value="" />
                    {form::days("share-days", "The link opens", None)}
                    <p class="actions">
                        <button type="submit" class="button" data-testid="share-create">
                            "Make a link with all names"
                        </button>
                    </p>
                </form>
            </details>
        </section>
    }
    .markup()
}
