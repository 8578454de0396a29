//! A threshold that is tried on a lane: what it would have done, below the lane, and the way onto the
//! list of what is to be done.

use super::{
    actions::definitions,
    back_test::{sentence, words_of},
    study::address,
};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::AlarmAnswer,
    dress::spans,
    input::query_of,
    render::form,
    view::{Alarm, View, query, zoom},
};
use chart::value_text;
use leptos::prelude::*;
use model::{Window, analysis::Verdict, analysis::back_test::BackTest};

/// Spans in alarm that are named, and that are tinted in the lane.
const NAMED: usize = 3;
/// See [`NAMED`].
const TINTED: usize = 200;

/// The panel; `view` is what the page shows, so that its links keep the rest of it.
pub(crate) fn alarm(answer: &AlarmAnswer, view: &View) -> Markup {
    let (said, fired) = match &answer.test {
        Verdict::Found(test) => (sentence(test), &test.fired[..]),
        Verdict::Unknown { missing } => (unknown(missing), &[][..]),
        Verdict::Clear { reason, .. } => (unknown(reason), &[][..]),
    };
    let tinted: Vec<Window> = fired.iter().take(TINTED).copied().collect();
    let found = match &answer.test {
        Verdict::Found(test) => Some(times(test, view)),
        _ => None,
    };
    view! {
        <div class="alarm" data-testid="alarm" data-fired=spans(&tinted)>
            <p class="alarm-said">
                <strong>{name(answer)}</strong>
                ": "
                {said}
            </p>
            {found}
            {ways(answer, view)}
            {take_over(answer)}
        </div>
    }
    .markup()
}

fn unknown(missing: &str) -> String {
    format!("What it would have done cannot be told: {missing}.")
}

/// `Above 93 % of CPU`, in the unit of the lane.
fn name(answer: &AlarmAnswer) -> String {
    let (unit, _) = chart::drawn_unit(&answer.meta);
    let way = if answer.alarm.above { "Above" } else { "Below" };
    let value = value_text(answer.alarm.value(), &unit);
    format!("{way} {value}, {}", answer.label)
}

/// When it is in alarm, the first few.
fn times(test: &BackTest, view: &View) -> Markup {
    let count = test.fired.len();
    if count == 0 {
        return view! { <p class="small dim">"Never in alarm in this window."</p> }.markup();
    }
    let links = test.fired.iter().take(NAMED).enumerate().map(|(n, fired)| {
        let around = zoom::with_margin(*fired);
        let mut there = view.clone();
        there.window = Some(around);
        let before = if n == 0 { " " } else { ", " };
        view! {
            {before}
            <a
                class="span"
                href=query::write(&there)
                data-from=around.start.millis().to_string()
                data-to=around.end.millis().to_string()
            >
                {fired.start.minute()}
                " to "
                {fired.end.minute()}
            </a>
        }
    });
    let more = (count > NAMED).then(|| format!(" and {} more", count - NAMED));
    let often = if count == 1 {
        "Once in alarm (UTC):".to_owned()
    } else {
        format!("{count} times in alarm (UTC):")
    };
    view! { <p class="small">{often} {links.collect_view()} {more}</p> }.markup()
}

/// A link to the same page with another threshold, or without; the browser takes it without asking for
/// the page.
fn way(view: &View, to: Option<&Alarm>, label: String) -> Markup {
    let mut there = view.clone();
    there.alarm = to.cloned();
    let address = query::write(&there);
    let href = if address.is_empty() {
        "?".to_owned()
    } else {
        address
    };
    let alarm = to.map(ToString::to_string).unwrap_or_default();
    view! {
        <li>
            <a href=href data-alarm=alarm>
                {label}
            </a>
        </li>
    }
    .markup()
}

fn ways(answer: &AlarmAnswer, view: &View) -> Markup {
    let alarm = &answer.alarm;
    let turned = if alarm.above {
        "Below instead"
    } else {
        "Above instead"
    };
    let beside = answer
        .beside
        .iter()
        .map(|(id, label)| way(view, Some(&alarm.of(id)), format!("On {label}")));
    let path = format!("/incidents/{}/back-test", answer.incident);
    let all = address(&path, &query_of(&answer.rule));
    view! {
        <ul class="alarm-ways small">
            {way(view, Some(&alarm.turned()), turned.to_owned())} {beside.collect_view()}
            <li>
                <a href=all>"Periods, and the best threshold"</a>
            </li>
            {way(view, None, "Let go".to_owned())}
        </ul>
    }
    .markup()
}

/// A plain form: its answer is this page again, with the item on its list.
fn take_over(answer: &AlarmAnswer) -> Markup {
    let words = words_of(&answer.rule, &answer.label, Some(&answer.meta));
    let hidden = query_of(&answer.rule)
        .into_iter()
        .map(|(name, value)| {
            view! { <input type="hidden" name=format!("alarm[{name}]") value=value /> }
        })
        .collect_view();
    view! {
        <details class="more form" data-testid="alarm-take">
            <summary>"Take over as action item"</summary>
            <form method="post" action="/api/add_action" data-stays>
                <input type="hidden" name="incident" value=answer.incident.0.clone() />
                {hidden}
                {form::input(
                    "alarm-title",
                    "title",
                    "Action item",
                    "Stands on this page and in the report.",
                    format!("Alarm: {words}"),
                )}
                {form::input(
                    "alarm-owner",
                    "owner",
                    "Who does it",
                    "Empty: nobody yet.",
                    String::new(),
                )}
                <p class="actions">
                    <button type="submit" class="button primary" data-testid="alarm-take-over">
                        "Take over"
                    </button>
                </p>
            </form>
            <h4>"Definition of the alarm"</h4>
            {definitions("tried", &answer.definitions)}
        </details>
    }
    .markup()
}
