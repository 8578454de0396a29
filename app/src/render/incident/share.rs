//! The page that shares: what readers will see, and the links that there are.

mod names;

use super::{incident_chip, span, study};
use crate::render::{
    form,
    markup::{IntoMarkup, Markup},
};
use crate::{
    backend::{SharePage, ShareRow, ShareState},
    input::{SWITCHES, is_on},
};
use leptos::prelude::*;
use model::Timestamp;

/// The form of what is hidden. What the link is told belongs to it too, so that a link is made of what it
/// says, looked at or not.
const RULES: &str = "share-rules";

/// All of it, complete without JavaScript.
pub(crate) fn share(page: &SharePage) -> Markup {
    let incident = &page.incident;
    view! {
        <header class="page-head">
            <p class="crumb">{incident.title.clone()}</p>
            <p class="meta">{incident_chip(incident.state)} " " {span(incident.window)}</p>
            {study::tabs(&incident.id.0, "/share")}
        </header>
        {made(page.made.as_deref())}
        <div class="reading">
            <aside class="reading-side" aria-label="What is hidden, and the link">
                {hiding(page)} {making(page)} {links(&page.links)}
            </aside>
            <div class="stack">
                {names::names(&page.names)}
                <section aria-labelledby="h-preview">
                    <h2 id="h-preview">"What readers will see"</h2>
                    <div
                        class="panel paper"
                        data-testid="share-preview"
                        inner_html=page.report_html.clone()
                    ></div>
                </section>
            </div>
        </div>
    }
    .markup()
}

/// The address of the new link: shown once, because only its hash is kept.
fn made(path: Option<&str>) -> Markup {
    let Some(path) = path.map(str::to_owned) else {
        return ().markup();
    };
    view! {
        <section class="panel made" aria-labelledby="h-made">
            <h2 id="h-made">"The new link"</h2>
            <label for="share-url">
                "Copy it now: it is shown only once, because only its hash is kept."
            </label>
            <div class="copy">
                <input
                    id="share-url"
                    type="text"
                    readonly
                    data-testid="share-url"
                    data-path=path.clone()
                    value=format!("{}{path}", origin())
                />
                <button type="button" class="button" data-copy="share-url">
                    <span class="copy-todo">"Copy"</span>
                    <span class="copy-done">"Copied"</span>
                </button>
            </div>
        </section>
    }
    .markup()
}

/// The address of this installation as the browser asked for it; the page's script knows better whether
/// it is read through TLS.
fn origin() -> String {
    let host = use_context::<axum::http::request::Parts>().and_then(|parts| {
        let host = parts.headers.get(axum::http::header::HOST)?;
        host.to_str().ok().map(str::to_owned)
    });
    host.map_or_else(String::new, |host| format!("http://{host}"))
}

