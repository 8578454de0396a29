//! Mouse and fingers over the lanes. Drag selects and zooms; shift or the middle button pans; the
//! wheel zooms with ctrl or meta, or over the axis. A plain wheel scrolls the page, as everywhere. What
//! fingers do is in [`super::fingers`].

use super::{
    SECTION, Step, Timeline, address, dom, dom::Ear, dom::Listener, fingers::Fingers, moving,
};
use crate::view::{
    Arrangement, Scale,
    gesture::{self, Hold},
    zoom,
};
use model::Timestamp;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, PointerEvent, WheelEvent};

/// A pointer that moves less than this far has not been dragged, CSS pixels.
pub(super) const STILL: f64 = 4.0;

/// What the pointers that are down do.
#[derive(Default)]
pub(super) enum Gesture {
    #[default]
    None,
    /// A mouse selects a span.
    Select {
        from: Timestamp,
        x: f64,
        moved: bool,
    },
    /// A mouse pans.
    Pan { hold: Hold },
    /// Fingers hold instants.
    Touch(Fingers),
    /// The handle of a threshold is dragged: its lane, and whether the way of the alarm follows.
    Handle(String, bool),
    /// A lane is dragged by one of its edges; what the lanes were before.
    Lane(moving::Held, Arrangement),
    /// The brush in the strip is dragged.
    Brush(super::strip::Grip),
}

/// Where a pointer is.
struct Spot {
    /// CSS pixels from the left of the pictures.
    x: f64,
    /// The lane below it.
    lane: Option<String>,
    scale: Scale,
}

impl Timeline {
    pub(super) fn listen_to_pointers(self: &Rc<Self>, listeners: &mut Vec<Listener>) {
        let document = dom::document();
        let window = dom::window();
        let still = Ear::default();
        let active = Ear {
            active: true,
            capture: false,
        };
        let mut on = |target: &web_sys::EventTarget, kind, ear, what: fn(&Rc<Self>, &Event)| {
            let weak = Rc::downgrade(self);
            listeners.push(dom::listen(target, kind, ear, move |event| {
                if let Some(timeline) = weak.upgrade() {
                    what(&timeline, &event);
                }
            }));
        };
        on(&document, "pointerdown", active, Self::pressed);
        on(&document, "pointermove", still, Self::moved);
        on(&document, "pointerup", still, Self::released);
        on(&document, "pointercancel", still, Self::cancelled);
        on(&document, "dblclick", still, Self::twice);
        on(&document, "wheel", active, Self::wheel);
        on(&window, "scroll", still, |timeline, _| timeline.schedule());
        on(&window, "resize", still, |timeline, _| timeline.schedule());
    }

    /// Where a pointer is, when it is over the lanes or the axis.
    fn spot(&self, event: &PointerEvent) -> Option<Spot> {
        let pictures = dom::around(event, ".lanes .pictures")?;
        if !self.root().contains(Some(&pictures)) {
            return None;
        }
        let lane = pictures.closest("[data-lane]").ok().flatten();
        Some(Spot {
            x: self.x(event)?,
            lane: lane.map(|l| dom::attribute(&l, "data-lane")),
            scale: self.scale()?,
        })
    }

    fn x(&self, event: &PointerEvent) -> Option<f64> {
        let (left, _) = self.place()?;
        Some(f64::from(event.client_x()) - left)
    }

    fn pressed(self: &Rc<Self>, event: &Event) {
        let Some(pointer) = event.dyn_ref::<PointerEvent>() else {
            return;
        };
        if let Some((lane, free)) = self.take_handle(pointer) {
            self.gesture.replace(Gesture::Handle(lane, free));
            return;
        }
        if let Some(held) = self.take_lane(pointer) {
            let before = self.view.borrow().lanes.clone();
            self.gesture.replace(Gesture::Lane(held, before));
            return;
        }
        if self.grip(pointer) {
            return;
        }
        let Some(spot) = self.spot(pointer) else {
            return;
        };
        let at = spot.scale.at(spot.x);
        if pointer.pointer_type() == "touch" {
            let from = self.snapped(spot.lane.as_deref(), at, spot.scale);
            self.touched(pointer.pointer_id(), Hold { at, x: spot.x }, from);
            return;
        }
        let middle = pointer.button() == 1;
        if pointer.button() > 1 {
            return;
        }
        if middle {
            // It would scroll by itself.
            event.prevent_default();
        }
        if let Some(pictures) = dom::around(event, ".pictures") {
            let _ = pictures.set_pointer_capture(pointer.pointer_id());
        }
        let gesture = if middle || pointer.shift_key() {
            Gesture::Pan {
                hold: Hold { at, x: spot.x },
            }
        } else {
            let from = self.snapped(spot.lane.as_deref(), at, spot.scale);
            Gesture::Select {
                from,
                x: spot.x,
                moved: false,
            }
        };
        self.gesture.replace(gesture);
    }

