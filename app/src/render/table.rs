//! The one table: always a head and a `tbody` (hydration walks the DOM as the browser repairs it),
//! in a box of its own that scrolls on narrow screens and can be reached by keyboard.

use crate::render::markup::{IntoMarkup, Markup};
use leptos::prelude::*;

/// A table with a caption for who does not see the heading above it.
pub(crate) fn table(
    caption: impl Into<String>,
    head: impl IntoIterator<Item = impl Into<String>>,
    rows: Vec<Markup>,
) -> Markup {
    let caption: String = caption.into();
    // The section around it has a name of its own, and two landmarks must not share one.
    let label = format!("{caption}: table");
    let head = head
        .into_iter()
        .map(|title| {
            let title: String = title.into();
            view! { <th scope="col">{title}</th> }
        })
        .collect_view();
    view! {
        <div class="table-box" role="region" tabindex="0" aria-label=label>
            <table>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .markup()
}
