//! The view in the address, and back.

use super::{Step, Timeline, dom, dom::Ear};
use crate::view::{query, words, zoom};
use model::{Timestamp, Window};
use std::{rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use web_sys::{Event, HtmlElement, MouseEvent};

/// How long a moving view rests before it is a step of the history.
const SETTLED: Duration = Duration::from_millis(350);

/// The query of the page's address.
pub(super) fn search() -> String {
    dom::window().location().search().unwrap_or_default()
}

impl Timeline {
    /// The view is a step of the history when it has come to rest.
    pub(super) fn settle_soon(self: &Rc<Self>) {
        let turn = self.settling.get().wrapping_add(1);
        self.settling.set(turn);
        let weak = Rc::downgrade(self);
        leptos::prelude::set_timeout(
            move || {
                if let Some(timeline) = weak.upgrade().filter(|t| t.settling.get() == turn) {
                    timeline.settle();
                }
            },
            SETTLED,
        );
    }

    /// Writes the view into the address as a new step of the history.
    pub(super) fn settle(self: &Rc<Self>) {
        self.settling.set(self.settling.get().wrapping_add(1));
        let now = query::write(&self.view.borrow());
        let (before, _) = query::read(&search());
        if same(&now, &search()) {
            return;
        }
        let location = dom::window().location();
        let path = location.pathname().unwrap_or_default();
        if let Ok(history) = dom::window().history() {
            let url = format!("{path}{now}");
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&url));
        }
        // What else has changed says so itself.
        if !before.same_window(&self.view.borrow()) {
            self.announce(&words::window(self.shown()));
        }
        self.mark_preset();
        self.list_again();
    }

    pub(super) fn listen_to_address(self: &Rc<Self>, listeners: &mut Vec<dom::Listener>) {
        let weak = Rc::downgrade(self);
        listeners.push(dom::listen(
            &dom::window(),
            "popstate",
            Ear::default(),
            move |_| {
                if let Some(timeline) = weak.upgrade() {
                    timeline.go_back();
                }
            },
        ));
        let weak = Rc::downgrade(self);
        // Before the router hears of it, which would ask the server for the whole page.
        let ear = Ear {
            capture: true,
            active: true,
        };
        listeners.push(dom::listen(&dom::document(), "click", ear, move |event| {
            if let Some(timeline) = weak.upgrade() {
                timeline.clicked(&event);
            }
        }));
    }

    fn go_back(self: &Rc<Self>) {
        let (view, _) = query::read(&search());
        self.settling.set(self.settling.get().wrapping_add(1));
        if *self.view.borrow() == view {
            return;
        }
        self.change(Step::Moving, |now, _| *now = view);
        self.settling.set(self.settling.get().wrapping_add(1));
        self.fill_filter();
        self.announce(&words::window(self.shown()));
        self.mark_preset();
        self.list_again();
    }

    /// Links to a span, to a suspect's light and to a lane.
    fn clicked(self: &Rc<Self>, event: &Event) {
        // The theme may have been switched.
        self.schedule();
        let mouse: Option<&MouseEvent> = event.dyn_ref();
        if mouse.is_some_and(|m| m.ctrl_key() || m.meta_key() || m.shift_key() || m.button() != 0) {
            return;
        }
        if let Some(link) = dom::around(event, "a[data-from][data-to]") {
            if let Some(window) = span_of(&link) {
                event.prevent_default();
                self.look_at(window, Step::Settled);
                self.come_into_sight();
            }
        } else if let Some(link) = dom::around(event, "a[data-focus]") {
            event.prevent_default();
            self.toggle_focus(&dom::attribute(&link, "data-focus"));
            self.come_into_sight();
        } else if let Some(link) = dom::around(event, "a[data-alarm]") {
            event.prevent_default();
            let alarm = dom::attribute(&link, "data-alarm").parse().ok();
            self.change(Step::Settled, |view, _| view.alarm = alarm);
        } else if let Some(link) = dom::around(event, "a[data-mention^='event:']") {
            event.prevent_default();
            self.choose_event(dom::attribute(&link, "data-mention").trim_start_matches("event:"));
            Self::go_to_events();
        } else if let Some(link) = dom::around(event, "a[href^='#lane-']") {
            let id = dom::attribute(&link, "href").replacen("#lane-", "", 1);
            event.prevent_default();
            self.go_to_lane(&id);
        }
    }

    /// Scrolls to a lane; one that is hidden is shown.
    pub(super) fn go_to_lane(self: &Rc<Self>, id: &str) {
        let hidden = self.with_row(id, |row| row.is_hidden()).unwrap_or(true);
        if hidden {
            let default = self.default.borrow().clone();
            self.change(Step::Settled, |view, _| view.lanes.show(id, &default));
        }
        let found = self.with_row(id, |row| (row.article.clone(), row.pictures.clone()));
        if let Some((article, pictures)) = found {
            article.scroll_into_view();
            let _ = pictures.focus();
        }
    }

    /// Scrolls up to the lanes where they are out of sight.
    pub(super) fn come_into_sight(&self) {
        let root = self.root();
        let rect = root.get_bounding_client_rect();
        if rect.bottom() < 160.0 || rect.top() > super::frame::inner_height() - 160.0 {
            root.scroll_into_view();
        }
    }

    pub(super) fn mark_preset(&self) {
        let shown = self.shown();
        for link in dom::all(&self.root(), ".preset") {
            let current = span_of(&link) == Some(shown);
            dom::set(&link, "aria-current", current.then_some("true"));
        }
    }

    /// Goes back or forth in the history.
    pub(super) fn travel(steps: i32) {
        if let Ok(history) = dom::window().history() {
            let _ = history.go_with_delta(steps);
        }
    }

    /// Everything.
    pub(super) fn show_everything(self: &Rc<Self>) {
        self.look_at(self.bounds.get(), Step::Settled);
    }

    /// Zooms about an instant.
    pub(super) fn zoom(self: &Rc<Self>, about: Timestamp, factor: f64, step: Step) {
        let window = zoom::zoom(self.shown(), about, factor, self.bounds.get());
        self.look_at(window, step);
    }

    /// The instant that zooming by key keeps: the crosshair where it is in sight, else the middle.
    pub(super) fn middle(&self) -> Timestamp {
        let shown = self.shown();
        let middle = shown.start.plus(shown.millis() / 2);
        self.cross
            .get()
            .filter(|at| shown.contains(*at))
            .unwrap_or(middle)
    }
}

/// The span that a link names.
pub(super) fn span_of(link: &HtmlElement) -> Option<Window> {
    let at = |name| Some(Timestamp::from_millis(dom::number(link, name)?));
    Window::new(at("data-from")?, at("data-to")?)
}

/// Whether two queries say the same view, however they are written.
fn same(a: &str, b: &str) -> bool {
    a == b || query::read(a).0 == query::read(b).0
}
