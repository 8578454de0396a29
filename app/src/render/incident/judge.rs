//! Deciding about a suspect: plain forms, and what was decided.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    render::instant,
    timeline::{JudgementView, SuspectView, percent},
};
use leptos::prelude::*;

/// What was decided about a suspect, or the forms that decide.
pub(super) fn judge(incident: &str, suspect: &SuspectView) -> Markup {
    match &suspect.judgement {
        Some(judgement) => decided(incident, judgement),
        None => forms(incident, suspect),
    }
}

/// Decisions about suspects that the analysis does not have any more.
pub(super) fn gone(incident: &str, list: &[JudgementView]) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let items = list
        .iter()
        .map(|judgement| {
            let was = judgement.score.map_or_else(String::new, |score| {
                format!("The analysis gave it {} then; ", percent(score))
            });
            view! {
                <li class="gone" data-testid="gone">
                    <p>
                        <strong>{judgement.title.clone()}</strong>
                    </p>
                    <p class="small dim">{was} "made again, it has no such suspect any more."</p>
                    {decided(incident, judgement)}
                </li>
            }
        })
        .collect_view();
    view! {
        <h3>"Decided earlier"</h3>
        <ul class="suspects">{items}</ul>
    }
    .markup()
}

fn decided(incident: &str, judgement: &JudgementView) -> Markup {
    let (class, word) = if judgement.is_cause {
        ("ruling ruling-cause", "Pinned as the cause")
    } else {
        ("ruling ruling-dismissed", "Dismissed")
    };
    let at = judgement.at.map(|at| view! { ", " {instant(at)} " UTC" });
    let reason = (!judgement.reason.is_empty())
        .then(|| view! { <p class="ruling-reason">{judgement.reason.clone()}</p> });
    view! {
        <div class=class data-testid="ruling">
            <p class="small">
                <strong>{word}</strong> " by " {judgement.author.clone()} {at}
            </p>
            {reason}
            <form method="post" action="/api/take_back" data-stays>
                <input type="hidden" name="incident" value=incident.to_owned() />
                <input type="hidden" name="suspect" value=judgement.suspect.clone() />
                <button type="submit" class="quiet" data-testid="take-back">
                    "Take back"
                    <span class="visually-hidden">" the decision about " {judgement.title.clone()}</span>
                </button>
            </form>
        </div>
    }
    .markup()
}

fn forms(incident: &str, suspect: &SuspectView) -> Markup {
    let hidden = |ruling: &'static str| {
        view! {
            <input type="hidden" name="incident" value=incident.to_owned() />
            <input type="hidden" name="suspect" value=suspect.id.clone() />
            <input type="hidden" name="ruling" value=ruling />
        }
    };
    let of = format!(" {}", suspect.title);
    let id = format!("dismiss-{}", suspect.rank);
    view! {
        <div class="judge">
            <form method="post" action="/api/judge" data-stays>
                {hidden("cause")} <button type="submit" class="button" data-testid="pin">
                    "Pin as the cause"
                    <span class="visually-hidden">{of.clone()}</span>
                </button>
            </form>
            <details class="dismiss">
                <summary class="quiet" data-testid="dismiss-open">
                    "Dismiss…"
                    <span class="visually-hidden">{of}</span>
                </summary>
                <form method="post" action="/api/judge" data-stays>
                    {hidden("dismissed")} <div class="field">
                        <label for=id.clone()>"Why it is not the cause"</label>
                        <input id=id name="reason" type="text" required autocomplete="off" />
                    </div>
                    <button type="submit" class="button" data-testid="dismiss">
                        "Dismiss"
                    </button>
                </form>
            </details>
        </div>
    }
    .markup()
}