/// What is hidden, as a form whose address is the answer.
fn hiding(page: &SharePage) -> Markup {
    let rules = &page.ask.rules;
    let boxes = SWITCHES
        .into_iter()
        .enumerate()
        .map(|(n, (name, label))| {
            let checked = is_on(rules, name);
            view! {
                <li>
                    <label>
                        <input
                            type="checkbox"
                            name=format!("rules[hide][{n}]")
                            value=name
                            checked=checked
                        />
                        " "
                        {label}
                    </label>
                </li>
            }
        })
        .collect_view();
    let versions = page
        .versions
        .iter()
        .map(|n| {
            let selected = page.ask.version == Some(*n);
            view! {
                <option value=n.to_string() selected=selected>
                    {format!("version {n}")}
                </option>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-hide">
            <h2 id="h-hide">"1. What is hidden"</h2>
            <form
                id=RULES
                method="post"
                action="/api/preview_share"
                data-testid="share-rules"
            >
                <input type="hidden" name="incident" value=page.incident.id.0.clone() />
                <div class="field">
                    <label for="share-version">"Version"</label>
                    <select id="share-version" name="rules[version]">
                        <option value="">"what was published last, else the draft"</option>
                        {versions}
                    </select>
                </div>
                <fieldset class="group">
                    <legend>"Names that get stand-ins"</legend>
                    <ul class="switches">{boxes}</ul>
                </fieldset>
                {text(
                    "patterns",
                    "Further words",
                    "One a line; * stands for the rest of a word: acme*",
                    rules.patterns.join("\n"),
                )}
                {text(
                    "keep",
                    "Names that may be shown all the same",
                    "One a line, such as a namespace that is an everyday word: search",
                    rules.keep.join("\n"),
                )}
                <p class="actions">
                    <button type="submit" class="button" data-testid="share-show">
                        "Show the preview"
                    </button>
                </p>
            </form>
        </section>
    }
    .markup()
}

fn text(name: &'static str, label: &'static str, hint: &'static str, value: String) -> Markup {
    let id = format!("share-{name}");
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea id=id name=format!("rules[{name}]") rows="2" aria-describedby=hint_id.clone()>
                {value}
            </textarea>
            <p class="hint" id=hint_id>
                {hint}
            </p>
        </div>
    }
    .markup()
}

/// What the link is told, and the button that makes it.
fn making(page: &SharePage) -> Markup {
    let lanes = page
        .lanes
        .iter()
        .map(|(id, title)| {
            view! { <option value=id.clone()>{format!("only the chart: {title}")}</option> }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-make">
            <h2 id="h-make">"2. The link"</h2>
            <div class="form">
                <div class="field">
                    <label for="share-lane">"What the link shows"</label>
                    <select id="share-lane" name="lane" form=RULES>
                        <option value="">"the report, as in the preview"</option>
                        {lanes}
                    </select>
                </div>
                {form::days("share-for", "The link opens", Some(RULES))}
                <div class="field">
                    <label for="share-password">"Password"</label>
                    <input
                        id="share-password"
                        name="password"
                        form=RULES
                        type="password"
                        autocomplete="new-password"
                        maxlength="200"
                        aria-describedby="share-password-hint"
                    />
                    <p class="hint" id="share-password-hint">
                        "Empty: it opens without one."
                    </p>
                </div>
                <div class="field">
                    <label for="share-views">"Most views"</label>
                    <input
                        id="share-views"
                        name="views"
                        form=RULES
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        aria-describedby="share-views-hint"
                    />
                    <p class="hint" id="share-views-hint">
                        "Empty: without a limit. A link with a limit gives no pictures by address."
                    </p>
                </div>
                <p class="actions">
                    <button
                        type="submit"
                        class="button primary"
                        form=RULES
                        formmethod="post"
                        formaction="/api/make_share"
                        data-testid="share-make"
                    >
                        "Make the link"
                    </button>
                </p>
            </div>
        </section>
    }
    .markup()
}

fn links(rows: &[ShareRow]) -> Markup {
    if rows.is_empty() {
        return ().markup();
    }
    let items = rows.iter().map(link).collect_view();
    view! {
        <section class="panel" aria-labelledby="h-links">
            <h2 id="h-links">"Links"</h2>
            <ul class="links">{items}</ul>
        </section>
    }
    .markup()
}

fn link(row: &ShareRow) -> Markup {
    let (class, state) = match row.state {
        ShareState::Open => ("chip chip-good", "open"),
        ShareState::Expired => ("chip", "expired"),
        ShareState::UsedUp => ("chip", "used up"),
        ShareState::Revoked => ("chip", "revoked"),
    };
    let revoke = (row.state == ShareState::Open).then(|| {
        let of = format!(" the link made {}", row.created_at.minute());
        view! {
            <form method="post" action="/api/revoke_share">
                <input type="hidden" name="share" value=row.id.clone() />
                <button type="submit" class="quiet" data-testid="share-revoke">
                    "Revoke"
                    <span class="visually-hidden">{of}</span>
                </button>
            </form>
        }
    });
    let log = (!row.log.is_empty()).then(|| {
        let lines = row
            .log
            .iter()
            .map(|m| {
                let n = usize::try_from(m.views).unwrap_or(usize::MAX);
                let views = model::words::count(n, "view");
                view! { <li>{format!("{} UTC: {views}", m.minute.minute())}</li> }
            })
            .collect_view();
        view! {
            <details class="more">
                <summary>"When"</summary>
                <ul class="plain small">{lines}</ul>
            </details>
        }
    });
    view! {
        <li id=format!("share-{}", row.id) data-testid="share-row">
            <p>
                <span class=class>{state}</span>
                " "
                <span class="small dim">{about(row)}</span>
            </p>
            <p class="small" data-testid="share-views">
                {viewed(row)}
            </p>
            {log}
            {revoke}
        </li>
    }
    .markup()
}

/// What a link opens and for how long, in one line.
fn about(row: &ShareRow) -> String {
    let mut parts = vec![format!("made {} UTC", row.created_at.minute())];
    parts.push(match (&row.lane, row.version) {
        (Some(lane), _) => format!("the chart {lane}"),
        (None, Some(version)) => format!("version {version}"),
        (None, None) => "what was published last".to_owned(),
    });
    parts.push(row.expires_at.map(Timestamp::minute).map_or_else(
        || "until it is revoked".to_owned(),
        |end| format!("until {end} UTC"),
    ));
    if row.is_redacted {
        parts.push("names hidden".to_owned());
    }
    if row.has_password {
        parts.push("with a password".to_owned());
    }
    parts.join(", ")
}

fn viewed(row: &ShareRow) -> String {
    let of = row
        .max_views
        .map_or_else(String::new, |most| format!(" of {most}"));
    let views = if row.views == 1 && of.is_empty() {
        "view"
    } else {
        "views"
    };
    match row.last_view_at {
        Some(at) => format!("{}{of} {views}, the last {} UTC", row.views, at.minute()),
        None => format!("not opened yet{}", of.replace(" of", "; it opens")),
    }
}
