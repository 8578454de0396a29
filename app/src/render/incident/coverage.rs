//! What an incident has of each source, and what is about to be lost.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::{Asking, Case, Coverage},
    render::{instant, labels::usd_text, span, table},
    timeline::percent,
};
use leptos::prelude::*;
use model::{
    Gap,
    incident::IncidentState,
    time::{SECOND, span_text},
    words::count,
};

/// The panel: what came of which source, and the buttons that freeze the incident and close it.
pub(crate) fn coverage(case: &Case) -> Markup {
    let incident = &case.incident;
    let id = incident.id.to_string();
    let closed = incident.state == IncidentState::Closed;
    let freeze = case.freezable.then(|| {
        view! {
            <form method="post" action="/api/freeze">
                <input type="hidden" name="incident" value=id.clone() />
                <button type="submit" class="button">
                    "Freeze now"
                </button>
            </form>
        }
    });
    let going_on = (incident.live && !closed).then(|| {
        let cost = case.asking.going_on.map(hourly);
        view! {
            <p class="small">
                "Still going on: the sources are asked again every minute until it is closed." {cost}
            </p>
        }
    });
    let once = case.asking.once.filter(|_| case.freezable).map(|usd| {
        let text = once(usd);
        view! { <p class="small dim">{text}</p> }
    });
    let (word, next) = if closed {
        ("Open again", "false")
    } else {
        ("Close the incident", "true")
    };
    view! {
        <section class="panel coverage" aria-labelledby="h-coverage" data-testid="coverage">
            <h2 id="h-coverage">"Coverage"</h2>
            {going_on}
            {rows(&case.coverage)}
            <div class="actions">
                {freeze}
                <form method="post" action="/api/set_closed">
                    <input type="hidden" name="incident" value=id />
                    <input type="hidden" name="closed" value=next />
                    <button type="submit" class="button">
                        {word}
                    </button>
                </form>
            </div>
            {once}
        </section>
    }
    .markup()
}

/// What asking for a window costs.
fn once(usd: f64) -> String {
    format!(
        "Asking the sources for all of this window costs {}.",
        usd_text(usd)
    )
}

/// What an incident that is going on costs besides.
fn hourly(usd: f64) -> String {
    format!(" That costs {} an hour.", usd_text(usd))
}

/// What it costs to make an incident of the window, and while that goes on.
pub(crate) fn costs(asking: Asking) -> Option<Markup> {
    let once = asking.once.map(once);
    let going_on = asking.going_on.map(|usd| {
        let cost = hourly(usd);
        format!(" While it is still going on they are asked again every minute.{cost}")
    });
    (once.is_some() || going_on.is_some())
        .then(|| view! { <p class="hint" data-testid="asking">{once} {going_on}</p> }.markup())
}

/// The table of sources with span, resolution, gaps.
pub(crate) fn rows(rows: &[Coverage]) -> Markup {
    if rows.is_empty() {
        return view! { <p class="empty">"No source has given anything yet."</p> }.markup();
    }
    let head = [
        "Source",
        "Covers",
        "Of the window",
        "Resolution",
        "Has",
        "Missing",
        "About to be lost",
    ];
    let rows = rows.iter().cloned().map(row).collect();
    table("Coverage", head, rows)
}

fn row(row: Coverage) -> Markup {
    let whole = row.span.is_some() && row.share > 0.995;
    let (covers, share) = match row.span {
        None => (view! { "nothing" }.markup(), "none".to_owned()),
        Some(one) if one.start == one.end => {
            (instant(one.start).markup(), "a point in time".to_owned())
        }
        Some(window) => (span(window).markup(), percent(row.share)),
    };
    let resolution = row.resolution_s.map_or_else(String::new, |(low, high)| {
        let text = |s: u32| span_text(i64::from(s) * SECOND);
        if low == high {
            text(low)
        } else {
            format!("{} to {}", text(low), text(high))
        }
    });
    let has = format!("{} series, {}", row.series, count(row.events, "event"));
    view! {
        <tr>
            <th scope="row">{row.source}</th>
            <td class="when">{covers}</td>
            <td class="number">{share}</td>
            <td class="number">{resolution}</td>
            <td>{has}</td>
            <td class="small">{missing(row.gaps, whole)} {absent(&row.absent)}</td>
            <td class="small">{losing(row.losing)}</td>
        </tr>
    }
    .markup()
}

/// Gaps that a row names; the table of sources below (or the page's own list) has them all.
const NAMED: usize = 4;

/// Gaps by name; without any, whether it reaches over the `whole` window.
fn missing(gaps: Vec<Gap>, whole: bool) -> Markup {
    match (gaps.is_empty(), whole) {
        (true, true) => return view! { "nothing" }.markup(),
        (true, false) => return view! { "the rest of the window" }.markup(),
        (false, _) => {}
    }
    let more = gaps.len().saturating_sub(NAMED);
    let items = gaps
        .into_iter()
        .take(NAMED)
        .map(|gap| {
            let what = if gap.what.is_empty() {
                String::new()
            } else {
                format!("{}: ", gap.what)
            };
            view! { <li>{what} {gap.reason}</li> }
        })
        .collect_view();
    let rest = (more > 0).then(|| view! { <li>"and " {more} " more"</li> });
    view! { <ul class="gaps">{items} {rest}</ul> }.markup()
}

/// What there is none of: no gap, and worth a word only to whoever looks for it.
fn absent(names: &[String]) -> Option<Markup> {
    if names.is_empty() {
        return None;
    }
    let summary = format!("{} without any series", names.len());
    let items = names
        .iter()
        .map(|name| view! { <li>{name.clone()}</li> })
        .collect_view();
    let list = view! {
        <details class="more">
            <summary>{summary}</summary>
            <ul class="gaps">{items}</ul>
        </details>
    };
    Some(list.markup())
}

fn losing(lines: Vec<String>) -> Markup {
    if lines.is_empty() {
        return view! { "nothing that is known" }.markup();
    }
    let items = lines
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    view! { <ul class="gaps">{items}</ul> }.markup()
}
