//! The whole incident in a strip, with a brush over what is shown.

use super::{Step, Timeline, dom, pointer::Gesture};
use crate::view::{Scale, zoom};
use model::{Timestamp, Window};
use std::rc::Rc;
use web_sys::PointerEvent;

/// Width of the strip's picture in its own units (see `timeline::look`).
const UNITS: f64 = 1_000.0;

/// How near to an edge of the brush it is taken by that edge, CSS pixels.
const EDGE: f64 = 7.0;

/// How the brush is held.
#[derive(Clone, Copy)]
pub(super) enum Grip {
    /// By its early edge: the other one stays.
    Start(Timestamp),
    /// By its late edge.
    End(Timestamp),
    /// As a whole: the instant that is held.
    Whole(Timestamp),
    /// A new brush begins here.
    New(Timestamp),
}

impl Timeline {
    fn strip(&self) -> Option<Scale> {
        let strip = dom::one(&self.root(), ".strip")?;
        let rect = strip.get_bounding_client_rect();
        Some(Scale {
            left: rect.left(),
            right: rect.right(),
            window: self.bounds.get(),
        })
    }

    /// Moves the brush to the window that is shown.
    pub(super) fn move_strip(&self, shown: Window) {
        let scale = Scale {
            left: 0.0,
            right: UNITS,
            window: self.bounds.get(),
        };
        let (from, to) = (scale.x(shown.start), scale.x(shown.end));
        let root = self.root();
        let place = |selector, x: f64, width: f64| {
            if let Ok(Some(rect)) = root.query_selector(selector) {
                dom::set(&rect, "x", Some(&format!("{x:.2}")));
                dom::set(&rect, "width", Some(&format!("{:.2}", width.max(0.0))));
            }
        };
        place(".strip-brush", from, to - from);
        place(".strip-before", 0.0, from);
        place(".strip-after", to, UNITS - to);
    }

    /// Takes hold of the brush where a pointer comes down on the strip.
    pub(super) fn grip(self: &Rc<Self>, pointer: &PointerEvent) -> bool {
        let Some(strip) = dom::around(pointer, ".lanes .strip") else {
            return false;
        };
        let Some(scale) = self.strip().filter(|_| self.root().contains(Some(&strip))) else {
            return false;
        };
        if pointer.button() != 0 {
            return false;
        }
        pointer.prevent_default();
        let _ = strip.set_pointer_capture(pointer.pointer_id());
        let x = f64::from(pointer.client_x());
        let shown = self.shown();
        let (from, to) = (scale.x(shown.start), scale.x(shown.end));
        let everything = shown == self.bounds.get();
        let grip = if !everything && (x - from).abs() <= EDGE {
            Grip::Start(shown.end)
        } else if !everything && (x - to).abs() <= EDGE {
            Grip::End(shown.start)
        } else if !everything && from < x && x < to {
            Grip::Whole(scale.at(x))
        } else {
            Grip::New(scale.at(x))
        };
        self.gesture.replace(Gesture::Brush(grip));
        true
    }

    /// Drags the brush; says how it is held from now on.
    pub(super) fn brush(self: &Rc<Self>, grip: Grip, pointer: &PointerEvent) -> Grip {
        let Some(scale) = self.strip() else {
            return grip;
        };
        let at = scale.at(f64::from(pointer.client_x()));
        let (shown, bounds) = (self.shown(), self.bounds.get());
        let (window, grip) = match grip {
            Grip::Start(end) => (zoom::between(at, end, bounds), grip),
            Grip::End(start) | Grip::New(start) => (zoom::between(start, at, bounds), grip),
            Grip::Whole(held) => {
                let window = zoom::pan(shown, at.since(held), bounds);
                (window, Grip::Whole(at))
            }
        };
        self.look_at(window, Step::Moving);
        grip
    }
}
