//! Events in their lanes and in their table show each other; and their filter.

use super::{Step, Timeline, dom, dom::Ear, dom::Listener, fetch, menu::field, table::events_box};
use crate::view::zoom;
use chart::{Content, EventItem};
use model::{Timestamp, Window};
use std::{rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlElement, HtmlInputElement};

/// How long words rest before they are looked for.
const REST: Duration = Duration::from_millis(250);

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
                timeline.find_events();
            } else if timeline.maybe_mention(event) {
                // The picker is open.
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
            if !timeline.clicked_events(event) {
                timeline.clicked_row(event);
            }
        });
        on("dblclick", Ear::default(), |timeline, event| {
            if let Some(window) = dom::around(event, "tr[data-event]").and_then(|r| span(&r)) {
                timeline.look_at(window, Step::Settled);
            }
        });
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
        let rows = dom::all(&place, "tr[data-event]");
        let at = rows.iter().position(|r| r.is_same_node(Some(&active)));
        let next = at.map_or(Some(0), |i| i.checked_add_signed(step));
        if let Some(row) = next.and_then(|i| rows.get(i)) {
            let _ = row.focus();
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
        // A row has one line; here it is whole.
        if let Some(place) = dom::in_page(".events-whole") {
            let cells = dom::all(&row, "td").into_iter();
            // The way to its lane is no part of it.
            let cells = cells.filter_map(|c| c.first_child()?.text_content());
            let cells = cells.filter(|text| !text.is_empty());
            dom::say(&place, &cells.collect::<Vec<_>>().join(" · "));
        }
    }

    /// Chooses the row that has the focus; one that is chosen already is shown in its lane.
    pub(super) fn choose_row(self: &Rc<Self>) -> bool {
        let row = dom::document()
            .active_element()
            .filter(|a| a.matches(".events-table tr[data-event]").unwrap_or(false))
            .and_then(|a| a.dyn_into::<HtmlElement>().ok());
        if let Some(row) = &row {
            if row.has_attribute("aria-selected") && row.has_attribute("data-shown-in") {
                self.show_in_lane(row);
            } else {
                self.choose_of(row);
            }
        }
        row.is_some()
    }

    fn clicked_row(self: &Rc<Self>, event: &Event) {
        if let Some(row) = dom::around(event, ".events-table tr[data-event]") {
            event.prevent_default();
            self.choose_of(&row);
        }
    }

    /// A button of the table: tries again, shows the chosen event in its lane, or lets go of the part of
    /// the filter that it names.
    fn clicked_events(self: &Rc<Self>, event: &Event) -> bool {
        let Some(button) = dom::around(event, "[data-events]") else {
            return false;
        };
        let what = dom::attribute(&button, "data-events");
        match what.as_str() {
            "again" => self.retry_events(),
            "lane" => {
                if let Some(row) = dom::around(event, "tr[data-event]") {
                    self.show_in_lane(&row);
                }
            }
            part => {
                self.change(Step::Settled, |view, _| {
                    if let Some(part) = view.filter.part(part) {
                        part.clear();
                    }
                });
                self.fill_filter();
                Self::go_to_events();
            }
        }
        true
    }

    fn choose_of(self: &Rc<Self>, row: &HtmlElement) {
        let id = dom::attribute(row, "data-event");
        let start = dom::number(row, "data-start");
        let shown = row.has_attribute("data-shown-in");
        self.mark_event(&id);
        if let Some(ms) = start {
            self.go_to(self.within(ms));
        }
        self.announce(if shown {
            "Chosen; Enter once more shows it in its lane."
        } else {
            "Chosen; no lane shows it."
        });
    }

    /// The instant of the incident nearest to one: an event may have begun long before.
    fn within(&self, ms: i64) -> Timestamp {
        let bounds = self.bounds.get();
        Timestamp::from_millis(ms).max(bounds.start).min(bounds.end)
    }

    /// Scrolls to the lane that shows the event of a row, which gets the focus, and to its time.
    fn show_in_lane(self: &Rc<Self>, row: &HtmlElement) {
        let lane = dom::attribute(row, "data-shown-in");
        let start = dom::number(row, "data-start");
        self.go_to_lane(&lane);
        if let Some(ms) = start {
            self.go_to(self.within(ms));
            self.tell_cross(Some(&lane));
        }
        self.schedule();
    }

    /// Marks an event, in the table and in its lane.
    fn mark_event(self: &Rc<Self>, id: &str) {
        if self.view.borrow().event.as_deref() == Some(id) {
            return;
        }
        self.change(Step::Settled, |view, _| view.event = Some(id.to_owned()));
        self.table.borrow_mut().forget_rows();
        self.make_rows();
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

    fn start_of(&self, id: &str) -> Option<Timestamp> {
        self.item_of(id).map(|(start, _)| start)
    }

    /// When the event of that id begins, and until when its lane draws it; `None`: to the end.
    fn item_of(&self, id: &str) -> Option<(Timestamp, Option<Timestamp>)> {
        let rows = self.rows.borrow();
        let items = rows.iter().filter_map(|r| match &r.lane()?.content {
            Content::Events { items, .. } => Some(items),
            Content::Metric(_) => None,
        });
        let is = |i: &&EventItem| i.event == id || i.members.iter().any(|m| m == id);
        items.flatten().find(is).map(|i| {
            let end = if i.open {
                None
            } else {
                Some(i.end.unwrap_or(i.start))
            };
            (i.start, end)
        })
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
            let (start, end) = self.item_of(id)?;
            // What began before lies at the edge, as in the picture.
            let begun = end.is_none_or(|end| end >= scale.window.start);
            let at = if begun {
                start.max(scale.window.start)
            } else {
                start
            };
            let rows = self.rows.borrow();
            let row = rows.iter().find(|r| {
                r.lane().is_some_and(|l| l.events.iter().any(|e| e == id)) && !r.is_hidden()
            })?;
            let root = chrome.over.get_bounding_client_rect();
            let rect = row.pictures.get_bounding_client_rect();
            let seen = crate::view::cache::is_shown(at, scale.window);
            seen.then(|| (inset + scale.x(at), rect.top() - root.top(), rect.height()))
        });
        dom::hide(&chrome.ring, place.is_none());
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
