//! The table of events: of a hundred thousand rows those are made that are in sight, and the pages
//! that hold them are fetched as it is scrolled. It and the lanes show each other's events.

use super::{Step, Timeline, dom, dom::Ear, dom::Listener, fetch, menu::field};
use crate::view::{
    rows::{self, PAGE},
    words, zoom,
};
use chart::{Content, EventItem, Hit, Size};
use js_sys::Array;
use model::{Timestamp, Window};
use std::{collections::BTreeMap, fmt::Write, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlElement, HtmlInputElement};

/// How long words rest before they are looked for.
const REST: Duration = Duration::from_millis(250);

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
    /// What is in the body now.
    made: Option<(std::ops::Range<usize>, u32)>,
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
        let mut row = format!("<tr data-event=\"{}\"", words::escaped(&self.id));
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
        let _ = write!(
            row,
            "><td class=\"when\">{when}</td><td>{}</td><td><button type=\"button\" tabindex=\"-1\" class=\"row-button\" \
             title=\"{title}\">{title}</button></td><td class=\"mono\">{}</td><td class=\"mono\">{}</td></tr>",
            words::escaped(&self.kind),
            words::escaped(&self.object),
            words::escaped(&self.node),
            title = words::escaped(title),
        );
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
    pub(super) fn listen_to_table(self: &Rc<Self>, listeners: &mut Vec<Listener>) {
        let document = dom::document();
        let mut on = |kind, ear, what: fn(&Rc<Self>, &Event)| {
            let weak = Rc::downgrade(self);
            listeners.push(dom::listen(&document, kind, ear, move |event| {
                if let Some(timeline) = weak.upgrade() {
                    what(&timeline, &event);
                }
            }));
        };
        let active = Ear {
            active: true,
            capture: false,
        };
        // Scrolling does not bubble.
        let caught = Ear {
            active: false,
            capture: true,
        };
        on("scroll", caught, |timeline, event| {
            if is_box(event) {
                timeline.make_rows();
            }
        });
        on("input", Ear::default(), |timeline, event| {
            if dom::around(event, ".palette-ask").is_some() {
                timeline.fill_palette();
            } else if dom::around(event, ".events-filter").is_some() {
                timeline.filter_soon();
            }
        });
        on("submit", active, |timeline, event| {
            if dom::around(event, ".events-filter").is_some() {
                event.prevent_default();
                timeline.filter();
            }
        });
        on("pointerover", Ear::default(), Self::over_row);
        on("focusin", Ear::default(), Self::over_row);
        on("click", active, |timeline, event| {
            timeline.clicked_own(event);
            timeline.clicked_row(event);
        });
        on("dblclick", Ear::default(), |timeline, event| {
            if let Some(window) = dom::around(event, "tr[data-event]").and_then(|r| span(&r)) {
                timeline.look_at(window, Step::Settled);
            }
        });
    }

    /// Takes over the table that the server has made.
    pub(super) fn attach_table(self: &Rc<Self>) {
        self.table.borrow_mut().question.clear();
        self.list_again();
    }

    /// What is asked for, without the page.
    fn question(&self, window: Window) -> String {
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
            if table.busy {
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
                    timeline.count_rows();
                }
                Err(why) => {
                    drop(table);
                    if let Some(count) = dom::in_page(".events-count") {
                        dom::say(&count, &format!("The events did not come: {why}"));
                    }
                }
            }
        });
    }

    fn count_rows(&self) {
        if let Some(count) = dom::in_page(".events-count") {
            let n = self.table.borrow().total;
            let text = match n {
                0 => "No event is in this window and fits. A wider window or fewer words may show some."
                    .to_owned(),
                1 => "1 event is in this window and fits".to_owned(),
                n => format!("{n} events are in this window and fit"),
            };
            dom::say(&count, &text);
        }
    }

    /// Makes the rows that are in sight, from the pages that are there; asks for the first that is not.
    fn make_rows(self: &Rc<Self>) {
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
        let mut html = String::from("<tr class=\"spacer\"><td colspan=\"5\"></td></tr>");
        let mut missing = None;
        for i in range.clone() {
            let row = table.pages.get(&(i / PAGE)).and_then(|p| p.get(i % PAGE));
            if let Some(row) = row {
                html.push_str(&row.html(chosen.as_ref() == Some(&row.id)));
            } else {
                missing = missing.or(Some(i / PAGE));
                html.push_str("<tr class=\"row-wait\"><td colspan=\"5\">…</td></tr>");
            }
        }
        html.push_str("<tr class=\"spacer\"><td colspan=\"5\"></td></tr>");
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
        }
        if let Some(id) = held {
            let rows = dom::all(&body, "tr[data-event]");
            let row = rows.iter().find(|r| dom::attribute(r, "data-event") == id);
            if let Some(button) = row.and_then(|r| dom::one(r, "button")) {
                let _ = button.focus();
            }
        }
        table.made = missing.is_none().then_some((range, turn));
        drop(table);
        if let Some(page) = missing {
            self.fetch_page(page);
        }
    }

    fn filter_soon(self: &Rc<Self>) {
        let turn = self.settling.get().wrapping_add(1);
        self.settling.set(turn);
        let weak = Rc::downgrade(self);
        leptos::prelude::set_timeout(
            move || {
                if let Some(timeline) = weak.upgrade().filter(|t| t.settling.get() == turn) {
                    timeline.filter();
                }
            },
            REST,
        );
    }

    /// Takes the filter out of its form.
    fn filter(self: &Rc<Self>) {
        let Some(form) = dom::in_page(".events-filter") else {
            return;
        };
        let fields = dom::all(&form, "[name]");
        self.change(Step::Settled, |view, _| {
            for element in &fields {
                if let Some(part) = view.filter.part(&dom::attribute(element, "name")) {
                    value(element).trim().clone_into(part);
                }
            }
        });
    }

    /// Writes the filter of the view into its form, after going back.
    pub(super) fn fill_filter(&self) {
        let Some(form) = dom::in_page(".events-filter") else {
            return;
        };
        let mut filter = self.view.borrow().filter.clone();
        for element in dom::all(&form, "[name]") {
            if let Some(part) = filter.part(&dom::attribute(&element, "name"))
                && value(&element) != *part
            {
                let _ = js_sys::Reflect::set(&element, &"value".into(), &part.as_str().into());
            }
        }
    }

    pub(super) fn go_to_events() {
        if let Some(place) = events_box() {
            place.scroll_into_view();
            let _ = place.focus();
        }
    }

    /// Moves the focus by a row, where it is in the table. The table is one stop of the Tab key: with a
    /// stop a row nobody would come past it.
    pub(super) fn step_row(step: isize) -> bool {
        let Some(place) = events_box() else {
            return false;
        };
        let Some(active) = dom::document().active_element() else {
            return false;
        };
        if !place.contains(Some(&active)) {
            return false;
        }
        let buttons = dom::all(&place, ".row-button");
        let at = buttons.iter().position(|b| b.is_same_node(Some(&active)));
        let next = at.map_or(Some(0), |i| i.checked_add_signed(step));
        if let Some(button) = next.and_then(|i| buttons.get(i)) {
            let _ = button.focus();
        }
        true
    }

    /// A row that is pointed at shows its event on the clock.
    fn over_row(self: &Rc<Self>, event: &Event) {
        let Some(row) = dom::around(event, ".events-table tr[data-event]") else {
            return;
        };
        if let Some(ms) = dom::number(&row, "data-start") {
            self.point_at(Some(Timestamp::from_millis(ms)));
        }
    }

    fn clicked_row(self: &Rc<Self>, event: &Event) {
        let Some(row) = dom::around(event, ".events-table tr[data-event]") else {
            return;
        };
        event.prevent_default();
        let id = dom::attribute(&row, "data-event");
        self.mark_event(&id);
        if let Some(ms) = dom::number(&row, "data-start") {
            self.go_to(Timestamp::from_millis(ms));
        }
        let lane = dom::attribute(&row, "data-shown-in");
        if !lane.is_empty()
            && let Some(article) = self.with_row(&lane, |r| r.article.clone())
        {
            let rect = article.get_bounding_client_rect();
            if rect.bottom() < 80.0 || rect.top() > super::frame::inner_height() - 80.0 {
                article.scroll_into_view();
            }
        }
    }

    /// Marks an event, in the table and in its lane.
    fn mark_event(self: &Rc<Self>, id: &str) {
        self.change(Step::Settled, |view, _| view.event = Some(id.to_owned()));
        if let Some(place) = events_box() {
            for row in dom::all(&place, "tr[data-event]") {
                let is = dom::attribute(&row, "data-event") == id;
                dom::set(&row, "aria-selected", is.then_some("true"));
            }
        }
    }

    /// What lies under a click in a lane: an event is marked and found in the table, a cluster opens.
    pub(super) fn pick(self: &Rc<Self>, lane: &str, x: f64, y: f64) {
        let Some(scale) = self.scale() else { return };
        let found = self.with_row(lane, |row| {
            let rect = row.pictures.get_bounding_client_rect();
            let size = Size {
                width: rect.width().round() as u32,
                height: rect.height().round() as u32,
            };
            let lane = row.lane_for_scale(scale)?;
            let hit = lane.hit(scale.window, size, x, y)?;
            let entries = match &hit {
                Hit::Cluster { events, span, .. } => cluster(lane, events, *span),
                _ => Vec::new(),
            };
            Some((hit, entries, row.pictures.clone(), lane.title.clone()))
        });
        match found.flatten() {
            Some((Hit::Event { id, .. }, ..)) => self.choose_event(&id),
            Some((Hit::Cluster { count, .. }, entries, pictures, title)) => {
                let title = format!("{count} events · {title}");
                Self::open_menu(&pictures, &title, &entries);
                if let Some(menu) = dom::in_page(".menu") {
                    let top = pictures.get_bounding_client_rect().top() + y + 10.0;
                    let most = super::frame::inner_height() - f64::from(menu.offset_height()) - 8.0;
                    let left = pictures.get_bounding_client_rect().left() + x - 40.0;
                    dom::style(&menu, "top", &format!("{:.0}px", top.min(most).max(8.0)));
                    dom::style(&menu, "left", &format!("{:.0}px", left.max(8.0)));
                }
            }
            _ => {}
        }
    }

    /// An event that was chosen in a lane: its row comes into sight.
    pub(super) fn choose_event(self: &Rc<Self>, id: &str) {
        self.mark_event(id);
        let Some(start) = self.start_of(id) else {
            return;
        };
        self.point_at(Some(start));
        // Every event that touches the window before this one began has begun before it: their
        // number is its place.
        let shown = self.shown();
        let Some(before) = Window::new(shown.start, start) else {
            return self.show_row(0);
        };
        let url = format!("{}&offset=0&limit=0", self.question(before));
        let timeline = self.clone();
        spawn_local(async move {
            if let Ok(answer) = fetch::json(&url).await {
                let place = field(&answer, "total").as_f64().unwrap_or_default();
                timeline.show_row(place as usize);
            }
        });
    }

    fn show_row(self: &Rc<Self>, place: usize) {
        let Some(scrolled) = events_box() else { return };
        let row = self.table.borrow().row.max(1.0);
        let middle = place as f64 * row - f64::from(scrolled.client_height()) / 2.0;
        scrolled.set_scroll_top(middle.max(0.0) as i32);
        self.table.borrow_mut().made = None;
        self.make_rows();
    }

    fn start_of(&self, id: &str) -> Option<Timestamp> {
        let rows = self.rows.borrow();
        let items = rows.iter().filter_map(|r| match &r.lane()?.content {
            Content::Events { items, .. } => Some(items),
            Content::Metric(_) => None,
        });
        let is = |i: &&EventItem| i.event == id || i.members.iter().any(|m| m == id);
        items.flatten().find(is).map(|i| i.start)
    }

    /// Marks the chosen event in its lane.
    pub(super) fn move_ring(
        &self,
        chrome: &super::chrome::Chrome,
        scale: crate::view::Scale,
        inset: f64,
    ) {
        let view = self.view.borrow();
        let place = view.event.as_deref().and_then(|id| {
            let at = self.start_of(id)?;
            let rows = self.rows.borrow();
            let row = rows.iter().find(|r| {
                r.lane().is_some_and(|l| l.events.iter().any(|e| e == id)) && !r.is_hidden()
            })?;
            let root = dom::one(&self.root(), ".over")?.get_bounding_client_rect();
            let rect = row.pictures.get_bounding_client_rect();
            let seen = crate::view::cache::is_shown(at, scale.window);
            seen.then(|| (inset + scale.x(at), rect.top() - root.top(), rect.height()))
        });
        chrome.ring.set_hidden(place.is_none());
        if let Some((x, top, height)) = place {
            dom::style(
                &chrome.ring,
                "transform",
                &format!("translate({x:.1}px, {top:.1}px)"),
            );
            dom::style(&chrome.ring, "height", &format!("{height:.0}px"));
        }
    }
}