    fn moved(self: &Rc<Self>, event: &Event) {
        let Some(pointer) = event.dyn_ref::<PointerEvent>() else {
            return;
        };
        if pointer.pointer_type() == "mouse" && pointer.buttons() == 0 && self.is_held() {
            // The button was let go of where nobody heard of it.
            self.let_slip();
        }
        let gesture = self.gesture.take();
        let held = matches!(gesture, Gesture::None);
        let next = match gesture {
            Gesture::None => Gesture::None,
            other => self.dragged(other, pointer),
        };
        self.gesture.replace(next);
        if held && pointer.pointer_type() != "touch" {
            self.hover(pointer);
        }
    }

    pub(super) fn hover(self: &Rc<Self>, pointer: &PointerEvent) {
        match self.spot(pointer) {
            Some(spot) if spot.scale.holds(spot.x) => {
                let at = spot.scale.at(spot.x);
                let at = self.snapped(spot.lane.as_deref(), at, spot.scale);
                self.point_at(Some(at));
            }
            // The keyboard's crosshair stays until the mouse has one.
            _ if self.mark.get().is_none()
                && dom::around(pointer, ".lanes[data-incident], .events-table").is_none()
                && !Self::has_focus() =>
            {
                self.point_at(None);
            }
            _ => {}
        }
    }

    /// Whether a lane has the keyboard's focus.
    pub(super) fn has_focus() -> bool {
        dom::document()
            .active_element()
            .is_some_and(|a| a.matches(".pictures").unwrap_or(false))
    }

    /// Whether a lane is dragged by one of its edges.
    pub(super) fn holds_lane(&self) -> bool {
        matches!(*self.gesture.borrow(), Gesture::Lane(..))
    }

    fn dragged(self: &Rc<Self>, gesture: Gesture, pointer: &PointerEvent) -> Gesture {
        let (Some(x), Some(scale)) = (self.x(pointer), self.scale()) else {
            return gesture;
        };
        let bounds = self.bounds.get();
        match gesture {
            Gesture::Select {
                from,
                x: begun,
                moved,
            } => {
                let moved = moved || (x - begun).abs() > STILL;
                if moved {
                    self.mark.set(Some(from));
                    self.point_at(Some(scale.at(x)));
                }
                Gesture::Select {
                    from,
                    x: begun,
                    moved,
                }
            }
            Gesture::Pan { hold } => {
                let hold = Hold { x, ..hold };
                self.look_at(gesture::drag(scale, hold, bounds), Step::Moving);
                Gesture::Pan { hold }
            }
            Gesture::Touch(fingers) => {
                Gesture::Touch(self.fingers_moved(fingers, pointer.pointer_id(), x, scale))
            }
            Gesture::Brush(grip) => Gesture::Brush(self.brush(grip, pointer)),
            Gesture::Handle(lane, free) => {
                self.drag_handle(&lane, free, pointer);
                Gesture::Handle(lane, free)
            }
            Gesture::Lane(held, before) => {
                self.drag_lane(&held, pointer);
                Gesture::Lane(held, before)
            }
            Gesture::None => Gesture::None,
        }
    }

