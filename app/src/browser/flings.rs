//! What the browser makes of fingers while the timeline follows them: nothing. Otherwise a quick drag
//! leaves a fling behind, which moves nothing here (`touch-action` forbids it) but swallows the next tap.

use super::{Timeline, dom, dom::Ear, dom::Listener};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Event, TouchEvent};

/// One stroke, from the first finger that comes down to the last that is lifted.
#[derive(Default)]
struct Stroke {
    /// Where the first finger came down, CSS pixels.
    from: Cell<Option<(f64, f64)>>,
    /// It is the timeline's for good; a stroke up or down stays the browser's, which scrolls.
    ours: Cell<bool>,
}

impl Stroke {
    fn begin(&self, event: &TouchEvent) {
        if event.touches().length() == 1 {
            self.from.set(place(event));
            self.ours.set(false);
        }
    }

    /// Whether the timeline follows it: sideways, or with two fingers.
    fn is_ours(&self, event: &TouchEvent) -> bool {
        let sideways = match (self.from.get(), place(event)) {
            (Some((x, y)), Some((now_x, now_y))) => (now_x - x).abs() > (now_y - y).abs(),
            _ => false,
        };
        if sideways || event.touches().length() > 1 {
            self.ours.set(true);
        }
        self.ours.get()
    }
}

fn place(event: &TouchEvent) -> Option<(f64, f64)> {
    let finger = event.touches().get(0)?;
    Some((f64::from(finger.client_x()), f64::from(finger.client_y())))
}

impl Timeline {
    /// Listens on the lanes alone: elsewhere scrolling waits for nobody.
    pub(super) fn listen_to_strokes(self: &Rc<Self>) -> Vec<Listener> {
        let root = self.root();
        let stroke = Rc::new(Stroke::default());
        let begun = Rc::clone(&stroke);
        let begins = move |event: Event| {
            if let Some(event) = event.dyn_ref() {
                begun.begin(event);
            }
        };
        let weak = Rc::downgrade(self);
        let active = Ear {
            active: true,
            capture: false,
        };
        let moves = move |event: Event| {
            let (Some(timeline), Some(touch)) = (weak.upgrade(), event.dyn_ref()) else {
                return;
            };
            if timeline.is_held() && stroke.is_ours(touch) {
                event.prevent_default();
            }
        };
        vec![
            dom::listen(&root, "touchstart", Ear::default(), begins),
            dom::listen(&root, "touchmove", active, moves),
        ]
    }
}
