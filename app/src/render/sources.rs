//! Sources: how each is doing, what it needs, what is stored of it; and how to configure one.

use super::{instant, labels::usd_text, span};
use crate::backend::{
    SourceCard, SourcesView,
    sources::{EXAMPLE, Lag, stamp_word},
};
use crate::render::markup::{IntoMarkup, Markup};
use chart::value_text;
use leptos::prelude::*;
use model::{
    Gap, Timestamp,
    source::{Follow, Need, SourceFacts, SourceHealth},
    time::{DAY, SECOND, span_text},
};

/// The page.
pub(super) fn sources(view: &SourcesView) -> Markup {
    let kinds = kinds(view);
    let none = view.configured.is_empty().then(|| {
        view! {
            <p class="empty">
                "No source is configured, so nothing is followed. Uploads and pulls work all the same."
            </p>
        }
    });
    let now = view.now;
    let cards = view
        .configured
        .iter()
        .map(|c| card_with_buttons(c, now))
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-configured">
            <h2 id="h-configured">"Configured"</h2>
            {none}
            <ul class="cards sources">{cards}</ul>
        </section>
        {kinds}
    }
    .markup()
}

fn card_with_buttons(source: &SourceCard, now: Timestamp) -> impl IntoView + use<> {
    let name = source.name.clone();
    let test = source.testable.then(|| {
        view! {
            <form method="post" action="/api/test_source">
                <input type="hidden" name="name" value=name.clone() />
                <button type="submit" class="button" aria-label=format!("Test {name} now")>
                    "Test now"
                </button>
            </form>
        }
    });
    let search = source.searchable.then(|| {
        view! {
            <a class="button" href=format!("/sources/{}/metrics", source.name)>
                "Find metrics"
            </a>
            {search_cost(source.search_usd)}
        }
    });
    view! {
        <li class="card" data-testid="source-card">
            {card(source, now)}
            <div class="actions">{test} {search}</div>
        </li>
    }
}

/// What stands in the card of a source besides its buttons.
fn card(card: &SourceCard, now: Timestamp) -> Markup {
    let health = card
        .status
        .as_ref()
        .map_or(SourceHealth::Untried, |s| s.health);
    let status = card.status.clone().unwrap_or_default();
    let message = if status.message.is_empty() {
        "nobody has asked it yet".to_owned()
    } else {
        status.message.clone()
    };
    let followed = followed(card.facts.follow, card.live);
    let bad = matches!(health, SourceHealth::Failing | SourceHealth::Stopped);
    view! {
        <p class="card-head">
            <strong>{card.name.clone()}</strong>
            " "
            {health_chip(health)}
            " "
            <span class="small dim">{card.facts.title} ", " {followed}</span>
        </p>
        <p class="message" class:message-bad=bad>
            {message}
        </p>
        {meanwhile(card, health)}
        <dl class="facts">
            {fact("Last success", moment(status.succeeded_at, now))}
            {fact("Last asked", moment(status.tried_at, now))}
            {fact("Newest data", moment(status.newest, now))}
            {card.lag(now).map(|lag| fact("Behind", behind(lag, card.facts)))}
            {held(card)}
            {cost(card.usd_per_month)}
        </dl>
        {gaps(status.gaps)}
        {needs(card.facts)}
    }
    .markup()
}

fn followed(follow: Follow, live: bool) -> String {
    match follow {
        _ if !live => "asked for incidents only (live = false)".into(),
        Follow::Never => "asked for incidents only".into(),
        Follow::Poll { every_s, .. } => {
            format!("asked every {}", span_text(i64::from(every_s) * SECOND))
        }
        Follow::Watch => "watched".into(),
    }
}

fn health_chip(health: SourceHealth) -> impl IntoView {
    let (class, word) = match health {
        SourceHealth::Untried => ("chip", "not tried"),
        SourceHealth::Good => ("chip chip-good", "good"),
        SourceHealth::Partial => ("chip chip-warn", "partial"),
        SourceHealth::Failing => ("chip chip-bad", "failing"),
        SourceHealth::Stopped => ("chip chip-bad", "stopped"),
    };
    view! { <span class=class>{word}</span> }
}

/// How far it is behind, told apart from what publishing takes.
fn behind(lag: Lag, facts: SourceFacts) -> Markup {
    let published = match facts.clock.delay_s {
        0 => String::new(),
        s => format!(
            " (published about {} late)",
            span_text(i64::from(s) * SECOND)
        ),
    };
    let text = match lag {
        Lag::Unknown => "nothing came yet".to_owned(),
        Lag::None => format!("no: as new as can be{published}"),
        Lag::Behind(late) => format!("by {}{published}", span_text(late)),
    };
    view! { {text} }.markup()
}

/// What happens by itself while something is wrong, and what else can be done.
fn meanwhile(card: &SourceCard, health: SourceHealth) -> Option<Markup> {
    let text = match health {
        SourceHealth::Failing if card.live => {
            "It is tried again by itself, every ten minutes at the latest."
        }
        SourceHealth::Failing => "It is asked again by the next incident.",
        SourceHealth::Stopped => "What came before is kept; collecting goes on by itself.",
        SourceHealth::Untried | SourceHealth::Good | SourceHealth::Partial => return None,
    };
    let now = card.testable.then_some(" \"Test now\" asks it at once.");
    Some(view! { <p class="small dim">{text} {now}</p> }.markup())
}