    fn released(self: &Rc<Self>, event: &Event) {
        let Some(pointer) = event.dyn_ref::<PointerEvent>() else {
            return;
        };
        match self.gesture.take() {
            Gesture::Select {
                from, moved: true, ..
            } => {
                let to = self.cross.get().unwrap_or(from);
                self.mark.set(None);
                let window = zoom::between(from, to, self.bounds.get());
                self.look_at(window, Step::Settled);
            }
            Gesture::Select { x, .. } => {
                if pointer.pointer_type() == "touch" {
                    // A finger that rested and went nowhere has selected nothing.
                    self.mark.set(None);
                }
                self.tapped(pointer, x);
            }
            Gesture::Touch(fingers) => self.lifted(fingers, pointer),
            Gesture::Lane(held, _) => self.drop_lane(&held),
            Gesture::Pan { .. } | Gesture::Brush(_) | Gesture::Handle(..) => self.settle(),
            Gesture::None => {}
        }
        self.rest();
    }

    fn cancelled(self: &Rc<Self>, _: &Event) {
        // The browser scrolls instead.
        self.let_slip();
    }

    /// What was held is held no more, and nothing comes of it.
    pub(super) fn let_slip(self: &Rc<Self>) {
        if let Gesture::Lane(held, before) = self.gesture.take() {
            self.put_back_lane(&held, before);
        }
        self.mark.set(None);
        self.schedule();
        self.rest();
    }

    /// A click or a tap: the event or the mark below it.
    pub(super) fn tapped(self: &Rc<Self>, pointer: &PointerEvent, x: f64) {
        let Some(spot) = self.spot(pointer) else {
            return;
        };
        let at = self.snapped(spot.lane.as_deref(), spot.scale.at(x), spot.scale);
        self.point_at(Some(at));
        let pictures = dom::around(pointer, ".pictures");
        if let (Some(lane), Some(pictures)) = (spot.lane, pictures) {
            let top = pictures.get_bounding_client_rect().top();
            self.pick(&lane, x, f64::from(pointer.client_y()) - top);
        }
    }

    fn twice(self: &Rc<Self>, event: &Event) {
        let about = dom::around(event, ".lanes .pictures").and(self.cross.get());
        if let Some(at) = about {
            self.zoom(at, 1.0 / (zoom::STEP * zoom::STEP), Step::Settled);
        } else if dom::around(event, ".strip").is_some() {
            self.show_everything();
        }
    }

    fn wheel(self: &Rc<Self>, event: &Event) {
        let Some(wheel) = event.dyn_ref::<WheelEvent>() else {
            return;
        };
        if dom::around(event, SECTION).is_none() {
            return;
        }
        let (Some((left, _)), Some(scale)) = (self.place(), self.scale()) else {
            return;
        };
        let x = f64::from(wheel.client_x()) - left;
        let unit = if wheel.delta_mode() == 0 { 1.0 } else { 24.0 };
        let (dx, dy) = (wheel.delta_x() * unit, wheel.delta_y() * unit);
        let over = |selector: &str| dom::around(event, selector).is_some();
        if wheel.ctrl_key() || wheel.meta_key() || over(".axis") {
            event.prevent_default();
            // A notch of a mouse's wheel is some 100 pixels.
            let factor = (dy.clamp(-300.0, 300.0) / 250.0).exp();
            self.zoom(scale.at(x), factor, Step::Moving);
        } else if over(".pictures") && (dx.abs() > dy.abs() || wheel.shift_key()) {
            event.prevent_default();
            let by = if dx.abs() > dy.abs() { dx } else { dy };
            let window = zoom::pan(scale.window, scale.millis(by), self.bounds.get());
            self.look_at(window, Step::Moving);
        }
    }

    /// A button of the timeline's own, by what it does.
    pub(super) fn act(self: &Rc<Self>, what: &str, from: &HtmlElement) {
        match what {
            "back" => Self::travel(-1),
            "forth" => Self::travel(1),
            "in" => self.zoom(self.middle(), zoom::STEP * zoom::STEP, Step::Settled),
            "out" => self.zoom(
                self.middle(),
                1.0 / (zoom::STEP * zoom::STEP),
                Step::Settled,
            ),
            "lanes" => self.open_lanes(from),
            "compare" => self.open_compare(from),
            "palette" => self.open_palette(),
            "keys" => Self::open_keys(),
            "retry" => {
                self.fetching.forgive();
                self.schedule();
            }
            _ => {
                if let Some(window) = address::span_of(from) {
                    self.look_at(window, Step::Settled);
                }
            }
        }
    }
}
