//! Lanes on one clock. The pictures come finished from the server and are put in as they are.

use crate::{
    render::table,
    timeline::{LaneView, Picture},
};
use leptos::prelude::*;

/// The axis that stays in sight, and the lanes below it.
pub(crate) fn lanes(axis: Picture, lanes: Vec<LaneView>) -> AnyView {
    if lanes.is_empty() {
        return ().into_any();
    }
    let lanes = lanes.into_iter().map(lane).collect_view();
    view! {
        <section class="panel lanes" aria-labelledby="h-lanes">
            <h2 id="h-lanes" class="visually-hidden">
                "Timeline"
            </h2>
            <div class="axis" aria-hidden="true">
                {picture(axis)}
            </div>
            {lanes}
        </section>
    }
    .into_any()
}

/// One picture for wide screens and one for narrow ones; the style sheet shows one of them.
fn picture(picture: Picture) -> AnyView {
    view! {
        <div class="picture picture-wide" inner_html=picture.wide></div>
        <div class="picture picture-narrow" inner_html=picture.narrow></div>
    }
    .into_any()
}

fn lane(lane: LaneView) -> AnyView {
    let unit = (!lane.unit.is_empty()).then(|| view! { <span class="unit">{lane.unit}</span> });
    let numbers = (!lane.table.rows.is_empty()).then(|| {
        let rows = lane.table.rows.into_iter().map(numbers_row).collect();
        let caption = format!("{} as numbers", lane.title);
        view! {
            <details class="numbers">
                <summary>
                    "Numbers" <span class="visually-hidden">" of " {lane.title.clone()}</span>
                </summary>
                {table(caption, lane.table.head, rows)}
            </details>
        }
    });
    view! {
        <article class="lane" id=format!("lane-{}", lane.id) data-testid="lane" data-lane=lane.id>
            <header class="lane-head">
                <h3>{lane.title.clone()} " " {unit}</h3>
                <p class="lane-summary">{lane.summary}</p>
            </header>
            {picture(lane.picture)}
            {numbers}
        </article>
    }
    .into_any()
}

fn numbers_row(cells: Vec<String>) -> AnyView {
    let cells = cells
        .into_iter()
        .map(|cell| view! { <td>{cell}</td> })
        .collect_view();
    view! { <tr>{cells}</tr> }.into_any()
}
