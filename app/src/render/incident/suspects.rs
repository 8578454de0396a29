//! The line-up: suspects with what speaks for and against each, and the other hypotheses.

use super::judge;
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    dress::listed,
    render::{instant, references, span, span_link},
    timeline::{EvidenceView, HypothesisView, JudgementView, KnownIssueView, SuspectView, percent},
    view::{View, query, words},
};
use leptos::prelude::*;
use model::Window;
use std::fmt::Write;

/// Suspects, the most probable first, with what people decided about them. Without an incident there is
/// nothing to decide yet.
pub(crate) fn suspects(
    incident: Option<&str>,
    list: Vec<SuspectView>,
    gone: &[JudgementView],
    what_if: bool,
) -> Markup {
    let body = if list.is_empty() {
        view! {
            <p class="empty">
                "Nobody to suspect: no event that is known fits. Rollouts and the times of pods are in \
                 what " <code>"kubectl get pods,replicasets,deployments,nodes,events -A -o json"</code>
                " says; a plain table of pods lacks them. Add it under Files, and the line-up is made \
                 again."
            </p>
        }
        .markup()
    } else {
        let items = list
            .into_iter()
            .map(|s| suspect(incident, s, what_if))
            .collect_view();
        view! { <ol class="suspects">{items}</ol> }.markup()
    };
    view! {
        <section class="panel" aria-labelledby="h-suspects">
            <h2 id="h-suspects">"Suspects"</h2>
            {body}
            {incident.map(|id| judge::gone(id, gone))}
        </section>
    }
    .markup()
}

/// A suspect, with the ids by which the browser finds what it is about in the lanes.
fn suspect(incident: Option<&str>, suspect: SuspectView, what_if: bool) -> Markup {
    let first = suspect.rank == 1;
    let mut class = "suspect".to_owned();
    if first {
        class.push_str(" suspect-first");
    }
    if suspect.judgement.as_ref().is_some_and(|j| !j.is_cause) {
        class.push_str(" suspect-dismissed");
    }
    let judge = incident.map(|id| judge::judge(id, &suspect));
    let what_if = incident.filter(|_| what_if).map(|incident| {
        let path = format!(
            "/incidents/{incident}/what-if?suspect={}",
            escaped(&suspect.id)
        );
        view! {
            <p class="small">
                <a href=path data-testid="what-if-link">
                    "What if it had not been"
                    <span class="visually-hidden">": " {suspect.title.clone()}</span>
                </a>
            </p>
        }
    });
    let when = suspect.start.map(|start| {
        let end = suspect.end.map(|end| view! { " to " {instant(end)} });
        view! { <span class="when">{instant(start)} {end} " UTC"</span> }
    });
    let looked_at = incident.map(|_| look(&suspect));
    let zooms = incident.is_some();
    let evidence = suspect
        .evidence
        .into_iter()
        .map(|item| evidence(item, zooms))
        .collect_view();
    view! {
        <li
            class=class
            data-testid="suspect"
            data-suspect=suspect.id
            data-series=listed(&suspect.lit.series)
            data-events=listed(&suspect.lit.events)
        >
            <p class="suspect-head">
                <span class="rank" aria-label="Rank">
                    {suspect.rank}
                </span>
                <strong class="suspect-title">{suspect.title}</strong>
                <span class="score" data-testid="suspect-score">
                    {percent(suspect.score)}
                </span>
            </p>
            <meter
                min="0"
                max="1"
                value=format!("{:.4}", suspect.score)
                aria-label="Probability"
            ></meter>
            <p class="small dim">{when}</p>
            {looked_at}
            {judge}
            {explains(suspect.explains)}
            <details class="more" open=first>
                <summary>"Evidence"</summary>
                <ul class="evidence">{evidence}</ul>
            </details>
            {what_if}
        </li>
    }
    .markup()
}

/// The address that lights a suspect, or the one that lets go of it.
fn focus_address(suspect: &SuspectView) -> String {
    let view = View {
        focus: (!suspect.focused).then(|| suspect.id.clone()),
        ..View::default()
    };
    let query = query::write(&view);
    format!("{}#timeline", if query.is_empty() { "?" } else { &query })
}

