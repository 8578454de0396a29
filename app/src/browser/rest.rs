//! While a hand is on the lanes nothing is put in their place: a page that was asked for again waits
//! until the hand has let go. And what had the focus then has it again afterwards.

use super::{CURRENT, Timeline, dom, pointer::Gesture};
use js_sys::{Function, Object, Reflect};
use std::{future::poll_fn, task::Poll};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// What can have the focus without an id of its own: parts of a lane, and what there is only one of.
const PARTS: [&str; 5] = [
    ".axis .pictures",
    ".events-box",
    ".pictures",
    ".alarm-grip",
    ".lane-menu",
];

/// Waits until no hand holds anything on the page that is open; whether it had to wait. From then on
/// the page may be made again.
pub(crate) async fn at_rest() -> bool {
    let mut waited = false;
    poll_fn(move |context| {
        let Some(timeline) = CURRENT.with_borrow(Clone::clone) else {
            return Poll::Ready(waited);
        };
        if !timeline.is_held() {
            timeline.hold();
            return Poll::Ready(waited);
        }
        waited = true;
        let waker = context.waker().clone();
        timeline.waiting.borrow_mut().push(waker);
        Poll::Pending
    })
    .await
}

impl Timeline {
    /// Whether a hand drags something.
    pub(super) fn is_held(&self) -> bool {
        !matches!(*self.gesture.borrow(), Gesture::None)
    }

    /// Lets go on who waits for the hand, where it holds nothing any more.
    pub(super) fn rest(&self) {
        if self.is_held() {
            return;
        }
        self.let_go_of_lanes();
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Notes what has the focus.
    fn hold(&self) {
        let active = dom::document().active_element();
        let held = active.and_then(|active| way_to(&active));
        self.held.replace(held.unwrap_or_default());
    }

    /// Gives the focus back to what had it before the page was made again.
    pub(super) fn hold_again(&self) {
        let held = self.held.take();
        let lost = dom::document()
            .active_element()
            .is_none_or(|a| a.matches("body").unwrap_or(false));
        if !held.is_empty()
            && lost
            && let Some(element) = dom::in_page(&held)
        {
            focus_where_it_is(&element);
        }
    }
}

/// A selector of what has the focus, for the page that comes in the place of this one. Ids of lanes and
/// of elements have no quotation marks.
fn way_to(active: &Element) -> Option<String> {
    if !active.id().is_empty() {
        return Some(format!("[id=\"{}\"]", active.id()));
    }
    let is = |part: &&str| active.matches(part).unwrap_or(false);
    let part = PARTS.into_iter().find(is)?;
    let lane = active.closest("[data-lane]").ok().flatten();
    let within = lane.map(|lane| format!("[data-lane=\"{}\"]", dom::attribute(&lane, "data-lane")));
    Some(format!("{} {part}", within.unwrap_or_default()))
}

/// Focus without scrolling: the reader may have scrolled on since.
fn focus_where_it_is(element: &HtmlElement) {
    let options = Object::new();
    // A plain object takes every property.
    let _ = Reflect::set(&options, &"preventScroll".into(), &JsValue::TRUE);
    let focus = Reflect::get(element, &"focus".into());
    if let Some(focus) = focus.ok().and_then(|f| f.dyn_into::<Function>().ok()) {
        let _ = focus.call1(element, &options);
    }
}
