//! An element that goes sideways with the pictures, in the very frame in which they are drawn.
//!
//! Where a script sets a transform, Chromium sorts all of the page into layers anew, and where it changes a
//! shape's size, it paints anew: each is a sixth of a frame with twenty lanes in sight
//! (`BENCH_ONLY=redraw make bench-web`). A layer whose transform is an animation's is just moved. So such an
//! element has an animation that stands still, and the animation's time says where.

use super::dom;
use js_sys::{Array, Function, JSON, Object, Reflect};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Animation, HtmlElement};

/// How far an element may go to either side, in its [`Unit`].
const REACH: f64 = 10_000.0;

/// What a distance is counted in.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    /// CSS pixels.
    Pixels,
    /// Hundredths of the element's own width.
    Percent,
}

/// An element with its place.
pub(super) struct Glide {
    pub(super) element: HtmlElement,
    unit: Unit,
    /// `None` where the browser has no animations: its transform is set then.
    animation: Option<Animation>,
    place: Cell<Option<f64>>,
}

impl Glide {
    pub(super) fn new(element: HtmlElement, unit: Unit) -> Self {
        Self {
            animation: standing(&element, unit),
            element,
            unit,
            place: Cell::default(),
        }
    }

    /// Moves it this far to the right from where it lies.
    pub(super) fn place(&self, x: f64) {
        if self.place.replace(Some(x)) == Some(x) {
            return;
        }
        match &self.animation {
            Some(animation) => animation.set_current_time(Some(x + REACH)),
            None => dom::style(&self.element, "transform", &self.unit.moved(x)),
        }
    }
}

impl Drop for Glide {
    fn drop(&mut self) {
        if let Some(animation) = &self.animation {
            animation.cancel();
        }
    }
}

impl Unit {
    fn moved(self, x: f64) -> String {
        match self {
            Self::Pixels => format!("translateX({x}px)"),
            Self::Percent => format!("translateX({x}%)"),
        }
    }
}

/// An animation from one end to the other, a millisecond for each unit of length, that does not run.
fn standing(element: &HtmlElement, unit: Unit) -> Option<Animation> {
    let (from, to) = (unit.moved(-REACH), unit.moved(REACH));
    let keyframes = Array::of2(&keyframe(&from)?, &keyframe(&to)?);
    let timing = JSON::parse(&format!(
        "{{\"duration\":{},\"fill\":\"both\"}}",
        2.0 * REACH
    ));
    // Not among what `web-sys` takes for stable.
    let animate = Reflect::get(element, &"animate".into()).ok()?;
    let animate: Function = animate.dyn_into().ok()?;
    let animation = animate.call2(element, &keyframes, &timing.ok()?).ok()?;
    let animation: Animation = animation.dyn_into().ok()?;
    animation.pause().ok()?;
    // What is at rest and has no speed is never at its end, whatever would bring it there.
    animation.set_playback_rate(0.0);
    Some(animation)
}

fn keyframe(transform: &str) -> Option<JsValue> {
    let keyframe = Object::new();
    Reflect::set(&keyframe, &"transform".into(), &transform.into()).ok()?;
    Some(keyframe.into())
}
