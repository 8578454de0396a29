//! The table of events: of a hundred thousand rows those are made that are in sight, and the pages
//! that hold them are fetched as it is scrolled.

use super::{Timeline, dom, fetch, menu::field};
use crate::view::{
    filter,
    rows::{self, PAGE},
    words,
};
use js_sys::Array;
use model::{Timestamp, Window};
use std::{collections::BTreeMap, fmt::Write, rc::Rc};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

/// Pages that are kept; those furthest away go.
const KEPT: usize = 20;

/// What is known of the table.
#[derive(Default)]
pub(super) struct Table {
    /// What was asked for, without the page.
    question: String,
    total: usize,
    pages: BTreeMap<usize, Vec<Listed>>,
    /// Height of a row, CSS pixels; 0: not measured yet.
    row: f64,
    /// How often something was asked: an older answer is none.
    turn: u32,
    busy: bool,
    /// The last page that was asked for did not come.
    failed: bool,
    /// What is in the body now.
    made: Option<(std::ops::Range<usize>, u32)>,
}

impl Table {
    /// The rows in sight are made anew.
    pub(super) fn forget_rows(&mut self) {
        self.made = None;
    }
}

/// An event as listed.
struct Listed {
    id: String,
    kind: String,
    start: Option<i64>,
    latest: Option<i64>,
    end: Option<i64>,
    title: String,
    object: String,
    node: String,
    lane: Option<String>,
    /// What people call the lane, or why none shows it.
    shown: String,
}

impl Listed {
    fn of(row: &JsValue) -> Self {
        let text = |name: &str| field(row, name).as_string().unwrap_or_default();
        let ms = |name: &str| field(row, name).as_f64().map(|ms| ms as i64);
        let object = [text("namespace"), text("object")];
        Self {
            id: text("id"),
            kind: text("kind").replace('_', " "),
            start: ms("start"),
            latest: ms("latest"),
            end: ms("end"),
            title: text("title"),
            object: object
                .into_iter()
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join("/"),
            node: text("node"),
            lane: field(row, "lane").as_string(),
            shown: format!("{}{}", text("lane_title"), text("not_drawn")),
        }
    }

    fn html(&self, chosen: bool) -> String {
        let at = |ms: i64| words::exact(Timestamp::from_millis(ms));
        let when = match (self.start, self.latest) {
            (Some(ms), _) => at(ms),
            (None, Some(ms)) => format!("before {}", at(ms)),
            (None, None) => "unknown".into(),
        };
        let title = if self.title.is_empty() {
            &self.object
        } else {
            &self.title
        };
        let mut row = format!(
            "<tr tabindex=\"-1\" data-event=\"{}\"",
            words::escaped(&self.id)
        );
        if chosen {
            row.push_str(" aria-selected=\"true\"");
        }
        for (name, value) in [("start", self.start.or(self.latest)), ("end", self.end)] {
            if let Some(ms) = value {
                let _ = write!(row, " data-{name}=\"{ms}\"");
            }
        }
        if let Some(lane) = &self.lane {
            let _ = write!(row, " data-shown-in=\"{}\"", words::escaped(lane));
        }
        let way = if chosen && self.lane.is_some() {
            "<button type=\"button\" class=\"quiet to-lane\" data-events=\"lane\">Show in its lane</button>"
        } else {
            ""
        };
        let _ = write!(
            row,
            "><td class=\"when\">{when}</td><td>{}</td><td class=\"what\">{}{way}</td>\
             <td class=\"mono\">{}</td><td class=\"mono\">{}</td><td>",
            words::escaped(&self.kind),
            words::escaped(title),
            words::escaped(&self.object),
            words::escaped(&self.node),
        );
        let shown = words::escaped(&self.shown);
        // No link: the rows have the focus, one at a time, and the chosen one has the way to its lane.
        let dim = if self.lane.is_some() {
            ""
        } else {
            " class=\"dim\""
        };
        let _ = write!(row, "<span{dim}>{shown}</span></td></tr>");
        row
    }
}

/// The event whose row has the focus.
fn focused_row(place: &web_sys::Element) -> Option<String> {
    let active = dom::document().active_element()?;
    let row = active.closest("tr[data-event]").ok()??;
    place
        .contains(Some(&row))
        .then(|| dom::attribute(&row, "data-event"))
}

