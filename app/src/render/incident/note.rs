//! A note to be read: when, who, what, and what it mentions.

use crate::render::markup::{IntoMarkup, Markup};
use crate::timeline::Reference;
use leptos::prelude::*;

/// A note; each mention is what the form sends for it, its name, and the way to it.
pub(crate) fn note(
    when: String,
    author: &str,
    text: String,
    mentions: Vec<(String, Reference, Option<String>)>,
) -> Markup {
    let by = (!author.is_empty()).then(|| format!(" · {author}"));
    view! {
        <p class="small dim">{when} " UTC" {by}</p>
        <p class="note-text">{text}</p>
        {list(mentions)}
    }
    .markup()
}

fn list(mentions: Vec<(String, Reference, Option<String>)>) -> Markup {
    if mentions.is_empty() {
        return ().markup();
    }
    let items = mentions
        .into_iter()
        .map(|(value, reference, href)| {
            let inner = match href {
                Some(href) => view! {
                    <a href=href data-mention=value>
                        {reference.label}
                    </a>
                }
                .markup(),
                // It is not there (any more).
                None => view! { <span>{reference.label}</span> }.markup(),
            };
            view! { <li>{inner}</li> }
        })
        .collect_view();
    view! {
        <ul class="references" data-testid="mentions">
            {items}
        </ul>
    }
    .markup()
}