/// The way to light what a suspect is about, or to leave it.
fn look(suspect: &SuspectView) -> Markup {
    let word = if suspect.focused {
        words::UNLIGHT
    } else {
        words::LIGHT
    };
    view! {
        <p class="small">
            <a
                class="focus"
                href=focus_address(suspect)
                data-focus=suspect.id.clone()
                aria-current=suspect.focused.then_some("true")
            >
                <span class="focus-word">{word}</span>
                <span class="visually-hidden">": suspect " {suspect.rank}</span>
            </a>
        </p>
    }
    .markup()
}

fn explains(list: Vec<(crate::timeline::Reference, String)>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let items = list
        .into_iter()
        .map(|(series, lag)| {
            view! { <li>{references(vec![series])} <span class="dim">{lag}</span></li> }
        })
        .collect_view();
    view! {
        <details class="more">
            <summary>"Explains"</summary>
            <ul class="explains small">{items}</ul>
        </details>
    }
    .markup()
}

fn evidence(item: EvidenceView, zooms: bool) -> Markup {
    let against = item.weight < 0.0;
    let class = if against {
        "weight weight-against"
    } else {
        "weight weight-for"
    };
    let says = if against {
        "speaks against"
    } else {
        "speaks for"
    };
    let when = item.span.map(|s| {
        if zooms {
            view! { <span class="small" data-testid="evidence-span">{span_link(s)}</span> }.markup()
        } else {
            view! { <span class="small dim">{span(s)}</span> }.markup()
        }
    });
    view! {
        <li>
            <span class=class title="Log-odds">
                {format!("{:+.1}", item.weight)} <span class="visually-hidden">" " {says}</span>
            </span>
            <div class="evidence-text">
                <p>{item.text}</p>
                <p class="small dim">{item.factor} " " {when}</p>
                {references(item.behind)}
            </div>
        </li>
    }
    .markup()
}

/// The address of the same page that shows that span.
pub(super) fn zoom(span: Window) -> String {
    format!("?from={}&to={}", span.start.millis(), span.end.millis())
}

/// A text as a value in an address.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Found, ruled out or unknown.
pub(crate) fn hypotheses(
    title: &'static str,
    name: &'static str,
    list: Vec<HypothesisView>,
) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let items = list.into_iter().map(|h| hypothesis(name, h)).collect_view();
    view! {
        <section class="panel" aria-labelledby=format!("h-{name}")>
            <h2 id=format!("h-{name}")>{title}</h2>
            <ul class=format!("hypotheses {name}")>{items}</ul>
        </section>
    }
    .markup()
}

fn hypothesis(name: &'static str, hypothesis: HypothesisView) -> Markup {
    view! {
        <li data-testid=name>
            <p>
                <strong>{hypothesis.name}</strong>
            </p>
            <p class="small">{hypothesis.text}</p>
            {references(hypothesis.behind)}
        </li>
    }
    .markup()
}

/// Known issues of others, each with the way to it.
pub(crate) fn known_issues(list: Vec<KnownIssueView>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let items = list.into_iter().map(known_issue).collect_view();
    view! {
        <section class="panel" aria-labelledby="h-known-issues">
            <h2 id="h-known-issues">"Known issues"</h2>
            <p class="small dim">"Their symptoms are in the evidence. They are hints where to read on."</p>
            <ul class="hypotheses known-issues">{items}</ul>
        </section>
    }
    .markup()
}

fn known_issue(issue: KnownIssueView) -> Markup {
    view! {
        <li data-testid="known-issue">
            <p>
                <a href=issue.link rel="noreferrer noopener external">
                    {issue.id}
                </a>
                " "
                <strong>{issue.title}</strong>
            </p>
            <p class="small">{issue.why}</p>
            <p class="small">"What helps: " {issue.workaround}</p>
            {references(issue.behind)}
        </li>
    }
    .markup()
}
