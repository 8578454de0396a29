//! Instants on pages, in UTC. The reader's own time comes in the browser: as a title where they
//! point (see `shell.js`), and beside the inputs of forms.

use leptos::prelude::*;
use model::{Timestamp, Window};

/// `2020-05-22 03:00`, marked up as a time. UTC; pages say so in their headings.
pub(crate) fn instant(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.to_string()>{at.minute()}</time> }
}

/// `2020-05-20 00:00 to 2020-05-23 00:00 UTC`.
pub(crate) fn span(window: Window) -> impl IntoView {
    view! {
        <span class="span">
            {instant(window.start)} " to " {instant(window.end)} " UTC"
        </span>
    }
}
