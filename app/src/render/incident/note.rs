//! A note to be read: when, who, what, and what it mentions.

use crate::timeline::Reference;
use leptos::prelude::*;

/// A note; each mention is what the form sends for it, its name, and the way to it.
pub(crate) fn note(
    when: String,
    author: &str,
    text: String,
    mentions: Vec<(String, Reference, Option<String>)>,
) -> AnyView {
    let by = (!author.is_empty()).then(|| format!(" · {author}"));
    view! {
        <p class="small dim">{when} " UTC" {by}</p>
        <p class="note-text">{text}</p>
        {list(mentions)}
    }
    .into_any()
}

fn list(mentions: Vec<(String, Reference, Option<String>)>) -> AnyView {
    if mentions.is_empty() {
        return ().into_any();
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
                .into_any(),
                // It is not there (any more).
                None => view! { <span>{reference.label}</span> }.into_any(),
            };
            view! { <li>{inner}</li> }
        })
        .collect_view();
    view! {
        <ul class="references" data-testid="mentions">
            {items}
        </ul>
    }
    .into_any()
}
