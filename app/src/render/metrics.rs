//! Metrics of one source: look for them by text, choose some, pull them into a new incident.

use super::{form::input, labels::usd_text, sources::search_cost};
use crate::backend::MetricsFound;
use crate::render::markup::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The page.
pub(super) fn metrics(found: MetricsFound) -> Markup {
    let (source, text) = (found.source.clone(), found.text.clone());
    let search_usd = found.search_usd;
    let body = if found.rows.is_empty() {
        view! { <section class="panel">{choices(found)}</section> }.markup()
    } else {
        chosen(found)
    };
    view! {
        <p class="meta">{source.clone()}</p>
        <form
            method="get"
            action=format!("/sources/{source}/metrics")
            class="panel bar"
            aria-label="Search"
            role="search"
        >
            {input(
                "metrics-text",
                "text",
                "Name, namespace or dimension holds",
                "Words, all of which must occur.",
                text,
            )}
            <p class="actions">
                <button type="submit" class="button primary">
                    "Search"
                </button>
                {search_cost(search_usd)}
            </p>
        </form>
        {body}
    }
    .markup()
}

/// The form around what was found.
fn chosen(found: MetricsFound) -> Markup {
    let field = |name: &'static str, label: &'static str, hint: &'static str| {
        input(&format!("pull-{name}"), name, label, hint, String::new())
    };
    let price = found.price.map(|price| {
        view! {
            <p data-testid="price">
                "With the usual statistics each metric costs " {usd_text(price.usd)}
                " for a day, and followed live " {usd_text(price.usd_per_month)} " a month."
            </p>
        }
    });
    view! {
        <section class="panel form" aria-labelledby="h-found">
            <h2 id="h-found">"Found"</h2>
            <form method="post" action="/api/pull_metrics">
                <input type="hidden" name="source" value=found.source.clone() />
                {choices(found)}
                {field("title", "Title", "Of the new incident.")}
                <div class="pair">
                    {field("start", "Start (UTC)", "Such as 2020-05-20 00:00.")}
                    {field("end", "End (UTC)", "Such as 2020-05-22 06:00.")}
                </div>
                {field(
                    "statistics",
                    "Statistics",
                    "Empty: Average, Maximum and Sum. Percentiles as p99, tm90.",
                )}
                {price}
                <p>
                    <label>
                        <input type="checkbox" name="agreed" value="true" />
                        " Go on although it costs more than a few cents"
                    </label>
                </p>
                <p class="actions">
                    <button type="submit" class="button primary">
                        "Pull into a new incident"
                    </button>
                </p>
            </form>
        </section>
    }
    .markup()
}

/// What a search for metrics found, each with a box to choose it; a part of the page's form.
fn choices(found: MetricsFound) -> Markup {
    if found.rows.is_empty() {
        let text = if found.text.is_empty() {
            "Nothing is listed. CloudWatch lists what got data in the last two weeks.".to_owned()
        } else {
            format!("Nothing that is listed holds '{}'.", found.text)
        };
        return view! { <p class="empty">{text}</p> }.markup();
    }
    let more = found.more.then(|| {
        view! { <p class="small dim">"There are more: narrow the search."</p> }
    });
    let items = found
        .rows
        .into_iter()
        .map(|row| {
            view! {
                <li>
                    <label>
                        <input type="checkbox" name="choices[]" value=row.choice />
                        " "
                        <strong>{row.name}</strong>
                        " "
                        <span class="small dim mono">{row.about}</span>
                    </label>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="choices">{items}</ul>
        {more}
    }
    .markup()
}