impl Timeline {
    /// Takes over the table that the server has made.
    pub(super) fn attach_table(self: &Rc<Self>) {
        self.table.borrow_mut().question.clear();
        self.list_again();
    }

    /// What is asked for, without the page.
    pub(super) fn question(&self, window: Window) -> String {
        let mut url = format!(
            "/api/incidents/{}/events?from={}&to={}",
            self.incident,
            window.start.millis(),
            window.end.millis()
        );
        for (name, value) in self.view.borrow().filter.parts() {
            if !value.is_empty() {
                let value = js_sys::encode_uri_component(value);
                let _ = write!(url, "&{name}={}", String::from(value));
            }
        }
        url
    }

    /// Asks for the table anew where the view asks for other rows.
    pub(super) fn list_again(self: &Rc<Self>) {
        if events_box().is_none() {
            return;
        }
        let question = format!("{}#{}", self.question(self.shown()), self.revision.get());
        let mut table = self.table.borrow_mut();
        if table.question == question {
            return;
        }
        let row = table.row;
        *table = Table {
            question,
            row,
            turn: table.turn + 1,
            ..Table::default()
        };
        drop(table);
        self.fetch_page(0);
    }

    fn fetch_page(self: &Rc<Self>, page: usize) {
        let turn = {
            let mut table = self.table.borrow_mut();
            if table.busy || table.failed {
                return;
            }
            table.busy = true;
            table.turn
        };
        let url = format!(
            "{}&offset={}&limit={PAGE}",
            self.question(self.shown()),
            page * PAGE
        );
        let timeline = self.clone();
        spawn_local(async move {
            let answer = fetch::json(&url).await;
            let mut table = timeline.table.borrow_mut();
            table.busy = false;
            if table.turn != turn {
                // The reader has gone on.
                drop(table);
                timeline.fetch_page(0);
                return;
            }
            match answer {
                Ok(answer) => {
                    table.total = field(&answer, "total").as_f64().unwrap_or_default() as usize;
                    let rows = Array::from(&field(&answer, "rows"));
                    let rows = rows.iter().map(|row| Listed::of(&row)).collect();
                    table.pages.insert(page, rows);
                    table.made = None;
                    forget_far(&mut table.pages, page);
                    drop(table);
                    timeline.make_rows();
                    timeline.count_rows(&field(&answer, "without"));
                    if page == 0 {
                        offer_names(&field(&answer, "choices"));
                    }
                }
                Err(why) => {
                    // Rows that are scrolled to ask for themselves; what is said and its button stay.
                    table.failed = true;
                    drop(table);
                    if let Some(count) = dom::in_page(".events-count") {
                        count.set_inner_html(&format!(
                            "The events did not come: {} \
                             <button type=\"button\" class=\"button\" data-events=\"again\">Try again</button>",
                            words::escaped(&why)
                        ));
                    }
                }
            }
        });
    }

    /// Asks once more for events that did not come.
    pub(super) fn retry_events(self: &Rc<Self>) {
        if let Some(place) = events_box() {
            // The button goes as soon as they come.
            let _ = place.focus();
        }
        self.table.borrow_mut().question.clear();
        self.list_again();
    }

    /// Says how many events fit; where none does, which part of the filter holds them back.
    fn count_rows(&self, without: &JsValue) {
        let Some(count) = dom::in_page(".events-count") else {
            return;
        };
        let text = match self.table.borrow().total {
            0 => filter::NONE_FITS.to_owned(),
            1 => "1 event is in this window and fits".to_owned(),
            n => format!("{n} events are in this window and fit"),
        };
        dom::say(&count, &text);
        let mut asked = self.view.borrow().filter.clone();
        for pair in Array::from(without).iter().map(|pair| Array::from(&pair)) {
            let name = pair.get(0).as_string().unwrap_or_default();
            let events = pair.get(1).as_f64().unwrap_or_default() as usize;
            if let Some(part) = asked.part(&name) {
                let label = words::escaped(&filter::without(&name, part, events));
                dom::append(
                    &count,
                    &format!(
                        " <button type=\"button\" class=\"button\" data-events=\"{name}\">{label}</button>"
                    ),
                );
            }
        }
    }

