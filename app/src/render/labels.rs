//! Chips, banners and references.

use crate::render::markup::{IntoMarkup, Markup};
use crate::timeline::{Reference, credit_word};
use leptos::prelude::*;
use model::{analysis::CreditState, incident::IncidentState};

/// The state of an incident.
pub(crate) fn incident_chip(state: IncidentState) -> impl IntoView {
    let (class, word) = match state {
        IncidentState::Collecting => ("chip chip-busy", "collecting"),
        IncidentState::Open => ("chip chip-open", "open"),
        IncidentState::Closed => ("chip", "closed"),
    };
    view! { <span class=class>{word}</span> }
}

/// The state of a burst-credit balance.
pub(crate) fn credit_chip(state: CreditState) -> impl IntoView {
    let class = match state {
        CreditState::Exhausted => "chip chip-bad",
        CreditState::Draining => "chip chip-warn",
        CreditState::Recovering => "chip chip-open",
        CreditState::Full | CreditState::Steady => "chip chip-good",
        CreditState::Unknown => "chip",
    };
    view! { <span class=class>{credit_word(state)}</span> }
}

/// What must be said about the evidence, wherever it is shown.
pub(crate) fn notice(text: Option<String>) -> impl IntoView {
    text.map(|text| {
        view! {
            <p class="notice" role="note" data-testid="notice">
                {text}
            </p>
        }
    })
}

/// A price, to the cent: below one it says so instead of nothing.
pub(crate) fn usd_text(usd: f64) -> String {
    if usd <= 0.0 {
        "nothing".to_owned()
    } else if usd < 0.01 {
        "less than 0.01 US dollars".to_owned()
    } else {
        format!("about {usd:.2} US dollars")
    }
}

/// Names of series and events, each a link to the lane that shows it.
pub(crate) fn references(list: Vec<Reference>) -> Markup {
    if list.is_empty() {
        return ().markup();
    }
    let items = list.into_iter().map(reference).collect_view();
    view! { <ul class="references">{items}</ul> }.markup()
}

fn reference(reference: Reference) -> impl IntoView {
    let inner = match reference.lane {
        Some(lane) => view! { <a href=format!("#lane-{lane}")>{reference.label}</a> }.markup(),
        None => view! { <span>{reference.label}</span> }.markup(),
    };
    view! { <li>{inner}</li> }
}

#[cfg(test)]
mod tests {
    use super::usd_text;

    #[test]
    fn a_price_below_a_cent_is_not_nothing() {
        assert_eq!(usd_text(0.0), "nothing");
        assert_eq!(usd_text(0.000_3), "less than 0.01 US dollars");
        assert_eq!(usd_text(0.01), "about 0.01 US dollars");
        assert_eq!(usd_text(12.264), "about 12.26 US dollars");
    }
}
