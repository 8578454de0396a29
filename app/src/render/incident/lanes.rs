//! Lanes on one clock. The pictures come finished from the server and are put in as they are; the
//! browser draws over them what is looked at more closely (`browser`).

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    dress::listed,
    render::table,
    timeline::{LaneView, Picture, TimelineView},
    view::{Preset, View, query, words},
};
use leptos::prelude::*;
use model::Window;

/// Spans to jump to, the whole incident in a strip, the axis that stays in sight, and the lanes
/// below it.
pub(crate) fn lanes(view: &TimelineView) -> Markup {
    if view.lanes.is_empty() && view.view == View::default() {
        return ().markup();
    }
    let ms = |at: model::Timestamp| at.millis().to_string();
    let (bounds, shown) = (view.window, view.shown);
    let presets = view
        .presets
        .iter()
        .map(|p| preset(p, &view.view, bounds, shown))
        .collect_view();
    let lanes = view.lanes.iter().cloned().map(lane).collect_view();
    let mut time = words::window(shown);
    if let Some(compared) = &view.compared {
        time.push_str(" · ");
        time.push_str(compared);
    }
    view! {
        <section
            class="panel lanes"
            id="timeline"
            aria-labelledby="h-lanes"
            data-incident=view.id.0.clone()
            data-start=ms(bounds.start)
            data-end=ms(bounds.end)
            data-first=view.sampled.map(|w| ms(w.start))
            data-last=view.sampled.map(|w| ms(w.end))
            data-lanes=listed(&view.default_lanes)
        >
            <h2 id="h-lanes" class="visually-hidden">
                "Timeline"
            </h2>
            <div class="time-bar">
                <nav class="presets" aria-label="Spans of time">
                    {presets}
                </nav>
                <p class="time-shown" data-testid="time-shown">
                    {time}
                </p>
                <div class="time-tools"></div>
            </div>
            <div class="strip" inner_html=view.overview.clone()></div>
            <div class="axis" aria-hidden="true">
                <div class="pictures">{picture(view.axis.clone())}</div>
            </div>
            <div class="lanes-list">{lanes}</div>
        </section>
    }
    .markup()
}

/// Lanes alone: the axis that stays in sight, and the lanes below it.
pub(crate) fn plain_lanes(axis: Picture, lanes: Vec<LaneView>) -> Markup {
    if lanes.is_empty() {
        return ().markup();
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
    .markup()
}

fn preset(preset: &Preset, view: &View, bounds: Window, shown: Window) -> impl IntoView + use<> {
    let mut there = view.clone();
    there.look_at(preset.window, bounds);
    let address = query::write(&there);
    // An empty address would be this page as it is now, query included.
    let href = if address.is_empty() {
        "?".to_owned()
    } else {
        address
    };
    view! {
        <a
            class="preset"
            href=href
            data-from=preset.window.start.millis().to_string()
            data-to=preset.window.end.millis().to_string()
            data-preset=preset.id.clone()
            aria-current=(preset.window == shown).then_some("true")
        >
            {preset.label.clone()}
        </a>
    }
}

/// One picture for wide screens and one for narrow ones; the style sheet shows one of them.
fn picture(picture: Picture) -> Markup {
    view! {
        <div class="picture picture-wide" inner_html=picture.wide></div>
        <div class="picture picture-narrow" inner_html=picture.narrow></div>
    }
    .markup()
}

fn lane(lane: LaneView) -> Markup {
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
    let class = if lane.dim { "lane lane-dim" } else { "lane" };
    view! {
        <article
            class=class
            id=format!("lane-{}", lane.id)
            data-testid="lane"
            data-lane=lane.id
            data-height=lane.height.to_string()
            data-pinned=lane.pinned.then_some("")
        >
            <header class="lane-head">
                <h3>{lane.title.clone()} " " {unit}</h3>
                <p class="lane-summary">{lane.summary}</p>
            </header>
            <div class="pictures">{picture(lane.picture)}</div>
            {lane.alarm.map(|html| view! { <div class="alarm-place" inner_html=html></div> })}
            {numbers}
        </article>
    }
    .markup()
}

fn numbers_row(cells: Vec<String>) -> Markup {
    let cells = cells
        .into_iter()
        .map(|cell| view! { <td>{cell}</td> })
        .collect_view();
    view! { <tr>{cells}</tr> }.markup()
}
