//! The activity log.

use super::head;
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    backend::ActivityPage,
    render::{instant, table},
};
use leptos::prelude::*;
use model::review::activity::Activity;

/// The page.
pub(crate) fn activity(page: &ActivityPage) -> Markup {
    let body = if page.steps.is_empty() {
        view! {
            <p class="empty">
                "Nothing is written down yet. Every step from now on is: what is added, changed, judged, \
                 reviewed and shared, by whom and when."
            </p>
        }
        .markup()
    } else {
        table(
            "Activity",
            ["When (UTC)", "Who", "What"],
            page.steps.iter().map(row).collect(),
        )
    };
    let older = page.older.map(|before| {
        let href = format!("/incidents/{}/activity?before={before}", page.incident.id);
        view! {
            <p class="actions">
                <a class="button" href=href data-testid="activity-older">
                    "Older"
                </a>
            </p>
        }
    });
    view! {
        {head(&page.incident, "Activity", "/activity")}
        <section class="panel list stacked" aria-label="Activity">
            {body}
            {older}
        </section>
    }
    .markup()
}

fn row(step: &Activity) -> Markup {
    let who = if step.who.is_empty() {
        "Lineup".to_owned()
    } else {
        step.who.clone()
    };
    view! {
        <tr data-testid="activity-row">
            <td class="when">{instant(step.at)}</td>
            <td>{who}</td>
            <td class="wide">{step.words()}</td>
        </tr>
    }
    .markup()
}