/// What a cluster opens: its events, and the way to see them apart.
fn cluster(lane: &chart::Lane, events: &[String], span: Window) -> Vec<(String, String)> {
    const LISTED: usize = 12;
    let around = zoom::with_margin(span);
    let mut out = vec![(
        format!("span {} {}", around.start.millis(), around.end.millis()),
        "Zoom to them".to_owned(),
    )];
    let Content::Events { items, .. } = &lane.content else {
        return out;
    };
    out.extend(events.iter().take(LISTED).map(|id| {
        let item = items.iter().find(|i| i.event == *id);
        let label = item.map_or_else(|| id.clone(), |i| i.label.clone());
        (format!("event {id}"), label)
    }));
    out
}

fn events_box() -> Option<HtmlElement> {
    dom::in_page(".events-box")
}

fn is_box(event: &Event) -> bool {
    let target = event
        .target()
        .and_then(|t| t.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|t| t.matches(".events-box").unwrap_or(false))
}

/// The value of an input or a choice.
fn value(element: &HtmlElement) -> String {
    let input = element
        .dyn_ref::<HtmlInputElement>()
        .map(HtmlInputElement::value);
    input.unwrap_or_else(|| field(element, "value").as_string().unwrap_or_default())
}

/// The span of the event of a row, with what is around it.
fn span(row: &HtmlElement) -> Option<Window> {
    let start = Timestamp::from_millis(dom::number(row, "data-start")?);
    let end = dom::number(row, "data-end").map_or(start, Timestamp::from_millis);
    Some(zoom::with_margin(Window {
        start,
        end: end.max(start),
    }))
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
