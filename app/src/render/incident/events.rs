//! Events as a table beside the lanes. The server lists the first of them; the browser fetches the
//! rest as it is scrolled.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    timeline::{EventRow, EventsView, TimelineView},
    view::{
        View,
        filter::{self, NONE_FITS},
    },
};
use leptos::prelude::*;

/// The filter and the table.
pub(crate) fn events(view: &TimelineView) -> Markup {
    let events = &view.events;
    if events.all == 0 {
        return ().markup();
    }
    let rows = events
        .rows
        .iter()
        .map(|r| row(r, &view.view))
        .collect_view();
    view! {
        <section class="panel events" id="events" aria-labelledby="h-events">
            <h2 id="h-events">"Events"</h2>
            {form(events, &view.view)}
            <div class="small dim events-count" role="status" data-testid="events-count">
                {count(events, &view.view)}
            </div>
            <div class="events-box" tabindex="0" role="region" aria-label="Events, scrolls">
                <table class="events-table" aria-rowcount=(events.total + 1).to_string()>
                    <caption class="visually-hidden">"Events, times in UTC"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"When (UTC)"</th>
                            <th scope="col">"Kind"</th>
                            <th scope="col">"What"</th>
                            <th scope="col">"Object"</th>
                            <th scope="col">"Node"</th>
                            <th scope="col">"Lane"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            // Below the rows: whatever length its text has, they stay under the pointer.
            <p class="small dim events-whole" aria-hidden="true"></p>
        </section>
    }
    .markup()
}

fn count(events: &EventsView, view: &View) -> Markup {
    let listed = events.rows.len();
    if events.total == 0 {
        return view! { {NONE_FITS} {events.without.iter().map(|drop| let_go(view, *drop)).collect_view()} }
            .markup();
    }
    let text = if listed < events.total {
        format!(
            "{} of {} events are in this window and fit; the first {listed}",
            events.total, events.all
        )
    } else {
        format!(
            "{} of {} events are in this window and fit",
            events.total, events.all
        )
    };
    text.markup()
}

/// A link that lets go of one part of the filter, which alone holds back events.
fn let_go(view: &View, (part, n): (&'static str, usize)) -> Markup {
    let mut rest = view.clone();
    let asked = rest.filter.part(part).map(std::mem::take);
    let words = filter::without(part, &asked.unwrap_or_default(), n);
    let href = format!("{}#events", crate::view::query::write(&rest));
    view! {
        " "
        <a class="button" href=href data-drop=part>
            {words}
        </a>
    }
    .markup()
}

/// A plain form: without JavaScript its button asks for the page anew. What else the view holds goes
/// with it.
fn form(events: &EventsView, view: &View) -> Markup {
    let field = |name: &'static str, label: &'static str, value: &str, offered: &[String]| {
        let id = format!("events-{name}");
        let list = format!("events-{name}-names");
        let offered = offered
            .iter()
            .map(|name| view! { <option value=name.clone()></option> })
            .collect_view();
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input
                    id=id
                    name=name
                    type="text"
                    value=value.to_owned()
                    maxlength="200"
                    autocomplete="off"
                    list=(name != "text").then(|| list.clone())
                />
                {(name != "text")
                    .then(|| {
                        view! {
                            <datalist id=list.clone() data-names=name>
                                {offered}
                            </datalist>
                        }
                    })}
            </div>
        }
    };
    let [namespaces, objects, nodes] = &events.names;
    let mut rest = view.clone();
    rest.filter = crate::view::Filter::default();
    let query = crate::view::query::write(&rest);
    let kept = form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
        .map(|(name, value)| {
            view! { <input type="hidden" name=name.into_owned() value=value.into_owned() /> }
        })
        .collect_view();
    let kinds = events
        .kinds
        .iter()
        .map(|kind| {
            let chosen = *kind == view.filter.kind;
            view! {
                <option value=kind.clone() selected=chosen>
                    {kind.replace('_', " ")}
                </option>
            }
        })
        .collect_view();
    view! {
        <form method="get" class="events-filter" role="search" aria-label="Filter of events">
            {kept}
            {field("text", "Words", &view.filter.text, &[])}
            <div class="field">
                <label for="events-kind">"Kind"</label>
                <select id="events-kind" name="kind">
                    <option value="">"all"</option>
                    {kinds}
                </select>
            </div>
            {field("namespace", "Namespace", &view.filter.namespace, namespaces)}
            {field("object", "Object", &view.filter.object, objects)}
            {field("node", "Node", &view.filter.node, nodes)}
            <p class="events-apply">
                <button type="submit" class="button">
                    "Filter"
                </button>
            </p>
        </form>
    }
    .markup()
}

fn row(row: &EventRow, view: &View) -> Markup {
    let mut marked = view.clone();
    marked.event = Some(row.id.clone());
    let href = format!("{}#events", crate::view::query::write(&marked));
    let chosen = view.event.as_deref() == Some(row.id.as_str());
    let lane = match row.lane.clone() {
        Some(lane) => {
            let href = lane.lane.map(|id| format!("#lane-{id}"));
            view! { <a href=href>{lane.label}</a> }.markup()
        }
        None => view! { <span class="dim">{row.not_drawn}</span> }.markup(),
    };
    view! {
        <tr data-event=row.id.clone() aria-selected=chosen.then_some("true")>
            <td class="when">{row.when.clone()}</td>
            <td>{row.kind.clone()}</td>
            <td>
                <a href=href>{row.title.clone()}</a>
            </td>
            <td class="mono">{row.object.clone()}</td>
            <td class="mono">{row.node.clone()}</td>
            <td>{lane}</td>
        </tr>
    }
    .markup()
}
