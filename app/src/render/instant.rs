//! Instants on pages, in UTC. The reader's own time comes in the browser: as a title where they
//! point (see `shell.js`), and beside the inputs of forms.

use leptos::prelude::*;
use model::{Timestamp, Window};

/// `2020-05-22 03:00`, marked up as a time. UTC; pages say so in their headings.
pub(crate) fn instant(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.to_string()>{at.minute()}</time> }
}

/// A span as a link that shows it on the timeline of the same page, with what is around it.
pub(crate) fn span_link(window: Window) -> impl IntoView {
    let around = crate::view::zoom::with_margin(window);
    let (from, to) = (around.start.millis(), around.end.millis());
    view! {
        <a
            class="span"
            href=format!("?from={from}&to={to}#timeline")
            data-from=from.to_string()
            data-to=to.to_string()
        >
            {span(window)}
        </a>
    }
}

/// `2020-05-20 00:00 to 2020-05-23 00:00 UTC`.
pub(crate) fn span(window: Window) -> impl IntoView {
    view! {
        <span class="span">
            {instant(window.start)} " to " {instant(window.end)} " UTC"
        </span>
    }
}
