//! Fingers on the lanes: one moves them, two pinch, and one that rests first selects a span.

use super::{
    Step, Timeline,
    pointer::{Gesture, STILL},
};
use crate::view::{
    Scale,
    gesture::{self, Hold},
};
use model::Timestamp;
use std::{rc::Rc, time::Duration};
use web_sys::PointerEvent;

/// How long a finger rests until it selects. Android and iOS take half a second for a long press.
const RESTS: Duration = Duration::from_millis(450);

/// Fingers that are down, each with the instant that it holds.
#[derive(Default)]
pub(super) struct Fingers {
    holds: Vec<(i32, Hold)>,
    moved: bool,
    /// Where the first one came down, CSS pixels.
    x: f64,
    /// Tells this touch from every other one.
    turn: u32,
}

impl Timeline {
    /// A finger came down, at an instant that is `from` where a selection begins.
    pub(super) fn touched(self: &Rc<Self>, id: i32, hold: Hold, from: Timestamp) {
        let mut gesture = self.gesture.borrow_mut();
        match &mut *gesture {
            Gesture::Touch(fingers) if fingers.holds.len() < 2 => {
                fingers.holds.push((id, hold));
                fingers.moved = true;
            }
            Gesture::Touch(_) => {}
            other => {
                let turn = self.touches.get().wrapping_add(1);
                self.touches.set(turn);
                if matches!(other, Gesture::Select { .. }) {
                    // A second finger ends what the first one selected.
                    self.mark.set(None);
                }
                *other = Gesture::Touch(Fingers {
                    holds: vec![(id, hold)],
                    moved: false,
                    x: hold.x,
                    turn,
                });
                drop(gesture);
                self.select_soon(turn, from);
            }
        }
    }

    /// A finger that rests begins a selection.
    fn select_soon(self: &Rc<Self>, turn: u32, from: Timestamp) {
        let weak = Rc::downgrade(self);
        leptos::prelude::set_timeout(
            move || {
                let Some(timeline) = weak.upgrade() else {
                    return;
                };
                let x = match &*timeline.gesture.borrow() {
                    Gesture::Touch(f) if f.turn == turn && !f.moved => f.x,
                    _ => return,
                };
                let moved = false;
                timeline.gesture.replace(Gesture::Select { from, x, moved });
                timeline.mark.set(Some(from));
                timeline.point_at(Some(from));
                timeline.announce("Selection begun; move the finger.");
            },
            RESTS,
        );
    }

    pub(super) fn fingers_moved(
        self: &Rc<Self>,
        mut fingers: Fingers,
        id: i32,
        x: f64,
        scale: Scale,
    ) -> Fingers {
        for (_, hold) in fingers.holds.iter_mut().filter(|(of, _)| *of == id) {
            hold.x = x;
        }
        fingers.moved = fingers.moved || (x - fingers.x).abs() > 2.0 * STILL;
        if fingers.moved {
            let bounds = self.bounds.get();
            let window = match fingers.holds.as_slice() {
                [(_, a), (_, b), ..] => gesture::pinch(scale, *a, *b, bounds),
                [(_, a)] => gesture::drag(scale, *a, bounds),
                [] => scale.window,
            };
            self.look_at(window, Step::Moving);
        }
        fingers
    }

    pub(super) fn lifted(self: &Rc<Self>, mut fingers: Fingers, pointer: &PointerEvent) {
        fingers.holds.retain(|(id, _)| *id != pointer.pointer_id());
        if !fingers.holds.is_empty() {
            // The other finger holds what is under it now.
            if let Some(scale) = self.scale() {
                for (_, hold) in &mut fingers.holds {
                    hold.at = scale.at(hold.x);
                }
            }
            fingers.moved = true;
            self.gesture.replace(Gesture::Touch(fingers));
        } else if fingers.moved {
            self.settle();
        } else {
            self.hover(pointer);
            self.tapped(pointer, fingers.x);
        }
    }
}