    /// Makes the rows that are in sight, from the pages that are there; asks for the first that is not.
    pub(super) fn make_rows(self: &Rc<Self>) {
        let Some(place) = events_box() else { return };
        let Some(body) = dom::one(&place, "tbody") else {
            return;
        };
        let mut table = self.table.borrow_mut();
        if table.pages.is_empty() {
            return;
        }
        if table.row < 1.0 {
            table.row = 33.0;
        }
        let top = f64::from(place.scroll_top());
        let height = f64::from(place.client_height());
        let range = rows::in_sight(top, height, table.row, table.total);
        let turn = table.turn;
        if table.made.as_ref() == Some(&(range.clone(), turn)) {
            return;
        }
        let chosen = self.view.borrow().event.clone();
        let mut html = String::from("<tr class=\"spacer\"><td></td></tr>");
        let mut missing = None;
        for i in range.clone() {
            let row = table.pages.get(&(i / PAGE)).and_then(|p| p.get(i % PAGE));
            if let Some(row) = row {
                html.push_str(&row.html(chosen.as_ref() == Some(&row.id)));
            } else {
                missing = missing.or(Some(i / PAGE));
                html.push_str("<tr class=\"row-wait\"><td>…</td></tr>");
            }
        }
        html.push_str("<tr class=\"spacer\"><td></td></tr>");
        let held = focused_row(&place);
        body.set_inner_html(&html);
        let spacers = dom::all(&body, ".spacer td");
        let after = table.total.saturating_sub(range.end);
        for (spacer, n) in spacers.iter().zip([range.start, after]) {
            dom::style(spacer, "height", &format!("{}px", n as f64 * table.row));
        }
        if let Some(first) = dom::one(&body, "tr[data-event]") {
            let measured = first.get_bounding_client_rect().height();
            if measured >= 1.0 && (measured - table.row).abs() > 0.5 {
                table.row = measured;
                drop(table);
                return self.make_rows();
            }
        }
        if let Some(whole) = dom::one(&place, "table") {
            dom::set(
                &whole,
                "aria-rowcount",
                Some(&(table.total + 1).to_string()),
            );
            dom::set(&whole, "data-virtual", Some(""));
            // Rows have the focus one at a time, and arrows go through them.
            dom::set(&whole, "role", Some("grid"));
        }
        if let Some(id) = held {
            let rows = dom::all(&body, "tr[data-event]");
            let row = rows.iter().find(|r| dom::attribute(r, "data-event") == id);
            if let Some(row) = row {
                let _ = row.focus();
            }
        }
        table.made = missing.is_none().then_some((range, turn));
        drop(table);
        if let Some(page) = missing {
            self.fetch_page(page);
        }
    }

    pub(super) fn show_row(self: &Rc<Self>, place: usize) {
        let Some(scrolled) = events_box() else { return };
        let row = self.table.borrow().row.max(1.0);
        let middle = place as f64 * row - f64::from(scrolled.client_height()) / 2.0;
        scrolled.set_scroll_top(middle.max(0.0) as i32);
        self.table.borrow_mut().made = None;
        self.make_rows();
    }
}

pub(super) fn events_box() -> Option<HtmlElement> {
    dom::in_page(".events-box")
}

/// The inputs of the filter offer what there is in the window.
fn offer_names(choices: &JsValue) {
    let Some(form) = dom::in_page(".events-filter") else {
        return;
    };
    for list in dom::all(&form, "datalist[data-names]") {
        let names = field(
            choices,
            &format!("{}s", dom::attribute(&list, "data-names")),
        );
        if names.is_array() {
            let mut html = String::new();
            for name in Array::from(&names).iter() {
                let name = Array::from(&name).get(0).as_string().unwrap_or_default();
                let _ = write!(
                    html,
                    "<option value=\"{}\"></option>",
                    words::escaped(&name)
                );
            }
            list.set_inner_html(&html);
        }
    }
}

fn forget_far(pages: &mut BTreeMap<usize, Vec<Listed>>, here: usize) {
    while pages.len() > KEPT {
        let furthest = pages.keys().copied().max_by_key(|p| p.abs_diff(here));
        match furthest {
            Some(page) => pages.remove(&page),
            None => break,
        };
    }
}