/// What a search for metrics costs, before it is made.
pub(super) fn search_cost(usd: Option<f64>) -> Option<Markup> {
    let text = format!("Each search costs {}.", usd_text(usd?));
    Some(view! { <span class="small dim">{text}</span> }.markup())
}

/// What following costs, before the bill says it.
fn cost(usd: Option<f64>) -> Option<Markup> {
    let text = format!("{} a month", usd_text(usd?));
    Some(fact("Costs", view! { {text} }.markup()))
}

fn fact(name: &'static str, value: Markup) -> Markup {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .markup()
}

fn moment(at: Option<Timestamp>, now: Timestamp) -> Markup {
    match at {
        None => view! { "never" }.markup(),
        Some(at) => {
            let ago = span_text(now.since(at).max(0));
            view! { {instant(at)} " UTC (" {ago} " ago)" }.markup()
        }
    }
}

/// What is stored, and for how long.
fn held(card: &SourceCard) -> Markup {
    let limit = card
        .keep_mib
        .map_or_else(String::new, |mib| format!(", at most {mib} MiB"));
    let kept = format!(
        "{}{limit}; incidents keep their copies",
        span_text(i64::from(card.keep_days) * DAY)
    );
    let stored = card.holding.clone().map_or_else(
        || view! { "nothing yet" }.markup(),
        |held| {
            let size = value_text(held.bytes as f64, "Bytes");
            let amount = format!(
                "{} series, {} samples, {} events, {size}",
                held.series, held.samples, held.events
            );
            let from = held.span.map(|s| view! { ", " {span(s)} });
            view! { {amount} {from} }.markup()
        },
    );
    let over = card.over_its_size().then(|| {
        view! {
            " "
            <strong>"This is more than that."</strong>
            " Days before today go within the hour; today stays whatever its size. Where one day needs \
             more, raise keep_mib."
        }
    });
    view! {
        {fact("Stored", stored)}
        {fact("Kept for", view! { {kept} {over} }.markup())}
    }
    .markup()
}

fn gaps(gaps: Vec<Gap>) -> Markup {
    if gaps.is_empty() {
        return ().markup();
    }
    let items = gaps
        .into_iter()
        .rev()
        .map(|gap| {
            let what = if gap.what.is_empty() {
                String::new()
            } else {
                format!("{}: ", gap.what)
            };
            let when = gap.window.map(|w| view! { " (" {span(w)} ")" });
            view! { <li>{what} {gap.reason} {when}</li> }
        })
        .collect_view();
    view! {
        <details class="more">
            <summary>"Gaps"</summary>
            <ul class="small gaps">{items}</ul>
        </details>
    }
    .markup()
}

fn needs(facts: SourceFacts) -> Markup {
    let items = facts.needs.iter().map(need).collect_view();
    let clock = facts.clock;
    let delay = span_text(i64::from(clock.delay_s) * SECOND);
    let skew = (clock.skew_s > 0).then(|| {
        let skew = span_text(i64::from(clock.skew_s) * SECOND);
        view! { <li>"its clock may be off by " {skew}</li> }
    });
    let kept = clock
        .kept
        .iter()
        .map(|(age, period)| {
            let age = span_text(i64::from(*age) * SECOND);
            let what = if *period == 0 {
                "events".to_owned()
            } else {
                format!("samples every {}", span_text(i64::from(*period) * SECOND))
            };
            view! { <li>{what} " for " {age}</li> }
        })
        .collect_view();
    view! {
        <details class="more">
            <summary>"What it needs and what its times mean"</summary>
            <ul class="small">
                {items} <li>"a time is " {stamp_word(clock.stamp)}</li>
                <li>"newest data come after about " {delay}</li> {skew} {kept}
            </ul>
        </details>
    }
    .markup()
}

fn need(need: &Need) -> impl IntoView + use<> {
    let optional = if need.optional { " (optional)" } else { "" };
    view! {
        <li>
            <code>{need.permission}</code>
            " "
            {need.purpose}
            {optional}
        </li>
    }
}

/// What to do where nothing is configured, and which kinds there are.
fn kinds(view: &SourcesView) -> Markup {
    let items = view
        .kinds
        .iter()
        .map(|facts| view! { <li><code>{facts.kind}</code> " " {facts.title}</li> })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-kinds">
            <h2 id="h-kinds">"Configure a source"</h2>
            <p>
                "Each source is a table in the configuration file, read at start; "
                <code>"lineup check"</code>
                " tries them all. This server calls nothing else but what a pull or a hook names; the \
                 commands check, collect and freeze also take KUBECONFIG and the AWS_ variables of \
                 their environment."
            </p>
            <pre class="code" tabindex="0">{EXAMPLE}</pre>
            <p>"Kinds:"</p>
            <ul class="small kinds">{items}</ul>
        </section>
    }
    .markup()
}
